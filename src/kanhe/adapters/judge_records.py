"""Records of judges, kept as files; what the ledger does not commit to is not believed.

A record's file is named by its SHA-256, and that stands in an entry `judge:record:measured`. Read
back, a file has to have that hash and to say what the entry says. A file without an entry is passed
over in silence (an entry may just not have been made), an entry without its file is told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from kanhe.adapters.disk import Disk
from kanhe.adapters.ledger_view import open_view
from kanhe.adapters.record_door import record as entered
from kanhe.errors import JudgeError, LedgerError, RequestError
from kanhe.judge.identities import Identities
from kanhe.judge.identity_file import read_identities
from kanhe.judge.labelled import LabelledSet, read_sets
from kanhe.judge.port import JudgeId
from kanhe.judge.record import (
    AGAINST,
    DRIFTED,
    MEASURED,
    Record,
    digest,
    drifted_facts,
    measured_facts,
    read,
    written,
)
from kanhe.status.picture import Picture, Seen, Unsound

RECORDS = "judges/records"
PLACES = "judges/sets.json"
"""Where the files of sets were last seen, by their SHA-256; a hint, and never believed."""

_SHIPPED = "weights/embedded/record.json"
_IDENTITIES = "judges/identities.yaml"


@dataclass(frozen=True, slots=True)
class Entered:
    """A record that entry `index` of the ledger commits to.

    `against`: digest of the record that it was only held against; empty: a measuring of its own.
    """

    index: int
    digest: str
    record: Record
    against: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The records that may be believed, oldest first, and what was found amiss, each a sentence."""

    records: tuple[Entered, ...] = ()
    doubts: tuple[str, ...] = ()

    def of(self, judge: JudgeId) -> tuple[Entered, ...]:
        """Give those of a judge with this very hash, oldest first."""
        return tuple(one for one in self.records if one.record.judge.hash == judge.hash)

    def accepted(self, name: str) -> Entered | None:
        """Give a judge's newest measuring that somebody meant to have.

        Runs of `drift` are none: held against one of them, a judge that broke would seem to have
        stayed what it was.
        """
        own = [one for one in self.records if one.record.judge.name == name and not one.against]
        return own[-1] if own else None

    def find(self, begun: str) -> Entered:
        """Give the one record whose digest begins so.

        Raises:
            RequestError: There is none, or there are several.
        """
        found = {one.digest: one for one in self.records if one.digest.startswith(begun.lower())}
        if len(found) == 1:
            return next(iter(found.values()))
        what = "no record" if not found else f"{len(found)} records"
        raise RequestError(
            f"{what} of a judge begin{'s' * (len(found) < 2)} with {begun[:64]!r}",
            advice="`kanhe judge list` names those there are.",
        )


def keep(data: Path, origin: str, record: Record, against: str = "") -> tuple[str, int]:
    """Keep a record: its file first, then the entry that makes it count.

    Args:
        data: The service's data directory.
        origin: The name under which a ledger signs that is not there yet.
        record: What was measured.
        against: Digest of the record that it is only held against, if it is.

    Returns:
        Its digest, and the number of its entry.

    Raises:
        KanheError: It could not be recorded; the file may be there, and does not count.
    """
    raw = written(record)
    name = digest(raw)
    _write(data / RECORDS / f"{name}.json", raw)
    held = {AGAINST: against} if against else {}
    return name, entered(data, origin, MEASURED, measured_facts(record) | held)


def keep_drift(
    data: Path, origin: str, judge: JudgeId, records: tuple[str, str], moved: list[str]
) -> int:
    """Record that a judge came out otherwise; give the number of the entry.

    `records`: digests of the older record and the newer one.
    """
    return entered(data, origin, DRIFTED, drifted_facts(judge, *records, moved))


def load(data: Path) -> Kept:
    """Read the records of a data directory whose ledger is proven first; none without a ledger.

    Raises:
        LedgerError: The ledger's key cannot be read.
    """
    # One that was there and is gone is not none: its key remembers, and the view will say so.
    if not (data / "ledger").is_dir() and not (data / "keys" / "ledger.signed").is_file():
        return Kept()
    view = open_view(data, alone=True)
    try:
        return believed(data, view.picture())
    finally:
        view.close()


def trusted(data: Path) -> list[Record]:
    """Give what may be believed of any judge: the record that is shipped, and those of `load`."""
    ours, known = shipped_record(), [one.record for one in load(data).records]
    return [ours, *known] if ours else known


def believed(data: Path, picture: Picture) -> Kept:
    """Give the records that a picture of the ledger commits to."""
    if isinstance(picture.soundness, Unsound):
        return Kept((), (f"the ledger cannot be believed: {picture.soundness.why}",))
    records, doubts = [], []
    for seen in picture.all(MEASURED):
        try:
            records.append(_believed(data, seen))
        except JudgeError as error:
            doubts.append(f"entry {seen.index}: {error}")
    return Kept(tuple(records), tuple(doubts))


def _believed(data: Path, seen: Seen) -> Entered:
    name = str(seen.facts.get("record"))
    advice = "Put the file back from a copy, or measure again with `kanhe judge measure`."
    try:
        # The name is a hash where the entry is ours; of any other nothing is opened.
        raw = (data / RECORDS / f"{name}.json").read_bytes() if name.isalnum() else b""
    except OSError as error:
        raise JudgeError(
            f"the record {name[:12]} cannot be read: {error.strerror}", advice=advice
        ) from error
    if digest(raw) != name:
        raise JudgeError(f"the record {name[:12]} was altered", advice=advice)
    record = read(raw)
    facts = dict(seen.facts)
    against = str(facts.pop(AGAINST, ""))
    if measured_facts(record) != facts:
        raise JudgeError(f"the record {name[:12]} says other than its entry", advice=advice)
    return Entered(seen.index, name, record, against)


def sets_at(paths: tuple[Path, ...]) -> tuple[LabelledSet, ...]:
    """Read labelled sets from files.

    Raises:
        FaultySet: Something in them is wrong; it names all of it.
        RequestError: One of them cannot be read.
    """
    raw = {}
    for path in paths:
        try:
            raw[str(path)] = path.read_bytes()
        except OSError as error:
            raise RequestError(
                f"{path} cannot be read: {error.strerror}", advice="Name a file of labelled rows."
            ) from error
    return read_sets(raw)


def remember(data: Path, paths: tuple[Path, ...], sets: tuple[LabelledSet, ...]) -> None:
    """Note where sets lie, so that they are found when a judge is measured again."""
    known = _places(data)
    known |= {one.sha256: str(path.resolve()) for path, one in zip(paths, sets, strict=True)}
    _write(data / PLACES, json.dumps(known, indent=1, sort_keys=True).encode())


def remembered(data: Path, record: Record) -> tuple[Path, ...]:
    """Give the files on which a record was measured, as far as they are where they were."""
    known = _places(data)
    paths = (Path(known[one.sha256]) for one in record.sets if one.sha256 in known)
    return tuple(path for path in paths if path.is_file())


def _places(data: Path) -> dict[str, str]:
    try:
        found = json.loads((data / PLACES).read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: path for name, path in found.items() if isinstance(path, str)}


@cache
def shipped_record() -> Record | None:
    """Give what the makers measured of the embedded judge; None where it was not measured.

    It counts for that very judge only: its hash stands in it.

    Raises:
        JudgeError: The file was altered.
    """
    place = files("kanhe") / _SHIPPED
    return read(place.read_bytes()) if place.is_file() else None


@cache
def identities() -> Identities:
    """Give the groups and sentences that are shipped, for measuring identity bias."""
    return read_identities((files("kanhe") / _IDENTITIES).read_bytes(), _IDENTITIES)


def _write(path: Path, raw: bytes) -> None:
    disk, part = Disk(), path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        disk.write_synced(part, raw)
        disk.rename(part, path)
        disk.sync_directory(path.parent)
    except OSError as error:
        raise LedgerError(
            f"{path} cannot be written: {error.strerror}",
            advice="Look at the rights and the space of the data directory.",
        ) from error
