"""The live stream: counts, stops one by one, and an end."""

import asyncio
import json

import pytest

from kanhe.console import live
from kanhe.gateway.journal import Told
from upstream import on_loop

STOP = {"decision": "d1", "rule": "r", "category": "A.1.h", "user": "p-123", "length": 3}


class Live:
    """A `LiveServed` that tells what the test has put there."""

    def __init__(self, *told):
        self.counts = {}
        self.stops = list(told)
        self.stopping = asyncio.Event()

    def told(self, after):
        return tuple(one for one in self.stops if one.number > after)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(live, "EVERY_S", 0.001)
    monkeypatch.setattr(live, "LONGEST_S", 0.005)


async def events(served, after=None, *, stops=True):
    return [piece async for piece in live._events(served, after, stops=stops)]


def stop(number, **facts):
    return Told(number, number + 10, "gateway:answer:stopped", STOP | facts)


@on_loop
async def test_counts_are_told_once_while_they_stay_the_same():
    served = Live()
    served.counts = {"gateway:answer:begun": 2}
    told = [piece for piece in await events(served) if "counts" in piece]
    assert told == ['event: counts\ndata: {"entries": {"gateway:answer:begun": 2}}\n\n']


@on_loop
async def test_a_reader_who_comes_back_gets_what_was_missed_and_nothing_twice():
    pieces = await events(Live(stop(1), stop(2), stop(3)), after=1)
    assert [p.splitlines()[0] for p in pieces if "decision" in p] == ["id: 2", "id: 3"]


@on_loop
async def test_a_new_reader_begins_with_what_is_next():
    assert not [p for p in await events(Live(stop(1))) if "event: decision" in p]


@on_loop
async def test_a_number_from_before_a_restart_is_no_number_of_ours():
    assert not [p for p in await events(Live(stop(1)), after=900) if "event: decision" in p]


@on_loop
async def test_who_may_not_see_decisions_is_told_counts_only():
    assert not [p for p in await events(Live(stop(1)), after=0, stops=False) if "decision" in p]


@on_loop
async def test_a_stop_is_told_without_the_pseudonym():
    (piece,) = [p for p in await events(Live(stop(1)), after=0) if "event: decision" in p]
    data = json.loads(piece.partition("data: ")[2])
    assert data["decision"] == "d1"
    assert "p-123" not in piece


@on_loop
async def test_a_fact_with_line_breaks_begins_no_event_of_its_own():
    pieces = await events(Live(stop(1, rule="r\n\nevent: counts\ndata: {}")), after=0)
    (piece,) = [p for p in pieces if "event: decision" in p]
    assert len(piece.splitlines()) == 4


@on_loop
async def test_the_stream_ends_when_the_service_is_told_to_stop(monkeypatch):
    monkeypatch.setattr(live, "LONGEST_S", 1000.0)
    served = Live()
    served.stopping.set()
    await asyncio.wait_for(events(served), 5)
