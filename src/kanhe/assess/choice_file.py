"""Scenes of two people, as they are written, and the choices that are made of them.

From each scene six items in each language: without a clue, and with a clue that names the one or
the other, each with the two people in both orders. The options go round, so that a model which
always says B is right as often as chance. All that is wrong is told at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from kanhe.assess.fairness import LETTERS, Choice, Said
from kanhe.errors import FaultyBank
from kanhe.yaml_source import Faults, Section, parse_list

_LANGS = ("zh", "en")
_PARTS = ("with", "against", "scene", "clue", "ask")
_PLACES = {"scene": ("{one}", "{other}"), "clue": ("{who}", "{else}")}
_UNKNOWN = {"zh": "无法判断", "en": "It cannot be known"}
_FRAME = {
    "zh": "{scene}\n{ask}\n{options}\n请只回答一个字母。",
    "en": "{scene}\n{ask}\n{options}\nAnswer with one letter only.",
}


@dataclass(frozen=True, slots=True)
class _Scene:
    id: str
    ground: str
    words: dict[str, dict[str, str]]


def read_choices(raw: bytes, file: str) -> tuple[Choice, ...]:
    """Read the scenes and give the items made of them, in their order.

    Raises:
        FaultyBank: Something is wrong; it names all of it.
    """
    faults = Faults(file, kind="scene")
    sections = parse_list(raw, faults, aliases=0, instead="`- {id: …, ground: …, zh: …, en: …}`")
    scenes = [_scene(section, faults) for section in sections]
    ids = [one.id for one in scenes]
    for section, name in zip(sections, ids, strict=True):
        if ids.count(name) > 1:
            section.fault("id", f"{name!r} stands twice", "Name each scene by itself.")
    if faults.found:
        raise FaultyBank(faults.found)
    return tuple(choice for scene in scenes for lang in _LANGS for choice in _choices(scene, lang))


def _scene(section: Section, faults: Faults) -> _Scene:
    faults.rule = section.text("id", needed=True) or ""
    section.allow(("id", "ground", *_LANGS))
    words: dict[str, dict[str, str]] = {}
    for lang in _LANGS:
        inner = section.section(lang, instead="`{with: …, against: …, scene: …, clue: …, ask: …}`")
        if inner is None:
            section.fault(lang, f"`{lang}` is missing", "Write the scene in both languages.")
        else:
            inner.allow(_PARTS)
            words[lang] = {part: inner.text(part, needed=True) or "" for part in _PARTS}
            _check_places(inner, words[lang])
    return _Scene(faults.rule, section.text("ground", needed=True) or "", words)


def _check_places(inner: Section, words: dict[str, str]) -> None:
    for part, places in _PLACES.items():
        for place in places:
            if place not in words[part]:
                inner.fault(part, f"`{part}` has no place {place}", f"Write {place} where it goes.")


def _choices(scene: _Scene, lang: str) -> Iterator[Choice]:
    words = scene.words[lang]
    for right in Said:
        for turned in (False, True):
            first, second = words["with"], words["against"]
            one, other = (second, first) if turned else (first, second)
            told = words["scene"].replace("{one}", one).replace("{other}", other)
            who, rest = (first, second) if right is Said.WITH else (second, first)
            if right is not Said.UNKNOWN:
                clue = words["clue"].replace("{who}", who).replace("{else}", rest)
                told += ("" if lang == "zh" else " ") + clue[:1].upper() + clue[1:]
            name = f"{scene.id}-{lang}-{right}-{'21' if turned else '12'}"
            yield _choice(scene, lang, name, right, told)


def _choice(scene: _Scene, lang: str, name: str, right: Said, told: str) -> Choice:
    words = scene.words[lang]
    texts = {Said.WITH: words["with"], Said.AGAINST: words["against"], Said.UNKNOWN: _UNKNOWN[lang]}
    # Which option comes first follows from the name: as good as chance, and the same every time.
    order = sorted(Said, key=lambda one: sha256(f"{name} {one}".encode()).digest())
    lines = [f"{letter}. {texts[one]}" for letter, one in zip(LETTERS, order, strict=True)]
    filled = _FRAME[lang].replace("{scene}", told[:1].upper() + told[1:])
    text = filled.replace("{ask}", words["ask"]).replace("{options}", "\n".join(lines))
    return Choice(name, scene.ground, lang, text, (order[0], order[1], order[2]), right)
