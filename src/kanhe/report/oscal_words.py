"""The small words of OSCAL that every document of ours needs: ids, metadata, properties.

An id follows from what it names (RFC 9562, version 5), in one of three ways: the law and the
subjects of a service keep theirs over all exports, what was seen has one for its instant, and a
document has that of its own words. So two exports can be compared, and two documents that differ
are never taken for one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from kanhe import __version__
from kanhe.law.period import Validity
from kanhe.ledger.entry import Json
from kanhe.report.oscal_text import markup, plain
from kanhe.status.picture import Sound
from kanhe.status.status import Status
from kanhe.terms import Text

OSCAL_VERSION = "1.1.3"
"""What our documents keep to, but for the mapping: nothing else in them needs a newer one."""

SPACE = UUID("6b1f9a52-3f0e-5d0c-9a6e-0d6f2c1b7a44")
"""The name space of our ids; it must never change."""

OURS = "urn:kanhe:oscal"
"""The name space of our properties."""

Node = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Export:
    """A status, the language of titles and texts, and the ledger's name (its origin)."""

    status: Status
    language: str
    origin: str

    def say(self, text: Text) -> str:
        """Give a text in the language of the export."""
        return text.zh if self.language == "zh" else text.en

    def other(self, text: Text) -> Node:
        """Give the text in the other language, as a property."""
        if self.language == "zh":
            return prop("title-en", text.en)
        return prop("title-zh", text.zh)

    def why(self, reasons: Sequence[Text]) -> str:
        """Give reasons as markup."""
        return markup(" ".join(self.say(one) for one in reasons))


def of_law(it: Export, *names: str) -> str:
    """Give the id of something in the law: the same for every service and day."""
    return _id("law", it.status.regime.id, *names)


def subject(it: Export, *names: str) -> str:
    """Give the id of a lasting subject of this service: the same in every export of it."""
    return _id("subject", it.origin, it.status.regime.id, *names)


def service(it: Export) -> str:
    """Give the id of the service itself, which is under any regime the same."""
    return _id("service", it.origin)


def seen(it: Export, *names: str) -> str:
    """Give the id of what was seen: of this instant, question, ledger and answers alone."""
    status = it.status
    answers = {name: answer_words(one) for name, one in status.answers.items()}
    return _id(
        "seen", it.origin, status.regime.id, status.regime.version, __version__,
        instant(status.at), status.day.isoformat(), status.known.isoformat(), status.as_if,
        status.size, ledger_state(it), answers, *names,
    )  # fmt: skip


def document(kind: str, body: Node) -> Node:
    """Give a document with its id, which follows from all that it says."""
    return {kind: {"uuid": _id("document", kind, body), **body}}


def instant(at: datetime) -> str:
    """Write an instant."""
    return at.isoformat(timespec="seconds")


def prop(name: str, value: str) -> Node:
    """Give a property in our own name space."""
    return {"name": name, "ns": OURS, "value": plain(value)}


def dates(validity: Validity) -> list[Node]:
    """Give both times of the law, as properties; `until` is the first day on which it is over."""
    force, known = validity.in_force, validity.known
    told = {
        "in-force-from": force.start,
        "in-force-until": force.end,
        "known-from": known.start,
        "known-until": known.end,
    }
    return [prop(name, day.isoformat()) for name, day in told.items() if day]


def answer_words(answer: object) -> list[str]:
    """Give an answer to the questionnaire: of several chosen ones, each."""
    if isinstance(answer, tuple):
        return [str(one) for one in answer] or ["none"]
    if isinstance(answer, bool):
        return ["yes" if answer else "no"]
    return [str(answer)]


def ledger_state(it: Export) -> str:
    """Give the root of the ledger in hexadecimal digits, or what is wrong with it."""
    sound = it.status.soundness
    return sound.root.hex() if isinstance(sound, Sound) else sound.why


def ledger(it: Export) -> list[Node]:
    """Give the ledger that it all rests on, as properties: which, how many entries, which root."""
    name = "ledger-root" if isinstance(it.status.soundness, Sound) else "ledger-fault"
    return [
        prop("ledger-origin", it.origin),
        prop("ledger-entries", str(it.status.size)),
        prop(name, ledger_state(it)),
    ]


def metadata(it: Export, title: str, version: str = OSCAL_VERSION) -> Node:
    """Give what every document begins with."""
    return {
        "title": f"{title}: {markup(it.say(it.status.regime.title))}",
        "last-modified": instant(it.status.at),
        "version": it.status.regime.version[:16],
        "oscal-version": version,
        "props": [
            prop("regime", it.status.regime.id),
            prop("edition", it.status.regime.version),
            it.other(it.status.regime.title),
            prop("day", it.status.day.isoformat()),
            prop("known", it.status.known.isoformat()),
            *ledger(it),
            prop("kanhe-version", __version__),
            *([prop("as-if", it.status.as_if)] if it.status.as_if else []),
        ],
    }


def _id(*said: Json) -> str:
    # As JSON: no two lists of names are written alike, and half a surrogate does not break it.
    return str(uuid5(SPACE, json.dumps(said, sort_keys=True)))
