from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.ledger.tree import (
    EMPTY_ROOT,
    bag,
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    peaks,
    root_of,
)
from ledgers import mth

LEAVES = [str(number).encode() for number in range(70)]
SIZES = range(len(LEAVES) + 1)
ROOTS = [mth(LEAVES[:size]) for size in SIZES]


@cache
def node(level, index):
    return mth(LEAVES[index << level : (index + 1) << level])


def split(width):
    k = 1
    while k * 2 < width:
        k *= 2
    return k


def path(m, leaves):
    """RFC 9162 section 2.1.3.1, word for word."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m, leaves, known=True):
    """RFC 9162 section 2.1.4.1, word for word."""
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], known), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def test_roots_are_those_of_the_definition():
    assert mth([]) == EMPTY_ROOT
    for size in SIZES:
        assert root_of(size, node) == ROOTS[size]
        assert bag(peaks([leaf_hash(leaf) for leaf in LEAVES[:size]])) == ROOTS[size]


def test_inclusion_proofs_are_those_of_the_definition_and_check():
    for size in SIZES[1:]:
        for index in range(size):
            proof = inclusion_proof(index, size, node)
            assert proof == path(index, LEAVES[:size])
            assert includes(index, size, leaf_hash(LEAVES[index]), proof, ROOTS[size])


def test_consistency_proofs_are_those_of_the_definition_and_check():
    for new in SIZES[1:]:
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, node)
            assert proof == subproof(old, LEAVES[:new])
            assert extends(old, new, ROOTS[old], ROOTS[new], proof=proof)


sizes = st.integers(1, len(LEAVES))


@given(st.data())
def test_no_inclusion_proof_serves_for_another_entry_size_root_or_path(data):
    """Planted: leaving out the comparison with the root, or the inner while loop; caught."""
    size = data.draw(sizes)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, node)
    leaf, root = leaf_hash(LEAVES[index]), ROOTS[size]
    other = data.draw(st.integers(-2, len(LEAVES)).filter(lambda number: number != index))
    assert not includes(other, size, leaf, proof, root)
    assert not includes(index, size, leaf_hash(b"other"), proof, root)
    assert not includes(index, size, leaf, proof, ROOTS[size - 1])
    assert not includes(index, size, leaf, [*proof, root], root)
    assert not includes(index, size, leaf, proof[:-1], root) or size == 1
    for place in range(len(proof)):
        broken = [*proof[:place], bytes(32), *proof[place + 1 :]]
        assert not includes(index, size, leaf, broken, root)


@given(st.data())
def test_no_consistency_proof_serves_for_another_past_or_present(data):
    """Planted: comparing only `sr`, or only `fr`; both are caught."""
    new = data.draw(st.integers(2, len(LEAVES)))
    old = data.draw(st.integers(1, new - 1))
    proof = consistency_proof(old, new, node)
    assert not extends(old, new, bytes(32), ROOTS[new], proof=proof)
    assert not extends(old, new, ROOTS[old], bytes(32), proof=proof)
    assert not extends(old, new, ROOTS[old], ROOTS[new], proof=[*proof, bytes(32)])
    assert not extends(old, new, ROOTS[old], ROOTS[new], proof=proof[:-1])
    assert not extends(new, old, ROOTS[new], ROOTS[old], proof=proof)
    for place in range(len(proof)):
        broken = [*proof[:place], bytes(32), *proof[place + 1 :]]
        assert not extends(old, new, ROOTS[old], ROOTS[new], proof=broken)


def test_a_path_that_stops_below_the_root_proves_nothing():
    """The roots are those of smaller trees, so every hash fits; only the path is too short."""
    leaf = leaf_hash(LEAVES[0])
    assert includes(0, 1, leaf, [], ROOTS[1])
    assert not includes(0, 5, leaf, [], ROOTS[1])
    assert not includes(0, 5, leaf, inclusion_proof(0, 2, node), ROOTS[2])
    assert not includes(0, 70, leaf, inclusion_proof(0, 64, node), ROOTS[64])
    proof = consistency_proof(1, 2, node)
    assert extends(1, 2, ROOTS[1], ROOTS[2], proof=proof)
    assert not extends(1, 5, ROOTS[1], ROOTS[2], proof=proof)


def test_equal_sizes_want_equal_roots_and_every_tree_extends_the_empty_one():
    assert extends(5, 5, ROOTS[5], ROOTS[5], proof=[])
    assert not extends(5, 5, ROOTS[5], ROOTS[6], proof=[])
    assert not extends(5, 5, ROOTS[5], ROOTS[5], proof=[ROOTS[5]])
    assert extends(0, 5, EMPTY_ROOT, ROOTS[5], proof=[])
    assert not extends(0, 5, ROOTS[1], ROOTS[5], proof=[])
    assert not extends(0, 5, EMPTY_ROOT, ROOTS[5], proof=[ROOTS[5]])
    assert not extends(6, 5, ROOTS[6], ROOTS[5], proof=[ROOTS[5]])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_proof_is_made_of_an_entry_that_is_not_there(index, size):
    with pytest.raises(ValueError, match="no entry"):
        inclusion_proof(index, size, node)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_no_proof_is_made_from_nothing_or_backwards(old, new):
    with pytest.raises(ValueError, match="no proof"):
        consistency_proof(old, new, node)
