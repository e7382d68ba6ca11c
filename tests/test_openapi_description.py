"""The description for machines says what is really served."""

from kanhe.accounts.account import Permission
from kanhe.console.route import ConsoleRoute
from kanhe.web.openapi import description
from kanhe.web.proxy import PATHS


async def page(request):
    """One decision, explained."""


def test_every_path_of_the_checked_api_is_described():
    assert set(PATHS) <= set(description()["paths"])


def test_every_operation_says_what_it_gives_and_who_may_ask():
    for path, operations in description()["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert "200" in operation["responses"], (method, path)


def test_the_data_pages_of_the_console_are_described_with_what_they_need():
    routes = [
        ConsoleRoute("/decisions/{decision}.json", page, Permission.DECISIONS),
        ConsoleRoute("/ledger/{index:int}.json", page, "signed-in"),
        ConsoleRoute("/decisions", page, Permission.DECISIONS),
        ConsoleRoute("/send.json", page, Permission.DECISIONS, ("POST",)),
    ]
    paths = description(routes)["paths"]
    told = paths["/console/decisions/{decision}.json"]["get"]
    assert told["summary"] == "One decision, explained."
    assert "`decisions`" in told["description"]
    assert told["security"] == [{"session": []}]
    number = paths["/console/ledger/{index}.json"]["get"]["parameters"][0]
    assert number["schema"]["type"] == "integer"
    assert not {"/console/decisions", "/console/send.json"} & set(paths)
