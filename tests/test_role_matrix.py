"""Every role, and nobody, on every route of the console.

The expectation is written down here a second time, by hand: a change of `ALLOWED` or of a route's
permission that nobody meant is noticed.
"""

import pytest
from starlette.routing import Mount

from gates import House
from kanhe.accounts.account import ALLOWED, Permission, Role
from kanhe.console.app import PAGES, table
from kanhe.console.route import ConsoleRoute

READS, LABELS = "status decisions ledger rules export assess", "label adjudicate answers"
MATRIX = {
    "owner": f"{READS} settings try-rules propose-rules release-rules scope attest {LABELS} "
    "accounts",
    "operator": f"{READS} settings try-rules propose-rules release-rules scope attest {LABELS}",
    "reviewer": f"{READS} try-rules release-rules {LABELS}",
    "auditor": f"{READS} settings try-rules",
    "reader": "status",
}

OPEN = {
    "/sign-in", "/sign-in/second", "/sign-in/passkey", "/sign-in/passkey/options", "/sign-out",
    "/setup", "/enrol", "/enrol/passkey", "/enrol/passkey/options", "/oidc/start",
    "/oidc/callback", "/preference", "/static/{name}",
}  # fmt: skip
"""All that may be asked for without being signed in. A new one is added here on purpose."""


async def reached(request):
    from starlette.responses import PlainTextResponse

    return PlainTextResponse("reached")


TABLE = table(PAGES)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The whole table behind the gate, each page replaced by one that says it was reached."""

    class Bare:
        ROUTES = tuple(
            ConsoleRoute(one.path, reached, one.permission, one.methods) for one in TABLE
        )

    made = House(tmp_path_factory.mktemp("matrix"), pages=(Bare,))
    yield made
    made.close()


@pytest.fixture(scope="module")
def people(house):
    from kanhe.accounts.session import Stage, csrf

    found = {"nobody": house.browser(), "halfway": house.browser()}
    half = house.person(name="halfway")
    tokens = {"halfway": house.sessions.begin(half.id, Stage.SECOND, house.now)}
    for role in Role:
        person = house.person(role, f"a {role.value}")
        found[role.value] = house.browser()
        tokens[role.value] = house.sessions.begin(person.id, Stage.FULL, house.now)
    for who, token in tokens.items():
        found[who].client.cookies.set(house.guard.cookie, token, path="/console/")
        found[who].token = csrf(token)
    return found


def test_the_table_of_roles_is_the_one_written_down():
    written = {Role(role): {Permission(one) for one in may.split()} for role, may in MATRIX.items()}
    assert written == ALLOWED


def test_what_is_open_is_open_on_purpose():
    assert {one.path for one in TABLE if one.permission == "open"} <= OPEN


def test_no_route_stands_there_twice():
    found = [(one.path, method) for one in TABLE for method in one.methods]
    assert len(found) == len(set(found))


def test_every_path_is_in_the_table(house):
    [mount] = house.app.routes
    assert isinstance(mount, Mount)
    served = {(one.path, tuple(sorted(one.methods - {"HEAD"}))) for one in mount.app.routes}
    bare = {(one.path, tuple(sorted(one.methods))) for one in TABLE}
    assert served == {*bare, ("/static/{name}", ("GET",))}


def expected(who, permission):
    if permission == "open":
        return "reached"
    if who in ("nobody", "halfway"):
        return "sent to sign in"
    if permission == "signed-in" or permission.value in MATRIX[who].split():
        return "reached"
    return "refused"


def outcome(browser, path, method):
    answer = browser.client.get(f"/console{path}") if method == "GET" else browser.post(path)
    if answer.status_code in (303, 401):
        return "sent to sign in"
    return "refused" if answer.status_code == 403 else answer.text


@pytest.mark.parametrize("who", ["nobody", "halfway", *Role])
@pytest.mark.parametrize("route", TABLE, ids=lambda one: f"{'+'.join(one.methods)} {one.path}")
def test_everybody_gets_what_their_role_allows(people, route, who):
    # Something that every convertor takes.
    path = route.path
    while "{" in path:
        path = path[: path.index("{")] + "1" + path[path.index("}") + 1 :]
    for method in route.methods:
        assert outcome(people[str(who)], path, method) == expected(str(who), route.permission)
