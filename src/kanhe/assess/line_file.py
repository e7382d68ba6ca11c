"""Lines of evidence as they are written: one JSON array a line, and each line a leaf of the tree.

    [id, bank, kind, slice, lang, expect, form, part, people,
     [item, target, variant, repeat],
     [answer, decision, prompt tokens, completion tokens, ms]   or   [code, tries],
     [[way, passed, by, why, permille], …], salt]

Arrays, since a hundred thousand lines would repeat each name so often. What is not written exactly
so is refused: of one line there is one spelling, and so one hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

import msgspec

from kanhe.assess.item import BankKind, Expect
from kanhe.assess.line import Line, Part
from kanhe.assess.outcome import Answered, Failed, Outcome, Reply, Trial, Verdict, Way
from kanhe.errors import AssessError

LINES = "lines.jsonl"
"""How the file is called beside `report.json`."""

_Said: TypeAlias = tuple[str, str, int, int, int] | tuple[str, int]
_Verdict: TypeAlias = tuple[Way, bool | None, str, str, int | None]
_Written: TypeAlias = tuple[
    str, str, BankKind, str, str, Expect, str, Part, bool, tuple[str, str, str, int],
    list[str | int], list[_Verdict], str,
]  # fmt: skip

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Written)
_HASH = re.compile(r"[0-9a-f]{64}")
_SALT = re.compile(r"[0-9a-f]{24}")


def write_line(line: Line) -> bytes:
    """Write one line, without its end: these bytes are the leaf."""
    outcome, trial = line.outcome, line.outcome.trial
    return _ENCODER.encode((
        line.id, line.bank, line.kind, line.slice, line.lang, line.expect, line.form, line.part,
        line.people, (trial.item, trial.target, trial.variant, trial.repeat), _said(outcome.reply),
        [(one.way, one.passed, one.by, one.why, one.permille) for one in outcome.verdicts],
        line.salt,
    ))  # fmt: skip


def write_lines(lines: Iterable[Line]) -> bytes:
    """Write lines, each with its end."""
    return b"".join(write_line(line) + b"\n" for line in lines)


def leaves(raw: bytes) -> list[bytes]:
    """Give the leaves of a file of lines.

    Raises:
        AssessError: Its last line has no end: it was cut off.
    """
    if raw and not raw.endswith(b"\n"):
        raise _fault(raw.count(b"\n") + 1, "it is cut off")
    return raw.split(b"\n")[:-1]


def read_lines(raw: bytes) -> tuple[Line, ...]:
    """Read a file of lines.

    Raises:
        AssessError: One of them is none; it names the first.
    """
    return tuple(_read_all(leaves(raw)))


def _read_all(some: Iterable[bytes]) -> Iterator[Line]:
    for number, leaf in enumerate(some, 1):
        yield read_line(leaf, number)


def read_line(leaf: bytes, number: int = 1) -> Line:
    """Read one line; `number`: how an error calls it.

    Raises:
        AssessError: It is none, or in another spelling.
    """
    try:
        line = _line(_DECODER.decode(leaf))
    except (msgspec.DecodeError, ValueError, OverflowError) as error:
        raise _fault(number, str(error)) from error
    if write_line(line) != leaf:
        raise _fault(number, "it is not spelt as lines are")
    return line


def _said(reply: Reply) -> _Said:
    match reply:
        case Answered():
            return (reply.answer, reply.refused_by_gateway, *reply.tokens, reply.ms)
        case Failed():
            return (reply.code, reply.tries)


def _line(written: _Written) -> Line:
    (id_, bank, kind, slice_, lang, expect, form, part, people, trial, said, verdicts,
     salt) = written  # fmt: skip
    if not (_SALT.fullmatch(salt) and _HASH.fullmatch(trial[0])):
        raise ValueError("the salt or the item's hash is none")
    found = tuple(_verdict(*one) for one in verdicts)
    outcome = Outcome(Trial(*trial), _reply(said), found)
    return Line(id_, bank, kind, slice_, lang, expect, form, part, people, outcome, salt)


_verdict = lru_cache(maxsize=4096)(Verdict)
"""Of a hundred thousand verdicts few differ; shared, they take a third of the time to read."""


def _reply(said: list[str | int]) -> Reply:
    match said:
        case [str(answer), str(decision), int(prompt), int(completion), int(ms)]:
            if not _HASH.fullmatch(answer):
                raise ValueError("the answer's hash is none")
            return Answered(answer, decision, (prompt, completion), ms)
        case [str(code), int(tries)]:
            return Failed(code, tries)
        case _:
            raise ValueError("the reply is neither an answer nor a failure")


def _fault(number: int, why: str) -> AssessError:
    return AssessError(
        f"line {number} of the evidence cannot be read: {why}",
        advice="Take the lines anew from where the report was made, unchanged.",
    )
