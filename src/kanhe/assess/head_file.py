"""The head of an assessment, as it is written.

Refused are heads of another form, and one without a time zone: nobody could say when it was.
"""

from __future__ import annotations

from kanhe.assess.head import Head
from kanhe.assess.plain_json import decoded, taken, told, unreadable
from kanhe.ledger.entry import Json

_WHAT = "the head of the assessment"


def head_json(head: Head) -> Json:
    """Give a head as JSON."""
    return told(head)


def head_from(json: object) -> Head:
    """Give the head that JSON tells.

    Raises:
        AssessError: It tells none.
    """
    head = taken(json, Head, _WHAT)
    if head.begun.tzinfo is None or head.ended.tzinfo is None:
        raise unreadable(_WHAT, "`begun` and `ended` need a time zone")
    return head


def read_head(raw: bytes) -> Head:
    """Read a head by itself.

    Raises:
        AssessError: It is none.
    """
    return head_from(decoded(raw, _WHAT))
