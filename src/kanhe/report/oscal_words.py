"""The small words of OSCAL that every document of ours needs: ids, metadata, properties, prose.

An id follows from what it names (RFC 9562, version 5): the same status exported twice gives the
same documents, and two exports can be compared.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from kanhe import __version__
from kanhe.ledger.entry import Json
from kanhe.status.status import Status

OSCAL_VERSION = "1.1.3"
"""What our documents keep to; nothing in them needs a newer one."""

SPACE = UUID("6b1f9a52-3f0e-5d0c-9a6e-0d6f2c1b7a44")
"""The name space of our ids; it must never change."""

OURS = "urn:kanhe:oscal"
"""The name space of our properties."""

Node = dict[str, Json]


def identify(status: Status, *names: object) -> str:
    """Give the id of a thing in this export: by regime, edition, instant, ledger and its name."""
    said = (status.regime.id, status.regime.version, instant(status.at), status.size, status.known)
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


def metadata(status: Status, title: str) -> Node:
    """Give what every document begins with."""
    return {
        "title": f"{title}: {line(status.regime.title.en)}",
        "last-modified": instant(status.at),
        "version": status.regime.version[:16],
        "oscal-version": OSCAL_VERSION,
        "props": [
            prop("regime", status.regime.id),
            prop("edition", status.regime.version),
            prop("title-zh", status.regime.title.zh),
            prop("day", status.day.isoformat()),
            prop("known", status.known.isoformat()),
            prop("ledger-entries", str(status.size)),
            prop("kanhe-version", __version__),
            *([prop("as-if", status.as_if)] if status.as_if else []),
        ],
    }
