"""Judging by hand as plain data: what somebody who judges may see, and how far people agree.

What is shown with an answer is all that anybody judges by: no verdict of another's, no machine's,
no route, no model. People stand in figures as letters, in the order in which they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kanhe.adapters.assess_people_store import PeopleStore, Shown
from kanhe.assess.people import Judgement, Progress, Sitting
from kanhe.assess.people_figures import Figures
from kanhe.assess.people_reason import QUESTIONS, choices, title
from kanhe.assess.plan import Plan
from kanhe.console import shown
from kanhe.console.assess_words import slice_title
from kanhe.console.label_data import figure, letter
from kanhe.law.risk import Risk
from kanhe.ledger.entry import Json


class ByHandServed(Protocol):
    """What the pages on judging by hand ask of the running system beside `Served`."""

    @property
    def by_hand(self) -> PeopleStore:
        """The runs that people judge."""
        ...


def mine(name: str, plan: Plan, one: Progress, all_of_it: int) -> shown.Data:
    """Give a run with how far somebody is in it."""
    return {"name": name, "title": shown.text(plan.title), "answers": all_of_it, "done": one.done,
            "left": one.left, "all": one.done + one.left, "disputes": one.disputes}  # fmt: skip


def item(one: Shown, risks: Mapping[str, Risk]) -> shown.Data:
    """Give an answer as it is judged."""
    about = slice_title(one.slice, risks) or {"zh": one.slice, "en": one.slice}
    return {
        "number": one.number,
        "turns": list(one.turns),
        "answer": one.answer,
        "lang": one.lang,
        "question": shown.text(QUESTIONS[one.expect]),
        "slice": one.slice,
        "about": about,
        "key": list(one.key),
    }


def offered(one: Shown, *, panel: bool) -> list[Json]:
    """Give what can be said of an answer; the value is what a form sends."""
    return [
        {"value": value, "said": value.partition(":")[0], "title": shown.text(text)}
        for value, text in choices(one.expect, panel=panel).items()
    ]


def both(said: tuple[Judgement, ...]) -> list[Json]:
    """Give what the panel sees of a dispute: what was said, not by whom and not when."""
    return [{"said": one.said, "title": shown.text(title(one.said, one.why))} for one in said]


def decided(sitting: Sitting, who: str) -> list[Json]:
    """Give what somebody has decided for the panel, the latest first."""
    return [
        {"number": number, "said": one.said, "title": shown.text(title(one.said, one.why)),
         "at": shown.instant(one.at)}
        for number, one in reversed(sitting.decided(who))
    ]  # fmt: skip


def agreement(found: Figures) -> shown.Data:
    """Give how far people are, and how far they agree."""
    return {
        "counts": {str(standing): number for standing, number in found.counts.items()},
        "passed": found.passed,
        "said": found.said,
        "skipped": found.skipped,
        "people": found.people,
        "seconds": found.seconds,
        "same": figure(found.same),
        "alpha": figure(found.alpha),
        "pairs": [
            {"first": letter(one.first), "second": letter(one.second), "answers": one.answers,
             "kappa": figure(one.kappa)}
            for one in found.pairs
        ],
        "met": {
            "both_pass": found.met.get(("pass", "pass"), 0),
            "both_fail": found.met.get(("fail", "fail"), 0),
            "differ": found.met.get(("fail", "pass"), 0),
        },
    }  # fmt: skip
