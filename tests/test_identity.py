"""Checks of numbers that identify someone: checksums computed here by another route than there."""

import pytest

from kanhe.policy import identity


def test_the_sample_of_the_standard_is_a_resident_number():
    assert identity.is_resident_id("440524188001010014")


def test_a_checksum_of_x_is_accepted_in_both_cases():
    assert identity.is_resident_id("11010519491231002X")
    assert identity.is_resident_id("11010519491231002x")


def test_a_resident_number_may_be_written_in_groups():
    assert identity.is_resident_id("110105 19491231 002X")
    assert identity.is_resident_id("110105-19491231-002X")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("440524188001010015", "the checksum is another"),
        ("44052418800230001X", "there is no 30 February"),
        ("44052418800101001", "a digit is missing"),
    ],
)
def test_what_only_looks_like_a_resident_number_is_refused(text, why):
    assert not identity.is_resident_id(text), why


def test_a_leap_day_exists_only_in_leap_years():
    assert identity.is_old_resident_id("110105800229001")
    assert not identity.is_old_resident_id("110105790229001")


def test_an_old_resident_number_has_fifteen_digits():
    assert not identity.is_old_resident_id("11010580022900")


@pytest.mark.parametrize("card", ["4111111111111111", "4111-1111-1111-1111", "6222020000000000000"])
def test_cards_of_known_ranges_that_pass_luhn_are_cards(card):
    assert identity.is_bank_card(card)


@pytest.mark.parametrize(
    ("card", "why"),
    [
        ("4111111111111112", "Luhn fails"),
        ("411111111111111118", "no card of this range has 18 digits"),
        ("7111111111111114", "no issuer begins with 71"),
    ],
)
def test_what_only_looks_like_a_card_is_refused(card, why):
    assert not identity.is_bank_card(card), why


def test_masters_second_range_counts_only_when_written_in_fours():
    assert not identity.is_bank_card("2223003122003222")
    assert identity.is_bank_card("2223 0031 2200 3222")


def test_a_resident_number_of_gansu_that_passes_luhn_is_no_card():
    both = "620102190001010256"
    assert identity.is_resident_id(both)
    assert identity.luhn.is_valid(both)
    assert not identity.is_bank_card(both)


def test_a_credit_code_passes_in_both_cases_and_not_with_another_letter():
    assert identity.is_credit_code("91350100M000100Y43")
    assert identity.is_credit_code("91350100m000100y43")
    assert not identity.is_credit_code("91350100M000100X43")


def test_a_resident_number_that_passes_as_credit_code_is_none():
    both = "110101190001010858"
    assert identity.is_resident_id(both)
    assert identity.uscc.calc_check_digit(both[:-1]) == both[-1]
    assert not identity.is_credit_code(both)


@pytest.mark.parametrize("plate", ["京A12345", "新A12345", "新A·WECHT", "川HDCRPW", "京a12345"])
def test_plates_are_plates(plate):
    assert identity.is_plate(plate)


@pytest.mark.parametrize("word", ["新WECHAT", "云SERVER", "京server", "云server1"])
def test_latin_words_after_a_province_are_no_plates(word):
    assert not identity.is_plate(word)
