"""What every `Ledger` promises; the files on disk and the list in memory alike."""

from __future__ import annotations

import asyncio

import pytest

from fakes import MemoryLedger
from kanhe.errors import LedgerUnwritable
from kanhe.ledger.entry import decode
from ledgers import NOW, durable, open_async

TAG = "gateway:answer:begun"


@pytest.fixture(params=["files", "memory"])
def run(request, tmp_path):
    """Run `test(ledger, read)` in a loop of its own; `read()` gives the entries on record."""

    async def inside(test):
        if request.param == "files":
            ledger = await open_async(tmp_path)
            await test(ledger, lambda: [decode(raw) for raw in durable(tmp_path)])
        else:
            ledger = MemoryLedger(lambda: NOW)
            await test(ledger, lambda: ledger.entries)
        await ledger.aclose()

    return lambda test: asyncio.run(inside(test))


def test_an_entry_is_on_record_once_its_index_is_given(run):
    async def test(ledger, read):
        assert ledger.size == 0
        assert await ledger.append(TAG, {"app": "demo", "n": 1}) == 0
        assert ledger.size == 1
        (entry,) = read()
        assert (entry.tag, entry.facts) == (TAG, {"app": "demo", "n": 1})
        assert entry.at == NOW.replace(microsecond=123_000)

    run(test)


def test_entries_keep_the_order_of_the_calls(run):
    async def test(ledger, read):
        futures = [ledger.submit(TAG, {"n": n}) for n in range(50)]
        assert await asyncio.gather(*futures) == list(range(50))
        assert await ledger.append(TAG, {"n": 50}) == 50
        assert [entry.facts["n"] for entry in read()] == list(range(51))

    run(test)


def test_submit_returns_before_the_entry_is_durable(run):
    async def test(ledger, read):
        future = ledger.submit(TAG, {})
        assert not future.done()
        assert ledger.size == 0
        assert await future == 0

    run(test)


def test_facts_changed_after_the_call_do_not_change_the_entry(run):
    async def test(ledger, read):
        facts = {"n": 1, "list": [1]}
        future = ledger.submit(TAG, facts)
        facts["n"] = 2
        facts["list"].append(2)
        await future
        assert read()[0].facts == {"n": 1, "list": [1]}

    run(test)


def test_what_is_no_entry_is_refused_at_once_and_spoils_nothing(run):
    async def test(ledger, read):
        good = ledger.submit(TAG, {})
        with pytest.raises(ValueError, match="source:subject:action"):
            ledger.submit("begun", {})
        with pytest.raises(ValueError, match="float"):
            ledger.submit(TAG, {"n": 0.5})
        assert await good == 0
        assert await ledger.append(TAG, {}) == 1

    run(test)


def test_a_caller_that_goes_away_leaves_its_entry(run):
    async def test(ledger, read):
        future = ledger.submit(TAG, {"n": 0})
        future.cancel()
        assert await ledger.append(TAG, {"n": 1}) == 1
        assert len(read()) == 2

    run(test)


def test_closing_finishes_what_was_submitted_and_refuses_the_rest(run):
    async def test(ledger, read):
        future = ledger.submit(TAG, {"n": 0})
        await ledger.aclose()
        assert await future == 0
        with pytest.raises(LedgerUnwritable, match="it is closed"):
            await ledger.append(TAG, {"n": 1})
        await ledger.aclose()
        assert len(read()) == 1

    run(test)
