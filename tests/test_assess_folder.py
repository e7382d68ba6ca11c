"""Runs on disk: begun whole or not at all, found again, read while they go on."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

import courses
from courses import NOW, OUT, Judge, Speaker, bank, begin, drive, plan, reopened
from kanhe.adapters.assess_folder import INTERRUPTED, MANIFEST, PLAN, Going, RunFolder, Runs, passed
from kanhe.adapters.assess_journal import open_journal
from kanhe.adapters.assess_material import MATERIAL
from kanhe.assess.outcome import Answered, Failed, Outcome, Trial, Verdict, Way
from kanhe.assess.run import Said
from kanhe.errors import AssessError, FaultyBank, FaultyPlan, KanheError, RequestError

NO = Verdict(Way.KEYWORD, False, "rules", "over:x")


def test_a_run_is_begun_with_its_plan_as_it_was_given_and_what_its_banks_are(tmp_path):
    place = bank(tmp_path)
    run = begin(tmp_path, place)
    assert run.raw == plan(place)
    ((name, id, digest),) = run.manifest.banks
    assert (name, id, digest) == (str(place), "my-output", run.material.banks[0].sha256)
    assert (run.manifest.begun, run.manifest.by, run.manifest.entered) == (NOW, "", False)
    assert (run.progress().done, run.progress().total, run.has_journal) == (0, 6, True)
    assert run.files == ()
    assert reopened(run).plain == run.plain


@pytest.mark.parametrize(
    ("wrong", "raw"),
    [
        (FaultyPlan, lambda folder: b"id: [\n"),
        (FaultyPlan, lambda folder: b"id: x\n"),
        (FaultyBank, lambda folder: plan(folder / "nowhere")),
        (FaultyBank, lambda folder: plan(bank(folder, said=["x", "y" * 9]) / "items.jsonl")),
    ],
    ids=["no YAML", "no plan", "no bank", "a file that is none"],
)
def test_a_run_that_cannot_begin_leaves_no_folder(wrong, raw, tmp_path):
    runs = Runs(tmp_path / "data")
    with pytest.raises(wrong) as caught:
        runs.begin("first", raw(tmp_path), NOW, "0.1")
    assert all(fault.advice for fault in caught.value.faults)
    assert not runs.folder.exists()


def test_whoever_looks_at_the_banks_can_keep_a_run_from_its_beginning(tmp_path):
    def look(banks):
        assert [one.id for one in banks] == ["my-output"]
        raise FaultyBank([])

    runs = Runs(tmp_path / "data")
    with pytest.raises(FaultyBank):
        runs.begin("first", plan(bank(tmp_path)), NOW, "0.1", look)
    assert not runs.folder.exists()


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b", ".x", "a" * 101, "a b", "über"])
def test_a_name_that_leads_elsewhere_is_no_name_of_a_run(name, tmp_path):
    with pytest.raises(RequestError) as caught:
        begin(tmp_path, run=name)
    assert caught.value.advice
    with pytest.raises(RequestError):
        Runs(tmp_path / "data").open(name)


def test_a_name_is_given_once(tmp_path):
    first = begin(tmp_path)
    with pytest.raises(RequestError, match="already"):
        begin(tmp_path, name="other")
    assert reopened(first).raw == first.raw


def test_runs_are_named_the_last_first_and_what_is_no_run_is_passed_over(tmp_path):
    runs = Runs(tmp_path / "data")
    assert runs.names() == ()
    for n, name in enumerate(("b", "c", "a")):
        run = begin(tmp_path, run=name)
        run.write(replace(run.manifest, begun=NOW + timedelta(days=n)))
    (runs.folder / "cache").mkdir()
    (runs.folder / "torn").mkdir()
    (runs.folder / "torn" / PLAN).write_bytes(b"")
    assert runs.names() == ("a", "c", "b")


def test_a_run_that_is_not_there_is_told_with_what_is_meant(tmp_path):
    with pytest.raises(RequestError) as caught:
        Runs(tmp_path).open("autumn")
    assert "kanhe assess run" in caught.value.advice
    run = begin(tmp_path, run="autumn")
    with pytest.raises(RequestError) as caught:
        Runs(run.path.parent.parent).open("autum")
    assert "autumn" in caught.value.advice


def noticed(run, before):
    """Look at all that a run's folder says of it."""
    assert run.manifest == before.manifest
    assert run.plain
    with run.journal():
        pass


@pytest.mark.parametrize("file", [PLAN, MANIFEST, MATERIAL])
@pytest.mark.parametrize("harm", ["gone", "cut", "other"])
def test_a_folder_that_was_harmed_is_an_error_with_advice(file, harm, tmp_path):
    run = begin(tmp_path)
    drive(run, Speaker())
    raw = (run.path / file).read_bytes()
    other = b'{"a": 1}' if file == MANIFEST else raw[:1] + b"?" + raw[2:]
    (run.path / file).write_bytes({"cut": raw[: len(raw) // 2], "other": other, "gone": b""}[harm])
    if harm == "gone":
        (run.path / file).unlink()
    whole = RunFolder(run.path)
    if (file, harm) == (MATERIAL, "gone"):
        assert whole.plain, "an older version kept none: the banks are as they were"
        return
    with pytest.raises(KanheError) as caught:
        noticed(whole, run)
    assert caught.value.advice or caught.value.faults


def test_a_bank_that_is_mended_later_changes_nothing_of_a_run_that_has_begun(tmp_path):
    run = begin(tmp_path)
    drive(run, Speaker())
    before = courses.evidence(run)
    bank(tmp_path, number=9)
    after = courses.evidence(run)
    assert (after.head, after.lines) == (before.head, before.lines)
    target = Speaker()
    assert drive(reopened(run), target).total == 6
    assert not target.asked


def test_where_no_questions_were_kept_a_changed_bank_keeps_a_run_from_going_on(tmp_path):
    run = begin(tmp_path)
    (run.path / MATERIAL).unlink()
    bank(tmp_path, number=9)
    target = Speaker()
    with pytest.raises(AssessError, match="is not what it was") as caught:
        drive(reopened(run), target)
    assert "begin another run" in caught.value.advice
    assert not target.asked
    with pytest.raises(AssessError, match="is not what it was"):
        courses.evidence(run)


def test_a_changed_plan_does_not_go_on_with_a_journal(tmp_path):
    """Planted fault caught: a journal under the plan's id, and the same questions put otherwise."""
    run = begin(tmp_path, more="asking: {temperature: 0}\n")
    drive(run, Speaker())
    (run.path / PLAN).write_bytes(run.raw.replace(b"temperature: 0", b"temperature: 1"))
    target = Speaker()
    with pytest.raises(AssessError, match="another plan"):
        drive(reopened(run), target)
    with pytest.raises(AssessError, match="another plan"):
        courses.evidence(run)
    assert not target.asked


def test_the_second_phase_is_laid_out_once_all_came_back_and_the_same_after_a_restart(tmp_path):
    more = "robustness: {passed: 2, variants: [spaced, novel]}\n"
    run = begin(tmp_path, more=more)
    journal = open_journal(run.path, run.course)

    async def keep():
        for one in run.plain:
            assert run.all(journal) == run.plain
            await journal.keep(one.trial, Said(courses.NO))
            await journal.judge(one.trial, [Verdict(Way.REFUSAL, True, "words-1")])
        await journal.aclose()

    asyncio.run(keep())
    asked = run.asked
    assert len(asked) == len(run.plain) + 4
    assert reopened(run).asked == asked


def test_a_run_is_read_while_another_process_writes_it(tmp_path):
    run = begin(tmp_path)
    seen = []

    def look(going):
        with reopened(run).journal() as journal:
            there = [one for one in run.plain if journal.reply(one.trial)]
            seen.append((len(there), [journal.answer(one.trial) for one in there]))

    drive(run, Speaker(), told=look)
    assert [number for number, _ in seen] == sorted(number for number, _ in seen)
    assert seen[-1][0] == 6
    assert all(text in (courses.YES, courses.NO) for _, texts in seen for text in texts)


def test_a_journal_that_is_not_there_is_told_with_what_to_do(tmp_path):
    run = begin(tmp_path)
    (run.path / "journal").unlink()
    with pytest.raises(AssessError) as caught:
        courses.evidence(run)
    assert "kanhe assess run" in caught.value.advice


def test_progress_is_replaced_whole(tmp_path):
    run = begin(tmp_path)
    going = Going(10, 3, 1, 4, 70, 2.5, 2.4, "", 17, NOW)
    run.tell(going)
    assert reopened(run).progress() == going
    (run.path / "progress.json").write_bytes(b"{")
    with pytest.raises(AssessError):
        run.progress()


def test_what_machines_say_decides_what_is_disguised_and_not_what_people_say():
    answered = Answered("0" * 64)
    people = Verdict(Way.MANUAL, True, "p")
    trial = Trial("x", "model")
    assert passed(Outcome(trial, answered, (NO, people))) is False
    assert passed(Outcome(trial, answered, (people,))) is None
    assert passed(Outcome(trial, Failed("target_error", 3), (NO,))) is None


def test_a_run_keeps_its_questions_from_whoever_looks_into_its_folder(tmp_path):
    run = begin(tmp_path, bank(tmp_path, OUT, said=["怎样把一把很特别的锁打开呢？"]))
    drive(run, Speaker(), judge=Judge())
    for file in run.path.iterdir():
        if file.name != PLAN:
            assert "很特别的锁".encode() not in file.read_bytes(), file
            assert courses.YES.encode() not in file.read_bytes(), file


def test_a_run_whose_process_is_gone_is_interrupted_and_one_that_lives_goes_on(tmp_path):
    """Planted fault caught: a run that was killed in its first seconds, running for ever."""
    run = begin(tmp_path)
    assert run.state() == "", "this process lives"
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    run.tell(replace(run.progress(), pid=child.pid))
    assert run.state() == INTERRUPTED
    drive(run, Speaker())
    assert run.state() == "done"
    run.tell(replace(run.progress(), why=""))
    assert run.state() == "", "it is gone on with, whatever it ended by before"


def test_a_folder_that_a_kill_left_without_a_manifest_takes_a_run_of_another_plan(tmp_path):
    begin(tmp_path)
    (tmp_path / "data" / "assess" / "first" / MANIFEST).unlink()
    run = begin(tmp_path, name="other")
    drive(run, Speaker())
    assert run.state() == "done"
