"""Names that nobody can guess or link."""

from kanhe.adapters.naming import Naming
from kanhe.ledger.commitment import opens

NAMING = Naming(b"k" * 32)


def test_numbers_of_decisions_do_not_repeat():
    assert len({NAMING.decision() for _ in range(1000)}) == 1000
    assert len(NAMING.decision()) == 24


def test_a_person_is_the_same_within_an_application_and_another_in_another():
    assert NAMING.person("shop", "u1") == NAMING.person("shop", "u1")
    others = [("shop", "u2"), ("desk", "u1")]
    assert NAMING.person("shop", "u1") not in {NAMING.person(*other) for other in others}
    assert Naming(b"x" * 32).person("shop", "u1") != NAMING.person("shop", "u1")


def test_a_name_that_is_no_valid_unicode_has_a_pseudonym_too():
    assert NAMING.person("shop", "\udcff").startswith("hmac-sha256:")


def test_a_commitment_opens_with_the_decisions_salt_and_no_other():
    made = NAMING.commitment("d1", b"text")
    assert opens(made, b"text", NAMING.salt("d1"))
    assert not opens(made, b"text", NAMING.salt("d2"))
    assert not opens(made, b"Text", NAMING.salt("d1"))
