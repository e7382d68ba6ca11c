import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.ledger.commitment import commit, opens, pseudonym

SALT, OTHER = bytes(32), bytes(31) + b"\x01"
salts = st.binary(min_size=32, max_size=32)


@given(st.binary(), salts, st.binary(), salts)
def test_a_commitment_opens_with_its_value_and_salt_and_with_nothing_else(value, salt, other, key):
    """Planted: leaving the salt, or the value's last byte, out of the hash; both are caught."""
    assert opens(commit(value, salt), value, salt)
    assert opens(commit(value, salt), other, key) == ((value, salt) == (other, key))
    assert not opens(commit(value, salt), value + b"\0", salt)
    assert not opens(commit(value, salt), value, bytes(31) + bytes([salt[-1] ^ 1]))


def test_a_commitment_shows_nothing_of_a_value_that_can_be_guessed():
    assert commit(b"13800000000", SALT) != commit(b"13800000000", OTHER)


def test_salt_and_value_cannot_be_shifted_against_each_other():
    assert commit(b"\x01", SALT) != commit(b"", OTHER)
    with pytest.raises(ValueError, match="33 bytes"):
        commit(b"", SALT + b"\x01")
    assert not opens(commit(b"", SALT), b"", b"")


def test_a_pseudonym_is_the_same_within_a_scope_and_unlinkable_across():
    same = pseudonym(SALT, "app-1", b"user-1")
    assert same == pseudonym(SALT, "app-1", b"user-1")
    others = {
        pseudonym(SALT, "app-2", b"user-1"),
        pseudonym(SALT, "app-1", b"user-2"),
        pseudonym(OTHER, "app-1", b"user-1"),
        pseudonym(SALT, "app", b"-1user-1"),
    }
    assert len(others) == 4
    assert same not in others


@pytest.mark.parametrize(("key", "scope"), [(b"short", "app"), (SALT, "a\0b")])
def test_a_weak_key_or_an_ambiguous_scope_is_refused(key, scope):
    with pytest.raises(ValueError, match=r"key|NUL"):
        pseudonym(key, scope, b"user")
