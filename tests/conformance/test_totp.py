"""Codes against the vectors of RFC 6238, Appendix B, and RFC 4226, Appendix D."""

import pytest

from kanhe.accounts.totp import STEP_S, code

SEEDS = {
    "sha1": b"12345678901234567890",
    "sha256": b"12345678901234567890123456789012",
    "sha512": b"1234567890123456789012345678901234567890123456789012345678901234",
}
TIMES = {
    59: ("94287082", "46119246", "90693936"),
    1111111109: ("07081804", "68084774", "25091201"),
    1111111111: ("14050471", "67062674", "99943326"),
    1234567890: ("89005924", "91819424", "93441116"),
    2000000000: ("69279037", "90698825", "38618901"),
    20000000000: ("65353130", "77737706", "47863826"),
}
COUNTS = ("755224", "287082", "359152", "969429", "338314",
          "254676", "287922", "162583", "399871", "520489")  # fmt: skip


@pytest.mark.parametrize("at", TIMES)
@pytest.mark.parametrize("digest", SEEDS)
def test_codes_are_those_of_rfc_6238(at, digest):
    expected = dict(zip(SEEDS, TIMES[at], strict=True))[digest]
    assert code(SEEDS[digest], at // STEP_S, digits=8, digest=digest) == expected


@pytest.mark.parametrize("count", range(10))
def test_codes_are_those_of_rfc_4226(count):
    assert code(SEEDS["sha1"], count) == COUNTS[count]
