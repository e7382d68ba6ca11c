"""A status as OSCAL: documents that refer to each other, and what they could not carry.

NIST's Open Security Controls Assessment Language, as JSON. Our law in two times, our five standings
and our two languages do not fit it whole; `oscal-notes.md` says what was left out or pressed in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from kanhe.report.oscal_action import action
from kanhe.report.oscal_catalog import CATALOG, PROFILE, catalog, component, profile
from kanhe.report.oscal_mapping import mapping
from kanhe.report.oscal_notes import MAPPING, NOTES, POAM, notes
from kanhe.report.oscal_results import PLAN, plan, results
from kanhe.report.oscal_words import Export, Node
from kanhe.status.status import Status


def bundle(status: Status, language: str, origin: str) -> Mapping[str, str]:
    """Give the files by their names, for one folder: they refer to each other by name.

    There is no plan of action where nothing is to be done, and no mapping where no duty is related.

    Args:
        status: What is exported.
        language: `zh` or `en`: that of titles and texts; what they name has the same ids in both.
        origin: The ledger's name, which tells this service from others.
    """
    it = Export(status, language, origin)
    documents: dict[str, Node | None] = {
        CATALOG: catalog(it),
        PROFILE: profile(it),
        "component-definition.json": component(it),
        PLAN: plan(it),
        "assessment-results.json": results(it),
        POAM: action(it),
        MAPPING: mapping(it),
    }
    files = {
        name: json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        for name, document in documents.items()
        if document is not None
    }
    return files | {NOTES: notes(it, files)}
