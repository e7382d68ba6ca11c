"""Judged rules in exchanges: prompts, whole answers, streams; judges that answer, or do not."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges import (
    Gateway,
    answer,
    chunk,
    content_of,
    event,
    events_of,
    json_model,
    turns,
    whole,
)
from fakes import ScriptedModel
from fakes_judge import FakeJudge
from kanhe.adapters.judge_queue import JudgeQueue
from kanhe.adapters.judges import Judges
from kanhe.errors import JudgeBusy, JudgeError, JudgeLate, UpstreamTimeout
from kanhe.gateway.label import Label
from kanhe.judge.port import Opinion, Unscored
from kanhe.policy.rule import Action, Judged, Leave, Mode, Otherwise, Rule, Scope, Side, Terms, Unit
from kanhe.policy.sentence import says_something, units_of
from kanhe.terms import Text
from upstream import on_loop

DONE = b"data: [DONE]\n\n"
BARE = Label("header", Text("", ""), Text("", ""), ("Label", "Maker"), "maker")


class Panel:
    """`Judges` of one in-memory judge; `gate` lets answers pass when it is set."""

    def __init__(self, thinks=None, *, fails=None, gate=None):
        self.judge = FakeJudge(thinks or (lambda q: 0.9 if "坏" in q.text else 0.1))
        self.ids = {"": self.judge.id}
        self.fails = fails
        self.gate = gate

    async def ask(self, judge, questions, within_s):
        if self.gate:
            await self.gate.wait()
        if self.fails:
            raise self.fails
        return await self.judge.judge(questions)


def rule(name="judged", *, leave=Leave.HOLD, sides=frozenset(Side), wait_s=5.0, **more):
    matcher = Judged(
        "",
        (("unsafe", 0.5),),
        more.pop("unit", Unit.SENTENCE),
        leave,
        wait_s,
        more.pop("otherwise", Otherwise.REFUSE),
    )
    return Rule(name, "A.1.a", matcher, scope=Scope(sides), **more)


ANSWERS = frozenset({Side.ANSWER})


def gateway(some, *texts, judges=None, model=None, **more):
    return Gateway(
        some, model or ScriptedModel(*answer(*texts)), judges=judges or Panel(), label=BARE, **more
    )


def before_bad(text):
    shown = ""
    for unit in units_of(text):
        if says_something(unit) and "坏" in unit:
            return shown
        shown += unit
    return shown


@given(
    st.text(alphabet=st.sampled_from("好坏。！ \nab，"), min_size=1, max_size=60),
    st.integers(0, 999),
)
def test_a_client_gets_the_text_before_the_first_bad_sentence(text, seed):
    """Planted fault it catches: telling the end of a choice before its last sentence's verdict."""
    chance, pieces, at = random.Random(seed), [], 0  # noqa: S311
    while at < len(text):
        size = chance.randint(1, 7)
        pieces.append(text[at : at + size])
        at += size

    async def talk():
        gate = gateway([rule(sides=ANSWERS)], *pieces)
        return await gate.ask(), gate.ends

    (_, data), ends = asyncio.run(talk())
    assert content_of(data) == before_bad(text)
    stopped = before_bad(text) != text
    assert ends[-1][0] == ("stopped" if stopped else "released")
    reasons = [c["finish_reason"] for e in events_of(data) for c in e["choices"]]
    assert reasons[-1] == ("content_filter" if stopped else "stop")
    assert all(reason is None for reason in reasons[:-1])


@on_loop
async def test_a_stop_is_on_record_with_the_opinion_and_without_the_text():
    gate = gateway([rule(sides=ANSWERS)], "好。坏", "事。")
    await gate.ask(user="u")
    kind, facts = gate.ends[-1]
    assert kind == "stopped"
    assert facts["judged"] == {"judge": "default", "category": "unsafe", "permille": 900}
    assert facts["released"] == 2
    assert "坏" not in json.dumps(gate.ends, ensure_ascii=False)


@on_loop
async def test_nothing_of_a_sentence_leaves_before_its_verdict():
    opened = asyncio.Event()
    gate = gateway([rule(sides=ANSWERS)], "好好。", "好", judges=Panel(gate=opened))
    outcome = asyncio.ensure_future(gate.outcome())
    for _ in range(50):
        await asyncio.sleep(0)
    said = b"" if not outcome.done() else outcome.result().said
    assert "好".encode() not in said
    opened.set()
    begun = await outcome
    data = begun.said + b"".join([piece async for piece in begun.rest.pieces()])
    assert content_of(data) == "好好。好"


@on_loop
async def test_a_rule_that_trails_lets_text_leave_and_stops_what_follows():
    opened = asyncio.Event()
    gate = gateway(
        [rule(leave=Leave.TRAIL, sides=ANSWERS)], "坏事。", "然后", judges=Panel(gate=opened)
    )
    outcome = await gate.outcome()
    pieces = outcome.rest.pieces()
    data = outcome.said
    while "坏事" not in data.decode():
        data += await anext(pieces)
    opened.set()
    data += b"".join([piece async for piece in pieces])
    assert content_of(data).startswith("坏事。")
    assert gate.ends[-1][0] == "stopped"


@on_loop
async def test_the_end_waits_for_what_trails():
    gate = gateway([rule(leave=Leave.TRAIL, sides=ANSWERS)], "好。坏")
    await gate.ask()
    assert gate.ends[-1][0] == "stopped"


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("panel", "why"),
    [
        (Panel(fails=JudgeLate("late", advice="-")), "late"),
        (Panel(fails=JudgeBusy("busy", advice="-")), "busy"),
        (Panel(fails=JudgeError("down", advice="-")), "unavailable"),
        (Panel(lambda _: Unscored("off")), "unscored"),
        (Panel(lambda _: Opinion(0.0, {})), None),
        (None, "unavailable"),
    ],
)
@on_loop
async def test_no_opinion_refuses_and_is_no_violation(panel, why, stream):
    model = ScriptedModel(*answer("好。")) if stream else whole("好。")
    gate = Gateway([rule(sides=ANSWERS)], model, judges=panel, label=BARE)
    _, data = await gate.ask(user="u", stream=stream, language="zh")
    kind, facts = gate.ends[-1]
    if why is None:
        assert kind == "released"
        return
    assert kind == "stopped"
    assert facts["judged"] == {"judge": "default", "why": why}
    assert "无法检查" in data.decode()
    assert "好。" not in data.decode()
    person = gate.naming.person("app", "u")
    assert gate.strikes.struck(person, gate.now) is None  # the first violation, not the second
    assert "suspended_until" not in facts


@on_loop
async def test_a_judge_that_never_answers_is_waited_for_as_long_as_the_rule_says():
    gate = gateway([rule(sides=ANSWERS, wait_s=0.01)], "好。", judges=Panel(gate=asyncio.Event()))
    await gate.ask()
    assert gate.ends[-1][1]["judged"]["why"] == "late"


@on_loop
async def test_an_operator_may_let_it_pass_and_the_record_says_so():
    down = Panel(fails=JudgeError("down", advice="-"))
    gate = gateway([rule(sides=ANSWERS, otherwise=Otherwise.PASS)], "好。", judges=down)
    _, data = await gate.ask()
    assert content_of(data) == "好。"
    kind, facts = gate.ends[-1]
    assert kind == "released"
    assert facts["noticed"][0]["judged"] == {"judge": "default", "why": "unavailable"}


@pytest.mark.parametrize("stream", [True, False])
@on_loop
async def test_a_bad_prompt_reaches_no_model(stream):
    gate = gateway([rule()], "好")
    await gate.ask("你好。做坏事。", stream=stream)
    assert not gate.model.calls
    kind, facts = gate.ends[-1]
    assert kind == "refused"
    assert facts["judged"]["permille"] == 900


@on_loop
async def test_a_whole_answer_is_cut_before_its_bad_sentence():
    gate = Gateway([rule(sides=ANSWERS)], whole("好。坏。好。"), judges=Panel(), label=BARE)
    _, data = await gate.ask(stream=False)
    choice = json.loads(data)["choices"][0]
    assert choice["message"]["content"] == "好。"
    assert choice["finish_reason"] == "content_filter"


@on_loop
async def test_the_first_bad_text_of_several_is_the_one_on_record():
    class Backwards(Panel):
        async def ask(self, judge, questions, within_s):
            await turns(3 if "坏事一" in questions[0].text else 0)
            return await super().ask(judge, questions, within_s)

    some = [rule("a", wait_s=2), rule("b", wait_s=3)]
    gate = gateway(some, judges=Backwards())
    messages = [{"role": "user", "content": one} for one in ("好。", "长长坏事一。", "坏事二。")]
    await gate.ask(messages=messages)
    assert gate.ends[-1][1]["length"] == len("长长坏事一。")


@on_loop
async def test_the_prompt_is_the_context_of_the_answer():
    panel = Panel()
    await gateway([rule()], "好。", judges=panel).ask("问题是什么")
    assert [(q.text, q.context, q.whose) for q in panel.judge.asked] == [
        ("问题是什么", "", "prompt"),
        ("好。", "问题是什么", "answer"),
    ]


@on_loop
async def test_rules_that_match_characters_come_first_and_what_they_mask_no_judge_sees():
    panel = Panel()
    masks = Rule("m", "A.1.a", Terms(("秘密词",)), action=Action.MASK, mask="*")
    gate = gateway([masks, rule(sides=ANSWERS)], "有秘密词。", judges=panel)
    _, data = await gate.ask()
    assert content_of(data) == "有*。"
    assert [q.text for q in panel.judge.asked] == ["有*。"]


@on_loop
async def test_a_flag_is_on_record_and_holds_nothing():
    for mode, action in ((Mode.SHADOW, Action.BLOCK), (Mode.ENFORCE, Action.FLAG)):
        gate = gateway([rule(sides=ANSWERS, mode=mode, action=action)], "坏。", "好")
        _, data = await gate.ask()
        assert content_of(data) == "坏。好"
        assert gate.ends[-1][1]["noticed"][0]["judged"]["permille"] == 900


@on_loop
async def test_every_choice_waits_for_its_own_verdicts():
    reads = [
        event(chunk({"role": "assistant", "content": "好"}, 0)),
        event(chunk({"role": "assistant", "content": "好。坏"}, 1)),
        event(chunk({}, 0, "stop")),
        event(chunk({"content": "。"}, 1, "stop")),
        DONE,
    ]
    gate = gateway([rule(sides=ANSWERS)], model=ScriptedModel(*reads))
    _, data = await gate.ask(n=2)
    assert content_of(data, 0) == "好"
    assert content_of(data, 1) == "好。"
    assert gate.ends[-1][0] == "stopped"


@on_loop
async def test_unknown_fields_are_asked_about_before_they_leave():
    reads = [
        event(chunk({"role": "assistant", "content": "好。", "novel": "做坏事"})),
        event(chunk({}, finish="stop")),
        DONE,
    ]
    gate = gateway([rule(sides=ANSWERS)], model=ScriptedModel(*reads))
    _, data = await gate.ask()
    assert "坏" not in data.decode()
    assert gate.ends[-1][0] == "stopped"


@on_loop
async def test_log_probabilities_do_not_spell_what_is_held():
    tokens = {"content": [{"token": "坏", "logprob": -1, "bytes": None, "top_logprobs": []}]}
    said = chunk({"role": "assistant", "content": "坏"})
    said["choices"][0]["logprobs"] = tokens
    reads = [event(said), event(chunk({}, finish="stop")), DONE]
    gate = gateway([rule(sides=ANSWERS)], model=ScriptedModel(*reads))
    _, data = await gate.ask(logprobs=True)
    assert "坏" not in data.decode()


@on_loop
async def test_log_probabilities_that_wait_for_a_word_are_not_told_at_the_end_either():
    said = chunk({"role": "assistant", "content": "好"})
    said["choices"][0]["logprobs"] = spelled("坏")
    reads = [event(said), event(chunk({}, finish="stop")), DONE]
    word = Rule("word", "A.1.a", Terms(("坏蛋",)))
    gate = gateway([word, rule(sides=ANSWERS)], model=ScriptedModel(*reads))
    _, data = await gate.ask(logprobs=True)
    assert gate.ends[-1][0] == "released"
    assert "坏" not in data.decode()


@on_loop
async def test_json_escapes_are_read_as_the_characters_they_stand_for():
    # JSON within JSON, as tools have it; nothing is found in a part of the word.
    text = json.dumps({"a": json.dumps({"b": "做坏事"})})
    panel = Panel(lambda one: 0.9 if "做坏事" in one.text else 0.1)
    gate = gateway([rule(sides=ANSWERS)], text, judges=panel)
    _, data = await gate.ask(response_format={"type": "json_object"})
    assert gate.ends[-1][0] == "stopped"
    assert "574f" not in data.decode()


@on_loop
async def test_a_client_that_leaves_takes_its_questions_along():
    opened = asyncio.Event()
    gate = gateway(
        [rule(leave=Leave.TRAIL, sides=ANSWERS)], "好。", "好", judges=Panel(gate=opened)
    )
    outcome = await gate.outcome()
    async for piece in outcome.rest.pieces():
        if "好。" in piece.decode():
            break
    assert [task for task in asyncio.all_tasks() if "Inquiry" in repr(task)]
    await outcome.rest.drop()
    await turns()
    assert gate.ends[-1][0] == "abandoned"
    assert not [task for task in asyncio.all_tasks() if "Inquiry" in repr(task)]


def spelled(text):
    return {"content": [{"token": text, "logprob": -1, "bytes": None, "top_logprobs": []}]}


def said_whole(message=(), choice=(), **more):
    said = {"role": "assistant", "content": "好。", **dict(message)}
    one = {"index": 0, "message": said, "finish_reason": "stop", **dict(choice)}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "up",
            "choices": [one], **more}  # fmt: skip


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("document", "status"),
    [
        (said_whole({"novel": "做坏事"}), 200),
        (said_whole({"novel": [{"step": "做"}, {"step": "坏"}]}), 200),
        (said_whole({}, {"novel": "做坏事"}), 200),
        (said_whole(novel="做坏事"), 200),
        (said_whole({}, {"logprobs": spelled("坏")}), 200),
        ({"error": {"message": "做坏事"}}, 500),
    ],
    ids=["message", "list", "choice", "beside", "logprobs", "error"],
)
@on_loop
async def test_nothing_of_a_whole_answer_leaves_that_no_judge_has_seen(document, status, stream):
    gate = Gateway([rule(sides=ANSWERS)], json_model(document, status), judges=Panel(), label=BARE)
    _, data = await gate.ask(stream=stream)
    assert "坏" not in data.decode()


@on_loop
async def test_names_are_no_sentences_and_no_judge_is_asked_about_them():
    panel = Panel()
    model = json_model(said_whole({"refusal": None}, {"novel_number": 1}, novel={"rate": 2}))
    gate = Gateway([rule()], model, judges=panel, label=BARE)
    await gate.ask("你好", stream=False, stop=["\n"], metadata={"rate": 1})
    assert [one.text for one in panel.judge.asked] == ["你好", "好。"]


@on_loop
async def test_what_a_model_reads_beside_the_messages_is_asked_about():
    gate = gateway([rule()], "好")
    await gate.ask("你好", path="/completions", suffix="做坏事")
    assert gate.ends[-1][0] == "refused"


@pytest.mark.parametrize("surface", ["reasoning", "refusal"])
@on_loop
async def test_log_probabilities_spell_no_surface_that_waits(surface):
    said = chunk({"reasoning_content" if surface == "reasoning" else surface: "坏"})
    said["choices"][0]["logprobs"] = spelled("坏")
    reads = [event(said), event(chunk({}, finish="stop")), DONE]
    waiting = replace(rule(), scope=Scope(ANSWERS, frozenset({surface})))
    gate = gateway([waiting], model=ScriptedModel(*reads))
    _, data = await gate.ask(logprobs=True)
    assert "坏" not in data.decode()


@on_loop
async def test_a_number_that_is_no_probability_lets_nothing_pass():
    gate = gateway([rule(sides=ANSWERS)], "好。", judges=Panel(lambda _: Opinion(float("nan"))))
    await gate.ask()
    assert gate.ends[-1][1]["judged"]["why"] == "unscored"


@on_loop
async def test_no_category_takes_the_place_of_the_probability_over_all():
    thought = Opinion(0.9, {"unsafe": 0.0})
    gate = gateway([rule(sides=ANSWERS)], "好。", judges=Panel(lambda _: thought))
    await gate.ask()
    assert gate.ends[-1][1]["judged"]["permille"] == 900


@on_loop
async def test_a_rule_that_is_tried_out_does_not_make_others_wait():
    some = [
        rule("acts", sides=ANSWERS, wait_s=0.01),
        rule("tried", sides=ANSWERS, wait_s=30, mode=Mode.SHADOW),
    ]
    gate = gateway(some, "好。", judges=Panel(gate=asyncio.Event()))
    async with asyncio.timeout(5):
        await gate.ask()
    assert gate.ends[-1][1]["judged"]["why"] == "late"


@on_loop
async def test_a_long_prompt_does_not_fill_the_queue_of_an_idle_judge():
    queue = JudgeQueue(FakeJudge(lambda _: 0.1))
    gate = gateway([rule()], "好。", judges=Judges({"x": queue}, "x"))
    await gate.ask("".join(f"第{n}句。" for n in range(3000)))
    await queue.aclose()
    assert gate.ends[-1][0] == "released"


@on_loop
async def test_a_judge_that_gives_no_opinion_is_not_waited_for_again_and_again():
    asked = []

    class Late(Panel):
        async def ask(self, judge, questions, within_s):
            asked.append(len(questions))
            raise JudgeLate("late", advice="-")

    gate = gateway([rule()], "好。", judges=Late())
    await gate.ask("".join(f"第{n}句。" for n in range(3000)))
    assert len(asked) == 1
    assert gate.ends[-1][1]["judged"]["why"] == "late"


@on_loop
async def test_a_client_that_leaves_before_the_verdict_on_its_prompt_takes_its_questions_along():
    gate = gateway([rule(wait_s=30)], "好。", judges=Panel(gate=asyncio.Event()))
    asking = asyncio.ensure_future(gate.outcome("好"))
    await turns()
    asking.cancel()
    await turns()
    assert not [task for task in asyncio.all_tasks() if "Inquiry" in repr(task)]


@on_loop
async def test_a_client_that_leaves_while_a_sentence_waits_is_on_record_at_once():
    class Slow(Panel):
        async def ask(self, judge, questions, within_s):
            if any("二" in one.text for one in questions):
                await asyncio.Event().wait()
            return await super().ask(judge, questions, within_s)

    for texts in (("一。", "二。", "三。"), ("一。", "二")):  # in the middle, and at the end
        gate = gateway([rule(sides=ANSWERS, wait_s=30)], *texts, judges=Slow())
        outcome = await gate.outcome()
        reading = asyncio.ensure_future(rest_of(outcome))
        await turns()
        outcome.rest.abandon()
        async with asyncio.timeout(5):
            await reading
        await turns()
        assert gate.ends[-1] == ("abandoned", {"decision": "d1", "released": 2}), texts
        assert not [task for task in asyncio.all_tasks() if "Inquiry" in repr(task)]


async def rest_of(outcome):
    return outcome.said + b"".join([piece async for piece in outcome.rest.pieces()])


@on_loop
async def test_an_answer_is_over_in_its_time_though_judges_think_on():
    gate = gateway(
        [rule(sides=ANSWERS, wait_s=30)], "一。", judges=Panel(gate=asyncio.Event()), answer_s=0.05
    )
    async with asyncio.timeout(5):
        await gate.ask()
    await turns()
    assert gate.ends[-1] == ("failed", {"decision": "d1", "code": UpstreamTimeout.code,
                                        "released": 0})  # fmt: skip


@on_loop
async def test_a_judge_that_breaks_is_no_client_that_left():
    class Broken(Panel):
        async def ask(self, judge, questions, within_s):
            if any("二" in one.text for one in questions):
                raise ValueError("a fault of an adapter")
            return await super().ask(judge, questions, within_s)

    gate = gateway([rule(sides=ANSWERS)], "一。", "二。", judges=Broken())
    with pytest.raises(ValueError, match="adapter"):
        await gate.ask()
    await turns()
    assert gate.ends[-1] == ("failed", {"decision": "d1", "code": "internal_error", "released": 2})


@on_loop
async def test_what_stands_beside_the_last_event_of_a_choice_is_not_lost():
    reads = [event(chunk({"content": "好。"})), event(chunk({}, finish="stop", timings={"ms": 3})),
             DONE]  # fmt: skip
    gate = gateway([rule(sides=ANSWERS)], model=ScriptedModel(*reads))
    _, data = await gate.ask()
    assert [one["timings"] for one in events_of(data) if "timings" in one] == [{"ms": 3}]


@on_loop
async def test_a_reason_that_is_text_ends_nothing():
    reads = [
        event(chunk({"content": "一。"}, finish={"why": "没完"})),
        event(chunk({"content": "二。"})),
        event(chunk({}, finish="stop")),
        DONE,
    ]
    gate = gateway([rule(sides=ANSWERS)], model=ScriptedModel(*reads))
    _, data = await gate.ask()
    assert content_of(data) == "一。二。"
    assert gate.ends[-1][0] == "released"
    assert gate.ends[-1][1]["held_fields"] == ["finish_reason"]


@pytest.mark.parametrize("parted", [True, False])
@on_loop
async def test_the_context_is_the_end_of_what_was_asked_last(parted):
    panel, long = Panel(), "长" * 9000 + "问"
    said = [{"type": "text", "text": long}] if parted else long
    messages = [{"role": "user", "content": "旧"}, {"role": "user", "content": said}]
    await gateway([rule(sides=ANSWERS)], "好。", judges=panel).ask(messages=messages)
    (question,) = panel.judge.asked
    assert question.context.endswith("长问")
    assert len(question.context) == 4000


@pytest.mark.parametrize("answers", [[], [Opinion(0.0), Opinion(0.0)]])
@on_loop
async def test_other_than_one_answer_to_a_question_is_no_opinion(answers):
    class Counting(Panel):
        async def ask(self, judge, questions, within_s):
            return answers

    gate = gateway([rule(sides=ANSWERS)], "好。", judges=Counting())
    await gate.ask()
    assert gate.ends[-1][1]["judged"]["why"] == "unavailable"
