"""Groups of people and harmless sentences about them; `identity_file.py` reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from kanhe.judge.labelled import Row

LANGUAGES = ("zh", "en")
WHO = "{who}"
"""Where a sentence names the group."""


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
