#!/usr/bin/env python3
"""Compare Kanhe side by side with LiteLLM, NeMo Guardrails and Portkey, by the shared bench.

    sudo python bench/compare.py                    all five, three rounds, docs/benchmarks.md anew
    sudo python bench/compare.py --quick --only kanhe --only direct       a look, nothing rewritten

Each gateway runs with the fake upstream and the client in a network namespace in which only
loopback is up. Rounds are interleaved, and each round begins with another gateway, so that a noisy
minute falls on all alike. After the rounds every gateway is asked once for its leaks, whether the
upstream is closed after a stop, which surfaces it reads, and whether harmless answers come whole.

Refuses to start without root, `unshare`, the shared bench or a contender's program. Rewrites the
document only after a whole run (all five, not quick). Needs nothing outside the standard library.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import machine
import report
from contenders import NAMES, Contender, NotReadyError, Places, contender

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SHARED = ROOT.parent / "shared"
TERMS = SHARED / "data/terms/terms_100k.txt.gz"
DOCUMENT = ROOT / "docs/benchmarks.md"
RESULTS = HERE / "results"

# run_one.sh itself stops the measuring after 280 s; a gateway may take 120 s to come up.
ONE_RUN_S = 430
CHECKS = {
    "leak": ("measure.py", ["--phases", "leak"]),
    "cancel": ("cancel_test.py", []),
    "surface": ("surface_test.py", []),
    "whole": ("whole_test.py", []),
}

Result = dict[str, Any]  # what the shared bench prints: its own JSON, read at the edge only


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int
    measure: tuple[str, ...]
    checks: tuple[str, ...]


def main() -> int:
    """Run the comparison the command line asks for; 1 when it could not start."""
    args = _arguments()
    try:
        if args.render:
            outcome = json.loads(args.render.read_text(encoding="utf-8"))
        else:
            _check_machine()
            outcome = _run(args)
    except NotReadyError as error:
        print(f"compare: {error}", file=sys.stderr)
        return 1
    print("\n" + report.tables(outcome))
    if args.render or not (args.quick or args.only):
        report.write(DOCUMENT, report.tables(outcome))
        print(f"\nwritten: {DOCUMENT.relative_to(ROOT)}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each gateway (default 3)")
    parser.add_argument("--quick", action="store_true", help="one short round; no document")
    parser.add_argument("--only", action="append", choices=NAMES, help="only this one; repeatable")
    parser.add_argument("--no-checks", action="store_true", help="no leaks, surfaces, cancelling")
    parser.add_argument("--kanhe", type=Path, default=ROOT / ".venv/bin/kanhe", help="our program")
    parser.add_argument(
        "--keep", action="store_true", help="keep the temporary folder and its logs"
    )
    parser.add_argument("--render", type=Path, metavar="JSON", help="only write the document anew")
    return parser.parse_args()


def _check_machine() -> None:
    """Raise NotReadyError for the first thing that run_one.sh would stumble over."""
    for program in ("unshare", "ip", "bc", "bash"):
        if not shutil.which(program):
            raise NotReadyError(f"the program {program!r} is missing (util-linux, iproute2, bc).")
    namespace = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
    if namespace.returncode:
        raise NotReadyError(
            "no network namespace may be made here: the gateways run without a way out. "
            "Run as root: sudo python bench/compare.py (in a container: with CAP_SYS_ADMIN)."
        )
    if not (SHARED / "bench/run_one.sh").exists():
        raise NotReadyError("../shared/bench is not beside the checkout; the harness lies there.")


def _run(args: argparse.Namespace) -> Result:
    plan = _plan(args)
    with _workshop(keep=args.keep) as folder:
        at = Places(folder / "bench", folder / "kanhe", _peers(), args.kanhe)
        them = [contender(name, at) for name in NAMES if name in (args.only or NAMES)]
        outcome = {
            "at": time.strftime("%Y-%m-%d %H:%M %Z"),
            "commit": _commit(),
            "machine": machine.description(),
            "titles": {one.name: one.title for one in them},
            "rounds": {one.name: [] for one in them},
            "checks": {one.name: {} for one in them},
        }
        _measure(them, plan, at, outcome)
        outcome["ended"] = time.strftime("%H:%M")
        _save(outcome)
        return outcome


def _measure(them: list[Contender], plan: Plan, at: Places, outcome: Result) -> None:
    for turn in range(plan.rounds):
        first = turn % len(them)
        for one in them[first:] + them[:first]:
            found = _one(one, at, "measure.py", list(plan.measure))
            outcome["rounds"][one.name].append(found)
            _say(one, f"round {turn + 1}/{plan.rounds}", found)
            _save(outcome)  # an interrupted hour is not lost
    for one in filter(lambda one: one.guarded, them):
        for check in plan.checks:
            script, args = CHECKS[check]
            outcome["checks"][one.name][check] = found = _one(one, at, script, args)
            _say(one, check, found)


def _plan(args: argparse.Namespace) -> Plan:
    phases = ["--phases", "lat,thr,stream,paced"]
    if args.quick:
        phases += ["--n", "40", "--secs", "2"]
    checks = () if args.no_checks else tuple(CHECKS)
    return Plan(1 if args.quick else args.rounds, tuple(phases), checks)


def _one(one: Contender, at: Places, script: str, args: list[str]) -> Result:
    """Run one script of the bench against one gateway; what failed stands under `failed`."""
    busy, before = machine.busy(), machine.load()
    command = ["./run_one.sh", one.name, str(one.port), one.health, one.start, *args]
    if one.headers:
        command += ["--headers", one.headers]
    # BENCH_HOME means two things: to run_one.sh it is the HOME of what it starts.
    home = at.bench.parent / "home" / one.name
    env = os.environ | {"BENCH_HOME": str(home), "PY": sys.executable, "SCRIPT": script}
    printed = _finish(command, at.bench, env)
    found = _result(at.bench, one.name, printed)
    started = re.search(r"start_s ([\d.]+)", printed)
    found |= {"busy_before": busy, "load_before": before, "load_after": machine.load()}
    return found | {"start_s": float(started[1]) if started else None}


def _finish(command: list[str], cwd: Path, env: dict[str, str]) -> str:
    """Run to the end in a session of its own; whatever it leaves behind ends with it."""
    process = subprocess.Popen(
        command, cwd=cwd, env=env, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        return process.communicate(timeout=ONE_RUN_S)[0]
    except subprocess.TimeoutExpired:
        return f"not finished after {ONE_RUN_S} s"
    finally:
        _end_session(process.pid)
        process.wait()


def _end_session(leader: int) -> None:
    """End every process of the session that `leader` began: exactly those that we started.

    Not the process group: `timeout` in run_one.sh makes a group of its own.
    """
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # After the name, which may hold anything but ends at the last bracket: state, parent,
            # group, session (proc(5), /proc/pid/stat).
            fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(fields[3]) == leader:
                os.kill(int(entry.name), signal.SIGKILL)


def _result(bench: Path, name: str, printed: str) -> Result:
    try:
        found: Result = json.loads((bench / f"results/{name}.json").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        log = bench / f"logs/{name}.log"
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""
        return {"failed": "no result", "printed": printed[-2000:], "log": tail}
    finally:
        (bench / f"results/{name}.json").unlink(missing_ok=True)
    if "warmup_failed" in found:
        found["failed"] = f"the warm-up answered {found['warmup_failed'][0]}"
    return found


@contextlib.contextmanager
def _workshop(*, keep: bool) -> Iterator[Path]:
    """Make a writable copy of the shared bench and of our configuration, with the lexicon."""
    folder = Path(tempfile.mkdtemp(prefix="kanhe-bench-"))
    try:
        # copyfile, not copy: the shared folder is read-only and its modes must not come along.
        shutil.copytree(SHARED / "bench", folder / "bench", copy_function=shutil.copyfile)
        shutil.copytree(HERE / "conf/kanhe", folder / "kanhe", copy_function=shutil.copyfile)
        shutil.copyfile(HERE / "whole_test.py", folder / "bench/whole_test.py")
        for place in (folder / "bench", *(folder / "bench").rglob("*")):
            if place.is_dir() or place.suffix == ".sh":
                place.chmod(0o755)
        with gzip.open(TERMS) as packed, (folder / "kanhe/terms_100k.txt").open("wb") as terms:
            shutil.copyfileobj(packed, terms)
        yield folder
    finally:
        if keep:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _peers() -> Path:
    return Path(os.environ.get("BENCH_HOME") or Path.home() / ".cache/kanhe-bench")


def _commit() -> str:
    said = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return said.stdout.strip() or "unknown"


def _save(outcome: Result) -> None:
    RESULTS.mkdir(exist_ok=True)
    name = "compare-" + re.sub(r"\D", "", outcome["at"])[:12]
    written = json.dumps(outcome, ensure_ascii=False, indent=1)
    (RESULTS / f"{name}.json").write_text(written, encoding="utf-8")


def _say(one: Contender, what: str, found: Result) -> None:
    state = found.get("failed", "done")
    quiet = (
        "" if found["busy_before"] < 0.1 else f", machine {found['busy_before']:.0%} busy before"
    )
    print(f"{time.strftime('%H:%M:%S')} {one.name:8} {what:10} {state}{quiet}", flush=True)
    if "failed" in found:
        print(found.get("printed", ""), found.get("log", ""), sep="\n", file=sys.stderr)


if __name__ == "__main__":
    # An end from outside must pass through `finally`, or a gateway would be left running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
