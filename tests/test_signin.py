"""Signing in, as a browser does it: every step, and every way around one."""

import asyncio
import base64
import re
from itertools import count
from types import SimpleNamespace

import httpx2
import pytest
from starlette.testclient import TestClient

from gates import HOME, PASSWORD, SECRET, Device, House, coded
from kanhe.accounts import totp
from kanhe.accounts.account import Role
from kanhe.adapters.session_store import FIRST_OWNER
from kanhe.errors import LedgerUnwritable

OTHER = "nine storks leave the lake"


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.close()


def link(house, account=None):
    return house.sessions.link(account, house.now + FIRST_OWNER)


def secret_on(page):
    spelled = re.search(r'class="secret"[^>]*>([^<]+)<', page)[1].replace(" ", "")
    return base64.b32decode(spelled)


def test_the_first_owner_comes_by_a_link_that_works_once(house):
    browser, token = house.browser(), link(house)
    assert "Become the first owner" in browser.get(f"/setup?token={token}").text
    given = {"token": token, "name": " Anna ", "password": PASSWORD, "again": PASSWORD}
    assert browser.post("/setup", **given).headers["location"] == "/console/enrol"
    [owner] = house.accounts.all()
    assert (owner.name, owner.role) == ("Anna", Role.OWNER)
    assert house.entries == [("added", {"account": owner.id, "role": "owner", "by": "self"})]
    again = house.browser().post("/setup", **given | {"name": "Eve"})
    assert again.status_code == 403
    assert len(house.accounts.all()) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"password": "short", "again": "short"}, "Take 12 to 256 characters"),
        ({"again": OTHER}, "not the same"),
        ({"name": "\u200b "}, "at most 64"),
        ({"password": "anna anna anna anna", "again": "anna anna anna anna"}, "Leave your name"),
        ({"password": "1234567890123", "again": "1234567890123"}, "easily guessed"),
    ],
)
def test_a_weak_beginning_is_refused_and_the_link_stays_good(house, change, told):
    token = link(house)
    given = {"token": token, "name": "Anna", "password": PASSWORD, "again": PASSWORD}
    answer = house.browser().post("/setup", **given | change)
    assert answer.status_code == 422
    assert told in answer.text
    assert house.accounts.all() == ()
    assert house.browser().post("/setup", **given).status_code == 303


def test_a_link_ages_and_a_new_one_takes_its_place(house):
    old = link(house)
    new = link(house)
    assert house.browser().get(f"/setup?token={old}").status_code == 403
    house.later(hours=25)
    assert house.browser().get(f"/setup?token={new}").status_code == 403


def test_nobody_gets_further_than_enrolment_without_a_second_factor(house):
    house.person(app=False)
    browser = house.browser()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", name="anna", password=PASSWORD, next="/console/decisions")
    assert answer.headers["location"].startswith("/console/enrol?")
    assert browser.get("/decisions").headers["location"] == "/console/enrol"
    assert browser.get("/account").headers["location"] == "/console/enrol"
    page = browser.get("/enrol?next=/console/decisions")
    assert 'src="data:image/svg+xml' in page.text
    wrong = browser.post("/enrol", code="000000", next="/console/decisions")
    assert wrong.status_code == 422
    code = totp.code(secret_on(wrong.text), totp.step_of(house.now))
    codes = browser.post("/enrol", code=code, next="/console/decisions")
    assert codes.status_code == 200
    assert len(re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", codes.text)) == 10
    assert 'href="/console/decisions"' in codes.text
    assert browser.get("/decisions").status_code == 200


def test_a_code_opens_once(house):
    house.person()
    house.browser().sign_in()
    browser = house.browser()
    browser.get("/sign-in")
    browser.post("/sign-in", name="Anna", password=PASSWORD)
    browser.get("/sign-in/second")
    replayed = browser.post("/sign-in/second", code=house.code())
    assert replayed.status_code == 403
    assert browser.get("/decisions").headers["location"] == "/console/sign-in/second"
    house.later(seconds=30)
    assert browser.post("/sign-in/second", code=house.code()).status_code == 303


def test_a_recovery_code_opens_once_and_ends_are_counted(house):
    house.person()
    browser = house.browser()
    browser.sign_in()
    codes = re.findall(r">([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})<", browser.post("/account/codes").text)
    for expected in (303, 403):
        other = house.browser()
        other.get("/sign-in")
        other.post("/sign-in", name="Anna", password=PASSWORD)
        other.get("/sign-in/second")
        typed = codes[0].lower().replace("-", " ")
        assert other.post("/sign-in/second", code=typed).status_code == expected
    [person] = house.accounts.all()
    assert house.accounts.proofs(person.id).codes == 9


def test_unknown_wrong_and_disabled_get_one_answer(house):
    house.person()
    shut = house.person(name="Eve")
    house.accounts.set_disabled(shut.id, disabled=True)
    told = []
    for name, password in (("Nobody", PASSWORD), ("Anna", OTHER), ("Eve", PASSWORD)):
        answer = house.browser().post("/sign-in", name=name, password=password)
        told.append((answer.status_code, answer.text))
    assert len(set(told)) == 1
    assert told[0][0] == 403
    assert {tag for tag, _ in house.entries} == {"refused"}
    assert "Nobody" not in str(house.entries)


def test_a_session_planted_before_signing_in_is_worth_nothing_after(house):
    house.person()
    thief = house.browser()
    thief.get("/sign-in")
    thief.post("/sign-in", name="Anna", password=PASSWORD)
    thief.get("/sign-in/second")
    # The victim's browser was made to carry the thief's session, and its token with it.
    cookie = {"cookie": f"{house.guard.cookie}={thief.cookie}"}
    victim = house.browser()
    victim.token = thief.token
    answer = victim.post("/sign-in/second", headers=cookie, code=house.code())
    assert answer.status_code == 303
    assert victim.get("/decisions").status_code == 200
    assert thief.get("/decisions").headers["location"].startswith("/console/sign-in?")


def test_every_step_of_signing_in_has_a_name_of_its_own(house):
    house.person()
    browser = house.browser()
    browser.get("/sign-in")
    browser.post("/sign-in", name="Anna", password=PASSWORD)
    first = browser.cookie
    browser.get("/sign-in/second")
    browser.post("/sign-in/second", code=house.code())
    assert first
    assert browser.cookie != first
    assert house.sessions.find(first, house.now) is None


@pytest.mark.parametrize(("hours", "minutes"), [(0, 31), (13, 0)])
def test_a_session_ends_when_nobody_is_there(house, hours, minutes):
    house.person()
    browser = house.browser()
    browser.sign_in()
    for _ in range(hours * 3):
        house.later(minutes=20)
        browser.get("/decisions")
    house.later(minutes=minutes)
    assert browser.get("/decisions").status_code == 303


def test_a_session_that_is_used_lasts_until_its_end(house):
    house.person()
    browser = house.browser()
    browser.sign_in()
    for _ in range(35):
        house.later(minutes=20)
        assert browser.get("/decisions").status_code == 200


def test_signing_out_everywhere_ends_every_browser(house):
    house.person()
    one, two = house.browser(), house.browser()
    one.sign_in()
    house.later(seconds=30)
    two.sign_in()
    assert two.post("/sign-out/everywhere").status_code == 303
    assert one.get("/decisions").status_code == 303
    assert two.get("/decisions").status_code == 303


def test_signing_out_ends_the_session_itself_and_not_only_the_cookie(house):
    house.person()
    browser = house.browser()
    browser.sign_in()
    name = browser.cookie
    browser.post("/sign-out")
    assert house.sessions.find(name, house.now) is None


def test_guessing_gets_slower_by_account_and_the_right_one_gets_in_after_the_wait(house):
    house.person()
    answers = [
        house.browser().post("/sign-in", name="Anna", password=OTHER).status_code for _ in range(8)
    ]
    assert answers == [403] * 5 + [429] * 3
    refused = house.browser().post("/sign-in", name="ANNA", password=PASSWORD)
    assert refused.status_code == 429
    house.later(seconds=int(refused.headers["retry-after"]))
    assert house.browser().post("/sign-in", name="Anna", password=PASSWORD).status_code == 303


def test_codes_cannot_be_guessed_by_signing_in_again(house):
    house.person()
    answers = []
    for _ in range(8):
        browser = house.browser()
        browser.get("/sign-in")
        browser.post("/sign-in", name="Anna", password=PASSWORD)
        browser.get("/sign-in/second")
        answers.append(browser.post("/sign-in/second", code="000000").status_code)
    assert answers == [403] * 5 + [429] * 3


def test_many_names_from_one_address_get_slower_too(house):
    answers = [
        house.browser().post("/sign-in", name=f"n{n}", password=OTHER).status_code
        for n in range(32)
    ]
    assert answers == [403] * 30 + [429] * 2


def test_behind_a_proxy_on_this_machine_each_address_counts_for_itself(house):
    names = map(str, count())

    def tried(peer, told):
        browser = house.browser()
        browser.client = TestClient(house.app, base_url=HOME, client=(peer, 1))
        headers = {"x-forwarded-for": told}
        return browser.post(
            "/sign-in", headers=headers, name=next(names), password=OTHER
        ).status_code

    for _ in range(40):
        assert tried("127.0.0.1", "198.51.100.9, 203.0.113.7") in (403, 429)
    assert tried("127.0.0.1", "203.0.113.7") == 429
    assert tried("127.0.0.1", "198.51.100.9") == 403
    # From elsewhere, what a request says about its way is only what it says.
    for number in range(40):
        tried("192.0.2.1", f"203.0.113.{number}")
    assert tried("192.0.2.1", "203.0.113.99") == 429


def enrolled(house, device):
    browser = house.browser()
    browser.sign_in()
    asked = browser.send("/enrol/passkey/options", {}).json()
    body = {"credential": device.register(asked), "label": "key\u202e"}
    assert browser.send("/enrol/passkey", body).status_code == 200
    return browser


def test_a_passkey_signs_in_alone(house):
    person, device = house.person(), Device()
    enrolled(house, device)
    browser = house.browser()
    asked = browser.send("/sign-in/passkey/options", {}).json()
    body = {"credential": device.sign(asked), "next": "/console/decisions"}
    answer = browser.send("/sign-in/passkey", body)
    assert answer.json() == {"to": "/console/decisions"}
    assert browser.get("/decisions").status_code == 200
    assert house.entries[-1][1]["account"] == person.id
    assert house.accounts.proofs(person.id).passkeys[0].label == "key"
    assert browser.send("/sign-in/passkey", body).status_code == 403, "an answer counts once"


@pytest.mark.parametrize("fault", ["origin", "unchecked", "stranger", "other question", "copied"])
def test_a_passkey_that_is_not_right_opens_nothing(house, fault):
    house.person()
    device = Device()
    enrolled(house, device)
    browser = house.browser()
    asked = browser.send("/sign-in/passkey/options", {}).json()
    origin = "http://localhost:9" if fault == "origin" else HOME
    if fault == "unchecked":
        device.flags = 0x01
    if fault == "stranger":
        device.key = Device().key
    if fault == "other question":
        asked = asked | {"challenge": "AAAA"}
    if fault == "copied":
        known = house.accounts.passkey(device.id)
        house.accounts.used_passkey(known.id, 99)
    answer = browser.send("/sign-in/passkey", {"credential": device.sign(asked, origin)})
    assert answer.status_code == 403
    assert browser.get("/decisions").status_code == 303


@pytest.mark.parametrize("body", [[], {}, {"credential": []}, {"credential": {"rawId": 3}}])
def test_garbage_for_a_passkey_is_refused(house, body):
    house.person()
    assert house.browser().send("/sign-in/passkey", body).status_code == 403


def test_a_device_that_does_not_check_its_user_makes_no_passkey(house):
    house.person()
    browser = house.browser()
    browser.sign_in()
    asked = browser.send("/enrol/passkey/options", {}).json()
    made = Device(checks=False).register(asked)
    assert browser.send("/enrol/passkey", {"credential": made}).status_code == 422


def test_the_question_of_one_account_makes_no_passkey_for_another(house):
    house.person()
    house.person(name="Eve")
    anna, eve = house.browser(), house.browser()
    anna.sign_in()
    eve.sign_in("Eve")
    asked = eve.send("/enrol/passkey/options", {}).json()
    answer = anna.send("/enrol/passkey", {"credential": Device().register(asked)})
    assert answer.status_code == 422


def test_the_last_second_factor_cannot_be_removed(house):
    person, device = house.person(app=False), Device()
    browser = house.browser()
    browser.get("/sign-in")
    browser.post("/sign-in", name="Anna", password=PASSWORD)
    browser.get("/enrol")
    asked = browser.send("/enrol/passkey/options", {}).json()
    browser.send("/enrol/passkey", {"credential": device.register(asked)})
    browser.get("/account")
    passkey = coded(device.id)
    assert browser.post("/account/passkey/remove", passkey=passkey).status_code == 409
    house.accounts.set_app(person.id, SECRET, 0)
    assert browser.post("/account/passkey/remove", passkey=passkey).status_code == 303


def test_a_stolen_cookie_changes_nothing_about_signing_in(house):
    house.person()
    browser = house.browser()
    browser.sign_in()
    house.later(minutes=16)
    assert "Sign in again" in browser.get("/account").text
    for path in ("/account/password", "/account/codes", "/account/passkey/remove",
                 "/enrol/passkey/options", "/enrol", "/accounts"):  # fmt: skip
        assert browser.post(path).status_code in (403, 415), path
    assert browser.get("/enrol").headers["location"] == "/console/sign-in"


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(house):
    house.person()
    one, two = house.browser(), house.browser()
    one.sign_in()
    house.later(seconds=30)
    two.sign_in()
    new = {"password": OTHER, "again": OTHER}
    assert two.post("/account/password", current=OTHER, **new).status_code == 422
    assert two.post("/account/password", current=PASSWORD, **new).status_code == 303
    assert one.get("/decisions").status_code == 303
    assert two.get("/decisions").status_code == 200
    assert house.browser().post("/sign-in", name="Anna", password=PASSWORD).status_code == 403


def test_an_owner_adds_somebody_who_then_sets_their_own_password(house):
    owner = house.person()
    browser = house.browser()
    browser.sign_in()
    page = browser.post("/accounts", name="Bo", role="reviewer")
    path = re.search(r"http://localhost:8080/console(/setup\?token=[\w-]+)", page.text)[1]
    other = house.browser()
    assert "Bo" in other.get(path).text
    token = path.partition("=")[2]
    made = other.post("/setup", token=token, password=OTHER, again=OTHER)
    assert made.headers["location"] == "/console/enrol"
    bo = house.accounts.named("bo")
    assert bo.role is Role.REVIEWER
    assert ("added", {"account": bo.id, "role": "reviewer", "by": owner.id}) in house.entries


def test_another_role_ends_the_sessions_that_had_the_old_one(house):
    house.person()
    bo = house.person(Role.OPERATOR, "Bo")
    browser, other = house.browser(), house.browser()
    browser.sign_in()
    other.sign_in("Bo")
    browser.get("/accounts")
    assert browser.post(f"/accounts/{bo.id}/role", role="reader").status_code == 303
    assert other.get("/decisions").status_code == 303
    assert house.accounts.find(bo.id).role is Role.READER


@pytest.mark.parametrize("way", [("role", {"role": "reader"}), ("disabled", {"disabled": "yes"})])
def test_there_is_always_an_owner(house, way):
    owner = house.person()
    browser = house.browser()
    browser.sign_in()
    browser.get("/accounts")
    assert browser.post(f"/accounts/{owner.id}/{way[0]}", **way[1]).status_code == 409
    assert house.accounts.find(owner.id) == owner
    assert [tag for tag, _ in house.entries] == ["signed-in"]


def test_who_is_shut_out_is_out_at_once(house):
    house.person()
    bo = house.person(Role.OPERATOR, "Bo")
    browser, other = house.browser(), house.browser()
    browser.sign_in()
    other.sign_in("Bo")
    browser.get("/accounts")
    browser.post(f"/accounts/{bo.id}/disabled", disabled="yes")
    assert other.get("/decisions").status_code == 303
    assert house.entries[-1][0] == "disabled"


def test_beginning_anew_takes_all_proofs_and_gives_a_link(house):
    house.person()
    bo = house.person(Role.OPERATOR, "Bo")
    browser = house.browser()
    browser.sign_in()
    browser.get("/accounts")
    assert "/setup?token=" in browser.post(f"/accounts/{bo.id}/reset").text
    left = house.accounts.proofs(bo.id)
    assert (left.password, left.app, left.codes, left.passkeys) == (None, None, 0, ())


def test_a_name_is_shown_as_text(house):
    house.person()
    house.person(Role.READER, "<script>alert(1)</script>")
    browser = house.browser()
    browser.sign_in()
    page = browser.get("/accounts").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_what_is_kept_opens_nothing(house, tmp_path):
    """Nothing in the file is the password, the app's secret, a session or a code."""
    house.person()
    browser = house.browser()
    browser.sign_in()
    codes = re.findall(r">([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})<", browser.post("/account/codes").text)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("accounts.sqlite*"))
    assert codes
    for secret in (PASSWORD, SECRET.decode(), browser.cookie, *codes):
        assert secret.encode() not in kept
        assert secret.replace("-", "").encode() not in kept


def test_two_who_use_one_link_at_once_do_not_both_become_owners(house):
    """Both have their passwords hashed when the first of them uses the link up."""
    token = link(house)

    async def come(client, name):
        form = {"token": token, "name": name, "password": PASSWORD, "again": PASSWORD}
        return await client.post("/console/setup", data=form, headers={"origin": HOME})

    async def both():
        transport = httpx2.ASGITransport(house.app)
        async with httpx2.AsyncClient(transport=transport, base_url=HOME) as client:
            return await asyncio.gather(come(client, "Anna"), come(client, "Bo"))

    answers = asyncio.run(both())
    assert sorted(answer.status_code for answer in answers) == [303, 403]
    assert len(house.accounts.all()) == 1
    assert [tag for tag, _ in house.entries] == ["added"]


def test_under_an_address_there_are_no_passkeys_but_all_else(house):
    house.person()
    browser = house.browser()
    browser.client = TestClient(house.app, base_url="http://127.0.0.1:8080", follow_redirects=False)
    browser.house = SimpleNamespace(home="http://127.0.0.1:8080", code=house.code)
    assert "passkey" not in browser.get("/sign-in").text
    assert browser.send("/sign-in/passkey/options", {}).status_code == 409
    assert browser.send("/sign-in/passkey", {"credential": {}}).status_code == 409
    browser.sign_in()
    assert browser.send("/enrol/passkey/options", {}).status_code == 403


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/accounts", {"name": "Bo", "role": "emperor"}, 422),
        ("/accounts", {"name": "ANNA", "role": "reader"}, 422),
        ("/accounts/nobody/role", {"role": "reader"}, 404),
        ("/accounts/nobody/disabled", {"disabled": "yes"}, 404),
        ("/accounts/nobody/reset", {}, 404),
        ("/accounts/{id}/role", {"role": "emperor"}, 422),
    ],
)
def test_a_change_of_accounts_that_makes_no_sense_changes_nothing(house, path, form, status):
    owner = house.person()
    browser = house.browser()
    browser.sign_in()
    browser.get("/accounts")
    before = list(house.entries)
    assert browser.post(path.format(id=owner.id), **form).status_code == status
    assert house.accounts.all() == (owner,)
    assert house.entries == before


def test_halfway_pages_are_for_those_who_are_halfway(house):
    house.person()
    for path in ("/sign-in/second", "/enrol"):
        assert house.browser().get(path).headers["location"] == "/console/sign-in"
    assert house.browser().post("/sign-in/second", code="123456").status_code == 303
    assert house.browser().post("/enrol", code="123456").status_code == 403
    assert house.browser().send("/enrol/passkey", {}).status_code == 403


def test_who_cannot_be_put_on_record_is_not_let_in(house):
    """The ledger is full: nobody signs in, and nothing says that somebody did."""
    house.person()

    async def refuse(tag, facts):
        raise LedgerUnwritable("planted", advice="Make room.")

    browser = house.browser()
    browser.get("/sign-in")
    browser.post("/sign-in", name="Anna", password=PASSWORD)
    browser.get("/sign-in/second")
    object.__setattr__(house.guard, "record", refuse)
    assert browser.post("/sign-in/second", code=house.code()).status_code == 503
    assert browser.get("/decisions").status_code == 303
