"""Sources and obligations as they are written, one entry after the other.

Refuses a duty without a clause, without somebody whom it binds, or without a control: 100 % of the
duties are looked at by something.
"""

from __future__ import annotations

from collections.abc import Mapping

from kanhe.law.period import Period, Validity
from kanhe.law.regime import Force, Obligation, Parameters, Party, Source
from kanhe.law.regime_source import (
    Mark,
    Reading,
    confidence,
    day,
    listed,
    plain,
    text,
    validity,
    word,
)
from kanhe.law.scope import Question
from kanhe.law.scope_file import condition
from kanhe.terms import Text
from kanhe.yaml_source import Section

Placed = tuple[Obligation, Mark]
"""A version of a duty, and where it is written."""

_SOURCE = (
    *("id", "title", "issuer", "force", "published", "in_force", "known", "replaces"),
    *("confidence", "note", "chapters"),
)
_OBLIGATION = (
    *("id", "source", "clause", "area", "bound", "in_force", "known", "title", "text"),
    *("parameters", "confidence", "applies", "controls", "changed_in"),
)


def read_sources(reading: Reading) -> dict[str, Source]:
    """Read sources.yaml."""
    sections = listed(reading, "sources.yaml", "sources: `- id: …`")
    return {source.id: source for source in (_source(one, reading) for one in sections)}


def _source(section: Section, reading: Reading) -> Source:
    name = reading.begin("source", section, _SOURCE)
    reading.declare(section, name)
    published = day(section, "published")
    if published is None and "published" not in section and "in_force" not in section:
        what = "neither `published` nor `in_force` says since when it is there"
        section.fault("id", what, "Add `published: 2026-11-22`.")
    return Source(
        id=name,
        title=text(section, "title"),
        issuer=text(section, "issuer"),
        force=word(section, "force", Force, Force.REPORT),
        published=published,
        validity=validity(section, Validity(Period(published), Period(published))),
        replaces=reading.refer_all(section, "replaces", "source"),
        confidence=confidence(section),
        note=section.pair("note"),
        chapters=_chapters(section),
    )


def _chapters(section: Section) -> tuple[tuple[str, Text], ...]:
    one = section.section("chapters", instead="`{5: {zh: …, en: …}}`")
    if one is None:
        return ()
    titles = ((number, one.pair(number)) for number, _ in one.items())
    return tuple((number, title) for number, title in titles if title)


def read_obligations(
    reading: Reading, file: str, sources: Mapping[str, Source], questions: Mapping[str, Question]
) -> list[Placed]:
    """Read one file of obligations, each with its place."""
    sections = listed(reading, file, "obligations: `- id: …`")
    return [
        (_obligation(one, reading, sources, questions), reading.mark(one, "id")) for one in sections
    ]


def _obligation(
    section: Section,
    reading: Reading,
    sources: Mapping[str, Source],
    questions: Mapping[str, Question],
) -> Obligation:
    name = reading.begin("obligation", section, _OBLIGATION)
    reading.declare(section, name, again=True)
    source = reading.refer(section, "source", "source", needed=True)
    from_source = sources[source].validity if source in sources else Validity()
    return Obligation(
        id=name,
        source=source,
        clause=section.text("clause", needed=True) or "",
        area=reading.refer(section, "area", "area", needed=True),
        bound=_bound(section),
        validity=validity(section, from_source),
        title=text(section, "title"),
        text=text(section, "text"),
        parameters=_parameters(section),
        confidence=confidence(section),
        applies=condition(section, "applies", reading, questions),
        controls=_controls(section, reading),
        changed_in=_changed_in(section, reading, sources.get(source)) or None,
    )


def _bound(section: Section) -> tuple[Party, ...]:
    if "bound" not in section:
        section.fault("bound", "`bound` is missing", "Say whom it binds: `bound: [provider]`.")
    bound = section.choices("bound", Party)
    if "bound" in section and not section.texts("bound"):
        section.fault("bound", "it binds nobody", "Say whom it binds: `bound: [provider]`.")
    return tuple(dict.fromkeys(bound))


def _controls(section: Section, reading: Reading) -> tuple[str, ...]:
    controls = reading.refer_all(section, "controls", "control")
    if not controls:
        advice = "Name what shows whether it is met: `controls: [some-control]`."
        section.fault("controls", "it has no control", advice)
    return controls


def _changed_in(section: Section, reading: Reading, source: Source | None) -> str:
    if "changed_in" in section and source and source.force.binds:
        what = f"`changed_in` is for drafts, and {source.id} is of force `{source.force}`"
        section.fault("changed_in", what, "Use `known` to tell that a date was moved.")
    return reading.refer(section, "changed_in", "obligation")


def _parameters(section: Section) -> Parameters:
    inner = section.section("parameters", instead="`parameters: {name: value}`")
    return {key: plain(node, inner, key) for key, node in inner.items()} if inner else {}
