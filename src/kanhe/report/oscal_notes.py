"""What OSCAL could not carry of a status, told beside the files, with the numbers of the export."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kanhe.ledger.entry import Json
from kanhe.report.oscal_words import OSCAL_VERSION, OURS, Export
from kanhe.status.verdict import Standing

_HEAD = """\
# What these OSCAL files do not say

OSCAL {oscal}; regime {regime}, edition {edition}; law of {day} as known on {known}; {size} entries
of the ledger. `kanhe export --format json` says everything.

"""

_LOST = """\
* **Standings.** OSCAL knows *satisfied* and *not satisfied*. {unknown} obligations of which nothing
  can be seen and {stale} with stale evidence are written as *not satisfied*, reason *other*; the
  property `standing` (name space `{ours}`) has the true word. The {away} that do not apply are in
  the catalog and not in the profile; why they do not is not said.
* **Two times.** A control of a catalog has no validity. `in-force-from` is a property; until when
  it holds, and from when to when that was known, is left out, and so are versions that do not bind
  on the day asked about.
* **Confidence** (how well we saw a source) is a property; tools will not show it.
* **Two languages.** OSCAL has one place for a title. Here it is in {language}; titles in the other
  language are the property `title-{other}`, texts a part named guidance with the title `{other}`.
  Reasons are in {language} only.
* **Since.** A finding has no beginning; it is the property `since`. Recorded changes of standing
  are left out.
* **Evidence** is `urn:kanhe:ledger:N`, the number of an entry: OSCAL has no word for a proof of
  inclusion. Prove it with `kanhe ledger prove`.
* **Parameters** that are lists or tables ({nested} of them) are left out; those that are one value
  are written as text.
* **Conditions** (whom a duty binds, by which answers) are left out: the profile is what they
  decided.
* **Deadlines** stand in the plan of action only, at risks, without how they were counted.
* **A system security plan** does not exist. The assessment plan has to import one and imports a
  resource of its own.
"""

_NO_PLAN = """\
* **The plan of action** is left out: nothing is unmet or stale, and OSCAL has no plan without an
  item.
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
    )
    lost = _LOST.format(
        unknown=count[Standing.UNKNOWN],
        stale=count[Standing.STALE],
        away=count[Standing.NOT_APPLICABLE],
        ours=OURS,
        language=language,
        other=other,
        nested=sum(_nested(line.obligation.parameters.values()) for line in status.lines),
    )
    return head + lost + ("" if "poam.json" in files else _NO_PLAN)


def _nested(values: Iterable[Json]) -> int:
    return sum(not isinstance(value, str | int | bool) for value in values)
