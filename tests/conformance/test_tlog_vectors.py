"""Values that others published: RFC 6962's tree, Go's signed notes, C2SP's examples."""

from __future__ import annotations

from hashlib import sha256

import pytest

from kanhe.ledger import note
from kanhe.ledger.checkpoint import parse
from kanhe.ledger.frontier import Edge
from kanhe.ledger.note import Kind, Signer, VerifierKey
from kanhe.ledger.tree import EMPTY_ROOT, consistency_proof, inclusion_proof, leaf_hash, root_of
from ledgers import mth

# The leaves and roots with which Certificate Transparency's implementations test RFC 6962.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgK"
    "vqfqdngotpRZb6K"
    "E6RyyBwJnAM=\n"
)
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01"
    "oOTGwnWLox33WWd1"
    "RvMc+QQ=\n"
)
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4U"
    "RYN7u5/Zhcyv2q1gG"
    "zGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZ"
    "CB9dlrDJsX3b2oyin"
    "1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def node(level, index):
    return mth(LEAVES[index << level : (index + 1) << level])


@pytest.mark.parametrize("size", range(9))
def test_roots_of_rfc_6962(size):
    edge = Edge()
    assert list(edge.push(LEAVES[:size])) == []
    assert root_of(size, node).hex() == edge.tree.root().hex() == ROOTS[size]
    assert EMPTY_ROOT.hex() == ROOTS[0]


def test_proofs_of_rfc_9162_section_2_1_5():
    """The example tree of seven leaves: proofs named by their letters there."""
    d = [str(i).encode() for i in range(7)]

    def of(level, index):
        return mth(d[index << level : (index + 1) << level])

    a, b, c, e, f, j = (leaf_hash(d[i]) for i in (0, 1, 2, 4, 5, 6))
    g, h, i = mth(d[0:2]), mth(d[2:4]), mth(d[4:6])
    k, l = mth(d[0:4]), mth(d[4:7])  # noqa: E741 - the RFC's letters
    d3 = leaf_hash(d[3])
    assert inclusion_proof(0, 7, of) == [b, h, l]
    assert inclusion_proof(3, 7, of) == [c, g, l]
    assert inclusion_proof(4, 7, of) == [f, j, k]
    assert inclusion_proof(6, 7, of) == [i, k]
    assert consistency_proof(3, 7, of) == [c, d3, g, l]
    assert consistency_proof(4, 7, of) == [l]
    assert consistency_proof(6, 7, of) == [i, j, k]
    assert a != e


def test_go_note_keys_and_signatures():
    signer = Signer.parse(PETER_SECRET)
    assert str(signer.verifier()) == PETER
    assert signer.sign(TEXT) == PETER_LINE


def test_go_note_opens_with_one_key_or_both():
    read = note.parse(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}".encode())
    peter, enoch = VerifierKey.parse(PETER), VerifierKey.parse(ENOCH)
    assert note.opened(read, [peter]) == (peter,)
    assert note.opened(read, [enoch]) == (enoch,)
    assert note.opened(read, [peter, enoch]) == (peter, enoch)


def test_c2sp_checkpoint_with_a_cosignature():
    """The specification gives no key, so form and body are read, not the signatures."""
    read = note.parse(SOFA.encode())
    head = parse(read.text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert [signature.name for signature in read.signatures] == [
        head.origin,
        "witness.example.com/w1",
    ]
    assert len(read.signatures[0].blob) == 64
    assert int.from_bytes(read.signatures[1].blob[:8]) == 1679315147


def test_key_ids_are_made_as_the_specification_says():
    public = bytes(range(32))
    for kind, byte in ((Kind.LOG, b"\x01"), (Kind.WITNESS, b"\x04")):
        expected = sha256(b"example.com/foo\n" + byte + public).digest()[:4]
        assert VerifierKey("example.com/foo", kind, public).id == expected
