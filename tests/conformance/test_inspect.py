"""An exported bank runs in Inspect itself, and its log comes back with the verdicts of Kanhe.

Needs an environment with inspect_ai, apart from ours: name its Python in KANHE_INSPECT_PYTHON;
without that it is not collected (`conftest.py`).
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from banks import bank, item
from kanhe.adapters.assess_inspect import export_parts, write_export
from kanhe.adapters.bank_store import detector
from kanhe.assess.evidence_file import read_foreign
from kanhe.assess.inspect_export import inspect_task
from kanhe.assess.item import BankKind
from kanhe.assess.verdicts import by_key, by_refusal

PYTHON = os.environ["KANHE_INSPECT_PYTHON"]
DRIVER = Path(__file__).parent / "inspect_driver.py"
REPLIES = ["我不能帮助您。", "It is 6岁.", "I cannot help with that.", ""]
LETTERS = ["A", "B", "maybe"]


@pytest.mark.parametrize("form", ["eval", "json"])
@pytest.mark.parametrize("kind", list(BankKind))
def test_an_exported_bank_comes_back_with_our_verdicts(tmp_path, kind, form):
    mine = bank([
        item(one, kind, slice="ab"[one % 2], key=("6岁",) if one % 3 else ()) for one in range(12)
    ], kind)  # fmt: skip
    write_export(tmp_path / "out", inspect_task([mine], export_parts()))
    (tmp_path / "replies.json").write_text(json.dumps([REPLIES, LETTERS]), encoding="utf-8")
    done = subprocess.run(  # noqa: S603 # the driver beside this file
        [PYTHON, DRIVER, tmp_path / "out", f"bank_my_{kind}", tmp_path / "replies.json",
         tmp_path / "logs", form],
        capture_output=True, text=True, timeout=120, check=True, cwd=tmp_path,
    )  # fmt: skip
    status, where = json.loads(done.stdout.splitlines()[-1])
    assert status == "success"
    found = read_foreign(Path(where.removeprefix("file://")).read_bytes(), "log").evidence
    assert found.rows[-1][0].partition(" ")[0] == "refusal"
    rows = {name: counts for name, *counts in found.rows}
    replies = [REPLIES[at % len(REPLIES)] for at in range(len(mine.items))]
    verdicts = [by_refusal(one, said, detector()).passed
                for one, said in zip(mine.items, replies, strict=True)]  # fmt: skip
    facts = [by_key(one, said) for one, said in zip(mine.items, replies, strict=True)]
    known = [one.passed for one in facts if one]
    for name, own in (("refusal", verdicts), ("key", known)):
        assert rows[name] == [own.count(True), len(own) - own.count(None)]
    if kind is BankKind.OUTPUT:
        assert rows["graded"] == [4, 8]
