"""What assessments put on the ledger, and who may sign: through the door, and by the command."""

from dataclasses import replace
from datetime import UTC, date, datetime

import click
import pytest
from click.testing import CliRunner

from evidence import head, whole
from histories import data_directory
from kanhe.accounts.account import Account, Role
from kanhe.accounts.password import hashed
from kanhe.adapters import package_data
from kanhe.adapters.account_store import open_accounts
from kanhe.adapters.assess_ledger import LedgerDoor, editions, roles_of, with_signature
from kanhe.adapters.ledger_directory import entries_from
from kanhe.assess.clause import Clause, Finding, Numbered
from kanhe.assess.fact import REPORT_MADE, REPORT_SIGNED, RUN_BEGUN, RUN_ENDED
from kanhe.assess.head import TargetSeen
from kanhe.assess.reckon import results
from kanhe.assess.report_file import REPORT, Written, read_report, write_report
from kanhe.cli.assess_sign import sign
from kanhe.cli.main import Commands
from kanhe.errors import AssessError, RequestError
from kanhe.ledger.entry import decode
from kanhe.terms import Text
from ledgers import KEY

LINES = whole()
HEAD = head(LINES)
CLAUSE = Clause(
    "cn-bsr-9-1", "cn-gbt45654", "9",
    (Numbered("cn-tc260-003", "9.1"), Numbered("cn-gbt45654", "9.1", mapped=False)),
    Text("评估", "assess"), Text("评估", "assess"), Finding.CONFORMS, (Text("是", "yes"),),
)  # fmt: skip
MADE = Written(HEAD, results(HEAD, LINES), (CLAUSE,))
LAW = package_data.regime("cn-genai")
PASSWORD = "a long password of nobody"
ORIGIN = "x.example/ledger"


@click.group(cls=Commands)
def assess():
    """Stand in for the group."""


assess.add_command(sign)


@pytest.fixture
def data(tmp_path):
    return data_directory(tmp_path)


@pytest.fixture
def door(data):
    return LedgerDoor(data, ORIGIN)


def entries(data):
    return [decode(raw) for _, raw in entries_from(data / "ledger", KEY, 0)]


def test_runs_and_reports_are_recorded_once_each_with_editions_and_findings(data, door):
    door.run_begun("r1", "2" * 64, "cn-genai", {"mine": "1" * 64}, [TargetSeen("gateway", "m")])
    door.run_ended("r1", "done", asked=220, failed=0)
    first = door.report_made(MADE, LINES)
    assert door.report_made(MADE, LINES) == first
    found = entries(data)
    assert [one.tag for one in found] == [RUN_BEGUN, RUN_ENDED, REPORT_MADE]
    assert found[2].facts["editions"] == ["cn-tc260-003", "cn-gbt45654"]
    assert found[2].facts["clauses"] == {"conforms": 1}
    assert found[2].facts["report"] == MADE.sha256
    assert editions([CLAUSE, CLAUSE]) == ("cn-tc260-003", "cn-gbt45654")


def test_the_roles_are_those_of_the_duties_that_bind():
    three = ("legal_representative", "assessment_lead", "legal_compliance_lead")
    for day in (date(2024, 6, 1), date(2025, 6, 1), date(2026, 11, 22)):
        assert roles_of(LAW, day) == three
    assert roles_of(LAW, date(2023, 9, 1)) == ()


@pytest.mark.obligation("cn-bsr-9-1")
def test_only_the_report_that_was_entered_is_signed_once_in_each_role_that_is_asked_for(door):
    with pytest.raises(AssessError, match="never told"):
        door.sign(MADE, "assessment_lead", "account-1", LAW)
    door.report_made(MADE, LINES)
    with pytest.raises(RequestError, match="nobody signs as 'owner'"):
        door.sign(MADE, "owner", "account-1", LAW)
    altered = replace(MADE, clauses=())
    with pytest.raises(AssessError, match="never told"):
        door.sign(altered, "assessment_lead", "account-1", LAW)
    signature = door.sign(MADE, "assessment_lead", "account-1", LAW)
    assert (signature.entry, signature.sha256) == (1, MADE.sha256)
    with pytest.raises(RequestError, match="already, by entry 1"):
        door.sign(MADE, "assessment_lead", "account-2", LAW)


def test_only_signatures_of_that_entry_role_account_and_report_are_vouched_for(door):
    """Planted fault caught: believing what stands in the file."""
    assert door.signatures(MADE) == ()
    door.report_made(MADE, LINES)
    one = door.sign(MADE, "assessment_lead", "account-1", LAW)
    made_up = [
        replace(one, role="legal_representative"), replace(one, by="account-2"),
        replace(one, entry=0), replace(one, entry=None), replace(one, sha256="0" * 64),
    ]  # fmt: skip
    assert door.signatures(replace(MADE, signatures=(one, *made_up))) == (one,)
    assert door.signatures(replace(MADE, clauses=(), signatures=(one,))) == ()


def test_a_signature_in_the_file_leaves_its_hash(door, tmp_path):
    door.report_made(MADE, LINES)
    signature = door.sign(MADE, "assessment_lead", "account-1", LAW)
    signed = with_signature(tmp_path / REPORT, MADE, signature)
    read = read_report((tmp_path / REPORT).read_bytes())
    assert read == signed
    assert read.sha256 == MADE.sha256
    # It can be signed by the next, from the file.
    again = door.sign(read, "legal_representative", "account-2", LAW)
    assert again.entry == 2


def test_a_file_that_cannot_be_written_says_that_the_signature_stands(door, tmp_path):
    door.report_made(MADE, LINES)
    signature = door.sign(MADE, "assessment_lead", "account-1", LAW)
    with pytest.raises(AssessError, match="the signature stands in entry 1"):
        with_signature(tmp_path / "none" / REPORT, MADE, signature)


@pytest.fixture
def signing(data, door, tmp_path):
    person = Account("account-7", "anna", Role.OPERATOR, datetime.now(UTC), "zh")
    accounts = open_accounts(data)
    accounts.add(person)
    accounts.set_password(person.id, hashed(PASSWORD, b"0" * 16))
    accounts.close()
    folder = tmp_path / "run" / "report"
    folder.mkdir(parents=True)
    (folder / REPORT).write_bytes(write_report(MADE))
    door.report_made(MADE, LINES)

    def command(role="assessment_lead", name="anna", password=PASSWORD, yes="y"):
        args = ["sign", str(tmp_path / "run"), "--as", role, "--account", name,
                "--data", str(data), "--language", "en"]  # fmt: skip
        return CliRunner().invoke(assess, args, input=f"{password}\n{yes}\n")

    return command


def test_a_report_is_signed_by_an_account_with_its_password(signing, data, tmp_path):
    done = signing()
    assert done.exit_code == 0, done.output
    assert "Tests: conforms" in done.output
    # As the documents have it: of clauses there is none but the one that asks for signatures.
    assert "Conclusion: nothing is concluded" in done.output
    assert "Still to sign: legal_representative, legal_compliance_lead" in done.output
    last = entries(data)[-1]
    assert last.tag == REPORT_SIGNED
    assert last.facts == {"report": MADE.sha256, "role": "assessment_lead", "by": "account-7"}
    written = read_report((tmp_path / "run" / "report" / REPORT).read_bytes())
    assert [one.by for one in written.signatures] == ["account-7"]
    for role in ("legal_representative", "legal_compliance_lead"):
        done = signing(role)
    assert "All have signed" in done.output


def test_nothing_is_signed_with_another_password_by_nobody_or_without_a_yes(signing, data):
    """Planted: a wrong password, a name that nobody has, and a no."""
    for given in ({"password": "another password"}, {"name": "nobody"}, {"yes": "n"}):
        done = signing(**given)
        assert done.exit_code == 1
        assert PASSWORD not in done.output
    assert [one.tag for one in entries(data)] == [REPORT_MADE]


def test_the_role_is_looked_at_before_anybody_is_asked_for_a_password(signing):
    """Planted: a password given for a role in which nobody signs."""
    done = signing("visitor")
    assert done.exit_code == 1
    assert "nobody signs as 'visitor'" in done.output
    assert "Password" not in done.output
