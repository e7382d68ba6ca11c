"""Changes to the files of a bank: lines put in, approved, thrown out. Every other byte stays.

The result is read before it is given: what would be no bank any more is never written. An approval
changes the day on which the bank was last updated, and names who gave it; a proposal does neither.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from kanhe.assess.bank import Bank
from kanhe.assess.bank_file import HEAD, read_bank
from kanhe.assess.bank_grow import approved, written
from kanhe.assess.item import Item
from kanhe.errors import RequestError

NAME = re.compile(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff._-]{0,59}")
"""A reviewer's pseudonym."""

_UPDATED = re.compile(rb"^updated:.*$", re.M)
_REVIEWERS = re.compile(rb"^reviewers:[ \t]*\[[^\]\n]*\][ \t]*$", re.M)


def unique(items: Iterable[Item], taken: Collection[str]) -> Iterator[Item]:
    """Give the items with ids that nothing else has; the bank's stay theirs."""
    known = set(taken)
    for item in items:
        name, number = item.id, 1
        while name in known:
            number += 1
            name = f"{item.id}.{number}"
        known.add(name)
        yield replace(item, id=name)


def with_items(
    files: Mapping[str, bytes], file: str, items: Iterable[Item], *, pending: bool = True
) -> dict[str, bytes]:
    """Put items at the end of a file of the bank, which may be new.

    Raises:
        FaultyBank: It would be no bank any more.
    """
    before = files.get(file, b"")
    if before and not before.endswith(b"\n"):
        before += b"\n"
    return _sound({**files, file: before + written(items, pending=pending)})


def reviewed(
    files: Mapping[str, bytes], take: Collection[str], throw: Collection[str], by: str, today: date
) -> dict[str, bytes]:
    """Approve items that wait, and throw others out.

    Args:
        files: Of the bank.
        take: Ids of those that are approved.
        throw: Ids of those that wait and are not wanted.
        by: Pseudonym of the reviewer.
        today: Becomes the day of the last update, if anything was approved.

    Raises:
        RequestError: An id does not wait, stands in both, or the head cannot be changed by itself.
        FaultyBank: It would be no bank any more.
    """
    if both := set(take) & set(throw):
        raise _refused(f"{', '.join(sorted(both))} cannot be approved and thrown out")
    bank = read_bank(files)
    waiting = {item.id for item in bank.pending}
    if strange := {*take, *throw} - waiting:
        raise _refused(f"no item waits under the ids {', '.join(sorted(strange)[:5])}")
    changed = dict(files)
    for name, raw in files.items():
        if name.endswith(".jsonl"):
            here = {one for one in _ids(raw) if one in take}
            changed[name] = approved(_without(raw, throw), here)
    if take:
        changed[HEAD] = _head(files[HEAD], bank, by, today)
    return _sound(changed)


def _ids(raw: bytes) -> Iterator[str]:
    for line in raw.split(b"\n"):
        if line.strip():
            yield json.loads(line.removeprefix(b"\xef\xbb\xbf"))["id"]


def _without(raw: bytes, throw: Collection[str]) -> bytes:
    lines = raw.split(b"\n")
    return b"\n".join(
        line for line in lines if not (line.strip() and {*_ids(line)} & {*throw})
    )  # fmt: skip


def _head(raw: bytes, bank: Bank, by: str, today: date) -> bytes:
    if not NAME.fullmatch(by):
        raise _refused(f"{by[:60]!r} is no pseudonym")
    raw = _UPDATED.sub(f"updated: {max(bank.updated, today)}".encode(), raw, count=1)
    if by in bank.reviewers:
        return raw
    names = ", ".join(f'"{one}"' for one in (*bank.reviewers, by))
    line = f"reviewers: [{names}]".encode()
    if _REVIEWERS.search(raw):
        return _REVIEWERS.sub(lambda _: line, raw, count=1)
    if b"\nreviewers:" in raw:
        raise _refused(f"the reviewers in {HEAD} do not stand in one line")
    return raw.rstrip(b"\n") + b"\n" + line + b"\n"


def _sound(files: dict[str, bytes]) -> dict[str, bytes]:
    read_bank(files)
    return files


def _refused(what: str) -> RequestError:
    return RequestError(
        what, advice='`kanhe assess banks review` names what waits; write `reviewers: ["…"]`.'
    )
