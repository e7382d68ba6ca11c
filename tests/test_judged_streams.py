"""Judged rules on streams of every shape, held against an oracle that knows no streams.

Choices, surfaces, ends beside text or never told, reads cut anywhere, judges that answer in any
order; and what a single shape has to keep.
"""

from __future__ import annotations

import asyncio
import json
import random

import pytest

from exchanges import Gateway, chunk, event, events_of, turns
from fakes import ScriptedModel
from kanhe.gateway.jury import ends, halves
from kanhe.policy.rule import Judged, Leave, Rule, Scope, Terms, Unit
from kanhe.policy.sentence import says_something, units_of
from test_judged_exchange import ANSWERS, BARE, DONE, Panel, gateway, rule
from upstream import on_loop

KNOWN = ("content", "reasoning_content", "refusal")
UNKNOWN = "novel"
WORD = "禁词"
LEXICAL = Rule("word", "A.1.a", Terms((WORD,)), folds=frozenset())
HELD = [LEXICAL, rule(sides=ANSWERS)]
BOTH = [*HELD, rule("window", sides=ANSWERS, unit=Unit.WINDOW, wait_s=3)]
TRAILED = [LEXICAL, rule(sides=ANSWERS, leave=Leave.TRAIL)]


def allowed(text):
    """Give what may be shown of a text, by reading it once."""
    shown = ""
    for unit in units_of(text.partition(WORD)[0]):
        if says_something(unit) and "坏" in unit:
            return shown
        shown += unit
    return shown


class Script:
    """A stream by chance: its events, its reads, and each of its texts."""

    def __init__(self, chance):
        self.chance, self.texts, self.events = chance, {}, []
        self.choices = chance.choice([1, 1, 2, 3])
        self.bad = chance.choice([0, 0, 0.02, 0.1])
        self.ended = set()
        for _ in range(chance.randrange(1, 14)):
            self.say([n for n in range(self.choices) if chance.random() < 0.6])
        self.is_told, self.is_done = chance.choice([(True, True), (True, False), (False, True)])
        for n in set(range(self.choices)) - self.ended if self.is_told else ():
            self.ended.add(n)
            self.events.append(self.event([self.choice(n, "stop")]))

    def say(self, numbers):
        some = []
        for n in set(numbers) - self.ended:
            end = "stop" if self.chance.random() < 0.12 else None
            said = {name: self.text(n, name) for name in (*KNOWN, UNKNOWN) if self.speaks(name)}
            if said or end:
                some.append(self.choice(n, end, said))
            self.ended |= {n} if end else set()
        if some:
            timed = {"timings": {"n": len(self.events)}} if self.chance.random() < 0.2 else {}
            self.events.append(self.event(some) | timed)

    def speaks(self, name):
        return self.chance.random() < {"content": 0.6, UNKNOWN: 0.05}.get(name, 0.15)

    def text(self, n, name):
        letters = "好。！a b\n，" + WORD * self.chance.choice([0, 0, 2])
        text = "".join(
            "坏" if self.chance.random() < self.bad else self.chance.choice(letters)
            for _ in range(self.chance.randrange(1, 8))
        )
        self.texts[n, name] = self.texts.get((n, name), "") + text
        return text

    def choice(self, n, end=None, said=()):
        return {"index": n, "delta": dict(said), "finish_reason": end}

    def event(self, choices):
        return {**chunk({}), "choices": choices}

    def reads(self):
        raw = b"".join(map(event, self.events)) + (DONE if self.is_done else b"")
        while raw:
            size = self.chance.choice([20, 200, 1000, 5000])
            yield raw[:size]
            raw = raw[size:]

    @property
    def stops(self):
        return any(allowed(text) != text for text in self.texts.values())


class Slow(Panel):
    """Answers after a few turns of the loop, so in any order."""

    def __init__(self, chance):
        super().__init__()
        self.chance = chance

    async def ask(self, judge, questions, within_s):
        await turns(self.chance.randrange(6))
        return await super().ask(judge, questions, within_s)


def texts_of(data):
    got = {}
    for one in events_of(data):
        for choice in one["choices"]:
            for name, text in choice["delta"].items():
                if name in (*KNOWN, UNKNOWN) and text:
                    key = choice["index"], name
                    got[key] = got.get(key, "") + text
    return got


@pytest.mark.parametrize("rules", [HELD, BOTH, TRAILED], ids=["held", "both", "trailed"])
@pytest.mark.parametrize("seed", range(120))
@on_loop
async def test_a_stream_of_any_shape_gives_what_may_be_shown_and_ends_as_it_should(seed, rules):
    """Planted faults it catches: losing a text that comes with its choice's end; taking one
    choice's end for that of all; telling an end before its last verdict; losing other fields."""
    chance = random.Random(seed)  # noqa: S311
    script = Script(chance)
    gate = Gateway(rules, ScriptedModel(*script.reads()), judges=Slow(chance), label=BARE)
    _, data = await gate.ask(n=script.choices)
    got = texts_of(data)
    assert gate.ends[-1][0] == ("stopped" if script.stops else "released")
    if script.stops:
        assert not any(name == UNKNOWN for _, name in got)
        got = {key: text for key, text in got.items() if key[1] != "refusal"}  # the notice is there
        for key, text in got.items():
            whole = script.texts[key]
            assert (whole if rules is TRAILED else allowed(whole)).startswith(text)
        return
    assert got == script.texts
    told = [one for one in events_of(data) if "timings" in one]
    assert [one["timings"] for one in told] == [
        one["timings"] for one in script.events if "timings" in one
    ]
    reasons = [c["index"] for one in events_of(data) for c in one["choices"] if c["finish_reason"]]
    assert sorted(reasons) == sorted(script.ended)


@on_loop
async def test_a_model_is_not_read_further_while_a_sentence_waits():
    opened = asyncio.Event()
    gate = gateway([rule(sides=ANSWERS)], "一。", "二。", "三。", judges=Panel(gate=opened))
    reading = asyncio.ensure_future(gate.ask())
    await turns()
    assert gate.model.replies[0].read == 2  # the role, and the first sentence
    opened.set()
    await reading
    assert gate.ends[-1][0] == "released"


@pytest.mark.parametrize("rules", [HELD, TRAILED], ids=["held", "trailed"])
@on_loop
async def test_an_end_without_its_last_line_waits_for_verdicts_like_any_other(rules):
    last = event(chunk({"content": "二"}, finish="stop")).rstrip()
    model = ScriptedModel(event(chunk({"content": "一。"})), last)
    gate = gateway(rules, model=model, judges=Slow(random.Random(2)))  # noqa: S311
    _, data = await gate.ask()
    assert texts_of(data) == {(0, "content"): "一。二"}
    assert gate.ends[-1][0] == "released"


async def drained(pieces):
    return [piece async for piece in pieces]


@pytest.mark.parametrize("rules", [HELD, TRAILED], ids=["held", "trailed"])
@on_loop
async def test_a_client_that_leaves_an_answer_that_has_come_whole_is_on_record(rules):
    """Planted fault it catches: waiting for verdicts on questions that were taken back."""
    judges, more = Panel(gate=asyncio.Event()), asyncio.Event()
    first, *others = [event(chunk({"content": "一。"})), event(chunk({}, finish="stop")), DONE]
    model = ScriptedModel(event(chunk({"role": "assistant"})), first, more, *others)
    gate = gateway(rules, model=model, judges=judges)
    outcome = await gate.outcome()

    async def closed():
        """Do nothing: all of it was read from the network before."""

    model.replies[0].close = closed
    reading = asyncio.ensure_future(drained(outcome.rest.pieces()))
    await turns()
    outcome.rest.abandon()
    more.set()
    await reading
    await turns()
    assert [kind for kind, _ in gate.ends] == ["abandoned"]


@on_loop
async def test_each_judge_is_asked_what_its_own_rules_want():
    asked = []

    class Several(Panel):
        async def ask(self, judge, questions, within_s):
            asked.append((judge, within_s, [one.text for one in questions]))
            return await super().ask(judge, questions, within_s)

    far = Rule("far", "A.1.a", Judged("far", (("unsafe", 0.5),), wait_s=5.0), scope=Scope(ANSWERS))
    await gateway([rule(sides=ANSWERS), far], "一。二。", judges=Several()).ask()
    assert sorted(asked) == [("", 5.0, ["一。", "二。"]), ("far", 5.0, ["一。", "二。"])]


@on_loop
async def test_an_end_is_not_told_before_the_verdict_on_unknown_fields():
    reads = [event(chunk({"content": "好。", UNKNOWN: "做坏事"})), event(chunk({}, finish="stop"))]
    slow = Slow(random.Random(1))  # noqa: S311
    gate = gateway([rule(sides=ANSWERS)], model=ScriptedModel(*reads, DONE), judges=slow)
    _, data = await gate.ask()
    reasons = [c["finish_reason"] for one in events_of(data) for c in one["choices"]]
    assert [one for one in reasons if one] == ["content_filter"]


@on_loop
async def test_an_unknown_field_is_asked_about_once_however_many_choices_end():
    panel = Panel()
    reads = [
        event({**chunk({}), "choices": [
            {"index": n, "delta": {"content": "好。"}, "finish_reason": None} for n in range(3)
        ]}),
        event(chunk({UNKNOWN: "一件事"})),
        *(event(chunk({}, n, "stop")) for n in range(3)),
        DONE,
    ]  # fmt: skip
    gate = gateway([rule(sides=ANSWERS)], model=ScriptedModel(*reads), judges=panel)
    await gate.ask(n=3)
    assert [one.text for one in panel.judge.asked if "事" in one.text] == ["一件事\n"]


def test_an_event_is_parted_into_what_it_says_and_that_it_ends():
    both = {
        "id": "c",
        "choices": [
            {"index": 0, "text": "好", "finish_reason": "stop"},
            {"index": 1, "text": "坏", "finish_reason": None},
        ],
        "usage": {"total_tokens": 3},
    }
    said, ended = halves(both)
    assert ends(both) == [0]
    assert json.dumps(said) == json.dumps({
        "id": "c",
        "choices": [
            {"index": 0, "text": "好", "finish_reason": None},
            {"index": 1, "text": "坏", "finish_reason": None},
        ],
    })  # fmt: skip
    assert ended == {
        "id": "c",
        "choices": [{"index": 0, "finish_reason": "stop", "text": ""}],
        "usage": {"total_tokens": 3},
    }
