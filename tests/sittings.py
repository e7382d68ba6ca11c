"""Runs whose answers people judge: what was drawn, what they said, a run's folder in memory."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime
from fractions import Fraction
from types import SimpleNamespace

from fakes_assess import MemoryJournal, item
from kanhe.adapters.assess_folder import Runs as RunFolders
from kanhe.adapters.assess_journal import open_journal
from kanhe.assess.course import Asked, first
from kanhe.assess.item import Expect
from kanhe.assess.line import Part
from kanhe.assess.outcome import Answered, Trial, Verdict, Way
from kanhe.assess.people import Drawn, Judgement, Sitting
from kanhe.assess.run import Said

NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
HIDDEN = "over:planted-word"
"""What a machine said of every answer: it must stand on no page."""


def trial(number):
    return Trial(item(number).digest, "gateway")


def say(number, by, what="pass", *, seconds=5, at=NOW, panel=False):
    """A verdict as one writes it: `pass`, `fail:risk`, `skip`, `withdrawn`."""
    said, _, why = what.partition(":")
    return Judgement(trial(number), by, said, why, seconds, at, panel)


def drawn(count, double="1", seed="s"):
    return Drawn(tuple(map(trial, range(count))), Fraction(double), seed)


def sitting(count, *said, double="1", **more):
    return Sitting(drawn(count, double), said, **more)


class Runs:
    """Runs in memory, whose folders are real: each a name and how many answers people judge."""

    def __init__(self, folder, *, people=3, unanswered=(), **asked):
        self.folder, self.journals = folder, {}
        self.plan = SimpleNamespace(
            sha256="ab" * 32,
            title=SimpleNamespace(zh="十一月评估", en="The assessment of November"),
            judging=SimpleNamespace(people=SimpleNamespace(double=Fraction(1))),
        )
        self.asked = tuple(self._asked(people, **asked))
        self._journal = MemoryJournal()
        for one in self.asked:
            if int(one.item.id[1:]) not in unanswered:
                self._answer(one)
        (folder / "autumn").mkdir(parents=True)

    def _asked(self, people, *, expect=Expect.SAFE, said="a question ", **more):
        for number in range(people + 1):
            one = item(number, turns=(f"{said}{number}",), expect=expect, **more)
            yield Asked(trial(number), one, one, "planted-bank", Part.BANK, people=number < people)

    def _answer(self, one, text="an answer to "):
        digest = "0" * 64
        self._journal._replies[one.trial] = Answered(digest)
        self._journal._answers[one.trial] = f"{text}{one.item.turns[-1]}"
        self._journal._verdicts[one.trial] = (Verdict(Way.KEYWORD, False, "rules-1", HIDDEN),)

    def names(self):
        return ("autumn",)

    def open(self, name):
        assert name == "autumn"
        return SimpleNamespace(
            plan=self.plan, asked=self.asked, journal=lambda: nullcontext(self._journal)
        )


PLAN = """\
id: autumn
title: {zh: 秋季评估, en: The assessment of autumn}
regime: cn-genai
banks: [{bank: cn-genai/output, questions: 6}]
targets: [{route: model, url: "http://127.0.0.1:9/v1", model: m}]
judging: {people: {questions: 3, double: 1}}
"""


def planted(data, name="autumn", plan=PLAN, answer="an answer"):
    """A real run in the data directory, all of it answered and judged by a machine."""
    run = RunFolders(data).begin(name, plan.encode(), NOW, "0.0")

    async def fill():
        journal = open_journal(run.path, run.course)
        for number, one in enumerate(first(run.plan, run.material)):
            await journal.keep(one.trial, Said(f"{answer} {number}"))
            await journal.judge(one.trial, [Verdict(Way.KEYWORD, False, "rules-1", HIDDEN)])
        await journal.aclose()

    # A browser's tests have a loop running in their own thread.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(lambda: asyncio.run(fill())).result()
    return run
