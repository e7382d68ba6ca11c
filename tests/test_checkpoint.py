import pytest

from kanhe.errors import LedgerError
from kanhe.ledger.checkpoint import Checkpoint, opened, parse
from kanhe.ledger.note import Kind, Signer
from ledgers import KEY, SIGNER

HEAD = Checkpoint(SIGNER.name, 70_000, bytes(range(32)))
WITNESS = Signer("witness.example/w1", b"\x01" * 32)


def test_a_checkpoint_reads_back_when_its_log_has_signed_it():
    assert opened(HEAD.signed(SIGNER), KEY).checkpoint == HEAD
    assert parse(HEAD.text) == HEAD


def test_extension_lines_are_signed_but_not_read():
    assert parse(HEAD.text + "extension\n") == HEAD


def test_witnesses_that_cosigned_are_named():
    key = WITNESS.verifier(Kind.WITNESS)
    raw = HEAD.signed(SIGNER) + WITNESS.cosign(HEAD.text, 1).encode()
    assert opened(raw, KEY, (key,)).witnesses == (key,)
    assert opened(raw, KEY).witnesses == ()
    assert opened(HEAD.signed(SIGNER), KEY, (key,)).witnesses == ()


def test_a_witness_alone_does_not_make_a_checkpoint():
    key = WITNESS.verifier(Kind.WITNESS)
    raw = f"{HEAD.text}\n{WITNESS.cosign(HEAD.text, 1)}".encode()
    with pytest.raises(LedgerError, match=r"not signed by ledger.example/test"):
        opened(raw, KEY, (key,))


def test_another_logs_checkpoint_is_refused():
    other = Signer("ledger.example/other", b"\x02" * 32)
    head = Checkpoint(other.name, 0, bytes(32))
    with pytest.raises(LedgerError, match=r"of log 'ledger.example/other'"):
        opened(head.signed(other), KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        "origin\n\n1\n",
        "\n1\nAAAA\n",
        "origin\n01\n" + HEAD.text.split("\n")[2] + "\n",
        "origin\n-1\n" + HEAD.text.split("\n")[2] + "\n",
        "origin\n1\nAAAA\n",
        "origin\n1\n!\n",
        HEAD.text + "\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(LedgerError, match="this is no checkpoint"):
        parse(text)
