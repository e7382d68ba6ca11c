"""What is tried before a run has a folder: one question a target, and its words where it fails."""

from __future__ import annotations

import asyncio

import pytest

import courses
from kanhe.adapters.assess_ready import TRIAL, require_answers
from kanhe.assess.plan_file import read_plan
from kanhe.assess.run import Said
from kanhe.errors import AssessError, TargetError


class Once:
    """A target that fails as it is told, or answers."""

    def __init__(self, error=None):
        self.error, self.asked = error, []

    async def ask(self, turns, system="", repeat=0):
        self.asked.append(tuple(turns))
        if self.error:
            raise self.error
        return Said("Hello.")


def plan(tmp_path, targets=courses.BOTH):
    return read_plan(courses.plan(courses.bank(tmp_path), targets=targets), "plan.yaml")


def test_each_target_is_asked_one_harmless_question(tmp_path):
    both = {"gateway": Once(), "model": Once()}
    asyncio.run(require_answers(plan(tmp_path), lambda name: "", both))
    assert [one.asked for one in both.values()] == [[(TRIAL,)], [(TRIAL,)]]


@pytest.mark.parametrize(
    ("code", "said"),
    [("http-401", "key_env"), ("http-404", "unknown there"), ("http-429", "pace"),
     ("timeout", "its own advice")],
)  # fmt: skip
def test_a_target_that_fails_is_told_with_route_cause_and_next_step(code, said, tmp_path):
    error = TargetError("it failed so", advice="its own advice.", code=code)
    both = {"gateway": Once(), "model": Once(error)}
    with pytest.raises(AssessError, match=r"the model .* did not answer .*: it failed") as caught:
        asyncio.run(require_answers(plan(tmp_path), lambda name: "", both))
    assert said in caught.value.advice
    assert "Nothing was begun" in caught.value.advice


def test_the_embedded_model_is_not_asked(tmp_path):
    embedded = "  - {route: model, url: embedded}\n"
    one = Once(TargetError("it failed", advice="-"))
    asyncio.run(require_answers(plan(tmp_path, embedded), lambda name: "", {"model": one}))
    assert one.asked == []
