"""The gateway's own drill: it passes as things stand, and sees each fault that is planted."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from exchanges import LABEL
from fakes import MemoryLedger, PlainNaming
from kanhe.errors import LedgerUnwritable, UpstreamError
from kanhe.gateway import drill as drilling
from kanhe.gateway.drill import BEFORE, WORD, drill
from kanhe.gateway.drill_twin import LedgerTwin, ModelTwin
from kanhe.gateway.drill_watch import DAY_S, Drills
from kanhe.gateway.streamed import Relayed
from kanhe.gateway.turn import Conduct, Turn
from kanhe.ledger.entry import encode
from kanhe.model import Call
from kanhe.policy.rule import Action, Judged, Leave, Mode, Rule, Terms, Text, Unit
from kanhe.policy.ruleset import Ruleset, compile_parts
from upstream import on_loop

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
SOME = [Rule("one", "A.1.h", Terms(("kumquat",)))]
RULES = Ruleset(name="t", label="1", version="v1", rules=SOME, parts=compile_parts(SOME, {}),
                recognisers={})  # fmt: skip
CONDUCT = Conduct(
    LABEL,
    Text("问题已停止", "The prompt was stopped"),
    Text("回答已停止", "The answer was stopped"),
    Text("已暂停", "You are suspended"),
    Text("无法检查", "It could not be checked"),
    "申诉：objections@example.org",
)


async def held(rules=RULES, conduct=CONDUCT, naming=None):
    return await drill(rules, conduct, naming or PlainNaming(), lambda: NOW)


@on_loop
async def test_a_sound_gateway_passes_and_says_with_which_rules():
    found = await held()
    assert found.clean
    assert found.ruleset == "v1"
    assert all(value is True for value in found.facts().values() if isinstance(value, bool))
    assert found.leaked == 0
    assert encode("operator:guard:tried", NOW, found.facts())


@pytest.mark.parametrize(
    "conduct",
    [
        replace(CONDUCT, label=replace(LABEL, place="prefix")),
        replace(CONDUCT, blocked_prompt="error", language="en"),
        replace(CONDUCT, refuse_unknown=True),
    ],
    ids=["prefix", "error", "refuse"],
)
@on_loop
async def test_it_passes_however_the_operator_has_set_it(conduct):
    found = await held(conduct=conduct)
    assert found.clean
    assert found.label_seen
    assert found.notice_seen


@pytest.mark.parametrize("leave", list(Leave))
@pytest.mark.parametrize("unit", list(Unit))
@on_loop
async def test_it_passes_where_rules_ask_judges(leave, unit):
    """Planted fault it catches: a drill without judges, in which such rules refuse everything."""
    over = (("fraud", 0.5), ("unsafe", 0.001))
    asking = [*SOME, Rule("asks", "A.1.h", Judged("far", over, unit, leave))]
    rules = Ruleset(name="t", label="1", version="v1", rules=asking, recognisers={},
                    parts=compile_parts(asking, {}))  # fmt: skip
    found = await held(rules)
    assert found.clean
    assert all(value is True for value in found.facts().values() if isinstance(value, bool))


@on_loop
async def test_a_label_that_nobody_can_read_is_not_seen():
    found = await held(conduct=replace(CONDUCT, label=replace(LABEL, place="header")))
    assert not found.label_seen
    assert found.mark_seen


@pytest.mark.obligation("cn-im-4-1")
@pytest.mark.parametrize(
    "stand_in",
    [
        replace(drilling._STAND_IN, mode=Mode.SHADOW),
        replace(drilling._STAND_IN, action=Action.FLAG),
    ],
    ids=["shadow", "flag"],
)
@on_loop
async def test_a_guard_that_stops_nothing_is_seen_to_leak_all_of_it(monkeypatch, stand_in):
    monkeypatch.setattr(drilling, "_STAND_IN", stand_in)
    found = await held()
    assert not found.clean
    assert (found.stopped, found.prompt_stopped, found.leaked) == (False, False, len(WORD))


@on_loop
async def test_one_character_that_gets_out_before_the_stop_is_counted(monkeypatch):
    whole = Relayed._next

    async def hasty(self):
        return re.sub(rb'("content": ?"%s)"' % BEFORE.encode(), rb'\1z"', await whole(self))

    monkeypatch.setattr(Relayed, "_next", hasty)
    assert (await held()).leaked == 1


@on_loop
async def test_an_answer_that_does_not_wait_for_the_ledger_is_seen(monkeypatch):
    begin = Turn.begin

    def hasty(self, *given):
        begin(self, *given).cancel()
        done = asyncio.get_running_loop().create_future()
        done.set_result(0)
        return done

    monkeypatch.setattr(Turn, "begin", hasty)
    found = await held()
    assert not found.unwritable_refused
    assert not found.clean


@on_loop
async def test_a_failure_that_is_not_recorded_is_seen(monkeypatch):
    monkeypatch.setattr(Turn, "failed", lambda self, error, released=0: None)
    found = await held()
    assert not found.failed_model_closed
    assert found.stopped


class Telling(PlainNaming):
    def person(self, application, user):
        return user


class Repeating(PlainNaming):
    def commitment(self, decision, text):
        return text.decode()


@pytest.mark.obligation("cn-im-11-1")
@pytest.mark.obligation("cn-pipl-6-1")
@on_loop
async def test_a_name_or_a_word_on_the_ledger_is_seen():
    assert not (await held(naming=Telling())).pseudonymous
    found = await held(naming=Repeating())
    assert not found.content_free
    assert found.pseudonymous


@pytest.mark.obligation("cn-pipl-24-1")
@on_loop
async def test_a_notice_without_its_number_is_seen(monkeypatch):
    monkeypatch.setattr("kanhe.gateway.refusal.Notice.fields", lambda self: {"category": "x"})
    assert not (await held()).notice_seen


@on_loop
async def test_the_twins_keep_what_their_ports_promise():
    ledger = LedgerTwin(lambda: NOW)
    assert [await ledger.append("a:b:c", {"n": n}) for n in range(2)] == [0, 1]
    assert ledger.size == 2
    with pytest.raises(LedgerUnwritable):
        await LedgerTwin(lambda: NOW, writable=False).append("a:b:c", {})
    await ledger.aclose()
    model = ModelTwin("application/json", [b"1", UpstreamError("x", advice="")])
    assert await model.ready()
    reply = await model.call(Call("/chat/completions", b"{}", stream=False))
    with pytest.raises(UpstreamError):
        assert [piece async for piece in reply.chunks()] == [b"1"]
    await model.aclose()


class Held:
    """Drills that are held in no time, on a ledger in memory."""

    def __init__(self):
        self.ledger, self.version, self.drilled = MemoryLedger(), "v1", None
        self.drills = Drills(self.hold, lambda: self.version, self.record)

    async def hold(self):
        self.drilled = self.drilled or await held()
        return replace(self.drilled, ruleset=self.version)

    def record(self, facts):
        return self.ledger.append("operator:guard:tried", facts)


@on_loop
async def test_a_drill_is_held_when_the_rules_have_changed_or_a_day_has_passed():
    here = Held()
    assert await here.drills.look()
    assert not await here.drills.look()
    here.version = "v2"
    assert await here.drills.look()
    assert not await here.drills.look()
    at, version = here.drills._last
    here.drills._last = at - DAY_S, version
    assert await here.drills.look()
    assert [entry.facts["ruleset"] for entry in here.ledger.entries] == ["v1", "v2", "v2"]


@on_loop
async def test_a_drill_that_was_not_recorded_is_held_again(caplog):
    here = Held()
    here.ledger.unwritable = "full"
    assert not await here.drills.look()
    assert "not on record" in caplog.text
    here.ledger.unwritable = None
    assert await here.drills.look()


@on_loop
async def test_a_drill_that_fails_is_told_and_recorded(caplog):
    here = Held()
    here.drilled = replace(await held(), leaked=3)
    await here.drills.run()
    assert "did not pass its own drill" in caplog.text
    assert here.ledger.entries[0].facts["leaked"] == 3


@on_loop
async def test_the_watch_looks_again_and_again_until_it_is_closed(monkeypatch):
    monkeypatch.setattr("kanhe.gateway.drill_watch.LOOK_S", 0)
    here = Held()
    here.drills.watch()
    while not here.ledger.raw:
        await asyncio.to_thread(bool)
    await here.drills.aclose()
    await here.drills.aclose()
    assert len(here.ledger.raw) == 1
