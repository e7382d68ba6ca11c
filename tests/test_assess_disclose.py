"""A question and its answer are disclosed out of a real run, and are shown to be the ones."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from fakes_assess import Parrot, refuses
from kanhe.adapters.assess_folder import Runs
from kanhe.adapters.assess_gather import Law, gather
from kanhe.adapters.assess_journal import open_journal
from kanhe.adapters.package_data import regime, risks
from kanhe.assess.line_file import LINES, write_lines
from kanhe.assess.reckon import results
from kanhe.assess.report_file import REPORT, Written, write_report
from kanhe.assess.run import Run
from kanhe.cli.main import main

PLAN = b"""\
id: small
title: {zh: x, en: x}
regime: cn-genai
banks: [{bank: cn-genai/refuse, questions: 12}]
targets: [{route: model, url: "http://localhost:9/v1", model: m}]
reliability: {items: 3, repeats: 2}
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Run a small plan against a target that repeats what it was asked, and write its report."""
    data = tmp_path_factory.mktemp("data")
    run = Runs(data).begin("small", PLAN, datetime(2026, 11, 22, tzinfo=UTC), "0")

    async def go():
        journal = open_journal(run.path, run.course)
        trials = [(one.trial, one.item) for one in run.all(journal)]
        await Run(trials, {"model": Parrot()}, journal, refuses).go()
        await journal.aclose()

    asyncio.run(go())
    found = gather(run, Law(regime("cn-genai"), risks("cn-genai")))
    folder = run.path / "report"
    folder.mkdir()
    (folder / LINES).write_bytes(write_lines(found.lines))
    written = Written(found.head, results(found.head, found.lines))
    (folder / REPORT).write_bytes(write_report(written))
    return data, found


def kanhe(*arguments, code=0):
    result = CliRunner().invoke(main, ["assess", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


def test_question_and_answer_are_disclosed_with_their_line(data, tmp_path):
    place, found = data
    one, out = found.asked[3], tmp_path / "one.json"
    folder = place / "assess" / "small"
    kanhe("disclose", folder, one.item.id, "--texts", "small", "--data", place, "--out", out)
    said = kanhe("verify", out, "--report", folder)
    assert one.item.turns[-1] in said
    assert f"→ you said: {one.item.turns[-1]}" in said
    others = [other.item.turns[-1] for other in found.asked if other.item.id != one.item.id]
    assert not any(other in out.read_text(encoding="utf-8") for other in others)
    told = json.loads(out.read_text(encoding="utf-8"))
    told["texts"]["answer"] += "!"
    out.write_text(json.dumps(told), encoding="utf-8")
    assert "the answer is not the one" in kanhe("verify", out, "--report", folder, code=1)


def test_a_real_run_verifies(data):
    place, found = data
    said = kanhe("verify", place / "assess" / "small")
    assert f"{len(found.lines)} lines of evidence" in said


def test_a_repetition_is_disclosed_by_its_number(data):
    place, found = data
    again = next(one for one in found.asked if one.trial.repeat == 1)
    folder = place / "assess" / "small"
    one = json.loads(kanhe("disclose", folder, again.item.id, "--repeat", "1"))
    assert json.loads(one["line"])[9][3] == 1
    bad = ("disclose", folder, again.item.id, "--texts", "other", "--data", place)
    assert "there is no run" in kanhe(*bad, code=1)
