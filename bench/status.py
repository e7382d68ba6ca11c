"""What the status costs over a large ledger: the first look, later ones, and pages of decisions.

    python bench/status.py [--entries N] [--dir PLACE]

The ledger is made once and kept in PLACE (~/.cache/kanhe-bench): entries as the gateway and the
operators' side write them, two a request, over thirty days. `cold` is `kanhe status` in a fresh
process, start of Python included; `warm` is the same question in a process that has answered it.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from kanhe.adapters.disk import Disk
from kanhe.adapters.ledger_publisher import Publisher
from kanhe.adapters.ledger_view import VIEWS, LedgerView, open_view
from kanhe.gateway.decision import DecisionQuery, Kind
from kanhe.ledger.checkpoint import Checkpoint
from kanhe.ledger.entry import encode
from kanhe.ledger.note import Signer

SIGNER = Signer("bench.example/ledger", bytes(range(32)))
APPS = ("shop", "help-desk", "school", "intranet", "partner")
MODELS = ("large-1", "large-2", "small-1")
RULES = [(f"rule-{n:02d}", f"A.{1 + n % 5}.{'abcdef'[n % 6]}") for n in range(60)]
SURFACES = ("content", "reasoning", "tool-arguments", "system", "user")
FOLDS = ("case", "width", "traditional", "separators", "homophone")
VERSION = "ab" * 32


def _hex(chance: random.Random, digits: int) -> str:
    return f"{chance.getrandbits(4 * digits):0{digits}x}"


def exchange(chance: random.Random, at: datetime) -> Iterator[bytes]:
    """Give the entries of one request: nine of ten are released."""
    number = _hex(chance, 24)
    rule, category = chance.choice(RULES)
    begun: dict = {
        "app": chance.choice(APPS), "decision": number, "model": chance.choice(MODELS),
        "path": "/chat/completions",
    }  # fmt: skip
    if chance.random() < 0.5:
        begun["user"] = f"hmac-sha256:{chance.randrange(20_000):064x}"
    stop = {
        "rule": rule, "category": category, "severity": "high", "ruleset": VERSION,
        "surface": chance.choice(SURFACES), "folds": [chance.choice(FOLDS)], "length": 4,
    }  # fmt: skip
    luck = chance.random()
    if luck < 0.05:
        yield encode("gateway:prompt:refused", at, {**begun, **stop})
        return
    commitment = f"sha256-salted:{_hex(chance, 64)}"
    facts = {**begun, "prompt": commitment, "ruleset": VERSION}
    yield encode("gateway:answer:begun", at, facts)
    later = at + timedelta(milliseconds=chance.randrange(200, 20_000))
    if luck < 0.09:
        stopped = {"decision": number, **stop, "released": 214, "events": 80}
        yield encode("gateway:answer:stopped", later, stopped)
    elif luck < 0.1:
        yield encode("gateway:answer:abandoned", later, {"decision": number, "released": 3})
    else:
        released = {"decision": number, "characters": 812, "events": 240}
        yield encode("gateway:answer:released", later, released)


def entries(count: int, end: datetime) -> Iterator[bytes]:
    """Give a ledger's life of thirty days, once a day with what operators leave behind."""
    chance, start = random.Random(7), end - timedelta(days=30)
    step = timedelta(days=30) / count
    day, made = -1, 0
    while made < count:
        at = start + made * step
        if (at - start).days != day:
            day = (at - start).days
            yield encode("operator:ruleset:loaded", at, {"version": VERSION, "rules": 60})
            made += 1
        for entry in exchange(chance, at):
            yield entry
            made += 1


def make(data: Path, count: int) -> None:
    """Write the ledger: the publisher's files, without a journal."""
    (data / "keys").mkdir(parents=True, exist_ok=True)
    key = data / "keys" / "ledger.key"
    key.write_text(f"{SIGNER.text}\n")
    key.chmod(0o600)
    directory = data / "ledger"
    directory.mkdir()
    publisher = _Unsynced(Disk(), directory, SIGNER)
    publisher.put("verifier.key", f"{SIGNER.verifier()}\n".encode())
    publisher.write(entries(count, datetime.now(UTC) - timedelta(minutes=1)))
    (data / "keys" / "ledger.signed").write_text(f"{publisher.head.size}\n")


class _Unsynced(Publisher):
    """Publishes what it is given at once, without waiting for the disk."""

    def write(self, made: Iterator[bytes]) -> None:
        self._disk.write_synced = lambda path, data, mode=0o644: path.write_bytes(data)  # type: ignore[method-assign]
        for file in self._edge.push(made):
            self._place(file)
        self._place_all(self._edge.partials())
        tree = self._edge.tree
        self._sign(Checkpoint(SIGNER.name, tree.size, tree.root()))


def spent() -> float:
    """Return the CPU seconds of this process and of those it has waited for."""
    ours, theirs = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return ours.ru_utime + ours.ru_stime + theirs.ru_utime + theirs.ru_stime


def timed(what: str, do: Callable[[], object], times: int = 5) -> None:
    walls, cpu = [], spent()
    for _ in range(times):
        begun = time.perf_counter()
        do()
        walls.append(time.perf_counter() - begun)
    cpu = (spent() - cpu) / times
    print(f"{what:<46}{median(walls) * 1e3:>10.1f}{max(walls) * 1e3:>10.1f}{cpu * 1e3:>10.1f}")


def queries(view: LedgerView, number: str) -> Iterator[tuple[str, DecisionQuery]]:
    now = datetime.now(UTC)
    yield "newest", DecisionQuery()
    yield "one kind", DecisionQuery(kinds=(Kind.STOPPED, Kind.REFUSED))
    yield "rule and app", DecisionQuery(rule="rule-07", app="school")
    yield (
        "rule, app, model, surface, fold",
        DecisionQuery(
            rule="rule-07", app="school", model="small-1", surface="system", fold="homophone"
        ),
    )
    yield "nothing fits", DecisionQuery(rule="rule-07", category="none")
    yield "user", DecisionQuery(user=f"hmac-sha256:{77:064x}")
    yield "user and rule", DecisionQuery(user=f"hmac-sha256:{77:064x}", rule="rule-07")
    yield "number, six characters", DecisionQuery(number=number[:6])
    yield "number, one character", DecisionQuery(number=number[:1])
    yield (
        "a day, a fortnight ago",
        DecisionQuery(
            kinds=(Kind.STOPPED,), since=now - timedelta(days=15), until=now - timedelta(days=14)
        ),
    )
    yield "deep page", DecisionQuery(kinds=(Kind.RELEASED,), before=view.size // 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--dir", type=Path, default=Path("~/.cache/kanhe-bench").expanduser())
    asked = parser.parse_args()
    data = asked.dir / f"status-{asked.entries}"
    if not (data / "keys" / "ledger.signed").exists():
        begun = time.perf_counter()
        make(data, asked.entries)
        print(f"made {data} in {time.perf_counter() - begun:.0f} s")
    print(f"{'milliseconds':<46}{'wall p50':>10}{'wall max':>10}{'CPU':>10}")
    command = [Path(sys.executable).with_name("kanhe"), "status", "--data", str(data), "-q"]
    timed("cold: kanhe status", lambda: subprocess.run(command, check=False), 5)
    views = data / VIEWS
    for end in ("", "-wal", "-shm"):
        views.with_name(views.name + end).unlink(missing_ok=True)
    view = open_view(data)
    timed("first look in this process, no helper", view.picture, 1)
    timed("warm: picture", view.picture, 10)
    timed("projection of decisions, whole", view.index, 1)
    number = view.decisions(DecisionQuery(limit=1)).decisions[0].number
    for what, query in queries(view, number):
        timed(f"page: {what}", lambda query=query: view.decisions(query), 9)
    timed("one decision", lambda: view.decision(number), 9)
    now = datetime.now(UTC)
    timed("tallies of 30 days by the hour", lambda: view.tallies(now - timedelta(days=30), now), 9)
    timed("picture of 15 days ago", lambda: view.picture(now - timedelta(days=15)), 1)
    view.close()


if __name__ == "__main__":
    main()
