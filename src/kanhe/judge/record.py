"""What was measured of a judge, as one canonical piece of JSON, and what the ledger says of it.

A record holds counts and no figures: figures and intervals follow from counts, so nobody can mend
one without the other. It holds no text of any row; of each row only its outcome, so that another
measuring of the same rows can be compared row by row. All numbers are whole (probabilities in
millionths): equal records have equal bytes, and one SHA-256 names them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec

from kanhe.errors import JudgeError, RequestError
from kanhe.judge.bias import Bias
from kanhe.judge.calibration import Calibration
from kanhe.judge.category import UNSAFE
from kanhe.judge.counts import Counts, figure
from kanhe.judge.port import JudgeId
from kanhe.judge.score import MILLION, Cell, Found, total
from kanhe.judge.shares import MOST, alarms, caught, is_counts, is_shares, is_thresholds, own
from kanhe.ledger.entry import Json

MEASURED = "judge:record:measured"
"""A judge was measured; the entry commits to the record."""

DRIFTED = "judge:record:drifted"
"""A judge measured again came out otherwise, beyond chance."""

AGAINST = "against"
"""A fact of `judge:record:measured` where a judge was only held against an older record, of which
it is the digest: what came out is recorded, and is nothing that anybody accepted."""

FORM = 1
"""Raise it with every change of a field: a record of another form is refused, and has to be."""
MOST_SETS = 200
_HASH = re.compile(r"[0-9a-f]{64}")
_MARKS = re.compile(r"[10uf]*")


@dataclass(frozen=True, slots=True)
class SetUsed:
    """A labelled set that was measured on: how many rows it has, and the outcomes of those taken.

    `marks` has a letter a row, in the set's order: `1` flagged, `0` not, `u` unscored, `f` failed.
    """

    name: str
    sha256: str
    rows: int
    marks: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """How the threshold was chosen: by which aim, on how many rows of the calibration part."""

    aim: str
    rows: int


@dataclass(frozen=True, slots=True)
class Times:
    """Microseconds a text, each with its share of its batch's time."""

    mean: int
    p50: int
    p95: int
    batch: int


@dataclass(frozen=True, slots=True)
class Record:
    """One measuring of one judge.

    Attributes:
        at: When it ended; UTC, whole seconds.
        versions: Of the program and what it ran on, by name.
        part: Rows of which part were taken: `test`, `calibration`, `train` or `all`.
        limit: The most rows of a set that were taken; None: all of the part.
        thresholds: In millionths: of `unsafe`, and of categories that have their own.
        chosen: None where the threshold was given.
        cells: What all figures of `unsafe` follow from.
        found: How well the judge's own categories are found.
        categories_apart: Patterns of the categories whose rows stand in `apart` only.
        apart: Those rows; they count in no other figure.
    """

    judge: JudgeId
    at: datetime
    versions: Mapping[str, str]
    sets: tuple[SetUsed, ...]
    part: str
    limit: int | None
    thresholds: Mapping[str, int]
    chosen: Chosen | None
    cells: tuple[Cell, ...]
    found: tuple[Found, ...]
    calibration: Calibration
    bias: Bias
    times: Times
    categories_apart: tuple[str, ...] = ()
    apart: tuple[Cell, ...] = ()
    form: int = field(default=FORM)

    @property
    def threshold(self) -> int:
        """Of `unsafe`, in millionths."""
        return self.thresholds[UNSAFE]

    @property
    def counts(self) -> Counts:
        """Of all rows."""
        return total(self.cells)


def own_thresholds(record: Record) -> dict[str, int]:
    """Give the thresholds of categories, in millionths; that of `unsafe` is none of them."""
    return {name: at for name, at in record.thresholds.items() if name != UNSAFE}


def of_category(record: Record, category: str) -> Counts:
    """Count how the judge's own probability of a category finds it, in all languages."""
    tables = (one.counts for one in record.found if one.category == category)
    return sum(tables, Counts())


def written(record: Record) -> bytes:
    """Write a record down; equal records give equal bytes."""
    return msgspec.json.encode(record, order="sorted")


def digest(raw: bytes) -> str:
    """Give the name of a written record: its SHA-256 in hex."""
    return sha256(raw).hexdigest()


def read(raw: bytes) -> Record:
    """Read a record as `written` gives it.

    Raises:
        JudgeError: It is none, or its parts contradict each other.
    """
    try:
        record = msgspec.json.decode(raw, type=Record)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _no_record(str(error)) from error
    if record.form != FORM:
        raise _no_record(f"it has the form {record.form}, and here is {FORM}")
    if record.at.utcoffset() != timedelta(0):
        raise _no_record("its instant is not in UTC")
    if why := _contradiction(record):
        raise _no_record(why)
    if written(record) != raw:
        raise _no_record("it is not in its canonical form")
    return record


def _contradiction(record: Record) -> str:
    if UNSAFE not in record.thresholds:
        return "it has no threshold"
    if not all(0 <= one <= MILLION for one in record.thresholds.values()):
        return "a threshold is no probability"
    for one in record.sets:
        table = total(record.cells, lambda cell, name=one.name: cell.set == name)  # type: ignore[misc] # bound now
        seen = {"1": table.tp + table.fp, "0": table.fn + table.tn,
                "u": table.unscored, "f": table.failed}  # fmt: skip
        if {mark: one.marks.count(mark) for mark in seen} != seen or len(one.marks) != table.rows:
            return f"the rows of {one.name} are not those of its counts"
    if {cell.set for cell in record.cells} - {one.name for one in record.sets}:
        return "it counts rows of a set that it does not name"
    return ""


def _no_record(why: str) -> JudgeError:
    return JudgeError(
        f"this is no record of a judge: {why}", advice="Measure again with `kanhe judge measure`."
    )


def instant(at: datetime) -> datetime:
    """Give an aware instant as records hold it."""
    return at.astimezone(UTC).replace(microsecond=0)


def measured_facts(record: Record) -> dict[str, Json]:
    """Give the facts of `judge:record:measured`: what was measured, and the main figures.

    By category and language there are counts (`shares.py`): a law asks risk by risk.
    """
    counts = record.counts
    return {
        "record": digest(written(record)),
        "judge": record.judge.name,
        "hash": record.judge.hash,
        "pinned": record.judge.pinned,
        "at": record.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sets": [one.sha256 for one in record.sets],
        "part": record.part,
        "threshold_ppm": record.threshold,
        "rows": counts.rows,
        "unsafe": counts.unsafe,
        "safe": counts.safe,
        "unscored": counts.unscored,
        "failed": counts.failed,
        "alarms": alarms(record.cells),
        "caught": caught(record.cells),
        "own": own(record.found),
        "thresholds": dict(sorted(record.thresholds.items())[:MOST]),
        **{f"{name}_ppm": _ppm(counts, name) for name in ("sensitivity", "fpr", "f1")},
    }


def _ppm(counts: Counts, name: str) -> int | None:
    """Give a figure in millionths: the ledger holds no fractions."""
    found = figure(name, counts)
    return None if found is None else round(found.value * MILLION)


def drifted_facts(judge: JudgeId, before: str, after: str, moved: Sequence[str]) -> dict[str, Json]:
    """Give the facts of `judge:record:drifted`.

    Args:
        judge: As it is now.
        before: Digest of the record that it was held against.
        after: Digest of the new one.
        moved: Which figures moved, such as `fpr of cold_zh`; the first 50 are kept.
    """
    return {
        "judge": judge.name,
        "hash": judge.hash,
        "before": before,
        "after": after,
        "moved": list(moved[:50]),
    }


_MEASURED_FACTS = frozenset({
    "record", "judge", "hash", "pinned", "at", "sets", "part", "threshold_ppm", "rows", "unsafe",
    "safe", "unscored", "failed", "sensitivity_ppm", "fpr_ppm", "f1_ppm",
    "alarms", "caught", "own", "thresholds",
})  # fmt: skip
_DRIFTED_FACTS = frozenset({"judge", "hash", "before", "after", "moved"})
_HASHES = ("record", "hash", "before", "after", AGAINST)


def check_facts(tag: str, facts: Mapping[str, Json]) -> None:
    """Check what is to be recorded of a judge: names, hashes and numbers, and nothing else.

    Raises:
        RequestError: It may not be recorded.
    """
    wanted = _MEASURED_FACTS if tag == MEASURED else _DRIFTED_FACTS
    if set(facts) - ({AGAINST} if tag == MEASURED else set()) != wanted:
        raise _refused(f"{tag} has the facts {', '.join(sorted(wanted))}")
    for name, value in facts.items():
        if name in _HASHES and not (isinstance(value, str) and _HASH.fullmatch(value)):
            raise _refused(f"{name} is no SHA-256 in hex")
        if not _plain(name, value):
            raise _refused(f"{name} is no short text, number or list of them")


_TABLES: Mapping[str, Callable[[Json], bool]] = {
    "alarms": is_counts,
    "caught": lambda value: is_shares(value, 2),
    "own": lambda value: is_shares(value, 4),
    "thresholds": is_thresholds,
}


def _plain(name: str, value: Json) -> bool:
    if name in _TABLES:
        return _TABLES[name](value)
    if name in ("sets", "moved"):
        listed = isinstance(value, Sequence) and not isinstance(value, str)
        return listed and len(value) <= MOST_SETS and all(_short(one) for one in value)  # type: ignore[arg-type,union-attr] # listed
    if name.endswith("_ppm"):
        return value is None or (type(value) is int and 0 <= value <= MILLION)
    if name in ("rows", "unsafe", "safe", "unscored", "failed"):
        return type(value) is int and value >= 0
    return type(value) is bool if name == "pinned" else _short(value)


def _short(value: Json) -> bool:
    return isinstance(value, str) and len(value) <= MOST_SETS and value.isprintable()


def _refused(why: str) -> RequestError:
    return RequestError(
        why, advice="Use `kanhe judge measure`.", status=422, code="not_recorded"
    )  # fmt: skip
