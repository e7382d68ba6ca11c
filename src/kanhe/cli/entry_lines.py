"""How an entry looks on a terminal, and which entries somebody asked for.

Facts may quote what strangers sent, so nothing is printed that a terminal could obey.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

import click
import msgspec

from kanhe.ledger.entry import Entry, decode

_PLAIN = re.compile(r"[\w.:/@+=-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries to show: a glob over tags, and instants in UTC, the last one excluded."""

    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, entry: Entry) -> bool:
        """Say whether `entry` is wanted."""
        return (
            (self.tag is None or fnmatchcase(entry.tag, self.tag))
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
        )


def line(index: int, raw: bytes, wanted: Wanted, *, as_json: bool) -> str | None:
    """Write an entry as one line; None if it is not wanted."""
    entry = decode(raw)
    if not wanted.takes(entry):
        return None
    if as_json:
        # The entry's own bytes, so that a reader can hash what it sees.
        return f'{{"index":{index},"entry":{raw.decode()}}}'
    when = entry.at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    facts = " ".join(f"{_shown(key)}={_shown(value)}" for key, value in entry.facts.items())
    tag = click.style(entry.tag, bold=True)
    return f"{index:>8}  {when}Z  {tag}  {facts}".rstrip()


def _shown(value: object) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    text = msgspec.json.encode(value).decode()
    return text if text.isprintable() else json.dumps(value)
