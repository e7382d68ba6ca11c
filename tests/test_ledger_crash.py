"""Losing power, at any point, loses nothing acknowledged and never needs repair by hand."""

from __future__ import annotations

import contextlib
import errno
import random
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from kanhe.adapters.disk import Disk
from kanhe.adapters.ledger_directory import JOURNAL
from kanhe.adapters.ledger_files import take_up
from kanhe.adapters.ledger_journal import segment, waiting
from kanhe.errors import LedgerBroken
from ledgers import KEY, SIGNER, FailingDisk, PowerLoss, check, durable, entry

BATCHES = [3, 250, 1, 5, 300, 2]
"""Across the edge of a bundle, twice, with partial tiles on both sides."""


def live(directory, disk, acknowledged):
    """Write as the service does: batches, a publication after each second one, two starts."""
    for half in (BATCHES[:3], BATCHES[3:]):
        journal, publisher = take_up(directory, SIGNER, disk)
        try:
            for count in half:
                first = journal.size
                journal.append([entry(first + i) for i in range(count)])
                acknowledged.append(journal.size)
                if count != 250:
                    publisher.publish(journal.size)
        finally:
            journal.close()


def expect_whole(directory, acknowledged):
    """Start again, as an operator would, and prove that all is there; then go on writing."""
    journal, publisher = take_up(directory, SIGNER, FailingDisk(at=0))
    at_least = max(acknowledged, default=0)
    kept = durable(directory)
    assert len(kept) >= at_least
    assert kept == [entry(index) for index in range(len(kept))]
    assert check(directory) == len(kept)
    journal.append([entry(len(kept)), entry(len(kept) + 1)])
    publisher.publish(journal.size)
    journal.close()
    assert check(directory) == len(kept) + 2


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    disk = FailingDisk(at=0)
    live(tmp_path_factory.mktemp("dry") / "ledger", disk, [])
    return disk.steps


@pytest.mark.parametrize(("part", "lost"), [(0, 0), (0.5, 1), (1, 0.5), (1, 1)])
def test_a_power_loss_at_any_step_loses_nothing_acknowledged(tmp_path, steps, part, lost):
    """Every step of starting, writing and publishing is cut off; then a share of what was not
    synced is undone. Planted: the checkpoint before the tiles, no sync of a directory before the
    checkpoint, dropping journal files first, acknowledging before the write; all are caught."""
    for step in range(1, steps + 1):
        directory = tmp_path / str(step)
        disk, acknowledged = FailingDisk(step, part), []
        with pytest.raises(PowerLoss):
            live(directory, disk, acknowledged)
        disk.lose(lost)
        expect_whole(directory, acknowledged)
        shutil.rmtree(directory)


def test_a_power_loss_during_recovery_is_recovered_from(tmp_path):
    before = tmp_path / "before"
    journal, _ = take_up(before, SIGNER, Disk())
    journal.append([entry(i) for i in range(300)])
    journal.append([entry(i) for i in range(300, 310)])
    journal.close()
    torn = segment(before / JOURNAL, 0)
    torn.write_bytes(torn.read_bytes()[:-5])
    dry = FailingDisk(at=0)
    shutil.copytree(before, tmp_path / "dry")
    take_up(tmp_path / "dry", SIGNER, dry)[0].close()
    for step in range(1, dry.steps + 1):
        directory = shutil.copytree(before, tmp_path / str(step))
        disk = FailingDisk(step, 0.5)
        with pytest.raises(PowerLoss):
            take_up(directory, SIGNER, disk)
        disk.lose(1)
        expect_whole(directory, [300])


def test_an_error_at_any_step_is_got_over_without_a_restart(tmp_path, steps):
    """The step fails once, as on a full disk; the caller, told so, tries again later."""
    for step in range(1, steps + 1):
        directory = tmp_path / str(step)
        disk = FailingDisk(step, 0.5, OSError(errno.ENOSPC, "No space left on device"))
        journal, publisher = again(take_up, directory, SIGNER, disk)
        for count in BATCHES:
            again(journal.append, [entry(journal.size + i) for i in range(count)])
            again(publisher.publish, journal.size)
        journal.close()
        assert check(directory) == journal.size == sum(BATCHES)
        expect_whole(directory, [journal.size])
        shutil.rmtree(directory)


def again(call, *arguments):
    with contextlib.suppress(OSError):
        return call(*arguments)
    return call(*arguments)


@pytest.fixture
def three_batches(tmp_path):
    """A journal of three batches, unpublished, and where each ends."""
    directory, ends = tmp_path / "whole", []
    journal, _ = take_up(directory, SIGNER, Disk())
    for count in (2, 1, 2):
        journal.append([entry(journal.size + i) for i in range(count)])
        ends.append(segment(directory / JOURNAL, 0).stat().st_size)
    journal.close()
    return directory, ends


def test_a_journal_cut_at_any_byte_keeps_every_whole_batch(tmp_path, three_batches):
    directory, ends = three_batches
    data = segment(directory / JOURNAL, 0).read_bytes()
    for cut in range(len(data) + 1):
        copy = shutil.copytree(directory, tmp_path / "copy")
        segment(copy / JOURNAL, 0).write_bytes(data[:cut])
        whole = sum(cut >= end for end in ends)
        expected = [0, 2, 3, 5][whole]
        assert sum(len(batch.entries) for batch in waiting(copy / JOURNAL, 0)) == expected
        if cut % 7 == 0 or cut in ends:
            expect_whole(copy, [expected])
        shutil.rmtree(copy)


def test_a_last_batch_torn_in_any_way_is_cut_off_by_itself(tmp_path, three_batches):
    """A sector of zeros, or an old one, where the last batch was being written."""
    directory, ends = three_batches
    data = segment(directory / JOURNAL, 0).read_bytes()
    for place in range(ends[1], ends[2]):
        for torn in (
            data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :],
            data[:place] + bytes(len(data) - place + 40),
            data[: ends[1]] + bytes(place - ends[1]) + data[place:],
        ):
            if torn == data:
                continue
            segment(directory / JOURNAL, 0).write_bytes(torn)
            assert sum(len(batch.entries) for batch in waiting(directory / JOURNAL, 0)) in (3, 5)
    expect_whole(directory, [3])


def test_damage_before_a_good_batch_is_told_and_not_cut_away(three_batches):
    """Entries 2 and up were acknowledged: cutting them off in silence would be the worst."""
    directory, ends = three_batches
    path = segment(directory / JOURNAL, 0)
    data = path.read_bytes()
    for place in range(ends[0], ends[1]):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        with pytest.raises(LedgerBroken) as caught:
            take_up(directory, SIGNER, Disk())
        assert caught.value.index == 2


def test_a_journal_file_that_is_gone_is_told(tmp_path):
    journal, _ = take_up(tmp_path, SIGNER, Disk())
    journal.append([entry(0)])
    journal.rotate()
    journal.append([entry(1)])
    journal.rotate()
    journal.append([entry(2)])
    journal.close()
    segment(tmp_path / JOURNAL, 1).unlink()
    with pytest.raises(LedgerBroken) as caught:
        take_up(tmp_path, SIGNER, Disk())
    assert caught.value.index == 1


def test_a_failed_batch_that_reached_the_disk_does_not_come_back_in_place_of_another(tmp_path):
    """The write fails, and so does cutting it away; the next batch takes the same indices."""

    class Stubborn(FailingDisk):
        def cut(self, fd, size):
            raise OSError(errno.EIO, "Input/output error")

    disk = Stubborn(at=0, part=1, error=OSError(errno.EIO, "Input/output error"))
    journal, publisher = take_up(tmp_path, SIGNER, disk)
    journal.append([entry(0)])
    disk._at = disk.steps + 1
    with pytest.raises(OSError, match="Input/output"):
        journal.append([b"refused, but on the disk"])
    journal.append([entry(1)])
    journal.close()
    assert durable(tmp_path) == [entry(0), entry(1)]
    publisher.publish(2)
    assert check(tmp_path) == 2


WRITER = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from ledgers import SIGNER
    from kanhe.adapters.ledger_files import open_ledger

    async def main():
        ledger = open_ledger(Path(sys.argv[1]), SIGNER, every_s=0.005)
        while True:
            made = [ledger.submit("test:entry:made", {"n": i}) for i in range(9)]
            indices = await asyncio.gather(*made)
            print(*indices, flush=True)

    asyncio.run(main())
    """
)


def start_writer(directory):
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", WRITER, str(directory)],
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_verifying_beside_a_running_writer_never_cries_wolf(tmp_path):
    """Each round lets the writer make and publish some more, and drop what it has published."""
    with start_writer(tmp_path) as child:
        try:
            for _ in range(15):
                seen = max(int(child.stdout.readline().split()[-1]) for _ in range(40))
                assert check(tmp_path) >= 0
                assert len(durable(tmp_path)) > seen
        finally:
            child.kill()
            child.stdout.read()


def test_a_writer_killed_at_random_leaves_all_it_had_acknowledged(tmp_path):
    """Twenty lives of one ledger, each ended by SIGKILL while it writes and publishes."""
    chance, seen = random.Random(20261122), -1  # noqa: S311
    for _ in range(20):
        with start_writer(tmp_path) as child:
            for _ in range(chance.randrange(1, 60)):
                seen = max(seen, *map(int, child.stdout.readline().split()))
            child.send_signal(signal.SIGKILL)
            for line in child.stdout:
                if line.endswith("\n"):
                    seen = max(seen, *map(int, line.split()))
        assert len(durable(tmp_path)) > seen
        assert check(tmp_path) <= len(durable(tmp_path))
    journal, _ = take_up(tmp_path, SIGNER, Disk())
    journal.close()
    assert check(tmp_path) == len(durable(tmp_path)) > seen
    assert KEY.name in (tmp_path / "checkpoint").read_text()
