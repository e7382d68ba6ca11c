"""A file as people write it: YAML whose every value knows its line.

Reads what may be wrong and says so, place by place, instead of stopping at the first fault. YAML's
traps are closed here: a key that stands twice, words that YAML takes for something else (`on`, a
version that is a number), tags, and values repeated by reference until they fill the memory.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

import yaml
from yaml.composer import Composer
from yaml.resolver import Resolver

from kanhe.errors import Fault
from kanhe.terms import Text

# YAML 1.1 also takes yes, no, on, off, dates and 1:30 for something else than text. People mean
# text by them, and lists of terms are full of them, so here they are text, as in YAML 1.2.
_NOT_TEXT = re.compile(
    r"~|null|true|false|[-+]?(\.?\d[\d_]*\.?\d*(e[-+]?\d+)?|0[xo][\da-f]+)", re.I
)
_KINDS = ["str", "int", "float", "bool", "null", "timestamp", "merge", "value"]
_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in _KINDS)
_MOST_ALIASES = 200
_DEEPEST = 20
TEXT = "{zh: …, en: …}"
"""How a text in two languages is written."""

_NOTHING = yaml.ScalarNode("", "")

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(slots=True)
class Faults:
    """All that was found wrong so far, with the file and the entry that are being read.

    `kind` says what an entry is: a rule, an obligation, a control.
    """

    file: str
    rule: str = ""
    kind: str = "rule"
    found: list[Fault] = field(default_factory=list)

    def add(self, line: int, what: str, advice: str) -> None:
        """Note one fault at `line`, counted from 1."""
        self.found.append(Fault(self.file, line, self.rule, what, advice, self.kind))


@dataclass(frozen=True, slots=True)
class Line:
    """A text and the line it stands on, counted from 1."""

    text: str
    number: int


class _Bounded(Composer):
    """PyYAML's, kept from being used against us: few references, no depth without end."""

    depth = 0
    aliases = 0
    most_aliases = _MOST_ALIASES

    # `self`: the events come from the scanner that this is put in front of.
    def compose_node(self: Any, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            self.aliases += 1
        self.depth += 1
        if self.aliases > self.most_aliases or self.depth > _DEEPEST:
            many = "too many references" if self.most_aliases else "a reference (`*name`)"
            what = many if self.aliases > self.most_aliases else "too deep a nesting"
            event: yaml.Event = self.peek_event()
            mark = event.start_mark
            raise yaml.MarkedYAMLError(None, None, what, mark)  # type: ignore[arg-type] # not libyaml
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Composer(_Bounded, yaml.SafeLoader):
    """Reads slowly and says well what is wrong."""


def _fastest() -> type[Any]:
    """Give the composer on libyaml's scanner; where PyYAML was built without, the slow one.

    libyaml's own composer calls itself for each level: many brackets would end the process.
    """
    try:
        from yaml._yaml import CParser  # noqa: PLC0415 # it may be missing
    except ImportError:
        return _Composer

    class Fast(_Bounded, CParser, Resolver):
        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            Composer.__init__(self)
            Resolver.__init__(self)

    return Fast


_FAST = _fastest()


def parse(raw: bytes, faults: Faults, *, aliases: int = _MOST_ALIASES) -> Section | None:
    """Read a whole file that is a mapping; None, and a fault, where it is none.

    `aliases`: how many values may be given by reference.
    """
    node = _composed(raw, faults, aliases)
    if isinstance(node, yaml.MappingNode):
        return Section(node, faults)
    if node is not _NOTHING:
        faults.add(1, "is no mapping", "Begin with a key and a colon: `name: …`.")
    return None


def parse_list(raw: bytes, faults: Faults, *, aliases: int, instead: str) -> list[Section]:
    """Read a whole file that is a list of mappings, each like `instead`; note what is none."""
    node = _composed(raw, faults, aliases)
    if isinstance(node, yaml.SequenceNode):
        return list(_sections(node, faults, "the file", instead))
    if node is not _NOTHING:
        faults.add(1, "is no list", f"Write a list of {instead}.")
    return []


def _composed(raw: bytes, faults: Faults, aliases: int) -> yaml.Node | None:
    """Give the whole document, `_NOTHING` (and a fault) where it cannot be read."""
    text = decoded(raw, faults)
    if text is None:
        return _NOTHING
    try:
        return _compose(_FAST, text, aliases)
    except (yaml.YAMLError, ValueError):
        return _told(text, faults, aliases)


def _compose(kind: type[Any], text: str, aliases: int) -> yaml.Node | None:
    loader = kind(text)
    loader.most_aliases = aliases
    try:
        node: yaml.Node | None = loader.get_single_node()
    finally:
        loader.dispose()
    return node


def _told(text: str, faults: Faults, aliases: int) -> yaml.Node | None:
    try:
        return _compose(_Composer, text, aliases)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        faults.add(line, f"has a character that YAML forbids ({error.character!r})", "Delete it.")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.add(mark.line + 1 if mark else 1, f"is no YAML: {error.problem}", _advice(error))
    return _NOTHING


def decoded(raw: bytes, faults: Faults) -> str | None:
    """Read bytes as UTF-8, without its byte-order mark; None, and a fault, where they are not."""
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        faults.add(line, f"is not UTF-8 (byte {raw[error.start]:#04x})", "Save the file as UTF-8.")
        return None


def _advice(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or ""
    if "\\t" in problem or "tab" in problem:
        return "Indent with spaces; YAML takes no tabs."
    if "mapping values are not allowed" in problem:
        return "Put quotes around a text that has a colon in it."
    if problem.endswith("but got '?'"):
        return "Put quotes around a text that ends in a question mark."
    if "reference" in problem or "nesting" in problem:
        return "Write the values out where they belong."
    return "Compare the indentation, quotes and brackets here and on the line before."


class Section:
    """One mapping of a file: gives its values by key, and complains about what is wrong with them.

    A value that is wrong is given as if it were not there; the fault is noted.
    """

    def __init__(self, node: yaml.MappingNode, faults: Faults) -> None:
        self.line = node.start_mark.line + 1
        self.faults = faults
        self._values: dict[str, yaml.Node] = {}
        self._key_lines: dict[str, int] = {}
        for key, value in node.value:
            self._take(key, value)

    def _take(self, key: yaml.Node, value: yaml.Node) -> None:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            self.faults.add(line, "a key is no plain word", "Write `key: value`.")
        elif key.value in self._values:
            first = self._key_lines[key.value]
            self.faults.add(line, f"`{key.value}` stands twice, first in line {first}", "Keep one.")
        else:
            self._values[key.value] = value
            self._key_lines[key.value] = line

    def __contains__(self, key: str) -> bool:
        return key in self._values

    @property
    def keys(self) -> Collection[str]:
        """The keys, in their order."""
        return self._values.keys()

    def node(self, key: str) -> yaml.Node | None:
        """Give what stands at `key`, as it was read."""
        return self._values.get(key)

    def items(self) -> Collection[tuple[str, yaml.Node]]:
        """Give the keys and what stands there, as it was read, in their order."""
        return self._values.items()

    def line_of(self, key: str) -> int:
        """Line of `key`, or of the whole mapping where it has none."""
        return self._key_lines.get(key, self.line)

    def fault(self, key: str, what: str, advice: str) -> None:
        """Note that the value of `key` is wrong."""
        self.faults.add(self.line_of(key), what, advice)

    def allow(self, known: Collection[str]) -> None:
        """Complain about every key that is not known."""
        for key in self._values:
            if key not in known:
                advice = meant(key, known)
                if not _shown_value(self._values[key]):
                    advice = "Put quotes around a text with a comma: between braces it ends there."
                self.fault(key, f"unknown key `{key}`", advice)

    def text(self, key: str, *, needed: bool = False) -> str | None:
        """Give a text; None if there is none."""
        node = self._values.get(key)
        if node is None:
            if needed:
                self.fault(key, f"`{key}` is missing", f"Add `{key}: …` here.")
            return None
        found = self._text(node, f"`{key}`")
        if found is not None and not found.text.strip():
            self.fault(key, f"`{key}` is empty", "Write it out, or delete the key.")
            return None
        return found.text if found else None

    def pair(self, key: str, *, needed: bool = False) -> Text | None:
        """Give a text in two languages; None if there is none."""
        if needed and key not in self:
            self.fault(key, f"`{key}` is missing", f"Add `{key}: {TEXT}` here.")
        pair = self.section(key, instead=TEXT)
        if pair is None:
            return None
        pair.allow(("zh", "en"))
        zh, en = pair.text("zh", needed=True), pair.text("en", needed=True)
        return Text(zh, en) if zh and en else None

    def texts(self, key: str) -> list[Line]:
        """Give a list of texts, each with its line; one text counts as a list of one."""
        node = self._values.get(key)
        if node is None:
            return []
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found = [self._text(item, f"an item of `{key}`") for item in items]
        return [line for line in found if line is not None]

    def choices(self, key: str, kind: type[Choice]) -> list[Choice]:
        """Give a list of words of one kind."""
        found = [(line, self._choice(key, line, kind)) for line in self.texts(key)]
        return [choice for _, choice in found if choice is not None]

    def choice(self, key: str, kind: type[Choice], otherwise: Choice) -> Choice:
        """Give one word of a kind, `otherwise` if there is none."""
        text = self.text(key)
        found = text and self._choice(key, Line(text, self.line_of(key)), kind)
        return found or otherwise

    def _choice(self, key: str, line: Line, kind: type[Choice]) -> Choice | None:
        known = [choice.value for choice in kind]
        if line.text in known:
            return kind(line.text)
        self.faults.add(line.number, f"`{key}` cannot be {line.text!r}", meant(line.text, known))
        return None

    def number(self, key: str, otherwise: int, *, least: int, most: int) -> int:
        """Give a whole number within bounds, `otherwise` if there is none."""
        node = self._values.get(key)
        if node is None:
            return otherwise
        value = node.value if isinstance(node, yaml.ScalarNode) and not node.style else ""
        if re.fullmatch("[0-9]{1,9}", value) and least <= int(value) <= most:
            return int(value)
        advice = f"Write a whole number from {least} to {most}, without quotes."
        self.fault(key, f"`{key}` is {shown(node)}", advice)
        return otherwise

    def fraction(self, key: str, otherwise: float, *, least: float, most: float) -> float:
        """Give a number within bounds, `otherwise` if there is none."""
        node = self._values.get(key)
        if node is None:
            return otherwise
        value = node.value if isinstance(node, yaml.ScalarNode) and not node.style else ""
        if re.fullmatch("[0-9]{1,9}([.][0-9]{1,9})?", value) and least <= float(value) <= most:
            return float(value)
        advice = f"Write a number from {least:g} to {most:g}, without quotes."
        self.fault(key, f"`{key}` is {shown(node)}", advice)
        return otherwise

    def flag(self, key: str) -> bool:
        """Give true or false; false if there is none."""
        node = self._values.get(key)
        value = node.value if isinstance(node, yaml.ScalarNode) and not node.style else ""
        if node is not None and value not in {"true", "false"}:
            self.fault(key, f"`{key}` is {shown(node)}", "Write true or false, without quotes.")
        return value == "true"

    def section(self, key: str, *, instead: str) -> Section | None:
        """Give a mapping; None if there is none. `instead` says what it should look like."""
        node = self._values.get(key)
        if node is None or isinstance(node, yaml.MappingNode):
            return None if node is None else Section(node, self.faults)
        self.fault(key, f"`{key}` is {shown(node)}", f"Write {instead}.")
        return None

    def sections(self, key: str, *, instead: str) -> Iterator[Section]:
        """Give a list of mappings, each when it is asked for."""
        node = self._values.get(key)
        if not isinstance(node, yaml.SequenceNode):
            what = f"`{key}` is {shown(node)}" if node else f"`{key}` is missing"
            self.fault(key, what, f"Write a list of {instead}.")
            return
        yield from _sections(node, self.faults, f"`{key}`", instead)

    def _text(self, node: yaml.Node, name: str) -> Line | None:
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.ScalarNode):
            self.faults.add(line, f"{name} is {shown(node)}", "Write a text.")
        elif node.tag not in _TAGS:
            self.faults.add(line, f"{name} has the tag {node.tag!r}", "Write the text alone.")
        elif not node.style and (not node.value or _NOT_TEXT.fullmatch(node.value)):
            quoted = f'Put quotes around it: "{node.value}".'
            advice = quoted if node.value else "Write it out, or delete it."
            self.faults.add(line, f"{name} is {shown(node)}, not a text", advice)
        else:
            return Line(node.value, line)
        return None


def _sections(
    node: yaml.SequenceNode, faults: Faults, name: str, instead: str
) -> Iterator[Section]:
    for item in node.value:
        if isinstance(item, yaml.MappingNode):
            yield Section(item, faults)
        else:
            line = item.start_mark.line + 1
            faults.add(line, f"{name} has {shown(item)}", f"Write {instead}.")


def shown(node: yaml.Node) -> str:
    """Name what was found where something else was wanted."""
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return f"{node.value!r}" if node.value else "empty"


def _shown_value(node: yaml.Node) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else shown(node)


def meant(word: str, known: Collection[str]) -> str:
    """Guess which of the `known` words was meant; name all of them where none is near."""
    near = get_close_matches(word.lower(), known, n=1)
    if near:
        return f"Did you mean `{near[0]}`?"
    return f"Write one of: {', '.join(known)}."
