import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.ledger.tile import (
    ENTRIES,
    Tile,
    bundle,
    hashes,
    leaf_hashes,
    parse_name,
    unbundle,
    width_at,
)
from kanhe.ledger.tree import leaf_hash


@pytest.mark.parametrize(
    ("tile", "name"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(1, 1234067), "tile/1/x001/x234/067"),
        (Tile(0, 999, 7), "tile/0/999.p/7"),
        (Tile(ENTRIES, 1000, 255), "tile/entries/x001/000.p/255"),
        (Tile(63, 5), "tile/63/005"),
    ],
)
def test_names_are_those_of_the_specification(tile, name):
    assert tile.name == name
    assert parse_name(name) == tile


@given(st.integers(-1, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_a_name_reads_back(level, number, width):
    assert parse_name(Tile(level, number, width).name) == Tile(level, number, width)


@pytest.mark.parametrize(
    "name",
    [
        "", "tile/", "tile/0/0", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/0/x000/000",
        "tile/0/001/x000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
        "tile/0/000/", "tile/0/../../ledger.key", "tile/entries/000\n", "tile/0/٠٠٠",
        "tile/0/000.p/", "/tile/0/000", "tile/-1/000", "checkpoint",
    ],
)  # fmt: skip
def test_every_other_spelling_is_refused(name):
    assert parse_name(name) is None


def test_widths_are_those_of_the_specification_for_70000_entries():
    """The example that C2SP tlog-tiles gives."""
    assert [width_at(0, n, 70_000) for n in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [width_at(1, n, 70_000) for n in (0, 1, 2)] == [256, 17, 0]
    assert [width_at(2, n, 70_000) for n in (0, 1)] == [1, 0]
    assert [width_at(0, 0, 256), width_at(1, 0, 256)] == [256, 1]
    assert width_at(ENTRIES, 273, 70_000) == 112


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_reads_back_and_hashes_as_its_entries(entries):
    data = bundle(entries)
    assert unbundle(data) == (entries, True)
    assert leaf_hashes(data) == ([leaf_hash(entry) for entry in entries], True)


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=4), st.data())
def test_a_bundle_that_is_cut_gives_its_whole_entries_and_says_that_it_is_cut(entries, data):
    whole = bundle(entries)
    cut = data.draw(st.integers(0, len(whole) - 1))
    ends = [len(bundle(entries[:count])) for count in range(len(entries))]
    expected = entries[: sum(end <= cut for end in ends[1:])]
    assert unbundle(whole[:cut]) == (expected, cut in ends)
    assert leaf_hashes(whole[:cut]) == ([leaf_hash(entry) for entry in expected], cut in ends)


def test_a_tile_that_is_cut_gives_its_whole_hashes():
    assert hashes(bytes(32) + b"\x01" * 32 + b"rest") == [bytes(32), b"\x01" * 32]
