"""What the ledger costs: appending with every batch on the medium, and verifying from the files.

    python bench/ledger.py [--entries N] [--dir PLACE]

Entries are those of a gateway: two a request, five facts, about 250 bytes. `CPU` is of the whole
process, publishing included. The medium is that of PLACE: choose the disk the ledger will be on.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

import uvloop

from kanhe.adapters.ledger_directory import reader
from kanhe.adapters.ledger_files import FileLedger, open_ledger
from kanhe.ledger.note import Signer
from kanhe.ledger.verification import head, verify

SIGNER = Signer("bench.example/ledger", bytes(32))
FACTS = {
    "app": "demo",
    "decision": "01K9Z3V5T8Q2M4N6P7R9S1W3X5",
    "model": "smollm2-135m",
    "ruleset": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "stream": True,
}


@contextmanager
def measured(what: str, count: int) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what:<34}{count:>9,}{count / wall:>12,.0f}{cpu / count * 1e6:>10.1f}")


async def callers(ledger: FileLedger, concurrent: int, each: int) -> None:
    """Append as requests do: each caller waits for its entry before it makes the next."""

    async def caller() -> None:
        for _ in range(each):
            await ledger.submit("gateway:answer:begun", FACTS)

    await asyncio.gather(*(caller() for _ in range(concurrent)))


async def append(directory: Path, entries: int) -> None:
    for concurrent in (1, 8, 64, 512):
        count = entries if concurrent > 8 else entries // 10
        ledger = open_ledger(directory, SIGNER)
        count = count // concurrent * concurrent
        with measured("  … and published", count):
            with measured(f"append, {concurrent} callers at a time", count):
                await callers(ledger, concurrent, count // concurrent)
            await ledger.aclose()


async def wait_times(directory: Path) -> None:
    """Measure what a caller waits for its entry while others keep the event loop busy."""
    ledger, waits = open_ledger(directory, SIGNER), []

    async def caller() -> None:
        for _ in range(200):
            begun = time.perf_counter()
            await ledger.submit("gateway:answer:begun", FACTS)
            waits.append(time.perf_counter() - begun)
            for _ in range(3):  # as if guarding chunks
                until = time.perf_counter() + 0.0001
                while time.perf_counter() < until:
                    pass
                await asyncio.sleep(0)

    await asyncio.gather(*(caller() for _ in range(8)))
    await ledger.aclose()
    middle, late = quantiles(waits, n=100)[49], quantiles(waits, n=100)[98]
    print(f"wait, 8 callers, loop busy: p50 {middle * 1e3:.2f} ms, p99 {late * 1e3:.2f} ms")


def prove(directory: Path) -> None:
    read = reader(directory)
    signed = head(read, SIGNER.verifier()).checkpoint
    with measured("verify", signed.size):
        verify(read, signed, progress=lambda _: None)
    with measured("open again", 1):
        asyncio.run(open_ledger(directory, SIGNER).aclose())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--dir", type=Path, default=Path())
    asked = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="bench-ledger-", dir=asked.dir))
    print(f"{'':<34}{'count':>9}{'per second':>12}{'CPU µs':>10}")
    try:
        uvloop.run(append(directory, asked.entries))
        prove(directory)
        uvloop.run(wait_times(directory))
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
