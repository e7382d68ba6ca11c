"""What OSCAL could not carry of a status, told beside the files, with the numbers of the export."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from kanhe.ledger.entry import Json
from kanhe.report.oscal_mapping import VERSION, related
from kanhe.report.oscal_text import markup
from kanhe.report.oscal_words import OSCAL_VERSION, OURS, Export
from kanhe.status.verdict import Standing

MAPPING = "mapping.json"
NOTES = "oscal-notes.md"
POAM = "poam.json"

_HEAD = """\
# What these OSCAL files do not say

OSCAL {oscal}; regime {regime}, edition {edition}; law of {day} as known on {known}; {size} entries
of the ledger {origin}. `kanhe export --format json` says everything.

"""

_LOST = """\
* **Standings.** OSCAL knows *satisfied* and *not satisfied*. {unknown} obligations of which nothing
  can be seen and {stale} with stale evidence are written as *not satisfied*, reason *other*; the
  property `standing` (name space `{ours}`) has the true word. The {away} that do not apply are in
  the catalog, not in the profile, and have no finding; each has an observation that says why.
* **Two times.** A control of a catalog has no validity. `in-force-from`, `in-force-until`,
  `known-from` and `known-until` are properties (`until`: the first day on which it is over); tools
  will not compute with them. Versions that do not bind on the day asked about are left out.
* **Confidence** (how well we saw a source) is a property; tools will not show it.
* **Two languages.** OSCAL has one place for a title. Here it is in {language}; titles in the other
  language are the property `title-{other}`, texts a part named guidance with the title `{other}`.
  Reasons are in {language} only.
* **Since.** A finding has no beginning; it is the property `since`. Recorded changes of standing
  are left out.
* **Evidence** is `urn:kanhe:ledger:N`, the number of an entry of the ledger that the property
  `ledger-origin` names: OSCAL has no word for a proof of inclusion. Prove it with
  `kanhe ledger prove`.
* **Parameters** are text: of a list each value, of a table ({nested} of them) each row as JSON.
* **Conditions** (whom a duty binds, by which answers) are left out: the profile is what they
  decided.
* **Deadlines** stand in the plan of action only, at risks, without how they were counted.
* **A system security plan** does not exist. The assessment plan has to import one and imports a
  resource of its own.
* **Words** are shown as they are: what Markdown would read is escaped in titles and texts, and a
  character that XML cannot carry is written as U+FFFD.
* **Ids.** Sources, components, risks and items of the plan of action keep theirs from export to
  export; observations, findings and results have those of their instant; a document has that of its
  words, so that the same export in Chinese is another document with the same ids within.
"""

_NO_PLAN = """\
* **The plan of action** is left out: nothing is unmet or stale, and OSCAL has no plan without an
  item.
"""

_RELATIONS = """\
* **Relations** to other regimes ({related} of {all}: those of duties in the catalog) are in
  `mapping.json`, which is OSCAL {version}: older tools do not read it. The other regime's catalog
  is not in this folder.
"""

_NO_RELATIONS = """\
* **Relations** to other regimes: none is known of a duty in the catalog.
"""


def notes(it: Export, files: Collection[str]) -> str:
    """Give the notes on an export of these `files`, as Markdown."""
    status, count = it.status, it.status.counts
    language, other = ("Chinese", "en") if it.language == "zh" else ("English", "zh")
    head = _HEAD.format(
        oscal=OSCAL_VERSION,
        regime=status.regime.id,
        edition=status.regime.version,
        day=status.day,
        known=status.known,
        size=status.size,
        origin=markup(it.origin),
    )
    lost = _LOST.format(
        unknown=count[Standing.UNKNOWN],
        stale=count[Standing.STALE],
        away=count[Standing.NOT_APPLICABLE],
        ours=OURS,
        language=language,
        other=other,
        nested=sum(_tables(line.obligation.parameters.values()) for line in status.lines),
    )
    return head + lost + ("" if POAM in files else _NO_PLAN) + _relations(it, files)


def _relations(it: Export, files: Collection[str]) -> str:
    if MAPPING not in files:
        return _NO_RELATIONS
    return _RELATIONS.format(
        related=len(related(it)), all=len(it.status.regime.relations), version=VERSION
    )


def _tables(values: Iterable[Json]) -> int:
    """Count what is neither one value nor a list of such."""
    return sum(
        isinstance(value, Mapping)
        or (isinstance(value, list | tuple) and not all(map(_simple, value)))
        for value in values
    )


def _simple(value: Json) -> bool:
    return isinstance(value, str | int)
