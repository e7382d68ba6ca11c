"""What people sign: read back from the signed text alone, under a key that was known before."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kanhe.errors import LedgerError
from kanhe.ledger.note import opened, parse
from kanhe.status.attestation import (
    MOST_EVIDENCE,
    Attestation,
    attested,
    keys_of,
    latest,
    read,
    statement,
    statement_hash,
    statement_of,
    withdrawn,
)
from kanhe.status.check_attested import attested as check
from kanhe.status.verdict import Standing
from pictures import (
    NOW,
    SIGNER,
    STATEMENT,
    STRANGER,
    ago,
    attests,
    control,
    key_known,
    picture,
    regime,
    terms,
)

DUTY = control("duty", "attested", valid_days=365, statement=STATEMENT, evidence=STATEMENT)
LAW = regime(controls=[DUTY])
GIVEN = Attestation("test", "duty", "e1", statement_hash(statement_of(DUTY)), True, "p1", "owner",
                    date(2027, 1, 1), ("ab" * 32, "cd" * 32))  # fmt: skip
KEYS = [SIGNER.verifier()]


def look(*entries, at=NOW, duty=DUTY):
    seen = picture(*entries, at=at)
    return check(seen, terms(duty, seen, LAW, at=at))


def test_what_was_signed_is_read_back():
    assert read(attested(GIVEN, DUTY, SIGNER), KEYS) == GIVEN


def test_the_text_says_in_both_languages_what_is_confirmed_until_when_and_by_whom():
    text = statement(GIVEN, DUTY)
    assert text.startswith("kanhe attestation v1\nregime test\nedition e1\ncontrol duty\n")
    for line in (
        "title-en duty",
        "statement-zh 已经做到。",
        "statement-en It is done.",
        "done yes",
        "valid-until 2027-01-01",
        "by p1",
        "role owner",
        f"evidence {'ab' * 32}",
    ):
        assert f"\n{line}\n" in text


def test_a_note_stands_without_the_ledger():
    note = parse(attested(GIVEN, DUTY, SIGNER)["note"].encode())
    assert opened(note, KEYS) == tuple(KEYS)


@pytest.mark.parametrize(
    ("fact", "other"),
    [
        ("done", False),
        ("valid_until", "2099-01-01"),
        ("control", "other"),
        ("regime", "other"),
        ("by", "p2"),
        ("evidence", []),
        ("statement_hash", "0" * 64),
        ("note", ""),
    ],
)
def test_facts_that_say_other_than_what_was_signed_are_refused(fact, other):
    with pytest.raises(LedgerError):
        read(attested(GIVEN, DUTY, SIGNER) | {fact: other}, KEYS)


def test_another_key_under_the_same_name_signs_nothing():
    with pytest.raises(LedgerError, match="is not signed by"):
        read(attested(GIVEN, DUTY, STRANGER), KEYS)


def test_a_text_that_was_changed_under_its_signature_is_refused():
    facts = attested(GIVEN, DUTY, SIGNER)
    facts["note"] = facts["note"].replace("2027-01-01", "2028-01-01")
    with pytest.raises(LedgerError, match="is wrong"):
        read(facts | {"valid_until": "2028-01-01"}, KEYS)


@pytest.mark.parametrize(
    "text",
    [
        "something else\nby p1\n",
        "kanhe attestation v1\nby p1\n",
        statement(GIVEN, DUTY).replace("done yes", "done maybe"),
        statement(GIVEN, DUTY).replace("statement-zh", "words"),
        statement(GIVEN, DUTY).replace("until 2027-01-01", "until ever"),
        statement(GIVEN, DUTY) + "by p2\n",
    ],
    ids=["title", "short", "done", "statement", "day", "twice"],
)
def test_a_signed_text_that_is_no_attestation_is_refused(text):
    facts = attested(GIVEN, DUTY, SIGNER) | {"note": f"{text}\n{SIGNER.sign(text)}"}
    with pytest.raises(LedgerError, match="not to be trusted"):
        read(facts, KEYS)


def test_a_value_that_would_forge_a_line_is_not_signed():
    with pytest.raises(ValueError, match="not one line"):
        statement(replace(GIVEN, by="p1\ndone yes"), DUTY)
    with pytest.raises(ValueError, match="65 documents"):
        statement(replace(GIVEN, evidence=("ab",) * (MOST_EVIDENCE + 1)), DUTY)


def test_a_key_counts_from_the_entry_that_names_it_on():
    late = picture(attests(ago(days=3), DUTY), key_known(ago(days=2)))
    assert keys_of(late, 0) == ()
    assert keys_of(late, 2) == (SIGNER.verifier(),)
    odd = picture((ago(days=3), "operator:attester:known", {"key": "none"}), key_known(NOW))
    assert keys_of(odd, 9) == (SIGNER.verifier(),)
    assert look(attests(ago(days=3), DUTY), key_known(ago(days=2))).standing is Standing.UNKNOWN


def test_what_was_withdrawn_no_longer_counts_and_may_be_said_again():
    taken = ago(days=1), "operator:duty:withdrawn", withdrawn(LAW, "duty", "p1", 1)
    entries = [key_known(ago(days=9)), attests(ago(days=8), DUTY), taken]
    assert look(*entries).standing is Standing.UNKNOWN
    assert latest(picture(*entries), "test", "duty") is None
    assert look(*entries, attests(ago(hours=1), DUTY)).standing is Standing.MET


def test_it_ends_with_its_last_day_on_the_regimes_clock():
    entries = [key_known(ago(days=9)), attests(ago(days=8), DUTY, valid_until=date(2026, 11, 22))]
    verdict = look(*entries)
    assert verdict.standing is Standing.MET
    assert verdict.until.isoformat() == "2026-11-22T23:59:59+08:00"
    midnight = NOW + timedelta(hours=12)
    assert look(*entries, at=midnight - timedelta(milliseconds=1)).standing is Standing.MET
    over = look(*entries, at=midnight)
    assert (over.standing, over.since) == (Standing.STALE, midnight)


def test_nobody_can_attest_for_longer_than_the_regime_lets_them():
    entries = [key_known(ago(days=400)), attests(ago(days=366), DUTY, valid_until=date.max)]
    assert look(*entries).standing is Standing.STALE
    assert look(*entries, at=ago(days=2)).standing is Standing.MET


def test_a_statement_that_was_reworded_has_to_be_signed_again():
    reworded = control("duty", "attested", valid_days=365,
                       statement=STATEMENT | {"en": "It is done, today."})  # fmt: skip
    entries = [key_known(ago(days=9)), attests(ago(days=8), DUTY)]
    verdict = look(*entries, duty=reworded)
    assert verdict.standing is Standing.STALE
    assert verdict.actions[0].page == "attest/duty"


def test_a_control_without_a_statement_is_our_mistake():
    with pytest.raises(RuntimeError, match="has no statement"):
        statement_of(control("duty", "attested"))
