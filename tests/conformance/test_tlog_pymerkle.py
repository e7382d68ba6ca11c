"""A ledger written by us, judged by an implementation that is not ours: `pymerkle`.

It builds the tree from the raw entries by itself, and checks with its own rules what we publish:
roots, inclusion and consistency. It is a dependency of the tests only. The files are read here by
the specification's text alone, without our code.
"""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InclusionProof, InmemoryTree

from kanhe.adapters.ledger_directory import reader
from kanhe.ledger.reading import Log
from kanhe.ledger.tree import extends, includes, leaf_hash
from ledgers import KEY, write

SIZE = 700


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    place = tmp_path_factory.mktemp("ledger") / "ledger"
    write(place, 300)
    write(place, SIZE - 300)
    return place


@pytest.fixture(scope="module")
def theirs(directory):
    tree = InmemoryTree(algorithm="sha256")
    for raw in read_entries(directory):
        tree.append_entry(raw)
    return tree


def read_entries(directory):
    """C2SP tlog-tiles, "Log entries": bundles of big-endian uint16 length-prefixed entries."""
    bundles = directory / "tile" / "entries"
    data = b"".join((bundles / name).read_bytes() for name in ("000", "001", "002.p/188"))
    while data:
        length = int.from_bytes(data[:2], "big")
        yield data[2 : 2 + length]
        data = data[2 + length :]


def checkpoint(directory):
    """C2SP tlog-checkpoint and signed-note."""
    text, _, signatures = (directory / "checkpoint").read_text().rpartition("\n\n")
    origin, size, root = text.split("\n")
    (line,) = signatures.splitlines()
    dash, name, signature = line.split(" ")
    assert (dash, name) == ("—", origin)
    return f"{text}\n", int(size), base64.b64decode(root), base64.b64decode(signature)


def test_the_signed_root_is_theirs(directory, theirs):
    text, size, root, signature = checkpoint(directory)
    name, key_id, encoded = (directory / "verifier.key").read_text().strip().split("+", 2)
    key = base64.b64decode(encoded)
    assert (name, size, key[0]) == (KEY.name, SIZE, 1)
    assert signature[:4].hex() == key_id
    Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], text.encode())
    assert theirs.get_size() == SIZE
    assert theirs.get_root() == root


def test_our_tiles_hold_their_leaf_hashes(directory, theirs):
    tiles = directory / "tile" / "0"
    data = b"".join((tiles / name).read_bytes() for name in ("000", "001", "002.p/188"))
    assert len(data) == SIZE * 32
    for index in range(SIZE):
        assert theirs.get_leaf(index + 1) == data[index * 32 : index * 32 + 32]


@pytest.mark.parametrize("index", [0, 1, 255, 256, 511, 512, 698, 699])
def test_their_checker_takes_our_inclusion_proofs_and_ours_takes_theirs(directory, theirs, index):
    path = Log(reader(directory), SIZE).inclusion_proof(index, SIZE)
    leaf, root = theirs.get_leaf(index + 1), theirs.get_root()
    proof = theirs.prove_inclusion(index + 1)
    assert includes(index, SIZE, leaf, proof.path[1:], root)
    ours = InclusionProof("sha256", True, SIZE, index + 1, proof.rule, [leaf, *path])
    ours.verify(leaf, root, index=index + 1, size=SIZE)


@pytest.mark.parametrize("old", [1, 2, 255, 256, 257, 300, 512, 699])
def test_both_agree_that_the_log_extends_its_past(directory, theirs, old):
    ours = Log(reader(directory), SIZE).consistency_proof(old, SIZE)
    past, now = theirs.get_root(old), theirs.get_root()
    assert extends(old, SIZE, past, now, proof=ours)
    theirs.prove_consistency(old, SIZE).verify(past, now)


def test_they_hash_an_entry_as_we_do(directory, theirs):
    for index, raw in enumerate(read_entries(directory)):
        assert theirs.get_leaf(index + 1) == leaf_hash(raw)
