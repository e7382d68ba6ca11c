"""People judging: who is shown what, that nobody is led, and what verdicts come to."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from kanhe.assess.head import PeopleSeen
from kanhe.assess.outcome import Verdict, Way
from kanhe.assess.people import Judgement, Sitting, count
from kanhe.assess.people_figures import figures, people_seen
from kanhe.errors import AssessError, RequestError
from sittings import NOW, drawn, say, sitting, trial


def of(number, *said, **more):
    return sitting(number + 1, *said, **more).result(number)


def test_two_of_one_mind_settle_an_answer_and_two_who_differ_do_not():
    assert of(0, say(0, "a")).standing == "open"
    assert of(0, say(0, "a"), say(0, "b")).passed is True
    found = of(0, say(0, "a", "fail:risk"), say(0, "b", "fail:wrong"))
    assert (found.standing, found.passed, found.why) == ("agreed", False, "risk")
    assert of(0, say(0, "a"), say(0, "b", "fail:risk")) == of(
        0, say(0, "b", "fail:risk"), say(0, "a")
    )
    assert of(0, say(0, "a"), say(0, "b", "fail:risk")).passed is None


def test_one_alone_settles_what_is_not_doubled():
    assert of(0, say(0, "a", "fail:risk"), double="0").standing == "alone"


def test_a_share_is_doubled_and_no_less():
    for share, least in (("0.2", 20), ("1/3", 34), ("0", 0), ("1", 100)):
        found = sitting(100, double=share)
        assert sum(found.needed(number) == 2 for number in range(100)) == least


def test_who_cannot_tell_does_not_count_and_after_two_the_panel_decides():
    one = sitting(1, say(0, "a", "skip"), double="0")
    assert one.next_number("b") == 0
    assert one.next_number("a") is None
    two = sitting(1, say(0, "a", "skip"), say(0, "b", "skip"), double="0")
    assert two.result(0).standing == "unsure"
    assert two.next_number("c") is None
    assert two.next_dispute("c") == 0
    assert of(0, say(0, "a", "skip"), say(0, "b"), say(0, "c")).standing == "agreed"
    assert of(0, say(0, "a"), say(0, "b", "skip"), double="0").standing == "alone"


def test_of_two_one_who_cannot_tell_is_enough_for_the_panel_and_no_third_is_waited_for():
    """Planted: a doubled answer that waits for a third person, whom nobody asks."""
    found = sitting(1, say(0, "a"), say(0, "b", "skip"))
    assert found.result(0).standing == "unsure"
    assert found.verdicts()[trial(0)].passed is None
    assert (found.next_number("c"), found.next_dispute("c")) == (None, 0)


def test_a_decision_is_taken_back_by_who_took_it_and_verdicts_stay():
    """Planted: who takes it back is shown the answer to judge, or may not decide any more."""
    said = (say(0, "a"), say(0, "b", "fail:risk"), say(0, "c", "pass:misread", panel=True))
    before = sitting(1, *said)
    assert before.last("c", panel=True) == said[2]
    assert before.last("a", panel=True) is None
    after = sitting(1, *said, say(0, "c", "withdrawn", panel=True))
    assert after.result(0).standing == "disputed"
    assert (after.next_number("c"), after.next_dispute("c")) == (None, 0)
    assert after.last("c", panel=True) is None


def test_the_panel_is_somebody_who_has_not_judged_the_answer():
    found = sitting(1, say(0, "a"), say(0, "b", "fail:risk"))
    assert [found.disputes(who) for who in "abc"] == [[], [], [0]]
    with pytest.raises(RequestError, match="not yours to decide"):
        found.refuse("a", 0, panel=True)
    found.refuse("c", 0, panel=True)
    gone = sitting(1, say(0, "a"), say(0, "a", "withdrawn"), say(0, "b"), say(0, "d", "fail:risk"))
    assert gone.disputes("a") == []


def test_the_panel_decides_for_good():
    done = sitting(1, say(0, "a"), say(0, "b", "fail:risk"), say(0, "c", "fail:wrong", panel=True))
    assert (done.result(0).standing, done.result(0).passed, done.result(0).why) == (
        "panel", False, "wrong"
    )  # fmt: skip
    assert [done.last(who) for who in "abc"] == [None] * 3
    assert [done.next_number(who) for who in "abcd"] == [None] * 4
    lets = sitting(
        1, say(0, "a"), say(0, "b", "fail:risk"), say(0, "c", "pass:misread", panel=True)
    )
    assert (lets.result(0).passed, lets.result(0).why) == (True, "")
    nor = sitting(1, say(0, "a", "skip"), say(0, "b", "skip"), say(0, "c", "skip", panel=True))
    assert nor.result(0).standing == "untold"


def test_the_panel_sees_both_in_an_order_that_tells_nothing_of_time():
    orders = set()
    for number in range(40):
        found = sitting(40, say(number, "a"), say(number, "b", "fail:risk"))
        orders.add(tuple(one.said for one in found.both(number)))
    assert orders == {("pass", "fail"), ("fail", "pass")}


def test_nobody_judges_an_answer_twice_and_what_was_taken_back_comes_again():
    found = sitting(1, say(0, "a"))
    with pytest.raises(RequestError, match="already"):
        found.refuse("a", 0)
    assert found.next_number("a") is None
    assert found.last("a") == say(0, "a")
    back = sitting(1, say(0, "a"), say(0, "a", "withdrawn"))
    assert back.next_number("a") == 0
    assert back.last("a") is None
    back.refuse("a", 0)


def test_what_was_settled_meanwhile_does_not_come_again_and_again():
    """Planted: shown to whoever took it back, refused, and shown again for ever."""
    settled = [say(0, who) for who in "bcd"]
    found = sitting(1, say(0, "a"), say(0, "a", "withdrawn"), *settled)
    assert found.next_number("a") is None
    with pytest.raises(RequestError, match="settled meanwhile"):
        found.refuse("a", 0)


def test_of_two_who_were_shown_the_last_place_at_once_both_may_say_what_they_saw():
    found = sitting(1, say(0, "a"), double="0")
    assert found.next_number("b") is None
    found.refuse("b", 0)
    with pytest.raises(RequestError):
        sitting(1, say(0, "a"), say(0, "b"), double="0").refuse("c", 0)


def test_what_has_no_answer_is_shown_to_nobody_and_stays_without_a_verdict():
    found = sitting(2, answered=lambda one: one != trial(1))
    assert {found.next_number(who) for who in "abcdef"} == {0}
    assert found.result(1).standing == "unanswered"
    assert found.progress("a").left == 1
    for number in (1, -1, 2):
        with pytest.raises(RequestError, match="no answer"):
            found.refuse("a", number)


def test_verdicts_name_nobody_and_say_why():
    found = sitting(
        6,
        say(0, "acct-a"), say(0, "acct-b"),
        say(1, "acct-b", "fail:risk"), say(1, "acct-a", "fail:risk"),
        say(2, "acct-a"), say(2, "acct-b", "fail:risk"),
        say(3, "acct-a"), say(3, "acct-b", "fail:risk"), say(3, "acct-c", "fail:wrong", panel=True),
        say(4, "acct-a", "skip"), say(4, "acct-c", "skip"),
    )  # fmt: skip
    by = Way.MANUAL
    assert found.verdicts() == {
        trial(0): Verdict(by, True, "p1,p2"),
        trial(1): Verdict(by, False, "p1,p2", "risk"),
        trial(2): Verdict(by, None, "p1,p2", "disagreed"),
        trial(3): Verdict(by, False, "p1,p2,panel:p3", "wrong"),
        trial(4): Verdict(by, None, "p1,p3", "cannot-tell"),
    }


def test_figures_count_what_stands_and_leave_the_panel_out_of_agreement():
    said = [
        say(0, "a"), say(0, "b"), say(1, "a", "fail:risk"), say(1, "b", "fail:wrong", seconds=9),
        say(2, "a"), say(2, "b", "fail:risk"), say(3, "a"), say(3, "b"), say(4, "a", "skip"),
        say(2, "c", "fail:risk", panel=True),
    ]  # fmt: skip
    found = people_seen(sitting(7, *said))
    # By hand: 3 of 4 alike; pass by a 3/4, by b 2/4; chance 1/2; kappa (3/4 - 1/2) / (1/2).
    # alpha: 8 values, 5 pass and 3 fail; 1 - 7 * 2 / (2 * 5 * 3).
    assert found.kappa == pytest.approx(0.5)
    assert found.alpha == pytest.approx(1 - 7 * 2 / 30)
    assert replace(found, kappa=None, alpha=None) == PeopleSeen(7, 4, 4, 3, None, None, 1, 0)
    more = figures(sitting(7, *said))
    assert (more.said, more.skipped, more.people, more.seconds, more.passed) == (9, 1, 2, 5, 2)
    assert more.met == {("fail", "fail"): 1, ("fail", "pass"): 1, ("pass", "pass"): 2}
    assert [(one.first, one.second, one.answers) for one in more.pairs] == [(1, 2, 4)]


def test_kappa_is_of_two_people_and_alpha_of_any():
    three = [say(0, "a"), say(0, "b"), say(1, "a", "fail:risk"), say(1, "c", "fail:risk")]
    found = people_seen(sitting(2, *three))
    assert found.kappa is None
    assert found.alpha == pytest.approx(1)
    assert people_seen(sitting(3)) == PeopleSeen(3)


def test_a_history_of_another_run_is_refused():
    with pytest.raises(AssessError, match="not drawn"):
        sitting(1, say(1, "a"))


@pytest.mark.parametrize("seed", range(20))
def test_whatever_people_do_every_answer_is_settled_by_as_many_as_were_wanted(seed):
    """Five people press at random until nothing is left; an oracle counts from what was kept.

    Planted: counting "cannot tell" as a verdict, or letting somebody be their own second, fails.
    """
    random, history = Random(seed), []  # noqa: S311 # no secret
    wanted = drawn(30, "0.4", str(seed))
    for _ in range(5_000):
        now = Sitting(wanted, history)
        todo = [(who, panel) for who in "abcde" for panel in (False, True)
                if (now.next_dispute if panel else now.next_number)(who) is not None]  # fmt: skip
        if not todo:
            break
        who, panel = random.choice(todo)
        number = (now.next_dispute if panel else now.next_number)(who)
        now.refuse(who, number, panel=panel)
        what = random.choice(["pass", "pass", "pass", "fail:risk", "skip"])
        history.append(say(number, who, what, panel=panel))
        if not panel and now.last(who) and random.random() < 0.1:
            history.append(replace(history[-1], said="withdrawn", why=""))
    else:
        pytest.fail("it never ends")
    done = Sitting(wanted, history)
    stand = {}
    for one in history:
        stand[one.trial, one.by] = one
    votes = Counter()
    for one in stand.values():
        votes[one.trial] += one.said in ("pass", "fail") and not one.panel
    panel = {one.trial for one in history if one.panel}
    assert count(done.results())["open"] == 0
    for number, name in enumerate(wanted.trials):
        assert name in panel or votes[name] >= done.needed(number)
        both = {one.said for (t, _), one in stand.items() if t == name and not one.panel}
        assert name in panel or not {"pass", "fail"} <= both


def test_a_verdict_is_a_value():
    assert say(0, "a") == Judgement(trial(0), "a", "pass", "", 5, NOW)
