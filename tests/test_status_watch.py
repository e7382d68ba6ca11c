"""The watch of the status: what changed is recorded once, told once, and causes no other change.

Planted faults that these catch (each was tried): counting our own entries among what a status
depends on (`_of` without its filter); forgetting how duties stood before a restart.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fakes import MemoryLedger
from kanhe.adapters import status_watch
from kanhe.adapters.live_status import LiveStatus
from kanhe.adapters.package_data import regime
from kanhe.adapters.status_watch import StatusWatch, recorded
from kanhe.errors import LedgerUnwritable
from kanhe.ledger.entry import decode
from kanhe.status.determination import determined
from kanhe.status.fold import folded
from kanhe.status.picture import Sound, Unsound
from kanhe.status.record import DOUBTED
from upstream import on_loop

LAW = regime()
DETERMINED = "operator:scope:determined"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in the regime's zone


class MemoryView:
    """What a watch asks of a `LedgerView`, over a ledger in memory."""

    def __init__(self, ledger):
        self.ledger, self.unsound, self.pictures = ledger, None, 0

    def picture(self, at=None):
        self.pictures += 1
        fold = folded(self.ledger.raw)
        return fold.picture(at, self.soundness)

    @property
    def soundness(self):
        return self.unsound or Sound(len(self.ledger.raw), b"")

    def index(self, most=None):
        return 0


class Listener:
    def __init__(self):
        self.heard = []

    def tell(self, kind, facts):
        self.heard.append((kind, facts))


class Bench:
    def __init__(self):
        self.now = NOON
        self.ledger = MemoryLedger(lambda: self.now)
        self.view, self.listener = MemoryView(self.ledger), Listener()
        self.watch = self.again()

    def again(self):
        return StatusWatch(LAW, self.view, self.ledger, (self.listener,), lambda: self.now)

    async def answer(self, **answers):
        await self.ledger.append(DETERMINED, determined(LAW, answers, "cli"))

    @property
    def changed(self):
        return [e.facts for e in self.ledger.entries if e.tag == "service:obligation:changed"]

    @property
    def computed(self):
        return [e.facts for e in self.ledger.entries if e.tag == "service:status:computed"]


@pytest.fixture
def bench():
    return Bench()


@on_loop
async def test_a_change_is_recorded_and_told_with_what_it_was_before(bench):
    await bench.watch.look()
    assert bench.changed == []
    await bench.answer(public=False)
    assert await bench.watch.look()
    lines = {line.obligation.id: line.standing.value for line in bench.watch.status.lines}
    assert {one["obligation"]: one["after"] for one in bench.changed}.items() <= lines.items()
    assert {one["before"] for one in bench.changed} == {"unknown"}
    ((kind, facts),) = bench.listener.heard
    assert kind == "status.changed"
    numbers = [one["entry"] for one in facts["changes"]]
    told = [decode(bench.ledger.raw[number]).facts for number in numbers]
    assert told == bench.changed
    assert facts["counts"]["not-applicable"] == list(lines.values()).count("not-applicable")


@on_loop
async def test_a_change_causes_no_other(bench):
    await bench.watch.look()
    await bench.answer(public=False)
    assert await bench.watch.look()
    size = bench.ledger.size
    for _ in range(5):
        assert not await bench.watch.look()
    assert bench.ledger.size == size


@on_loop
async def test_the_status_is_computed_anew_after_a_while_even_if_nothing_was_added(
    bench, monkeypatch
):
    await bench.watch.look()
    monkeypatch.setattr(status_watch, "_ANEW_S", 0.0)
    size = bench.ledger.size
    assert await bench.watch.look()
    assert bench.ledger.size == size


@on_loop
async def test_a_day_has_one_heartbeat_in_the_zone_of_the_regime(bench):
    for hours in (0, 3, 11, 12, 13, 36):  # midnight in Shanghai comes after the twelfth
        bench.now = NOON + timedelta(hours=hours)
        await bench.watch.look()
    assert len(bench.computed) == 3
    assert bench.computed[0]["counts"]["unknown"] > 100
    assert bench.computed[0]["regime"] == LAW.id


@on_loop
async def test_a_restart_remembers_how_duties_stood(bench):
    await bench.watch.look()
    await bench.answer(public=False)
    await bench.again().look()  # nobody was there when it changed
    assert len(bench.changed) > 100
    size = bench.ledger.size
    await bench.again().look()
    assert bench.ledger.size == size


@on_loop
async def test_what_is_recorded_adds_up_to_how_duties_stand(bench):
    """Heartbeat and changes, replayed, give the status computed last: the oracle is `compute`."""
    for answers in ({"public": True}, {"public": False}, {"public": True, "minors": False}):
        bench.now += timedelta(hours=9)
        await bench.answer(**answers)
        await bench.watch.look()
        stand = {line.obligation.id: line.standing.value for line in bench.watch.status.lines}
        assert recorded(bench.view.picture(bench.now), LAW) == stand


@on_loop
async def test_nothing_is_written_about_a_ledger_that_does_not_add_up(bench):
    await bench.watch.look()
    size = bench.ledger.size
    bench.view.unsound = Unsound(3, "its hash is another one")
    for _ in range(3):
        await bench.watch.look()
    assert bench.ledger.size == size
    assert bench.listener.heard == [
        ("ledger.unsound", {"entry": 3, "why": "its hash is another one"})
    ]
    assert bench.watch.status.counts[next(iter(bench.watch.status.counts))] == 0
    bench.view.unsound = None
    await bench.watch.look()
    assert bench.changed == []


@on_loop
@pytest.mark.parametrize("entry", [3, None])
async def test_a_ledger_that_adds_up_again_is_told_once_and_leaves_a_trace(bench, entry, caplog):
    """Fails where what was altered and then overwritten turns green without a word."""
    await bench.watch.look()
    bench.view.unsound = Unsound(entry, "its hash is another one")
    await bench.watch.look()
    bench.view.unsound = None
    for _ in range(3):
        await bench.watch.look()
    (doubted,) = [e for e in bench.ledger.entries if e.tag == DOUBTED]
    assert doubted.facts == {"entry": entry, "why": "its hash is another one"}
    number = bench.ledger.entries.index(doubted)
    assert bench.listener.heard[1:] == [("ledger.sound", {**doubted.facts, "recorded": number})]
    assert "adds up again" in caplog.text
    assert bench.view.picture(bench.now).last(DOUBTED).index == number


@on_loop
async def test_a_doubt_that_could_not_be_recorded_is_recorded_before_it_is_called_sound(
    bench, monkeypatch
):
    bench.view.unsound = Unsound(3, "its hash is another one")
    await bench.watch.look()
    bench.view.unsound = None
    append = bench.ledger.append

    async def fail(tag, facts):
        raise LedgerUnwritable("the disk is full", advice="")

    monkeypatch.setattr(bench.ledger, "append", fail)
    await bench.watch.look()
    assert [kind for kind, _ in bench.listener.heard] == ["ledger.unsound"]
    monkeypatch.setattr(bench.ledger, "append", append)
    await bench.watch.look()
    assert [kind for kind, _ in bench.listener.heard] == ["ledger.unsound", "ledger.sound"]


@on_loop
async def test_a_change_that_could_not_be_recorded_is_recorded_later(bench, monkeypatch):
    await bench.watch.look()
    await bench.answer(public=False)
    append = bench.ledger.append

    async def fail(tag, facts):
        raise LedgerUnwritable("the disk is full", advice="")

    monkeypatch.setattr(bench.ledger, "append", fail)
    await bench.watch.look()
    assert bench.changed == []
    monkeypatch.setattr(bench.ledger, "append", append)
    await bench.watch.look()
    assert len(bench.changed) > 100


@on_loop
async def test_the_live_status_is_computed_once_for_all_who_ask(bench):
    live = LiveStatus(LAW, bench.view, lambda: bench.ledger.size, lambda: bench.now)
    assert live.known is None
    first = await asyncio.gather(*(live.now() for _ in range(20)))
    assert bench.view.pictures == 1
    assert {id(one) for one in first} == {id(live.known)}


@on_loop
async def test_the_live_status_follows_the_ledger_and_the_day(bench, monkeypatch):
    monkeypatch.setattr("kanhe.adapters.live_status._AT_LEAST_S", 0.0)
    live = LiveStatus(LAW, bench.view, lambda: bench.ledger.size, lambda: bench.now)
    first = await live.now()
    assert await live.now() is first
    await bench.answer(public=False)
    second = await live.now()
    assert second.answers == {"public": False}
    assert await live.now() is second
    bench.now += timedelta(days=1)
    assert (await live.now()).day == second.day + timedelta(days=1)


@on_loop
async def test_the_live_status_says_at_once_what_somebody_found_altered(bench, monkeypatch):
    monkeypatch.setattr("kanhe.adapters.live_status._AT_LEAST_S", 0.0)
    live = LiveStatus(LAW, bench.view, lambda: bench.ledger.size, lambda: bench.now)
    assert isinstance((await live.now()).soundness, Sound)
    bench.view.unsound = Unsound(0, "entry 0 was altered")
    assert (await live.now()).soundness == bench.view.unsound
    bench.view.unsound = None
    assert isinstance((await live.now()).soundness, Sound)


@on_loop
async def test_another_day_can_be_asked_for(bench):
    live = LiveStatus(LAW, bench.view, lambda: bench.ledger.size, lambda: bench.now)
    status = await live.asked(NOON.replace(year=2023), as_if="cn-imd")
    assert (status.day.year, status.as_if) == (2023, "cn-imd")
    assert replace(status, as_if=None) != await live.asked(NOON.replace(year=2023))


@on_loop
async def test_a_day_before_anybody_answered_is_asked_about_with_the_latest_answers(bench):
    live = LiveStatus(LAW, bench.view, lambda: bench.ledger.size, lambda: bench.now)
    await bench.answer(public=False)
    then = await live.asked(NOON - timedelta(days=900))
    assert then.answers == {"public": False}
    assert then.answers_later.index == 0
    assert (await live.now()).answers_later is None
