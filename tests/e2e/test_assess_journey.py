"""A whole assessment over sockets: planned, run, killed, gone on with, judged, reported, verified.

What is killed is a process of its own, as somebody starts it; model and judge are servers that say
what they are told.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections import Counter

import pytest
from click.testing import CliRunner
from scripted import HANG, Upstream, whole
from served import KANHE, environment, until

import courses
from courses import ANSWER, OUT, REFUSE, bank, by_hash
from fakes_judge import NOW, labelled, row, world
from histories import data_directory
from kanhe.adapters.assess_folder import Runs
from kanhe.adapters.assess_health import controls
from kanhe.adapters.assess_ready import TRIAL
from kanhe.adapters.judge_records import keep
from kanhe.adapters.judges import open_judge
from kanhe.adapters.ledger_directory import entries_from
from kanhe.assess.outcome import Way
from kanhe.cli.main import main
from kanhe.judge.measuring import Plan as Measure
from kanhe.judge.measuring import measure
from kanhe.ledger.entry import decode
from kanhe.settings_judges import JudgeSettings
from ledgers import KEY

ROWS = [row(f"row {n} {'bad' if n % 2 else 'good'}", n % 2 == 1) for n in range(120)]
UNSAFE = {one.text for one in controls() if one.unsafe}
JUDGED = (
    "judging:\n  classifier: {judge: guard, threshold: 0.5, "
    "needs: {sensitivity: 0.8, fpr: 0.2, rows: 50}}\n"
)


@pytest.fixture
def model():
    server = Upstream()
    server.answer = lambda body: whole(by_hash(body["messages"][-1]["content"]))
    yield server
    server.close()


@pytest.fixture
def home(tmp_path, model, monkeypatch):
    """A folder with banks, a plan and a data directory, in which commands are typed."""
    monkeypatch.chdir(tmp_path)
    for name in [one for one in os.environ if one.startswith("KANHE")]:
        monkeypatch.delenv(name)
    data_directory(tmp_path / "kanhe-data")
    some = [bank(tmp_path, OUT, 12), bank(tmp_path, REFUSE, 6), bank(tmp_path, ANSWER, 6)]
    write(tmp_path, model, *some)
    return tmp_path


def write(home, model, *banks, more="pace: {at_once: 2, retries: 0}\n"):
    targets = courses.MODEL.replace("http://127.0.0.1:9/v1", model.url)
    (home / "plan.yaml").write_bytes(courses.plan(*banks, targets=targets, more=more))


def typed(*words, code=0):
    """Type a command here; it is the process beside it that is killed."""
    done = CliRunner().invoke(main, ["assess", *map(str, words)])
    assert done.exit_code == code, (done.exit_code, done.output, done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


def told(*words, code=0):
    return json.loads(typed(*words, "--json", code=code).stdout)


def started(home, *words):
    return subprocess.Popen(  # noqa: S603 # our own command
        [KANHE, "assess", *words], cwd=home, env=environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def asked(model):
    """Count what was asked by question, but for the trial questions before a run."""
    return Counter(
        said for one in model.visits if (said := one.body["messages"][-1]["content"]) != TRIAL
    )


def first(home):
    return Runs(home / "kanhe-data").open("first")


def ended(home):
    found = [decode(raw) for _, raw in entries_from(home / "kanhe-data" / "ledger", KEY, 0)]
    return [one.facts["by"] for one in found if one.tag == "assess:run:ended"]


RUN = ("run", "plan.yaml", "--name", "first")


def test_a_run_that_is_killed_goes_on_with_the_same_command_and_reports_the_same(home, model):
    for least in (3, 9, 15):
        with started(home, *RUN) as process:
            until(lambda least=least: len(model.visits) >= least, f"{least} questions")
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
    assert told(*RUN)["why"] == "done"
    counts = asked(model)
    assert len(counts) == 24
    assert counts.total() - 24 <= 2 * 3, "only what was under way at a kill"
    typed("run", "plan.yaml", "--new", "--name", "calm")
    runs = Runs(home / "kanhe-data")
    calm, killed = (courses.evidence(runs.open(name)) for name in ("calm", "first"))
    assert [facts(line) for line in calm.lines] == [facts(line) for line in killed.lines]
    assert courses.figures(runs.open("calm")).tested == courses.figures(first(home)).tested
    assert told("compare", "calm", "first")["apart"] == 0


def facts(line):
    """Give all of a line but its salt and how long its answer took."""
    said = line.outcome
    return line.id, said.trial, said.reply.answer, said.reply.tokens, said.verdicts


def test_whoever_stops_a_run_is_told_how_to_go_on_and_the_ledger_knows(home, model):
    gate = [0]

    def slowly(body):
        gate[0] += 1
        return None if gate[0] <= 4 else [HANG]

    model.raw = slowly
    with started(home, *RUN) as process:
        until(lambda: len(model.visits) >= 5, "a question that gets no answer")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"the same command goes on" in errors
    assert b"Traceback" not in errors
    (one,) = told("status")
    assert one["why"] == "stopped"
    assert 0 < one["done"] < 24
    assert ended(home) == ["stopped"]
    model.raw = None
    assert told(*RUN)["done"] == 24
    assert max(asked(model).values()) <= 2
    assert ended(home) == ["stopped", "done"]


def test_a_second_process_is_refused_and_others_may_look(home, model):
    model.raw = lambda body: [HANG] if len(model.visits) > 3 else None
    with started(home, *RUN) as process:
        until(lambda: len(model.visits) >= 5, "the run to hang")
        before = len(model.visits)
        for words in (RUN, ("judge", "first")):
            assert "another process" in typed(*words, code=1).output
        assert len(model.visits) == before
        (one,) = told("status")
        assert one["total"] == 24
        assert "goes on, or was killed" in typed("report", code=1).output
        assert told("report", "--dry-run")["conclusion"] == "open"
        process.send_signal(signal.SIGKILL)
    model.raw = None
    assert told(*RUN)["done"] == 24


@pytest.fixture
def judge():
    """A judge's server, which finds `bad` what is bad; `status` says how it feels."""
    server = Upstream()
    server.answer = lambda body: {
        "unsafe": 0.9 if body["text"] in UNSAFE or "bad" in body["text"] else 0.1
    }
    yield server
    server.close()


def measured(home, judge):
    """Measure the judge, and put its record on the ledger."""
    url = judge.url
    (home / "kanhe.toml").write_text(
        f'[[judges]]\nname = "guard"\ntemplate = "plain-http"\nbase_url = "{url}"\n'
    )

    async def put():
        one = JudgeSettings("guard", template="plain-http", base_url=url)
        queue = open_judge(one, home / "kanhe-data" / "cache")
        try:
            wanted = Measure([labelled("mine", *ROWS)], part=None)
            record = (await measure(queue, wanted, world(NOW))).record
        finally:
            await queue.aclose()
        await asyncio.to_thread(keep, home / "kanhe-data", "x.example/ledger", record)

    asyncio.run(put())


def test_a_judge_that_was_down_judges_later_and_nobody_is_asked_again(home, model, judge):
    """Planted fault caught: verdicts that were there given once more, or given up."""
    measured(home, judge)
    write(home, model, home / "my-output", home / "my-refuse", more=JUDGED)
    config = ("--config", "kanhe.toml")
    judge.status = 503
    said = told(*RUN, *config)
    assert (said["done"], said["why"]) == (18, "done")
    before = {one.id: one.outcome for one in courses.evidence(first(home)).lines}
    open_ = [one for one in before.values() if one.by(Way.CLASSIFIER)]
    assert len(open_) == 12
    assert all(one.by(Way.CLASSIFIER).passed is None for one in open_)
    doubts = {code for code, _ in courses.evidence(first(home)).head.judge.doubts}
    assert "offline" in doubts
    number = len(model.visits)
    judge.status = 200
    said = told("judge", "first", *config)
    assert (said["judged"], said["asked"]) == (12, 0)
    for line in courses.evidence(first(home)).lines:
        old = before[line.id]
        assert line.outcome.reply == old.reply
        assert line.outcome.verdicts[: len(old.verdicts)] == old.verdicts
        if old in open_:
            assert line.outcome.by(Way.CLASSIFIER).passed is True
    heard = len(judge.visits)
    assert told("judge", "first", *config)["judged"] == 0
    judge.answer = lambda body: {"unsafe": 0.99}
    assert told("judge", "first", *config)["judged"] == 0
    assert all("bad" not in one.body["text"] for one in judge.visits[heard:])
    assert len(model.visits) == number, "nobody was asked again"
    made = told("report", "--format", "html", "--in", "en", *config)
    typed("verify", made["files"][0])
    page = (first(home).path / "report" / "report.en.html").read_text()
    assert "guard" in page
