"""Texts into a labelling task, and a labelled set out of it.

Labels that a set has already are not even kept: nobody can be shown them by mistake. Where a row is
from, and what it shares with others, is carried along for the set that comes out, and shown to
nobody who labels.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from kanhe.errors import RequestError
from kanhe.judge.labelled import read_sets
from kanhe.judge.labelling import Result

CARRIED = ("id", "source", "license", "group", "orig_split", "type")
"""What of a row comes out again as it went in."""

MOST = 20_000
"""Items of a task."""


@dataclass(frozen=True, slots=True)
class Item:
    """One text to be labelled, with what it answers to, if anything."""

    text: str
    context: str
    lang: str
    kind: str
    carried: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a file. `again`: rows that were left out because they stand twice."""

    name: str
    sha256: str
    items: tuple[Item, ...]
    again: int


def read_items(file: str, raw: bytes) -> Items:
    """Read the rows of a JSONL file, with or without labels; equal texts are taken once.

    Raises:
        FaultySet: Something is wrong; it names all of it.
        RequestError: There are more rows than one task holds.
    """
    lines = [_filled(line) for line in raw.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    (found,) = read_sets({file: b"\n".join(lines)})
    if len(found.rows) > MOST:
        raise RequestError(
            f"{file} has {len(found.rows):,} rows, and a task has at most {MOST:,}",
            advice="Label a sample of it.",
        )
    kept: dict[tuple[str, str, str], Item] = {}
    for row in found.rows:
        given = json.loads(lines[row.line - 1])
        carried = {name: given[name] for name in CARRIED if given.get(name)}
        item = Item(_clean(row.text), _clean(row.context), row.lang, row.kind, carried)
        kept.setdefault((row.text, row.context, row.kind), item)
    again = len(found.rows) - len(kept)
    return Items(found.name, sha256(raw).hexdigest(), tuple(kept.values()), again)


def _clean(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can hold and no page can show."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _filled(line: bytes) -> bytes:
    """Give a row labels where it has none, so that one reader tells the faults of both kinds."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        return line
    if not isinstance(given, dict):
        return line
    return json.dumps({"label": "safe", "category": "none"} | given).encode()


def exported(items: Sequence[Item], results: Iterable[Result]) -> bytes:
    """Write the settled items as a labelled set, which `kanhe judge measure --set` reads.

    `labels` says how many people labelled a row, and `same` how many of them said what came out.
    Equal results give equal bytes, so that the ledger can commit to them.
    """
    rows = []
    for one in results:
        if one.said:
            item = items[one.item]
            rows.append({
                **item.carried,
                "text": item.text, **({"context": item.context} if item.context else {}),
                "lang": item.lang, "kind": item.kind,
                "label": one.said, "category": one.category,
                "labels": one.labels, "same": one.same,
            })  # fmt: skip
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
