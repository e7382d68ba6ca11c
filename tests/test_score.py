"""From answers to counts: each row is counted once, and never guessed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes_judge import row
from kanhe.judge.counts import Counts
from kanhe.judge.port import Opinion, Unscored
from kanhe.judge.score import (
    Failed,
    Scored,
    asked,
    cells,
    found,
    mark,
    probability,
    slices,
    total,
)

HALF = 500_000


def scored(p, unsafe=True, category="fraud", *, answer=None, name="mine", **more):
    categories = more.pop("said", {})
    given = answer or Opinion(p, categories)
    return Scored(name, row("text", unsafe, category, **more), given)


answers = st.one_of(
    st.floats(0, 1).map(Opinion), st.just(Unscored("off")), st.just(Failed("down")),
    st.just(Opinion(math.nan)),
)  # fmt: skip
rows = st.lists(
    st.builds(
        lambda answer, unsafe, category, lang, name: scored(
            0, unsafe, category, answer=answer, lang=lang, name=name
        ),
        answers, st.booleans(), st.sampled_from(["fraud", "hate/women", "none"]),
        st.sampled_from(["zh", "en"]), st.sampled_from(["a", "b"]),
    ),
    max_size=40,
)  # fmt: skip


@given(rows, st.integers(1, 1_000_000))
def test_every_row_is_counted_once_whatever_it_is_counted_by(some, threshold):
    """Oracle: the rows themselves, counted one by one."""
    table = cells(some, threshold)
    whole = total(table)
    opinions = [
        (one.row.unsafe, one.answer.unsafe) for one in some
        if isinstance(one.answer, Opinion) and not math.isnan(one.answer.unsafe)
    ]  # fmt: skip
    flagged = [unsafe for unsafe, p in opinions if round(p * 1e6) >= threshold]
    assert whole.rows == len(some)
    assert whole.failed == sum(isinstance(one.answer, Failed) for one in some)
    assert whole.tp == sum(flagged)
    assert whole.fp == len(flagged) - whole.tp
    for by in ("all", "set", "category", "lang", "kind"):
        assert sum(slices(table, by).values(), Counts()) == whole


def test_slices_have_the_names_of_what_they_are_cut_by():
    table = cells([scored(0.9, lang="zh"), scored(0.9, False, "hate/women", kind="post")], HALF)
    assert list(slices(table, "category")) == ["fraud", "hate"]
    assert list(slices(table, "lang")) == ["en", "zh"]
    assert list(slices(table, "kind")) == ["post", "prompt"]
    assert slices(table, "all") == {"all": Counts(tp=1, fp=1)}
    assert total(table, lambda cell: cell.lang == "zh") == Counts(tp=1)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -0.01, 1.01])
def test_an_opinion_that_is_no_probability_is_none(wrong):
    """Planted fault caught: no look at the range, so that NaN is taken for "safe"."""
    assert mark(Opinion(wrong), HALF) == "u"
    assert probability(Opinion(wrong)) is None


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [(Opinion(0.5), "1"), (Opinion(0.4999994), "0"), (Opinion(0.4999996), "1"),
     (Unscored("x"), "u"), (Failed("x"), "f")],
)  # fmt: skip
def test_a_row_is_flagged_from_the_threshold_on(answer, wanted):
    assert mark(answer, HALF) == wanted


def test_what_a_judge_did_not_look_at_is_not_a_zero():
    assert mark(Opinion(0.9, {"fraud": 0.1}), HALF, "fraud") == "0"
    assert mark(Opinion(0.9, {"fraud": 0.1}), HALF, "hate") == "u"


def test_a_category_is_found_among_all_rows_that_could_have_been_it():
    some = [
        scored(0.9, said={"fraud": 0.8}),
        scored(0.9, said={"fraud": 0.2}),
        scored(0.9, True, "drugs", said={"fraud": 0.7}),
        scored(0.1, False, "none", said={"fraud": 0.1}),
        scored(0.9, True, "scam_h/x", said={"fraud": 0.9}),  # the authors' own name: left out
        scored(0.9, lang="zh", said={"fraud": 0.9}),
    ]
    tables = {(one.category, one.lang): one.counts
              for one in found(some, {"fraud", "unsafe"}, {"unsafe": HALF})}  # fmt: skip
    assert tables == {
        ("fraud", "en"): Counts(tp=1, fn=1, fp=1, tn=1), ("fraud", "zh"): Counts(tp=1),
    }  # fmt: skip


def test_a_category_has_its_own_threshold_where_one_is_given():
    some = [scored(0.9, said={"fraud": 0.3})]
    (one,) = found(some, {"fraud"}, {"unsafe": HALF, "fraud": 300_000})
    assert one.counts == Counts(tp=1)


def test_an_answer_is_asked_about_with_its_prompt():
    question = asked(row("yes", True, kind="response", context="how"))
    assert (question.text, question.context, question.whose) == ("yes", "how", "answer")
    assert asked(row("a", True, kind="post")).whose == "prompt"
