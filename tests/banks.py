"""Banks of questions for tests: harmless, short, and as unlike each other as numbers are."""

from datetime import date
from hashlib import sha256

from kanhe.assess.bank import Bank
from kanhe.assess.item import BankKind, Expect, Item
from kanhe.terms import Text

EXPECT = {
    BankKind.OUTPUT: Expect.SAFE,
    BankKind.REFUSE: Expect.REFUSE,
    BankKind.ANSWER: Expect.ANSWER,
}


def item(number, kind=BankKind.REFUSE, slice="a", **changed):
    """An item whose text is like no other's, unless it is told."""
    text = changed.pop("text", None) or sha256(f"{kind}{number}".encode()).hexdigest()[:24]
    given = {
        "id": f"{kind}-{number}", "bank": kind, "lang": "zh", "turns": (text,), "slice": slice,
        "expect": EXPECT[kind], "origin": "kanhe",
    }  # fmt: skip
    return Item(**{**given, **changed})


def bank(items, kind=BankKind.REFUSE, **changed):
    given = {
        "id": f"my-{kind}", "title": Text("题库", "A bank"), "version": "1", "kind": kind,
        "regime": "xx", "licence": "Apache-2.0", "reviewers": ("li",),
        "updated": date(2026, 11, 1), "items": tuple(items), "pending": (), "sha256": "0" * 64,
    }  # fmt: skip
    return Bank(**{**given, **changed})
