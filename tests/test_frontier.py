import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanhe.ledger.frontier import Edge, Frontier
from kanhe.ledger.tile import ENTRIES, Tile, bundle, width_at
from kanhe.ledger.tree import leaf_hash, node_hash
from ledgers import entry, mth

ENTRY = [entry(number) for number in range(1400)]


def files_of(size):
    """C2SP tlog-tiles, section "Merkle Tree", word for word: the tiles of a log of `size`."""
    files = {}
    for level in range(8):
        span = 256**level
        for number in range(size // span // 256 + 1):
            width = min(256, size // span - number * 256)
            if width:
                rows = range(number * 256, number * 256 + width)
                partial = "" if width == 256 else f".p/{width}"
                name = f"tile/{level}/{number:03d}{partial}"
                files[name] = b"".join(mth(ENTRY[i * span : (i + 1) * span]) for i in rows)
                if level == 0:
                    files[f"tile/entries/{number:03d}{partial}"] = bundle(
                        ENTRY[number * 256 : number * 256 + width]
                    )
    return files


def grown(steps):
    edge, files, size = Edge(), {}, 0
    for step in steps:
        files |= {file.at.name: file.content for file in edge.push(ENTRY[size : size + step])}
        size += step
    return edge, files


@settings(max_examples=25)
@given(st.lists(st.integers(0, 600), max_size=3))
def test_the_files_are_those_of_the_specification_however_the_entries_come(steps):
    """Planted: numbering a tile by the new size, leaving out its push upwards; both caught."""
    size = min(sum(steps), len(ENTRY))
    edge, files = grown(steps)
    files |= {file.at.name: file.content for file in edge.partials()}
    assert files == files_of(size)
    assert edge.tree.root() == mth(ENTRY[:size])


def test_only_full_tiles_are_given_before_they_are_asked_for():
    edge, files = grown([255])
    assert files == {}
    assert {file.at.name for file in edge.push(ENTRY[255:256])} == {
        "tile/entries/000",
        "tile/0/000",
    }
    assert [file.at.name for file in edge.partials()] == ["tile/1/000.p/1"]


def test_what_is_held_does_not_grow_with_the_log():
    edge, _ = grown([1400])
    assert sum(map(len, edge.tree.levels)) == 1400 % 256 + 1400 // 256
    assert len(edge.open_bundle) == len(bundle(ENTRY[1280:1400]))


def test_a_full_tile_of_tiles_moves_up_a_level():
    """65,537 entries: the first full tile of level 1, and the first hash on level 2."""
    leaves = [leaf_hash(b"%d" % number) for number in range(65_537)]
    tree = Frontier()
    full = [file.at for file in tree.push(leaves)]
    assert [at for at in full if at.level == 1] == [Tile(1, 0)]
    assert sum(at.level == 0 for at in full) == 256
    partial = {file.at.name: file.content for file in tree.partials()}
    half = [mth([b"%d" % n for n in range(start, start + 32_768)]) for start in (0, 32_768)]
    whole = node_hash(*half)
    assert partial == {"tile/0/256.p/1": leaves[-1], "tile/2/000.p/1": whole}
    assert tree.root() == node_hash(whole, leaves[-1])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 1400])
def test_the_partial_files_have_the_widths_of_the_size(size):
    edge, _ = grown([size])
    for file in edge.partials():
        assert file.at.width == width_at(file.at.level, file.at.number, size)
        assert file.at.level >= ENTRIES
