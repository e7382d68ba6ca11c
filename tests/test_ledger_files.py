"""The ledger in a directory: group commit, publishing, a full disk, a second process."""

from __future__ import annotations

import asyncio
import errno
import threading

import pytest

from kanhe.adapters.disk import Disk
from kanhe.adapters.ledger_directory import JOURNAL
from kanhe.adapters.ledger_files import open_ledger
from kanhe.adapters.ledger_journal import segment, segments
from kanhe.errors import LedgerBroken, LedgerError, LedgerUnwritable
from kanhe.ledger.note import Signer
from ledgers import KEY, SIGNER, check, durable, open_async, write

TAG = "gateway:answer:begun"


class Watched(Disk):
    """A disk that counts durable writes to the journal, can be held up, and can be full."""

    def __init__(self):
        self.writes = 0
        self.full = False
        self.go = threading.Event()
        self.go.set()

    def append(self, fd, data):
        self.go.wait()
        if self.full:
            super().append(fd, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        if data.startswith(b"KJ01"):
            self.writes += 1
        super().append(fd, data)


def test_what_is_submitted_during_a_write_becomes_one_batch(tmp_path):
    async def run():
        disk = Watched()
        ledger = await open_async(tmp_path, disk=disk)
        disk.go.clear()
        first = ledger.submit(TAG, {})
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        rest = [ledger.submit(TAG, {}) for _ in range(100)]
        disk.go.set()
        assert await first == 0
        assert await asyncio.gather(*rest) == list(range(1, 101))
        assert disk.writes == 2
        await ledger.aclose()

    asyncio.run(run())


def test_what_is_submitted_in_one_turn_of_the_loop_is_one_batch(tmp_path):
    async def run():
        disk = Watched()
        ledger = await open_async(tmp_path, disk=disk)
        await asyncio.gather(*(ledger.append(TAG, {}) for _ in range(100)))
        assert disk.writes == 1
        await ledger.aclose()

    asyncio.run(run())


def test_a_full_disk_is_told_to_every_caller_and_got_over_without_a_restart(tmp_path):
    async def run():
        disk = Watched()
        ledger = await open_async(tmp_path, disk=disk)
        assert await ledger.append(TAG, {"n": 0}) == 0
        disk.full = True
        for _ in range(2):
            told = await asyncio.gather(
                *(ledger.append(TAG, {}) for _ in range(5)), return_exceptions=True
            )
            assert all(isinstance(error, LedgerUnwritable) for error in told)
            assert "No space left on device" in str(told[0])
            assert "without a restart" in told[0].advice
        assert ledger.size == 1
        disk.full = False
        assert await ledger.append(TAG, {"n": 1}) == 1
        await ledger.aclose()

    asyncio.run(run())
    assert [b'"n":0' in durable(tmp_path)[0], b'"n":1' in durable(tmp_path)[1]] == [True, True]
    assert check(tmp_path) == 2


def test_publishing_on_demand_signs_what_is_durable(tmp_path):
    async def run():
        ledger = await open_async(tmp_path)
        await asyncio.gather(*(ledger.append(TAG, {}) for _ in range(300)))
        assert ledger.published.size == 0
        assert (await ledger.publish()).size == 300
        assert check(tmp_path) == 300
        await ledger.append(TAG, {})
        assert check(tmp_path) == 300
        assert len(durable(tmp_path)) == 301
        await ledger.aclose()
        assert check(tmp_path) == 301

    asyncio.run(run())


def test_publishing_happens_by_itself(tmp_path):
    class Signed(Disk):
        checkpoints = threading.Semaphore(0)

        def rename(self, source, target):
            super().rename(source, target)
            if target.name == "checkpoint":
                self.checkpoints.release()

    async def run():
        disk = Signed()
        ledger = await open_async(tmp_path, disk=disk, every_s=0.001)
        assert disk.checkpoints.acquire(timeout=20)
        for size in (1, 2):
            await ledger.append(TAG, {})
            assert await asyncio.to_thread(disk.checkpoints.acquire, timeout=20)
            assert check(tmp_path) == size
        await ledger.aclose()

    asyncio.run(run())


def test_a_failing_publication_holds_nobody_up_and_is_made_up_for(tmp_path):
    class NoTiles(Disk):
        full = False
        refused = threading.Semaphore(0)

        def write_synced(self, path, data, mode=0o644):
            if self.full:
                self.refused.release()
                raise OSError(errno.ENOSPC, "No space left on device")
            super().write_synced(path, data, mode)

    async def run():
        disk = NoTiles()
        ledger = await open_async(tmp_path, disk=disk, every_s=0.001)
        disk.full = True
        assert await ledger.append(TAG, {}) == 0
        with pytest.raises(LedgerUnwritable, match="No space"):
            await ledger.publish()
        assert "No space" in ledger.trouble
        for _ in range(3):  # by hand, in the background, and there again
            assert await asyncio.to_thread(disk.refused.acquire, timeout=20)
        assert await ledger.append(TAG, {}) == 1
        disk.full = False
        assert (await ledger.publish()).size == 2
        assert ledger.trouble is None
        disk.full = True
        await ledger.append(TAG, {})
        await ledger.aclose()

    asyncio.run(run())
    assert check(tmp_path) == 2
    assert len(durable(tmp_path)) == 3
    write(tmp_path, 0)
    assert check(tmp_path) == 3


def test_a_publisher_that_finds_the_journal_damaged_says_so_and_signs_nothing(tmp_path):
    async def run():
        ledger = await open_async(tmp_path, every_s=0.001)
        ledger._publishing.acquire()
        await ledger.append(TAG, {})
        segment(tmp_path / JOURNAL, 0).write_bytes(b"")
        ledger._publishing.release()
        with pytest.raises(LedgerBroken, match=r"(ends|damaged) before entry 1"):
            await ledger.publish()
        with pytest.raises(LedgerBroken):
            await ledger.aclose()
        assert "entry 0 does not follow" in ledger.trouble

    asyncio.run(run())
    assert check(tmp_path) == 0


def test_the_journal_is_trimmed_once_its_entries_are_published(tmp_path):
    async def run():
        ledger = await open_async(tmp_path)
        for _ in range(3):
            made = (ledger.append(TAG, {"fill": "x" * 60_000}) for _ in range(20))
            await asyncio.gather(*made)
        assert segments(tmp_path / JOURNAL) == [0, 20, 40]
        await ledger.publish()
        assert segments(tmp_path / JOURNAL) == [40]
        await ledger.aclose()

    asyncio.run(run())
    assert check(tmp_path) == 60


def test_memory_does_not_grow_with_the_log(tmp_path):
    async def run():
        ledger = await open_async(tmp_path)
        for _ in range(6):
            await asyncio.gather(*(ledger.append(TAG, {}) for _ in range(1000)))
            await ledger.publish()
        edge = ledger._publisher._edge
        assert sum(map(len, edge.tree.levels)) < 3 * 256
        assert len(edge.open_bundle) < 256 * 100
        await ledger.aclose()

    asyncio.run(run())


def test_a_second_process_is_refused_and_told_by_whom(tmp_path):
    async def run():
        ledger = await open_async(tmp_path)
        with pytest.raises(LedgerError, match="is open in process"):
            await open_async(tmp_path)
        await ledger.append(TAG, {})
        await ledger.aclose()
        await (await open_async(tmp_path)).aclose()

    asyncio.run(run())


def test_a_directory_that_cannot_be_made_is_refused_with_advice(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LedgerUnwritable, match=r"Not a directory|File exists"):
        open_ledger(tmp_path / "file" / "ledger", SIGNER)


def test_a_ledger_of_another_key_is_not_written_to(tmp_path):
    write(tmp_path, 1)
    with pytest.raises(LedgerError, match="not signed by"):
        open_ledger(tmp_path, Signer(SIGNER.name, bytes(32)))
    with pytest.raises(LedgerError, match="of log"):
        open_ledger(tmp_path, Signer("other.example", bytes(32)))
    write(tmp_path, 1)
    assert check(tmp_path) == 2


@pytest.mark.parametrize("name", ["checkpoint", "tile/entries/001.p/44", "tile/1/000.p/1"])
def test_an_altered_ledger_is_not_written_to(tmp_path, name):
    write(tmp_path, 300)
    (tmp_path / name).unlink()
    with pytest.raises(LedgerBroken):
        open_ledger(tmp_path, SIGNER)


@pytest.mark.parametrize(
    ("name", "why"),
    [("tile/0/001.p/44", "256 .*disagree"), ("tile/1/000.p/1", "do not give the root")],
)
def test_an_altered_open_tile_is_not_signed_over(tmp_path, name, why):
    write(tmp_path, 300)
    tile = tmp_path / name
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    with pytest.raises(LedgerBroken, match=why):
        open_ledger(tmp_path, SIGNER)


def test_the_public_key_lies_beside_the_log(tmp_path):
    write(tmp_path, 1)
    assert (tmp_path / "verifier.key").read_text() == f"{KEY}\n"


def test_a_fault_of_ours_ends_the_writer_loudly_and_leaves_nobody_waiting(tmp_path, monkeypatch):
    class Faulty(Disk):
        def append(self, fd, data):
            if data.startswith(b"KJ01"):
                raise RuntimeError("a planted fault")
            super().append(fd, data)

    async def run():
        ledger = await open_async(tmp_path, disk=Faulty())
        for _ in range(2):
            with pytest.raises(LedgerUnwritable, match="thread died"):
                await ledger.append(TAG, {})
        await ledger.aclose()

    loud = []
    monkeypatch.setattr(threading, "excepthook", loud.append)
    asyncio.run(run())
    assert [str(report.exc_value) for report in loud] == ["a planted fault"]


def test_a_loop_that_is_gone_does_not_stop_the_writer(tmp_path):
    disk = Watched()
    ledger = open_ledger(tmp_path, SIGNER, disk=disk, every_s=3600)

    async def leave():
        disk.go.clear()
        ledger.submit(TAG, {})
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(leave())
    disk.go.set()

    async def close():
        ledger._busy = False
        await ledger.aclose()

    asyncio.run(close())
    assert check(tmp_path) == 1


def test_a_close_that_comes_between_two_rounds_of_publishing_is_not_forgotten(tmp_path):
    """Planted fault: without a second look at `_stopped` the publisher waits for ever."""

    class Overtaken(threading.Event):
        def clear(self):
            ledger._stopped.set()
            self.set()
            super().clear()

    async def run():
        nonlocal ledger
        ledger = open_ledger(tmp_path / "ledger", SIGNER, every_s=0)
        waited_for, ledger._grown = ledger._grown, Overtaken()
        waited_for.set()
        ledger._background.join(5)
        assert not ledger._background.is_alive()
        await ledger.aclose()

    ledger = None
    asyncio.run(run())
