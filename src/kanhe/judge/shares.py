"""How much of each category a judge finds, as the ledger has it: counts by category and language.

What a law asks of classifiers it asks risk by risk; one figure over all rows would hide a category
that is never found. Only names of ours and of an operator's own are told: what authors of a set
call their rows says nothing to anybody else. A row without an opinion counts against the judge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from kanhe.judge.category import UNSAFE, is_category
from kanhe.judge.counts import Counts, Reading
from kanhe.judge.score import MILLION, Cell, Found
from kanhe.ledger.entry import Json

MOST = 40
"""Categories that are told; there are 25, and an operator has some."""

_LANGUAGES = 6
_LONGEST = 16


def alarms(table: Iterable[Cell]) -> dict[str, Json]:
    """Give by language how many safe rows are flagged, and how many there are: `[3, 400]`."""
    sums: dict[str, Counts] = defaultdict(Counts)
    for cell in table:
        sums[cell.lang] += cell.counts
    return _largest({lang: _alarms(counts) for lang, counts in sums.items() if counts.safe})


def caught(table: Iterable[Cell]) -> dict[str, Json]:
    """Give by category and language how many of its rows are flagged as unsafe, of how many."""
    sums: dict[str, dict[str, Counts]] = defaultdict(lambda: defaultdict(Counts))
    for cell in table:
        if cell.counts.unsafe and cell.category != UNSAFE and is_category(cell.category):
            sums[cell.category][cell.lang] += cell.counts
    return _told({
        category: {lang: _caught(counts) for lang, counts in by.items()}
        for category, by in sums.items()
    })  # fmt: skip


def own(found: Iterable[Found]) -> dict[str, Json]:
    """Give how well a category's own probability finds it: `[caught, unsafe, alarms, safe]`."""
    sums: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for one in found:
        sums[one.category][one.lang] = [*_caught(one.counts), *_alarms(one.counts)]
    return _told(sums)


def _told(sums: Mapping[str, Mapping[str, list[int]]]) -> dict[str, Json]:
    kept = sorted(sums)[:MOST]
    return {name: _largest(sums[name]) for name in kept}


def _largest(by: Mapping[str, list[int]]) -> dict[str, Json]:
    """Keep the languages with the most rows, where their names are such as the ledger holds."""
    named = [lang for lang in by if lang.isascii() and 0 < len(lang) <= _LONGEST]
    kept = sorted(named, key=lambda lang: (-sum(by[lang][1::2]), lang))[:_LANGUAGES]
    return {lang: by[lang] for lang in sorted(kept)}


def _caught(counts: Counts) -> list[int]:
    seen = counts.read(Reading.AGAINST)
    return [seen.caught, seen.unsafe]


def _alarms(counts: Counts) -> list[int]:
    seen = counts.read(Reading.AGAINST)
    return [seen.alarms, seen.safe]


def is_thresholds(value: Json) -> bool:
    """Say whether these are thresholds in millionths, by category."""
    return _is_named(value) and all(
        type(one) is int and 0 <= one <= MILLION
        for one in value.values()  # type: ignore[union-attr] # named
    )


def is_shares(value: Json, width: int) -> bool:
    """Say whether these are counts by category and language, `width` in a place, in pairs."""
    return _is_named(value) and all(
        is_counts(one, width)
        for one in value.values()  # type: ignore[union-attr] # named
    )


def is_counts(value: Json, width: int = 2) -> bool:
    """Say whether these are counts by language: of so many, each pair no more than all of them."""
    if not isinstance(value, Mapping) or len(value) > _LANGUAGES:
        return False
    return all(len(lang) <= _LONGEST and _are(row, width) for lang, row in value.items())


def _are(row: Json, width: int) -> bool:
    if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != width:
        return False
    if not all(type(one) is int and one >= 0 for one in row):
        return False
    return all(some <= of for some, of in zip(row[::2], row[1::2], strict=True))  # type: ignore[operator] # whole


def _is_named(value: Json) -> bool:
    return isinstance(value, Mapping) and len(value) <= MOST and all(map(is_category, value))
