"""What the ledger is told of sealed banks: that one was committed to, and each opening of it.

A name, the commitment, who and why; of an item its place, and never its text. Refused: everything
that stands beside them. What is told of a bank that was looked at stands in `fact.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kanhe.assess.bank_leaf import is_commitment
from kanhe.errors import RequestError
from kanhe.ledger.entry import Json

COMMITTED = "assess:bank:committed"
"""A sealed bank was committed to, before anything of it was asked."""
REVEALED = "assess:bank:revealed"
"""Somebody opened it, whole or one item of it; recorded before anything is shown."""
SEALING = frozenset({COMMITTED, REVEALED})

_FACTS = {
    COMMITTED: {"bank", "commitment", "owner"},
    REVEALED: {"bank", "commitment", "person", "reason", "item"},
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_LONGEST = 200


def committed_facts(commitment: str, bank: str, owner: str) -> dict[str, Json]:
    """Give the facts of `assess:bank:committed`; `owner`: who holds the key, no person's name."""
    return {"bank": bank, "commitment": commitment, "owner": owner}


def revealed_facts(
    commitment: str, bank: str, person: str, reason: str, item: str = ""
) -> dict[str, Json]:
    """Give the facts of `assess:bank:revealed`.

    `person` is a pseudonym; `item` the id of the only one that was shown, empty: all of them.
    """
    return {
        "bank": bank, "commitment": commitment, "person": person, "reason": reason, "item": item,
    }  # fmt: skip


def check_facts(tag: str, facts: Mapping[str, Json]) -> None:
    """Check what is to be recorded of a sealed bank.

    Raises:
        RequestError: It may not be recorded.
    """
    if set(facts) != _FACTS[tag]:
        raise _refused(f"{tag} has the facts {', '.join(sorted(_FACTS[tag]))}")
    for name, value in facts.items():
        if not isinstance(value, str) or not _holds(name, value):
            raise _refused(f"the fact {name!r} is not what it should be")


def _holds(name: str, value: str) -> bool:
    match name:
        case "commitment":
            return is_commitment(value)
        case "bank":
            return _NAME.fullmatch(value) is not None
        case "item":
            return not value or _NAME.fullmatch(value) is not None
        case _:
            return bool(value.strip()) and len(value) <= _LONGEST and value.isprintable()


def _refused(why: str) -> RequestError:
    return RequestError(
        why, advice="Use `kanhe assess banks commit`, or `reveal`.", status=422, code="not_recorded"
    )
