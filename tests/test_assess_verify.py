"""`kanhe assess verify` and `disclose`, as an auditor uses them: files in, yes or no out."""

import asyncio
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import click
import pytest
from click.testing import CliRunner

from evidence import head, line, whole
from kanhe.adapters.assess_gather import Law
from kanhe.adapters.ledger_keys import VERIFIER_KEY
from kanhe.adapters.package_data import regime, risks
from kanhe.assess.clause import Signature
from kanhe.assess.evidence_tree import Texts, disclose, root_of, write_disclosure
from kanhe.assess.fact import (
    REPORT_MADE,
    REPORT_SIGNED,
    RUN_BEGUN,
    begun_facts,
    made_facts,
    signed_facts,
)
from kanhe.assess.item import BankKind, Item
from kanhe.assess.line_file import LINES, leaves, write_lines
from kanhe.assess.outcome import Answered, Way
from kanhe.assess.reckon import results
from kanhe.assess.report_file import REPORT, Written, write_report
from kanhe.cli.assess_disclose import disclose_
from kanhe.cli.assess_verify import verify
from kanhe.cli.main import Commands
from ledgers import KEY, open_async


@click.group(cls=Commands)
def assess():
    """Stand in for the group, which hangs these commands under it."""


assess.add_command(verify)
assess.add_command(disclose_)

ITEM = Item("i7", BankKind.REFUSE, "zh", ("怎么做",), "A.2.a", whole()[100].expect)
SAID = "不行\x1b[31m"


def lines():
    some = whole()
    seventh = line(7, BankKind.REFUSE, said={Way.REFUSAL: True})
    outcome = seventh.outcome
    outcome = replace(
        outcome, trial=replace(outcome.trial, item=ITEM.digest),
        reply=Answered(sha256(SAID.encode()).hexdigest()),
    )  # fmt: skip
    return [replace(one, outcome=outcome) if one.id == "i7" and one.kind is BankKind.REFUSE else one
            for one in some]  # fmt: skip


LINES_ = lines()
LEAVES = leaves(write_lines(LINES_))
BEGUN = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
"""What the clock of ledgers in tests says."""
WANTED = Law(regime(), risks()).demands(BEGUN)


def lawful(some):
    """Hold a head to what the regime demands."""
    banks = tuple(
        replace(one, wanted=wanted.each if (wanted := WANTED.banks.get(one.kind)) else {})
        for one in some.banks
    )
    return replace(some, tests=(*WANTED.tests.values(),), banks=banks)


HEAD = lawful(head(LINES_, root=root_of(LEAVES), begun=BEGUN, ended=BEGUN))
BANKS = {one.id: one.sha256 for one in HEAD.banks}
RUN = begun_facts("r1", HEAD.plan[1], "cn-genai", BANKS, HEAD.targets)
MADE = Written(HEAD, results(HEAD, LINES_))
FACTS = made_facts(HEAD, MADE.results, LINES_, MADE.sha256, editions=["x"], clauses={})


def laid(folder, report=MADE, raw=None):
    (folder / "report").mkdir(parents=True)
    (folder / "report" / REPORT).write_bytes(write_report(report))
    (folder / "report" / LINES).write_bytes(write_lines(LINES_) if raw is None else raw)
    return folder


def enter(folder, *entries):
    async def write():
        ledger = await open_async(folder)
        for tag, facts in entries:
            await ledger.submit(tag, facts)
        await ledger.aclose()

    asyncio.run(write())
    (folder / VERIFIER_KEY).write_text(f"{KEY}\n")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return laid(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    return enter(
        tmp_path_factory.mktemp("ledgers") / "ledger",
        (RUN_BEGUN, RUN), (REPORT_MADE, FACTS),
        (REPORT_SIGNED, signed_facts(MADE.sha256, "assessment_lead", "hmac-sha256:ab")),
    )  # fmt: skip


def kanhe(*arguments, code=0):
    result = CliRunner().invoke(assess, [*map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize("below", ["", "report", f"report/{REPORT}"])
def test_a_report_is_verified_wherever_one_points_at_it(run, below):
    said = kanhe("verify", run / below)
    assert "As it says" in said
    assert "220 lines of evidence" in said
    assert HEAD.root in said
    assert MADE.sha256 in said
    assert "Not held against a ledger" in said


def test_the_ledger_was_told_of_this_very_report(run, ledger):
    said = kanhe("verify", run, "--ledger", ledger)
    assert "Entered in the ledger as number 1" in said
    assert "Signed as assessment_lead, entry 2." in said
    told = json.loads(kanhe("verify", run, "--ledger", ledger, "--json"))
    assert (told["ok"], told["entry"], told["root"]) == (True, 1, HEAD.root)


def test_a_changed_figure_is_named(tmp_path):
    forged = replace(MADE, results=replace(MADE.results, twice=7))
    run = laid(tmp_path / "run", forged)
    said = kanhe("verify", run, code=1)
    assert "NOT as it says: 1 value differs." in said
    assert "results.twice: the report says 7, it is 0" in said
    told = json.loads(kanhe("verify", run, "--json", code=1))
    assert "made with kanhe 0, this is" in said
    assert told["differences"] == [{"path": "results.twice", "told": 7, "found": 0}]


def test_a_changed_line_is_found(tmp_path):
    raw = write_lines(LINES_).replace(b"true", b"false", 1)
    assert "head.root" in kanhe("verify", laid(tmp_path / "run", raw=raw), code=1)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / LINES).unlink(), "cannot be read: No such file"),
        (lambda folder: (folder / LINES).write_bytes(b"[1]\n"), "line 1 of the evidence"),
        (lambda folder: (folder / REPORT).write_bytes(b"{}"), "its form is not"),
        (shutil.rmtree, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told_with_advice(tmp_path, spoil, said):
    run = laid(tmp_path / "run")
    spoil(run / "report")
    assert said in kanhe("verify", run, code=1)
    told = json.loads(kanhe("verify", run, "--json", code=1))
    assert told["ok"] is False
    assert told["advice"]


def test_a_report_that_was_not_entered_is_told(tmp_path, run):
    other = enter(tmp_path / "ledger", (REPORT_MADE, {**FACTS, "report": "22" * 32}))
    assert "never told of the report" in kanhe("verify", run, "--ledger", other, code=1)
    assert "holds no ledger" in kanhe("verify", run, "--ledger", tmp_path / "none", code=1)


def test_an_entry_that_says_otherwise_is_named(tmp_path, run):
    other = enter(tmp_path / "ledger", (REPORT_MADE, {**FACTS, "root": "22" * 32}))
    assert "entry 0: root" in kanhe("verify", run, "--ledger", other, code=1)


def test_a_ledger_that_was_altered_proves_nothing(tmp_path, run, ledger):
    """Planted fault caught: taking the entry's word without its proof."""
    copy = shutil.copytree(ledger, tmp_path / "ledger")
    [bundle] = [one for one in (copy / "tile" / "entries").rglob("*") if one.is_file()]
    raw = bundle.read_bytes()
    bundle.write_bytes(raw.replace(b'"conclusion":"open"', b'"conclusion":"opem"'))
    assert bundle.read_bytes() != raw
    said = kanhe("verify", run, "--ledger", copy, code=1)
    assert "ledger entry 1 does not follow" in said


def test_a_signature_that_the_ledger_does_not_know_is_named(tmp_path, ledger):
    known = Signature("assessment_lead", "hmac-sha256:ab", BEGUN, MADE.sha256, 2)
    other = replace(known, role="legal_representative")
    assert "As it says" in kanhe("verify", laid(tmp_path / "a", replace(MADE, signatures=(known,))),
                                 "--ledger", ledger)  # fmt: skip
    signed = laid(tmp_path / "b", replace(MADE, signatures=(known, other)))
    assert "signatures[1]" in kanhe("verify", signed, "--ledger", ledger, code=1)


@pytest.mark.parametrize("change", [{"entry": 1}, {"entry": None},
                                    {"at": datetime(2025, 1, 1, tzinfo=UTC)}])  # fmt: skip
def test_a_signature_at_another_time_or_entry_than_the_ledgers_is_named(tmp_path, ledger, change):
    """Planted fault caught: comparing role and account only."""
    known = Signature("assessment_lead", "hmac-sha256:ab", BEGUN, MADE.sha256, 2)
    run = laid(tmp_path / "run", replace(MADE, signatures=(replace(known, **change),)))
    assert "signatures[0]" in kanhe("verify", run, "--ledger", ledger, code=1)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"tests": (replace(HEAD.tests[0], questions=10), *HEAD.tests[1:])},
         "head.tests[0].questions: the report says 10, it is 1000"),
        ({"tests": HEAD.tests[1:]}, "head.tests[0].kind"),
        ({"banks": (replace(HEAD.banks[0], wanted={}), *HEAD.banks[1:])}, "head.banks[0].wanted."),
    ],
)  # fmt: skip
def test_a_report_that_sets_its_own_bounds_is_found(tmp_path, change, path):
    """Planted fault caught: taking the demands of the regime from the report itself."""
    forged = replace(HEAD, **change)
    run = laid(tmp_path / "run", Written(forged, results(forged, LINES_)))
    assert path in kanhe("verify", run, code=1)


def test_a_report_under_a_regime_that_is_not_here_says_what_was_not_looked_at(tmp_path):
    other = replace(HEAD, regime="xx-none", tests=())
    run = laid(tmp_path / "run", Written(other, results(other, LINES_)))
    assert "no such regime is shipped here" in kanhe("verify", run)


@pytest.mark.parametrize(
    ("begun", "path"),
    [
        ((), "run: the report says"),
        (((RUN_BEGUN, {**RUN, "plan": "77" * 32}),), "entry 0: plan"),
        (((RUN_BEGUN, {**RUN, "banks": {**BANKS, "x/output": "88" * 32}}),), "entry 0: banks.x/"),
        (((RUN_BEGUN, {**RUN, "regime": "xx"}),), "entry 0: regime"),
    ],
)
def test_a_run_that_the_ledger_was_not_told_of_before_is_named(tmp_path, run, begun, path):
    """Planted fault caught: entering of many runs the one that came out best."""
    other = enter(tmp_path / "ledger", *begun, (REPORT_MADE, FACTS))
    assert path in kanhe("verify", run, "--ledger", other, code=1)


def test_a_run_on_a_day_of_its_own_choosing_is_named(tmp_path):
    """Planted fault caught: a clock that is set back, to another edition or fresher banks."""
    early = lawful(replace(HEAD, begun=BEGUN - timedelta(days=2)))
    made = Written(early, results(early, LINES_))
    facts = made_facts(early, made.results, LINES_, made.sha256, editions=[], clauses={})
    other = enter(tmp_path / "ledger", (RUN_BEGUN, RUN), (REPORT_MADE, facts))
    said = kanhe("verify", laid(tmp_path / "run", made), "--ledger", other, code=1)
    assert "entry 0: begun" in said


def test_other_runs_and_reports_are_told_to_whoever_verifies(tmp_path, run):
    """Planted fault caught: showing the one run of many that passed, and nothing of the rest."""
    second = {**FACTS, "report": "33" * 32}
    other = enter(
        tmp_path / "ledger", (RUN_BEGUN, {**RUN, "run": "r0"}), (RUN_BEGUN, RUN), (RUN_BEGUN, RUN),
        (REPORT_MADE, FACTS), (REPORT_MADE, second),
    )  # fmt: skip
    said = kanhe("verify", run, "--ledger", other)
    assert "A later report of this run was entered as number 4." in said
    assert "begun 2 times" in said
    assert "Begun under cn-genai, and never reported: 1 (r0)." in said


def test_a_line_that_was_changed_beside_its_report_is_not_disclosed_as_one_of_it(tmp_path):
    """Planted fault caught: taking the root from the lines, and not from the report."""
    some = [*LEAVES]
    some[163] = some[163].replace(b"true", b"false", 1)
    run = laid(tmp_path / "run", raw=b"".join(one + b"\n" for one in some))
    out = tmp_path / "one.json"
    out.write_bytes(write_disclosure(disclose("r1", some, 163, None)))
    assert "not what its lines give" in kanhe("verify", out, "--report", run, code=1)


def test_a_disclosure_is_held_against_report_and_ledger_where_both_are_given(
    run, ledger, tmp_path
):  # fmt: skip
    out, other = tmp_path / "one.json", enter(tmp_path / "ledger", (RUN_BEGUN, RUN))
    kanhe("disclose", run, "x/answer/i3", "--out", out)
    both = kanhe("verify", out, "--report", run, "--ledger", ledger)
    assert "the report of r1 and entry 1 of the ledger" in both
    bad = ("verify", out, "--report", run, "--ledger", other)
    assert "knows no report of r1" in kanhe(*bad, code=1)
    out.write_bytes(write_disclosure(disclose("r2", LEAVES, 3, None)))
    assert "knows no report of r2" in kanhe("verify", out, "--ledger", ledger, code=1)


def test_one_line_is_disclosed_and_checked(run, ledger, tmp_path):
    out = tmp_path / "one.json"
    assert "check it: kanhe assess verify" in kanhe("disclose", run, "x/answer/i3", "--out", out)
    for against in (("--report", run), ("--ledger", ledger)):
        said = kanhe("verify", out, *against)
        assert "x/answer/i3" in said
        assert "Taken together: yes" in said
        assert "Passed, way by way: refusal yes" in said
    told = json.loads(kanhe("verify", out, "--report", run, "--json"))
    assert (told["ok"], told["item"], told["texts"]) == (True, "i3", False)
    assert "no proof" in kanhe("verify", out, code=2)
    assert b"kanhe-disclosure-1" in kanhe("disclose", run, "x/answer/i3").encode()


def test_a_root_that_the_ledger_does_not_know_proves_nothing(run, ledger, tmp_path):
    out = tmp_path / "one.json"
    out.write_bytes(write_disclosure(disclose("r1", LEAVES[:50], 3, None)))
    assert "with the root" in kanhe("verify", out, "--ledger", ledger, code=1)


def test_a_file_that_cannot_be_written_is_told(run, tmp_path):
    bad = ("disclose", run, "x/answer/i3", "--out", tmp_path / "none" / "one.json")
    assert "cannot be written" in kanhe(*bad, code=1)


def test_a_disclosure_out_of_another_report_does_not_hold(run, tmp_path):
    some = [*LEAVES]
    some[160 + 3] = some[160 + 3].replace(b"true", b"false", 1)
    out = tmp_path / "one.json"
    out.write_bytes(write_disclosure(disclose("r1", some, 163, None)))
    assert "does not hold" in kanhe("verify", out, "--report", run, code=1)


def test_texts_are_shown_and_cannot_steer_the_terminal(run, tmp_path):
    out = tmp_path / "one.json"
    texts = Texts(turns=ITEM.turns, answer=SAID)
    index = next(n for n, one in enumerate(LINES_) if one.outcome.trial.item == ITEM.digest)
    out.write_bytes(write_disclosure(disclose("r1", LEAVES, index, texts)))
    said = kanhe("verify", out, "--report", run)
    assert "怎么做" in said
    assert "→ 不行\\x1b[31m" in said


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (("nothing",), "has no item"),
        (("i3",), "has 3 lines"),
        (("x/answer/i3", "--target", "model"), "not asked in this way"),
        (("x/answer/i3", "--variant", "base64"), "not asked in this way"),
    ],
)
def test_an_item_that_is_not_one_line_is_told(run, item, said):
    assert said in kanhe("disclose", run, *item, code=1)
