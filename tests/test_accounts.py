"""Decisions about signing in: passwords, codes, sessions and how often one may try."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kanhe.accounts import password, recovery, session, totp
from kanhe.accounts.session import Session, Stage, Terms
from kanhe.accounts.throttle import Allowance, Throttle, Tries, wait

NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
GOOD = "seven herons cross a river"
SECRET = b"planted secret of 20"


@pytest.mark.parametrize(
    "weak",
    ["", "short", "x" * 11, "x" * 257, "aaaaaaaaaaaaaaaa", "abababababababab",
     "abcdefghijklmnop", "98765432109876", "my name is Anna ok"],
)  # fmt: skip
def test_a_password_that_is_easily_guessed_is_refused(weak):
    assert password.weakness(weak, "anna") is not None


@pytest.mark.parametrize("good", [GOOD, "七只白鹭飞过一条大河去了远方", "x7$kQ!m29-zR"])
def test_no_kind_of_characters_is_asked_for(good):
    assert password.weakness(good, "anna") is None


def test_a_password_is_known_again_and_no_other_is():
    kept = password.hashed(GOOD, bytes(range(16)))
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert password.matches(kept, GOOD)
    assert not password.matches(kept, GOOD.upper())
    assert not password.matches(kept, "")


def test_two_keyboards_type_one_password():
    kept = password.hashed("caf\u00e9 by the long river", bytes(16))
    assert password.matches(kept, "cafe\u0301 by the long river")


def test_another_salt_gives_another_form():
    assert password.hashed(GOOD, bytes(16)) != password.hashed(GOOD, bytes([1] * 16))


def test_a_password_kept_by_scrypt_is_known_too(monkeypatch):
    """Where the machine's OpenSSL has no Argon2id; planted as the library tells it."""
    from cryptography.exceptions import UnsupportedAlgorithm

    def lacks(salt):
        raise UnsupportedAlgorithm("planted")

    monkeypatch.setattr(password, "_argon", lacks)
    kept = password.hashed(GOOD, bytes(16))
    assert kept.startswith("$scrypt$")
    assert password.matches(kept, GOOD)
    assert not password.matches(kept, "nine storks leave the lake")


@pytest.mark.parametrize("tried", ["", GOOD, "A" * 43])
def test_nobody_s_password_is_no_password(tried):
    assert not password.matches(password.NOBODYS, tried)


@pytest.mark.parametrize(("late", "taken"), [(-2, 0), (-1, 1), (0, 1), (1, 1), (2, 0)])
def test_a_code_is_taken_one_step_early_or_late(late, taken):
    step = totp.step_of(NOW) + late
    assert totp.accepted(SECRET, totp.code(SECRET, step), NOW, 0) == (step if taken else None)


def test_a_code_and_all_before_it_are_not_taken_again():
    now = totp.step_of(NOW)
    for late in (-1, 0):
        assert totp.accepted(SECRET, totp.code(SECRET, now + late), NOW, now) is None
    assert totp.accepted(SECRET, totp.code(SECRET, now + 1), NOW, now) == now + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-12345", "½12345"])
def test_what_is_no_code_is_not_taken(typed):
    assert totp.accepted(SECRET, typed, NOW, 0) is None


def test_an_app_may_show_a_gap():
    code = totp.code(SECRET, totp.step_of(NOW))
    assert totp.accepted(SECRET, f" {code[:3]} {code[3:]} ", NOW, 0)


def test_a_picture_gives_an_app_the_secret_the_name_and_who_asks():
    made = urlsplit(totp.uri(SECRET, issuer="kanhe: x", name="安娜:a&b"))
    told = parse_qs(made.query)
    assert (made.scheme, made.netloc) == ("otpauth", "totp")
    assert unquote(made.path) == "/kanhe  x:安娜 a&b"
    assert base64.b32decode(told["secret"][0]) == SECRET


@given(st.binary(min_size=10, max_size=10), st.data())
def test_a_code_on_paper_is_known_however_it_is_typed(random, data):
    """Oracle: the hash of the letters. Caught with the signs 0, 1 and 8 left as they are."""
    code = recovery.spelled(random)
    misread = {"O": "O0", "I": "I1", "B": "B8"}
    typed = "".join(
        data.draw(st.sampled_from(misread.get(one, one))) for one in code.lower().upper()
    )
    assert recovery.kept(f" {typed.lower()} ".replace("-", " ")) == recovery.kept(code)
    assert base64.b32decode(code.replace("-", "")) == random


def test_a_session_ends_by_silence_by_age_and_sooner_when_signing_in_is_not_done():
    terms = Terms(timedelta(minutes=30), timedelta(hours=12), timedelta(minutes=15))

    def live(stage, age, silent):
        one = Session("a", stage, NOW - age, NOW - silent)
        return session.live(one, terms, NOW)

    second, minute, zero = timedelta(seconds=1), timedelta(minutes=1), timedelta(0)
    assert live(Stage.FULL, 12 * 60 * minute - second, 30 * minute - second)
    assert not live(Stage.FULL, 12 * 60 * minute, zero)
    assert not live(Stage.FULL, 30 * minute, 30 * minute)
    for stage in (Stage.SECOND, Stage.ENROL):
        assert live(stage, 15 * minute - second, zero)
        assert not live(stage, 15 * minute, zero)


def test_the_token_of_forms_does_not_name_the_session():
    assert session.csrf("token") != session.kept("token")
    assert "token" not in session.csrf("token")
    assert session.csrf("token") != session.csrf("other")


@given(st.integers(0, 20), st.integers(0, 400) | st.integers(3500, 3700))
@example(5, 0)
def test_a_wait_never_passes_the_longest_and_ends(count, since):
    """Oracle: the doubling written out. Caught with `>` for `>=` at the number of free tries."""
    allowance = Allowance(5, timedelta(minutes=5), timedelta(hours=1))
    pause = wait(Tries(count, NOW), allowance, NOW + timedelta(seconds=since))
    planned = min(2 ** (count - 5), 300) if count >= 5 else 0
    assert pause == timedelta(seconds=max(planned - since, 0))


def test_many_at_once_are_many():
    throttle, allowance = Throttle(), Allowance(3)
    assert [bool(throttle.admit("a", allowance, NOW)) for _ in range(5)] == [
        False, False, False, True, True,
    ]  # fmt: skip
    assert not throttle.admit("b", allowance, NOW)
    throttle.forget("a")
    assert not throttle.admit("a", allowance, NOW)


def test_after_an_hour_all_is_forgotten():
    throttle, allowance = Throttle(), Allowance(1)
    throttle.admit("a", allowance, NOW)
    assert throttle.admit("a", allowance, NOW)
    for _ in range(1):
        assert not throttle.admit("a", allowance, NOW + timedelta(hours=1))


def test_keys_without_end_do_not_fill_the_memory():
    throttle = Throttle(most=10)
    for number in range(1000):
        throttle.admit(str(number), Allowance(1), NOW)
    assert len(throttle._tries) == 10


def test_a_try_that_was_right_is_given_back_and_those_before_it_count_on():
    throttle, allowance = Throttle(), Allowance(2)
    throttle.admit("office", allowance, NOW)
    for _ in range(50):
        assert not throttle.admit("office", allowance, NOW)
        throttle.give_back("office")
    assert not throttle.admit("office", allowance, NOW)
    assert throttle.admit("office", allowance, NOW), "two that were wrong are two"
    throttle.give_back("nobody")
