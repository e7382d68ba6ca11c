"""What may be recorded of an assessment: the facts of each tag, and nothing beside them.

The shapes are those that `fact.py` gives. Refused: a text that is none of the codes, hashes and
instants that belong there, and every fact that stands beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeAlias

from kanhe.errors import RequestError
from kanhe.ledger.entry import Json

MILLION = 1_000_000
MOST_SLICES = 200
"""Slices of a test that are told: an entry of the ledger has an end."""

_Check: TypeAlias = Callable[[Json], bool]

_HASH = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_SHORT = 200


def check_facts(tag: str, facts: Mapping[str, Json]) -> None:
    """Check what is to be recorded of an assessment.

    Raises:
        RequestError: It may not be recorded.
    """
    shape = SHAPES[tag]
    if set(facts) != set(shape):
        raise _refused(f"{tag} has the facts {', '.join(sorted(shape))}")
    for name, value in facts.items():
        if not shape[name](value):
            raise _refused(f"the fact {name!r} is not what it should be")


def _code(value: Json) -> bool:
    return isinstance(value, str) and bool(_CODE.fullmatch(value))


def _hash(value: Json) -> bool:
    return isinstance(value, str) and bool(_HASH.fullmatch(value))


def _word(value: Json) -> bool:
    return isinstance(value, str) and len(value) <= _SHORT and value.isprintable()


def _count(value: Json) -> bool:
    return type(value) is int and value >= 0


def _flag(value: Json) -> bool:
    return type(value) is bool


def _one_of(*words: str) -> _Check:
    return lambda value: value in words


def _or(other: Json, check: _Check) -> _Check:
    return lambda value: value == other or check(value)


def _list(check: _Check, most: int = MOST_SLICES) -> _Check:
    return lambda value: (
        isinstance(value, list | tuple) and len(value) <= most and all(map(check, value))
    )


def _map(check: _Check) -> _Check:
    def holds(value: Json) -> bool:
        if not isinstance(value, Mapping) or len(value) > MOST_SLICES:
            return False
        return all(map(_code, value)) and all(map(check, value.values()))

    return holds


def _shape(**checks: _Check) -> _Check:
    def holds(value: Json) -> bool:
        if not isinstance(value, Mapping) or set(value) != set(checks):
            return False
        return all(check(value[name]) for name, check in checks.items())

    return holds


def _day(value: Json) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _instant(value: Json) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _tally(value: Json) -> bool:
    return isinstance(value, list | tuple) and len(value) == 3 and all(map(_count, value))


def _interval(value: Json) -> bool:
    match value:
        case [int(low), int(high)]:
            return -MILLION <= low <= high <= MILLION
        case _:
            return False


_KIND = _one_of("output", "refuse", "answer")
_ROUTE = _one_of("gateway", "model")
_ENDS = _one_of("done", "budget", "down", "stopped")
_CONCLUSION = _one_of("conforms", "does-not-conform", "open")
_TARGETS = _list(_shape(route=_ROUTE, model=_word, by=_or("", _code)), 2)
_RATE = _shape(
    whole=_tally,
    shown=_one_of("kept", "open", "broken"),
    slices=_map(_tally),
    corrected=_or(None, _interval),
    fits=_or(None, _flag),
)
_TEST = _shape(
    kind=_KIND, target=_ROUTE, conclusion=_CONCLUSION, missing=_list(_code), ways=_map(_RATE)
)
_JUDGE = _shape(name=_word, hash=_hash, pinned=_flag, record=_or("", _hash), doubts=_list(_code))
_PEOPLE = _shape(
    drawn=_count, judged=_count, doubled=_count, agreed=_count, panel=_count, open=_count
)
_GROUND = _shape(
    n=_count, unreadable=_count, clued=_or(None, _interval), bare=_or(None, _interval),
    groups=_count, singled_out=_count,
)  # fmt: skip

SHAPES: Mapping[str, Mapping[str, _Check]] = {
    "assess:bank:seen": {
        "bank": _code, "regime": _or("", _code), "kind": _KIND, "version": _word, "sha256": _hash,
        "items": _map(_count), "pending": _count, "reviewers": _count, "updated": _day,
        "rejected": _list(_code),
    },
    "assess:run:begun": {
        "run": _code, "plan": _hash, "regime": _code, "banks": _map(_hash), "targets": _TARGETS,
    },
    "assess:run:ended": {
        "run": _code, "by": _ENDS, "asked": _count, "failed": _count,
    },
    "assess:report:made": {
        "report": _hash, "root": _hash, "lines": _count, "run": _code, "plan": _hash,
        "regime": _code, "begun": _instant, "ended": _instant,
        "ended_by": _ENDS, "editions": _list(_code),
        "clauses": _map(_count), "targets": _TARGETS,
        "banks": _list(_shape(bank=_code, kind=_KIND, sha256=_hash)), "tests": _list(_TEST, 12),
        "conclusion": _CONCLUSION, "judge": _or(None, _JUDGE), "people": _or(None, _PEOPLE),
        "bias": _map(_map(_GROUND)), "steady": _map(_shape(tally=_tally, same=_count)),
        "keys": _map(_map(_tally)), "leaks": _map(_tally),
    },
    "assess:report:signed": {"report": _hash, "role": _code, "by": _word},
}  # fmt: skip
"""By tag, and by fact. Tags are written out: `fact.py` stands above this file."""


def _refused(why: str) -> RequestError:
    return RequestError(why, advice="Use `kanhe assess`.", status=422, code="not_recorded")
