"""A status as OSCAL: six documents that refer to each other, and what they could not carry.

NIST's Open Security Controls Assessment Language, as JSON. Our law in two times, our five standings
and our two languages do not fit it whole; `oscal-notes.md` says what was left out or pressed in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from kanhe.report.oscal_catalog import CATALOG, PROFILE, catalog, component, profile
from kanhe.report.oscal_notes import notes
from kanhe.report.oscal_results import PLAN, action, plan, results
from kanhe.report.oscal_words import Export, Node
from kanhe.status.status import Status

NOTES = "oscal-notes.md"
POAM = "poam.json"


def bundle(status: Status, language: str = "en") -> Mapping[str, str]:
    """Give the files by their names, for one folder: they refer to each other by name.

    There is no plan of action where nothing is to be done.

    Args:
        status: What is exported.
        language: `zh` or `en`: that of titles and texts; ids and the notes are the same in both.
    """
    it = Export(status, language)
    documents: dict[str, Node | None] = {
        CATALOG: catalog(it),
        PROFILE: profile(it),
        "component-definition.json": component(it),
        PLAN: plan(it),
        "assessment-results.json": results(it),
        POAM: action(it),
    }
    files = {
        name: json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        for name, document in documents.items()
        if document is not None
    }
    return files | {NOTES: notes(it, files)}
