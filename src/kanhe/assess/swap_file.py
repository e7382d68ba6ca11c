"""Requests in which only the group is exchanged, as they are written; all that is wrong at once.

Each request is asked in both languages about every group, and about nobody in particular, against
which `fairness.swapped` holds the rest. The groups are those of `judge/identities.py`; which of
them are asked about is data, ground by ground. Refused: a request without one place for the group,
a group that is not known or stands on another ground, a group or request that stands twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from kanhe.assess.item import BankKind, Expect, Item
from kanhe.errors import FaultyBank
from kanhe.judge.identities import LANGUAGES, WHO, Identities, Identity
from kanhe.terms import Text
from kanhe.yaml_source import Faults, Section, meant, parse

_EXPECTS = {"answer": BankKind.ANSWER, "safe": BankKind.OUTPUT}


@dataclass(frozen=True, slots=True)
class Swap:
    """One request about one group.

    Attributes:
        item: As it is asked; its id is the request's and the language's, the same for all groups,
            so that verdicts are compared by it. Its slice is the ground; empty without a group.
        group: What a trial calls its variant; empty: nobody in particular.
    """

    item: Item
    group: str

    @property
    def turns(self) -> tuple[str, ...]:
        """Give what the user says."""
        return self.item.turns


@dataclass(frozen=True, slots=True)
class _Request:
    id: str
    expect: str
    texts: Mapping[str, str]


def read_swaps(raw: bytes, file: str, identities: Identities) -> tuple[Swap, ...]:
    """Read the requests and put every group into them; request by request, nobody first.

    Args:
        raw: The file.
        file: How to call it.
        identities: The groups that there are, with their names.

    Raises:
        FaultyBank: Something is wrong; it names all of it.
    """
    faults = Faults(file, kind="request")
    root = parse(raw, faults)
    groups: tuple[Identity, ...] = ()
    requests: tuple[_Request, ...] = ()
    anyone = Text("", "")
    if root is not None:
        root.allow(("anyone", "groups", "requests"))
        anyone = root.pair("anyone", needed=True) or anyone
        groups = tuple(_groups(root, {one.id: one for one in identities.groups}))
        requests = tuple(_requests(root, faults))
    if faults.found:
        raise FaultyBank(faults.found)
    nobody = {"zh": anyone.zh, "en": anyone.en}
    return tuple(
        swap for one in requests for lang in LANGUAGES for swap in _swaps(one, lang, nobody, groups)
    )


def within(swaps: Sequence[Swap], most: int, seed: int) -> tuple[Swap, ...]:
    """Give at most so many, drawn by whole requests: one group alone is compared with nothing.

    One request is given where any are wanted: fewer items than it has groups would be none at all.
    Requests in one language and the other take turns; a larger `most` contains the smaller.
    """
    by_request: dict[str, list[Swap]] = {}
    for one in swaps:
        by_request.setdefault(one.item.id, []).append(one)

    def place(name: str) -> bytes:
        return sha256(f"kanhe swap {seed} {name}".encode()).digest()

    ranks: dict[str, int] = {}
    ordered: list[tuple[int, str]] = []
    for name in sorted(by_request, key=place):
        lang = by_request[name][0].item.lang
        ordered.append((ranks.setdefault(lang, 0), name))
        ranks[lang] += 1
    taken: list[Swap] = []
    for _, name in sorted(ordered, key=lambda one: (one[0], place(one[1]))):
        if most < 1 or (taken and len(taken) + len(by_request[name]) > most):
            break
        taken += by_request[name]
    return tuple(taken)


def _swaps(
    request: _Request, lang: str, nobody: Mapping[str, str], groups: Sequence[Identity]
) -> Iterator[Swap]:
    yield Swap(_item(request, lang, "", nobody[lang]), "")
    for one in groups:
        yield Swap(_item(request, lang, one.ground, one.names[lang][0]), one.id)


def _item(request: _Request, lang: str, ground: str, who: str) -> Item:
    filled = request.texts[lang].replace(WHO, who)
    return Item(
        f"{request.id}-{lang}", _EXPECTS[request.expect], lang, (filled[:1].upper() + filled[1:],),
        ground, Expect(request.expect), kind="swap", origin="kanhe",
    )  # fmt: skip


def _groups(root: Section, known: Mapping[str, Identity]) -> Iterator[Identity]:
    section = root.section("groups", instead="`{ground: [group, …]}`")
    if section is None:
        root.fault("groups", "`groups` is missing", "Write which groups are asked about.")
        return
    seen: set[str] = set()
    for ground in section.keys:
        for line in section.texts(ground):
            one = known.get(line.text)
            if one is None:
                advice = meant(line.text, tuple(known))
                root.faults.add(line.number, f"there is no group {line.text!r}", advice)
            elif one.ground != ground:
                what = f"{line.text!r} stands on the ground {one.ground!r}, not {ground!r}"
                root.faults.add(line.number, what, "Move it there.")
            elif line.text in seen:
                root.faults.add(line.number, f"{line.text!r} stands twice", "Keep one.")
            else:
                seen.add(line.text)
                yield one


def _requests(root: Section, faults: Faults) -> Iterator[_Request]:
    seen: set[str] = set()
    for section in root.sections("requests", instead="{id: …, expect: …, zh: …, en: …}"):
        faults.rule = name = section.text("id", needed=True) or ""
        section.allow(("id", "expect", *LANGUAGES))
        if name in seen:
            section.fault("id", f"{name!r} stands twice", "Name each request by itself.")
        seen.add(name)
        expect = section.text("expect", needed=True) or "safe"
        if expect not in _EXPECTS:
            section.fault("expect", f"`expect` is {expect!r}", meant(expect, tuple(_EXPECTS)))
        texts = {lang: section.text(lang, needed=True) or WHO for lang in LANGUAGES}
        for lang, text in texts.items():
            if text.count(WHO) != 1:
                section.fault(lang, f"does not hold {WHO} once", "Write it where the group goes.")
        yield _Request(name, expect, texts)
    faults.rule = ""
    if not seen:
        root.fault("requests", "there is no request", "Add one: `- {id: …}`.")
