"""Agreement, held against worked examples that were published, and against what has to hold."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.judge.agreement import alpha, by_value, kappa, met, pairs_of, percent


def units(*rows):
    """Things labelled by several people: a row each, a dot where somebody said nothing."""
    columns = zip(*(row.split() for row in rows), strict=True)
    return [
        {str(who): one for who, one in enumerate(column) if one != "."} for column in columns
    ]  # fmt: skip


# K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), examples A, B and C.
DICHOTOMOUS = units("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
NAMES = units("a a b b d c c c e d d a", "b a b b b c c c e d d d")
GAPS = units(
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)


@pytest.mark.parametrize(
    ("data", "published"),
    [(DICHOTOMOUS, 0.095), (NAMES, 0.692), (GAPS, 0.743)],
    ids=["two values", "names", "four people with gaps"],
)
def test_alpha_is_what_krippendorff_computes(data, published):
    found = alpha(data)
    assert round(found.value, 3) == published
    assert found.interval.low < found.value < found.interval.high


def table(*rows):
    """Pairs from a table: how often the first said the row's value and the second the column's."""
    return [
        (str(one), str(other))
        for one, row in enumerate(rows)
        for other, count in enumerate(row)
        for _ in range(count)
    ]


def test_kappa_is_what_was_published():
    """D. G. Altman, Practical Statistics for Medical Research (1991), p. 404: 85 mammograms."""
    two = table([21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1])
    assert round(kappa(two).value, 2) == 0.47
    assert kappa(two).n == 85
    assert kappa(table([20, 5], [10, 15])).value == pytest.approx(0.4)


def test_kappa_and_alpha_come_close_as_things_grow_many():
    pairs = table([400, 30], [30, 540])
    told = [{"a": one, "b": other} for one, other in pairs]
    assert alpha(told).value == pytest.approx(kappa(pairs).value, abs=1e-3)


answers = st.lists(
    st.dictionaries(st.sampled_from("pqrs"), st.sampled_from("xyz"), max_size=4), max_size=12
)


@given(answers)
def test_who_is_called_what_and_in_which_order_things_come_changes_nothing(data):
    """Planted: a `met` that looks at neighbours only."""
    names = dict(zip("pqrs", "sqpr", strict=True))
    other = [
        {names[who]: unit[who] for who in sorted(unit, key=names.get)} for unit in reversed(data)
    ]
    for measure in (percent, alpha):
        found, again = measure(data), measure(other)
        assert (found and found.value) == pytest.approx(again and again.value)
    assert met(data) == met(other)


@given(answers)
def test_agreement_without_fault_is_one_and_its_interval_is_open_below(data):
    same = [dict.fromkeys(unit, min(unit.values())) for unit in data if len(unit) > 1]
    said = {value for unit in same for value in unit.values()}
    found = alpha(same)
    if len(said) < 2:
        assert found is None
    else:
        assert found.value == 1
        assert found.interval.high == 1
        assert found.interval.low < 1
    if same:
        assert percent(same).value == 1
        assert percent(same).interval.low < 1


def test_labels_by_chance_are_worth_nothing():
    """Also with unequal shares, where two people agree on most things without looking."""
    some = random.Random(1)  # noqa: S311 # no secret
    for values in ("xy", "xyz", "xxxxxxxxxy"):
        data = [{who: some.choice(values) for who in "pq"} for _ in range(4000)]
        found = alpha(data)
        assert abs(found.value) < 0.05
        assert found.interval.low < 0 < found.interval.high
        pairs = pairs_of(data)["p", "q"]
        assert abs(kappa(pairs).value) < 0.05


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    """300 draws of 60 things, on which two people agree in 8 of 10: the true alpha is 0.6."""
    some = random.Random(2)  # noqa: S311 # no secret
    held = 0
    for _ in range(300):
        data = []
        for _ in range(60):
            first = some.choice("xy")
            other = first if some.random() < 0.8 else "xy"[first == "x"]
            data.append({"p": first, "q": other})
        found = alpha(data).interval
        held += found.low <= 0.6 <= found.high
    assert held >= 0.93 * 300


def test_nothing_labelled_twice_tells_nothing():
    assert alpha([]) is percent([]) is kappa([]) is None
    assert alpha([{"p": "x"}, {"q": "y"}, {}]) is None
    assert alpha([{"p": "x", "q": "x"}]) is None
    assert by_value([{"p": "x"}]) == ()


def test_a_thing_that_one_person_labelled_changes_nothing():
    assert alpha([*NAMES, {"7": "a"}]) == alpha(NAMES)


def test_each_value_is_told_by_itself():
    data = units("x x x y y z", "x x y y y x")
    told = {one.value: one for one in by_value(data)}
    assert [told[one].used for one in "xyz"] == [6, 5, 1]
    assert told["x"].shared == pytest.approx(4 / 6)
    assert told["z"].shared == 0
    assert told["z"].alpha.value < 0.1 < told["y"].alpha.value


def test_the_confusion_counts_each_two_people_once():
    data = [{"p": "x", "q": "y", "r": "x"}, {"p": "y", "q": "y"}, {"p": "x"}]
    assert met(data) == {("x", "x"): 1, ("x", "y"): 2, ("y", "y"): 1}
    assert pairs_of(data) == {("p", "q"): [("x", "y"), ("y", "y")], ("p", "r"): [("x", "x")],
                              ("q", "r"): [("y", "x")]}  # fmt: skip
