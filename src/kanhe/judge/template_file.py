"""Templates of judges as they are written, and all that is wrong with one at once.

Refused: a frame without a place for the text, a place that nothing fills, an expression without a
bound, a verdict without a probability, a category that is none of ours, unknown keys.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from hashlib import sha256

import yaml

from kanhe.errors import FaultyTemplate
from kanhe.judge.category import CATEGORIES, UNSAFE, is_category
from kanhe.judge.expression import Unbounded, bounded
from kanhe.judge.fence import is_token
from kanhe.judge.pointer import is_pointer
from kanhe.judge.reply import Menu
from kanhe.judge.template import (
    PLACE,
    PLACES,
    Frame,
    Guard,
    Head,
    Json,
    Message,
    Ours,
    Pass,
    Remote,
    Scores,
    Template,
    Wire,
)
from kanhe.terms import Text
from kanhe.yaml_source import Faults, Section, meant, parse, shown

_HEAD = ("id", "title", "source", "license", "wire", "most_chars")
_GUARD = ("prompt", "answer", "read", "passes", "categories", "tokens", "extra", "no_context",
          "most_context", "most_tokens")  # fmt: skip
_REMOTE = ("path", "request", "unsafe", "verdicts", "scale", "scores", "labels", "categories")
_KEYS = {Wire.CHAT: _GUARD, Wire.COMPLETIONS: _GUARD, Wire.MODERATIONS: ("categories",),
         Wire.HTTP: _REMOTE}  # fmt: skip
_ROLES = ("system", "developer", "user", "assistant")
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,9})?")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")
_FRACTION = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")
_WORDS = {"true": True, "false": False, "null": None}


def load_template(raw: bytes, file: str) -> Template:
    """Read a template.

    Raises:
        FaultyTemplate: It has faults; all of them are told.
    """
    faults = Faults(file, kind="template")
    section = parse(raw, faults)
    found = _template(section, sha256(raw).hexdigest()) if section else None
    if faults.found or found is None:
        raise FaultyTemplate(faults.found)
    return found


def _template(section: Section, digest: str) -> Template:
    name = section.text("id", needed=True) or ""
    section.faults.rule = name
    if name and not _ID.fullmatch(name):
        section.fault("id", f"{name!r} is no id", "Write a-z, 0-9, `-` and `.` only.")
    if "wire" not in section:
        section.fault("wire", "`wire` is missing", "Add `wire: chat`.")
    wire = section.choice("wire", Wire, Wire.CHAT)
    section.allow((*_HEAD, *_KEYS[wire]))
    head = Head(
        name,
        section.pair("title", needed=True) or Text("", ""),
        section.text("source", needed=True) or "",
        section.text("license", needed=True) or "",
        digest,
        section.number("most_chars", 16_000, least=100, most=1_000_000),
    )
    match wire:
        case Wire.MODERATIONS:
            return Scores(head, _ours(section, "categories"))
        case Wire.HTTP:
            return _remote(section, head)
        case _:
            return _guard(section, head, wire)


def _guard(section: Section, head: Head, wire: Wire) -> Guard:
    passes = _passes(section)
    known = PLACES | {word for one in passes for word in one.words}
    return Guard(
        head,
        wire,
        _frame(section, "prompt", wire, known),
        _frame(section, "answer", wire, known),
        _menu(section),
        passes,
        _ours(section, "categories"),
        _tokens(section),
        _object(section, "extra"),
        section.text("no_context") or "",
        section.number("most_context", 4000, least=0, most=100_000),
        section.number("most_tokens", 32, least=1, most=8192),
    )


def _frame(section: Section, key: str, wire: Wire, known: Collection[str]) -> Frame:
    if wire is Wire.COMPLETIONS:
        frame: Frame = (Message("", section.text(key, needed=True) or ""),)
    else:
        instead = "messages: `- {role: user, text: …}`"
        frame = tuple(map(_message, section.sections(key, instead=instead)))
        if key in section and not frame:
            section.fault(key, f"`{key}` is empty", "Write a message with {text} in it.")
    places = [place for said in frame for place in PLACE.findall(said.text)]
    if key in section and "text" not in places:
        section.fault(key, f"`{key}` has no place for the text", "Write {text} where it goes.")
    for place in sorted(set(places) - set(known)):
        section.fault(key, f"`{key}` has the place {{{place}}}, which nothing fills",
                      meant(place, sorted(known)))  # fmt: skip
    return frame or (Message("user", "{text}"),)


def _message(section: Section) -> Message:
    section.allow(("role", "text"))
    role = section.text("role", needed=True) or ""
    if role and role not in _ROLES:
        section.fault("role", f"there is no role {role!r}", meant(role, _ROLES))
    return Message(role, section.text("text", needed=True) or "")


def _passes(section: Section) -> tuple[Pass, ...]:
    if "passes" not in section:
        return (Pass("all"),)
    found = tuple(map(_pass, section.sections("passes", instead="passes: `- {name: …}`")))
    names = [one.name for one in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        section.fault("passes", f"two passes are named {name!r}", "Name each by itself.")
    return found or (Pass("all"),)


def _pass(section: Section) -> Pass:
    section.allow(("name", "words", "extra", "gives"))
    name = section.text("name", needed=True) or ""
    words = {key: str(value) for key, value in _object(section, "words").items()}
    for word in words:
        if word in PLACES or not PLACE.fullmatch(f"{{{word}}}"):
            section.fault("words", f"no word may be named {word!r}",
                          "Write a-z and _, but not text, context or mark.")  # fmt: skip
    gives = [line.text for line in section.texts("gives")]
    _check_categories(section, "gives", gives)
    return Pass(name, words, _object(section, "extra"), tuple(gives))


def _menu(section: Section) -> Menu:
    nothing = Menu(re.compile("()"), {"": 0.0})
    if "read" not in section:
        section.fault("read", "`read` is missing", "Add `read: {verdict: …, verdicts: …}`.")
    read = section.section("read", instead="`read: {verdict: …, verdicts: …}`")
    if read is None:
        return nothing
    read.allow(("verdict", "verdicts", "named", "between", "tokens"))
    verdicts = _fractions(read, "verdicts", needed=True)
    verdict = _expression(read, "verdict", needed=True)
    named = _expression(read, "named")
    tokens = _fractions(read, "tokens")
    if not verdicts or verdict is None:
        return nothing
    return Menu(verdict, verdicts, named, read.text("between") or ",", tokens)


def _expression(section: Section, key: str, *, needed: bool = False) -> re.Pattern[str] | None:
    source = section.text(key, needed=needed)
    try:
        return bounded(source) if source else None
    except Unbounded as error:
        section.fault(key, f"`{key}` is refused: {error}", r"Write e.g. \s{0,8}(safe|unsafe).")
        return None


def _fractions(section: Section, key: str, *, needed: bool = False) -> Mapping[str, float]:
    """Give probabilities by word, lower case."""
    if needed and key not in section:
        section.fault(key, f"`{key}` is missing", f"Add `{key}: {{safe: 0.03, unsafe: 0.97}}`.")
    inner = section.section(key, instead="`{word: 0.5}`")
    found: dict[str, float] = {}
    for word in inner.keys if inner else ():
        value = _plain(inner, word) if inner else None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            found[word.casefold()] = float(value)
        elif inner:
            inner.fault(word, f"`{word}` has no probability", "Write a number from 0 to 1.")
    return found


def _ours(section: Section, key: str) -> Ours:
    """Give our categories by somebody else's words."""
    inner = section.section(key, instead="`{their word: [our categories]}`")
    if inner is None:
        return {}
    found = {}
    for word in inner.keys:
        names = [line.text for line in inner.texts(word)]
        _check_categories(inner, word, names)
        found[word] = tuple(names)
    return found


def _check_categories(section: Section, key: str, names: Collection[str]) -> None:
    for name in names:
        if name == UNSAFE or not is_category(name):
            what = f"{name!r} is no category" if name != UNSAFE else "`unsafe` goes without saying"
            section.fault(key, what, meant(name, CATEGORIES))


def _tokens(section: Section) -> tuple[str, ...]:
    lines = section.texts("tokens")
    for line in lines:
        if not is_token(line.text):
            what = f"{line.text!r} is no token that can be broken up"
            advice = "Write two characters or more, the first two not white."
            section.faults.add(line.number, what, advice)
    return tuple(line.text for line in lines)


def _remote(section: Section, head: Head) -> Remote:
    request = _plain(section, "request") if "request" in section else None
    if "{text}" not in str(request):
        section.fault("request", "`request` has no place for the text", 'Write "{text}" in it.')
    path = section.text("path", needed=True) or ""
    if path and not re.fullmatch(r"/[!-~]{0,200}", path):
        section.fault("path", f"{path!r} is no path", "Write e.g. `/v1/check`.")
    scores = _ours(section, "scores")
    for pointer in scores:
        _check_pointer(section, "scores", pointer)
    unsafe, labels = section.text("unsafe", needed=True) or "", section.text("labels") or ""
    for key, pointer in (("unsafe", unsafe), ("labels", labels)):
        if pointer:
            _check_pointer(section, key, pointer)
    return Remote(head, path, request, unsafe, _fractions(section, "verdicts"), _scale(section),
                  scores, labels, _ours(section, "categories"))  # fmt: skip


def _scale(section: Section) -> float:
    value = _plain(section, "scale") if "scale" in section else 1
    if isinstance(value, int | float) and value > 0 and not isinstance(value, bool):
        return float(value)
    section.fault("scale", "`scale` is no number above 0", "Write e.g. 100.")
    return 1.0


def _check_pointer(section: Section, key: str, pointer: str) -> None:
    if not is_pointer(pointer):
        section.fault(key, f"{pointer!r} is no JSON pointer", "Write e.g. /results/0/score.")


def _object(section: Section, key: str) -> Mapping[str, Json]:
    inner = section.section(key, instead="a mapping")
    return {name: _plain(inner, name) for name in inner.keys} if inner else {}


def _plain(section: Section, key: str) -> Json:
    """Give what stands at `key` as JSON would have it."""
    node = section.node(key)
    return None if node is None else _value(node, section, key)


def _value(node: yaml.Node, section: Section, key: str) -> Json:
    match node:
        case yaml.SequenceNode():
            return [_value(item, section, key) for item in node.value]
        case yaml.MappingNode():
            inner = Section(node, section.faults)
            return {name: _value(one, inner, name) for name, one in inner.items()}
        case yaml.ScalarNode() if node.tag.startswith("tag:yaml.org,2002:"):
            return str(node.value) if node.style else _unquoted(str(node.value))
    section.fault(key, f"`{key}` is {shown(node)}, which JSON has not", "Write the value alone.")
    return None


def _unquoted(written: str) -> Json:
    if written in _WORDS:
        return _WORDS[written]
    if _WHOLE_NUMBER.fullmatch(written):
        return int(written)
    return float(written) if _FRACTION.fullmatch(written) else written
