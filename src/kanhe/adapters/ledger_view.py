"""The ledger as it is looked at: proven, folded into a picture, and kept so as it grows.

Nothing is said of entries that were not proven first. A log that does not add up is `Unsound` with
the first entry that does not follow, and so is one that has fewer entries than its key has signed.
Durable entries that are not published yet are taken in as the newest; they are those from
`Sound.size` on, and each is held against what is published in its place later.

Cost, for a million entries: 1 to 2 seconds for the first look, then some 20 ms to see that no file
was altered, and what is new. An instant before the last entry takes a pass of its own (a second).
All methods block: call them in a thread, any one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from kanhe.adapters.decision_index import DecisionIndex
from kanhe.adapters.ledger_directory import JOURNAL, entries_from
from kanhe.adapters.ledger_helper import shared
from kanhe.adapters.ledger_keys import VERIFIER_KEY, load_verifier
from kanhe.adapters.ledger_marks import Marks
from kanhe.adapters.ledger_memory import SignedMemory
from kanhe.errors import LedgerBroken, LedgerError
from kanhe.gateway.decision import Decision, DecisionPage, DecisionQuery, Tally
from kanhe.ledger import verification
from kanhe.ledger.checkpoint import Checkpoint
from kanhe.ledger.following import Following
from kanhe.ledger.note import Signer, VerifierKey
from kanhe.ledger.proof import Proof
from kanhe.ledger.reading import Log
from kanhe.ledger.tile import CHECKPOINT, ENTRIES, WIDTH, Tile
from kanhe.status.fold import Fold
from kanhe.status.picture import Picture, Sound, Unsound

VIEWS = "views.sqlite"
"""Name of the file in the data directory that holds projections; it can be removed at any time."""

_TRIES = 3
_AT_ONCE = 2000
"""Entries that are taken into the projection before a page is shown: some 20 ms."""

_AGAIN_S = 10.0
"""Seconds for which a ledger that is unsound is not proven again from its beginning."""


class LedgerView:
    """One ledger, as it is looked at. `open_view` makes one for a data directory.

    Args:
        directory: The ledger's.
        key: Its public key, from where it can be trusted.
        last_signed: Tells how many entries the key has signed, as far as is remembered.
        db: Where the projection of decisions is kept; None: no decisions are asked for.
        alone: No other thread runs here: a second process may share the first look.
    """

    def __init__(
        self,
        directory: Path,
        key: VerifierKey,
        *,
        last_signed: Callable[[], int] = lambda: 0,
        db: Path | None = None,
        alone: bool = False,
    ) -> None:
        self._directory, self._key = directory, key
        self._read = partial(_read, str(directory))
        self._last_signed = last_signed
        self._elsewhere = shared(self._read) if alone else None
        self._lock = threading.Lock()
        self._began()
        self._index = DecisionIndex(db) if db else None
        self._soundness: Sound | Unsound = Unsound(None, "nobody has looked yet")
        self._looked_s = -_AGAIN_S
        self._most = 0
        """The largest size that was proven here."""

    def _began(self) -> None:
        self._following = Following(self._read)
        self._marks = Marks(self._directory)
        self._fold = Fold()
        self._open: list[bytes] = []
        """The last entries taken in: those of the open bundle, and those in the journal."""
        self._spoilt = False

    @property
    def soundness(self) -> Sound | Unsound:
        """What the last look has shown."""
        return self._soundness

    @property
    def origin(self) -> str:
        """The name the ledger signs under."""
        return self._key.name

    @property
    def size(self) -> int:
        """Entries that were taken in, those in the journal too."""
        return self._fold.next

    def catch_up(self) -> Sound | Unsound:
        """Look at what is new, and whether the rest is as it was."""
        with self._lock:
            return self._catch_up()

    def picture(self, at: datetime | None = None) -> Picture:
        """Give the state of the record at `at` (aware); None: now. What is not there is empty."""
        at = at or datetime.now(UTC)
        with self._lock:
            soundness = self._catch_up()
            if self._fold.tells(at):
                return self._fold.picture(at, soundness)
            size = self._fold.next
        published = soundness.size if isinstance(soundness, Sound) else 0
        return self._earlier(at, size, published).picture(at, soundness)

    def index(self, most: int | None = None, *, wait: bool = True) -> int:
        """Take at most `most` proven entries into the projection; give how many are left.

        Without `wait` nothing is done, and 0 given, where another thread is at it.

        Raises:
            OSError: The projection cannot be written; it can be removed.
        """
        soundness = self._soundness
        if self._index is None or not isinstance(soundness, Sound):
            return 0
        log = Log(self._read, soundness.size)
        return self._index.catch_up(log, soundness, most, wait=wait)

    def decisions(self, query: DecisionQuery) -> DecisionPage:
        """Give a page of decisions, newest first, as far as the projection has come."""
        return self._current().page(query, self._raw)

    def decision(self, number: str) -> Decision | None:
        """Give the decision of that number."""
        return self._current().one(number, self._raw)

    def tallies(self, since: datetime, until: datetime, minutes: int = 60) -> tuple[Tally, ...]:
        """Count decisions by their kind in steps of `minutes`, by when they began."""
        return self._current().tallies(since, until, minutes)

    def entry(self, index: int) -> bytes:
        """Give an entry as it stands in the ledger, published or not.

        Raises:
            LedgerError: There is none of that number.
        """
        found = next(self.entries(index, index + 1), None)
        if found is None:
            raise LedgerError(
                f"there is no entry {index}", advice="`kanhe ledger tail -n 1` shows the last one."
            )
        return found[1]

    def entries(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """Yield entries with their indices from `start` to before `stop`, as far as there are."""
        for index, raw in entries_from(self._directory, self._key, start):
            if index >= stop:
                return
            yield index, raw

    def proof(self, index: int) -> Proof:
        """Prove that an entry is in the ledger, to its newest checkpoint.

        Raises:
            LedgerError: It is not published yet, or not there.
        """
        raw = self._read(CHECKPOINT) or b""
        signed = verification.head(lambda _: raw, self._key).checkpoint
        if not 0 <= index < signed.size:
            raise LedgerError(
                f"no proof of entry {index}: the ledger has published {signed.size}",
                advice="Entries are published within a second or so; ask for one that is there.",
            )
        log = Log(self._read, signed.size)
        path = tuple(log.inclusion_proof(index, signed.size))
        return Proof(next(log.entries(index, index + 1)), index, path, raw)

    def close(self) -> None:
        """Give the projection back."""
        if self._index:
            self._index.close()

    def _catch_up(self) -> Sound | Unsound:
        now_s = time.monotonic()
        if isinstance(self._soundness, Unsound) and now_s - self._looked_s < _AGAIN_S:
            return self._soundness
        self._soundness = self._look()
        self._looked_s = time.monotonic()
        return self._soundness

    def _look(self) -> Sound | Unsound:
        found: LedgerBroken | None = None
        for _ in range(_TRIES):
            if self._spoilt:
                self._began()
            # What stands in the fold after a fault still tells what the service is, if no more.
            self._spoilt = True
            try:
                looked = self._prove_all()
            except LedgerBroken as fault:
                found = fault
                if first := self._first_fault(fault):
                    return Unsound(first.index, str(first))
            except LedgerError as error:
                # An entry that cannot be read may be one that was altered: then say which.
                first = self._first_fault(None)
                return Unsound(first.index, str(first)) if first else Unsound(None, str(error))
            except OSError as error:
                return Unsound(None, f"the ledger cannot be read: {error}")
            else:
                self._spoilt = isinstance(looked, Unsound)
                return looked
        return Unsound(found.index if found else None, str(found))

    def _prove_all(self) -> Sound | Unsound:
        # The memory first: it never knows of more than what was published before.
        last = max(self._last_signed(), self._most)
        signed = verification.head(self._read, self._key).checkpoint
        if signed.size >= self._most:
            self._prove(signed)
            self._take_waiting()
        durable = self._fold.next if signed.size >= self._most else signed.size
        if durable < last:
            return Unsound(durable, f"it has {durable} entries, but its key has signed {last}")
        self._most = signed.size
        return Sound(signed.size, signed.root)

    def _first_fault(self, found: LedgerBroken | None) -> LedgerBroken | None:
        """Name the first entry that does not follow; None where the log may just have moved on."""
        try:
            signed = verification.head(self._read, self._key).checkpoint
            verification.verify(self._read, signed, progress=lambda _: None)
        except LedgerBroken as first:
            now = verification.head(self._read, self._key).checkpoint
            return first if signed == now else None
        except LedgerError:
            return found
        return None

    def _prove(self, signed: Checkpoint) -> None:
        for at in self._marks.altered():
            self._marks.mark(at)
            self._following.again(at)
        for number in range(self._following.bundles, signed.size // WIDTH):
            self._marks.mark(Tile(ENTRIES, number))
            self._marks.mark(Tile(0, number))
        for above in self._following.follow(signed, self._take, self._elsewhere):
            self._marks.mark(above)
        left = self._fold.next - self._following.bundles * WIDTH
        self._open = self._open[-left:] if left else []

    def _take(self, first: int, entries: list[bytes]) -> None:
        """Take in what is new of a bundle; hold what was taken while it was open against it."""
        opened = self._fold.next - len(self._open)
        low, high = max(first, opened), min(first + len(entries), self._fold.next)
        if (
            low < high
            and self._open[low - opened : high - opened] != entries[low - first : high - first]
        ):
            raise LedgerBroken(low, "it is published otherwise than it stood before")
        new = entries[max(0, self._fold.next - first) :]
        if new:
            self._fold.take_many(self._fold.next, new)
            self._open += new

    def _take_waiting(self) -> None:
        if not (self._directory / JOURNAL).is_dir():
            return  # a copy of what was published
        for _, raw in entries_from(self._directory, self._key, self._fold.next):
            self._fold.take_many(self._fold.next, (raw,))
            self._open.append(raw)

    def _earlier(self, at: datetime, size: int, published: int) -> Fold:
        fold, log = Fold(until=at), Log(self._read, published)
        for first in range(0, published, WIDTH):
            fold.take_many(first, list(log.entries(first, first + WIDTH)))
        for index, raw in self.entries(published, size):
            fold.take_many(index, (raw,))
        return fold

    def _raw(self, indices: list[int]) -> dict[int, bytes]:
        """Give published entries by their numbers."""
        log = Log(self._read, self._most)
        return {at: next(log.entries(at, at + 1)) for at in indices}

    def _current(self) -> DecisionIndex:
        """Give the projection, brought up to date where that is quick."""
        if self._index is None:
            raise RuntimeError("this view was made without a place for its projection")
        if self._looked_s < 0:
            self.catch_up()
        self.index(_AT_ONCE, wait=False)
        return self._index


def _read(directory: str, name: str) -> bytes | None:
    """Read a file by a name of our own making: `ledger_directory.reader` would spell each again."""
    try:
        with open(f"{directory}/{name}", "rb", buffering=0) as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def trusted_key(data: Path) -> VerifierKey:
    """Give the public key of a data directory's ledger, from the private one where that is there.

    Raises:
        LedgerError: There is no ledger, or its key cannot be read.
    """
    private, public = data / "keys" / "ledger.key", data / "ledger" / VERIFIER_KEY
    try:
        if private.is_file():
            return Signer.parse(private.read_text()).verifier()
    except PermissionError:
        pass  # whoever may not sign can still look, by the key that lies with the ledger
    if not public.is_file():
        raise _none(data)
    return load_verifier(str(public))


def open_view(data: Path, *, alone: bool = False) -> LedgerView:
    """Give the view of a data directory's ledger.

    Raises:
        LedgerError: There is no ledger, or its key cannot be read.
    """
    memory, directory = SignedMemory(data / "keys" / "ledger.signed"), data / "ledger"
    # One that was there and is gone is not none: its key remembers.
    if not directory.exists() and not memory.last():
        raise _none(data)
    return LedgerView(
        directory, trusted_key(data), last_signed=memory.last, db=data / VIEWS, alone=alone
    )


def _none(data: Path) -> LedgerError:
    return LedgerError(
        f"there is no ledger in {data}",
        advice="Start the service (`kanhe serve`) once, or name its data directory: --data.",
    )
