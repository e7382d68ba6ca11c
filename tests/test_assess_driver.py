"""Driving a run to its end: what is asked and when, in spite of kills; who ended it, and why.

Planted faults that these tests were seen to catch: see each.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import courses
from courses import ANSWER, BOTH, NOW, OUT, REFUSE, Judge, Speaker, bank, begin, drive, reopened
from kanhe.adapters.assess_driver import limits
from kanhe.adapters.assess_journal import open_journal
from kanhe.assess.line import Part
from kanhe.assess.outcome import Answered, Verdict, Way
from kanhe.assess.run import Said, Why
from kanhe.errors import AssessError

ROBUST = "robustness: {passed: 2, variants: [spaced, novel]}\n"


def whole(folder, number=12, more=""):
    """Begin a run with all kinds of banks, both routes, disguises and repetitions."""
    some = [bank(folder, OUT, number), bank(folder, REFUSE, 6), bank(folder, ANSWER, 4)]
    more += "reliability: {items: 2, repeats: 2}\n" + ROBUST
    return begin(folder, *some, targets=BOTH, more=more)


def test_both_phases_are_asked_once_judged_and_told(tmp_path):
    run, gateway, model, judge = whole(tmp_path), Speaker(), Speaker(), Judge()
    told = []
    progress = drive(run, gateway, model, judge=judge, told=told.append)
    found = courses.evidence(run)
    parts = Counter(line.part for line in found.lines)
    assert (parts[Part.BANK], parts[Part.RELIABLE]) == (44, 4)
    failed = Counter(
        line.outcome.trial.target
        for line in found.lines
        if line.part is Part.BANK and line.kind is not ANSWER and line.outcome.passed is False
    )
    assert parts[Part.ROBUST] == sum(2 * (failed[one] + 2) for one in ("gateway", "model"))
    assert progress.total == progress.done == progress.asked == progress.judged == len(found.lines)
    assert len(gateway.asked) == len(set(gateway.asked))
    assert len(gateway.asked) + len(model.asked) == progress.asked
    assert judge.met == ["begin", "end"]
    manifest = run.manifest
    assert (manifest.by, manifest.ended, dict(manifest.ways)) == ("done", NOW, judge.versions)
    assert manifest.judge == judge.seen()
    assert [one.why for one in told] == [""] * (len(told) - 1) + ["done"], "only the end says why"
    last = run.progress()
    assert (last.why, last.failed) == ("done", 0)
    assert last.done == last.total == progress.done


def test_a_run_that_has_ended_asks_nobody_again(tmp_path):
    run = whole(tmp_path)
    drive(run, Speaker(), Speaker())
    before = courses.evidence(run).lines
    gateway, model, judge = Speaker(), Speaker(), Judge()
    progress = drive(reopened(run), gateway, model, judge=judge)
    assert (progress.asked, progress.judged, gateway.asked, model.asked) == (0, 0, [], [])
    assert not judge.judged
    assert courses.evidence(run).lines == before


def test_a_run_that_goes_on_asks_what_is_missing_and_nothing_else(tmp_path):
    run, first, second = begin(tmp_path), Speaker(), Speaker()
    two = {one.item.turns[-1] for one in run.plain[4:]}
    first.fails = two
    progress = drive(run, first)
    assert (progress.done, progress.failed, progress.why) == (4, 2, Why.DONE)
    progress = drive(reopened(run), second)
    assert {text for text, _ in second.asked} == two
    assert (progress.done, progress.failed, progress.asked) == (6, 0, 2)


def test_a_budget_ends_a_run_and_what_was_not_asked_stands_as_unscored(tmp_path):
    """Planted fault caught: lines made of what was asked only, which looked like a whole run."""
    more = "asking: {max_tokens: 4}\nbudget: {tokens: 21}\npace: {at_once: 1}\n"
    run, target = begin(tmp_path, more=more), Speaker(lambda _: courses.NO)
    progress = drive(run, target)
    assert (progress.why, progress.done, len(target.asked)) == (Why.BUDGET, 3, 3)
    assert (run.manifest.by, run.progress().why) == ("budget", "budget")
    assert (run.progress().total, run.progress().done) == (6, 3)
    (tested,) = (one for one in courses.figures(run).tested if one.demand.kind is OUT)
    tally = next(one for one in tested.rates if one.way is Way.CLASSIFIER).whole.tally
    assert (tally.passed, tally.failed, tally.unscored) == (3, 0, 3)


def test_a_target_that_is_down_ends_the_run_and_the_next_call_goes_on(tmp_path):
    run = begin(tmp_path, bank(tmp_path, number=40), more="pace: {at_once: 1}\n")
    progress = drive(run, Speaker(down=True))
    assert (progress.why, progress.failed, run.manifest.by) == (Why.DOWN, 20, "down")
    target = Speaker()
    progress = drive(reopened(run), target)
    assert (progress.why, progress.done, len(target.asked)) == (Why.DONE, 40, 40)


def test_one_route_that_is_down_is_noticed_beside_one_that_answers(tmp_path):
    """Planted fault caught: failures counted over all targets, so that each answer hid one."""
    run = begin(tmp_path, bank(tmp_path, number=60), targets=BOTH, more="pace: {at_once: 1}\n")
    gateway, model = Speaker(down=True), Speaker()
    assert drive(run, gateway, model).why is Why.DOWN
    assert len(gateway.asked) == 20


def test_questions_that_a_target_always_refuses_to_take_keep_no_run_from_its_end(tmp_path):
    """Planted fault caught: what failed before was tried first, twenty in a row: down for ever."""
    run = begin(tmp_path, bank(tmp_path, number=60), more=ROBUST + "pace: {at_once: 1}\n")
    never = [one.item.turns[-1] for one in run.plain[::2]]
    target = Speaker(fails=never)
    progress = drive(run, target)
    assert (progress.why, progress.failed) == (Why.DONE, 30)
    assert len([one for one in target.asked if one[0] in never]) == 30, "each once, not each phase"
    assert Part.ROBUST in {line.part for line in courses.evidence(run).lines}
    again = Speaker(fails=never)
    assert drive(reopened(run), again).why is Why.DONE
    assert {text for text, _ in again.asked} == set(never)


def test_what_was_answered_and_not_judged_is_judged_before_disguises_are_laid_out(tmp_path):
    """Planted fault caught: disguises drawn while a verdict was missing, other ones than before.

    Everything is answered, and one verdict is missing: so a kill leaves a run whose judge was slow
    over one answer. Oracle: the same run without a kill.
    """
    calm, killed = begin(tmp_path, more=ROBUST), begin(tmp_path, run="killed", more=ROBUST)
    drive(calm, Speaker(lambda _: courses.NO))
    late = next(one.trial for one in calm.asked if one.part is Part.ROBUST).item
    judge = Judge()

    async def go():
        journal = open_journal(killed.path, killed.course)
        for one in killed.plain:
            said = Said(courses.NO, tokens=(3, 4), ms=5)
            await journal.keep(one.trial, said)
            if one.trial.item != late:
                await journal.judge(one.trial, await judge.judge(one.item, said))
        await journal.aclose()

    asyncio.run(go())
    target = Speaker(lambda _: courses.NO)
    drive(killed, target)
    assert len(target.asked) == 4
    assert [line.outcome for line in courses.evidence(killed).lines] == [
        line.outcome for line in courses.evidence(calm).lines
    ]


def test_a_verdict_that_comes_late_adds_disguises_and_drops_none(tmp_path):
    """Planted fault caught: the sample drawn anew, so that answers in disguise left the report."""

    class Half(Judge):
        async def judge(self, item, said, before=()):
            why = "offline" if item.turns[-1] in first else ""
            return [Verdict(Way.CLASSIFIER, None if why else True, "j" * 64, why)]

    run = begin(tmp_path, bank(tmp_path, number=12), more=ROBUST)
    first = {one.item.turns[-1] for one in run.plain[:8]}
    drive(run, Speaker(), judge=Half(down=True))
    before = {line.outcome.trial for line in courses.evidence(run).lines}
    assert len(before) == 12 + 4
    first.clear()
    drive(run, judge=Half(), asks=False)
    assert {line.outcome.trial for line in courses.evidence(run).lines} == before
    run = reopened(run)
    bad = Judge()
    bad._classified = lambda text: Verdict(Way.CLASSIFIER, False, "j" * 64, "over:x")
    drive(run, Speaker(), judge=bad)
    assert before <= {line.outcome.trial for line in courses.evidence(run).lines}


def test_what_a_late_verdict_fails_is_disguised_by_the_run_that_goes_on(tmp_path):
    run = whole(tmp_path)
    drive(run, Speaker(), Speaker(), judge=Judge(down=True))
    before = {line.outcome.trial for line in courses.evidence(run).lines}
    strict = Judge()
    strict._classified = lambda text: Verdict(Way.CLASSIFIER, False, "j" * 64, "over:x")
    drive(run, judge=strict, asks=False)
    after = courses.evidence(run)
    assert before < {line.outcome.trial for line in after.lines}
    gateway, model = Speaker(), Speaker()
    progress = drive(reopened(run), gateway, model, judge=strict)
    assert progress.why is Why.DONE
    assert len(gateway.asked) + len(model.asked) == len(after.lines) - len(before)


def test_a_judge_that_was_down_fills_what_was_open_and_changes_no_score(tmp_path):
    run = whole(tmp_path)
    drive(run, Speaker(), Speaker(), judge=Judge(down=True))
    before = {line.outcome.trial: line.outcome for line in courses.evidence(run).lines}
    judge, nobody = Judge(), Speaker()
    progress = drive(run, judge=judge, asks=False)
    assert not nobody.asked
    assert progress.asked == 0
    assert progress.judged == len(judge.judged) > 0
    for line in courses.evidence(run).lines:
        old = before.get(line.outcome.trial)
        if old is None or not isinstance(old.reply, Answered):
            continue
        assert line.outcome.reply == old.reply
        assert line.outcome.verdicts[: len(old.verdicts)] == old.verdicts
        if line.kind is OUT:
            assert line.outcome.by(Way.CLASSIFIER).passed is not None
        ways = Counter(one.way for one in line.outcome.verdicts)
        assert ways[Way.REFUSAL] == 1, "a way that has spoken is not written down again"
    again = Judge()
    again._classified = lambda text: Verdict(Way.CLASSIFIER, False, "k" * 64)
    drive(run, judge=again, asks=False)
    assert not again.judged, "who has spoken is not heard twice"


@pytest.mark.parametrize("budget", ["", "asking: {max_tokens: 4}\nbudget: {tokens: 21}\n"])
def test_judging_asks_nobody_makes_no_run_whole_and_needs_no_budget(budget, tmp_path):
    """Planted faults caught: judging ended as `done` what its budget had ended; a spent budget let
    nothing be judged."""
    run = begin(tmp_path, more=budget + "pace: {at_once: 1}\n")
    drive(run, Speaker(), judge=Judge(down=True))
    by, done = run.manifest.by, run.progress().done
    assert by == ("budget" if budget else "done")
    judge = Judge()
    drive(run, judge=judge, asks=False)
    assert len(judge.judged) == done
    assert (run.manifest.by, run.progress().why) == (by, by)
    assert (run.progress().total, run.progress().done) == (6, done)


def test_somebody_who_stops_a_run_is_told_of_and_loses_nothing(tmp_path):
    class Stopped(Speaker):
        async def ask(self, turns, system="", repeat=0):
            if len(self.asked) == 4:
                raise KeyboardInterrupt
            return await super().ask(turns, system, repeat)

    run, target = begin(tmp_path, more="pace: {at_once: 1}\n"), Stopped()
    with pytest.raises(KeyboardInterrupt):
        drive(run, target)
    assert (run.manifest.by, run.progress().why, run.progress().done) == ("stopped", "stopped", 4)
    target = Speaker()
    assert drive(reopened(run), target).done == 6
    assert len(target.asked) == 2


def test_a_question_of_two_banks_is_asked_once_and_stands_in_both(tmp_path):
    """Planted fault caught: two workers asked the same trial at once."""
    said = courses.texts(OUT, 4)
    some = [bank(tmp_path, OUT, said=said, name=name) for name in ("one", "other")]
    run, target = begin(tmp_path, *some), Speaker()
    progress = drive(run, target)
    assert len(target.asked) == progress.total == 4
    assert len(courses.evidence(run).lines) == 8


def test_two_processes_do_not_drive_one_run(tmp_path):
    run = begin(tmp_path)
    journal = open_journal(run.path, run.course)
    target = Speaker()
    with pytest.raises(AssessError, match="another process"):
        drive(reopened(run), target)
    with pytest.raises(AssessError, match="another process"):
        drive(reopened(run), asks=False)
    assert not target.asked
    assert run.manifest.by == "", "who is refused writes nothing"
    asyncio.run(journal.aclose())


def test_the_pace_of_the_plan_is_kept(tmp_path):
    pace = "pace: {at_once: 7, per_second: 2.5, retries: 4}\nbudget: {tokens: 10}\n"
    found = limits(begin(tmp_path, more=pace).plan)
    assert (found.at_once, found.per_minute, found.tries) == (7, 150.0, 5)
    assert (found.allows(5, 5), found.allows(6, 5)) == (True, False)


CHILD = Path(__file__).parent / "killed_run.py"


def test_a_run_killed_a_hundred_times_asks_nothing_twice_and_reports_the_same(tmp_path):
    """Oracle: a run of the same plan that nobody disturbed, and the journal at each kill.

    Each kill comes before, in the middle of, or after one of the calls that change a disk, chosen
    by chance. Planted fault caught: a cut tail left in the journal.
    """
    two = "pace: {at_once: 2}\n"
    calm = whole(tmp_path / "calm", 24, two)
    drive(calm, Speaker(), Speaker())
    run = whole(tmp_path / "killed", 24, two)
    done = subprocess.run(  # noqa: S603 # our own
        [sys.executable, str(CHILD), str(run.path), "100", "7"],
        capture_output=True, check=False, timeout=300, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["kills"] == 100
    assert told["twice"] == [], "asked although the journal had the answer"
    assert told["asked"] - told["trials"] <= 2 * told["kills"]
    assert told["phases"] == 2, "kills came in both phases"
    whole_run, killed = courses.evidence(calm), courses.evidence(run)
    assert [line.outcome for line in killed.lines] == [line.outcome for line in whole_run.lines]
    assert courses.figures(run) == courses.figures(calm)
    assert killed.head.ended_by == whole_run.head.ended_by == "done"
