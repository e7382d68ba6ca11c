"""What rules need of judges is asked for on every way into force, and only there."""

from datetime import timedelta
from pathlib import Path

import pytest

from fakes import MemoryLedger
from fakes_judge import NOW, FakeJudge, labelled, measured, row, said
from kanhe.adapters.judge_grounds import Grounds
from kanhe.adapters.judge_queue import JudgeQueue
from kanhe.adapters.judges import Judges
from kanhe.adapters.live_rules import open_rules
from kanhe.adapters.rule_files import RuleFiles
from kanhe.errors import FaultyRuleset
from upstream import on_loop

RULESET = """
name: ours
version: "{version}"
rules:
  - id: plain
    category: A.1.h
    match: {{terms: {{list: [kumquat]}}}}
  - id: asks
    category: A.1.h
    match: {{judge: default, over: {{unsafe: {least}}}, needs: {{{needs}}}}}
"""
JUDGE = FakeJudge(said, "fake")
ROWS = [row(f"{n} 0.9", True) for n in range(200)] + [row(f"{n} 0.1", False) for n in range(200)]
RECORD = measured(JUDGE, labelled("mine", *ROWS))
ANNA, BEN = "acct-anna", "acct-ben"


class Place:
    """A ruleset on disk, its judge's records, and the day."""

    def __init__(self, folder):
        self.ruleset, self.records, self.now = folder / "ours.yaml", [RECORD], NOW
        self.judges = Judges({"fake": JudgeQueue(JUDGE)}, "fake")
        self.write()

    def write(self, version="1", needs="sensitivity: 0.9", least=0.5):
        text = RULESET.format(version=version, needs=needs, least=least)
        self.ruleset.write_text(text, encoding="utf-8")

    def files(self):
        return RuleFiles(
            [self.ruleset],
            regime="cn-genai",
            surfaces=["content"],
            cache=None,
            archive=self.ruleset.parent / "rules",
            second_person=True,
            grounds=Grounds(self.judges, lambda: self.records, lambda: self.now, Path("my data")),
        )


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_a_judge_that_meets_what_a_rule_needs_is_relied_on(place):
    assert [rule.id for rule in place.files().read().rules] == ["plain", "asks"]


@pytest.mark.parametrize(
    ("needs", "least"),
    [
        ("sensitivity: 0.999", 0.5),
        ("false_positives: 0.001", 0.5),
        ("sensitivity: 0.5, rows: 300", 0.5),
        ("f1: 0.999", 0.5),
        ("sensitivity: 0.5", 0.7),
    ],
)
def test_what_is_not_shown_at_this_very_threshold_refuses_the_ruleset(place, needs, least):
    place.write(needs=needs, least=least)
    with pytest.raises(FaultyRuleset) as refused:
        place.files().read()
    (fault,) = refused.value.faults
    assert (fault.line, fault.rule) == (10, "asks")
    assert "does not meet what the rule needs" in fault.what


def test_what_is_advised_measures_what_is_asked_for_where_it_is_looked_for(place):
    place.write(needs="sensitivity: 0.5", least=0.7)
    with pytest.raises(FaultyRuleset) as refused:
        place.files().read()
    (fault,) = refused.value.faults
    command = "kanhe judge measure fake --set FILE --threshold unsafe=0.7 --data 'my data'"
    assert command in fault.advice
    assert "`needs` in line 10" in fault.advice


@on_loop
async def test_a_reload_logs_which_demand_is_not_met(place, caplog):
    rules = await open_rules(place.files(), MemoryLedger())
    place.write("2", needs="sensitivity: 0.999")
    assert await rules.reload_soon() is False
    assert "1 fault, the first at" in caplog.text
    assert "does not meet what the rule needs: all rows: sensitivity is" in caplog.text


@pytest.mark.parametrize("records", [[], [measured(FakeJudge(said, "fake", version="2"),
                                                   labelled("mine", *ROWS))]])  # fmt: skip
def test_no_record_or_that_of_other_weights_refuses_it(place, records):
    place.records = records
    with pytest.raises(FaultyRuleset):
        place.files().read()


def test_a_record_gets_too_old(place):
    place.write(needs="days: 30")
    assert place.files().read()
    place.now = NOW + timedelta(days=31)
    with pytest.raises(FaultyRuleset):
        place.files().read()


@on_loop
async def test_rules_that_were_released_do_not_start_with_a_judge_that_is_another_now(place):
    ledger = MemoryLedger()
    await open_rules(place.files(), ledger)
    place.records = []
    with pytest.raises(FaultyRuleset):
        await open_rules(place.files(), ledger)
    assert ledger.tags[-1] == "operator:ruleset:refused"


@on_loop
async def test_no_release_from_the_archive_gets_past_what_rules_need(place):
    rules = await open_rules(place.files(), MemoryLedger())
    first = rules.current.version
    place.write("2", needs="sensitivity: 0.5")
    await rules.reload()
    second = rules.candidate.ruleset.version
    await rules.propose(second, ANNA)
    await rules.release(second, BEN)
    place.records = []
    with pytest.raises(FaultyRuleset):
        await rules.propose(first, ANNA)
    assert rules.current.version == second
    # To look at it is another thing.
    assert rules.files.earlier(first).version == first
