"""Who may do what at the console of a running service, and from where: over HTTP, as an attacker.

The expectation for every route is written down here by hand, so that a new route without a row, or
one that lets more people in than before, fails.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
from urllib.parse import quote

import pytest
from office import CONTROL, OBLIGATION, PASSWORD, first_step, signed_in
from served import until

from kanhe.accounts.account import Role
from kanhe.accounts.session import Stage
from kanhe.console.app import table
from kanhe.console.gate import LONGEST

EVERYBODY, SIGNED_IN = "nobody owner operator reviewer auditor reader", (
    "owner operator reviewer auditor reader"
)  # fmt: skip
READS = "owner operator reviewer auditor"
LABELS = "owner operator reviewer"
WHO = {
    "GET /": SIGNED_IN,
    "GET /index.json": SIGNED_IN,
    "GET /live": SIGNED_IN,
    "GET /obligations": SIGNED_IN,
    "GET /obligations.json": SIGNED_IN,
    "GET /obligations.csv": READS,
    "GET /obligations/{id}": SIGNED_IN,
    "GET /obligations/{id}.json": SIGNED_IN,
    "GET /deadlines": SIGNED_IN,
    "GET /deadlines.json": SIGNED_IN,
    "GET /decisions": READS,
    "GET /decisions.json": READS,
    "GET /decisions/{number}": READS,
    "GET /decisions/{number}.json": READS,
    "GET /rules": READS,
    "GET /rules.json": READS,
    "GET /rules/versions": READS,
    "GET /rules/versions.json": READS,
    "GET /rules/changes": READS,
    "GET /rules/changes.json": READS,
    "GET /rules/rule/{rule}": READS,
    "GET /rules/rule/{rule}.json": READS,
    "GET /rules/try": READS,
    "POST /rules/try": READS,
    "POST /rules/propose": "owner operator",
    "POST /rules/withdraw": "owner operator",
    "POST /rules/release": "owner operator reviewer",
    "GET /judges": READS,
    "GET /judges.json": READS,
    "GET /label": LABELS,
    "GET /label.json": LABELS,
    "GET /label/{task}": LABELS,
    "GET /label/{task}.json": LABELS,
    "POST /label/{task}": LABELS,
    "POST /label/{task}/undo": LABELS,
    "GET /label/{task}/agreement": READS,
    "GET /label/{task}/agreement.json": READS,
    "GET /label/{task}/adjudicate": LABELS,
    "GET /label/{task}/adjudicate.json": LABELS,
    "POST /label/{task}/adjudicate": LABELS,
    "GET /by-hand": LABELS,
    "GET /by-hand.json": LABELS,
    "GET /by-hand/{run}": LABELS,
    "GET /by-hand/{run}.json": LABELS,
    "POST /by-hand/{run}": LABELS,
    "POST /by-hand/{run}/undo": LABELS,
    "GET /by-hand/{run}/agreement": READS,
    "GET /by-hand/{run}/agreement.json": READS,
    "GET /by-hand/{run}/panel": LABELS,
    "GET /by-hand/{run}/panel.json": LABELS,
    "POST /by-hand/{run}/panel": LABELS,
    "POST /by-hand/{run}/panel/undo": LABELS,
    "GET /assess": READS,
    "GET /assess.json": READS,
    "GET /assess/plan": "owner operator auditor",
    "POST /assess/plan": "owner operator auditor",
    "GET /assess/compare": READS,
    "GET /assess/compare.json": READS,
    "GET /assess/runs/{run}": READS,
    "GET /assess/runs/{run}.json": READS,
    "GET /assess/runs/{run}/live": READS,
    "GET /assess/runs/{run}/plan": READS,
    "GET /assess/runs/{run}/plan.json": READS,
    "GET /assess/runs/{run}/items": READS,
    "GET /assess/runs/{run}/items.json": READS,
    "GET /assess/runs/{run}/items.csv": READS,
    "GET /assess/runs/{run}/items/{key}": READS,
    "GET /assess/runs/{run}/items/{key}.json": READS,
    "POST /assess/runs/{run}/items/{key}": LABELS,
    "GET /assess/runs/{run}/report": READS,
    "GET /assess/runs/{run}/report.json": READS,
    "GET /assess/runs/{run}/report/{file}": READS,
    "GET /assess/runs/{run}/clauses": READS,
    "GET /assess/runs/{run}/clauses.json": READS,
    "GET /ledger": READS,
    "GET /ledger.json": READS,
    "GET /ledger/{index:int}": READS,
    "GET /ledger/{index:int}.json": READS,
    "GET /ledger/{index:int}.proof": READS,
    "GET /scope": SIGNED_IN,
    "GET /scope.json": SIGNED_IN,
    "POST /scope": "owner operator",
    "POST /scope/preview": "owner operator",
    "GET /export": READS,
    "GET /export/{name}": READS,
    "GET /settings": "owner operator auditor",
    "GET /settings.json": "owner operator auditor",
    "GET /attest": SIGNED_IN,
    "GET /attest.json": SIGNED_IN,
    "GET /attest/{control}": SIGNED_IN,
    "GET /attest/{control}.json": SIGNED_IN,
    "POST /attest/{control}": "owner operator",
    "POST /attest/{control}/withdraw": "owner operator",
    "GET /glossary": SIGNED_IN,
    "GET /glossary.json": SIGNED_IN,
    "GET /account": SIGNED_IN,
    "POST /account/password": SIGNED_IN,
    "POST /account/codes": SIGNED_IN,
    "POST /account/passkey/remove": SIGNED_IN,
    "POST /sign-out/everywhere": SIGNED_IN,
    "GET /accounts": "owner",
    "POST /accounts": "owner",
    "POST /accounts/{id}/role": "owner",
    "POST /accounts/{id}/disabled": "owner",
    "POST /accounts/{id}/reset": "owner",
    "GET /preference": EVERYBODY,
    "GET /static/{name}": EVERYBODY,
    "GET /sign-in": EVERYBODY,
    "POST /sign-in": EVERYBODY,
    "GET /sign-in/second": EVERYBODY,
    "POST /sign-in/second": EVERYBODY,
    "POST /sign-in/passkey/options": EVERYBODY,
    "POST /sign-in/passkey": EVERYBODY,
    "POST /sign-out": EVERYBODY,
    "GET /setup": EVERYBODY,
    "POST /setup": EVERYBODY,
    "GET /enrol": EVERYBODY,
    "POST /enrol": EVERYBODY,
    "POST /enrol/passkey/options": EVERYBODY,
    "POST /enrol/passkey": EVERYBODY,
    "GET /oidc/start": EVERYBODY,
    "GET /oidc/callback": EVERYBODY,
}
REFUSED = re.compile("Your role does not allow|您的角色不能")


@pytest.fixture(scope="module")
def people(office):
    return {role.value: office.person(role) for role in Role}


def one_of_each(office):
    """A path for every route: of things that are there, but for accounts, where none is touched."""
    number = next(e["decision"] for e in office.served.entries("gateway:answer:stopped"))
    names = {"rule": "unicorn", "number": number, "index:int": "0", "name": "console.css",
             "control": CONTROL}  # fmt: skip
    found = {}
    for route in table():
        first = "acct-of-nobody" if "accounts" in route.path else OBLIGATION
        filled = re.sub(r"{([^}]*)}", lambda m, i=first: names.get(m[1], i), route.path)
        found |= {f"{method} {route.path}": (method, filled) for method in route.methods}
    return found


def outcome(visitor, method, path):
    answer = visitor.get(path) if method == "GET" else visitor.post(path)
    assert answer.status < 500, answer.text
    sent_on = answer.status == 303 and "/sign-in?next=" in answer.header("location")
    if sent_on or answer.status == 401:
        return "sent to sign in"
    refused = answer.status == 403 and REFUSED.search(answer.text)
    return "refused" if refused else "reached"


def test_every_route_has_a_row_and_every_row_a_route(office):
    assert {f"{method} {one.path}" for one in table() for method in one.methods} == WHO.keys()


@pytest.mark.parametrize("who", EVERYBODY.split())
def test_everybody_reaches_what_is_written_down_and_nothing_else(office, people, who):
    found = {}
    for name, (method, path) in one_of_each(office).items():
        # A session of their own for each: some requests end it.
        found[name] = outcome(office.visitor(people.get(who)), method, path)
    shut = "sent to sign in" if who == "nobody" else "refused"
    assert found == {name: "reached" if who in may.split() else shut for name, may in WHO.items()}


@pytest.mark.parametrize("stage", [Stage.SECOND, Stage.ENROL])
def test_halfway_through_signing_in_nothing_is_open_that_is_not_open_to_all(office, people, stage):
    for name, (method, path) in one_of_each(office).items():
        if WHO[name] != EVERYBODY:
            visitor = office.visitor(people["owner"], stage=stage)
            answer = visitor.get(path) if method == "GET" else visitor.post(path)
            away = ("/console/sign-in", "/console/enrol")
            assert answer.status == 401 or answer.header("location").startswith(away), name


def test_the_methods_that_are_not_used_are_refused(office, people):
    visitor = office.visitor(people["owner"])
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
        assert visitor.ask("/console/", method).status == 405, method


# --- requests that change something ---------------------------------------------------------


def changes(office):
    """Every route that changes something, for whoever is signed in."""
    return [path for name, (method, path) in one_of_each(office).items()
            if method == "POST" and WHO[name] != EVERYBODY]  # fmt: skip


def test_nothing_is_changed_without_the_token_of_this_very_session(office, people):
    owner = people["owner"]
    other = office.visitor(people["operator"]).csrf
    for path in changes(office):
        visitor = office.visitor(owner)
        for token in ("", "0" * 64, other, visitor.csrf.upper(), visitor.csrf + " "):
            assert visitor.post(path, token=token).status == 403, (path, token)
        assert visitor.post(path, {"csrf": visitor.csrf}).status == 403, f"{path}: two tokens"


def test_nothing_is_changed_from_a_foreign_page(office, people):
    visitor = office.visitor(people["owner"])
    port = office.served.port
    foreign = [
        "https://evil.example", f"http://localhost:{port + 1}", f"https://localhost:{port}",
        f"http://127.0.0.1:{port}", f"http://localhost:{port}.evil.example", "null", "",
        f"http://localhost:{port}/",
    ]  # fmt: skip
    for origin in foreign:
        assert visitor.post("/scope", headers={"Origin": origin}).status == 403, origin
    for site in ("cross-site", "same-site", "none"):
        assert visitor.post("/scope", headers={"Sec-Fetch-Site": site}).status == 403, site
    assert visitor.post("/sign-out", headers={"Origin": "https://evil.example"}).status == 403
    assert visitor.get("/account").status == 200


def test_a_form_that_no_page_of_ours_sends_is_refused_unread(office, people):
    visitor = office.visitor(people["owner"])
    for kind in ("multipart/form-data; boundary=x", "text/plain", "application/xml", ""):
        got = visitor.ask("/console/scope", "POST", b"{}",
                          {"Content-Type": kind, "Origin": office.origin})  # fmt: skip
        assert got.status == 415, kind


def test_a_form_too_large_or_broken_off_is_refused_and_no_fault_of_ours(office, people):
    visitor = office.visitor(people["owner"])
    large = {"Origin": office.origin, "Content-Type": "application/x-www-form-urlencoded"}
    declared = large | {"Content-Length": str(LONGEST + 1)}
    assert visitor.ask("/console/scope", "POST", b"", declared).status == 413
    pieces = (b"a=" + b"b" * 65536 for _ in range(5))
    chunked = large | {"Transfer-Encoding": "chunked"}
    # Whoever sends on after the refusal may find the line cut before they read it.
    with contextlib.suppress(ConnectionError, http.client.RemoteDisconnected):
        assert visitor.ask("/console/scope", "POST", pieces, chunked).status == 413
    with socket.create_connection(("127.0.0.1", office.served.port), timeout=10) as half:
        sent = {"Host": f"localhost:{office.served.port}", **visitor.headers, **declared}
        sent["Content-Length"] = "100"
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        half.sendall(f"POST /console/scope HTTP/1.1\r\n{head}\r\ncsrf=".encode())
    many = [(f"f{number}", "") for number in range(2000)]
    assert visitor.post("/scope/preview", many).status == 403
    assert visitor.get("/scope").status == 200
    assert "Traceback" not in office.served.log.read_text(), "who hangs up is no fault of ours"


# --- where from, where to ----------------------------------------------------------------------


def test_only_hosts_that_are_ours_are_served(office, people):
    visitor, port = office.visitor(people["owner"]), office.served.port
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "localhost"):
        assert visitor.get("/", host=host).status == 200, host
    strange = ["evil.example", f"evil.example:{port}", f"localhost.evil.example:{port}", "",
               f"localhost:{port}@evil.example", f"127.0.0.1:{port}, evil.example",
               f"localhost:{port}/evil", "localhost:99999"]  # fmt: skip
    for host in strange:
        got = visitor.get("/", host=host or " ")
        assert got.status in (400, 421), host
        assert b"evil.example" not in got.body
        # Nor is the host of a stranger repeated where a path is put right.
        for path in ("/console", "/healthz/", "/console/ledger/"):
            right = visitor.ask(path, host=host or " ")
            assert "evil" not in right.header("location"), path
    assert visitor.ask("/console").header("location") == "/console/"


AWAY = ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example",
        "\\\\evil.example", "/console//evil.example", "/console/../../evil", "javascript:alert(1)",
        "/console/\r\nLocation: https://evil.example", "/console/%0d%0aSet-Cookie:%20a=b",
        "/consoleevil", "/console@evil.example", "/console/..%2f..%2fv1", "https:evil.example",
        "http:///evil.example", "/%09/evil.example", "///console/evil.example"]  # fmt: skip


@pytest.mark.parametrize("path", AWAY)
def test_nobody_is_sent_elsewhere(office, people, path):
    visitor = office.visitor(people["reader"])
    sent = [visitor.get(f"/preference?language=en&back={quote(path, safe='')}")]
    halfway = office.visitor(office.person(), stage=Stage.ENROL)
    assert f'value="{path}"' not in halfway.get(f"/enrol?next={quote(path, safe='')}").text
    person = office.person()
    entering, first = first_step(office, person, next=path)
    entering.keep(first)
    sent += [first, entering.post("/sign-in/second", {"code": person.code(), "next": path})]
    for answer in sent:
        where = answer.header("location")
        assert answer.status == 303
        assert re.fullmatch(r"/console/(sign-in/second\?next=%2Fconsole%2F)?", where), where
        assert "evil" not in str(answer.headers)


def test_no_header_can_be_put_into_an_answer(office, people):
    visitor = office.visitor(people["owner"])
    broken = "a%0d%0aX-Injected:%20yes%0d%0a%0d%0a<html>"
    for path in (
        f"/preference?back=/console/{broken}", f"/preference?language={broken}",
        f"/preference?theme={broken}", f"/obligations.csv?area={broken}",
        f"/ledger/0.proof?{broken}",
        f"/static/console.css?v={broken}", f"/static/{broken}", f"/{broken}",
        f"/obligations/{broken}", f"/decisions/{broken}", f"/rules/rule/{broken}",
        f"/attest/{broken}",
        f"/rules/changes?before={broken}", f"/oidc/start?next={broken}", f"/sign-in?next={broken}",
    ):  # fmt: skip
        for one in (visitor, office.visitor()):
            answer = one.get(path)
            assert answer.status < 500, path
            assert "injected" not in str([name for name, _ in answer.headers]).lower(), path
            assert not any("\r" in value or "\n" in value for _, value in answer.headers)


def test_what_stands_in_the_log_opens_nothing(office):
    person = office.person()
    visitor, _, second = signed_in(office, person)
    visitor.keep(second)
    added = {"name": "new one", "role": "reader"}
    invited = office.visitor(office.person()).post("/accounts", added)
    link = re.search(r"/setup\?token=([\w-]+)", invited.text)[1]
    opened = office.visitor().get(f"/setup?token={link}")
    assert opened.status == 200
    taken = {"token": link, "password": PASSWORD, "again": PASSWORD}
    joining = office.visitor()
    joining.keep(joining.post("/setup", taken))
    enrolled = joining.get("/enrol").text
    secret = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', enrolled)[1]
    assert office.visitor().get(f"/setup?token={link}").status == 403, "a link is good once"
    pages = "".join(visitor.get(path).text for path in ("/", "/account", "/settings", "/ledger"))
    entries = str(office.served.entries())
    log = until(office.served.log.read_text, "the log")
    for hidden in (visitor.token, joining.token, link, secret, secret.replace(" ", ""), PASSWORD,
                   person.name, "new one"):  # fmt: skip
        assert hidden not in log
        assert hidden not in entries
    for hidden in (visitor.token, joining.token, link, secret, PASSWORD):
        assert hidden not in pages
