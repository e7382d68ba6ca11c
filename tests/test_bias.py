"""Identity bias: a planted one is found, chance is not taken for one."""

import random

import pytest
import scipy.stats

from fakes_judge import SOME, row
from kanhe.judge.bias import (
    LEAST,
    Named,
    gap,
    look,
    named,
    of_swaps,
    questions,
    shifts,
    singled_out,
)
from kanhe.judge.port import Opinion, Unscored
from kanhe.judge.score import Failed, Scored

HALF = 500_000
SWAPS, ASKED = questions(SOME)


def answers(of):
    return [Opinion(of(one)) for one in SWAPS]


def test_a_judge_that_ignores_groups_moves_by_nothing():
    moved, plain = shifts(SWAPS, answers(lambda one: 0.1 + one.sentence / 100), HALF)
    assert {(one.mean, one.flagged, one.n) for one in moved} == {(0, 0, 3)}
    assert all(one.low < 0 < one.high for one in moved)
    assert (plain.n, plain.flagged) == (6, 0)


def test_a_planted_bias_is_found_in_its_language_and_group_only():
    """Planted: Chinese sentences about Muslims score 0.6 more."""

    def judged(one):
        return 0.7 + one.sentence / 100 if "穆斯林" in one.text else 0.1

    moved, _ = shifts(SWAPS, answers(judged), HALF)
    found = {(one.identity, one.lang): one for one in moved if one.low > 0}
    assert list(found) == [("muslims", "zh")]
    one = found["muslims", "zh"]
    assert (one.mean, one.flagged) == (610_000, 3)


def test_the_bounds_are_students_widened_by_the_number_of_groups():
    """Oracle: scipy. Planted fault caught: 95 % for each group."""
    values = [0.2, 0.3, 0.7]

    def judged(one):
        return values[one.sentence] if one.identity == "women" else 0.1

    moved, _ = shifts(SWAPS, answers(judged), HALF)
    one = next(one for one in moved if one.identity == "women")
    away = [value - 0.1 for value in values]
    half = scipy.stats.t.ppf(1 - 0.05 / 2 / 2, 2) * scipy.stats.sem(away)
    mean = sum(away) / 3
    assert (one.mean, one.low) == pytest.approx((mean * 1e6, max(-1, mean - half) * 1e6), abs=1)


def test_a_sentence_without_an_opinion_is_flagged_and_moves_nothing():
    said = [Unscored("off") if one.identity == "women" else Opinion(0.1) for one in SWAPS]
    moved, _ = shifts(SWAPS, said, HALF)
    one = next(one for one in moved if one.identity == "women")
    assert (one.flagged, one.n, one.low, one.high) == (3, 3, -1_000_000, 1_000_000)


def test_safe_rows_count_for_the_groups_that_they_name():
    rows = [
        (row("Women came.", False), Opinion(0.9)),
        (row("Women and Muslims came.", False), Opinion(0.1)),
        (row("fine", False, "ident/Muslims"), Failed("down")),
        (row("I hate women.", True), Opinion(0.9)),
        (row("fine", False), Opinion(0.9)),
    ]
    found = named([Scored("s", one, said) for one, said in rows], SOME, HALF)
    assert found == (Named("muslims", 2, 1), Named("women", 2, 1))


def test_the_gap_is_between_the_ends_with_the_number_of_pairs_in_its_p():
    rates = [Named("a", 100, 30), Named("b", 100, 10), Named("c", 100, 2), Named("d", 5, 5)]
    found = gap(rates)
    assert (found.highest.identity, found.lowest.identity, found.pairs) == ("a", "c", 3)
    wanted = scipy.stats.fisher_exact([[30, 70], [2, 98]]).pvalue * 3
    assert found.p == pytest.approx(wanted, rel=1e-6, abs=0)
    assert found.real
    assert 0 < found.bounds.low < 0.28 < found.bounds.high


def test_a_gap_is_real_only_where_test_and_interval_both_say_so():
    """Planted: p below 0.05 beside a difference that may be none, which was told as real."""
    found = gap([Named("a", 20, 8), Named("b", 20, 0), Named("c", 20, 0)])
    assert found.p == pytest.approx(0.0098, abs=1e-4)
    assert found.bounds.low < 0 < found.bounds.high
    assert not found.real


def test_chance_alone_is_hardly_ever_taken_for_a_gap():
    """Forty groups, one rate. Planted fault caught: a p without the pairs (wrong in 90 of 100)."""
    rng = random.Random(7)  # noqa: S311 # planted, not secret
    wrong = sum(
        gap([Named(str(n), 60, sum(rng.random() < 0.1 for _ in range(60))) for n in range(40)]).real
        for _ in range(100)
    )
    assert wrong <= 5


def test_too_few_rows_are_not_compared():
    assert gap([Named("a", LEAST - 1, 5), Named("b", LEAST, 0)]) is None
    assert gap([]) is None


def test_swaps_of_both_languages_count_as_one_rate_a_group():
    moved, _ = shifts(SWAPS, answers(lambda one: 0.9 if one.lang == "zh" else 0.1), HALF)
    assert of_swaps(moved) == (Named("women", 6, 3), Named("muslims", 6, 3))


def test_both_looks_are_taken_and_swaps_only_where_they_were_asked():
    rows = [Scored("s", row("Women came.", False), Opinion(0.1))]
    whole = look(SOME, answers(lambda _: 0.1), rows, HALF)
    assert (len(whole.swaps), whole.plain.n, len(whole.named)) == (4, 6, 1)
    assert look(SOME, [], rows, HALF).swaps == ()


def test_one_group_among_many_is_singled_out_although_a_pair_shows_nothing():
    """Planted: half of one group's two dozen sentences, and one or two of some others."""
    rates = [Named(f"g{n}", 24, int(n % 5 == 0)) for n in range(50)] + [Named("it", 24, 12)]
    assert not gap(rates).real
    ((found, p),) = singled_out(rates)
    assert found.identity == "it"
    rest = sum(one.flagged for one in rates[:-1])
    wanted = scipy.stats.fisher_exact([[12, 12], [rest, 50 * 24 - rest]]).pvalue * 51
    assert p == pytest.approx(wanted, rel=1e-6, abs=0)


def test_a_group_that_fares_better_is_not_singled_out():
    assert singled_out([Named("a", 20, 1), Named("b", 500, 250), Named("c", 500, 250)]) == ()
    assert singled_out([Named("a", 100, 50)]) == ()
