import pytest

from kanhe.adapters.ledger_directory import reader
from kanhe.errors import LedgerBroken
from kanhe.ledger.reading import Log
from kanhe.ledger.tree import extends, includes, leaf_hash
from ledgers import check, entry, mth, write

SIZE = 600


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    place = tmp_path_factory.mktemp("ledger")
    write(place, SIZE)
    return place


def test_roots_and_proofs_of_every_earlier_size_can_still_be_made(directory):
    """Also of sizes that were never published: a complete subtree stays where it is."""
    log, entries = Log(reader(directory), SIZE), [entry(index) for index in range(SIZE)]
    for size in (1, 2, 3, 100, 255, 256, 257, 511, 512, 513, 599, 600):
        root = mth(entries[:size])
        assert log.root(size) == root
        for index in (0, size // 2, size - 1):
            proof = log.inclusion_proof(index, size)
            assert includes(index, size, leaf_hash(entries[index]), proof, root)
        proof = log.consistency_proof(size, SIZE)
        assert extends(size, SIZE, root, log.root(SIZE), proof=proof)
    assert log.root(0) == mth([])


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (255, 257), (256, 512), (599, 999), (7, 3)])
def test_any_stretch_of_entries_can_be_read(directory, start, stop):
    log = Log(reader(directory), SIZE)
    expected = [entry(index) for index in range(start, min(stop, SIZE))]
    assert list(log.entries(start, stop)) == expected


def test_a_writer_goes_on_from_what_it_reads(directory):
    edge = Log(reader(directory), SIZE).edge()
    assert edge.tree.root() == mth([entry(index) for index in range(SIZE)])
    assert list(edge.push([entry(SIZE)])) == []
    assert edge.tree.root() == mth([entry(index) for index in range(SIZE + 1)])
    assert check(directory) == SIZE


@pytest.mark.parametrize(("place", "touched"), [(2, 512), (-3, SIZE - 1)])
def test_a_writer_does_not_go_on_from_an_altered_entry(directory, place, touched):
    read, name = reader(directory), "tile/entries/002.p/88"
    data = bytearray(read(name))
    data[place] ^= 1
    altered = Log(lambda asked: bytes(data) if asked == name else read(asked), SIZE)
    with pytest.raises(LedgerBroken, match="bundle and its tile disagree") as caught:
        altered.edge()
    assert caught.value.index == touched


def test_a_writer_does_not_go_on_from_a_bundle_that_is_cut_off(directory):
    with pytest.raises(LedgerBroken, match="bundle and its tile disagree") as caught:
        cut(directory, "tile/entries/002.p/88", 10).edge()
    assert caught.value.index == 512


def cut(directory, name, length):
    data = (directory / name).read_bytes()[:length]
    read = reader(directory)
    return Log(lambda asked: data if asked == name else read(asked), SIZE)


def test_entries_that_are_cut_off_are_named(directory):
    with pytest.raises(LedgerBroken, match="bundle is cut off") as caught:
        list(cut(directory, "tile/entries/001", 10).entries())
    assert caught.value.index == 256


def test_tiles_that_are_cut_off_are_named(directory):
    with pytest.raises(LedgerBroken, match=r"tile/0/001 is cut off") as caught:
        cut(directory, "tile/0/001", 8191).inclusion_proof(300, SIZE)
    assert caught.value.index == 256


def test_files_that_are_missing_are_named(directory):
    with pytest.raises(LedgerBroken, match=r"tile/entries/002\.p/88 is missing"):
        list(Log(lambda name: None, SIZE).entries(512))
