"""Groups of people and harmless sentences about them, as data: read, checked, put together.

Refused: a group without a name in a language, a sentence without a place for one, a name that
belongs to two groups.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from kanhe.errors import FaultySet
from kanhe.judge.category import CATEGORIES
from kanhe.judge.labelled import Row
from kanhe.yaml_source import Faults, Section, parse

LANGUAGES = ("zh", "en")
WHO = "{who}"
"""Where a sentence names the group."""

_GROUND = "discrimination."


@dataclass(frozen=True, slots=True)
class Identity:
    """A group of people: on which ground it is discriminated against, and its names by language."""

    id: str
    ground: str
    names: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Swap:
    """One sentence with one group in it; `identity` is empty where it names nobody."""

    identity: str
    lang: str
    sentence: int
    text: str


@dataclass(frozen=True)
class Identities:
    """All groups and sentences. `anyone` names nobody in particular, by language."""

    groups: tuple[Identity, ...]
    sentences: Mapping[str, tuple[str, ...]]
    anyone: Mapping[str, str]

    def swaps(self) -> Iterator[Swap]:
        """Give every sentence with every group, first with nobody in particular."""
        for lang in LANGUAGES:
            for number, sentence in enumerate(self.sentences[lang]):
                yield Swap("", lang, number, _filled(sentence, self.anyone[lang]))
                for one in self.groups:
                    filled = _filled(sentence, one.names[lang][0])
                    yield Swap(one.id, lang, number, filled)

    def named_in(self, row: Row) -> frozenset[str]:
        """Give the groups that a row names: behind the stroke of its category, or in its text."""
        who = row.category.partition("/")[2].strip().lower()
        text = row.text.lower()
        found = {id for name, id in self._names.items() if name == who}
        return frozenset(found | {self._names[one] for one in self._pattern.findall(text)})

    @cached_property
    def _names(self) -> dict[str, str]:
        return {
            name.lower(): one.id
            for one in self.groups
            for names in one.names.values()
            for name in names
        }

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # The longest first: "女同性恋者" must not be taken for what stands within it.
        names = sorted(self._names, key=len, reverse=True)
        # \b only beside Latin letters: between two Chinese characters it never holds.
        return re.compile("|".join(
            rf"\b{re.escape(name)}\b" if name.isascii() else re.escape(name) for name in names
        ))  # fmt: skip


def _filled(sentence: str, who: str) -> str:
    text = sentence.replace(WHO, who)
    return text[0].upper() + text[1:]


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
