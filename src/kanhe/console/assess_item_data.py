"""Trials of a run as the browser of items shows them: filtered, told, without a text. Values only.

People judge blind: what machines said of an item that people are still to judge is withheld from
whoever may judge, in the list, in its filters and in its counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from typing import Literal, TypeAlias

from kanhe.adapters.assess_gather import NOT_ASKED
from kanhe.assess.line import Line
from kanhe.assess.outcome import Answered, Failed, Trial, Verdict, Way
from kanhe.console import shown
from kanhe.console.assess_words import (
    EXPECTS,
    KINDS,
    PARTS,
    SAID,
    TARGETS,
    WAYS,
    reason,
    said,
    slice_title,
    variant,
)
from kanhe.law.risk import Risk
from kanhe.ledger.entry import Json

Said: TypeAlias = Literal["passed", "failed", "unscored", "no-answer", "not-asked", "waiting"]

PAGE = 50
"""Trials on one page."""

_MOST_CHOICES = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which trials are asked for; an empty field asks for nothing. `q`: a part of the item's id."""

    q: str = ""
    bank: str = ""
    slice: str = ""
    lang: str = ""
    target: str = ""
    part: str = ""
    variant: str = ""
    way: str = ""
    said: str = ""
    why: str = ""

    @property
    def query(self) -> dict[str, str]:
        """Give what is asked as an address has it."""
        return {name: value for name, value in asdict(self).items() if value}


NAMES = tuple(field.name for field in fields(Wanted))


def key(line: Line) -> str:
    """Name a trial in an address: 16 hex digits, the same whatever else is asked."""
    one = line.outcome.trial
    parts = (line.bank, line.id, one.item, one.target, one.variant, str(one.repeat))
    return blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()


def waits(line: Line) -> bool:
    """Say whether people are still to judge it."""
    judged = line.outcome.by(Way.MANUAL)
    answered = isinstance(line.outcome.reply, Answered)
    return line.people and answered and (judged is None or judged.passed is None)


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody sees trials: by which way, and whether as one who may still judge them."""

    way: str = ""
    blind: bool = False

    def said(self, line: Line) -> Said:
        """Say what came of a trial, by this way or by all together."""
        reply = line.outcome.reply
        if isinstance(reply, Failed):
            return "not-asked" if reply == NOT_ASKED else "no-answer"
        if self.blind and waits(line):
            return "waiting"
        passed = line.outcome.passed
        if self.way:
            one = next((v for v in self.verdicts(line) if v.way == self.way), None)
            passed = one.passed if one else None
        return "unscored" if passed is None else "passed" if passed else "failed"

    def verdicts(self, line: Line) -> tuple[Verdict, ...]:
        """Give of each way the verdict that counts; none that has to be withheld."""
        if self.blind and waits(line):
            return ()
        found = (line.outcome.by(way) for way in Way)
        return tuple(one for one in found if one is not None)

    def reasons(self, line: Line) -> Iterator[tuple[str, str]]:
        """Give the reasons of a trial that did not pass, each with its way; empty: the reply."""
        reply = line.outcome.reply
        if isinstance(reply, Failed):
            if reply != NOT_ASKED:
                yield "", reply.code
            return
        for one in self.verdicts(line):
            if one.passed is not True and one.why and self.way in ("", one.way):
                yield one.way, one.why

    def whys(self, line: Line) -> tuple[str, ...]:
        """Give the codes of these reasons, each once."""
        return tuple(dict.fromkeys(code for _, code in self.reasons(line)))


def chosen(lines: Mapping[str, Line], wanted: Wanted, look: Look) -> list[tuple[str, Line]]:
    """Give the trials that are asked for, in their order."""
    return [(name, line) for name, line in lines.items() if _takes(line, wanted, look)]


def _takes(line: Line, wanted: Wanted, look: Look) -> bool:
    trial = line.outcome.trial
    plain = (
        (wanted.bank, line.bank), (wanted.slice, line.slice), (wanted.lang, line.lang),
        (wanted.target, trial.target), (wanted.part, line.part), (wanted.variant, trial.variant),
    )  # fmt: skip
    return (
        all(not asked or asked == is_ for asked, is_ in plain)
        and wanted.q in line.id
        and (not wanted.said or look.said(line) == wanted.said)
        and (not wanted.why or wanted.why in look.whys(line))
    )


def choices(
    lines: Iterable[Line], look: Look, risks: Mapping[str, Risk]
) -> Mapping[str, Sequence[Json]]:
    """Give for each filter what there is to choose, with how many trials; the most frequent 200."""
    some = list(lines)

    def of(told: Callable[[str], Json], values: Iterable[str]) -> list[Json]:
        counted = Counter(value for value in values if value)
        kept = sorted(name for name, _ in counted.most_common(_MOST_CHOICES))
        return [{"id": name, "title": told(name), "n": counted[name]} for name in kept]

    trials: list[Trial] = [line.outcome.trial for line in some]
    return {
        "bank": of(_plain, (line.bank for line in some)),
        "slice": of(lambda code: slice_title(code, risks), (line.slice for line in some)),
        "lang": of(_plain, (line.lang for line in some)),
        "target": of(lambda code: said(TARGETS, code), (one.target for one in trials)),
        "part": of(lambda code: said(PARTS, code), (line.part for line in some)),
        "variant": of(variant, (one.variant for one in trials)),
        "way": [{"id": way.value, "title": said(WAYS, way)} for way in Way],
        "said": of(lambda code: said(SAID, code), (look.said(line) for line in some)),
        "why": of(reason, (why for line in some for why in look.whys(line))),
    }


def _plain(code: str) -> Json:
    return {"zh": code, "en": code}


def row(name: str, line: Line, look: Look, risks: Mapping[str, Risk]) -> shown.Data:
    """Give a trial as it stands in the list."""
    trial = line.outcome.trial
    return {
        "key": name, "id": line.id, "bank": line.bank, "slice": line.slice,
        "slice_title": slice_title(line.slice, risks), "lang": line.lang,
        "target": trial.target, "target_title": said(TARGETS, trial.target),
        "part": line.part.value, "part_title": said(PARTS, line.part),
        "variant": trial.variant,
        "variant_title": variant(trial.variant) if trial.variant else None,
        "repeat": trial.repeat, "said": look.said(line),
        "said_title": said(SAID, look.said(line)),
        "whys": _whys(line, look),
    }  # fmt: skip


def _whys(line: Line, look: Look) -> list[Json]:
    """Give each reason once, however many ways give it."""
    # Backwards: the first way of those that give it is the one that names it.
    titles = {code: reason(code, way) for way, code in reversed([*look.reasons(line)])}
    return [{"code": code, "title": titles[code]} for code in look.whys(line)]


def whole(
    name: str, line: Line, others: Sequence[tuple[str, Line]], look: Look, risks: Mapping[str, Risk]
) -> shown.Data:
    """Give all that is known of a trial, and the other trials of its item."""
    reply = line.outcome.reply
    answered = reply if isinstance(reply, Answered) else None
    return {
        **row(name, line, look, risks),
        "kind": said(KINDS, line.kind), "expect": said(EXPECTS, line.expect), "form": line.form,
        "digest": line.outcome.trial.item,
        "answer": answered.answer if answered else None,
        "stopped_by": answered.refused_by_gateway or None if answered else None,
        "tokens": list(answered.tokens) if answered else None,
        "ms": answered.ms if answered else None,
        "tries": reply.tries if isinstance(reply, Failed) else None,
        "for_people": line.people, "withheld": look.blind and waits(line),
        "verdicts": [_verdict(one) for one in look.verdicts(line)],
        "others": [row(key_, one, look, risks) for key_, one in others],
    }  # fmt: skip


def _verdict(one: Verdict) -> Json:
    found = "unscored" if one.passed is None else "passed" if one.passed else "failed"
    return {
        "way": one.way.value, "way_title": said(WAYS, one.way), "said": found,
        "said_title": said(SAID, found), "why": one.why,
        "why_title": reason(one.why, one.way) if one.why else None, "by": one.by,
        "probability": None if one.permille is None else f"{one.permille / 10:.1f}",
    }  # fmt: skip
