"""Runs of assessments on disk: what each was asked, how far it is, what came out of it.

A run is a folder under `assess/` in the data directory. Its plan lies in it as it was given; banks
are opened anew and have to be what they were, since a line of evidence names an item that somebody
may want to see. Reading takes no lock: a run may go on meanwhile in another process.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from kanhe.adapters.assess_journal import JOURNAL, RunJournal, begin_journal, view_journal
from kanhe.adapters.assess_material import keep_material, kept_material, open_material
from kanhe.adapters.disk import Disk
from kanhe.assess.bank import Bank
from kanhe.assess.course import Asked, Material, first, second
from kanhe.assess.head import JudgeSeen
from kanhe.assess.outcome import Answered, Outcome, Trial
from kanhe.assess.plan import Plan
from kanhe.assess.plan_file import read_plan
from kanhe.errors import AssessError, RequestError
from kanhe.yaml_source import meant

ASSESS = "assess"
INTERRUPTED = "interrupted"
"""Of a run whose process was killed: the same command goes on with it."""
PLAN, MANIFEST, PROGRESS, REPORT = "plan.yaml", "manifest.json", "progress.json", "report"

Value = TypeVar("Value")

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run was begun with, and how it ended.

    Attributes:
        banks: Name, id and SHA-256 of each, in the order of the plan.
        course: SHA-256 over all that is asked before the disguises.
        ended: When it last stopped; None: it has not yet.
        by: Why: `done`, `budget`, `down` or `stopped`.
        ways: Versions of what judged.
        targets: Ruleset version in force at a route, where it was told.
        entered: Whether the ledger was told that the run has begun.
    """

    run: str
    begun: datetime
    version: str
    banks: tuple[tuple[str, str, str], ...]
    course: str
    ended: datetime | None = None
    by: str = ""
    replayed: int = 0
    ways: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)
    judge: JudgeSeen | None = None
    entered: bool = False


@dataclass(frozen=True, slots=True)
class Going:
    """How far a run is, as it says itself about twice a second.

    Attributes:
        rate: Trials done in a second.
        eta_s: Seconds until the end of this phase; None: it cannot be told.
        why: Why it ended; empty while it goes on.
        pid: Of the process.
        reasons: By code: how many questions got no answer, as counted when it ended.
    """

    total: int
    done: int
    failed: int
    asked: int
    tokens: int
    rate: float
    eta_s: float | None
    why: str
    pid: int
    at: datetime
    reasons: Mapping[str, int] = field(default_factory=dict)


class RunFolder:
    """One run; made by `Runs`."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name

    @cached_property
    def raw(self) -> bytes:
        """The plan's bytes as they were given."""
        return _read(self.path / PLAN)

    @cached_property
    def plan(self) -> Plan:
        """The plan."""
        return read_plan(self.raw, f"{self.name}/{PLAN}")

    @property
    def manifest(self) -> Manifest:
        """What it was begun with, and how it ended; read anew each time."""
        return _decoded(_read(self.path / MANIFEST), Manifest, self.path / MANIFEST)

    def write(self, manifest: Manifest) -> None:
        """Replace the manifest."""
        _write(self.path / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))

    @cached_property
    def material(self) -> Material:
        """All that can be asked, as it was when the run was begun.

        Raises:
            AssessError: It cannot be opened; or nothing was kept, and a bank is another one now.
            FaultyBank: Nothing was kept, and a bank cannot be read any more.
        """
        if (kept := kept_material(self.path)) is not None:
            return kept
        begun, found = self.manifest, open_material(self.plan)
        for (name, _, digest), bank in zip(begun.banks, found.banks, strict=True):
            if bank.sha256 != digest:
                raise AssessError(
                    f"the bank {name} is not what it was when the run {self.name} was begun",
                    advice="Put the old one back to go on or to report; or begin another run.",
                )
        return found

    @cached_property
    def _first(self) -> tuple[Asked, ...]:
        return first(self.plan, self.material)

    @property
    def asked(self) -> tuple[Asked, ...]:
        """All trials that the run has, as far as they can be told by now."""
        with self.journal() as journal:
            return self.all(journal)

    @property
    def course(self) -> str:
        """The name under which its journal stands."""
        return course(self.plan, self._first)

    @property
    def plain(self) -> tuple[Asked, ...]:
        """All trials but those in disguise."""
        return self._first

    def all(self, journal: RunJournal) -> tuple[Asked, ...]:
        """Give all trials; those in disguise once everything has come back as it stands."""
        plain = self._first
        if any(journal.reply(one.trial) is None for one in plain):
            return plain
        passed = {one.trial: _passed(journal, one.trial) for one in plain}

        def begun(trial: Trial) -> bool:
            return journal.reply(trial) is not None

        return (*plain, *second(self.plan, self.material, plain, passed, begun))

    @contextmanager
    def journal(self) -> Iterator[RunJournal]:
        """Read the journal as it is now."""
        with view_journal(self.path, self.course) as journal:
            yield journal

    def progress(self) -> Going | None:
        """Say how far it is; None where it never began."""
        path = self.path / PROGRESS
        return _decoded(path.read_bytes(), Going, path) if path.exists() else None

    def state(self) -> str:
        """Say why it has ended; empty while it goes on, `interrupted` where its process is gone."""
        going = self.progress()
        if going is None or going.why:
            return self.manifest.by or (INTERRUPTED if going is None else going.why)
        return "" if _lives(going.pid) else INTERRUPTED

    @property
    def has_journal(self) -> bool:
        """Whether there is anything to go on with, or to report."""
        return (self.path / JOURNAL).is_file()

    def tell(self, going: Going) -> None:
        """Say how far it is to whoever looks."""
        raw = msgspec.json.encode(going)
        beside = self.path / f".{PROGRESS}"
        # Not synced: after a crash nobody wants to know. Nor does a full disk end a run here: the
        # journal says so where it matters.
        with suppress(OSError):
            beside.write_bytes(raw)
            os.replace(beside, self.path / PROGRESS)

    @property
    def files(self) -> tuple[str, ...]:
        """Name the files of its report."""
        folder = self.path / REPORT
        if not folder.is_dir():
            return ()
        return tuple(sorted(one.name for one in folder.iterdir() if one.is_file()))


@dataclass(frozen=True, slots=True)
class Runs:
    """All runs of a service. `data`: its data directory."""

    data: Path

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.data / ASSESS

    def names(self) -> tuple[str, ...]:
        """Name the runs, the one that was begun last first."""
        if not self.folder.is_dir():
            return ()
        # A copy beside them under a name that no run has is nobody's run, and stops no other.
        found = [
            one for one in self.folder.iterdir()
            if _NAME.fullmatch(one.name) and (one / MANIFEST).exists()
        ]  # fmt: skip
        return tuple(one.name for one in sorted(found, key=_begun, reverse=True))

    def open(self, name: str) -> RunFolder:
        """Open one.

        Raises:
            RequestError: There is none of that name.
        """
        if not _NAME.fullmatch(name) or not (self.folder / name / MANIFEST).exists():
            known = self.names()
            raise RequestError(
                f"there is no run {name[:100]!r}",
                advice=meant(name, known)
                if known
                else "Begin one: kanhe assess plan --new plan.yaml, then "
                "kanhe assess run plan.yaml.",
            )
        return RunFolder(self.folder / name)

    def begin(
        self, name: str, raw: bytes, begun: datetime, version: str,
        look: Callable[[Sequence[Bank]], object] = lambda banks: None,
    ) -> RunFolder:  # fmt: skip
        """Make the folder of a new run; `look` at its banks first, which may raise.

        Raises:
            FaultyPlan: The plan is faulty.
            FaultyBank: A bank is.
            RequestError: There is a run of that name.
        """
        if not _NAME.fullmatch(name):
            raise RequestError(
                f"{name[:100]!r} is no name of a run",
                advice="Write a-z, 0-9, `-` and `.` only, at most 100 of them.",
            )
        if (self.folder / name / MANIFEST).exists():
            raise RequestError(f"there is a run {name!r} already", advice="Name the new one anew.")
        plan = read_plan(raw, PLAN)
        found = open_material(plan)
        look(found.banks)
        run = RunFolder(self.folder / name)
        run.path.mkdir(parents=True, exist_ok=True)
        _write(run.path / PLAN, raw)
        keep_material(run.path, found)
        banks = tuple(
            (draw.bank, bank.id, bank.sha256)
            for draw, bank in zip(plan.draws, found.banks, strict=True)
        )
        asked = first(plan, found)
        named = course(plan, asked)
        # Without a manifest it was no run: what a process left that was killed here holds nothing.
        (run.path / JOURNAL).unlink(missing_ok=True)
        begin_journal(run.path, named)
        run.tell(Going(len(asked), 0, 0, 0, 0, 0.0, None, "", os.getpid(), begun))
        # Last, since it makes the folder a run: whoever sees it finds journal and progress.
        run.write(Manifest(name, begun, version, banks, named))
        return run


def course(plan: Plan, asked: Sequence[Asked]) -> str:
    """Give a hash over plan and trials: a journal is gone on with under the very same only."""
    said: list[Any] = [plan.sha256]
    said += [[one.trial.item, one.trial.target, one.trial.variant, one.trial.repeat]
             for one in asked]  # fmt: skip
    return sha256(msgspec.json.encode(said)).hexdigest()


def passed(outcome: Outcome) -> bool | None:
    """Say whether an answer passed by all ways that need no people."""
    return outcome.by_machine if isinstance(outcome.reply, Answered) else None


def _passed(journal: RunJournal, trial: Trial) -> bool | None:
    reply = journal.reply(trial)
    return passed(Outcome(trial, reply, journal.verdicts(trial))) if reply else None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True


def _begun(folder: Path) -> tuple[float, str]:
    # By what the run says itself: a copy from another machine has today's dates.
    try:
        return RunFolder(folder).manifest.begun.timestamp(), folder.name
    except AssessError:
        return 0.0, folder.name


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AssessError(
            f"{path} cannot be read: {error.strerror}",
            advice="Put the run's folder back from a copy, or begin another run.",
        ) from error


def _write(path: Path, raw: bytes) -> None:
    disk, beside = Disk(), path.with_name(f".{path.name}")
    try:
        disk.write_synced(beside, raw)
        disk.rename(beside, path)
        disk.sync_directory(path.parent)
    except OSError as error:
        raise AssessError(
            f"{path} cannot be written: {error.strerror}",
            advice="Look at the rights and the space of that folder, and run the plan again.",
        ) from error


def _decoded(raw: bytes, kind: type[Value], path: Path) -> Value:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, ValueError) as error:
        raise AssessError(
            f"{path} does not hold what was put there: {error}",
            advice="Put it back from a copy, or begin another run.",
        ) from error
