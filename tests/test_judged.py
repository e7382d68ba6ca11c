"""The gate behind the guard of a text: what is asked, what is held, what stops."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.policy.judged import WINDOW, Ask, Given, JudgedGuard, Seen, Unjudged, judged
from kanhe.policy.rule import (
    Action,
    Judged,
    Judgement,
    Leave,
    Mode,
    Otherwise,
    Rule,
    Unit,
)
from kanhe.policy.sentence import says_something, units_of
from kanhe.policy.stream import Release

TEXT = st.text(alphabet=st.sampled_from("好坏。！ \nab，”"), max_size=120)


class Until:
    """A guard that stops at `mark`, and holds nothing back before it."""

    held_text = ""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def feed(self, text: str) -> Release:
        before, mark, _ = text.partition(self.mark)
        return Release(before, (), _lexical() if mark else None)

    def finish(self) -> Release:
        return Release("")


def _lexical():
    from kanhe.policy.rule import Finding, Terms

    return Finding(Rule("word", "other", Terms(("x",))), 0, 1)


def rule(  # the fields that matter here
    name: str = "bad",
    *,
    leave: Leave = Leave.HOLD,
    unit: Unit = Unit.SENTENCE,
    mode: Mode = Mode.ENFORCE,
    action: Action = Action.BLOCK,
    otherwise: Otherwise = Otherwise.REFUSE,
    least: float = 0.5,
) -> tuple[Rule, Judged]:
    matcher = Judged("", (("unsafe", least),), unit, leave, otherwise=otherwise)
    return Rule(name, "other", matcher, action=action, mode=mode), matcher


def opinion(text: str) -> Given:
    return {"unsafe": 0.9 if "坏" in text else 0.1}


def run(  # noqa: C901 # written out: every way a text can go
    guard: JudgedGuard, pieces: list[str], seed: int = 0, answer=opinion
) -> tuple[str, Release]:
    """Feed pieces, answer questions now or later in any order; give what was released."""
    chance = random.Random(seed)  # noqa: S311
    waiting: list[Ask] = []
    out = ""

    def some(everything: bool) -> Release | None:
        nonlocal out
        waiting.extend(guard.asks())
        while waiting and (everything or chance.random() < 0.5):
            one = waiting.pop(chance.randrange(len(waiting)))
            release = guard.answer(one.number, answer(one.text))
            out += release.text
            if release.stopped_by:
                return release
            waiting.extend(guard.asks())
        return None

    for piece in pieces:
        if guard.is_over:
            break
        release = guard.feed(piece)
        out += release.text
        if release.stopped_by:
            return out, release
        if stop := some(everything=False):
            return out, stop
    release = guard.conclude()
    out += release.text
    if release.stopped_by:
        return out, release
    if stop := some(everything=True):
        return out, stop
    last = guard.finish()
    return out + last.text, last


def pieces_of(text: str, seed: int) -> list[str]:
    chance, at, pieces = random.Random(seed), 0, []  # noqa: S311
    while at < len(text):
        size = chance.randint(1, 9)
        pieces.append(text[at : at + size])
        at += size
    return pieces


def first_bad(text: str) -> str:
    """Give what stands before the first bad unit: the oracle, which knows no streams."""
    before = ""
    for unit in units_of(text):
        if says_something(unit) and "坏" in unit:
            return before
        before += unit
    return before


@given(TEXT, st.integers(0, 1000), st.integers(0, 1000), st.sampled_from(Unit))
def test_what_is_released_is_the_text_before_the_first_bad_sentence(
    text, cuts, order, unit
) -> None:
    """Planted faults it catches: releasing in the order of answers; forgetting the last unit; not
    holding for windows."""
    guard = JudgedGuard(Seen(), [rule(unit=unit)])
    out, last = run(guard, pieces_of(text, cuts), order)
    assert out == first_bad(text)
    assert bool(last.stopped_by) == (out != text)


@given(TEXT, st.integers(0, 1000), st.integers(0, 1000))
def test_a_rule_that_trails_holds_nothing_and_stops_once_it_knows(text, cuts, order) -> None:
    guard = JudgedGuard(Seen(), [rule(leave=Leave.TRAIL)])
    out, last = run(guard, pieces_of(text, cuts), order)
    assert text.startswith(out)
    assert len(out) >= len(first_bad(text))
    assert bool(last.stopped_by) == (first_bad(text) != text)


@given(TEXT, st.integers(0, 1000), st.integers(0, 1000))
def test_held_text_is_what_was_taken_and_not_released(text, cuts, order) -> None:
    guard, taken, out = JudgedGuard(Seen(), [rule()]), "", ""
    for piece in pieces_of(text, cuts):
        taken += piece
        out += guard.feed(piece).text
        assert out + guard.held_text == taken


def test_no_more_than_one_sentence_is_held_where_judges_are_quick() -> None:
    guard = JudgedGuard(Seen(), [rule()])
    for piece in "好好。好好":
        guard.feed(piece)
        for ask in guard.asks():
            guard.answer(ask.number, opinion(ask.text))
    assert guard.held_text == "好好"


def test_a_flag_holds_nothing_and_is_noticed() -> None:
    guard = JudgedGuard(Seen(), [rule(action=Action.FLAG), rule("try", mode=Mode.SHADOW)])
    assert guard.feed("坏。好").text == "坏。好"
    asks = guard.asks()
    assert [ask.holds for ask in asks] == [False]
    release = guard.answer(asks[0].number, opinion("坏"))
    assert [one.rule.id for one in release.noticed] == ["bad", "try"]
    assert release.stopped_by is None


def test_no_opinion_refuses_unless_the_rule_lets_it_pass() -> None:
    closed = JudgedGuard(Seen(), [rule()])
    out, last = run(closed, ["好。"], answer=lambda _: Unjudged("late"))
    assert out == ""
    assert last.stopped_by
    assert last.stopped_by.is_unchecked
    open_ = JudgedGuard(Seen(), [rule(otherwise=Otherwise.PASS)])
    open_.feed("好。")
    release = open_.answer(open_.asks()[0].number, Unjudged("late"))
    assert release.text == "好。"
    assert [one.judged for one in release.noticed] == [Judgement("", why="late")]


def test_a_category_that_was_not_looked_at_is_no_low_probability() -> None:
    matcher = Judged("", (("fraud", 0.5),))
    assert judged(matcher, {"unsafe": 0.0}) == Judgement("", why="unscored")


def test_what_is_found_is_found_whatever_else_was_not_looked_at() -> None:
    """Or a rule that lets pass what nobody looked at would let pass what somebody found."""
    matcher = Judged("", (("fraud", 0.5), ("unsafe", 0.5)))
    assert judged(matcher, {"unsafe": 0.9}) == Judgement("", "unsafe", 0.9)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -0.1, 1.01])
def test_a_number_that_is_no_probability_is_no_opinion(number: float) -> None:
    found = judged(Judged("", (("unsafe", 0.5),)), {"unsafe": number})
    assert found == Judgement("", why="unscored")


@pytest.mark.parametrize("order", [1, -1])
def test_a_finding_counts_before_that_nobody_could_look(order: int) -> None:
    """Or the order in which judges answer would decide whether it is a violation."""
    found, matcher = rule("found")
    down = rule("down")[0], replace(matcher, judge="down")
    guard = JudgedGuard(Seen(), [(found, matcher), down])
    guard.feed("坏。")
    given: dict[str, Given] = {"": opinion("坏"), "down": Unjudged("late")}
    first, last = guard.asks()[::order]
    assert guard.answer(first.number, given[first.judge]).stopped_by is None
    stop = guard.answer(last.number, given[last.judge]).stopped_by
    assert stop
    assert stop.rule.id == "found"


def test_no_rule_waits_for_as_long_as_another() -> None:
    """A rule that is tried out with a long wait would else hold what all others have cleared."""
    quick, matcher = rule("quick")
    tried = rule("tried", mode=Mode.SHADOW)[0], replace(matcher, wait_s=60.0)
    guard = JudgedGuard(Seen(), [(quick, matcher), tried])
    guard.feed("好。")
    asks = guard.asks()
    assert [(ask.wait_s, ask.holds) for ask in asks] == [(2.0, True), (60.0, False)]
    assert guard.answer(asks[0].number, opinion("好")).text == "好。"


@pytest.mark.parametrize(("probability", "found"), [(0.499, False), (0.5, True), (1.0, True)])
def test_the_threshold_itself_is_over(probability: float, found: bool) -> None:
    assert bool(judged(Judged("", (("unsafe", 0.5),)), {"unsafe": probability})) == found


def test_a_window_is_asked_about_with_what_stands_before_it() -> None:
    guard = JudgedGuard(Seen(), [rule(unit=Unit.WINDOW), rule("other")])
    guard.feed("一。二。")
    assert [ask.text for ask in guard.asks()] == ["一。", "一。", "一。二。", "二。"]
    guard.feed("长" * 2000)
    assert max(len(ask.text) for ask in guard.asks()) == WINDOW


def test_a_window_is_the_last_that_was_said() -> None:
    guard = JudgedGuard(Seen(), [rule(unit=Unit.WINDOW)])
    guard.feed("一。…二。三。" + "".join(f"第{n}句。" for n in range(200)))
    windows = [ask.text for ask in guard.asks()]
    assert windows[:3] == ["一。", "一。…二。", "一。…二。三。"]
    assert windows[-1].endswith("第198句。第199句。")
    assert len(windows[-1]) == WINDOW


def test_what_the_inner_guard_notices_is_told() -> None:
    seen = _lexical()

    class Noticing(Seen):
        def feed(self, text: str) -> Release:
            return Release(text, (seen,))

    assert JudgedGuard(Noticing(), [rule()]).feed("好。").noticed == (seen,)


def test_nothing_is_waited_for_after_a_stop_and_late_answers_change_nothing() -> None:
    guard = JudgedGuard(Seen(), [rule()])
    guard.feed("坏。好。坏。")
    first, *others = guard.asks()
    assert guard.answer(first.number, opinion(first.text)).stopped_by
    assert guard.is_settled
    assert not any(guard.answer(one.number, opinion(one.text)).text for one in others)


def test_marks_alone_are_not_asked_about_and_wait_for_their_turn() -> None:
    guard = JudgedGuard(Seen(), [rule()])
    guard.feed("好。”\n")
    (ask,) = guard.asks()
    assert guard.answer(ask.number, {"unsafe": 0.0}).text == "好。”\n"


def test_what_the_inner_guard_stops_comes_after_what_stands_before_it() -> None:
    guard = JudgedGuard(Until("x"), [rule()])
    assert guard.feed("好。好x坏").stopped_by is None
    assert guard.is_over
    first, second = guard.asks()
    assert guard.answer(first.number, opinion(first.text)).text == "好。"
    release = guard.answer(second.number, opinion(second.text))
    assert release.text == "好"
    assert release.stopped_by
    assert release.stopped_by.rule.id == "word"


def test_what_the_inner_guard_stops_ends_a_text_that_nothing_holds_at_once() -> None:
    release = JudgedGuard(Until("x"), [rule(leave=Leave.TRAIL)]).feed("好。x")
    assert release.text == "好。"
    assert release.stopped_by


def test_a_text_is_not_finished_before_its_answers() -> None:
    guard = JudgedGuard(Seen(), [rule()])
    guard.feed("好")
    with pytest.raises(RuntimeError):
        guard.finish()
