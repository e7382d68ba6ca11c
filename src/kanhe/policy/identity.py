"""Which strings of digits and letters can be a number that identifies someone.

Arithmetic over text that a recogniser has already cut out: checksums, dates, issuer ranges. A check
says "this can be one", never "this was issued": no register is asked. It refuses to judge by the
current list of area codes, because people keep the number they were given under a retired code.

Text comes width-folded (ASCII digits and letters), and may hold the separators its pattern allows.
"""

from __future__ import annotations

from datetime import date

from stdnum import luhn
from stdnum.cn import uscc

_SEPARATORS = str.maketrans("", "", " -")

# ISO 7064 MOD 11-2 as GB 11643 writes it: position i, counted from the left, weighs 2^(17-i).
_RESIDENT_WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(18))

_DOMESTIC_LENGTHS = frozenset({16, 17, 18, 19})
_ISSUERS: tuple[tuple[str, str, frozenset[int]], ...] = (
    ("3528", "3589", frozenset({16})),  # JCB
    ("40", "49", frozenset({16, 19})),  # Visa; 19 are domestic debit cards such as 436742
    ("51", "55", frozenset({16})),  # Mastercard
    ("60", "60", frozenset({16, 19})),  # domestic debit cards older than the common 62 range
    ("62", "62", _DOMESTIC_LENGTHS),  # UnionPay
    ("690755", "690755", frozenset({16, 18})),
    ("81", "81", _DOMESTIC_LENGTHS),  # UnionPay
    ("940", "940", frozenset({16, 18, 19})),  # city banks
    ("9558", "9559", frozenset({16, 19})),
)
"""First prefix, last prefix, and the lengths in digits that cards of that range have."""

_ISSUERS_IF_GROUPED = (*_ISSUERS, ("2221", "2720", frozenset({16})))
"""Mastercard's second range is rare and as wide as any serial number that begins with a year, so it
counts only where the digits are also written in fours, as on a card."""

_WORDLIKE_PROVINCES = frozenset("新云贵青宁甘黑")
"""Abbreviations of provinces that are also everyday characters: 新WECHAT and 云SERVER are words."""


def is_resident_id(text: str) -> bool:
    """Say whether 18 characters carry a real date of birth and the checksum of GB 11643.

    Source: GB 11643-1999, with the standard's own sample 440524188001010014.

    >>> is_resident_id("440524188001010014")
    True
    """
    compact = text.translate(_SEPARATORS).upper()
    if len(compact) != 18 or not _is_date(compact[6:14]):
        return False
    values = [10 if char == "X" else int(char) for char in compact]
    return sum(map(int.__mul__, _RESIDENT_WEIGHTS, values)) % 11 == 1


def is_old_resident_id(text: str) -> bool:
    """Say whether 15 digits carry a real date of birth, read as 19YY. They have no checksum."""
    return len(text) == 15 and _is_date("19" + text[6:12])


def is_bank_card(text: str) -> bool:
    """Say whether 16 to 19 digits pass Luhn and begin like a card of that length.

    A valid resident number is refused: those of Gansu begin with 62 as most cards do, and one in
    ten passes Luhn by chance.
    """
    digits = text.translate(_SEPARATORS)
    issuers = _ISSUERS if digits == text else _ISSUERS_IF_GROUPED
    return (
        any(
            first <= digits[: len(first)] <= last and len(digits) in lengths
            for first, last, lengths in issuers
        )
        and bool(luhn.is_valid(digits))
        and not is_resident_id(digits)
    )


def is_credit_code(text: str) -> bool:
    """Say whether 18 characters carry the checksum of GB 32100, a unified social credit code.

    A valid resident number is refused: about one in 31 of them passes by chance.
    """
    code = text.upper()
    if code.isdigit() and is_resident_id(code):
        return False
    return len(code) == 18 and bool(uscc.calc_check_digit(code[:-1]) == code[-1])


def is_plate(text: str) -> bool:
    """Say whether text shaped like a vehicle plate is one and not a word after 新 or 云.

    A serial without any digit is believed only behind a dot, or when the province's character does
    not stand before Latin words in ordinary prose; small letters need three digits beside them.
    """
    serial = text[2:]
    digits = sum(char.isdigit() for char in serial)
    if any(char.islower() for char in text):
        return digits >= 3
    dotted = not serial[0].isalnum()
    return digits > 0 or dotted or text[0] not in _WORDLIKE_PROVINCES


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True
