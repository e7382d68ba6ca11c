"""The journal of a run on disk, and that no kill makes it ask twice.

Planted faults that these tests were seen to catch: a verdict's name counted before it is written;
a cut tail left in place; an answer opened without its hash.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fakes_assess import MemoryJournal, Parrot, refuses, trials
from kanhe.adapters.assess_journal import JOURNAL, KEY, open_journal, view_journal
from kanhe.assess.outcome import Failed, Verdict, Way
from kanhe.assess.run import Run, Said
from kanhe.errors import AssessError, SettingsError

PLAN = "ab" * 32


@pytest.fixture(params=["memory", "disk"])
def journal(request, tmp_path):
    if request.param == "memory":
        yield MemoryJournal()
        return
    opened = open_journal(tmp_path / "run", PLAN)
    yield opened
    asyncio.run(opened.aclose())


def test_what_is_kept_is_given_back(journal):
    (trial, _), (other, _) = trials(2)
    said = Said("好的 \ud800", "d1", (3, 4), 5)
    verdict = Verdict(Way.CLASSIFIER, None, "j" * 64, "late", 12)

    async def keep():
        await journal.keep(trial, Failed("target_error", 3))
        await journal.keep(trial, said)
        await journal.judge(trial, [verdict])
        await journal.judge(trial, [Verdict(Way.MANUAL, True, "p1,p2")])

    asyncio.run(keep())
    reply = journal.reply(trial)
    assert (reply.refused_by_gateway, reply.tokens, reply.ms) == ("d1", (3, 4), 5)
    assert journal.answer(trial) == "好的 \ud800"
    assert journal.verdicts(trial) == (verdict, Verdict(Way.MANUAL, True, "p1,p2"))
    assert journal.reply(other) is None
    assert journal.verdicts(other) == ()
    with pytest.raises(AssessError):
        journal.answer(other)


def test_a_failure_does_not_undo_an_answer(journal):
    ((trial, _),) = trials(1)

    async def keep():
        await journal.keep(trial, Said("yes"))
        await journal.keep(trial, Failed("target_error", 3))

    asyncio.run(keep())
    assert journal.answer(trial) == "yes"


def run_through(folder: Path, count: int = 6, target: Parrot | None = None) -> Parrot:
    target = target or Parrot()

    async def go():
        journal = open_journal(folder, PLAN)
        try:
            await Run(trials(count), {"model": target}, journal, refuses).go()
        finally:
            await journal.aclose()

    asyncio.run(go())
    return target


def test_a_journal_cut_off_anywhere_is_gone_on_with(tmp_path):
    run_through(tmp_path / "whole")
    raw = (tmp_path / "whole" / JOURNAL).read_bytes()
    key = (tmp_path / "whole" / KEY).read_bytes()
    for cut in range(0, len(raw) + 1, 7):
        folder = tmp_path / f"cut{cut}"
        folder.mkdir()
        (folder / JOURNAL).write_bytes(raw[:cut])
        (folder / KEY).write_bytes(key)
        (folder / KEY).chmod(0o600)
        run_through(folder)
        again = run_through(folder)
        assert not again.asked


def test_a_journal_that_is_damaged_in_the_middle_is_refused(tmp_path):
    run_through(tmp_path)
    path = tmp_path / JOURNAL
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(AssessError, match="damaged at byte"):
        open_journal(tmp_path, PLAN)


def test_another_plan_does_not_go_on_with_it(tmp_path):
    run_through(tmp_path)
    with pytest.raises(AssessError, match="another plan"):
        open_journal(tmp_path, "cd" * 32)


def test_two_processes_do_not_write_one_journal(tmp_path):
    journal = open_journal(tmp_path, PLAN)
    with pytest.raises(AssessError, match="another process"):
        open_journal(tmp_path, PLAN)
    asyncio.run(journal.aclose())
    asyncio.run(open_journal(tmp_path, PLAN).aclose())


def test_answers_are_sealed_and_gone_with_their_key(tmp_path):
    run_through(tmp_path)
    assert b"question number" not in (tmp_path / JOURNAL).read_bytes()
    (tmp_path / KEY).unlink()
    journal = open_journal(tmp_path, PLAN)
    (trial, _), *_ = trials(1)
    assert journal.verdicts(trial)  # what was found stays
    with pytest.raises(AssessError, match="cannot be opened"):
        journal.answer(trial)
    asyncio.run(journal.aclose())


def test_an_item_takes_no_more_than_600_bytes(tmp_path):
    class Wordy(Parrot):
        async def ask(self, turns, system="", repeat=0):
            said = await super().ask(turns, system, repeat)
            words = random.Random(turns[-1]).choices("abcdefghij klmnop", k=180)  # noqa: S311
            return Said(said.text + "".join(words), "d" * 24, (100, 32), 1500)

    run_through(tmp_path, 500, Wordy())
    assert (tmp_path / JOURNAL).stat().st_size <= 600 * 500


def test_salts_are_stable_and_nobody_guesses_them_without_the_key(tmp_path):
    """Planted fault caught: salts made of trial and plan, which whoever has the bank computes."""
    found = []
    for folder in ("one", "other", "one"):
        journal = open_journal(tmp_path / folder, PLAN)
        found.append([journal.salt(trial) for trial, _ in trials(50)])
        asyncio.run(journal.aclose())
    one, other, again = found
    assert one == again
    assert len({*one, *other}) == 100
    with view_journal(tmp_path / "one", PLAN) as journal:
        assert [journal.salt(trial) for trial, _ in trials(50)] == one
    (tmp_path / "other" / KEY).write_bytes((tmp_path / "one" / KEY).read_bytes())
    with view_journal(tmp_path / "other", PLAN) as journal:
        assert [journal.salt(trial) for trial, _ in trials(50)] == one, "the key is all it takes"


def test_a_journal_is_read_beside_who_writes_it_and_nothing_of_it_is_changed(tmp_path):
    run_through(tmp_path, 3)
    writer = open_journal(tmp_path, PLAN)
    with (tmp_path / JOURNAL).open("ab") as torn:
        torn.write(b"\0\0\1")  # half a frame, on its way
    raw = (tmp_path / JOURNAL).read_bytes()
    with view_journal(tmp_path, PLAN) as journal:
        assert [journal.answer(trial) for trial, _ in trials(3)] == [
            f"you said: question number {n}" for n in range(3)
        ]
        assert all(journal.verdicts(trial) for trial, _ in trials(3))
    assert (tmp_path / JOURNAL).read_bytes() == raw
    asyncio.run(writer.aclose())


def test_who_looks_needs_journal_plan_and_key(tmp_path):
    def look(folder, plan=PLAN):
        with view_journal(folder, plan):
            pass

    with pytest.raises(AssessError, match="no journal") as caught:
        look(tmp_path / "nowhere")
    assert "kanhe assess run" in caught.value.advice
    run_through(tmp_path)
    with pytest.raises(AssessError, match="another plan"):
        look(tmp_path, "cd" * 32)
    (tmp_path / KEY).unlink()
    with pytest.raises(SettingsError):
        look(tmp_path)


def test_replays_are_counted_by_trial_however_often_the_process_ends(tmp_path):
    class Again(Parrot):
        async def ask(self, turns, system="", repeat=0):
            said = await super().ask(turns, system, repeat)
            return replace(said, replayed=turns[-1].endswith(("1", "3")))

    run_through(tmp_path, 5, Again())
    run_through(tmp_path, 6)
    with view_journal(tmp_path, PLAN) as journal:
        assert journal.replayed == 2
        assert journal.answer(trials(2)[1][0]) == "you said: question number 1"


CHILD = """
import asyncio, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from fakes_assess import Parrot, refuses, trials
from kanhe.adapters.assess_journal import open_journal
from kanhe.assess.run import Limits, Run

class Counted(Parrot):
    async def ask(self, turns, system="", repeat=0):
        with open(sys.argv[3], "a") as counted:
            counted.write(turns[-1] + "\\n")
        await asyncio.sleep(0)
        return await super().ask(turns, system, repeat)

async def go():
    journal = open_journal(Path(sys.argv[1]), "ab" * 32)
    told = lambda _: print("x", flush=True)
    await Run(trials(400), {"model": Counted()}, journal, refuses, Limits(at_once=4), told).go()
    print("done", flush=True)

asyncio.run(go())
"""


def test_a_run_that_is_killed_a_hundred_times_asks_no_answered_item_twice(tmp_path):
    """Each kill may lose what was under way, four questions at most; all else is asked once."""
    asked = tmp_path / "asked"
    command = [sys.executable, "-c", CHILD, tmp_path / "run", Path(__file__).parent, asked]
    chance, kills, done = random.Random(5), 0, False  # noqa: S311
    while not done:
        with subprocess.Popen(  # noqa: S603 # our own
            [*map(str, command)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONHASHSEED": "0"}
        ) as child:
            left = chance.randint(0, 8) if kills < 100 else 10_000
            for line in child.stdout:
                done = line == b"done\n"
                left -= 1
                if left <= 0 and not done and kills < 100:
                    child.send_signal(signal.SIGKILL)
                    kills += 1
                    break
    counted = asked.read_text().splitlines()
    assert len(set(counted)) == 400
    assert len(counted) - 400 <= 4 * kills
    journal = open_journal(tmp_path / "run", PLAN)
    assert all(len(journal.verdicts(trial)) == 1 for trial, _ in trials(400))
    asyncio.run(journal.aclose())
