"""Frames around questions, as they are written; all that is wrong at once.

Refused: a frame without a place for the question in a language, and a name that stands twice or is
that of a disguise.
"""

from __future__ import annotations

from collections.abc import Iterator

from kanhe.assess.disguise import DISGUISES
from kanhe.assess.robustness import QUESTION, Frame
from kanhe.errors import FaultyBank
from kanhe.terms import Text
from kanhe.yaml_source import Faults, Section, parse_list

_LANGS = ("zh", "en")


def read_frames(raw: bytes, file: str) -> tuple[Frame, ...]:
    """Read the frames.

    Raises:
        FaultyBank: Something is wrong; it names all of it.
    """
    faults = Faults(file, kind="frame")
    instead = "`- {id: …, title: …, zh: …, en: …}`"
    found = tuple(_frames(parse_list(raw, faults, aliases=0, instead=instead), faults))
    if faults.found:
        raise FaultyBank(faults.found)
    return found


def _frames(sections: list[Section], faults: Faults) -> Iterator[Frame]:
    seen: set[str] = set()
    for section in sections:
        faults.rule = name = section.text("id", needed=True) or ""
        section.allow(("id", "title", *_LANGS))
        if name in seen or name in DISGUISES:
            section.fault("id", f"{name!r} is taken", "Name it otherwise.")
        seen.add(name)
        texts = {lang: section.text(lang, needed=True) or QUESTION for lang in _LANGS}
        for lang, text in texts.items():
            if text.count(QUESTION) != 1:
                section.fault(lang, f"does not hold {QUESTION} once", "Write it where it goes.")
        yield Frame(name, section.pair("title", needed=True) or Text(name, name), texts)
