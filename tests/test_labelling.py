"""Who labels what: blind, doubly, never twice, evenly; and what comes of it."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.errors import RequestError
from kanhe.judge.labelling import BLOCK, MILLION, Desk, Label, Progress, Result, Task, count, label
from kanhe.terms import Text

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def task(items=3, doubled=MILLION, seed="seed", categories=("fraud", "drugs"), **more):
    question = Text("有害吗？", "Is it unsafe?")
    return Task("mine", question, categories, doubled, seed, "mine", "a" * 64, items, NOW, **more)


def say(item, by, value, *, adjudicates=False, sure=True, seconds=5):
    said, _, category = value.partition(":")
    return Label(item, by, said, category, sure, seconds, NOW, adjudicates)


def work(of, people, value=lambda item, who: "safe", most=10_000):
    """Let people label in turns until nothing is left for any of them."""
    history, idle = [], 0
    for turn in range(most):
        who = people[turn % len(people)]
        item = Desk(of, history).next_item(who)
        idle = 0 if item is not None else idle + 1
        if idle == len(people):
            break
        if item is not None:
            Desk(of, history).refuse(who, item)
            history.append(say(item, who, value(item, who)))
    return history


@given(st.integers(0, 50), st.integers(0, MILLION), st.text(max_size=3), st.integers(2, 4))
def test_each_item_is_labelled_by_as_many_as_it_needs_and_by_nobody_twice(n, share, seed, people):
    """Absolute: the number of doubled items is that share; planted: one label more is free."""
    of = task(n, share, seed)
    history = work(of, [f"p{one}" for one in range(people)])
    said = Counter((one.item, one.by) for one in history)
    assert set(said.values()) <= {1}
    per_item = Counter(one.item for one in history)
    assert sorted(per_item.values()) == sorted(
        [2] * round(share * n / MILLION) + [1] * (n - round(share * n / MILLION))
    )


def test_work_is_spread_evenly_while_it_goes_on():
    """At any time the items of the block in hand have nearly as many labels as each other."""
    of = task(BLOCK)
    history = work(of, ["a", "b", "c"])
    for at in range(len(history)):
        labels = Counter(one.item for one in history[:at])
        assert max((labels[item] for item in range(BLOCK)), default=0) <= 1 or at >= BLOCK


def test_agreement_can_be_seen_before_the_end():
    history = work(task(BLOCK * 5), ["a", "b"], most=BLOCK * 2)
    assert len({one.item for one in history}) == BLOCK
    assert set(Counter(one.item for one in history).values()) == {2}


def test_everybody_has_an_order_of_their_own_which_the_seed_decides():
    def order(who, seed):
        return [one.item for one in work(task(BLOCK, seed=seed), [who])]

    assert sorted(order("a", "s")) == list(range(BLOCK))
    assert len({tuple(order(who, seed)) for who in "abc" for seed in "st"}) == 6
    assert order("a", "s") == order("a", "s")
    assert order("a", "s") != list(range(BLOCK))


def test_alone_one_labels_every_item_once_and_the_rest_waits_for_another():
    of = task(3)
    history = work(of, ["a"])
    assert len(history) == 3
    assert Desk(of, history).progress("a") == Progress(3, 0, 0)
    assert Desk(of, history).progress("b") == Progress(0, 3, 0)
    assert count(Desk(of, history).results())["open"] == 3


BOTH = [say(0, "a", "safe"), say(0, "b", "unsafe:fraud")]


@pytest.mark.parametrize(
    ("history", "result"),
    [
        ([], Result(0, "open")),
        ([say(0, "a", "safe")], Result(0, "open", labels=1)),
        ([say(0, "a", "safe"), say(0, "b", "safe")], Result(0, "agreed", "safe", "none", 2, 2)),
        (
            [say(0, "a", "unsafe:fraud"), say(0, "b", "unsafe:fraud")],
            Result(0, "agreed", "unsafe", "fraud", 2, 2),
        ),
        (BOTH, Result(0, "disputed", labels=2)),
        ([say(0, "a", "unsafe:fraud"), say(0, "b", "unsafe:drugs")],
         Result(0, "disputed", labels=2)),
        ([say(0, "a", "skip"), say(0, "b", "safe")], Result(0, "disputed", labels=2)),
        ([say(0, "a", "skip"), say(0, "b", "skip")], Result(0, "skipped", labels=2, same=2)),
        ([*BOTH, say(0, "c", "unsafe:fraud", adjudicates=True)],
         Result(0, "adjudicated", "unsafe", "fraud", 3, 2)),
        ([*BOTH, say(0, "c", "unsafe:drugs", adjudicates=True)],
         Result(0, "adjudicated", "unsafe", "drugs", 3, 1)),
        ([*BOTH, say(0, "c", "skip", adjudicates=True)], Result(0, "skipped", labels=3, same=1)),
        ([*BOTH, say(0, "b", "withdrawn")], Result(0, "open", labels=1)),
        ([*BOTH, say(0, "b", "withdrawn"), say(0, "b", "safe")],
         Result(0, "agreed", "safe", "none", 2, 2)),
    ],
)  # fmt: skip
def test_what_becomes_of_an_item(history, result):
    assert Desk(task(1), history).result(0) == result


def test_what_one_person_settled_is_not_counted_as_two_of_one_mind():
    """Planted: a task that one person labels, told as settled by two."""
    one = Desk(task(2, doubled=0), [say(0, "a", "safe")])
    assert one.result(0) == Result(0, "alone", "safe", "none", 1, 1)
    found = count(one.results())
    assert (found["alone"], found["agreed"], found["open"]) == (1, 0, 1)


def test_without_categories_what_is_unsafe_is_just_that():
    of = task(1, doubled=0, categories=())
    assert Desk(of, [say(0, "a", "unsafe")]).result(0).category == "unsafe"


def test_a_dispute_goes_to_somebody_who_has_not_seen_the_item():
    desk = Desk(task(1), BOTH)
    assert [desk.next_dispute(who) for who in "abc"] == [None, None, 0]
    assert desk.progress("c") == Progress(0, 0, 1)
    desk.refuse("c", 0, adjudicates=True)
    with pytest.raises(RequestError, match="not for you to decide"):
        desk.refuse("a", 0, adjudicates=True)
    over = Desk(task(1), [*BOTH, say(0, "c", "safe", adjudicates=True)])
    assert over.next_dispute("d") is over.next_item("d") is over.last("a") is None
    with pytest.raises(RequestError, match="settled meanwhile"):
        over.refuse("d", 0)


def test_who_took_a_label_back_cannot_decide_about_it_afterwards():
    desk = Desk(task(1), [say(0, "c", "safe"), say(0, "c", "withdrawn"), *BOTH])
    assert desk.next_dispute("c") is None


def test_the_last_label_can_be_taken_back_once_and_the_item_comes_again_first():
    of = task(5)
    history = work(of, ["a"], most=3)
    last = Desk(of, history).last("a")
    assert last == history[-1]
    back = Desk(of, [*history, say(last.item, "a", "withdrawn")])
    assert back.last("a") is None
    assert back.next_item("a") == last.item
    assert back.progress("a").done == 2
    back.refuse("a", last.item)


def test_nobody_labels_an_item_a_second_time_or_one_that_is_not_there():
    desk = Desk(task(2), [say(0, "a", "safe")])
    with pytest.raises(RequestError, match="labelled item 0 already"):
        desk.refuse("a", 0)
    for item in (-1, 2):
        with pytest.raises(RequestError, match="no item"):
            desk.refuse("a", item)


def test_two_who_were_shown_the_last_place_may_both_speak_and_a_third_may_not():
    history = [say(0, "a", "safe"), say(0, "b", "safe")]
    Desk(task(1), history).refuse("c", 0)
    with pytest.raises(RequestError, match="settled meanwhile"):
        Desk(task(1), [*history, say(0, "c", "safe")]).refuse("d", 0)


@pytest.mark.parametrize("how", ["closed", "erased"])
def test_a_closed_task_takes_nothing(how):
    desk = Desk(task(1, **{how: NOW}), BOTH)
    assert desk.next_item("c") is desk.next_dispute("c") is desk.last("b") is None
    assert desk.progress("c").left == 0
    with pytest.raises(RequestError, match="is closed"):
        desk.refuse("c", 0)


@pytest.mark.parametrize(
    "value", ["unsafe", "unsafe:gambling", "safe:fraud", "skip:fraud", "unsafe:<b>"]
)
def test_a_category_has_to_fit(value):
    with pytest.raises(RequestError):
        label(task(), say(0, "a", value))


@pytest.mark.parametrize("value", ["unsafe:fraud", "safe", "skip"])
def test_a_label_that_fits_is_taken_as_it_is(value):
    given = say(0, "a", value)
    assert label(task(), given) is given
    assert label(task(), given).value == value
