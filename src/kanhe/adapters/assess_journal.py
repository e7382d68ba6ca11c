"""The journal of a run on disk: one file, frames behind each other, each durable before it counts.

A frame is its length and CRC-32 (4 bytes each, big-endian) and a MessagePack array. A process that
is killed leaves at most half a frame at the end, which is cut off at the next opening; a frame that
is damaged anywhere else is an error, since what follows it cannot be trusted. The first frame names
the plan: a journal is gone on with only by the very plan that began it, in one process at a time.

Answers stand in it sealed (AES-256-GCM, a nonce a frame, under a key in a file beside it that can
be destroyed); everything else is numbers and hashes. Writes that come together share one sync.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kanhe.adapters.secret_file import kept_key, random_key
from kanhe.assess.outcome import Answered, Failed, Reply, Trial, Verdict, Way
from kanhe.assess.run import Said
from kanhe.errors import AssessError

JOURNAL, KEY = "journal", "answers.key"
_HEAD = struct.Struct(">II")
_PLAN, _NAME, _ANSWERED, _FAILED, _JUDGED = range(5)
_LARGEST, _LOOKED = 16 << 20, 64 << 10
_WAYS = tuple(Way)

Frame = list[Any]
"""The kind of frame, and its fields."""


class RunJournal:
    """A `Journal` in a folder. Make one with `open_journal`; use it from one event loop."""

    def __init__(self, folder: Path, fd: int, key: bytes) -> None:
        self.folder = folder
        self._fd, self._box = fd, AESGCM(key)
        self._secret = blake2b(b"kanhe salts", key=key).digest()
        self._replies: dict[bytes, Reply] = {}
        self._sealed: dict[bytes, tuple[int, int]] = {}
        """Where the frame of an answer stands: position and length."""
        self._replayed: set[bytes] = set()
        self._verdicts: dict[bytes, tuple[Verdict, ...]] = {}
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._end = 0
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    def salt(self, trial: Trial) -> str:
        """Give 24 hex digits that nobody guesses without the key, the same for one trial always."""
        return blake2b(_name(trial), key=self._secret, digest_size=12).hexdigest()

    @property
    def replayed(self) -> int:
        """How many answers a cache gave."""
        return len(self._replayed)

    @property
    def size(self) -> int:
        """Bytes of the journal."""
        return self._end

    def reply(self, trial: Trial) -> Reply | None:
        """Give what was kept of a trial."""
        return self._replies.get(_name(trial))

    def verdicts(self, trial: Trial) -> tuple[Verdict, ...]:
        """Give the verdicts on a trial."""
        return self._verdicts.get(_name(trial), ())

    def answer(self, trial: Trial) -> str:
        """Give the text of an answer; see `Journal.answer`."""
        name = _name(trial)
        reply = self._replies.get(name)
        if name not in self._sealed or not isinstance(reply, Answered):
            raise AssessError("there is no answer to this trial", advice="Run the plan again.")
        at, length = self._sealed[name]
        frame: Frame = msgspec.msgpack.decode(os.pread(self._fd, length, at))
        try:
            raw = zlib.decompress(self._box.decrypt(frame[7], frame[8], name))
        except InvalidTag:
            raise AssessError(
                "an answer cannot be opened: its key is another one, or was destroyed",
                advice=f"Put {KEY} back from a copy, if it was not destroyed on purpose.",
            ) from None
        if sha256(raw).hexdigest() != reply.answer:
            raise AssessError("an answer is not what its hash says", advice="Run the plan anew.")
        return raw.decode("utf-8", "surrogatepass")

    async def keep(self, trial: Trial, said: Said | Failed) -> None:
        """Keep what a target said; see `Journal.keep`."""
        name = _name(trial)
        if isinstance(said, Failed):
            await self._append([_FAILED, name, said.code, said.tries])
            return
        raw = said.text.encode("utf-8", "surrogatepass")
        nonce = os.urandom(12)
        sealed = self._box.encrypt(nonce, zlib.compress(raw, 6), name)
        await self._append([_ANSWERED, name, sha256(raw).digest(), said.decision, *said.tokens,
                            said.ms, nonce, sealed, *[True] * said.replayed])  # fmt: skip

    async def judge(self, trial: Trial, verdicts: Sequence[Verdict]) -> None:
        """Keep verdicts; see `Journal.judge`."""
        names = {one.by for one in verdicts} | {one.why for one in verdicts}
        frames = [[_NAME, name] for name in sorted(names) if name not in self._numbers]
        for frame in frames:
            self._take(frame, 0, 0)
        told = [[_WAYS.index(v.way), v.passed, self._numbers[v.by], self._numbers[v.why],
                 v.permille] for v in verdicts]  # fmt: skip
        await self._append(*frames, [_JUDGED, _name(trial), told])

    async def aclose(self) -> None:
        """Wait for what is being written, and close."""
        if self._writing and not self._writing.done():
            await asyncio.gather(self._writing, return_exceptions=True)
        os.close(self._fd)

    async def _append(self, *frames: Frame) -> None:
        """Write frames durably; they count once they are."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        packed = [_packed(frame) for frame in frames]
        self._waiting.append((b"".join(packed), future))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write())
        await asyncio.shield(future)

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            raw = b"".join(one for one, _ in batch)
            try:
                await asyncio.to_thread(_write_all, self._fd, raw)
            except OSError as error:
                with suppress(OSError):
                    os.ftruncate(self._fd, self._end)  # half a frame would spoil all after it
                for _, future in batch:
                    future.set_exception(_unwritable(self.folder, error))
                continue
            for at, length, frame in _frames(raw):
                self._take(frame, self._end + at, length)
            self._end += len(raw)
            for _, future in batch:
                if not future.done():
                    future.set_result(None)

    def _take(self, frame: Frame, at: int, length: int) -> None:
        """Note what a frame says."""
        match frame:
            case [int(kind), str(name)] if kind == _NAME:
                if name not in self._numbers:
                    self._numbers[name] = len(self._names)
                    self._names.append(name)
            case [int(kind), bytes(name), bytes(digest), str(decision), int(p), int(c), int(ms), _,
                  _, *replayed] if kind == _ANSWERED:  # fmt: skip
                self._replies[name] = Answered(digest.hex(), decision, (p, c), ms)
                self._sealed[name] = (at, length)
                if replayed:
                    self._replayed.add(name)
            case [int(kind), bytes(name), str(code), int(tries)] if kind == _FAILED:
                if not isinstance(self._replies.get(name), Answered):
                    self._replies[name] = Failed(code, tries)
            case [int(kind), bytes(name), list(told)] if kind == _JUDGED:
                more = tuple(
                    Verdict(_WAYS[w], passed, self._names[by], self._names[why], permille)
                    for w, passed, by, why, permille in told
                )
                self._verdicts[name] = self._verdicts.get(name, ()) + more
            case _:
                raise AssessError(
                    "the journal has a frame that no version of this program writes",
                    advice="Read it with the version that wrote it.",
                )

    def load(self, raw: bytes, plan: str) -> int:
        """Take what the file holds; give the bytes of it that are whole.

        Raises:
            AssessError: It is another plan's, or damaged.
        """
        whole = 0
        for at, length, frame in _frames(raw):
            if whole == 0:
                _require(frame, plan)
            else:
                self._take(frame, at, length)
            whole = at + length
        self._end = whole
        return whole

    def begin(self, plan: str) -> None:
        """Write the first frame of a new journal."""
        frame = _packed([_PLAN, plan])
        _write_all(self._fd, frame)
        self._end = len(frame)


def open_journal(folder: Path, plan: str) -> RunJournal:
    """Open the journal of a run, or begin it.

    Args:
        folder: The run's own.
        plan: Hash of the plan and of all that its results depend on.

    Raises:
        AssessError: It is another plan's, damaged, or open in another process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / JOURNAL
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        _lock(folder, fd)
        journal = RunJournal(folder, fd, random_key(folder / KEY))
        raw = path.read_bytes()
        whole = journal.load(raw, plan)
        if whole < len(raw):
            os.ftruncate(fd, whole)
        if whole == 0:
            journal.begin(plan)
    except OSError as error:
        os.close(fd)
        raise _unwritable(folder, error) from error
    except BaseException:
        os.close(fd)
        raise
    return journal


def begin_journal(folder: Path, plan: str) -> None:
    """Begin the journal of a run that is not asked yet, and close it.

    Raises:
        AssessError: There is another plan's, or it cannot be written.
    """
    os.close(open_journal(folder, plan)._fd)


@contextmanager
def view_journal(folder: Path, plan: str) -> Iterator[RunJournal]:
    """Read the journal of a run that may go on in another process; nothing is written.

    Raises:
        AssessError: There is none, or it is another plan's, or damaged.
        SettingsError: Its key cannot be read.
    """
    try:
        fd = os.open(folder / JOURNAL, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise AssessError(
            f"there is no journal in {folder}: {error.strerror}",
            advice="Run the plan first: kanhe assess run plan.yaml.",
        ) from error
    try:
        journal = RunJournal(folder, fd, kept_key(folder / KEY))
        journal.load((folder / JOURNAL).read_bytes(), plan)
        yield journal
    finally:
        os.close(fd)


def _lock(folder: Path, fd: int) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise AssessError(
            f"the run in {folder} goes on in another process",
            advice="Wait for it, or stop it; what it has done is kept.",
        ) from None


def _name(trial: Trial) -> bytes:
    said = "\0".join((trial.item, trial.target, trial.variant, str(trial.repeat)))
    return blake2b(said.encode(), digest_size=12).digest()


def _packed(frame: Frame) -> bytes:
    raw = msgspec.msgpack.encode(frame)
    return _HEAD.pack(len(raw), zlib.crc32(raw)) + raw


def _frames(raw: bytes) -> Iterator[tuple[int, int, Frame]]:
    """Give each whole frame with its place (of the array itself); stop at a cut tail."""
    at = 0
    while at + _HEAD.size <= len(raw):
        length, crc = _HEAD.unpack_from(raw, at)
        body = raw[at + _HEAD.size : at + _HEAD.size + length]
        if len(body) < length <= _LARGEST:
            if _goes_on(raw, at + 1):
                raise _damaged(at)
            return
        if zlib.crc32(body) != crc:
            if at + _HEAD.size + length >= len(raw):
                return  # the last one: its bytes did not all reach the disk
            raise _damaged(at)
        yield at + _HEAD.size, length, msgspec.msgpack.decode(body)
        at += _HEAD.size + length


def _goes_on(raw: bytes, at: int) -> bool:
    """Say whether a whole frame stands behind one that seems cut: then its length is damaged."""
    for start in range(at, min(at + _LOOKED, len(raw) - _HEAD.size)):
        length, crc = _HEAD.unpack_from(raw, start)
        end = start + _HEAD.size + length
        if length > 0 and end <= len(raw) and zlib.crc32(raw[start + _HEAD.size : end]) == crc:
            return True
    return False


def _damaged(at: int) -> AssessError:
    return AssessError(
        f"the journal is damaged at byte {at}",
        advice="Put it back from a copy, or begin the run anew in another folder.",
    )


def _require(frame: Frame, plan: str) -> None:
    if frame[:1] != [_PLAN] or frame[1:] != [plan]:
        raise AssessError(
            "this run was begun by another plan, or by other banks, judges or rules",
            advice="Give the new run a folder of its own; the old one stays as it is.",
        )


def _write_all(fd: int, raw: bytes) -> None:
    rest = memoryview(raw)
    while rest:
        rest = rest[os.write(fd, rest) :]
    os.fdatasync(fd)


def _unwritable(folder: Path, error: OSError) -> AssessError:
    return AssessError(
        f"the journal in {folder} cannot be written: {error.strerror}",
        advice="Make room, and run the plan again: what is kept is not asked for again.",
    )
