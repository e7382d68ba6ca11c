import pytest

from kanhe.errors import LedgerError
from kanhe.ledger.checkpoint import Checkpoint
from kanhe.ledger.proof import Proof, parse
from kanhe.ledger.tree import inclusion_proof
from ledgers import KEY, SIGNER, mth

LEAVES = [b"a", b"b", b"c", b"d", b"e"]
HEAD = Checkpoint(SIGNER.name, 5, mth(LEAVES))
PATH = tuple(inclusion_proof(2, 5, lambda k, i: mth(LEAVES[i << k : (i + 1) << k])))
PROOF = Proof(b"c", 2, PATH, HEAD.signed(SIGNER))


def test_a_proof_reads_back_and_leads_to_the_signed_root():
    assert parse(bytes(PROOF)) == PROOF
    assert PROOF.check(KEY) == HEAD


def test_a_proof_of_the_only_entry_has_no_path():
    alone = Proof(b"a", 0, (), Checkpoint(SIGNER.name, 1, mth([b"a"])).signed(SIGNER))
    assert parse(bytes(alone)).check(KEY).size == 1


@pytest.mark.parametrize(
    "altered",
    [
        Proof(b"C", 2, PATH, PROOF.note),
        Proof(b"c", 3, PATH, PROOF.note),
        Proof(b"c", 2, PATH[:-1], PROOF.note),
        Proof(b"c", 2, (*PATH[:-1], bytes(32)), PROOF.note),
        Proof(b"c", 2, PATH, Checkpoint(SIGNER.name, 9, mth(LEAVES)).signed(SIGNER)),
    ],
)
def test_an_altered_proof_does_not_lead_to_the_root(altered):
    with pytest.raises(LedgerError, match="does not lead"):
        altered.check(KEY)


def test_a_proof_is_held_against_a_checkpoint_from_elsewhere():
    unsigned = Proof(b"c", 2, PATH, HEAD.text.encode())
    assert parse(bytes(unsigned)).check(KEY, HEAD.signed(SIGNER)) == HEAD
    with pytest.raises(LedgerError, match="no note to be trusted"):
        unsigned.check(KEY)


GOOD = bytes(PROOF).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD.replace("tlog-proof@v1", "tlog-proof@v2"),
        GOOD.replace("index 2", "index 02"),
        GOOD.replace("index 2", "index -2"),
        GOOD.replace("extra ", "extra !"),
        GOOD.replace("index 2\n", "index 2\nAAAA\n"),
        GOOD.replace("index 2\n", "index 2\n!\n"),
        GOOD.split("\n\n")[0],
    ],
)
def test_what_is_no_proof_is_refused(text):
    with pytest.raises(LedgerError, match="this is no proof"):
        parse(text.encode())


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(LedgerError, match="this is no proof"):
        parse(b"\xff")
