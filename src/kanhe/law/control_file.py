"""Controls and relations as they are written.

Refuses a check that nobody has written (`checks` names those there are) or that lacks a parameter,
an attestation without a statement to sign, and a control that waits without saying for what.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import yaml

from kanhe.law.regime import Control, Of, Related, Relation
from kanhe.law.regime_source import (
    Mark,
    Reading,
    confidence,
    listed,
    plain,
    text,
    unknown,
    whole,
    word,
)
from kanhe.law.scope_file import Questions, condition
from kanhe.ledger.entry import Json
from kanhe.yaml_source import Section

ATTESTED = "attested"
AWAITS = "awaits"

_CONTROL = ("id", "title", "check", "parameters", "confidence", "applies")
_RELATED = ("here", "relation", "regime", "there", "confidence")
_INSTEAD = "`parameters: {name: value}`"

Checks = Mapping[str, Collection[str]]
"""The checks there are, and the parameters that each cannot do without."""

Taken = tuple[Of, Mark]
"""A parameter that is taken from a duty, and where that is written."""


def read_controls(
    reading: Reading,
    file: str,
    checks: Checks | None,
    questions: Questions,
    taken: list[Taken],
) -> list[Control]:
    """Read one file of controls. `checks`: None: any will do.

    What controls take from duties is put into `taken`.
    """
    sections = listed(reading, file, "controls: `- id: …`")
    return [_control(section, reading, checks, questions, taken) for section in sections]


def _control(
    section: Section,
    reading: Reading,
    checks: Checks | None,
    questions: Questions,
    taken: list[Taken],
) -> Control:
    name = reading.begin("control", section, _CONTROL)
    reading.declare(section, name)
    check = section.text("check", needed=True) or ""
    known = None if checks is None else {*checks, ATTESTED, AWAITS}
    if check and known is not None and check not in known:
        section.fault("check", f"there is no check {check!r}", unknown(check, sorted(known)))
    parameters = _parameters(section, reading, check, taken)
    for needed in (checks or {}).get(check, ()):
        if needed not in parameters and check not in {ATTESTED, AWAITS}:
            what = f"`check: {check}` needs the parameter `{needed}`"
            section.fault("parameters", what, f"Add `{needed}: …` to its `parameters`.")
    title, found = text(section, "title"), condition(section, "applies", reading, questions)
    return Control(name, title, check, parameters, confidence(section), found)


def _parameters(
    section: Section, reading: Reading, check: str, taken: list[Taken]
) -> Mapping[str, Json | Of]:
    inner = section.section("parameters", instead=_INSTEAD)
    if check in {ATTESTED, AWAITS} and inner is None and "parameters" not in section:
        section.fault("parameters", f"`check: {check}` needs parameters", f"Write {_INSTEAD}.")
    if inner is None:
        return {}
    if check == ATTESTED:
        _check_attested(inner)
    elif check == AWAITS:
        inner.allow(("capability",))
        text(inner, "capability")
    return {key: _parameter(inner, key, node, reading, taken) for key, node in inner.items()}


def _check_attested(parameters: Section) -> None:
    parameters.allow(("valid_days", "statement", "evidence"))
    whole(parameters, "valid_days", least=1, most=3660)
    text(parameters, "statement")
    text(parameters, "evidence")


def _parameter(
    parameters: Section, key: str, node: yaml.Node, reading: Reading, taken: list[Taken]
) -> Json | Of:
    inner = parameters.section(key, instead="") if isinstance(node, yaml.MappingNode) else None
    if inner is None or "of" not in inner:
        return plain(node, parameters, key)
    inner.allow(("of", "parameter"))
    obligation = reading.refer(inner, "of", "obligation", needed=True)
    found = Of(obligation, inner.text("parameter", needed=True) or "")
    taken.append((found, reading.mark(inner, "parameter")))
    return found


def read_relations(reading: Reading) -> list[tuple[Related, Mark]]:
    """Read relations.yaml, each relation with its place."""
    sections = listed(reading, "relations.yaml", "relations: `- {here: …, relation: …, …}`")
    return [_related(section, reading) for section in sections]


def _related(section: Section, reading: Reading) -> tuple[Related, Mark]:
    name = reading.begin("relation", section, _RELATED, key="here")
    reading.wanted.append(("obligation", name, reading.mark(section, "here")))
    relation = word(section, "relation", Relation, Relation.NONE)
    regime = section.text("regime", needed=True) or ""
    there = section.text("there", needed=True) or ""
    if regime == reading.name:
        reading.wanted.append(("obligation", there, reading.mark(section, "there")))
    related = Related(name, relation, regime, there, confidence(section))
    return related, reading.mark(section, "relation")
