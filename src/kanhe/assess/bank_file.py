"""Banks of questions as files: `bank.yaml`, and beside it items, one JSON object a line.

A bank is taken whole or not at all, and every fault is told with its file and line: an item that
drops out silently changes what a verdict rests on. What reads as JSON but means two things (a key
that stands twice, half of a character) is refused. An item that waits for a reviewer is read and
set aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from kanhe.assess.bank import Bank
from kanhe.assess.bank_line import Line, read_line
from kanhe.assess.item import BankKind, Expect, Item
from kanhe.errors import Fault, FaultyBank
from kanhe.terms import Text
from kanhe.yaml_source import Faults, Section, parse

HEAD = "bank.yaml"

BYTES = 256 << 20
"""The most that the files of a bank have together."""

ITEMS = 200_000
_MOST_FAULTS = 200
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")
_KEYS = ("id", "title", "version", "kind", "regime", "licence", "reviewers", "updated", "slices")

EXPECTS = {
    BankKind.OUTPUT: frozenset(Expect),
    BankKind.REFUSE: frozenset({Expect.REFUSE}),
    BankKind.ANSWER: frozenset({Expect.ANSWER}),
}
"""What the items of a bank may expect, by its kind."""


@dataclass(frozen=True, slots=True)
class _Head:
    id: str
    title: Text
    version: str
    kind: BankKind
    regime: str
    licence: str
    reviewers: tuple[str, ...]
    updated: date
    slices: Mapping[str, str]


def read_bank(files: Mapping[str, bytes]) -> Bank:
    """Read a bank from its files by name: `bank.yaml`, and all that end in `.jsonl`.

    Raises:
        FaultyBank: Something is wrong; it names all of it, up to 200 places.
    """
    faults: list[Fault] = []
    lines = sorted(name for name in files if name.endswith(".jsonl"))
    used = {name: files[name] for name in (HEAD, *lines) if name in files}
    if (size := sum(map(len, used.values()))) > BYTES:
        raise FaultyBank([Fault(HEAD, 1, "", f"has {size:,} bytes", f"Split it below {BYTES:,}.")])
    head = _head(files.get(HEAD), faults)
    found = list(_lines({name: files[name] for name in lines}, head, faults))
    if not found and not faults:
        faults.append(Fault(HEAD, 1, "", "has no items", "Put a .jsonl file beside it."))
    faults += _twice(found)
    if faults or head is None:
        raise FaultyBank(faults[:_MOST_FAULTS])
    return Bank(
        head.id, head.title, head.version, head.kind, head.regime, head.licence, head.reviewers,
        head.updated, tuple(one.item for one in found if not one.pending),
        tuple(one.item for one in found if one.pending), digest(used),
    )  # fmt: skip


def digest(files: Mapping[str, bytes]) -> str:
    """Give the SHA-256 (hex) that names these files: of their names and hashes, by name."""
    sums = (f"{sha256(raw).hexdigest()}  {name}\n" for name, raw in sorted(files.items()))
    return sha256("".join(sums).encode()).hexdigest()


def _head(raw: bytes | None, told: list[Fault]) -> _Head | None:
    if raw is None:
        told.append(Fault(HEAD, 1, "", "is missing", "Write id, title, version, kind, updated…"))
        return None
    faults = Faults(HEAD, kind="bank")
    root = parse(raw, faults)
    head = _read_head(root) if root else None
    told += faults.found
    return head


def _read_head(root: Section) -> _Head | None:
    root.allow(_KEYS)
    name = root.text("id", needed=True) or ""
    if name and not _ID.fullmatch(name):
        root.fault("id", f"{name!r} is no id", "Write a-z, 0-9, `-` and `.` only.")
    if "kind" not in root:
        root.fault("kind", "`kind` is missing", f"Write one of: {', '.join(BankKind)}.")
    kind = root.choice("kind", BankKind, BankKind.OUTPUT)
    slices = root.section("slices", instead="`{word of the items: word of the regime}`")
    names = {key: slices.text(key) or key for key in slices.keys} if slices else {}
    return _Head(
        name, root.pair("title", needed=True) or Text("", ""),
        root.text("version", needed=True) or "", kind, root.text("regime") or "",
        root.text("licence", needed=True) or "",
        tuple(one.text for one in root.texts("reviewers")), _day(root), names,
    )  # fmt: skip


def _day(root: Section) -> date:
    written = root.text("updated", needed=True) or ""
    try:
        return date.fromisoformat(written)
    except ValueError:
        if written:
            root.fault("updated", f"{written!r} is no day", "Write it like 2026-11-21.")
        return date.min


def _lines(files: Mapping[str, bytes], head: _Head | None, faults: list[Fault]) -> Iterator[Line]:
    kind = head.kind if head else None
    count = 0
    for file, raw in files.items():
        # Of bytes: text would also be parted at U+2028, which JSON allows in a string.
        for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
            if not line.strip():
                continue
            count += 1
            if count > ITEMS:
                faults.append(Fault(file, number, "", f"more than {ITEMS:,} items", "Split it."))
                return
            found = read_line(line, file, number, kind)
            if isinstance(found, Line):
                yield _named(_expected(found, faults), head)
            else:
                faults += found
            if len(faults) > _MOST_FAULTS:
                return


def _expected(line: Line, faults: list[Fault]) -> Line:
    item = line.item
    allowed = EXPECTS[item.bank]
    if item.expect not in allowed:
        what = f"`expect` is {item.expect}, and the bank is of the kind {item.bank}"
        advice = f"Write {' or '.join(sorted(allowed))}, or move it to another bank."
        faults.append(Fault(line.file, line.number, item.id, what, advice, "item"))
    return line


def _named(line: Line, head: _Head | None) -> Line:
    names = head.slices if head else {}
    item = line.item
    if item.slice not in names:
        return line
    renamed = Item(item.id, item.bank, item.lang, item.turns, names[item.slice], item.expect,
                   item.key, item.kind, item.origin)  # fmt: skip
    return Line(renamed, line.pending, line.file, line.number)


def _twice(found: list[Line]) -> Iterator[Fault]:
    first: dict[str, Line] = {}
    for line in found:
        other = first.setdefault(line.item.id, line)
        if other is not line:
            what = f"the id stands twice, first in {other.file}:{other.number}"
            yield Fault(line.file, line.number, line.item.id, what, "Number it anew.", "item")
