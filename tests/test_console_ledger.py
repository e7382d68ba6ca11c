"""The pages on the ledger and on decisions, over a ledger that is really written."""

import asyncio
import base64
import json
from types import SimpleNamespace

import pytest

from consoles import HOSTILE, account, client, served, words
from kanhe.accounts.account import Role
from kanhe.adapters.ledger_view import LedgerView
from kanhe.adapters.package_data import service_rules
from kanhe.console import decisions, ledger
from kanhe.errors import RulesetError
from kanhe.ledger import proof as proofs
from kanhe.policy.rule import Rule, Terms, Text
from ledgers import KEY, open_async

STOPPED = {
    "rule": "fruit",
    "category": "A.1.h",
    "severity": "high",
    "ruleset": "v1",
    "surface": "content",
    "folds": ["traditional"],
    "length": 7,
    "characters": 214,
}
RULE = Rule("fruit", "A.1.h", Terms(("kumquat",)), notice=Text("不谈水果", "No fruit here"))


def begun(number, **more):
    return "gateway:answer:begun", {
        "app": "shop",
        "decision": number,
        "model": "up",
        "path": "/chat/completions",
        "prompt": "c0",
        "ruleset": "v1",
    } | more


async def write(folder, entries):
    kept = await open_async(folder)
    for tag, facts in entries:
        await kept.append(tag, facts)
    await kept.aclose()


ENTRIES = [
    begun("d-released"),
    ("gateway:answer:released", {"decision": "d-released", "characters": 40}),
    begun("d-stopped", user="p-1"),
    ("gateway:answer:stopped", {"decision": "d-stopped", **STOPPED}),
    ("gateway:prompt:refused", {**begun("d-refused")[1], **STOPPED, "ruleset": "gone"}),
    (
        "gateway:user:refused",
        {"decision": "d-away", "user": "p-1", "until": "2026-11-23T00:00:00Z"},
    ),
    begun("d-hostile", app=HOSTILE, model=HOSTILE),
    begun("d-open"),
]


class Versions:
    """The rules in force, and an archive that has lost the others."""

    def __init__(self):
        self.current = SimpleNamespace(version="v1", rules=(RULE,))
        self.files = self

    def earlier(self, version):
        raise RulesetError(f"{version} was never kept", advice="")


@pytest.fixture
def view(tmp_path):
    asyncio.run(write(tmp_path / "ledger", ENTRIES))
    made = LedgerView(tmp_path / "ledger", KEY, db=tmp_path / "views.sqlite")
    made.catch_up()
    made.index()
    yield made
    made.close()


@pytest.fixture
def browser(view):
    system = served(
        view=view,
        verifier=KEY,
        rules=Versions(),
        notices=service_rules().notices,
        object_to="complaints.example",
    )
    with client(system, ledger, decisions) as made:
        yield made


def test_entries_stand_newest_first_with_their_tags(browser):
    data = browser.get("/ledger.json").json()
    assert [one["index"] for one in data["entries"]] == list(range(len(ENTRIES)))[::-1]
    assert data["sound"] is True
    assert "8 entries, exactly as signed" in words(browser.get("/ledger").text)


def test_the_page_before_an_entry_ends_with_the_one_before_it(browser):
    data = browser.get("/ledger.json?before=3").json()
    assert [one["index"] for one in data["entries"]] == [2, 1, 0]
    assert data["older"] is None


@pytest.mark.parametrize("before", ["0", "-1", "x", "9" * 40, "\u0663", ""])
def test_a_number_that_is_none_is_no_fault_of_ours(browser, before):
    assert browser.get(f"/ledger?before={before}").status_code == 200


def test_an_entry_is_shown_with_a_proof_that_holds(browser):
    data = browser.get("/ledger/3.json").json()
    assert data["tag"] == "gateway:answer:stopped"
    assert json.loads(base64.b64decode(data["raw"]))["facts"]["rule"] == "fruit"
    assert (data["proof"]["holds"], data["proof"]["size"]) == (True, len(ENTRIES))
    page = browser.get("/ledger/3").text
    assert "number 3 of the 8 that the ledger has signed" in words(page)


def test_the_proof_is_a_file_that_is_checked_without_the_service(browser):
    raw = browser.get("/ledger/3.proof").content
    assert proofs.parse(raw).check(KEY).size == len(ENTRIES)


@pytest.mark.parametrize("path", ["/ledger/8", "/ledger/99999999999999999999", "/ledger/-1",
                                  "/ledger/8.proof", "/ledger/99999999999999999999.proof",
                                  "/ledger/..%2f..%2fkeys%2fledger.key"])  # fmt: skip
def test_an_entry_that_is_not_there_is_a_page_that_says_so(browser, path):
    assert browser.get(path).status_code == 404


def test_an_altered_entry_turns_the_page_red_and_its_proof_fails(browser, view, tmp_path):
    """Planted: one letter of the rule's name in the bundle."""
    (bundle,) = (tmp_path / "ledger" / "tile" / "entries").glob("000*/*")
    bundle.write_bytes(bundle.read_bytes().replace(b'"fruit"', b'"fruiT"'))
    assert browser.get("/ledger.json").json()["sound"] is False
    assert "not as it was signed" in words(browser.get("/ledger").text)
    assert browser.get("/ledger/3.json").json()["proof"]["holds"] is False
    assert "The proof does not hold" in words(browser.get("/ledger/3").text)


def test_decisions_are_found_by_what_they_are(browser):
    def numbers(query):
        data = browser.get(f"/decisions.json?{query}").json()
        return [one["number"] for one in data["decisions"]]

    assert numbers("kind=stopped") == ["d-stopped"]
    assert numbers("rule=fruit") == ["d-refused", "d-stopped"]
    assert numbers("user=p-1") == ["d-away", "d-stopped"]
    assert numbers("number=d-rel") == ["d-released"]
    assert numbers("since=2030-01-01") == []
    assert numbers("since=2026-11-01&until=2026-11-01")[-1] == "d-released"


@pytest.mark.parametrize("query", ["kind=maybe", "since=tomorrow", "until=2026-13-01"])
def test_a_question_that_cannot_be_read_is_told_at_its_field(browser, query):
    answer = browser.get(f"/decisions?{query}")
    assert answer.status_code == 400
    assert 'class="problems"' in answer.text


def test_a_stop_is_explained_by_rule_fold_version_and_what_the_user_was_shown(browser):
    page = words(browser.get("/decisions/d-stopped").text)
    assert "Stopped after 214 characters. None of the violation reached the reader." in page
    assert "traditional characters" in page
    assert "No fruit here (No. d-stopped; to object: complaints.example)" in page
    assert "不谈水果（编号：d-stopped；申诉：complaints.example）" in page
    assert "kumquat" not in page


def test_a_rule_whose_version_is_gone_is_told_with_the_regimes_words_and_the_doubt(browser):
    told = browser.get("/decisions/d-refused.json").json()["decision"]["told"]
    assert told["certain"] is False
    assert "safety rule" in told["notice"]["en"]
    assert "not kept here" in words(browser.get("/decisions/d-refused").text)


def test_a_refused_prompt_was_found_in_the_prompt_and_a_stopped_answer_in_the_answer(browser):
    """Absolute: the ledger calls both places `content`; only the kind tells them apart."""
    refused = browser.get("/decisions/d-refused").text
    assert "the text of the prompt" in refused
    assert "the text of the answer" not in refused
    assert "the text of the answer" in browser.get("/decisions/d-stopped").text


@pytest.mark.parametrize("number", ["d-away", "d-released", "d-open", "d-hostile"])
def test_every_end_has_its_page(browser, number):
    page = browser.get(f"/decisions/{number}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_hostile_names_are_text_in_lists_too(browser):
    for path in ("/decisions", "/ledger", "/ledger/6"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_decision_that_is_not_there_is_a_page_that_says_so(browser):
    assert browser.get("/decisions/nobody").status_code == 404
    assert browser.get(f"/decisions/{'x' * 5000}").status_code == 404


def test_who_may_only_read_the_status_sees_neither(view):
    with client(served(view=view), ledger, decisions, person=account(Role.READER)) as reader:
        for path in ("/ledger", "/ledger/1", "/decisions", "/decisions/d-open.json"):
            assert reader.get(path).status_code == 403
