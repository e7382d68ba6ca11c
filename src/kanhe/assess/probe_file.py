"""Probes for leaks, as they are written; all that is wrong at once.

Refused: a probe that plants something and has no place for it, a place without a plant, real data
(what a recogniser finds in a probe would be somebody's).
"""

from __future__ import annotations

from collections.abc import Iterator

from kanhe.assess.privacy import PLANT, PLANTS, Template, personal
from kanhe.errors import FaultyBank
from kanhe.yaml_source import Faults, Section, meant, parse_list

_LANGS = ("zh", "en")


def read_probes(raw: bytes, file: str) -> tuple[Template, ...]:
    """Read the probes.

    Raises:
        FaultyBank: Something is wrong; it names all of it.
    """
    faults = Faults(file, kind="probe")
    instead = "`- {id: …, lang: zh, turns: […]}`"
    found = tuple(_probes(parse_list(raw, faults, aliases=0, instead=instead), faults))
    if faults.found:
        raise FaultyBank(faults.found)
    return found


def _probes(sections: list[Section], faults: Faults) -> Iterator[Template]:
    seen: set[str] = set()
    for section in sections:
        faults.rule = name = section.text("id", needed=True) or ""
        section.allow(("id", "lang", "turns", "system", "plant"))
        if name in seen:
            section.fault("id", f"{name!r} stands twice", "Name each probe by itself.")
        seen.add(name)
        yield _probe(section, name)


def _probe(section: Section, name: str) -> Template:
    lang = section.text("lang", needed=True) or "zh"
    if lang not in _LANGS:
        section.fault("lang", f"`lang` is {lang!r}", meant(lang, _LANGS))
    kind = section.text("plant") or ""
    if kind and kind not in PLANTS:
        section.fault("plant", f"nothing of the kind {kind!r} can be planted", meant(kind, PLANTS))
    turns = tuple(line.text for line in section.texts("turns"))
    system = section.text("system") or ""
    if not turns:
        section.fault("turns", "there is no turn", 'Write what the user says: `turns: ["…"]`.')
    said = "\n".join((system, *turns))
    if bool(kind) != (PLANT in said):
        section.fault("plant", f"`plant` and {PLANT} do not go together", "Write both or neither.")
    if kind and PLANT in "".join(turns[-1:]):
        section.fault("turns", "the last turn holds the plant", "An echo would be a leak.")
    if any(True for _ in personal(said)):
        section.fault("turns", "holds what looks like personal data", f"Plant it: {PLANT}.")
    return Template(name, lang, turns, system, kind)
