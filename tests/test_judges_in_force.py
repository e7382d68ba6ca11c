"""Judges of a running service: relied on by rules that act, recorded anew once they are known."""

import pytest

from fakes import MemoryLedger
from fakes_judge import FakeJudge
from kanhe.adapters.judge_queue import JudgeQueue, Terms
from kanhe.adapters.judges import Judges
from kanhe.adapters.judges_in_force import asked_by, facts_of, record_learnt, relied_on
from kanhe.errors import JudgeError
from kanhe.judge.port import JudgeId, Question
from kanhe.policy.rule import Judged, Mode, Rule
from kanhe.policy.rule import Terms as Words
from kanhe.status.record import LEARNT
from upstream import on_loop


def rule(name, judge, mode=Mode.ENFORCE):
    return Rule(name, "A.1.a", Judged(judge, (("unsafe", 0.5),)), mode=mode)


RULES = [
    rule("a", ""),
    rule("b", "watched", Mode.SHADOW),
    Rule("c", "A.1.a", Words(("kumquat",))),
]


def judges(**named):
    return Judges({name: JudgeQueue(one, Terms(batch=1)) for name, one in named.items()}, "fake")


def test_only_rules_that_act_rely_on_a_judge():
    both = judges(fake=FakeJudge(lambda _: 0.1), watched=FakeJudge(lambda _: 0.1, "watched"))
    assert asked_by(RULES) == {"", "watched"}
    assert relied_on(both, RULES) == {"fake": True}


@on_loop
async def test_a_judge_that_is_down_is_told():
    def broken(_):
        raise JudgeError("down", advice="Wait.")

    one = judges(fake=FakeJudge(broken))
    for number in range(5):
        with pytest.raises(JudgeError):
            await one.ask("", [Question(f"{number}")], 1.0)
    assert relied_on(one, RULES[:1]) == {"fake": False}
    await one.aclose()


@on_loop
async def test_a_judge_that_was_away_at_the_start_is_recorded_once_it_is_known():
    fake, ledger = FakeJudge(lambda _: 0.1), MemoryLedger()
    one = judges(fake=fake)
    (before,) = facts_of(one)
    record_learnt(one, ledger)
    fake.id = JudgeId("fake", "learnt", "f" * 64, False)
    await one.ask("", [Question("a")], 1.0)
    await one.ask("", [Question("b")], 1.0)
    (entry,) = [entry for entry in ledger.entries if entry.tag == LEARNT]
    assert entry.facts["hash"] == "f" * 64 != before["hash"]
    assert (entry.facts["name"], entry.facts["default"]) == ("fake", True)
    await one.aclose()
