"""Counts by category and language: what a law asks risk by risk, and nothing that tells a text."""

from datetime import UTC, datetime

import pytest

from fakes_judge import FakeJudge, labelled, measured, row
from kanhe.errors import RequestError
from kanhe.judge.counts import Counts
from kanhe.judge.record import MEASURED, check_facts, measured_facts
from kanhe.judge.score import Cell, Found
from kanhe.judge.shares import MOST, alarms, caught, is_counts, is_shares, own
from kanhe.ledger.entry import encode


def cell(category, lang, **counts):
    return Cell("s", lang, "prompt", category, Counts(**counts))


def test_a_category_that_is_never_found_is_not_hidden_behind_the_others():
    """Planted: a judge that finds all fraud and no drugs; the figure over all rows is 90 %."""
    table = [cell("fraud", "zh", tp=90), cell("drugs", "zh", fn=10), cell("none", "zh", tn=5)]
    assert caught(table) == {"drugs": {"zh": [0, 10]}, "fraud": {"zh": [90, 90]}}


def test_languages_are_told_apart_and_sets_are_added_up():
    table = [cell("fraud", "zh", tp=1, fn=2), cell("fraud", "zh", tp=3), cell("fraud", "en", fn=4)]
    assert caught(table) == {"fraud": {"en": [0, 4], "zh": [4, 6]}}


def test_a_row_without_an_opinion_counts_against_the_judge():
    """Planted: unscored and failed rows left out of either side."""
    table = [cell("fraud", "zh", tp=1, unsafe_unscored=1, unsafe_failed=1),
             cell("none", "zh", tn=1, safe_unscored=1, safe_failed=1)]  # fmt: skip
    assert caught(table) == {"fraud": {"zh": [1, 3]}}
    assert alarms(table) == {"zh": [2, 3]}
    found = [Found("fraud", "zh", Counts(tp=1, unsafe_failed=1, tn=1, safe_failed=1))]
    assert own(found) == {"fraud": {"zh": [1, 2, 1, 2]}}


def test_names_that_only_the_authors_of_a_set_use_are_not_told():
    table = [cell("Toxic", "zh", tp=1), cell("own.slurs", "zh", tp=1), cell("unsafe", "zh", tp=1)]
    assert caught(table) == {"own.slurs": {"zh": [1, 1]}}


def test_languages_with_the_most_rows_are_kept_and_only_such_as_the_ledger_can_hold():
    table = [cell("fraud", f"l{n}", tp=n) for n in range(1, 9)]
    table += [cell("fraud", "中文", tp=99), cell("fraud", "x" * 99, tp=99)]
    assert list(caught(table)["fraud"]) == [f"l{n}" for n in range(3, 9)]


def test_the_most_that_can_be_told_fits_into_an_entry():
    """Planted: as many categories, languages and sets as are told, with large counts."""
    facts = measured_facts(measured(FakeJudge(lambda _: 0.9), labelled("u", row("a", True))))
    names = [f"own.{n:040}" for n in range(MOST)]
    langs = [f"language-{n:07}" for n in range(6)]
    full = {
        "sets": ["a" * 64] * 200,
        "caught": {name: {lang: [999_999, 999_999] for lang in langs} for name in names},
        "own": {name: {lang: [999_999] * 4 for lang in langs} for name in names},
        "thresholds": dict.fromkeys(names, 999_999),
    }
    check_facts(MEASURED, facts | full)
    encode(MEASURED, datetime.now(UTC), facts | full)


@pytest.mark.parametrize(
    "value",
    [{"fraud": {"zh": [2, 1]}}, {"fraud": {"zh": [1]}}, {"fraud": {"zh": [-1, 1]}},
     {"fraud": {"zh": ["1", 1]}}, {"fraud": {"zh": "11"}}, {"fraud": [1, 1]}, {"a text": {}},
     {"fraud": {"zh" * 20: [1, 1]}}, [], "x", {f"own.{n}": {} for n in range(99)}],
)  # fmt: skip
def test_what_are_no_counts_is_not_recorded(value):
    assert not is_shares(value, 2)
    facts = measured_facts(measured(FakeJudge(lambda _: 0.9), labelled("u", row("a", True))))
    with pytest.raises(RequestError):
        check_facts(MEASURED, facts | {"caught": value})


def test_counts_come_in_pairs_of_some_and_all():
    assert is_counts({"zh": [1, 2, 3, 4]}, 4)
    assert not is_counts({"zh": [1, 2, 4, 3]}, 4)
    assert not is_counts({"zh": [True, 2]})
