"""What people confirm: the text that they sign, the facts that record it, and how it is read back.

A duty that no machine can see is met by somebody's word, for a time. The word is a signed note
(C2SP signed-note), so that it can be shown without the ledger too: whoever reads it learns of which
duty, in which words, until when, and by whom. Reading it back trusts the signed text alone, under a
key that was named on the ledger before it; facts beside it that say otherwise are a fault.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

from kanhe.errors import LedgerError
from kanhe.law.regime import Control, Regime
from kanhe.ledger.entry import Json
from kanhe.ledger.note import Signer, VerifierKey, opened, parse
from kanhe.status.picture import Picture, Seen
from kanhe.status.record import ATTESTED, ATTESTER, WITHDRAWN, Facts
from kanhe.terms import Text

TITLE = "kanhe attestation v1"
"""First line of every such text: nobody signs one for something else."""

MOST_EVIDENCE = 64


@dataclass(frozen=True, slots=True)
class Attestation:
    """What somebody confirms of a duty. `by` and `role` are of an account, never a name."""

    regime: str
    control: str
    edition: str
    """Version of the regime's files from which the statement was taken."""
    statement_hash: str
    done: bool
    """Whether the statement is confirmed; else it is confirmed that it is not so."""
    by: str
    role: str
    valid_until: date
    """The last day on which it counts."""
    evidence: tuple[str, ...] = ()
    """SHA-256 of the documents at hand."""


def statement_of(control: Control) -> Text:
    """Give the words that are signed for a control whose check is `attested`.

    Raises:
        RuntimeError: It has none; the loader of regimes sees to that.
    """
    match control.parameters.get("statement"):
        case Mapping() as words if isinstance(words.get("zh"), str) and words.get("en"):
            return Text(str(words["zh"]), str(words["en"]))
        case _:
            raise RuntimeError(f"the control {control.id} has no statement to sign")


def statement_hash(statement: Text) -> str:
    """Give what a statement is known by: another wording is another statement."""
    return hashlib.sha256(f"{statement.zh}\n{statement.en}\n".encode()).hexdigest()


def statement(attestation: Attestation, control: Control) -> str:
    """Give the text to sign: lines of a word and its value, the statement in both languages.

    Raises:
        ValueError: A value does not fit in one line, or there are too many documents.
    """
    words = statement_of(control)
    lines = [
        TITLE,
        f"regime {attestation.regime}",
        f"edition {attestation.edition}",
        f"control {attestation.control}",
        f"title-zh {_line(control.title.zh)}",
        f"title-en {_line(control.title.en)}",
        f"statement-zh {_line(words.zh)}",
        f"statement-en {_line(words.en)}",
        f"statement-hash {attestation.statement_hash}",
        f"done {'yes' if attestation.done else 'no'}",
        f"valid-until {attestation.valid_until.isoformat()}",
        f"by {attestation.by}",
        f"role {attestation.role}",
        *(f"evidence {one}" for one in attestation.evidence),
    ]
    if len(attestation.evidence) > MOST_EVIDENCE:
        raise ValueError(f"{len(attestation.evidence)} documents, more than {MOST_EVIDENCE}")
    for line in lines:
        if any(char < " " for char in line):
            raise ValueError(f"{line[:40]!r} is not one line of text")
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())


def attested(attestation: Attestation, control: Control, signer: Signer) -> Facts:
    """Sign, and give the facts of `operator:duty:attested`.

    Raises:
        ValueError: The attestation cannot be written as a text.
    """
    text = statement(attestation, control)
    return {
        **_facts(attestation),
        "note": f"{text}\n{signer.sign(text)}",
    }


def _facts(attestation: Attestation) -> Facts:
    return {
        "regime": attestation.regime,
        "control": attestation.control,
        "edition": attestation.edition,
        "statement_hash": attestation.statement_hash,
        "done": attestation.done,
        "by": attestation.by,
        "role": attestation.role,
        "valid_until": attestation.valid_until.isoformat(),
        "evidence": list(attestation.evidence),
    }


def withdrawn(regime: Regime, control: str, by: str, entry: int) -> Facts:
    """Give the facts of `operator:duty:withdrawn`, for the attestation in `entry`."""
    return {"regime": regime.id, "control": control, "by": by, "entry": entry}


def known(key: VerifierKey, by: str) -> Facts:
    """Give the facts of `operator:attester:known`: from then on `key` signs attestations."""
    return {"key": str(key), "by": by}


def keys_of(picture: Picture, before: int) -> tuple[VerifierKey, ...]:
    """Give the keys that were named before the entry `before`."""
    found = []
    for seen in picture.all(ATTESTER):
        if seen.index < before:
            try:
                found.append(VerifierKey.parse(str(seen.facts.get("key", ""))))
            except LedgerError:
                continue  # no key: it signs nothing
    return tuple(dict.fromkeys(found))


def read(facts: Mapping[str, Json], keys: Sequence[VerifierKey]) -> Attestation:
    """Read an attestation back, from what was signed.

    Args:
        facts: Of its entry.
        keys: Those that may sign.

    Raises:
        LedgerError: It is not signed by one of them, is no attestation, or its facts say otherwise.
    """
    note = parse(str(facts.get("note", "")).encode())
    opened(note, keys)
    found = _read_text(note.text)
    told = _facts(found)
    other = [name for name in told if facts.get(name) != told[name]]
    if other:
        raise _refused(f"its facts say other than what was signed: {', '.join(other)}")
    return found


def _read_text(text: str) -> Attestation:
    title, *lines = text.removesuffix("\n").split("\n")
    said: dict[str, list[str]] = {}
    for line in lines:
        word, _, value = line.partition(" ")
        said.setdefault(word, []).append(value)
    evidence = tuple(said.pop("evidence", ()))
    single = {word: values[0] for word, values in said.items() if len(values) == 1}
    names = {one.name.replace("_", "-") for one in fields(Attestation)} - {"evidence"}
    if title != TITLE or not names <= set(single) or single["done"] not in ("yes", "no"):
        raise _refused("it is no text of an attestation")
    words = Text(single.get("statement-zh", ""), single.get("statement-en", ""))
    if not words.zh or not words.en:
        raise _refused("it has no statement")
    try:
        until = date.fromisoformat(single["valid-until"])
    except ValueError as error:
        raise _refused(f"{single['valid-until']!r} is no day") from error
    return Attestation(
        single["regime"], single["control"], single["edition"], single["statement-hash"],
        single["done"] == "yes", single["by"], single["role"], until, evidence,
    )  # fmt: skip


def latest(picture: Picture, regime: str, control: str) -> Seen | None:
    """Give the entry that counts for a control: its latest attestation, if not withdrawn since."""
    ours = [seen for seen in picture.all(ATTESTED) if _is_of(seen, regime, control)]
    taken_back = {
        seen.facts.get("entry") for seen in picture.all(WITHDRAWN) if _is_of(seen, regime, control)
    }
    return ours[-1] if ours and ours[-1].index not in taken_back else None


def _is_of(seen: Seen, regime: str, control: str) -> bool:
    return seen.facts.get("regime") == regime and seen.facts.get("control") == control


def _refused(why: str) -> LedgerError:
    return LedgerError(
        f"an attestation is not to be trusted: {why}",
        advice="Have the duty attested again, and look at who wrote that entry.",
    )
