"""Attesting: the statement is shown, hashes are hashes, the day is bounded, a code is asked."""

import hashlib
from types import SimpleNamespace

import pytest

from consoles import account, client
from kanhe.accounts.account import Role
from kanhe.console import attest, confirm
from kanhe.terms import Text
from statuses import System

REGIME = System().regime
CONTROL = next(one for one in REGIME.controls.values() if one.check == "attested")
AUTOMATIC = next(one for one in REGIME.controls.values() if one.check == "guard_active")
PATH = f"/attest/{CONTROL.id}"
HASH = hashlib.sha256(b"a paper").hexdigest()
GOOD = {"done": "yes", "valid_until": "2027-01-31", "papers": f"{HASH.upper()}  a paper.pdf\n"}


def app(system, role=Role.OWNER):
    return client(system, attest, person=account(role))


def test_the_page_shows_the_statement_and_the_duties_it_is_for():
    page = app(System()).get(PATH).text
    statement = CONTROL.parameters["statement"]["en"]
    assert statement[:40] in page
    assert "/obligations/" in page


def test_what_is_signed_goes_on_record_by_id_with_hashes_only():
    system = System()
    found = app(system).post(PATH, data=GOOD)
    assert found.status_code == 303
    facts = system.entries[-1].facts
    assert (facts["control"], facts["done"], facts["valid_until"]) == (
        CONTROL.id, True, "2027-01-31",
    )  # fmt: skip
    assert facts["evidence"] == [HASH]
    assert (facts["by"], facts["role"]) == ("acct-anna", "owner")
    assert "a paper.pdf" not in str(facts)
    assert f"entry={system.entries[-1].index}" in found.headers["location"]
    assert "On record: " in app(system).get(found.headers["location"]).text


def test_an_entry_that_is_none_is_not_called_recorded():
    page = app(System()).get(f"{PATH}?entry=999999").text
    assert 'class="done"' not in page


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("done", ""),
        ("done", "perhaps"),
        ("valid_until", ""),
        ("valid_until", "2026-11-22"),
        ("valid_until", "2020-01-01"),
        ("valid_until", "2040-01-01"),
        ("papers", "not a hash"),
        ("papers", HASH[:-1]),
        ("papers", "\n".join(hashlib.sha256(bytes([n])).hexdigest() for n in range(51))),
    ],
)
def test_a_fault_is_told_at_its_field_and_nothing_is_recorded(field, written):
    system = System()
    before = len(system.entries)
    page = app(system).post(PATH, data={**GOOD, field: written})
    assert page.status_code == 422
    assert f'id="{field}-fault"' in page.text
    assert len(system.entries) == before


def test_a_gap_can_be_signed_too():
    system = System()
    app(system).post(PATH, data={**GOOD, "done": "no"})
    assert system.entries[-1].facts["done"] is False


@pytest.mark.parametrize("control", [AUTOMATIC.id, "zebra", "../scope"])
def test_only_what_people_can_confirm_can_be_attested(control):
    system = System()
    assert app(system).get(f"/attest/{control}").status_code == 404
    assert app(system).post(f"/attest/{control}", data=GOOD).status_code == 404


@pytest.mark.parametrize("role", [Role.READER, Role.AUDITOR, Role.REVIEWER])
def test_who_may_not_attest_sees_no_form(role):
    system = System()
    assert f'action="{PATH}"' not in app(system, role).get(PATH).text
    assert app(system, role).post(PATH, data=GOOD).status_code == 403
    assert app(system, role).post(f"{PATH}/withdraw", data={}).status_code == 403


def test_the_last_one_can_be_withdrawn_once():
    system = System()
    app(system).post(PATH, data=GOOD)
    signed = system.entries[-1].index
    assert app(system).post(f"{PATH}/withdraw", data={}).status_code == 303
    assert system.entries[-1].tag == "operator:duty:withdrawn"
    assert system.entries[-1].facts["entry"] == signed
    assert app(system).post(f"{PATH}/withdraw", data={}).status_code == 404


def test_the_list_names_each_statement_once():
    told = app(System()).get("/attest.json").json()["controls"]
    assert len({one["control"] for one in told}) == len(told)
    assert all(one["check"] == "attested" for one in told)


@pytest.mark.parametrize(
    ("written", "papers"),
    [
        ("", ()),
        (f"{HASH}\n\n  {HASH} *x y.pdf\n", (HASH,)),
        (f"{HASH.upper()}", (HASH,)),
    ],
)
def test_hashes_are_read_as_sha256sum_writes_them(written, papers):
    assert attest.read_papers(written) == papers


def test_the_line_that_is_no_hash_is_named():
    said = attest.read_papers(f"{HASH}\nzebra")
    assert isinstance(said, Text)
    assert "Line 2" in said.en


class Accounts:
    """A twin of the account store, with an app whose one right code is used up by use."""

    def __init__(self, app=b"s"):
        self.app, self.taken = app, []

    def proofs(self, person):
        return SimpleNamespace(app=self.app, last_step=0)

    def take_step(self, person, step):
        self.taken.append(step)
        return self.taken.count(step) == 1


def request_with(accounts, pause=0):
    guard = SimpleNamespace(
        accounts=accounts,
        clock=lambda: None,
        wait=lambda request, key: pause,
        succeeded=lambda request, key: None,
    )
    return SimpleNamespace(state=SimpleNamespace(guard=guard, person=account()))


@pytest.fixture
def right_code(monkeypatch):
    """Take 123456 for the code of the present step: what a code is, is tested with `totp`."""
    monkeypatch.setattr(
        confirm.totp, "accepted", lambda app, code, now, last: 7 if code == "123456" else None
    )


@pytest.mark.usefixtures("right_code")
def test_a_code_confirms_once():
    request = request_with(Accounts())
    assert confirm.asks_code(request)
    assert confirm.unconfirmed(request, "123456") == ()
    assert confirm.unconfirmed(request, "123456")[0].field == "code"
    assert confirm.unconfirmed(request, "000000")[0].field == "code"


@pytest.mark.usefixtures("right_code")
def test_too_many_tries_look_at_no_code():
    accounts = Accounts()
    assert "Wait 9 seconds" in confirm.unconfirmed(request_with(accounts, 9), "123456")[0].what.en
    assert accounts.taken == []


def test_without_an_app_no_code_is_asked():
    request = request_with(Accounts(app=None))
    assert not confirm.asks_code(request)
    assert confirm.unconfirmed(request, "") == ()
