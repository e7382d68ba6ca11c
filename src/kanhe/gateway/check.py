"""Texts that are complete: the prompt, and an answer that does not stream.

The same guard looks at them as at a stream, so that a text is judged alike however it travels. An
application sends the whole conversation with each turn: texts in which a plan has found nothing are
known again by their digest, so that earlier turns are checked without being read anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from kanhe.gateway.escapes import EscapedGuard
from kanhe.gateway.judging import Asked, Inquiry
from kanhe.gateway.surface import CONTENT, OTHER, Spot
from kanhe.gateway.wire import NAME
from kanhe.policy.judged import JudgedGuard, Seen, is_held
from kanhe.policy.judged_file import PROSE
from kanhe.policy.rule import Finding, JudgedRule
from kanhe.policy.ruleset import Plan
from kanhe.policy.stream import StreamGuard

_TURN = 4096
"""Characters looked at before others have their turn: some milliseconds."""

_WORTH_KNOWING = 64
_MOST_KNOWN = 20_000

PlanFor = Callable[[str], Plan]
"""From the name of a surface to the plan that looks at it."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding and the surface it was on."""

    surface: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Passed:
    """Nothing in the texts stops them. `changed` says that something was masked in place."""

    noticed: tuple[Noticed, ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """A rule stops the texts. `before` is what stands before the finding, on its own surface."""

    by: Noticed
    noticed: tuple[Noticed, ...]
    before: str
    spot: Spot


_Read = tuple[str, tuple[Finding, ...], Finding | None]
"""What may be shown of a text, what was noticed in it, and what stops it."""


def guard_for(plan: Plan, *, escaped: bool) -> StreamGuard:
    """Give a guard for one surface; `escaped` where the text on it is JSON for certain."""
    return EscapedGuard(plan, json=escaped)


def judged_rules(surface: str, plan_for: PlanFor) -> tuple[JudgedRule, ...]:
    """Give the rules that ask judges about a surface: a field nobody knows is read like content."""
    return plan_for(CONTENT if surface == OTHER else surface).judged


def waits_for_judges(plan_for: PlanFor) -> bool:
    """Say whether any text waits for verdicts, so that nothing else may spell it before."""
    return any(is_held(*one) for surface in PROSE for one in plan_for(surface).judged)


async def check_patiently(
    spots: Iterable[Spot], plan_for: PlanFor, inquiry: Inquiry, *, come_again: bool
) -> Passed | Stopped:
    """Look at each text; mask in place what rules mask, stop at the first finding that stops.

    Where rules want that, judges are asked about what is left. Others have their turn while a long
    text lasts. `come_again` says that texts are worth knowing: turns of a conversation are sent
    again with each new one, answers are not.
    """
    judged: list[Spot] = []
    looking = _look(_noting(spots, plan_for, judged), plan_for, come_again=come_again)
    while True:
        try:
            next(looking)
        except StopIteration as end:
            verdict = _verdict(end)
            break
        await asyncio.sleep(0)
    if isinstance(verdict, Stopped) or not judged:
        return verdict
    return await _judge(judged, plan_for, verdict, inquiry)


def _noting(spots: Iterable[Spot], plan_for: PlanFor, judged: list[Spot]) -> Iterator[Spot]:
    """Note the texts that judges have to see, once they have been looked at and masked."""
    for spot in spots:
        yield spot
        if spot.text and not _is_name(spot) and judged_rules(spot.surface, plan_for):
            judged.append(spot)


def _is_name(spot: Spot) -> bool:
    """Say whether it is what fields are called, or a number of theirs: no sentence for a judge."""
    if spot.surface != OTHER or spot.replace:
        return False
    return all(map(NAME.fullmatch, spot.text.split("\n")))


async def _judge(
    spots: list[Spot], plan_for: PlanFor, passed: Passed, inquiry: Inquiry
) -> Passed | Stopped:
    """Ask about texts; the first one in their order that a rule stops, stops them all."""
    guards = [JudgedGuard(Seen(), judged_rules(spot.surface, plan_for)) for spot in spots]
    for spot, guard in zip(spots, guards, strict=True):
        for start in range(0, len(spot.text), _TURN):
            guard.feed(spot.text[start : start + _TURN])
            await asyncio.sleep(0)
        guard.conclude()
    inquiry.put(Asked((n,), ask) for n, guard in enumerate(guards) for ask in guard.asks())
    stops: dict[int, Finding] = {}
    noticed = list(passed.noticed)
    try:
        while inquiry.is_open:
            for answer in await inquiry.some():
                number = answer.key[0]
                release = guards[number].answer(answer.number, answer.given)
                noticed += [Noticed(spots[number].surface, one) for one in release.noticed]
                if release.stopped_by:
                    stops[number] = release.stopped_by
    finally:
        inquiry.cancel()  # whoever asked may have left
    if not stops:
        return Passed(tuple(noticed), passed.changed)
    first = min(stops)
    spot, found = spots[first], stops[first]
    return Stopped(Noticed(spot.surface, found), tuple(noticed), spot.text[: found.start], spot)


def found_in(text: str, plan: Plan) -> Finding | None:
    """Look at a text that has no place for a mask; give the first finding that changes anything."""
    guard = StreamGuard(plan)
    first = guard.feed(text)
    last = first if first.stopped_by else guard.finish()
    acting = (one for one in (*first.noticed, *last.noticed) if one.rule.acts)
    return last.stopped_by or next(acting, None)


def _verdict(end: StopIteration) -> Passed | Stopped:
    verdict = end.value
    assert isinstance(verdict, Passed | Stopped)  # noqa: S101 # what `_look` returns
    return verdict


def _look(
    spots: Iterable[Spot], plan_for: PlanFor, *, come_again: bool
) -> Generator[None, None, Passed | Stopped]:
    """Look at each text, pausing after every `_TURN` characters."""
    noticed: list[Noticed] = []
    changed = False
    for spot in spots:
        plan = plan_for(spot.surface)
        if not spot.text or not (plan.acting or plan.watching):
            continue
        known = _digest(spot) if come_again and _is_worth_knowing(spot) else None
        if known in plan.clean:
            continue
        shown, found, stop = yield from _read(spot, plan)
        noticed += [Noticed(spot.surface, finding) for finding in found]
        if stop:
            return Stopped(Noticed(spot.surface, stop), tuple(noticed), shown, spot)
        if spot.replace and shown != spot.text:
            spot.replace(shown)
            spot.text, changed = shown, True
        elif known and not found:
            _remember(plan.clean, known)
    return Passed(tuple(noticed), changed)


def _read(spot: Spot, plan: Plan) -> Generator[None, None, _Read]:
    shown, found, stop = yield from _through(guard_for(plan, escaped=spot.escaped), spot.text)
    if not stop and "\\" in shown and not spot.escaped:
        # It may be JSON, as a tool's result often is: then its short escapes are read, too.
        shown, more, stop = yield from _through(guard_for(plan, escaped=True), shown)
        found += tuple(one for one in more if one.rule.acts)
    if spot.replace is None and shown != spot.text:
        # There is no place for a mask: what cannot be masked is not shown.
        stop = stop or next(finding for finding in found if finding.rule.acts)
    return shown, found, stop


def _through(guard: StreamGuard, text: str) -> Generator[None, None, _Read]:
    shown = ""
    found: tuple[Finding, ...] = ()
    for start in range(0, len(text), _TURN):
        release = guard.feed(text[start : start + _TURN])
        shown, found = shown + release.text, found + release.noticed
        if release.stopped_by:
            return shown, found, release.stopped_by
        if len(text) > _TURN:
            yield
    release = guard.finish()
    return shown + release.text, found + release.noticed, release.stopped_by


def _is_worth_knowing(spot: Spot) -> bool:
    # Long texts cost more than their digest; names come again with every request.
    return len(spot.text) > _WORTH_KNOWING or spot.replace is None


def _digest(spot: Spot) -> bytes:
    # Two texts with one digest would have to be made on purpose: 2**64 tries for a pair.
    data = spot.text.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16, person=b"json" if spot.escaped else b"text").digest()


def _remember(clean: dict[bytes, None], known: bytes) -> None:
    if len(clean) >= _MOST_KNOWN:
        del clean[next(iter(clean))]
    clean[known] = None
