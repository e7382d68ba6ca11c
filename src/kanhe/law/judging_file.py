"""judging.yaml as it is written: kinds of content, and which categories of judges speak for them.

Refuses a kind that says neither which categories speak for it nor why none does, a category that is
only trusted in part without a word on what it lacks, and a list `risks` that leaves out a risk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from kanhe.law.regime import RISKS, Confidence, Kind
from kanhe.law.regime_source import NO_TEXT, Reading, opened, text
from kanhe.law.risk import Risk
from kanhe.terms import Text
from kanhe.yaml_source import Section

IsCategory = Callable[[str], bool]
"""Whether judges know a category of this name."""

_FORM = re.compile(r"[a-z][a-z0-9-]{0,40}(\.[a-z0-9][a-z0-9-]{0,40})?")
_KIND = ("title", "by", "lacks", "none")
_INSTEAD = "`{by: {fraud: ours}}` or `{none: {zh: …, en: …}}`"


class _Sure(StrEnum):
    OURS = Confidence.OURS.value
    UNCERTAIN = Confidence.UNCERTAIN.value


def read_judging(
    reading: Reading, risks: Mapping[str, Risk], is_category: IsCategory | None = None
) -> dict[str, dict[str, Kind]]:
    """Read judging.yaml; empty where there is none.

    Args:
        reading: The regime.
        risks: Its risks, by code.
        is_category: None: any name of the right form will do.
    """
    top = opened(reading, "judging.yaml")
    if top is None:
        return {}
    reading.faults.kind = "kind"
    found: dict[str, dict[str, Kind]] = {}
    for name, _ in top.items():
        reading.faults.rule = ""
        part = top.section(name, instead=f"kinds by their ids, each as {_INSTEAD}")
        if part:
            titles = {code: Text(one.zh, one.en) for code, one in risks.items()}
            found[name] = _kinds(part, reading, titles if name == RISKS else None, is_category)
    return found


def _kinds(
    part: Section,
    reading: Reading,
    titles: Mapping[str, Text] | None,
    is_category: IsCategory | None,
) -> dict[str, Kind]:
    found = {}
    for name, _ in part.items():
        reading.faults.rule = name
        section = part.section(name, instead=_INSTEAD)
        if section is None:
            continue
        if titles is None:
            section.allow(_KIND)
            title = text(section, "title")
        else:
            section.allow(_KIND[1:])
            title = titles.get(name, NO_TEXT)
            if name not in titles:
                section.faults.add(section.line, f"there is no risk {name!r}", "See risks.yaml.")
        found[name] = _kind(name, title, section, is_category)
    reading.faults.rule = ""
    for name in sorted(set(titles or ()) - set(part.keys)):
        part.faults.add(part.line, f"the risk {name} is missing", f"Add `{name}: {_INSTEAD[1:]}.")
    return found


def _kind(name: str, title: Text, section: Section, is_category: IsCategory | None) -> Kind:
    by = _by(section, is_category)
    none, lacks = section.pair("none"), section.pair("lacks")
    if ("by" in section) == ("none" in section):
        section.fault("none", "it needs one of `by` and `none`", f"Write {_INSTEAD}.")
    unsure = Confidence.UNCERTAIN in by.values()
    if unsure and "lacks" not in section:
        advice = "Add `lacks: {zh: …, en: …}`: what no category sees."
        section.fault("by", "a category is `uncertain`, and what it lacks is not said", advice)
    if "lacks" in section and not unsure:
        advice = "Call the categories that miss it `uncertain`."
        section.fault("lacks", "something is lacking, and every category is sure", advice)
    return Kind(name, title, by, lacks, none)


def _by(section: Section, is_category: IsCategory | None) -> dict[str, Confidence]:
    by = section.section("by", instead="`by: {fraud: ours}`")
    if by is None:
        return {}
    found = {}
    for category in by.keys:
        known = _FORM.fullmatch(category) and (is_category is None or is_category(category))
        if not known:
            by.fault(category, f"judges know no category {category!r}", "See docs/judges.md.")
        sure = by.choice(category, _Sure, _Sure.UNCERTAIN)
        found[category] = Confidence(sure.value)
    if not found:
        section.fault("by", "`by` names no category", f"Write {_INSTEAD}.")
    return found
