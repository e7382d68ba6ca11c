"""The queue before a judge: late, busy, down, cancelled; no missing opinion is ever a safe one."""

import asyncio
import logging
import math

import pytest

from fakes_judge import FakeJudge
from kanhe.adapters.breaker import Circuit
from kanhe.adapters.judge_queue import JudgeQueue, Terms
from kanhe.errors import JudgeBusy, JudgeError, JudgeLate
from kanhe.judge.port import JudgeId, Opinion, Question, Unscored
from upstream import on_loop

LONG = 10.0
"""Seconds that no test waits: what needs them would fail by the loop's own limit."""


class GatedJudge:
    """A judge whose batches wait, each until it is let go: with answers, or with an error."""

    def __init__(self):
        self.id = JudgeId("gated", "planted", "h" * 64, True)
        self.categories = frozenset({"unsafe"})
        self.batches = []
        self.came = asyncio.Event()
        self.cancelled = 0
        self.closed = 0

    async def judge(self, questions):
        gate = asyncio.get_running_loop().create_future()
        self.batches.append((list(questions), gate))
        self.came.set()
        try:
            return await gate
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def batch(self, number):
        """Wait until batch `number` is out; give its texts."""
        while len(self.batches) <= number:
            self.came.clear()
            await self.came.wait()
        return [question.text for question in self.batches[number][0]]

    async def let_go(self, number, outcome=None):
        texts = await self.batch(number)
        gate = self.batches[number][1]
        if isinstance(outcome, BaseException):
            gate.set_exception(outcome)
        else:
            gate.set_result(outcome or [Opinion(len(text) / 100) for text in texts])

    async def aclose(self):
        self.closed += 1


def gated(clock=None, **terms):
    judge = GatedJudge()
    now = clock or [0.0]
    return judge, JudgeQueue(judge, Terms(**terms), clock=lambda: now[0])


def asking(queue, *texts, within_s=LONG):
    return asyncio.ensure_future(queue.ask([Question(text) for text in texts], within_s))


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


def down():
    return JudgeError("it is down", advice="Wait.")


@on_loop
async def test_answers_come_in_the_order_of_the_questions():
    queue = JudgeQueue(FakeJudge(lambda question: len(question.text) / 10))
    found = await queue.ask([Question("aaa"), Question("a"), Question("aaa")], LONG)
    assert [one.unsafe for one in found] == [0.3, 0.1, 0.3]
    assert await queue.ask([], LONG) == []


@on_loop
async def test_what_waits_goes_in_batches_one_at_a_time():
    judge, queue = gated(batch=3)
    asks = [asking(queue, text) for text in "abcde"]
    assert await judge.batch(0) == ["a"]
    await settle()
    assert len(judge.batches) == 1
    await judge.let_go(0)
    assert await judge.batch(1) == ["b", "c", "d"]
    await judge.let_go(1)
    await judge.let_go(2)
    assert [len(one) for one in await asyncio.gather(*asks)] == [1] * 5
    assert queue.counts.batches == 3


@on_loop
async def test_a_remote_judge_has_several_batches_out():
    judge, queue = gated(batch=1, at_once=3)
    asks = [asking(queue, text) for text in "abcde"]
    await settle()
    assert len(judge.batches) == 3
    assert queue.figures()["waiting"] == 2
    for number in range(5):
        await judge.let_go(number)
    await asyncio.gather(*asks)


@on_loop
async def test_equal_questions_are_asked_once_and_an_opinion_is_kept():
    judge, queue = gated()
    first, second = asking(queue, "same"), asking(queue, "same")
    await judge.let_go(0)
    assert await first == await second
    assert await queue.ask([Question("same")], LONG) == await first
    assert len(judge.batches) == 1
    assert (queue.counts.joined, queue.counts.cached, queue.counts.judged) == (1, 1, 1)
    other = asyncio.ensure_future(queue.ask([Question("same", "context", "answer")], LONG))
    await judge.let_go(1)
    await other


@on_loop
async def test_what_was_unscored_is_asked_again():
    judge, queue = gated()
    ask = asking(queue, "a")
    await judge.let_go(0, [Unscored("off")])
    assert await ask == [Unscored("off")]
    ask = asking(queue, "a")
    await judge.let_go(1)
    assert isinstance((await ask)[0], Opinion)
    assert queue.counts.unscored == 1


@on_loop
async def test_whoever_waited_long_enough_is_told_that_it_is_late_and_frees_the_place():
    judge, queue = gated(queue=1, batch=1)
    out = asking(queue, "out")
    await judge.batch(0)
    with pytest.raises(JudgeLate, match=r"gave no opinion in 0\.01 s"):
        await queue.ask([Question("waits")], 0.01)
    assert queue.figures()["waiting"] == 0
    assert queue.counts.late == 1
    next_one = asking(queue, "next")
    await judge.let_go(0)
    await judge.let_go(1)
    assert await judge.batch(1) == ["next"]
    await asyncio.gather(out, next_one)


@on_loop
async def test_a_late_asker_does_not_take_the_opinion_from_the_others():
    judge, queue = gated()
    patient = asking(queue, "a")
    await judge.batch(0)
    with pytest.raises(JudgeLate):
        await queue.ask([Question("a")], 0.01)
    await judge.let_go(0)
    assert isinstance((await patient)[0], Opinion)
    assert await queue.ask([Question("a")], LONG) == await patient


@on_loop
async def test_a_full_queue_refuses_at_once_and_takes_none_of_it():
    judge, queue = gated(queue=2, batch=1)
    asks = [asking(queue, text) for text in ("out", "b", "c")]
    await settle()
    assert not queue.ready()
    with pytest.raises(JudgeBusy, match="is full: 2 questions wait, 1 more"):
        await queue.ask([Question("d")], LONG)
    joined = asking(queue, "b")
    await settle()
    assert queue.counts.busy == 1
    for number in range(3):
        await judge.let_go(number)
    await asyncio.gather(*asks, joined)
    assert queue.ready()
    with pytest.raises(JudgeBusy, match="is full"):
        await queue.ask([Question(text) for text in "xyz"], LONG)
    assert queue.figures()["waiting"] == 0


@on_loop
async def test_a_cancelled_waiter_frees_its_place_and_nobody_elses():
    judge, queue = gated(queue=2, batch=1)
    out, alone, shared, sharer = (asking(queue, text) for text in ("out", "alone", "s", "s"))
    await settle()
    alone.cancel()
    shared.cancel()
    await settle()
    assert queue.figures()["waiting"] == 1
    await judge.let_go(0)
    await judge.let_go(1)
    assert isinstance((await sharer)[0], Opinion)
    await out
    assert [texts for (texts, _) in judge.batches] == [[Question("out")], [Question("s")]]


@on_loop
async def test_an_opinion_that_nobody_waits_for_any_more_is_kept():
    judge, queue = gated()
    gone = asking(queue, "a")
    await judge.batch(0)
    gone.cancel()
    await judge.let_go(0)
    await settle()
    assert judge.cancelled == 0
    assert isinstance((await queue.ask([Question("a")], LONG))[0], Opinion)


@pytest.mark.parametrize("error", [down(), JudgeBusy("busy", advice=""), JudgeLate("l", advice="")])
@on_loop
async def test_an_error_reaches_everyone_in_the_batch_as_it_is(error):
    judge, queue = gated(batch=2)
    out = asking(queue, "out")
    asks = [asking(queue, text) for text in "ab"]
    await judge.let_go(0)
    await judge.let_go(1, error)
    await out
    for ask in asks:
        with pytest.raises(type(error)) as caught:
            await ask
        assert caught.value is error
    assert queue.counts.failed == 2


@on_loop
async def test_one_failure_among_several_questions_is_raised_and_not_skipped():
    judge, queue = gated(batch=1, at_once=2)
    ask = asking(queue, "a", "b")
    await judge.let_go(0)
    await judge.let_go(1, down())
    with pytest.raises(JudgeError, match="it is down"):
        await ask


@on_loop
async def test_a_judge_that_hangs_is_given_up_after_its_own_limit():
    judge, queue = gated(timeout_s=0.01, circuit=Circuit(failures=1, rest_s=5.0))
    with pytest.raises(JudgeLate, match=r"no opinion in 0\.01 s"):
        await queue.ask([Question("a")], LONG)
    assert judge.cancelled == 1
    with pytest.raises(JudgeBusy, match="tried again in 5 s"):
        await queue.ask([Question("a")], LONG)


@on_loop
async def test_failures_in_a_row_close_the_door_and_one_probe_opens_it(caplog):
    now = [0.0]
    judge, queue = gated(now, batch=1, circuit=Circuit(failures=2, rest_s=10.0))
    with caplog.at_level(logging.WARNING):
        for number in range(2):
            ask = asking(queue, f"a{number}")
            await judge.let_go(number, down())
            with pytest.raises(JudgeError):
                await ask
    assert caplog.text.count("is left alone") == 1
    assert "it is down" in caplog.text
    assert not queue.ready()
    with pytest.raises(JudgeBusy, match="failed 2 times in a row"):
        await queue.ask([Question("b")], LONG)
    assert len(judge.batches) == 2

    now[0] = 10.0
    assert queue.ready()
    probe = asking(queue, "probe")
    await judge.batch(2)
    with pytest.raises(JudgeBusy, match="just now"):
        await queue.ask([Question("c")], LONG)
    await judge.let_go(2)
    await probe
    ask = asking(queue, "c")
    await judge.let_go(3)
    await ask


@on_loop
async def test_while_a_probe_is_out_nothing_else_is_though_there_is_room():
    now = [0.0]
    judge, queue = gated(now, batch=1, at_once=2, circuit=Circuit(failures=1, rest_s=10.0))
    ask = asking(queue, "a")
    await judge.let_go(0, down())
    with pytest.raises(JudgeError):
        await ask
    now[0] = 10.0
    ask = asking(queue, "probe", "waits")
    await settle()
    assert await judge.batch(1) == ["probe"]
    assert len(judge.batches) == 2
    await judge.let_go(1)
    await judge.let_go(2)
    assert len(await ask) == 2


@on_loop
async def test_who_waits_when_the_door_closes_is_told_at_once():
    judge, queue = gated(batch=1, circuit=Circuit(failures=1, rest_s=10.0))
    out, waits = asking(queue, "out"), asking(queue, "waits")
    await judge.let_go(0, down())
    with pytest.raises(JudgeError, match="it is down"):
        await out
    with pytest.raises(JudgeBusy, match="left alone"):
        await waits
    assert len(judge.batches) == 1


@on_loop
async def test_a_kept_opinion_is_given_though_the_judge_is_down():
    judge, queue = gated(circuit=Circuit(failures=1, rest_s=10.0))
    ask = asking(queue, "kept")
    await judge.let_go(0)
    await ask
    ask = asking(queue, "other")
    await judge.let_go(1, down())
    with pytest.raises(JudgeError):
        await ask
    assert await queue.ask([Question("kept")], LONG)
    with pytest.raises(JudgeBusy):
        await queue.ask([Question("kept"), Question("new")], LONG)


@on_loop
async def test_a_judge_that_breaks_is_logged_and_counts_as_failed(caplog):
    judge, queue = gated()
    ask = asking(queue, "a")
    await judge.let_go(0, ZeroDivisionError("planted"))
    with pytest.raises(JudgeError, match="broke: ZeroDivisionError"):
        await ask
    assert "planted" in caplog.text


@on_loop
async def test_too_few_answers_are_none():
    judge, queue = gated()
    ask = asking(queue, "a", "b")
    await judge.let_go(0, [Opinion(0.0)])
    with pytest.raises(JudgeError, match="gave 1 answers to 2 questions"):
        await ask


@pytest.mark.parametrize("opinion", [
    Opinion(math.nan), Opinion(1.01), Opinion(-0.1), Opinion(0.1, {"hate": math.nan}),
    Opinion(0.1, {"hate": math.inf}),
])  # fmt: skip
@on_loop
async def test_a_number_that_is_no_probability_is_no_opinion(opinion):
    """Planted: NaN is over no threshold, so that a rule would let everything pass."""
    judge, queue = gated()
    ask = asking(queue, "a")
    await judge.let_go(0, [opinion])
    assert isinstance((await ask)[0], Unscored)
    assert queue.figures()["kept"] == 0


@on_loop
async def test_another_model_at_the_same_place_is_asked_anew():
    judge, queue = gated()
    for number, (text, digest) in enumerate([("a", "1"), ("b", "2"), ("a", "2")]):
        judge.id = JudgeId("gated", "planted", digest * 64, False)
        ask = asking(queue, text)
        await judge.let_go(number)
        await ask
    assert len(judge.batches) == 3


@on_loop
async def test_closing_lets_nobody_wait():
    judge, queue = gated(batch=1)
    asks = [asking(queue, text) for text in ("out", "waits")]
    await judge.batch(0)
    await queue.aclose()
    for ask in asks:
        with pytest.raises(JudgeBusy, match="shut down"):
            await ask
    assert not queue.ready()
    with pytest.raises(JudgeBusy, match="shut down"):
        await queue.ask([Question("later")], LONG)
    await queue.aclose()
    assert judge.cancelled == 1
    assert judge.closed


@on_loop
async def test_measuring_goes_past_queue_and_cache():
    fake = FakeJudge(lambda question: 0.5)
    queue = JudgeQueue(fake, Terms(queue=1))
    await queue.ask([Question("a")], LONG)
    assert len(await queue.judge([Question("a")] * 5)) == 5
    assert fake.batches == [1, 5]
    assert queue.id == fake.id
    assert queue.categories == fake.categories


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        ([Unscored("its reply is off the menu")], "its reply is off the menu. Its template"),
        (down(), "it is down. Wait."),
    ],
    ids=["off the menu", "down"],
)
@on_loop
async def test_a_judge_without_opinions_is_told_of_once_a_minute_and_without_texts(
    caplog, outcome, why
):
    now = [0.0]
    judge, queue = gated(now, batch=1, circuit=Circuit(failures=99))
    for number in range(4):
        if number == 3:
            now[0] = 60.0
        one = asking(queue, f"planted {number}")
        await judge.let_go(number, outcome)
        await asyncio.gather(one, return_exceptions=True)
    first, second = (record.getMessage() for record in caplog.records)
    assert why in first
    assert "(2 more since" in second
    assert "planted" not in caplog.text.replace("planted answers", "")


@on_loop
async def test_a_late_judge_is_told_of(caplog):
    _, queue = gated()
    with pytest.raises(JudgeLate):
        await queue.ask([Question("planted")], 0.01)
    assert "gave no opinion in 0.01 s" in caplog.text
    await queue.aclose()


@on_loop
async def test_a_judge_that_only_talks_gives_no_opinions_until_it_gives_one():
    judge, queue = gated(batch=1)
    for number in range(5):
        assert queue.gives_opinions()
        one = asking(queue, f"a {number}")
        await judge.let_go(number, [Unscored("it talks")])
        await one
    assert not queue.gives_opinions()
    assert queue.ready()
    one = asking(queue, "b")
    await judge.let_go(5)
    await one
    assert queue.gives_opinions()


@on_loop
async def test_whoever_watches_is_told_once_that_it_is_another_judge():
    judge, queue = gated(batch=1)
    told = []
    queue.watch(lambda: told.append(queue.id.hash))
    for number, digest in enumerate(["h" * 64, "i" * 64, "i" * 64]):
        judge.id = JudgeId("gated", "planted", digest, True)
        one = asking(queue, f"a {number}")
        await judge.let_go(number)
        await one
    assert told == ["i" * 64]
