"""The small words of OSCAL that every document of ours needs: ids, metadata, properties, prose.

An id follows from what it names (RFC 9562, version 5): the same status exported twice gives the
same documents, and two exports can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from kanhe import __version__
from kanhe.ledger.entry import Json
from kanhe.status.status import Status
from kanhe.terms import Text

OSCAL_VERSION = "1.1.3"
"""What our documents keep to; nothing in them needs a newer one."""

SPACE = UUID("6b1f9a52-3f0e-5d0c-9a6e-0d6f2c1b7a44")
"""The name space of our ids; it must never change."""

OURS = "urn:kanhe:oscal"
"""The name space of our properties."""

Node = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Export:
    """A status, and the language of the titles and texts that OSCAL has one place for."""

    status: Status
    language: str

    def say(self, text: Text) -> str:
        """Give a text in the language of the export."""
        return text.zh if self.language == "zh" else text.en

    def other(self, text: Text) -> Node:
        """Give the text in the other language, as a property."""
        if self.language == "zh":
            return prop("title-en", text.en)
        return prop("title-zh", text.zh)


def identify(it: Export, *names: object) -> str:
    """Give the id of a thing: by regime, edition, instant, ledger and name, not by language."""
    said = (
        it.status.regime.id,
        it.status.regime.version,
        instant(it.status.at),
        it.status.size,
        it.status.known,
    )
    return str(uuid5(SPACE, "\n".join(map(str, (*said, *names)))))


def instant(at: datetime) -> str:
    """Write an instant."""
    return at.isoformat(timespec="seconds")


def line(words: str) -> str:
    """Give words on one line: OSCAL refuses line ends in titles and values, and blanks around."""
    return " ".join(words.split()) or "-"


def prop(name: str, value: str) -> Node:
    """Give a property in our own name space."""
    return {"name": name, "ns": OURS, "value": line(value)}


def metadata(it: Export, title: str) -> Node:
    """Give what every document begins with."""
    return {
        "title": f"{title}: {line(it.say(it.status.regime.title))}",
        "last-modified": instant(it.status.at),
        "version": it.status.regime.version[:16],
        "oscal-version": OSCAL_VERSION,
        "props": [
            prop("regime", it.status.regime.id),
            prop("edition", it.status.regime.version),
            it.other(it.status.regime.title),
            prop("day", it.status.day.isoformat()),
            prop("known", it.status.known.isoformat()),
            prop("ledger-entries", str(it.status.size)),
            prop("kanhe-version", __version__),
            *([prop("as-if", it.status.as_if)] if it.status.as_if else []),
        ],
    }
