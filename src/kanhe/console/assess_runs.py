"""The runs of a service as the pages see them: folders on disk, read and never written.

What takes long to gather is kept until the run's files change; of a run that is going it is read
anew at most every few seconds, so that a page which is looked at does not slow the service down.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic

from kanhe.adapters import assess_folder, assess_gather, bank_store
from kanhe.adapters.assess_folder import REPORT, RunFolder, Runs
from kanhe.adapters.assess_gather import Law
from kanhe.adapters.assess_journal import JOURNAL
from kanhe.adapters.assess_make import compose
from kanhe.adapters.assess_material import open_material
from kanhe.adapters.assess_people import PEOPLE
from kanhe.assess.bank import Bank
from kanhe.assess.course import Asked, Material, first, samples
from kanhe.assess.line import Line
from kanhe.assess.plan import Plan
from kanhe.assess.plan_file import read_plan
from kanhe.assess.report_file import REPORT as REPORT_FILE
from kanhe.assess.report_file import Written, read_report
from kanhe.console.assess_data import (
    BankPlanned,
    Gathered,
    Going,
    Listed,
    Planned,
    RunSeen,
    Texts,
    Unreadable,
)
from kanhe.console.assess_item_data import key
from kanhe.errors import AssessError, KanheError, RequestError
from kanhe.law.regime import Regime

MOST_LINES = 20_000
"""Of more lines figures are not computed beside the running service: the report is made first."""

_KEPT = 3
_OLD_S = 5.0
_CHARS_A_TOKEN = 2.5
"""Of a prompt, in both languages together; for an estimate only."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was gathered of a run: from which files, and when (seconds)."""

    stamp: tuple[int, ...]
    at: float
    gathered: Gathered
    asked: Mapping[str, Asked]


class KeptRuns:
    """`Assessments` over the data directory of a service.

    Args:
        data: The directory.
        regime: Under which it runs.
    """

    def __init__(self, data: Path, regime: Regime) -> None:
        self._runs, self._law = Runs(data), Law(regime, regime.risks)
        self._read: OrderedDict[str, _Read] = OrderedDict()
        self._written: dict[str, tuple[tuple[int, ...], Written | None]] = {}
        self._sums: dict[str, tuple[date, Planned]] = {}
        self._lock = threading.Lock()

    def runs(self) -> Sequence[Listed]:
        """Give all runs, the newest first."""
        return [self._listed(name) for name in self._runs.names()]

    def run(self, name: str) -> Listed | None:
        """Give one."""
        try:
            self._runs.open(name)
        except RequestError:
            return None
        return self._listed(name)

    def _listed(self, name: str) -> Listed:
        try:
            folder = self._runs.open(name)
            manifest = folder.manifest
            return RunSeen(
                name, folder.plan, folder.raw, manifest.begun,
                {id: digest for _, id, digest in manifest.banks}, _going(folder),
                tuple(one for one in folder.files if not one.startswith(".")),
            )  # fmt: skip
        except KanheError as error:
            return Unreadable(name, self._bare(str(error)), self._bare(error.advice))

    def _bare(self, words: str) -> str:
        """Leave out where on the machine the data lies: pages never see a path of it."""
        return words.replace(f"{self._runs.data}/", "")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Let errors through, without where on the machine the data lies."""
        try:
            yield
        except KanheError as error:
            bare = AssessError(self._bare(str(error)), advice=self._bare(error.advice))
            bare.status = error.status
            raise bare from error

    def going(self, name: str) -> Going | None:
        """Say how far a run is."""
        return _going(self._runs.open(name))

    def gathered(self, name: str) -> Gathered:
        """Give the evidence of a run, as far as it is."""
        return self._gather(name).gathered

    def _gather(self, name: str) -> _Read:
        folder = self._runs.open(name)
        # One at a time: two who open the same page would read the same journal twice.
        with self._lock, self._telling():
            known, stamp = self._read.get(name), _stamp(folder)
            if known and (known.stamp == stamp or monotonic() - known.at < _OLD_S):
                self._read.move_to_end(name)
                return known
            found = assess_gather.gather(folder, self._law)
            lines = {key(line): line for line in found.lines}
            asked = dict(zip(lines, found.asked, strict=True))
            read = _Read(stamp, monotonic(), Gathered(found.head, lines), asked)
            self._read[name] = read
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
            return read

    def report(self, name: str) -> Written | None:
        """Give the report of a run that has ended: as it was made, else as it would be."""
        folder = self._runs.open(name)
        stamp = _stamp(folder)
        known = self._written.get(name)
        if known and known[0] == stamp:
            return known[1]
        with self._telling():
            found = self._report(folder)
        self._written = {name: (stamp, found)}
        return found

    def _report(self, folder: RunFolder) -> Written | None:
        made = folder.path / REPORT / REPORT_FILE
        if made.exists():
            return read_report(_bytes(made))
        if len(self.gathered(folder.name).lines) > MOST_LINES:
            return None
        return compose(folder, self._law, None, "", datetime.now(UTC))[0]

    def texts(self, name: str, line: Line) -> Texts:
        """Open question and answer."""
        asked, folder = self._gather(name).asked[key(line)], self._runs.open(name)
        try:
            with folder.journal() as journal:
                answer, why = journal.answer(line.outcome.trial), ""
        except KanheError as error:
            why = self._bare(str(error))
            return Texts(asked.item.turns, asked.item.system, None, why)
        return Texts(asked.item.turns, asked.item.system, answer, why)

    def file(self, name: str, file: str) -> bytes | None:
        """Give a file of a run's report."""
        folder = self._runs.open(name)
        return _bytes(folder.path / REPORT / file) if file in folder.files else None

    def planned(self, raw: bytes) -> Planned:
        """Say what a plan comes to; of the disk it sees only banks that are shipped."""
        plan = read_plan(raw, "plan.yaml")
        own = [one.bank for one in plan.draws if one.bank not in bank_store.shipped()]
        if own:
            raise RequestError(
                f"not shipped, and so not looked at here: {', '.join(own)[:200]}",
                advice="Look at them where they lie: kanhe assess plan plan.yaml",
            )
        return self._comes_to(plan, open_material(plan))

    def comes_to(self, name: str) -> Planned:
        """Say what the plan of a run comes to, by the banks that it was begun with."""
        folder = self._runs.open(name)
        # Of a run nothing of it changes but the age of its banks; looking for likes takes seconds.
        day = datetime.now(UTC).date()
        known = self._sums.get(name)
        if known is None or known[0] != day:
            with self._telling():
                known = day, self._comes_to(folder.plan, folder.material)
            self._sums[name] = known
        return known[1]

    def _comes_to(self, plan: Plan, material: Material) -> Planned:
        asked = first(plan, material)
        trials: dict[str, Counter[str]] = {}
        for one in asked:
            trials.setdefault(one.part, Counter())[one.trial.target] += 1
        chars = sum(len(turn) for one in asked for turn in (one.item.system, *one.item.turns))
        answers = sum(len(one.item.turns) for one in asked)
        drawn = zip(material.banks, samples(plan, material.banks), strict=True)
        banks = tuple(
            self._bank(bank, Counter(item.slice for item in sample.items), material.banks)
            for bank, sample in drawn
        )
        prompt = round(chars / _CHARS_A_TOKEN)
        return Planned(plan, banks, trials, prompt, answers * plan.asking.max_tokens)

    def _bank(self, bank: Bank, drawn: Mapping[str, int], banks: Sequence[Bank]) -> BankPlanned:
        now = datetime.now(UTC)
        demand = self._law.demands(now).banks.get(bank.kind)
        return BankPlanned(
            bank.id, bank.title, bank.version, bank.kind,
            Counter(item.slice for item in bank.items), drawn, demand.each if demand else {},
            self._law.findings(bank, banks, now),
        )  # fmt: skip


def _going(folder: RunFolder) -> Going | None:
    found = folder.progress()
    if found is None:
        return None
    return Going(found.total, found.done, found.failed, found.asked, found.tokens, found.rate,
                 found.eta_s, found.why or folder.state(), found.at)  # fmt: skip


def _stamp(folder: RunFolder) -> tuple[int, ...]:
    """Name the state of a run's files: sizes and times of all that figures depend on."""
    paths = (folder.path / JOURNAL, folder.path / PEOPLE, folder.path / assess_folder.MANIFEST,
             folder.path / REPORT / REPORT_FILE)  # fmt: skip
    found: list[int] = []
    for path in paths:
        try:
            seen = path.stat()
            found += [seen.st_size, seen.st_mtime_ns]
        except FileNotFoundError:
            found += [-1, 0]
    return tuple(found)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AssessError(
            f"{path.name} cannot be read: {error.strerror}",
            advice="Make the report again: kanhe assess report",
        ) from error
