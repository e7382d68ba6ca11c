"""What hostile words and paths do at the console: nothing. What comes back is parsed as HTML."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from office import CONTROL, HOSTILE, OBLIGATION, PASSWORD
from served import until

from kanhe.console.app import table

ADDRESSES = {"href", "src", "action", "formaction", "data-url", "data-decisions"}
PLAIN = ("", "obligations", "obligations.csv", "decisions", "rules", "rules/versions", "rules/try",
         "rules/changes", "rules/hostile", "ledger", "scope", "settings", "attest", "deadlines",
         "glossary", "account", "accounts", "sign-in", "assess", "assess/plan",
         "assess/compare")  # fmt: skip
FIELDS = ("q", "mode", "side", "number", "kind", "rule", "category", "app", "model", "surface",
          "fold", "user", "since", "until", "before", "after", "at", "known", "as_if", "area",
          "standing", "page", "next", "token", "entry", "back", "text", "run", "first",
          "second", "first_target", "way")  # fmt: skip


class Markup(HTMLParser):
    """Collects what would act in a page: scripts of its own, handlers, addresses elsewhere."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.strange, self.text = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        ours = tag != "script" or given.get("src", "").startswith("/console/static/")
        drawn = tag != "img" or given.get("src", "").startswith("data:image/svg+xml")
        if not ours or not drawn or tag in {"iframe", "object", "embed", "base", "style"}:
            self.strange.append((tag, attrs))
        for name, value in given.items():
            leads = name in ADDRESSES and not value.startswith(("/console/", "#", "data:image"))
            if name.startswith("on") or name == "style" or leads:
                self.strange.append((tag, name, value))

    def handle_data(self, data):
        self.text.append(data)


def examined(answer):
    assert answer.status < 500, answer.text
    if not answer.header("content-type").startswith("text/html"):
        assert answer.header("x-content-type-options") == "nosniff"
        return ""
    page = Markup(answer.text)
    assert page.strange == []
    return "".join(page.text)


@pytest.fixture(scope="module")
def hostile(office):
    """An owner whose very name is hostile."""
    return office.visitor(office.person(name=HOSTILE + " owner"))


def test_the_examination_would_find_what_acts():
    for acting in ("<script>1</script>", '<a href="javascript:1">', '<b onclick="1">', "<base>",
                   '<img src=x>', '<p style="x">', '<a href="//evil.example">'):  # fmt: skip
        assert Markup(acting).strange, acting
    assert not Markup("&lt;script&gt;<p>&quot;onclick=1</p>").strange


@pytest.mark.parametrize("path", PLAIN)
def test_words_in_an_address_stay_words(office, hostile, path):
    word = quote(HOSTILE, safe="")
    for field in FIELDS:
        examined(hostile.get(f"/{path}?{field}={word}"))
    assert examined(hostile.get(f"/{path}?" + "&".join(f"{one}={word}" for one in FIELDS))) or (
        path.endswith(".csv")
    )


def test_what_is_on_record_stays_words(office, hostile):
    stopped = office.served.entries("gateway:prompt:refused")
    caught = next(one["decision"] for one in stopped if one["rule"] == "hostile")
    until(lambda: hostile.get(f"/decisions/{caught}").status == 200, "it is published")
    for path in (
        f"/decisions/{caught}",
        "/decisions?rule=hostile",
        "/rules",
        "/rules/rule/hostile",
    ):
        for language in ("zh", "en"):
            answer = hostile.get(path, headers={
                "Cookie": f"kanhe_session={hostile.token}; kanhe_language={language}"})  # fmt: skip
            assert "<script>alert(" in examined(answer), f"{path}: it is shown as it is"
    for index in range(len(office.served.entries())):
        examined(hostile.get(f"/ledger/{index}"))


def test_what_a_form_brings_stays_words(office, hostile):
    tried = hostile.post("/rules/try", {"text": f"{HOSTILE} forbidden kumquat", "side": "answer"})
    assert "<script>alert(1)</script>" in examined(tried)
    for path, fields in (
        ("/rules/try", {"text": "x", "side": HOSTILE}),
        ("/scope/preview", {"people_in_data": HOSTILE, "public": HOSTILE, "launched": HOSTILE}),
        ("/scope", {"public": HOSTILE, HOSTILE: HOSTILE}),
        (f"/attest/{CONTROL}", {"done": HOSTILE, "valid_until": HOSTILE, "papers": HOSTILE}),
        ("/accounts", {"name": HOSTILE, "role": HOSTILE}),
        ("/accounts", {"name": HOSTILE, "role": "reader"}),
        ("/rules/propose", {"version": HOSTILE}),
        ("/rules/release", {"version": HOSTILE}),
        ("/account/password", {"current": PASSWORD, "password": HOSTILE, "again": "x"}),
        ("/sign-in", {"name": HOSTILE, "password": HOSTILE, "next": HOSTILE}),
        ("/setup", {"token": HOSTILE, "name": HOSTILE}),
    ):
        examined(hostile.post(path, fields))
        examined(office.visitor().post(path, fields))


def test_words_in_json_end_no_script(office, hostile):
    answer = hostile.get(f"/decisions.json?rule={quote(HOSTILE)}")
    assert answer.header("content-type") == "application/json"
    assert answer.header("x-content-type-options") == "nosniff"
    assert json.loads(answer.text)["wanted"]["rule"] == HOSTILE


def test_a_spreadsheet_is_given_no_formula(office, hostile):
    rows = hostile.get("/obligations.csv").text.splitlines()
    assert not any(cell.lstrip('"')[:1] in "=+-@\t" and cell for row in rows[1:]
                   for cell in row.split(","))  # fmt: skip


UP = ["../../../../../../etc/passwd", "..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/keys",
      "....//....//etc/passwd", "/etc/passwd", "%2fetc%2fpasswd", "..\\..\\keys", "..%5c..%5ckeys",
      "console.css%00.js", "%00", ".", "..", "%c0%ae%c0%ae/", "0/../../keys/ledger.key",
      "console.css/../../templates/base.html", "~root", "file:///etc/passwd"]  # fmt: skip


@pytest.mark.parametrize("up", UP)
def test_no_path_leads_out_of_what_is_served(office, hostile, up):
    begins = {one.path.partition("{")[0] for one in table() if "{" in one.path}
    kept = [path.read_text("latin-1").strip() for path in (office.served.data / "keys").iterdir()]
    for begin in sorted(begins):
        for visitor in (hostile, office.visitor()):
            answer = visitor.get(f"{begin}{up}")
            assert answer.status in (200, 303, 400, 404), f"{begin}{up}"
            examined(answer)
            body = answer.body.decode("latin-1")
            assert "root:" not in body
            assert "{%" not in body
            assert not any(secret in body for secret in kept if len(secret) > 20)
    for name in ("before", "after"):
        answer = hostile.get(f"/rules/changes?{name}={quote(up, safe='%')}")
        assert answer.status in (400, 404), up


def test_numbers_without_end_are_no_fault_of_ours(office, hostile):
    for number in ("9" * 400, "-1", "1e9", "0x10", "٣", str(2**63), str(2**64), str(2**53)):
        word = quote(number)
        for path in (f"/ledger/{word}", f"/ledger/{word}.json", f"/ledger/{word}.proof",
                     f"/ledger?before={word}", f"/decisions?before={word}",
                     f"/obligations?page={word}", f"/attest/{CONTROL}?entry={word}"):  # fmt: skip
            assert hostile.get(path).status in (200, 303, 400, 404), path
    for day in ("0001-01-01", "9999-12-31", "2026-02-30", "2026-11-22T00:00", "٢٠٢٦-١١-٢٢"):
        for path in (
            "/",
            "/index.json",
            "/obligations",
            "/deadlines",
            f"/obligations/{OBLIGATION}",
        ):
            for field in ("at", "known"):
                status = hostile.get(f"{path}?{field}={quote(day)}").status
                assert status in (200, 400), f"{path}?{field}={day}"
        for field in ("since", "until"):
            assert hostile.get(f"/decisions?{field}={quote(day)}").status in (200, 400), day


def test_after_all_that_it_has_logged_no_fault(office):
    log = office.served.log.read_text()
    assert "Traceback" not in log
    assert "by a fault of ours" not in log
