"""How the duties relate to those of other regimes, in OSCAL's mapping, which came with 1.2.

Relations are drawn between regimes by us, from the texts, and by nobody else: they are a draft.
"""

from __future__ import annotations

from kanhe.law.regime import Related
from kanhe.report.oscal_catalog import CATALOG
from kanhe.report.oscal_words import Export, Node, document, metadata, of_law, prop

VERSION = "1.2.0"
"""The first version of OSCAL that knows a mapping."""

_RATIONALE = (
    "Nearest counterparts by meaning, in our own reading. Nobody meets a duty by meeting another "
    "that intersects with it."
)


def mapping(it: Export) -> Node | None:
    """Give the relations of the duties in the catalog; None where there are none."""
    regimes = dict.fromkeys(one.regime for one in related(it))
    if not regimes:
        return None
    return document(
        "mapping-collection",
        {
            "metadata": metadata(it, "Relations to other regimes", VERSION),
            "provenance": {
                "method": "human",
                "matching-rationale": "semantic",
                "status": "draft",
                "mapping-description": _RATIONALE,
            },
            "mappings": [_mapping(it, regime) for regime in regimes],
            "back-matter": {"resources": [_regime(it, regime) for regime in regimes]},
        },
    )


def related(it: Export) -> list[Related]:
    """Give the relations that begin at a duty of the catalog."""
    here = {line.obligation.id for line in it.status.lines}
    return [one for one in it.status.regime.relations if one.here in here]


def _mapping(it: Export, regime: str) -> Node:
    return {
        "uuid": of_law(it, "relations", regime),
        "source-resource": {"type": "catalog", "href": CATALOG},
        "target-resource": {"type": "catalog", "href": f"#{of_law(it, 'regime', regime)}"},
        "maps": [_map(it, one) for one in related(it) if one.regime == regime],
    }


def _map(it: Export, one: Related) -> Node:
    return {
        "uuid": of_law(it, "relation", one.here, one.relation.value, one.regime, one.there),
        "relationship": one.relation.value,
        "sources": [{"type": "control", "id-ref": one.here}],
        "targets": [{"type": "control", "id-ref": one.there}],
        "props": [prop("confidence", one.confidence)],
    }


def _regime(it: Export, regime: str) -> Node:
    return {
        "uuid": of_law(it, "regime", regime),
        "title": regime,
        "description": "Its catalog is exported by itself: kanhe export with this regime.",
        "props": [prop("regime", regime)],
    }
