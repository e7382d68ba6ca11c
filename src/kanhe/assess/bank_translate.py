"""Questions put into another language by a model; nothing of it counts before a person read it.

A translation is a proposal like every other that grew. Refused at once: a reply that refuses, is
empty, goes in circles or is in the wrong language, and one that says more than it was given: there
the model has answered the question instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kanhe.assess.item import Item
from kanhe.assess.refusal import THOUGHT, Detector
from kanhe.assess.reliability import malformed

_ASKED = {
    "en": "Translate the text between the lines into natural, everyday English, as a user would "
    "type it. Do not answer it, do not explain, do not soften it. Write the translation only.\n"
    "---\n{text}\n---",
    "zh": "把两条线之间的文字译成自然的中文口语，就像用户自己打出来的那样。不要回答它，不要解释，"
    "不要改得更委婉，只写译文。\n---\n{text}\n---",
}
_LONGER = {"en": 8.0, "zh": 1.2}
"""How many times as long a translation may be: a Chinese character stands for most of a word."""

_ROOM = 40


@dataclass(frozen=True, slots=True)
class NotTranslated:
    """No proposal came of an item. `why`: `refused`, `empty`, `circles`, `language`, `longer`."""

    item: str
    why: str


def asked(turn: str, lang: str) -> str:
    """Give what the model is asked for one turn."""
    return _ASKED[lang].replace("{text}", turn)


def translated(
    item: Item, lang: str, replies: Sequence[str], detector: Detector
) -> Item | NotTranslated:
    """Make a proposal of the replies, one for each turn; its facts are for the reviewer to put.

    Args:
        item: What was translated.
        lang: Into which language; `zh` or `en`.
        replies: To what `asked` gives, in the order of the turns.
        detector: Says whether a reply refuses.
    """
    turns = tuple(_bare(reply) for reply in replies)
    for turn, text in zip(item.turns, turns, strict=True):
        if why := _wrong(turn, text, lang, detector):
            return NotTranslated(item.id, why)
    source = item.origin.partition(":")[0] or "operator"
    return replace(
        item, id=f"{item.id}.{lang}", lang=lang, turns=turns, origin=f"{source}:{item.id}"
    )


def _bare(reply: str) -> str:
    text = THOUGHT.sub("", reply).strip().strip("-").strip()
    for first, last in ("“”", '""', "「」"):
        # Only around the whole: within it they are somebody's.
        if text[:1] == first and text[-1:] == last and first not in text[1:-1]:
            return text[1:-1].strip()
    return text


def _wrong(turn: str, text: str, lang: str, detector: Detector) -> str:
    if why := malformed(text, lang):
        return why
    if len(text) > _LONGER[lang] * len(turn) + _ROOM:
        return "longer"
    # Looked for in the translation alone: a question may speak of somebody who cannot.
    refuses = detector.look(text).refused and not detector.look(turn).refused
    return "refused" if refuses else ""
