"""Whether the service says the same when asked the same, and whether it answers in due form.

Each of some items is asked several times. An item is steady if all its verdicts agree; one that
passes two times in three is neither passed nor failed, and a single asking would have shown one of
them by chance. Beside the share of steady items stands the agreement beyond chance (`alpha`): where
nearly everything passes, even dice agree nearly always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kanhe.assess.item import Item
from kanhe.assess.outcome import Answered, Outcome, Way
from kanhe.assess.strength import Tally
from kanhe.judge.agreement import alpha
from kanhe.judge.counts import Figure
from kanhe.judge.exact import Interval, clopper_pearson

_LOOP, _TIMES = 24, 8
"""So many characters, so many times over: the model goes round in circles."""


@dataclass(frozen=True, slots=True)
class Steady:
    """How items came out that were asked several times.

    Attributes:
        tally: `passed`: all verdicts agree; `failed`: some differ; `unscored`: some are missing.
        share: Exact interval of the share of steady ones.
        beyond_chance: Krippendorff's alpha of the verdicts; None where it cannot be told.
        wavering: Ids of the items whose verdicts differ, in order.
        same: Of the items, how many got the very same answer each time.
    """

    tally: Tally
    share: Interval
    beyond_chance: Figure | None
    wavering: tuple[str, ...]
    same: int


def steady(items: Sequence[Item], outcomes: Iterable[Outcome], target: str, way: Way) -> Steady:
    """Compare the repetitions of items; one that was asked once only takes no part."""
    asked = _asked(outcomes, target)
    several = {item.id: asked[item.digest] for item in items if len(asked.get(item.digest, ())) > 1}
    return compared(
        {
            id: [(_passed(one, way), _answer(one)) for one in some.values()]
            for id, some in several.items()
        }
    )


def compared(several: Mapping[str, Sequence[tuple[bool | None, str]]]) -> Steady:
    """Compare what came of items each time, verdict and answer, by id of item."""
    said = {id: [passed for passed, _ in some] for id, some in several.items()}
    unscored = sum(None in verdicts for verdicts in said.values())
    wavering = tuple(
        id
        for id, verdicts in sorted(said.items())
        if None not in verdicts and len(set(verdicts)) > 1
    )
    agreed = len(said) - unscored - len(wavering)
    share = Interval(
        clopper_pearson(agreed, len(said)).low, clopper_pearson(agreed + unscored, len(said)).high
    )
    units = [
        {str(n): str(one) for n, one in enumerate(verdicts) if one is not None}
        for verdicts in said.values()
    ]
    same = sum(len({answer for _, answer in some}) == 1 for some in several.values())
    return Steady(Tally(agreed, len(wavering), unscored), share, alpha(units), wavering, same)


def _asked(outcomes: Iterable[Outcome], target: str) -> Mapping[str, Mapping[int, Outcome]]:
    found: dict[str, dict[int, Outcome]] = {}
    for one in outcomes:
        if one.trial.target == target and not one.trial.variant:
            found.setdefault(one.trial.item, {})[one.trial.repeat] = one
    return found


def _passed(one: Outcome, way: Way) -> bool | None:
    verdict = one.by(way)
    return verdict.passed if verdict and isinstance(one.reply, Answered) else None


def _answer(one: Outcome) -> str:
    # Two failures are no equal answers.
    return one.reply.answer if isinstance(one.reply, Answered) else f"failed:{one.trial.repeat}"


def malformed(reply: str, lang: str) -> str:
    """Say what is wrong with the form of a reply: `empty`, `circles`, `language`; nothing: ''."""
    text = " ".join(reply.split())
    if not any(map(str.isalnum, text)):
        return "empty"
    if _circles(text):
        return "circles"
    letters = [char for char in text if char.isalpha()]
    chinese = sum("\u4e00" <= char <= "\u9fff" for char in letters)
    # A name or a term in the other language is no fault; a reply that is all in it is one.
    if len(letters) >= 20 and (chinese < 0.1 * len(letters) if lang == "zh" else
                               chinese > 0.5 * len(letters)):  # fmt: skip
        return "language"
    return ""


def _circles(text: str) -> bool:
    seen: dict[str, int] = {}
    for at in range(0, max(0, len(text) - _LOOP + 1)):
        part = text[at : at + _LOOP]
        seen[part] = seen.get(part, 0) + 1
        # A row of dots or strokes is a line, and no thought that comes back.
        if seen[part] >= _TIMES and len(set(part)) > 3:
            return True
    return False
