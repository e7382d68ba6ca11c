"""Ledgers with a history, for tests of what looks at them: written, published, and damaged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kanhe.adapters.ledger_files import open_ledger
from kanhe.adapters.ledger_memory import SignedMemory
from kanhe.ledger.entry import Json
from ledgers import NEVER, SIGNER

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)

Made = tuple[str, dict[str, Json]]


def data_directory(data: Path) -> Path:
    """Give a data directory whose ledger's key is that of the tests."""
    keys = data / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    key = keys / "ledger.key"
    key.write_text(f"{SIGNER.text}\n")
    key.chmod(0o600)
    return data


def add(data: Path, made: Sequence[Made], *, publish: bool = True, start: datetime = START) -> None:
    """Add entries, one a second from `start`; without `publish` they stay in the journal."""

    async def run() -> None:
        times = iter(range(len(made) + 1))
        ledger = open_ledger(
            data / "ledger", SIGNER, every_s=NEVER,
            clock=lambda: start + timedelta(seconds=next(times)),
            signed=SignedMemory(data / "keys" / "ledger.signed").keep,
        )  # fmt: skip
        await asyncio.gather(*(ledger.submit(tag, facts) for tag, facts in made))
        if publish:
            await ledger.aclose()
        else:
            # Nothing is published on the way: what a reader sees beside a running writer.
            await _leave(ledger)

    asyncio.run(run())


async def _leave(ledger) -> None:
    ledger._publisher.publish = lambda size: ledger._publisher.head
    await ledger.aclose()


def begun(number: str, **more: Json) -> Made:
    facts = {"app": "shop", "decision": number, "model": "m", "path": "/chat/completions",
             "prompt": "sha256-salted:0", "ruleset": "v1"}  # fmt: skip
    return "gateway:answer:begun", {**facts, **more}


def ended(number: str, kind: str = "released", **more: Json) -> Made:
    return f"gateway:answer:{kind}", {"decision": number, **more}


def requests(count: int, first: int = 0) -> list[Made]:
    """Give `count` released exchanges, two entries each."""
    numbers = [f"{n:024x}" for n in range(first, first + count)]
    return [one for n in numbers for one in (begun(n), ended(n, characters=5))]
