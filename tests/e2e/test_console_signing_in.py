"""Signing in at the console of a running service, tried by who should not come in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from office import PASSWORD, first_step, signed_in

from kanhe.accounts.account import Role
from kanhe.accounts.session import Stage


@pytest.fixture(scope="module")
def people(office):
    return {role.value: office.person(role) for role in Role}


def test_a_cookie_planted_before_is_worth_nothing_after(office):
    person = office.person()
    planted = "planted-by-somebody-else"
    visitor, first, second = signed_in(office, person, token=planted)
    halfway = re.match("kanhe_session=([^;]*)", first.header("set-cookie"))[1]
    assert len({planted, halfway, visitor.token}) == 3 - 1, "the name changes with the first step"
    visitor.keep(second)
    assert len({planted, halfway, visitor.token}) == 3, "and with the second"
    assert visitor.get("/account").status == 200
    for old in (planted, halfway):
        visitor.token = old
        assert visitor.get("/account").status == 303


def test_a_session_of_another_is_left_by_signing_in(office, people):
    before = office.visitor(people["reader"])
    token = before.token
    assert first_step(office, office.person(), token=token)[1].status == 303
    assert before.get("/account").status == 303, "the session that was there has ended"


def test_the_cookie_is_for_the_console_and_no_script_reads_it(office):
    visitor, _, second = signed_in(office, office.person())
    assert visitor.keep(second) == {"httponly", "samesite=lax", "path=/console/"}
    left = visitor.post("/sign-out")
    kept = visitor.token
    assert "max-age=0" in visitor.keep(left)
    visitor.token = kept
    assert visitor.get("/account").status == 303, "signing out ends it at the server, too"


def test_a_session_ends_after_a_while(office):
    person, now = office.person(), datetime.now(UTC)
    assert office.visitor(person, at=now - timedelta(minutes=29)).get("/account").status == 200
    assert office.visitor(person, at=now - timedelta(minutes=31)).get("/account").status == 303


def test_old_sessions_change_no_account(office):
    owner, other = office.person(), office.person(Role.READER)
    visitor = office.visitor(owner, at=datetime.now(UTC) - timedelta(minutes=16))
    for path, fields in (
        ("/accounts", {"name": "new", "role": "owner"}),
        (f"/accounts/{other.account}/role", {"role": "owner"}),
        (f"/accounts/{other.account}/disabled", {"disabled": "yes"}),
        (f"/accounts/{other.account}/reset", {}),
        ("/account/codes", {}),
        ("/account/password", {"current": PASSWORD}),
    ):
        assert visitor.post(path, fields).status == 403, path
    assert office.accounts.find(other.account).role is Role.READER


def test_somebody_shut_out_is_out_at_once(office):
    owner, other = office.visitor(office.person()), office.person(Role.AUDITOR)
    inside = office.visitor(other)
    assert inside.get("/ledger").status == 200
    assert owner.post(f"/accounts/{other.account}/disabled", {"disabled": "yes"}).status == 303
    assert inside.get("/ledger").status == 303
    assert first_step(office, other)[1].status == 403


def test_an_unknown_name_and_a_wrong_password_are_answered_alike(office):
    disabled = office.person()
    office.accounts.set_disabled(disabled.account, disabled=True)
    cases = [
        office.visitor().post("/sign-in", {"name": name, "password": word})
        for name, word in (("nobody at all", PASSWORD), (office.person().name, "wrong"),
                           (disabled.name, PASSWORD), ("", ""))
    ]  # fmt: skip
    assert {case.status for case in cases} == {403}
    assert len({case.text for case in cases}) == 1
    assert len({tuple(name for name, _ in case.headers) for case in cases}) == 1
    assert not any(case.header("set-cookie") for case in cases)


def test_guessing_is_slowed_down_and_told_for_how_long(office):
    person, statuses = office.person(), []
    for _ in range(7):
        last = office.visitor().post("/sign-in", {"name": person.name, "password": "wrong"})
        statuses.append(last.status)
    assert statuses[:5] == [403] * 5
    assert statuses[-1] == 429
    assert int(last.header("retry-after")) >= 1
    assert "Wait" in last.text or "请等" in last.text
    # By the name, from wherever it is tried, and however it is written.
    assert first_step(office, person)[1].status == 429
    assert first_step(office, person, name=person.name.upper())[1].status == 429


def test_codes_cannot_be_guessed(office):
    person, statuses = office.person(), []
    visitor = office.visitor(person, stage=Stage.SECOND)
    for number in range(8):
        statuses.append(visitor.post("/sign-in/second", {"code": f"00000{number}"}).status)
    assert statuses[-1] == 429
    assert visitor.get("/").header("location").startswith("/console/sign-in/second")


def test_a_code_opens_once(office):
    person = office.person()
    code = person.code()
    for expected in ("/console/", ""):
        visitor = office.visitor(person, stage=Stage.SECOND)
        assert visitor.post("/sign-in/second", {"code": code}).header("location") == expected
