"""One measuring: rows that choose never measure, and the same rows are found again."""

import asyncio

import pytest

from fakes_judge import SOME, FakeJudge, labelled, measured, row, said, world
from kanhe.errors import JudgeError, RequestError
from kanhe.judge.calibration import aim
from kanhe.judge.measuring import Plan, again, measure
from kanhe.judge.record import read, written
from kanhe.judge.split import Part, part_of, rows_of

ROWS = [row(f"t{n} 0.{n:03}", n % 2 == 0, "fraud" if n % 2 == 0 else "none") for n in range(200)]
SET = labelled("mine", *ROWS)


def test_a_threshold_is_chosen_on_the_calibration_part_and_measured_on_the_test_part():
    """Planted fault caught: a threshold chosen on the rows that measure it."""
    judge = FakeJudge(said)
    record = measured(judge, SET, part=Part.TEST, aim=aim("fpr<=0.1"))
    calibrating, testing = (rows_of(ROWS, part) for part in (Part.CALIBRATION, Part.TEST))
    assert [one.text for one in judge.asked] == [one.text for one in (*calibrating, *testing)]
    safe = sorted((said(one) for one in calibrating if not one.unsafe), reverse=True)
    kept = [p for p in safe if p >= record.threshold / 1e6]
    assert len(kept) / len(safe) <= 0.1 < (len(kept) + 1) / len(safe)
    assert (record.chosen.aim, record.chosen.rows) == ("fpr<=0.1", len(calibrating))
    assert record.counts.rows == len(testing)
    assert record.part == "test"


@pytest.mark.parametrize("part", [None, Part.CALIBRATION])
def test_a_threshold_is_never_chosen_on_the_rows_that_measure(part):
    with pytest.raises(RequestError, match="cannot be chosen"):
        measured(FakeJudge(said), SET, part=part, aim=aim("fpr<=0.1"))


def test_a_set_without_rows_of_the_part_measures_nothing():
    train = [one for one in ROWS if part_of(one) is Part.TRAIN]
    with pytest.raises(RequestError, match="none of the sets has a row in the test part"):
        measured(FakeJudge(said), labelled("t", *train), part=Part.TEST)


def test_a_limit_takes_the_same_rows_each_time_and_in_the_order_of_the_set():
    first, second = FakeJudge(said), FakeJudge(said)
    measured(first, SET, limit=20)
    measured(second, labelled("other", *reversed(ROWS)), limit=20)
    assert len(first.asked) == 20
    assert [one.text for one in first.asked] == [one.text for one in reversed(second.asked)]


def test_identity_swaps_are_asked_about_at_the_end_and_reported():
    judge = FakeJudge(lambda _: 0.9)
    record = measured(judge, SET, identities=SOME)
    plan = Plan((SET,), None, identities=SOME)
    assert len(judge.asked) == plan.questions == 200 + 18
    assert {one.flagged for one in record.bias.swaps} == {3}
    assert measured(judge, SET).bias.swaps == ()


def test_progress_adds_up_to_the_number_of_questions():
    plan, steps = Plan((SET,), Part.TEST, aim=aim("best=f1"), identities=SOME, batch=7), []
    asyncio.run(measure(FakeJudge(lambda _: 0.5), plan, world(done=steps.append)))
    assert sum(steps) == plan.questions


def test_times_are_told_for_a_text():
    record = measured(FakeJudge(said), SET, batch=10)
    assert (record.times.mean, record.times.p50, record.times.p95) == (100, 100, 100)
    assert record.times.batch == 10


def test_a_judge_that_is_down_leaves_no_record():
    with pytest.raises(JudgeError):
        measured(FakeJudge(said), labelled("d", *(row(f"DOWN {n}", True) for n in range(50))))


def test_the_very_rows_of_a_record_are_found_again_although_a_file_was_renamed():
    record = measured(FakeJudge(said), SET, part=Part.TEST, limit=20)
    renamed = labelled("mine", *ROWS)
    judge = FakeJudge(said)
    plan = again(record, [labelled("z", row("x", True)), renamed], None)
    second = asyncio.run(measure(judge, plan, world())).record
    assert second.sets == record.sets
    assert second == record


def test_a_threshold_that_was_chosen_once_is_kept_and_not_chosen_again():
    record = measured(FakeJudge(said), SET, part=Part.TEST, aim=aim("fpr<=0.1"))
    judge = FakeJudge(lambda one: said(one) / 2)
    second = asyncio.run(measure(judge, again(record, [SET], None), world())).record
    assert (second.threshold, second.chosen) == (record.threshold, record.chosen)
    assert len(judge.asked) == record.counts.rows


def test_a_set_of_a_record_that_is_not_here_is_named():
    record = measured(FakeJudge(said), SET)
    with pytest.raises(RequestError, match="not here: mine"):
        again(record, [labelled("mine", *ROWS[:-1])], None)


def test_rows_apart_are_asked_about_and_count_in_no_figure():
    """Planted fault caught: rows apart that choose the threshold."""
    odd = [row(f"o{n} 0.99", True, "own-politics/x") for n in range(40)]
    judge, both = FakeJudge(said), labelled("mine", *ROWS, *odd)
    record = measured(judge, both, part=Part.TEST, aim=aim("best=f1"), apart=("own-politics*",))
    alone = measured(FakeJudge(said), SET, part=Part.TEST, aim=aim("best=f1"))
    assert (record.cells, record.threshold) == (alone.cells, alone.threshold)
    apart = sum(one.counts.rows for one in record.apart)
    assert apart == len(rows_of(odd, Part.TEST)) > 0
    assert len(judge.asked) == alone.counts.rows + alone.chosen.rows + apart
    assert read(written(record)) == record
    again_ = asyncio.run(measure(FakeJudge(said), again(record, [both], None), world())).record
    assert (again_.cells, again_.apart) == (record.cells, record.apart)
