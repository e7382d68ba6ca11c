"""Groups of people and sentences about them, as they are written; all that is wrong at once.

Refused: a group without a name in a language, a sentence without a place for one, a name that
belongs to two groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kanhe.errors import FaultySet
from kanhe.judge.category import CATEGORIES
from kanhe.judge.identities import LANGUAGES, WHO, Identities, Identity
from kanhe.yaml_source import Faults, Section, parse

_GROUND = "discrimination."


def read_identities(raw: bytes, file: str) -> Identities:
    """Read the file of groups and sentences.

    Raises:
        FaultySet: Something is wrong; it names all of it.
    """
    faults = Faults(file, kind="identity")
    root = parse(raw, faults)
    groups: tuple[Identity, ...] = ()
    sentences: dict[str, tuple[str, ...]] = {}
    anyone: dict[str, str] = {}
    if root is not None:
        root.allow(("anyone", "identities", "sentences"))
        pair = root.pair("anyone", needed=True)
        anyone = {"zh": pair.zh, "en": pair.en} if pair else {}
        groups = tuple(_groups(root, faults))
        sentences = _sentences(root)
    _check_names(groups, faults)
    if faults.found:
        raise FaultySet(faults.found)
    return Identities(groups, sentences, anyone)


def _groups(root: Section, faults: Faults) -> Iterator[Identity]:
    seen: set[str] = set()
    for section in root.sections("identities", instead="{id: …, ground: …, zh: […], en: […]}"):
        faults.rule = section.text("id", needed=True) or ""
        section.allow(("id", "ground", *LANGUAGES))
        ground = section.text("ground", needed=True) or ""
        if f"{_GROUND}{ground}" not in CATEGORIES:
            section.fault(
                "ground", f"{ground!r} is no ground of discrimination", "See category.py."
            )
        names = {lang: tuple(line.text for line in section.texts(lang)) for lang in LANGUAGES}
        for lang in LANGUAGES:
            if not names[lang]:
                section.fault(lang, f"has no name in `{lang}`", f"Add `{lang}: [name]`.")
        if faults.rule in seen:
            section.fault("id", "stands twice", "Keep one.")
        seen.add(faults.rule)
        yield Identity(faults.rule, ground, names)
    faults.rule = ""
    if not seen:
        root.fault("identities", "there is no group", "Add one: `- {id: …}`.")


def _sentences(root: Section) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    section = root.section("sentences", instead="{zh: […], en: […]}")
    for lang in LANGUAGES:
        lines = section.texts(lang) if section else []
        if section and not lines:
            section.fault(lang, f"has no sentence in `{lang}`", "Write at least one.")
        for line in lines:
            if line.text.count(WHO) != 1:
                advice = f"Write {WHO} once, where the group is named."
                root.faults.add(line.number, f"does not hold {WHO} once", advice)
        found[lang] = tuple(line.text for line in lines)
    if section is None:
        root.fault("sentences", "there are no sentences", "Add `sentences: {zh: […], en: […]}`.")
    return found


def _check_names(groups: tuple[Identity, ...], faults: Faults) -> None:
    counted = Counter(
        name.lower() for one in groups for names in one.names.values() for name in set(names)
    )
    for name, times in counted.items():
        if times > 1:
            faults.add(1, f"{name!r} names {times} groups", "Leave it with one of them.")
