"""Drive a run to its end while it is killed again and again; a program of `test_assess_driver`.

    python killed_run.py RUN KILLS SEED

Imports once and forks for each life, which is what makes a hundred of them cheap. A life kills
itself before, in the middle of, or after a call that changes the disk. Prints what came of it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path

import courses
from kanhe.adapters.assess_folder import RunFolder

WRITE = os.write
CALLS = ("write", "fdatasync", "fsync", "replace", "rename", "ftruncate")


class Logged(courses.Speaker):
    """A target that notes on disk what it is asked, before it answers."""

    def __init__(self, log, route):
        super().__init__()
        self._log, self._route = log, route

    async def ask(self, turns, system="", repeat=0):
        WRITE(self._log, json.dumps([self._route, turns[-1], repeat]).encode() + b"\n")
        return await super().ask(turns, system, repeat)


def lay_trap(after, how):
    """Let this process be killed at the call number `after`."""
    left = [after]

    def trapped(real):
        def call(*args, **kwargs):
            left[0] -= 1
            if left[0] >= 0:
                return real(*args, **kwargs)
            if how == "middle" and real is WRITE:
                WRITE(args[0], bytes(args[1])[: len(args[1]) // 2])
            elif how == "after":
                real(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        return call

    for name in CALLS:
        setattr(os, name, trapped(getattr(os, name)))


def live(path, log, trap):
    """Live once; give how the process ended."""
    pid = os.fork()
    if pid == 0:
        if trap:
            lay_trap(*trap)
        courses.drive(RunFolder(path), Logged(log, "gateway"), Logged(log, "model"))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def answered(path):
    """Give what the journal has answers to, as the log names it."""
    run = RunFolder(path)
    if not (path / "journal").exists() or not (path / "journal").stat().st_size:
        return set(), 1
    with run.journal() as journal:
        asked = run.all(journal)
        there = {(one.trial.target, one.item.turns[-1], one.trial.repeat) for one in asked
                 if journal.reply(one.trial)}  # fmt: skip
    return there, 1 + (len(asked) > len(run.plain))


def main():
    path, kills, chance = Path(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))  # noqa: S311
    file = path.parent / "asked"
    log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    lives, seen, twice, phases, code = 0, 0, [], set(), None
    while code != 0:
        known, phase = answered(path)
        trap = (chance.randint(1, 5), chance.choice(["before", "middle", "after"]))
        code = live(path, log, trap if lives < kills else None)
        lives += code == -signal.SIGKILL
        assert code in (0, -signal.SIGKILL), code
        phases.add(phase)
        lines = [tuple(json.loads(line)) for line in file.read_text().splitlines()]
        twice += [one for one in lines[seen:] if one in known]
        seen = len(lines)
    asked = Counter(lines)
    print(json.dumps({"kills": lives, "twice": twice, "asked": len(lines), "trials": len(asked),
                      "phases": len(phases)}))  # fmt: skip


main()
