"""What people said of a run, line by line as JSON; no text of anybody's, and no name.

The first line names the plan, so that verdicts are not counted for another run's answers. What is
cut off at the end was never kept: its line has no end.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

import msgspec

from kanhe.assess.outcome import Trial
from kanhe.assess.people import LONGEST_S, Judgement, Said
from kanhe.errors import AssessError

FORM = "kanhe-people-1"


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: str
    plan: str
    seed: str


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    at: datetime
    by: str
    trial: tuple[str, str, str, int]
    said: str
    why: str = ""
    s: int = 0
    panel: bool = False


_ROW = msgspec.json.Decoder(_Row)


def first_line(plan: str, seed: str) -> bytes:
    """Give the line that a file begins with. `plan`: SHA-256 of the plan."""
    return msgspec.json.encode(_Head(FORM, plan, seed)) + b"\n"


def line(one: Judgement) -> bytes:
    """Give the line of one verdict."""
    trial = one.trial
    name = (trial.item, trial.target, trial.variant, trial.repeat)
    row = _Row(one.at, one.by, name, one.said, one.why, one.seconds, one.panel)
    return msgspec.json.encode(row) + b"\n"


def read_seed(raw: bytes, plan: str) -> str:
    """Read the first line; give the seed.

    Raises:
        AssessError: It is no such file, or another plan's.
    """
    try:
        head = msgspec.json.decode(raw, type=_Head)
    except msgspec.MsgspecError as error:
        raise _damaged(1) from error
    if head.form != FORM:
        raise _damaged(1)
    if head.plan != plan:
        raise AssessError(
            "what people said in this folder belongs to another plan",
            advice="Put the run's own file `people` back.",
        )
    return head.seed


def read_lines(raw: bytes, number: int) -> list[Judgement]:
    """Read whole lines after the first; `number` is that of the first of them, from 1.

    Raises:
        AssessError: One is no verdict.
    """
    return [_judgement(one, at) for at, one in enumerate(raw.splitlines(), number)]


def _judgement(raw: bytes, number: int) -> Judgement:
    try:
        row = _ROW.decode(raw)
    except msgspec.MsgspecError as error:
        raise _damaged(number) from error
    sound = row.said in ("pass", "fail", "skip", "withdrawn") and 0 <= row.s <= LONGEST_S
    if not sound or row.at.tzinfo is None:
        raise _damaged(number)
    return Judgement(
        Trial(*row.trial), row.by, cast("Said", row.said), row.why, row.s, row.at, row.panel
    )


def _damaged(number: int) -> AssessError:
    return AssessError(
        f"line {number} of the file `people` is damaged",
        advice="Put the file back from a copy: verdicts after it cannot be trusted.",
    )
