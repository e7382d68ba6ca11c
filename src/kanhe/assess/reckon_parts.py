"""What is looked at beside the tests: disguises, repetitions, groups, leaks, routes.

Where one asking is compared with another, people's verdicts are left out: they judged the one and
not the other, and what would be counted is the difference between people and machines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from kanhe.assess.comparison import Comparison, compare
from kanhe.assess.counting import tally
from kanhe.assess.fairness import Leaning, Said, Swapped, leaned, swapped
from kanhe.assess.item import BankKind
from kanhe.assess.line import Part
from kanhe.assess.outcome import Answered, Way
from kanhe.assess.privacy import Leak, Leaking
from kanhe.assess.reckon_lines import Laid, Seen
from kanhe.assess.reliability import Steady, compared
from kanhe.assess.robustness import Robust, broken_by_any, robust
from kanhe.assess.strength import Tally
from kanhe.judge.exact import Interval, clopper_pearson

PLANTED = "leak:planted"
"""The form of a probe in which something was planted."""

_CHOICES = {f"choice:{one}": one for one in Said}
_SAID = {str(one): one for one in Said}

Verdicts: TypeAlias = Mapping[str, bool | None]


def plain(laid: Laid, target: str) -> Verdicts:
    """Give the machine's verdicts on items as they stand."""
    return {one.name: one.machine for one in laid.of(target, Part.BANK)}


def robustness(laid: Laid, target: str) -> tuple[tuple[Robust, ...], Tally]:
    """Count what variants do, each, and any of them."""
    varied: dict[str, dict[str, bool | None]] = {}
    for one in laid.of(target, Part.ROBUST):
        varied.setdefault(one.line.outcome.trial.variant, {})[one.name] = one.machine
    before = plain(laid, target)
    return robust(before, varied), broken_by_any(before, varied)


def steadiness(laid: Laid, target: str) -> Steady:
    """Compare what was asked again with what it was the first time."""
    several: dict[str, list[Seen]] = {}
    for one in laid.of(target, Part.RELIABLE):
        several.setdefault(one.name, []).append(one)
    for one in laid.of(target, Part.BANK):
        if one.name in several:
            several[one.name].append(one)
    return compared(
        {name: [(one.machine, _answer(one)) for one in some]
         for name, some in several.items() if len(some) > 1}
    )  # fmt: skip


def _answer(one: Seen) -> str:
    reply, trial = one.line.outcome.reply, one.line.outcome.trial
    # Two failures are no equal answers.
    return reply.answer if isinstance(reply, Answered) else f"failed:{trial.repeat}"


def choices(laid: Laid, target: str) -> dict[str, Leaning]:
    """Score choices by ground, and all together under an empty name; nothing of none."""
    grounds: dict[str, list[Seen]] = {}
    for one in laid.of(target, Part.CHOICE):
        grounds.setdefault(one.line.slice, []).append(one)
    if not grounds:
        return {}
    whole = {"": [one for some in grounds.values() for one in some]}
    return {name: _leaning(some) for name, some in sorted((whole | grounds).items())}


def _leaning(some: Sequence[Seen]) -> Leaning:
    pairs = [(_CHOICES.get(one.line.form), _chosen(one)) for one in some]
    said = [(right, chose) for right, chose in pairs if right is not None and chose is not None]
    return leaned(said, len(some) - len(said))


def _chosen(one: Seen) -> Said | None:
    found = one.ways.get(Way.CHOICE)
    return _SAID.get(found.why) if found and found.passed is not None else None


def swaps(laid: Laid, target: str) -> dict[str, tuple[Swapped, ...]]:
    """Compare groups with nobody in particular, by ground."""
    grounds: dict[str, dict[str, dict[str, bool | None]]] = {}
    for one in laid.of(target, Part.SWAP):
        groups = grounds.setdefault(one.line.slice, {})
        groups.setdefault(one.line.outcome.trial.variant, {})[one.name] = one.machine
    return {
        ground: swapped(groups.pop("", {}), groups) for ground, groups in sorted(grounds.items())
    }


def leaking(laid: Laid, target: str) -> Leaking:
    """Count probes by what their answers give away."""
    probes = laid.of(target, Part.LEAK)
    planted = tally(one.by(Way.LEAK) for one in probes if one.line.form == PLANTED)
    open_ = tally(one.by(Way.LEAK) for one in probes if one.line.form != PLANTED)
    kept = Interval(
        clopper_pearson(planted.passed, planted.n).low,
        clopper_pearson(planted.passed + planted.unscored, planted.n).high,
    )
    return Leaking(planted, open_, kept, tuple(leak for one in probes for leak in _leaks(one)))


def _leaks(one: Seen) -> Iterable[Leak]:
    found = one.ways.get(Way.LEAK)
    if found is None or found.passed is not False:
        return
    certain = one.line.form == PLANTED
    for kind in ("planted",) if certain else dict.fromkeys(found.why.split(",")):
        yield Leak(one.line.id, kind.removeprefix("leak:"), certain)


def routes(laid: Laid) -> dict[str, Comparison]:
    """Compare the model's own answers with those through the gateway, by kind of bank."""
    if not {"gateway", "model"} <= set(laid.targets):
        return {}
    found = {}
    for kind in BankKind:
        around, through = ({one.name: one for one in laid.bank(target, kind)}
                           for target in ("model", "gateway"))  # fmt: skip
        if around or through:
            alike = {
                name
                for name in around.keys() & through.keys()
                if _by_hand(around[name]) == _by_hand(through[name])
            }
            found[str(kind)] = compare(_told(around, alike), _told(through, alike))
    return found


def _by_hand(one: Seen) -> bool:
    return one.by(Way.MANUAL) is not None


def _told(some: Mapping[str, Seen], alike: set[str]) -> Verdicts:
    return {name: one.passed if name in alike else one.machine for name, one in some.items()}


def forms(laid: Laid, target: str) -> Tally:
    """Count bank items by whether the answer has the form of one."""
    return tally(one.by(Way.FORM) for one in laid.of(target, Part.BANK))


def facts(laid: Laid, target: str) -> Tally:
    """Count answers that were asked for a fact."""
    return tally(one.by(Way.KEY) for one in laid.of(target, Part.BANK) if Way.KEY in one.ways)


def failed(laid: Laid, target: str) -> dict[str, int]:
    """Count trials without an answer, by code, of all parts."""
    codes = Counter(
        one.line.outcome.reply.code
        for part in Part
        for one in laid.of(target, part)
        if not isinstance(one.line.outcome.reply, Answered)
    )
    return dict(sorted(codes.items()))


def judged_twice(laid: Laid) -> int:
    """Count trials that one way judged more than once."""
    return sum(
        len({one.way for one in each.line.outcome.verdicts}) < len(each.line.outcome.verdicts)
        for some in laid.parts.values()
        for each in some
    )
