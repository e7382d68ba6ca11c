"""Each way of tampering is named, and so is the first entry that it touches."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kanhe.adapters.ledger_directory import reader
from kanhe.errors import LedgerBroken, LedgerError
from kanhe.ledger.checkpoint import Checkpoint, opened
from kanhe.ledger.note import Kind, Signer
from kanhe.ledger.tile import bundle, unbundle
from kanhe.ledger.verification import head, verify
from ledgers import KEY, SIGNER, check, entry, mth, write

SIZE = 700  # two full bundles and one of 188


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    place = tmp_path_factory.mktemp("original") / "ledger"
    write(place, 100)
    shutil.copy(place / "checkpoint", place.parent / "older")
    write(place, SIZE - 100)
    return place


@pytest.fixture
def directory(original, tmp_path):
    return shutil.copytree(original, tmp_path / "ledger")


def rewrite(directory, name, change):
    """Change the list of entries of a bundle."""
    path = directory / "tile" / "entries" / name
    entries = unbundle(path.read_bytes())[0]
    change(entries)
    path.write_bytes(bundle(entries))


def poke(path, place, value=b"\xaa"):
    data = path.read_bytes()
    assert data[place : place + len(value)] != value
    path.write_bytes(data[:place] + value + data[place + len(value) :])


def broken(directory, **options):
    with pytest.raises(LedgerBroken) as caught:
        check(directory, **options)
    return caught.value


def swap(entries, a, b):
    entries[a], entries[b] = entries[b], entries[a]


def test_an_untouched_ledger_verifies(original):
    assert check(original) == SIZE


def test_progress_adds_up_to_the_whole(original):
    seen = []
    signed = head(reader(original), KEY).checkpoint
    verify(reader(original), signed, progress=seen.append)
    assert sum(seen) == SIZE


def test_an_empty_ledger_verifies(tmp_path):
    write(tmp_path, 0)
    assert check(tmp_path) == 0


@pytest.mark.parametrize(("name", "place"), [("000", 0), ("001", 77), ("002.p/188", 187)])
def test_a_changed_entry_is_named(directory, name, place):
    rewrite(directory, name, lambda entries: entries.__setitem__(place, entry(9999)))
    error = broken(directory)
    assert error.index == int(name[:3]) * 256 + place
    assert "its hash is" in str(error)


def test_a_moved_entry_is_named_with_where_it_came_from(directory):
    rewrite(directory, "001", lambda entries: swap(entries, 10, 200))
    error = broken(directory)
    assert error.index == 256 + 10
    assert "entry 456 stands in its place" in str(error)


@pytest.mark.obligation("cn-csl-23-1")
@pytest.mark.obligation("eu-aia-19-1")
@pytest.mark.parametrize(("name", "place"), [("000", 0), ("001", 100), ("002.p/188", 0)])
def test_a_missing_entry_is_named(directory, name, place):
    rewrite(directory, name, lambda entries: entries.pop(place))
    assert broken(directory).index == int(name[:3]) * 256 + place


def test_an_entry_put_in_is_named(directory):
    rewrite(directory, "000", lambda entries: entries.insert(5, entry(9999)))
    assert broken(directory).index == 5
    rewrite(directory, "000", lambda entries: entries.pop(5))
    rewrite(directory, "002.p/188", lambda entries: entries.append(entry(SIZE)))
    assert broken(directory).index == SIZE


@pytest.mark.obligation("cn-csl-23-1")
@pytest.mark.obligation("eu-aia-19-1")
@pytest.mark.parametrize("left", [0, 1, 187])
def test_entries_cut_off_at_the_end_are_named(directory, left):
    rewrite(directory, "002.p/188", lambda entries: entries.__delitem__(slice(left, None)))
    assert broken(directory).index == 512 + left


@pytest.mark.parametrize(("name", "index"), [("000", 0), ("001", 256), ("002.p/188", 512)])
def test_a_bundle_that_is_gone_is_named_by_its_first_entry(directory, name, index):
    (directory / "tile" / "entries" / name).unlink()
    error = broken(directory)
    assert error.index == index
    assert "missing" in str(error)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["000", "001", "002.p/188"]), st.data())
def test_no_byte_of_an_entry_can_change_unseen(original, tmp_path_factory, name, data):
    """Planted: leaving the last entry of a bundle out of the comparison; caught."""
    raw = (original / "tile" / "entries" / name).read_bytes()
    place = data.draw(st.integers(0, len(raw) - 1))
    altered = raw[:place] + bytes([raw[place] ^ data.draw(st.integers(1, 255))]) + raw[place + 1 :]
    touched = int(name[:3]) * 256 + len(unbundle(raw[:place])[0])
    read = reader(original)
    signed = head(read, KEY).checkpoint
    with pytest.raises(LedgerBroken) as caught:
        verify(
            lambda asked: altered if asked == f"tile/entries/{name}" else read(asked),
            signed,
            progress=lambda _: None,
        )
    assert caught.value.index == touched


def test_an_altered_tile_is_told_apart_from_an_altered_entry(directory):
    poke(directory / "tile/0/001", 32 * 7)
    error = broken(directory)
    assert error.index == 256 + 7
    assert "the entries are as signed, the tile was altered" in str(error)


@pytest.mark.parametrize(
    ("name", "place", "index"),
    [("1/000.p/2", 0, 0), ("1/000.p/2", 63, 256), ("0/002.p/188", 5, 512)],
)
def test_every_altered_tile_is_seen(directory, name, place, index):
    poke(directory / "tile" / name, place)
    assert broken(directory).index == index


@pytest.mark.parametrize(("name", "index"), [("0/000", 0), ("0/002.p/188", 512), ("1/000.p/2", 0)])
def test_every_missing_tile_is_seen(directory, name, index):
    (directory / "tile" / name).unlink()
    error = broken(directory)
    assert error.index == index
    assert "is missing" in str(error)


def test_a_tile_that_is_cut_or_drawn_out_is_seen(directory):
    path = directory / "tile/0/002.p/188"
    data = path.read_bytes()
    path.write_bytes(data[:-32])
    assert broken(directory).index == SIZE - 1
    path.write_bytes(data + data[:32])
    assert broken(directory).index == 512
    path.write_bytes(data)
    path = directory / "tile/1/000.p/2"
    path.write_bytes(path.read_bytes()[:32])
    assert broken(directory).index == 256


def test_an_entry_changed_together_with_its_tile_is_named_by_the_tile_above(directory):
    rewrite(directory, "001", lambda entries: entries.__setitem__(9, entry(9999)))
    poke(directory / "tile/0/001", 32 * 9, mth([entry(9999)]))
    error = broken(directory)
    assert error.index == 256
    assert "entries 256 to 511" in str(error)


def test_a_log_written_anew_without_the_key_is_told_by_its_root(directory, tmp_path):
    forged = tmp_path / "forged"
    write(forged, SIZE - 1)
    write(forged, 1)
    shutil.copy(directory / "checkpoint", forged / "checkpoint")
    assert check(forged) == SIZE  # the same entries: nothing to see
    rewrite(forged, "002.p/188", lambda entries: entries.__setitem__(187, entry(1)))
    poke(forged / "tile/0/002.p/188", 32 * 187, mth([entry(1)]))
    error = broken(forged)
    assert "written anew" in str(error)


def test_a_checkpoint_of_another_hand_is_refused(directory):
    forger = Signer(SIGNER.name, bytes(32))
    forged = Checkpoint(SIGNER.name, SIZE, bytes(32)).signed(forger)
    (directory / "checkpoint").write_bytes(forged)
    with pytest.raises(LedgerError, match=r"not signed by ledger\.example/test"):
        head(reader(directory), KEY)


def test_a_directory_without_a_checkpoint_is_refused(tmp_path):
    with pytest.raises(LedgerError, match="no checkpoint"):
        head(reader(tmp_path), KEY)


def test_the_witnesses_that_cosigned_are_named(directory):
    witness = Signer("witness.example/w1", b"\x05" * 32)
    text = head(reader(directory), KEY).checkpoint.text
    with (directory / "checkpoint").open("a") as file:
        file.write(witness.cosign(text, 1_790_000_000))
    key = witness.verifier(Kind.WITNESS)
    assert head(reader(directory), KEY, (key,)).witnesses == (key,)


def test_the_past_of_an_older_checkpoint_is_found_again(original):
    older = opened((original.parent / "older").read_bytes(), KEY).checkpoint
    assert older.size == 100
    assert check(original, older=older) == SIZE
    assert check(original, older=Checkpoint(SIGNER.name, 0, mth([]))) == SIZE
    present = head(reader(original), KEY).checkpoint
    assert check(original, older=present) == SIZE


@pytest.mark.parametrize("size", [0, 1, 256, 300, 512, 699, SIZE])
def test_another_past_than_the_older_checkpoints_is_told(original, size):
    """Signed anew with the right key: only who kept an older checkpoint can tell."""
    right = Checkpoint(SIGNER.name, size, mth([entry(index) for index in range(size)]))
    assert check(original, older=right) == SIZE
    error = broken(original, older=Checkpoint(SIGNER.name, size, bytes(32)))
    assert "older checkpoint" in str(error)


def test_two_checkpoints_of_one_size_have_one_root(tmp_path):
    write(tmp_path, 512)
    error = broken(tmp_path, older=Checkpoint(SIGNER.name, 512, bytes(32)))
    assert "two checkpoints of the same size" in str(error)


def test_a_log_put_back_to_an_earlier_state_is_told_by_a_later_checkpoint(original, tmp_path):
    later = head(reader(original), KEY).checkpoint
    write(tmp_path, 600)
    error = broken(tmp_path, older=later)
    assert error.index == 600
    assert "700 entries were signed, 600 are left" in str(error)


def test_another_logs_checkpoint_is_no_past_of_this_one(original):
    with pytest.raises(LedgerError, match="the older checkpoint is of"):
        check(original, older=Checkpoint("ledger.example/other", 1, bytes(32)))


def test_a_reader_that_was_overtaken_takes_the_full_files(original, tmp_path):
    """The log grew and dropped its partial tiles after the checkpoint had been read."""
    grown = shutil.copytree(original, tmp_path / "grown")
    signed = head(reader(grown), KEY).checkpoint
    write(grown, 200)
    assert not (grown / "tile/entries/002.p").exists()
    verify(reader(grown), signed, progress=lambda _: None)
