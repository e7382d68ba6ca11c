"""The judged part of a streamed answer: which lines have judges behind them, and what they await.

The relay feeds its lines as ever; the jury collects the questions that come up, brings answers to
the line they belong to, and says whether an end may be told yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from kanhe.gateway import surface as on
from kanhe.gateway.check import PlanFor, judged_rules, waits_for_judges
from kanhe.gateway.judging import Asked
from kanhe.gateway.places import Key
from kanhe.gateway.wire import NAMES, Json, is_name
from kanhe.policy.judged import JudgedGuard, Seen

FIELDS = "fields"
"""First part of the keys of unknown fields, which are held to the end and asked about there."""

_DELTA: tuple[str, Json] = ("delta", {})
_NOTHING: tuple[Json, ...] = (None, "", {}, [])


class Jury:
    """The guards of one answer that have judges behind them.

    Args:
        plan_for: Which plan looks at a surface.
    """

    def __init__(self, plan_for: PlanFor) -> None:
        self._plan_for = plan_for
        self._guards: dict[Key, JudgedGuard] = {}
        self._known: set[str] = set()
        """Readings of unknown fields that have been asked about."""
        self.holds = waits_for_judges(plan_for)
        """Whether any text waits for verdicts, so that nothing else may spell it before."""

    def seat(self, key: Key, guard: JudgedGuard) -> None:
        """Take in a line with judges behind it."""
        self._guards[key] = guard

    def leave(self, key: Key) -> None:
        """Let go of a line that is over."""
        self._guards.pop(key, None)

    def guard(self, key: Key) -> JudgedGuard | None:
        """Give the guard of a line; None where it is over."""
        return self._guards.get(key)

    def asks(self) -> list[Asked]:
        """Give the questions that have come up since the last call."""
        return [Asked(key, ask) for key, guard in self._guards.items() for ask in guard.asks()]

    def is_settled(self, choice: int) -> bool:
        """Say whether every question about a choice, and about unknown fields, has its answer."""
        return all(guard.is_settled for _, guard in self.of(choice))

    def of(self, choice: int | None) -> Iterator[tuple[Key, JudgedGuard]]:
        """Give the lines of a choice, or all of them."""
        some = None if choice is None else (choice, FIELDS)
        return ((k, g) for k, g in self._guards.items() if some is None or k[0] in some)

    def ask_about(self, texts: list[str]) -> None:
        """Ask about unknown fields, as about the answer's content: they are read like it."""
        rules = judged_rules(on.OTHER, self._plan_for)
        fresh = [text for text in texts if text not in self._known]
        if not (rules and fresh):
            return
        self._known.update(fresh)
        guard = JudgedGuard(Seen(), rules)
        for text in fresh:
            guard.feed(text + "\n")
        guard.conclude()
        self._guards[FIELDS, len(self._known)] = guard


def ends(event: dict[str, Json]) -> list[int]:
    """Give the choices that an event ends."""
    choices = event.get("choices")
    return [
        choice.get("index", 0)
        for choice in (choices if isinstance(choices, list) else ())
        if isinstance(choice, dict) and _is_ended(choice)
    ]


def _is_ended(choice: dict[str, Json]) -> bool:
    # A reason that is text is no reason, but a field that nobody knows: it is held to the end.
    reason = choice.get("finish_reason")
    return bool(reason) and is_name(reason)


def halves(event: dict[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """Part an event that ends choices into what it says, and that it ends them."""
    said, ended = [], []
    for choice in event["choices"]:
        if not _is_ended(choice):
            said.append(choice)
            continue
        said.append({**choice, "finish_reason": None})
        bare = {"index": choice.get("index", 0), "finish_reason": choice["finish_reason"]}
        place, nothing = ("text", "") if "text" in choice and "delta" not in choice else _DELTA
        ended.append({**bare, place: nothing})
    first = {name: value for name, value in event.items() if name != "usage"}
    last = {name: value for name, value in event.items() if name in NAMES or name == "usage"}
    return {**first, "choices": said}, {**last, "choices": ended}


def says_nothing(event: dict[str, Json]) -> bool:
    """Say whether nothing in an event is worth sending by itself, beside the names it has."""
    beside = [value for name, value in event.items() if name not in NAMES and name != "choices"]
    within = [
        value for choice in event["choices"] for name, value in choice.items() if name != "index"
    ]
    return not any(value not in _NOTHING for value in (*beside, *within))
