"""The law in OSCAL: a catalog of duties, a profile of those that apply, and what implements them.

The catalog holds what binds somebody on the day that is asked about, in the version of that day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from kanhe.law.regime import Obligation, Source
from kanhe.ledger.entry import Json
from kanhe.report.oscal_text import markup, plain
from kanhe.report.oscal_words import (
    Export,
    Node,
    dates,
    document,
    instant,
    metadata,
    of_law,
    prop,
    subject,
)
from kanhe.status.status import Line
from kanhe.status.verdict import Standing

CATALOG = "catalog.json"
PROFILE = "profile.json"


def catalog(it: Export) -> Node:
    """Give every duty that binds somebody on the day, grouped by area; sources in the back."""
    groups: list[Node] = []
    for area in it.status.regime.areas:
        lines = [one for one in it.status.lines if one.obligation.area == area.id]
        if lines:
            groups.append(
                {
                    "id": area.id,
                    "title": markup(it.say(area.title)),
                    "props": [it.other(area.title)],
                    "controls": [_control(it, one) for one in lines],
                }
            )
    used = {one.source.id: one.source for one in it.status.lines}
    resources = [_resource(it, source) for source in used.values()]
    return document(
        "catalog",
        {
            "metadata": metadata(it, "Obligations"),
            **({"groups": groups} if groups else {}),
            **({"back-matter": {"resources": resources}} if resources else {}),
        },
    )


def profile(it: Export) -> Node:
    """Give the choice of this service: all duties that apply, or of which it is not known."""
    ids = [one.obligation.id for one in applying(it)]
    chosen: Node = {"include-controls": [{"with-ids": ids}]}
    if not ids:
        # An import has to include something: all of it, and then none of it.
        none = [one.obligation.id for one in it.status.lines]
        without: Node = {"exclude-controls": [{"with-ids": none}]} if none else {}
        chosen = {"include-all": {}, **without}
    return document(
        "profile",
        {
            "metadata": metadata(it, "Obligations of this service"),
            "imports": [{"href": CATALOG, **chosen}],
            "merge": {"as-is": True},
        },
    )


def component(it: Export) -> Node:
    """Give the two that implement: Kanhe where it looks itself, people where they sign."""
    seen = {one.obligation.id: _looking(one) for one in applying(it)}
    signed = {one.obligation.id: _signed(one) for one in applying(it)}
    return document(
        "component-definition",
        {
            "metadata": metadata(it, "What implements the obligations"),
            "components": [
                {
                    **_named(it, "kanhe", "software", "Kanhe gateway"),
                    **_implements(it, "kanhe", seen),
                },
                {
                    **_named(it, "people", "process-procedure", "Signed duties"),
                    **_implements(it, "people", signed),
                },
            ],
        },
    )


def applying(it: Export) -> list[Line]:
    """Give the lines that apply to the service, or may."""
    return [one for one in it.status.lines if one.standing is not Standing.NOT_APPLICABLE]


def _control(it: Export, one: Line) -> Node:
    duty = one.obligation
    other = "en" if it.language == "zh" else "zh"
    return {
        "id": duty.id,
        "class": "obligation",
        "title": markup(it.say(duty.title)),
        **_parameters(duty),
        "props": [
            {"name": "label", "value": plain(f"{duty.source} {duty.clause}")},
            it.other(duty.title),
            prop("confidence", duty.confidence),
            *(prop("bound", party) for party in duty.bound),
            *dates(duty.validity),
        ],
        "links": [{"href": f"#{of_law(it, 'source', duty.source)}", "rel": "reference"}],
        "parts": [
            {"id": f"{duty.id}_smt", "name": "statement", "prose": markup(it.say(duty.text))},
            {"id": f"{duty.id}_other", "name": "guidance", "title": other,
             "prose": markup(duty.text.en if other == "en" else duty.text.zh)},
        ],
    }  # fmt: skip


def _parameters(duty: Obligation) -> Node:
    """Give the numbers that the law fixes: of a list each, of a table its rows as JSON."""
    params: list[Node] = []
    for name, value in duty.parameters.items():
        values = _values(value)
        label: Node = {"id": f"{duty.id}_{name}", "label": markup(name)}
        params.append(label | ({"values": values} if values else {}))
    return {"params": params} if params else {}


def _values(value: Json) -> list[str]:
    parts = [value] if isinstance(value, str) or not isinstance(value, Sequence) else value
    return [
        plain(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)) for one in parts
    ]


def _resource(it: Export, source: Source) -> Node:
    told: list[Node] = [
        prop("source", source.id),
        prop("force", source.force),
        prop("confidence", source.confidence),
        it.other(source.title),
        *dates(source.validity),
    ]
    if source.published:
        told.append({"name": "published", "value": f"{source.published}T00:00:00Z"})
    return {
        "uuid": of_law(it, "source", source.id),
        "title": markup(it.say(source.title)),
        "description": markup(it.say(source.issuer)),
        "props": told,
    }


def _looking(one: Line) -> list[str]:
    """Name the controls of a line at which Kanhe looks itself."""
    return [had.control.id for had in one.looked if had.control.check not in {"attested", "awaits"}]


def _signed(one: Line) -> list[str]:
    """Name the controls of a line that people sign."""
    return [had.control.id for had in one.looked if had.control.check == "attested"]


def _named(it: Export, name: str, kind: str, title: str) -> Node:
    return {
        "uuid": subject(it, "component", name),
        "type": kind,
        "title": title,
        "description": title,
    }


def _implements(it: Export, name: str, duties: Mapping[str, Sequence[str]]) -> Node:
    requirements: list[Node] = [
        {
            "uuid": subject(it, "requirement", name, duty),
            "control-id": duty,
            "description": markup("Shown by " + ", ".join(controls)),
            "props": [prop("control", had) for had in controls],
        }
        for duty, controls in duties.items()
        if controls
    ]
    if not requirements:
        return {}
    implementation: Node = {
        "uuid": subject(it, "implementation", name),
        "source": PROFILE,
        "description": f"As known on {it.status.known}, looked at on {instant(it.status.at)}",
        "implemented-requirements": requirements,
    }
    return {"control-implementations": [implementation]}
