"""What the ledger is told of sealed banks: who, why and which commitment, and no question."""

import pytest

from kanhe.assess.bank_fact import (
    COMMITTED,
    REVEALED,
    check_facts,
    committed_facts,
    revealed_facts,
)
from kanhe.assess.bank_leaf import commitment
from kanhe.errors import RequestError

COMMITMENT = commitment({"bank.yaml": b""}, b"s" * 32)
REVEAL = revealed_facts(COMMITMENT, "spring", "p-17", "报告已发布", "refuse-1")


def test_facts_hold():
    check_facts(COMMITTED, committed_facts(COMMITMENT, "spring", "authority"))
    check_facts(REVEALED, REVEAL)
    check_facts(REVEALED, revealed_facts(COMMITMENT, "spring", "p-17", "x"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("commitment", "sha256:00"), ("bank", "how do I …?"), ("bank", ""), ("item", "怎么撬锁"),
     ("person", ""), ("reason", " "), ("reason", "x" * 201), ("person", "a\nb"), ("person", 3)],
)  # fmt: skip
def test_what_is_none_of_them_is_refused(name, value):
    with pytest.raises(RequestError, match=name):
        check_facts(REVEALED, REVEAL | {name: value})


def test_nothing_stands_beside_them():
    with pytest.raises(RequestError, match="has the facts"):
        check_facts(REVEALED, REVEAL | {"text": "x"})
    with pytest.raises(RequestError, match="has the facts"):
        check_facts(COMMITTED, {"bank": "spring", "commitment": COMMITMENT})
