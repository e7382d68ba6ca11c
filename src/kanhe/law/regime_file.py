"""A regime as people write it: a folder of YAML, checked whole, turned into values.

Either all of it is right, or nothing of it loads and every fault is told at once, with file, line,
entry and what to write instead. The format: docs/regime-format.md. Nothing is read but through
`Files`, and nothing is looked up outside the folder: whether a duty of another regime exists is not
known here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from kanhe.errors import FaultyRegime
from kanhe.law.calendar import Calendar
from kanhe.law.calendar_file import read_calendar, read_clocks, zone
from kanhe.law.clock import ClockRule
from kanhe.law.control_file import Checks, Taken, read_controls, read_relations
from kanhe.law.judging_file import IsCategory, read_judging
from kanhe.law.obligation_file import Placed, read_obligations, read_sources
from kanhe.law.regime import Area, Control, Kind, Regime, Related, Source
from kanhe.law.regime_order import (
    check_changes,
    check_circles,
    check_references,
    check_sources,
    check_taken,
    check_versions,
)
from kanhe.law.regime_source import NO_TEXT, Files, Mark, Reading, day, opened, text
from kanhe.law.risk import Risk
from kanhe.law.scope import Question, Route
from kanhe.law.scope_file import read_questions
from kanhe.law.service import ServiceRules
from kanhe.law.service_file import read_risks, read_service
from kanhe.terms import Text
from kanhe.yaml_source import Faults, Section, meant

_FILES = (
    *("regime.yaml", "sources.yaml", "questions.yaml", "clocks.yaml", "calendar.yaml"),
    *("risks.yaml", "judging.yaml", "relations.yaml", "service.yaml"),
)
_NEEDED = ("regime.yaml", "sources.yaml")
_FOLDERS = ("obligations", "controls")
_NEVER = date(1900, 1, 1)


@dataclass(slots=True)
class _Read:
    """All that was read, fit for use only if there was no fault."""

    id: str = ""
    title: Text = NO_TEXT
    researched: date = _NEVER
    zone: str = ""
    areas: tuple[Area, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    valid_days: int = 0
    obligations: list[Placed] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    clocks: Mapping[str, ClockRule] = field(default_factory=dict)
    calendar: Calendar | None = None
    risks: Mapping[str, Risk] = field(default_factory=dict)
    judging: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    related: list[tuple[Related, Mark]] = field(default_factory=list)
    service: ServiceRules | None = None


def load_regime(
    files: Files, name: str, checks: Checks | None = None, is_category: IsCategory | None = None
) -> Regime:
    """Read the regime in a folder.

    Args:
        files: The folder.
        name: Of the folder; the regime has to have it as its id.
        checks: What controls may name as their check, with the parameters that each cannot do
            without; None: any will do.
        is_category: Whether judges know a category of a name; None: any will do.

    Raises:
        FaultyRegime: There is something wrong; it names all of it.
    """
    reading = Reading(files, name, Faults("", kind="entry"))
    _check_names(reading)
    read = _Read()
    _read_top(reading, read)
    read.sources = read_sources(reading)
    read.questions, read.routes, read.valid_days = read_questions(reading)
    for file in _below(reading, "obligations"):
        read.obligations += read_obligations(reading, file, read.sources, read.questions)
    for file in _below(reading, "controls"):
        read.controls += read_controls(reading, file, checks, read.questions, read.taken)
    read.clocks = read_clocks(reading, read.questions)
    read.calendar = read_calendar(reading)
    read.risks = read_risks(reading)
    read.judging = read_judging(reading, read.risks, is_category)
    read.related = read_relations(reading)
    read.service = read_service(reading)
    _check_whole(reading, read)
    _refuse_faults(reading)
    return _regime(reading, read)


def _check_names(reading: Reading) -> None:
    names = reading.files.names()
    for name in names:
        folder, _, file = name.rpartition("/")
        yaml = file.endswith((".yaml", ".yml"))
        if yaml and not (name in _FILES or (folder in _FOLDERS and file.endswith(".yaml"))):
            known = (*_FILES, *(f"{folder}/…" for folder in _FOLDERS))
            reading.faults.file = f"{reading.name}/{name}"
            reading.faults.add(1, "is no file of a regime", meant(name, known))
    for needed in _NEEDED:
        if needed not in names:
            _lacks(reading, needed)
    for folder in _FOLDERS:
        if not _below(reading, folder):
            _lacks(reading, f"{folder}/{folder}.yaml")


def _lacks(reading: Reading, name: str) -> None:
    reading.faults.file = f"{reading.name}/{name}"
    reading.faults.add(1, "is missing", "Write it as docs/regime-format.md says.")
    reading.lost.append(name)


def _below(reading: Reading, folder: str) -> list[str]:
    names = reading.files.names()
    return sorted(
        name for name in names if name.rpartition("/")[0] == folder and name.endswith(".yaml")
    )


def _read_top(reading: Reading, read: _Read) -> None:
    top = opened(reading, "regime.yaml")
    if top is None:
        return
    known = ("id", "title", "researched", "zone", "areas")
    read.id = reading.begin("regime", top, known)
    if read.id and read.id != reading.name:
        what = f"the id is {read.id!r}, and the folder's name {reading.name!r}"
        top.fault("id", what, "Give both one name.")
    read.title = text(top, "title")
    read.researched = day(top, "researched", needed=True) or _NEVER
    read.zone = zone(top)
    areas = top.sections("areas", instead="areas: `- {id: …, title: …}`")
    read.areas = tuple(_area(section, reading) for section in areas)


def _area(section: Section, reading: Reading) -> Area:
    name = reading.begin("area", section, ("id", "title"))
    reading.declare(section, name)
    return Area(name, text(section, "title"))


def _check_whole(reading: Reading, read: _Read) -> None:
    check_references(reading)
    check_versions(reading, read.obligations)
    check_sources(reading, read.obligations, read.sources)
    check_changes(reading, read.obligations)
    check_taken(reading, read.taken, read.obligations)
    check_circles(reading, read.sources.values(), read.related)


def _refuse_faults(reading: Reading) -> None:
    found = reading.faults.found
    if found:
        files = list(dict.fromkeys(fault.file for fault in found))
        raise FaultyRegime(sorted(found, key=lambda one: (files.index(one.file), one.line)))


def _regime(reading: Reading, read: _Read) -> Regime:
    return Regime(
        id=read.id,
        title=read.title,
        version=_version(reading.pieces),
        researched=read.researched,
        zone=read.zone,
        areas=read.areas,
        sources=MappingProxyType(dict(read.sources)),
        obligations=tuple(one for one, _ in read.obligations),
        controls=MappingProxyType({one.id: one for one in read.controls}),
        questions=MappingProxyType(read.questions),
        routes=read.routes,
        answers_valid_days=read.valid_days,
        risks=MappingProxyType(dict(read.risks)),
        judging=MappingProxyType(dict(read.judging)),
        calendar=read.calendar,
        clocks=MappingProxyType(dict(read.clocks)),
        relations=tuple(one for one, _ in read.related),
        service=read.service,
    )


def _version(pieces: Mapping[str, bytes]) -> str:
    """Hash names and contents, each with its length before it, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(pieces):
        for piece in (name.encode(), pieces[name]):
            digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()
