"""The frame around all pages: who gets in, the JSON twins, errors, files, language and theme."""

import json
import re
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient

from consoles import HOSTILE, NOW, Signed, account, client
from kanhe.accounts.account import Permission, Role, may
from kanhe.console import deadlines, glossary, overview, preference
from kanhe.console.app import PAGES, make_console, table, twin
from kanhe.console.render import Entry
from statuses import System, unsound

ATTESTED = next(c.id for c in System().regime.controls.values() if c.check == "attested")
READ = ["/", "/obligations", "/obligations/cn-im-14-1", "/deadlines", "/scope", "/attest",
        f"/attest/{ATTESTED}", "/settings", "/glossary"]  # fmt: skip
LIMIT = 60 * 1024


def whole(person=None, system=None, language="en"):
    app = client(system or System(), *PAGES, person=person)
    app.cookies.set("kanhe_language", language)
    return app


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", READ)
def test_every_page_opens_in_its_language_and_is_small(path, language):
    page = whole(language=language).get(path)
    assert page.status_code == 200
    assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}"' in page.text
    drawn = re.sub(r'<svg class="chart".*?</svg>', "", page.text, flags=re.DOTALL)
    assert len(drawn.encode()) <= LIMIT


@pytest.mark.parametrize("path", READ)
def test_every_page_has_a_twin_with_its_data(path):
    twin_path = "/index.json" if path == "/" else f"{path}.json"
    told = whole().get(twin_path)
    assert told.status_code == 200
    assert told.headers["content-type"] == "application/json"
    assert json.loads(told.content)


@pytest.mark.parametrize("path", READ)
def test_no_page_needs_an_inline_script_or_style(path):
    """A strict policy of content stops them; planted: an `onclick`, a `style=`, a `<style>`."""
    page = whole().get(path).text
    assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
    planted = '<p style="x"><script>1</script>'
    assert len(re.findall(r"<script(?![^>]*\bsrc=)|\sstyle=", planted)) == 2


@pytest.mark.parametrize("role", Role)
def test_a_route_is_open_to_those_roles_only_that_its_row_names(role):
    app = whole(account(role))
    for route in table():
        if "{" in route.path or route.path.startswith("/live") or "GET" not in route.methods:
            continue
        if route.path not in {*READ, "/obligations.csv"}:
            continue
        expected = 200 if route.permission == "signed-in" or may(role, route.permission) else 403
        assert app.get(route.path).status_code == expected, (role, route.path)


def test_nobody_gets_nothing_even_without_a_gate():
    """The pages guard themselves: planted is a console that was mounted without its gate."""
    app = TestClient(make_console(System(), clock=lambda: NOW))
    for route in table():
        if route.permission == "open" or "{" in route.path:
            continue
        found = app.request(route.methods[0], route.path)
        assert found.status_code == 401, route.path
        assert "cn-im" not in found.text


def test_a_disabled_account_gets_nothing():
    assert whole(replace(account(), disabled=True)).get("/").status_code == 401


def test_a_twin_is_asked_for_before_a_page_could_take_its_name():
    paths = [route.path for route in table()]
    assert paths.index("/obligations/{id}.json") < paths.index("/obligations/{id}")
    assert twin(overview.ROUTES[0]).path == "/index.json"


def test_navigation_has_at_most_eight_words_and_no_key_twice():
    entries = [page.ENTRY for page in PAGES if hasattr(page, "ENTRY")]
    assert len(entries) <= 8
    assert all(isinstance(entry, Entry) for entry in entries)
    assert len({entry.letter for entry in entries}) == len(entries)


def test_navigation_shows_only_what_one_may_see():
    page = whole(account(Role.READER)).get("/").text
    assert "/obligations" in page
    assert 'href="/rules"' not in page


def test_a_missing_page_says_what_to_do_in_the_readers_language():
    page = whole(language="zh").get("/nowhere")
    assert page.status_code == 404
    assert "这里没有页面" in page.text
    assert whole().get("/nowhere.json").json()["error"]["en"].startswith("There is no page")


def test_the_address_below_which_it_stands_is_in_every_link():
    console = make_console(
        System(), middleware=[Middleware(Signed, person=account())], clock=lambda: NOW
    )
    app = TestClient(Starlette(routes=[Mount("/console", console)]), follow_redirects=False)
    page = app.get("/console/").text
    for link in re.findall(r'(?:href|src|action)="(/[^"]*)"', page):
        assert link.startswith("/console/"), link


def test_files_are_kept_for_ever_under_the_address_that_has_their_hash():
    app = whole()
    address = re.search(r'href="(/static/console\.css\?v=\w+)"', app.get("/").text)[1]
    file = app.get(address)
    assert "immutable" in file.headers["cache-control"]
    assert app.get("/static/console.css").headers["cache-control"] == "no-cache"
    again = app.get(address, headers={"if-none-match": file.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "console.css%00", "nothing.css", ""]
)
def test_no_file_is_served_but_those_read_at_start(name):
    assert whole().get(f"/static/{name}").status_code == 404


def test_language_and_theme_are_remembered_and_lead_back():
    app = client(System(), preference, overview, deadlines)
    back = app.get("/preference", params={"language": "zh", "back": "/deadlines?x=1"})
    assert back.status_code == 303
    assert back.headers["location"] == "/deadlines?x=1"
    app.get("/preference", params={"theme": "dark"})
    page = app.get("/deadlines").text
    assert '<html lang="zh-Hans" data-theme="dark">' in page
    app.get("/preference", params={"theme": "system"})
    assert "data-theme" not in app.get("/deadlines").text


@pytest.mark.parametrize(
    "back",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example",
     "javascript:1", "/a//evil.example", "\r\nset-cookie: a=b", "evil"],
)  # fmt: skip
def test_it_never_leads_to_another_site(back):
    found = client(System(), preference).get("/preference", params={"language": "en", "back": back})
    assert found.headers["location"] == "/"


def test_an_account_that_is_hostile_stays_text():
    page = whole(replace(account(), name=HOSTILE)).get("/glossary").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_ledger_that_does_not_add_up_is_said_first_and_nothing_is_called_proven():
    app = whole(system=System(found=unsound()))
    page = app.get("/").text
    assert "Nothing can be said: the ledger does not add up." in page
    assert "obligations proven" not in page
    told = app.get("/index.json").json()
    assert told["sound"] is False
    assert told["counts"]["met"] == 0


def test_the_glossary_explains_each_standing():
    page = client(System(), glossary).get("/glossary").text
    for name in ("met", "gap", "stale", "unknown", "not-applicable"):
        assert f'id="{name}"' in page


def test_a_page_shows_under_which_word_it_stands():
    """Planted fault it catches: pages on judges beside every word of the navigation."""
    for path in ("/rules", "/rules/try", "/judges", "/label", "/label/none/agreement"):
        holding = [p.ENTRY.path for p in PAGES if hasattr(p, "ENTRY") and p.ENTRY.holds(path)]
        assert holding == ["/rules"], path
    assert not overview.ENTRY.holds("/judges")
    assert not Entry("/rules", "Rules", "r", Permission.RULES).holds("/rulesets")
