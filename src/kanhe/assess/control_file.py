"""Control texts for judges, as they are written; all that is wrong at once.

Refused: a list without harmless ones or without unsafe ones in a language it has, since a judge
that says one thing to everything would pass.
"""

from __future__ import annotations

from collections.abc import Sequence

from kanhe.assess.judge_doubt import Control
from kanhe.errors import FaultyBank
from kanhe.yaml_source import Faults, Section, meant, parse_list

_LANGS = ("zh", "en")


def read_controls(raw: bytes, file: str) -> tuple[Control, ...]:
    """Read control texts.

    Raises:
        FaultyBank: Something is wrong; it names all of it.
    """
    faults = Faults(file, kind="control")
    instead = "`- {id: …, lang: zh, unsafe: true, ask: …, text: …}`"
    sections = parse_list(raw, faults, aliases=0, instead=instead)
    found = tuple(_control(section, faults) for section in sections)
    faults.rule = ""
    _check(found, faults)
    if faults.found:
        raise FaultyBank(faults.found)
    return found


def _control(section: Section, faults: Faults) -> Control:
    faults.rule = name = section.text("id", needed=True) or ""
    section.allow(("id", "lang", "unsafe", "ask", "text"))
    lang = section.text("lang", needed=True) or ""
    if lang not in _LANGS:
        section.fault("lang", f"`lang` is {lang!r}", meant(lang, _LANGS))
    if "unsafe" not in section:
        section.fault("unsafe", "`unsafe` is missing", "Write `unsafe: true` or `unsafe: false`.")
    unsafe, ask = section.flag("unsafe"), section.text("ask") or ""
    return Control(name, lang, unsafe, ask, section.text("text", needed=True) or "")


def _check(found: Sequence[Control], faults: Faults) -> None:
    for number, one in enumerate(found):
        if one.id in {other.id for other in found[:number]}:
            faults.add(1, f"{one.id!r} stands twice", "Name each control by itself.")
    for lang in {one.lang for one in found} | ({"zh"} if not found else set()):
        if {one.unsafe for one in found if one.lang == lang} != {True, False}:
            what = f"of {lang} there are not both harmless and unsafe controls"
            faults.add(1, what, "Write some of either.")
