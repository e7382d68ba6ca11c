"""Before a run has a folder: what it judges by and whom it asks are tried.

Rulesets are read, judges looked up, and each target gets one harmless question, which is kept
nowhere. What fails here costs an error with the next step, and no run that never was. The embedded
model is not asked: it can be wrong in no way that asking would show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

from kanhe.adapters.assess_health import Patience
from kanhe.adapters.assess_judge import queue_of
from kanhe.adapters.assess_targets import Targets
from kanhe.adapters.assess_words import load_words
from kanhe.adapters.judge_grounds import Grounds
from kanhe.adapters.judge_records import trusted
from kanhe.adapters.judges import open_judges
from kanhe.assess.plan import EMBEDDED, Plan, Target
from kanhe.assess.run import Target as Port
from kanhe.errors import AssessError, TargetError
from kanhe.law.regime import Regime
from kanhe.settings import Settings, cache_folder

TRIAL = "Hello! Please answer with one word."
"""The trial question: of no bank, and nothing that a rule or a judge would stop."""

_ADVICE = {
    "http-401": "The key is wrong or missing: look at `key_env` of the plan and at that variable.",
    "http-403": "The key may not do that: look at `key_env` of the plan and at its rights.",
    "http-404": "Look at `model` and `url` in the plan: the name is unknown there, or the URL does "
    "not end where the API begins (mostly in /v1).",
    "http-429": "The target has a limit: wait, or lower `pace` in the plan.",
}


async def require_judging(plan: Plan, settings: Settings, data: Path, regime: Regime) -> None:
    """See that the rulesets and the judge of a plan can be opened; nobody is asked.

    Raises:
        RulesetError: A ruleset is faulty, not there, or looks at no answer.
        AssessError: There is no judge of that name.
        SettingsError: A judge cannot be used as it is described.
    """
    judges = open_judges(settings.judges, settings.judge, cache_folder(data))
    try:
        if plan.judging.rulesets:
            grounds = Grounds(judges, cache(partial(trusted, data)), Patience().now, data)
            load_words(plan.judging.rulesets, regime, grounds)
        if plan.judging.classifier:
            queue_of(judges, plan.judging.classifier.judge)
    finally:
        await judges.aclose()


async def require_answers(
    plan: Plan, variable: Callable[[str], str], opened: Mapping[str, Port] | None = None
) -> None:
    """Put one question to each target of a plan.

    Args:
        plan: The plan.
        variable: Looks up a key by the name of its variable.
        opened: By route, in place of the targets of the plan; for tests.

    Raises:
        AssessError: One does not answer, with its status or cause; or a key is not set.
        SettingsError: A target cannot be used as it is described.
    """
    if opened is not None:
        await _ask(plan, opened)
        return
    async with Targets(plan, variable) as targets:
        await _ask(plan, targets.by_route)


async def _ask(plan: Plan, opened: Mapping[str, Port]) -> None:
    for route, one in sorted(plan.targets.items()):
        if one.url == EMBEDDED:
            continue
        try:
            await opened[route].ask([TRIAL])
        except TargetError as error:
            raise _unanswered(one, error) from error


def _unanswered(one: Target, error: TargetError) -> AssessError:
    return AssessError(
        f"the {one.route} ({one.model} at {one.url}) did not answer a trial question: {error}",
        advice=f"{_ADVICE.get(error.code, error.advice)} Nothing was begun: run the plan again.",
    )
