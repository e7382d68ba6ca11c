"""Entries in, a picture out: what controls may look at, gathered in one pass over the ledger.

A service writes some entries for every request (`gateway:…`) and few others. Those of requests are
only counted, by tag, and their facts are never read: an entry is canonical JSON
(`ledger/entry.py`), so its instant stands in its first bytes and its tag in its last ones, whatever
look-alikes the facts hold. All others are decoded and kept whole.

Not done here: whether the entries are what was signed. Whoever reads them has to say so (`Sound`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from kanhe.errors import LedgerError
from kanhe.ledger.entry import Entry, decode
from kanhe.status.picture import Count, Picture, Seen, Sound, Unsound
from kanhe.status.record import BEGUN, REFUSED_PROMPT

GATEWAY = "gateway:"
"""What the tags of requests begin with."""

_HEAD, _TAIL, _END = b'{"at":"', b',"tag":"', b'"}'
_INSTANT = slice(7, 31)  # behind `{"at":"`: 24 characters, to the millisecond, with Z
_BULK = _TAIL + GATEWAY.encode()
_ASKED = frozenset(_TAIL + tag.encode() + _END for tag in (BEGUN, REFUSED_PROMPT))
_NAMES, _BARE = b'"user":"', b'"visible_label":false}'
"""Stand in no text of an entry: there quotation marks are escaped. The second ends its facts."""
_instant: Callable[[bytes], bytes] = itemgetter(_INSTANT)

_Counted = list[Any]
"""number, first index, its instant (24 bytes), last index, its instant."""


class Fold:
    """What was seen so far. Feed it entries in their order; ask for a `picture` at any time.

    Args:
        until: Leave out entries after this instant (aware): the record as it stood then.
    """

    def __init__(self, until: datetime | None = None) -> None:
        self.next = 0
        """Index of the entry that is to be taken next."""
        self.size = 0
        """Entries that were taken in; those after `until` were not."""
        self._until = _written(until) if until else None
        self._latest = b""
        self._bulk: dict[bytes, _Counted] = {}
        self._noted: dict[str, _Counted] = {}
        """Requests that name no user (`nameless`), or are answered without a visible label."""
        self._kept: dict[str, list[Seen]] = {}
        self._raw: list[tuple[int, bytes]] = []

    def take(self, index: int, entry: bytes) -> None:
        """Take one entry in.

        Raises:
            LedgerError: It is no entry of ours.
            ValueError: It is not the next one.
        """
        self.take_many(index, (entry,))

    def take_many(self, index: int, entries: Sequence[bytes]) -> None:
        """Take entries in that follow each other, the first being number `index`.

        Some 0.4 microseconds an entry in runs of 256, if most are of requests.

        Raises:
            LedgerError: One of them is no entry of ours; nothing may be concluded any more.
            ValueError: An entry is missing before them.
        """
        if index != self.next:
            raise ValueError(f"entry {self.next} is to be taken next, not {index}")
        self.next += len(entries)
        if self._until and not all(raw[_INSTANT] <= self._until for raw in entries):
            for place, raw in enumerate(entries, index):
                if raw[_INSTANT] <= self._until:
                    self._run(place, (raw,))
        elif entries:
            self._run(index, entries)

    def _run(self, index: int, entries: Sequence[bytes]) -> None:
        # A tag holds no quotation mark: the last place that looks like the beginning of one is one,
        # whatever stands in the facts before it.
        tails = [raw[raw.rfind(_TAIL) :] for raw in entries]
        self.size += len(entries)
        self._latest = max(self._latest, *map(_instant, entries))
        for tail, number in Counter(tails).items():
            if tail.startswith(_BULK) and tail.endswith(_END):
                first = tails.index(tail)
                last = len(tails) - 1
                while tails[last] != tail:
                    last -= 1
                self._count(tail, number, index, (first, last), entries)
                if tail in _ASKED:
                    self._note_all(tail, index, tails, entries)
            else:
                self._keep(tail, index, tails, entries)

    def _count(
        self, tail: bytes, number: int, index: int, ends: tuple[int, int], entries: Sequence[bytes]
    ) -> None:
        first, last = ends
        for raw in (entries[first], entries[last]):
            if not raw.startswith(_HEAD):
                raise _foreign(index)
        counted = self._bulk.get(tail)
        if counted is None:
            at = entries[first][_INSTANT]
            self._bulk[tail] = counted = [0, index + first, at, 0, at]
        counted[0] += number
        counted[3], counted[4] = index + last, entries[last][_INSTANT]

    def _note_all(
        self, tail: bytes, index: int, tails: list[bytes], entries: Sequence[bytes]
    ) -> None:
        # From the end, where both stand: keys are sorted. Some 0.1 s in a million.
        here = [n for n, one in enumerate(tails) if one == tail]
        self._note("nameless", index, [n for n in here if entries[n].rfind(_NAMES) < 0], entries)
        end = _BARE + tail
        mute = [n for n in here if entries[n].endswith(end)]
        self._note("unlabelled", index, mute, entries)

    def _note(self, name: str, index: int, places: list[int], entries: Sequence[bytes]) -> None:
        if not places:
            return
        first, last = places[0], places[-1]
        noted = self._noted.setdefault(
            name,
            [0, index + first, entries[first][_INSTANT], index + last, entries[last][_INSTANT]],
        )
        noted[0] += len(places)
        if index + first < noted[1]:
            noted[1], noted[2] = index + first, entries[first][_INSTANT]
        if index + last > noted[3]:
            noted[3], noted[4] = index + last, entries[last][_INSTANT]

    def _keep(self, tail: bytes, index: int, tails: list[bytes], entries: Sequence[bytes]) -> None:
        for place, one in enumerate(tails):
            if one == tail:
                self._keep_one(index + place, entries[place])

    def _keep_one(self, index: int, raw: bytes) -> None:
        entry = decode(raw)
        if entry.tag.startswith(GATEWAY):
            raise _foreign(index)
        self._kept.setdefault(entry.tag, []).append(_seen(index, entry))
        self._raw.append((index, raw))

    def tells(self, at: datetime) -> bool:
        """Say whether `picture(at)` leaves out every entry after `at`; else fold with `until`."""
        return _written(at) >= self._latest

    def picture(self, at: datetime, soundness: Sound | Unsound) -> Picture:
        """Give what is known at `at` (aware).

        Kept entries after `at` are left out. Of requests there are only counts, so where some came
        after `at` (`tells` says so) theirs are the counts of all that was taken in.
        """
        moment = _written(at)
        kept = {
            tag: here
            for tag, entries in self._kept.items()
            if (here := tuple(one for one in entries if one.at <= at))
        }
        counts = {tag: _counted(entries) for tag, entries in kept.items()}
        for tail, some in self._bulk.items():
            if some[2] <= moment:
                counts[tail[len(_TAIL) : -len(_END)].decode()] = _count_of(some)
        left_out = sum(map(len, self._kept.values())) - sum(map(len, kept.values()))
        noted = {name: _count_of(some) for name, some in self._noted.items() if some[2] <= moment}
        return Picture(at, self.size - left_out, soundness, counts, kept, **noted)

    def to_json(self) -> dict[str, Any]:
        """Give the state as JSON can hold it; what was kept stands there as it was written."""
        return {
            "next": self.next,
            "size": self.size,
            "until": self._until.decode() if self._until else None,
            "latest": self._latest.decode(),
            "bulk": [
                [tail.decode(), number, first, first_at.decode(), last, last_at.decode()]
                for tail, (number, first, first_at, last, last_at) in self._bulk.items()
            ],
            "noted": {
                name: [number, first, first_at.decode(), last, last_at.decode()]
                for name, (number, first, first_at, last, last_at) in self._noted.items()
            },
            "kept": [[index, raw.decode()] for index, raw in self._raw],
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Fold:
        """Go on from a state that `to_json` gave."""
        fold = cls()
        fold.next, fold.size = state["next"], state["size"]
        fold._until = state["until"].encode() if state["until"] else None
        fold._latest = state["latest"].encode()
        for tail, number, first, first_at, last, last_at in state["bulk"]:
            some = [number, first, first_at.encode(), last, last_at.encode()]
            fold._bulk[tail.encode()] = some
        for name, (number, first, first_at, last, last_at) in state["noted"].items():
            fold._noted[name] = [number, first, first_at.encode(), last, last_at.encode()]
        for index, raw in state["kept"]:
            fold._keep_one(index, raw.encode())
        return fold


def folded(entries: Iterable[bytes], until: datetime | None = None) -> Fold:
    """Fold entries from the first one on."""
    fold = Fold(until)
    fold.take_many(0, list(entries))
    return fold


def _written(at: datetime) -> bytes:
    """Write an instant as entries have it, so that bytes compare as instants do."""
    utc = at.astimezone(UTC)
    return (utc.isoformat(timespec="milliseconds")[:23] + "Z").encode()


def _seen(index: int, entry: Entry) -> Seen:
    return Seen(index, entry.at, entry.tag, entry.facts)


def _counted(entries: Sequence[Seen]) -> Count:
    first, last = entries[0], entries[-1]
    return Count(len(entries), first.index, first.at, last.index, last.at)


def _count_of(some: _Counted) -> Count:
    number, first, first_at, last, last_at = some
    return Count(number, first, _read(first_at), last, _read(last_at))


def _read(instant: bytes) -> datetime:
    try:
        return datetime.fromisoformat(instant.decode())
    except ValueError as error:
        raise LedgerError(
            f"an entry has the instant {instant!r}",
            advice="Check that the directory holds a ledger written by kanhe.",
        ) from error


def _foreign(index: int) -> LedgerError:
    return LedgerError(
        f"an entry at or after {index} is not in the form of this ledger",
        advice="Check that the directory holds a ledger written by kanhe.",
    )
