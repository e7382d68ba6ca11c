"""Meeting the judge of an assessment: control texts and swaps put to it, and what is kept of that.

Controls are put to the judge itself, past queue and cache: what it said before must not be what is
heard after. What was heard is kept beside the run, so that a run which goes on tomorrow still knows
what the judge said when it began. Nothing here decides whether a judge is any good.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from kanhe.adapters.disk import Disk
from kanhe.adapters.judge_queue import JudgeQueue
from kanhe.adapters.judge_records import identities
from kanhe.assess.control_file import read_controls
from kanhe.assess.judge_doubt import Control, Heard
from kanhe.errors import AssessError, JudgeError
from kanhe.judge.bias import Bias, look, questions
from kanhe.judge.port import Answer, Opinion, Question, Unscored
from kanhe.judge.score import MILLION, Failed
from kanhe.terms import Text

_GIVEN_UP = 3
"""Failures in a row after which the other controls are not asked: each may take its whole time."""
_BATCH = 32
_TIMES = 4096
"""So many times are kept, the latest ones."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Patience:
    """How judges are waited for, and by which clocks.

    Attributes:
        within_s: For one opinion; nobody's answer waits for it, so it may be long.
        slow_s: From which 95th percentile on a judge counts as slow.
        now: Aware; decides which records are too old.
        clock: Seconds that only grow.
    """

    within_s: float = 60.0
    slow_s: float = 5.0
    now: Callable[[], datetime] = _now
    clock: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class Told:
    """What came of the questions of a run, over all its parts. `hashes`: of all judges seen."""

    before: Heard = ()
    after: Heard = ()
    asked: int = 0
    off_menu: int = 0
    failed: int = 0
    took_s: list[float] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)

    def took(self, seconds: float) -> None:
        """Note how long a question took."""
        self.took_s.append(seconds)
        del self.took_s[:-_TIMES]

    def met(self, judge: str) -> None:
        """Note that a judge of this hash has answered."""
        if judge not in self.hashes:
            self.hashes.append(judge)


@cache
def controls() -> tuple[Control, ...]:
    """Give the shipped control texts."""
    raw = (files("kanhe") / "banks" / "controls.yaml").read_bytes()
    return read_controls(raw, "controls.yaml")


def group_names() -> dict[str, Text]:
    """Give the names of the groups that a judge may be biased against, by their ids."""
    return {
        one.id: Text(one.names["zh"][0], one.names["en"][0]) for one in identities().groups
    }  # fmt: skip


async def hear(
    queue: JudgeQueue, asked: Sequence[Control], patience: Patience, told: Told
) -> Heard:
    """Put controls to a judge, one after the other; note in `told` how long each took."""
    heard: list[Answer | Failed] = []
    row = 0
    for one in asked:
        if row >= _GIVEN_UP:
            heard.append(Failed("not asked any more"))
            continue
        begun = patience.clock()
        said = await _one(queue, one.question, patience.within_s)
        told.took(patience.clock() - begun)
        row = row + 1 if isinstance(said, Failed) else 0
        heard.append(said)
    return tuple(heard)


async def _one(queue: JudgeQueue, question: Question, within_s: float) -> Answer | Failed:
    try:
        async with asyncio.timeout(within_s):
            (said,) = await queue.judge([question])
    except (JudgeError, TimeoutError) as error:
        return Failed(type(error).__name__)
    return said


async def swapped(queue: JudgeQueue, threshold: float, patience: Patience) -> Bias | None:
    """Put the shipped sentences about each group to a judge; None where it did not answer."""
    groups = identities()
    _, asked = questions(groups)
    said: list[Answer] = []
    try:
        for first in range(0, len(asked), _BATCH):
            said += await queue.ask(asked[first : first + _BATCH], patience.within_s)
    except JudgeError:
        return None
    return look(groups, said, [], round(threshold * MILLION))


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`Told` as it is written: of an answer its probability, `u` for no opinion, `f` for none."""

    before: list[float | str]
    after: list[float | str]
    asked: int
    off_menu: int
    failed: int
    took_s: list[float]
    hashes: list[str]


def load(path: Path) -> Told:
    """Read what was kept; nothing where there is no file.

    Raises:
        AssessError: The file cannot be read, or is damaged.
    """
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    except FileNotFoundError:
        return Told()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise AssessError(
            f"{path} cannot be read: {error}",
            advice="Put it back from a copy, or move it away: then the judge is met anew.",
        ) from error
    return Told(
        tuple(map(_answer, kept.before)), tuple(map(_answer, kept.after)), kept.asked,
        kept.off_menu, kept.failed, list(kept.took_s), list(kept.hashes),
    )  # fmt: skip


def save(path: Path, told: Told) -> None:
    """Keep what was heard.

    Raises:
        AssessError: It cannot be written.
    """
    kept = _Kept(
        list(map(_mark, told.before)), list(map(_mark, told.after)), told.asked, told.off_menu,
        told.failed, told.took_s, told.hashes,
    )  # fmt: skip
    disk, part = Disk(), path.with_suffix(".part")
    try:
        disk.write_synced(part, msgspec.json.encode(kept))
        disk.rename(part, path)
    except OSError as error:
        raise AssessError(
            f"{path} cannot be written: {error.strerror}",
            advice="Look at the rights and the space of the folder of the run.",
        ) from error


def _mark(said: Answer | Failed) -> float | str:
    match said:
        case Opinion(unsafe):
            return unsafe
        case Unscored():
            return "u"
        case Failed():
            return "f"


def _answer(kept: float | str) -> Answer | Failed:
    if isinstance(kept, str):
        return Unscored("kept") if kept == "u" else Failed("kept")
    return Opinion(kept)
