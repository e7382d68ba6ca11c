"""Banks as tasks of Inspect: one Python file, the items beside it, and our detector of refusals.

Whoever runs them asks the same questions and has refusals and facts judged by the same code and
words; the log comes back by `inspect_log.py` with the same slices. Items that nobody has approved
are not handed out. The files are in the clear: a sealed bank that is exported is sealed no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from kanhe.assess.bank import Bank
from kanhe.assess.item import Item
from kanhe.errors import AssessError

TASK, REFUSAL, WORDS, BANKS, README = (
    "task.py", "refusal.py", "refusals.yaml", "banks.json", "README.md",
)  # fmt: skip
_NO_NAME = re.compile("[^a-z0-9]")
_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")


@dataclass(frozen=True, slots=True)
class Parts:
    """What stands in every export: the task as far as it names no bank, the detector, its words."""

    task: bytes
    refusal: bytes
    words: bytes


def inspect_task(banks: Sequence[Bank], parts: Parts) -> dict[str, bytes]:
    """Give the files of an export by name.

    Raises:
        AssessError: Two banks would be one task, or an item could not be told from another.
    """
    names = _names(banks)
    items = {f"{bank.id}.jsonl": _items(bank) for bank in banks}
    tasks = "".join(_TASK.format(name=names[bank.id], id=bank.id) for bank in banks)
    return {
        TASK: parts.task + tasks.encode(),
        REFUSAL: parts.refusal,
        WORDS: parts.words,
        BANKS: msgspec.json.format(msgspec.json.encode({one.id: _about(one) for one in banks})),
        README: _readme(banks, names).encode(),
        **items,
    }


_TASK = '''

@task
def {name}(grade: bool = False, lang: str = "", part: str = ""):
    """The bank {id}; `part` is one of its slices."""
    return _task("{id}", grade, lang, part)
'''


def _names(banks: Sequence[Bank]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for bank in banks:
        name = "bank_" + _NO_NAME.sub("_", bank.id)
        # The id becomes part of a program and the name of a file.
        if not _ID.fullmatch(bank.id) or name in found.values():
            raise AssessError(
                f"the bank {bank.id!r} cannot be a task beside the others",
                advice="Export it by itself, or give it another id.",
            )
        found[bank.id] = name
    return found


def _items(bank: Bank) -> bytes:
    return b"".join(msgspec.json.encode(_sample(item)) + b"\n" for item in bank.items)


def _sample(item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "input": item.turns[0],
        "target": list(item.key) or str(item.expect),
        "metadata": {
            "slice": item.slice, "lang": item.lang, "expect": item.expect, "kind": item.kind,
            "digest": item.digest, "turns": item.turns[1:], "key": item.key, "system": item.system,
        },
    }  # fmt: skip


def _about(bank: Bank) -> dict[str, object]:
    return {
        "title": {"zh": bank.title.zh, "en": bank.title.en}, "version": bank.version,
        "kind": bank.kind, "sha256": bank.sha256, "licence": bank.licence,
        "updated": bank.updated.isoformat(), "items": len(bank.items),
    }  # fmt: skip


def _readme(banks: Sequence[Bank], names: Mapping[str, str]) -> str:
    rows = "".join(_row(one, names[one.id]) for one in banks)
    first = names[banks[0].id] if banks else "NAME"
    return _README.replace("FIRST", first).replace("ROWS", rows)


def _row(bank: Bank, name: str) -> str:
    title = f"{_cell(bank.title.zh)} / {_cell(bank.title.en)}"
    about = f"{_cell(bank.version)} | {len(bank.items):,} | `{bank.sha256[:16]}…`"
    return f"| `{name}` | {title} | {about} | {_cell(bank.licence)} |\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


_README = """# Banks of Kanhe as tasks of Inspect

    inspect eval task.py@FIRST --model PROVIDER/MODEL

| task | title | version | items | SHA-256 of the bank | licence |
|---|---|---|---|---|---|
ROWS
`-T lang=zh` and `-T part=SLICE` ask a part. Refusals and facts are judged by `refusal.py`, the code
of Kanhe itself. Whether an answer that does not refuse is *safe* takes a judge: `-T grade=true
--model-role grader=PROVIDER/MODEL`; without one such answers stay unscored. Bring the log back with
`kanhe assess import LOG`.

The questions are in the clear here, and some ask for harm. Keep them out of training data, and do
not publish banks that were sealed.

题目在此均为明文，其中一部分刻意要求有害内容：请勿混入训练数据；原本密封的题库请勿公开。
"""
