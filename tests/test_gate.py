"""The gate: what never reaches a page, and what every answer carries."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gates import HOME, House
from kanhe.accounts.account import Role
from kanhe.console.gate import HEADERS, LONGEST
from kanhe.console.origin import Own, comes_from_ours, safe_path


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.close()


@pytest.fixture
def inside(house):
    house.person()
    browser = house.browser()
    browser.sign_in()
    return browser


def test_a_page_asks_who_is_there_and_remembers_where_they_wanted_to_go(house):
    answer = house.browser().get("/decisions?q=a%26b")
    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/console/sign-in?next=%2Fconsole%2Fdecisions%3Fq%3Da%2526b"
    )


def test_a_twin_is_refused_in_json(house):
    answer = house.browser().get("/decisions.json")
    assert answer.status_code == 401
    assert set(answer.json()["error"]) == {"zh", "en"}


def test_what_is_not_there_is_not_there_for_anybody(house, inside):
    assert inside.get("/nowhere").status_code == 404
    assert house.browser().get("/nowhere").status_code == 404


def test_a_page_that_a_role_may_not_see_names_those_that_may(house):
    house.person(Role.READER)
    browser = house.browser()
    browser.sign_in()
    answer = browser.get("/decisions")
    assert answer.status_code == 403
    assert "owner, operator, reviewer, auditor" in answer.text


def test_pages_are_told_who_is_there_and_the_token(inside):
    name, token = inside.get("/decisions").text.split()
    assert name == "Anna"
    assert token == inside.token


def test_a_form_reaches_its_page_whole(inside):
    assert inside.post("/echo", text="你好 & +").text == "你好 & +"


@pytest.mark.parametrize("path", ["/sign-in", "/decisions", "/nowhere", "/static/console.css"])
def test_every_answer_carries_the_headers(inside, path):
    sent = inside.get(path).headers
    assert {name: sent[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in sent["content-security-policy"]
    assert sent["cache-control"]


def test_a_refused_request_carries_them_too(house):
    answer = house.browser().get("/sign-in", headers={"host": "evil.example"})
    assert answer.status_code == 421
    assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]


def test_the_cookie_is_for_this_host_alone_over_https(tmp_path):
    house = House(tmp_path, url="https://k.example.org")
    house.person()
    browser = house.browser()
    browser.get("/sign-in")
    answer = browser.sign_in()
    [cookie] = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-kanhe=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "path=/", "samesite=lax", "secure"}
    assert answer.headers["strict-transport-security"]
    house.close()


def test_the_cookie_on_this_machine_is_for_the_console_alone(house):
    house.person()
    browser = house.browser()
    [cookie] = browser.sign_in().headers.get_list("set-cookie")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "path=/console/", "samesite=lax"}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:8081"},
        {"origin": "https://localhost:8080"},
        {"origin": HOME, "sec-fetch-site": "cross-site"},
        {"origin": HOME, "sec-fetch-site": "same-site"},
        {"origin": HOME, "sec-fetch-site": "none"},
        {"origin": ""},
    ],
)
def test_a_request_from_elsewhere_changes_nothing(inside, headers):
    assert inside.post("/echo", headers=headers, text="x").status_code == 403
    assert inside.post("/sign-out", headers=headers).status_code == 403
    assert inside.get("/decisions").status_code == 200


def test_a_request_that_does_not_say_where_it_comes_from_changes_nothing(inside):
    answer = inside.client.post("/console/echo", data={"csrf": inside.token, "text": "x"})
    assert answer.status_code == 403


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_without_the_token_of_its_session_changes_nothing(inside, token):
    assert inside.post("/echo", csrf=token, text="x").status_code == 403


def test_the_token_of_another_session_is_worth_nothing(house, inside):
    house.person(name="Bo")
    other = house.browser()
    other.sign_in("Bo")
    assert inside.post("/echo", csrf=other.token, text="x").status_code == 403


def test_a_form_with_two_tokens_is_refused(inside):
    body = f"csrf={inside.token}&csrf={inside.token}&text=x"
    headers = {"origin": HOME, "content-type": "application/x-www-form-urlencoded"}
    answer = inside.client.post("/console/echo", content=body, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "text/plain", "", "application/xml"]
)
def test_other_kinds_of_bodies_are_refused(inside, kind):
    headers = {"origin": HOME, "content-type": kind, "x-csrf-token": inside.token}
    answer = inside.client.post("/console/echo", content=b"text=x", headers=headers)
    assert answer.status_code == 415


def test_a_large_form_is_refused_by_its_head_and_by_its_bytes(inside):
    headers = {"origin": HOME, "content-type": "application/x-www-form-urlencoded"}
    large = b"text=" + b"x" * LONGEST
    assert inside.client.post("/console/echo", content=large, headers=headers).status_code == 413
    parts = inside.client.post("/console/echo", content=iter([large]), headers=headers)
    assert parts.status_code == 413


def test_a_form_of_a_thousand_and_one_fields_is_refused(inside):
    headers = {"origin": HOME, "content-type": "application/x-www-form-urlencoded"}
    body = "&".join([f"csrf={inside.token}", *["a=1"] * 1000])
    assert inside.client.post("/console/echo", content=body, headers=headers).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "post", "FOO"])
def test_other_methods_are_refused(inside, method):
    assert inside.client.request(method, "/console/echo").status_code in (403, 405, 415)
    override = {"x-http-method-override": "POST"}
    assert inside.get("/echo", headers=override).status_code == 405


def test_a_page_that_only_changes_cannot_be_read_and_the_other_way_round(inside):
    assert inside.get("/echo").status_code == 405
    assert inside.post("/decisions").status_code == 405


@pytest.mark.parametrize(
    "path", ["/../admin", "/%2e%2e/admin", "/static/..%2f..%2fapp.py", "/static/%2e%2e/app.py"]
)
def test_no_path_leads_out(inside, path):
    assert inside.get(path).status_code in (303, 404)
    assert "ConsoleRoute" not in inside.get(path).text


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example", "https://evil.example/console/", "/\\evil.example", "/console\\..",
        "/console//evil.example", "/console/../admin", "/console/\t/x", "/console/\r\nx: y",
        "javascript:alert(1)", "/admin", "", "/consoleevil", "/console/%2f%2fevil.example",
        "/console/\u202e", "http:/console/", "///console/",
    ],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(house, path):
    house.person()
    answer = house.browser().sign_in(path=path)
    assert answer.headers["location"] == "/console/"
    assert "x" not in answer.headers


def test_who_wanted_a_page_gets_it(house):
    house.person()
    answer = house.browser().sign_in(path="/console/decisions?q=a%26b&at=2026-11-22")
    assert answer.headers["location"] == "/console/decisions?q=a%26b&at=2026-11-22"


@given(st.text(alphabet="/\\.:@%2fconsole?#ev\t\r", max_size=24))
@example("///console/")
@example("../v")
def test_a_safe_path_stays_below_the_root(path):
    """Oracle: what Python's own resolution of the address makes of it.

    Caught with the look for `..` taken out.
    """
    from urllib.parse import urljoin, urlsplit

    for given_path in (path, f"/console/{path}"):
        kept = safe_path(given_path, "/console")
        whole = urlsplit(urljoin("http://localhost/console/sign-in", kept.replace("\\", "/")))
        assert whole.netloc == "localhost"
        assert whole.path.startswith("/console/")
        assert kept.startswith("/console/")
        assert not kept.startswith("//")


@pytest.mark.parametrize(
    ("url", "host", "origin"),
    [
        ("", "localhost:8080", "http://localhost:8080"),
        ("", "127.0.0.1", "http://127.0.0.1"),
        ("", "[::1]:8080", "http://[::1]:8080"),
        ("", "10.1.2.3:80", "http://10.1.2.3:80"),
        ("", "rebound.example", None),
        ("", "", None),
        ("", "localhost@evil.example", None),
        ("", "localhost/evil", None),
        ("", "localhost:x", None),
        ("https://k.example.org", "k.example.org", "https://k.example.org"),
        ("https://k.example.org", "K.EXAMPLE.ORG", "https://k.example.org"),
        ("https://k.example.org", "k.example.org.evil.example", None),
        ("https://k.example.org", "10.1.2.3", None),
        ("https://k.example.org", "localhost:8080", "http://localhost:8080"),
        ("http://k.lan:8080", "k.lan:8080", "http://k.lan:8080"),
        ("http://k.lan:8080", "k.lan", None),
    ],
)
def test_only_our_own_hosts_are_served(url, host, origin):
    assert Own(url).origin(host) == origin


@pytest.mark.parametrize(
    ("url", "host", "name"),
    [
        ("", "localhost:8080", "localhost"),
        ("", "127.0.0.1:8080", None),
        ("https://k.example.org", "k.example.org", "k.example.org"),
        ("http://k.lan", "k.lan", None),
    ],
)
def test_passkeys_are_good_where_browsers_allow_them(url, host, name):
    site = Own(url).site(host)
    assert (site and site.name) == name


def test_silence_is_not_ours():
    assert not comes_from_ours(HOME, None, None)
    assert comes_from_ours(HOME, None, "same-origin")
    assert comes_from_ours(HOME, HOME, None)
