"""Runs as the console reads them: real folders, read while they grow, and never written."""

import asyncio
import hashlib
from datetime import UTC, datetime

import pytest

from kanhe.adapters.assess_folder import Going, Runs
from kanhe.adapters.assess_gather import NOT_ASKED
from kanhe.adapters.assess_journal import KEY, open_journal
from kanhe.adapters.package_data import regime
from kanhe.assess.outcome import Failed, Verdict, Way
from kanhe.assess.run import Said
from kanhe.console import assess_runs
from kanhe.console.assess_data import RunSeen, Unreadable
from kanhe.console.assess_runs import KeptRuns
from kanhe.errors import FaultyPlan, KanheError, RequestError

PLAN = b"""\
id: small
title: {zh: \xe5\xb0\x8f\xe8\xaf\x84\xe4\xbc\xb0, en: A small assessment}
regime: cn-genai
banks: [{bank: cn-genai/refuse, questions: 20}]
targets: [{route: model, url: "http://localhost:9/v1", model: m}]
asking: {max_tokens: 10}
budget: {tokens: 1000, money: "1.00", currency: CNY, prompt_price: "1", completion_price: "2"}
every_days: 30
"""
NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    return Runs(tmp_path).begin("small-1", PLAN, NOW, "0.1")


@pytest.fixture
def kept(tmp_path):
    return KeptRuns(tmp_path, regime())


def answer(folder, numbers):
    """Answer some of the run's trials, as a run does; each passes if its number is even."""

    async def work():
        journal = open_journal(folder.path, folder.course)
        for n in numbers:
            trial = folder.plain[n].trial
            await journal.keep(trial, Said(f"answer {n}", tokens=(3, 4), ms=5))
            why = "" if n % 2 == 0 else "answered"
            await journal.judge(trial, [Verdict(Way.REFUSAL, n % 2 == 0, "refusals-1", why)])
        await journal.aclose()

    asyncio.run(work())


def tell(folder, **more):
    given = {"total": 20, "done": 5, "failed": 0, "asked": 5, "tokens": 35, "rate": 1.5,
             "eta_s": 10.0, "why": "", "pid": 1, "at": NOW}  # fmt: skip
    folder.tell(Going(**given | more))


def files(folder):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.path.rglob("*")
        if path.is_file()
    }


def test_a_run_is_listed_with_its_plan_and_how_far_it_is(folder, kept):
    tell(folder)
    [one] = kept.runs()
    assert isinstance(one, RunSeen)
    assert (one.name, one.plan.id, one.raw) == ("small-1", "small", PLAN)
    assert (one.going.done, one.going.eta_s) == (5, 10.0)
    assert one.banks.keys() == {"cn-genai-refuse"}
    assert one.files == ()


def test_what_cannot_be_read_is_listed_with_why(folder, kept):
    (folder.path / "plan.yaml").write_text("id: [")
    [one] = kept.runs()
    assert isinstance(one, Unreadable)
    assert one.advice
    assert kept.run("nothing") is None
    assert kept.run("../small-1") is None


def test_evidence_grows_with_the_journal_and_nothing_is_written(folder, kept, monkeypatch):
    """Planted: what was read the first time is given for ever."""
    monkeypatch.setattr(assess_runs, "_OLD_S", 0.0)
    answer(folder, range(5))
    before = files(folder)
    lines = kept.gathered("small-1").lines
    replies = [line.outcome.reply for line in lines.values()]
    assert len(lines) == 20
    assert sum(reply == NOT_ASKED for reply in replies) == 15
    assert kept.gathered("small-1").lines is lines, "what has not changed is not read again"
    assert files(folder) == before
    answer(folder, range(5, 20))
    later = kept.gathered("small-1").lines
    assert later.keys() == lines.keys(), "an address stays good while a run goes on"
    assert not any(isinstance(line.outcome.reply, Failed) for line in later.values())


def test_a_run_that_goes_on_is_not_read_anew_at_every_look(folder, kept):
    answer(folder, range(5))
    lines = kept.gathered("small-1").lines
    answer(folder, range(5, 6))
    assert kept.gathered("small-1").lines is lines


def test_question_and_answer_open_together_and_a_lost_key_is_told(folder, kept, tmp_path):
    answer(folder, range(4))
    lines = kept.gathered("small-1").lines
    asked = folder.plain[2]
    line = next(one for one in lines.values() if one.id == asked.item.id)
    texts = kept.texts("small-1", line)
    assert (texts.turns, texts.answer) == (asked.item.turns, "answer 2")
    (folder.path / KEY).write_bytes(bytes(32))
    shut = kept.texts("small-1", line)
    assert shut.answer is None
    assert str(tmp_path) not in shut.why
    assert "answers.key" in shut.why


def test_a_trial_without_an_answer_has_none_to_open(folder, kept):
    answer(folder, range(4))
    lines = kept.gathered("small-1").lines
    silent = next(one for one in lines.values() if one.outcome.reply == NOT_ASKED)
    found = kept.texts("small-1", silent)
    assert (found.answer, found.why) == (None, "there is no answer to this trial")


def test_no_error_says_where_on_the_machine_the_data_lies(folder, kept, tmp_path):
    answer(folder, range(2))
    (folder.path / "journal").write_bytes(b"nothing of ours, and long enough to be no cut end")
    (folder.path / "manifest.json").write_bytes(b"{}")
    for one in (kept.run("small-1"), *kept.runs()):
        assert isinstance(one, Unreadable)
        assert str(tmp_path) not in f"{one.what} {one.advice}"
    with pytest.raises(KanheError) as told:
        kept.gathered("small-1")
    assert str(tmp_path) not in f"{told.value} {told.value.advice}"


def test_figures_are_computed_where_no_report_was_made(folder, kept, monkeypatch):
    answer(folder, range(20))
    found = kept.report("small-1")
    [refuse] = [one for one in found.results.tested if one.demand.kind == "refuse"]
    [rate] = refuse.rates
    assert (rate.whole.tally.passed, rate.whole.tally.failed) == (10, 10)
    assert found.clauses == ()
    monkeypatch.setattr(assess_runs, "MOST_LINES", 19)
    (folder.path / "people").touch()
    assert kept.report("small-1") is None, "so many are not computed beside the service"


def test_only_files_that_are_in_the_report_are_given(folder, kept):
    (folder.path / "report").mkdir()
    (folder.path / "report" / "lines.jsonl").write_bytes(b"x")
    assert kept.file("small-1", "lines.jsonl") == b"x"
    assert kept.file("small-1", "../plan.yaml") is None
    assert kept.run("small-1").files == ("lines.jsonl",)


def test_a_plan_comes_to_so_many_questions_and_at_most_so_many_tokens(kept):
    found = kept.planned(PLAN)
    assert found.trials == {"bank": {"model": 20}}
    assert found.completion == 20 * 10
    assert found.prompt > 0
    [bank] = found.banks
    assert sum(bank.drawn.values()) == 20
    assert bank.wanted["A.1.a"] > 0
    assert "A.1.a" not in bank.items


def test_a_faulty_plan_and_a_bank_on_the_disk_are_refused(kept, tmp_path):
    with pytest.raises(FaultyPlan):
        kept.planned(b"id: small")
    mine = PLAN.replace(b"cn-genai/refuse", str(tmp_path).encode())
    with pytest.raises(RequestError, match="not shipped"):
        kept.planned(mine)


def test_the_plan_of_a_run_comes_to_what_it_was_begun_with(folder, kept):
    assert kept.comes_to("small-1").trials == {"bank": {"model": 20}}
