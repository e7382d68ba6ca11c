"""A run: what is asked, how often, and when it ends."""

from __future__ import annotations

import asyncio

import pytest

from fakes_assess import MemoryJournal, Parrot, refuses, trials
from kanhe.assess.outcome import Answered, Failed
from kanhe.assess.run import Limits, Progress, Run, Said, Why
from kanhe.errors import TargetError

NO_PAUSE = Limits(pause_s=0.0)


def go(todo, target, journal=None, **more):
    journal = journal or MemoryJournal()
    run = Run(todo, {"model": target}, journal, more.pop("judging", refuses), **more)
    return asyncio.run(run.go()), journal


def test_every_item_is_asked_once_and_judged():
    todo, target = trials(20), Parrot()
    progress, journal = go(todo, target)
    assert progress == Progress(20, done=20, asked=20, judged=20, spent=(60, 80), why=Why.DONE)
    assert len(target.asked) == 20
    assert all(journal.verdicts(trial) for trial, _ in todo)


def test_what_was_answered_is_not_asked_again():
    todo, target = trials(20), Parrot()
    _, journal = go(todo[:12], target)
    progress, _ = go(todo, target, journal)
    assert (progress.asked, progress.done) == (8, 20)
    assert len(target.asked) == 20


def test_an_answer_without_verdicts_is_judged_from_what_was_kept():
    todo, target = trials(3), Parrot()
    journal = MemoryJournal()

    async def keep():
        for trial, _ in todo:
            await journal.keep(trial, Said("I refuse", tokens=(1, 1)))

    asyncio.run(keep())
    progress, _ = go(todo, target, journal)
    assert not target.asked
    assert progress.judged == 3
    assert all(journal.verdicts(trial)[0].passed for trial, _ in todo)


def test_an_answer_is_kept_before_anybody_judges_it():
    todo, journal = trials(1), MemoryJournal()

    async def judging(item, said, before):
        assert isinstance(journal.reply(todo[0][0]), Answered)
        return await refuses(item, said)

    go(todo, Parrot(), journal, judging=judging)


def test_a_failure_is_tried_again_and_then_kept():
    todo = trials(2)
    target = Parrot({"question number 0": 2, "question number 1": 9})
    progress, journal = go(todo, target, limits=NO_PAUSE)
    assert isinstance(journal.reply(todo[0][0]), Answered)
    assert journal.reply(todo[1][0]) == Failed(TargetError.code, 3)
    assert (progress.done, progress.failed) == (1, 1)


def test_a_failure_that_is_not_worth_it_is_not_tried_again():
    target = Parrot({"question number 0": 9}, again=False)
    go(trials(1), target, limits=NO_PAUSE)
    assert len(target.asked) == 1


def test_what_failed_is_asked_again_when_the_run_goes_on():
    todo, target = trials(1), Parrot({"question number 0": 3})
    first, journal = go(todo, target, limits=NO_PAUSE)
    second, _ = go(todo, target, journal, limits=NO_PAUSE)
    assert (first.failed, second.failed, second.done) == (1, 0, 1)


def test_a_run_ends_when_its_budget_is_spent_and_goes_on_with_more():
    todo, target = trials(10), Parrot()
    few = Limits(at_once=1, allows=lambda prompt, completion: prompt + completion < 21)
    progress, journal = go(todo, target, limits=few)
    assert (progress.why, progress.done) == (Why.BUDGET, 3)
    progress, _ = go(todo, target, journal, limits=Limits(at_once=1))
    assert (progress.why, progress.done, len(target.asked)) == (Why.DONE, 10, 10)


def test_a_target_that_is_down_ends_the_run_and_costs_nothing_that_was_done():
    todo = trials(50)
    target = Parrot({f"question number {n}": 99 for n in range(5, 50)})
    limits = Limits(at_once=1, tries=1, down_after=4)
    progress, _ = go(todo, target, limits=limits)
    assert (progress.why, progress.done, progress.failed) == (Why.DOWN, 5, 4)


def test_one_target_that_is_down_is_noticed_beside_one_that_answers():
    """Planted fault caught: failures in a row counted over all targets together."""
    todo = [one for pair in zip(trials(30, "model"), trials(30, "gateway"), strict=True)
            for one in pair]  # fmt: skip
    down = Parrot({f"question number {n}": 99 for n in range(30)}, again=False)
    run = Run(todo, {"model": Parrot(), "gateway": down}, MemoryJournal(), refuses,
              Limits(at_once=1, down_after=4))  # fmt: skip
    assert asyncio.run(run.go()).why is Why.DOWN
    assert len(down.asked) == 4


def test_what_fails_each_time_comes_last_and_is_not_taken_for_a_target_that_is_down():
    todo = trials(20)
    target = Parrot({f"question number {n}": 99 for n in range(10)}, again=False)
    limits = Limits(at_once=1, down_after=6)
    journal = MemoryJournal()
    first, _ = go(todo[:5] + todo[10:12], target, journal, limits=limits)
    assert (first.failed, first.done) == (5, 2)
    target.asked.clear()
    second, _ = go(todo[:5] + todo[10:], target, journal, limits=limits)
    assert (second.why, second.failed, second.done) == (Why.DONE, 5, 10)
    assert [turns[-1] for turns in target.asked[-5:]] == [f"question number {n}" for n in range(5)]


def test_what_has_just_failed_is_left_alone_if_so_told():
    todo, target = trials(3), Parrot({"question number 1": 99}, again=False)
    _, journal = go(todo, target)
    progress, _ = go(todo, target, journal, tired={todo[1][0]})
    assert (progress.asked, progress.failed, progress.why) == (0, 1, Why.DONE)


def test_without_targets_nobody_is_asked_and_all_that_waits_is_judged():
    todo, journal = trials(4), MemoryJournal()

    async def keep():
        for trial, _ in todo[:2]:
            await journal.keep(trial, Said("I refuse", tokens=(50, 50)))

    asyncio.run(keep())
    spent = Limits(allows=lambda prompt, completion: False)
    run = Run(todo, {}, journal, refuses, spent)
    progress = asyncio.run(run.go())
    assert (progress.judged, progress.asked, progress.done, progress.total) == (2, 0, 2, 4)
    assert progress.why is Why.DONE


def test_a_spent_budget_keeps_no_answer_from_being_judged():
    """Planted fault caught: the budget held before it is known whether anybody has to be asked."""
    todo, journal, target = trials(4), MemoryJournal(), Parrot()
    asyncio.run(journal.keep(todo[3][0], Said("I refuse", tokens=(50, 50))))
    progress, _ = go(todo, target, journal, limits=Limits(allows=lambda p, c: p + c < 100))
    assert (progress.judged, progress.why, target.asked) == (1, Why.BUDGET, [])


def test_no_more_are_under_way_than_allowed():
    most = [0, 0]

    class Slow(Parrot):
        async def ask(self, turns, system="", repeat=0):
            most[0] += 1
            most[1] = max(most)
            await asyncio.sleep(0)
            most[0] -= 1
            return await super().ask(turns, system, repeat)

    go(trials(40), Slow(), limits=Limits(at_once=3))
    assert most[1] == 3


def test_questions_begin_no_more_often_than_asked():
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    go(trials(4), Parrot(), limits=Limits(at_once=1, per_minute=60), sleep=sleep)
    assert [round(one) for one in waits] == [1, 2, 3]


def test_a_run_that_is_cancelled_leaves_nothing_under_way():
    started = asyncio.Event()

    class Stuck(Parrot):
        async def ask(self, turns, system="", repeat=0):
            started.set()
            await asyncio.Event().wait()

    async def stop():
        run = Run(trials(5), {"model": Stuck()}, MemoryJournal(), refuses)
        task = asyncio.ensure_future(run.go())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]

    assert asyncio.run(stop()) == []
