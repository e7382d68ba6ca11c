"""Runs as the data that pages show and their twins say: how they stand, what is due. Values only.

Addresses and names of variables with keys are left out: who may look at an assessment need not know
where the model stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Literal, TypeAlias

from babel.dates import format_timedelta

from kanhe.assess.plan import Plan
from kanhe.assess.threshold import Threshold
from kanhe.console import shown
from kanhe.console.assess_data import Going, Listed, RunSeen
from kanhe.console.assess_words import KINDS, WAYS, said
from kanhe.console.language import Language
from kanhe.console.locale_text import Catalogue
from kanhe.ledger.entry import Json

State: TypeAlias = Literal["new", "going", "halted", "stopped", "done", "budget", "down"]

ENDED: tuple[State, ...] = ("done", "budget", "down")
"""A run that stands so has ended; figures can be made of it."""

SILENT_S = 30
"""A run that has not ended and said nothing for so long is not going: it writes twice a second."""

_MINUTE_S = 60


def state(going: Going | None, now: datetime) -> State:
    """Say how a run stands."""
    if going is None:
        return "new"
    match going.why:
        case "done" | "budget" | "down" | "stopped":
            return going.why
        case "interrupted":
            return "halted"
        case _:
            silent = now - going.at > timedelta(seconds=SILENT_S)
            return "halted" if silent else "going"


def row(one: Listed, now: datetime) -> shown.Data:
    """Give a run as it stands in a list."""
    if not isinstance(one, RunSeen):
        return {"name": one.name, "unreadable": {"what": one.what, "advice": one.advice}}
    return {
        "name": one.name,
        "unreadable": None,
        "plan": one.plan.id,
        "title": shown.text(one.plan.title),
        "plan_sha256": one.plan.sha256,
        "regime": one.plan.regime,
        "routes": sorted(one.plan.targets),
        "banks": [{"id": name, "sha256": digest} for name, digest in one.banks.items()],
        "begun": shown.instant(one.begun),
        "state": state(one.going, now),
        "going": progress(one.going),
        "files": list(one.files),
        "reported": "report.json" in one.files,
    }


def progress(going: Going | None) -> Json:
    """Give how far a run is."""
    if going is None:
        return None
    return {
        "total": going.total, "done": going.done, "failed": going.failed, "asked": going.asked,
        "tokens": going.tokens, "rate": f"{going.rate:.2f}",
        "eta_s": None if going.eta_s is None else ceil(going.eta_s),
        "why": going.why, "at": shown.instant(going.at),
    }  # fmt: skip


def words(
    going: Going | None, found: State, catalogue: Catalogue, language: Language
) -> dict[str, Json]:
    """Say how far a run is, in words: what its page and its live stream both show."""

    def say(message: str, **values: object) -> str:
        return str(catalogue.say(language, message, **values))

    said: dict[State, str] = {
        "new": say("Nothing was asked yet."),
        "going": say("It is going."),
        "halted": say("It has stopped without saying why. The same command goes on where it was."),
        "stopped": say("Somebody stopped it. The same command goes on where it was."),
        "done": say("Everything was asked."),
        "budget": say("It has ended because its budget is spent. What was not asked is unscored."),
        "down": say("It has ended because the target did not answer any more."),
    }
    left = _left(going, found, language)
    return {
        "state": found,
        "said": said[found],
        "total": going.total if going else 0,
        "done": going.done if going else 0,
        "far": say("%(done)s of %(all)s", done=f"{going.done:,}", all=f"{going.total:,}")
        if going
        else "",
        "failed": f"{going.failed:,}" if going else "0",
        "asked": f"{going.asked:,}" if going else "0",
        "tokens": f"{going.tokens:,}" if going else "0",
        "rate": f"{going.rate:.2f}" if going and found == "going" else "—",
        "left": say("about %(time)s", time=left) if left else "—",
    }


def _left(going: Going | None, found: State, language: Language) -> str:
    if going is None or going.eta_s is None or found != "going":
        return ""
    seconds = max(1, ceil(going.eta_s))
    # Full minutes: seconds would change twice a second, and mean nothing.
    rounded = seconds if seconds < _MINUTE_S else ceil(seconds / _MINUTE_S) * _MINUTE_S
    return str(format_timedelta(timedelta(seconds=rounded), threshold=1.5, locale=language))


def plan(one: Plan) -> shown.Data:
    """Give a plan, without where its targets stand."""
    judging, parts, budget = one.judging, one.parts, one.budget
    classifier, people = judging.classifier, judging.people
    return {
        "id": one.id, "title": shown.text(one.title), "regime": one.regime, "seed": one.seed,
        "sha256": one.sha256, "every_days": one.every_days,
        "draws": [{"bank": draw.bank, "questions": draw.questions, "each": draw.each}
                  for draw in one.draws],
        "targets": [{"route": each.route.value, "model": each.model}
                    for each in one.targets.values()],
        "asking": {"max_tokens": one.asking.max_tokens,
                   "temperature": f"{one.asking.temperature:g}",
                   "seed": one.asking.seed, "system": bool(one.asking.system)},
        "rulesets": list(judging.rulesets),
        "classifier": {"judge": classifier.judge, "threshold": f"{classifier.threshold:g}"}
        if classifier else None,
        "people": {"questions": people.questions, "double": f"{100 * float(people.double):g}"}
        if people else None,
        "parts": {"robust": parts.robust_passed, "variants": list(parts.variants),
                  "fairness": parts.fairness, "privacy": parts.privacy,
                  "reliable": parts.reliable, "repeats": parts.repeats},
        "budget": {"tokens": budget.tokens,
                   "money": None if budget.money is None else f"{float(budget.money):.2f}",
                   "currency": budget.currency},
        "pace": {"at_once": one.pace.at_once, "per_second": f"{one.pace.per_second:g}"},
        "gate": [threshold(each) for each in one.gate],
        "regression": None if one.regression is None else
        {"lost": one.regression.lost, "worse": one.regression.worse},
    }  # fmt: skip


def threshold(one: Threshold) -> Json:
    """Give one condition of a gate."""
    return {"kind": one.kind.value, "kind_title": said(KINDS, one.kind), "way": one.way.value,
            "way_title": said(WAYS, one.way), "slice": one.slice, "by": one.by.value,
            "most": one.bound.most, "share": f"{100 * float(one.bound.share):g}"}  # fmt: skip


def schedule(runs: Iterable[Listed], now: datetime) -> list[Json]:
    """Say of each plan that is to be run again when it is due, the most urgent first.

    Counted from when its last whole run was begun: questions are as old as their asking.
    """
    newest: dict[str, RunSeen] = {}
    for one in runs:
        if isinstance(one, RunSeen) and one.begun and one.plan.every_days:
            known = newest.get(one.plan.id)
            if _whole(one) and (known is None or (known.begun or one.begun) < one.begun):
                newest[one.plan.id] = one
    found = sorted(newest.values(), key=_again)
    return [_due(one, now) for one in found]


def _whole(one: RunSeen) -> bool:
    going = one.going
    # A run that nobody answered has shown nothing: it is due as before.
    return going is not None and going.why == "done" and going.failed < going.total


def _again(one: RunSeen) -> datetime:
    assert one.begun  # noqa: S101 # only such are asked
    return one.begun + timedelta(days=one.plan.every_days or 0)


def _due(one: RunSeen, now: datetime) -> Json:
    at, every = _again(one), one.plan.every_days
    return {"plan": one.plan.id, "title": shown.text(one.plan.title), "last": one.name,
            "begun": shown.instant(one.begun), "every_days": every, "at": shown.instant(at),
            "overdue": at < now}  # fmt: skip
