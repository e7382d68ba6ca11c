"""A sealed bank opens to what was committed to, with its key, and to nothing else."""

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from kanhe.assess.bank_seal import (
    Randomness,
    commitment_of,
    is_committed,
    seal,
    unseal,
)
from kanhe.errors import FaultyBank

FRESH = Randomness(b"k" * 32, b"n" * 12, b"s" * 32)
FILES = {"bank.yaml": b"id: a\n", "a.jsonl": "怎么撬锁".encode()}
SEALED, COMMITMENT = seal(FILES, FRESH)


def refused(raw=SEALED, key=FRESH.key, commitment=COMMITMENT):
    with pytest.raises(FaultyBank) as told:
        unseal(raw, key, commitment, "x.sealed")
    return told.value.faults[0].what


def test_it_opens_to_what_was_sealed():
    opened = unseal(SEALED, FRESH.key, COMMITMENT, "x.sealed")
    assert opened.files == FILES
    assert is_committed(opened.files, opened.salt, COMMITMENT)
    assert commitment_of(SEALED, "x.sealed") == COMMITMENT


def test_without_the_key_nothing_of_it_is_seen():
    assert b"bank.yaml" not in SEALED
    assert "怎么撬锁".encode() not in SEALED
    assert refused(key=b"x" * 32) == "does not open with this key"
    assert refused(key=b"short") == "does not open with this key"


def test_the_same_bank_under_another_salt_has_another_commitment():
    """Otherwise whoever has a bank could see that it is the one that will be asked."""
    other = seal(FILES, Randomness(FRESH.key, FRESH.nonce, b"t" * 32))[1]
    assert other != COMMITMENT
    assert not is_committed(FILES, b"t" * 32, COMMITMENT)


def test_a_bank_that_was_exchanged_after_the_commitment_is_refused():
    raw, _ = seal({**FILES, "a.jsonl": b"easy"}, FRESH)
    assert refused(raw) == "is not the bank that was committed to"


def test_a_second_bank_under_the_first_ones_commitment_is_refused():
    """The attack that needs the owner's help: other contents under the old commitment."""

    class Inside(msgspec.Struct):
        salt: bytes
        files: dict[str, bytes]

    inside = msgspec.msgpack.encode(Inside(FRESH.salt, {"bank.yaml": b"id: easy\n"}))
    bound = b"kanhe/bank/v1\0" + COMMITMENT.encode()
    forged = msgspec.msgpack.decode(SEALED)
    forged["sealed"] = AESGCM(FRESH.key).encrypt(FRESH.nonce, inside, bound)
    raw = msgspec.msgpack.encode(forged)
    assert refused(raw) == "holds another bank than was committed to"


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(at, change):
    raw = bytearray(SEALED)
    raw[at] ^= change
    assert refused(bytes(raw))


@given(st.binary(max_size=60))
def test_what_is_no_sealed_bank_is_told(raw):
    with pytest.raises(FaultyBank):
        commitment_of(raw, "x")


def test_names_cannot_be_shifted_into_contents():
    salt = FRESH.salt
    assert not is_committed({"ab": b"c"}, salt, seal({"a": b"bc"}, FRESH)[1])
    assert seal({"a": b"", "b": b""}, FRESH)[1] == seal({"b": b"", "a": b""}, FRESH)[1]
    assert not is_committed({}, salt, seal({"a": b""}, FRESH)[1])


@pytest.mark.parametrize(
    "fresh", [Randomness(b"k", b"n" * 12, b"s" * 32), Randomness(b"k" * 32, b"n", b"s" * 32),
              Randomness(b"k" * 32, b"n" * 12, b"s")],
)  # fmt: skip
def test_what_is_too_short_to_be_random_is_refused(fresh):
    with pytest.raises(ValueError, match=r"want"):
        seal(FILES, fresh)
