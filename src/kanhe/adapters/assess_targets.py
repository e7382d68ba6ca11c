"""The targets of a plan, opened: models and services over HTTP, or the embedded model itself.

`embedded` in place of an address means the small model that comes with the package, run in this
process. Keys come from the variables that the plan names, and are looked up before anything is
asked.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack

from kanhe.adapters.answer_cache import AnswerCache, CachedTarget
from kanhe.adapters.assess_target import HttpTarget, Sampling
from kanhe.adapters.model_embedded import MODEL, EmbeddedModel, Engine
from kanhe.adapters.model_http import HttpModel
from kanhe.adapters.retry import Retry
from kanhe.adapters.upstream import Timeouts, Upstream
from kanhe.assess.plan import EMBEDDED, Plan, Route, Target
from kanhe.assess.run import Target as Port
from kanhe.errors import AssessError
from kanhe.model import Model
from kanhe.terms import Secret


class Targets:
    """The targets of one run, by route. An async context: it closes what it opened.

    Args:
        plan: The plan.
        variable: Looks up a key by the name of its variable.
        cache: Answers of earlier runs; None: everything is asked.

    Raises:
        AssessError: A key that the plan names is not in the environment.
        SettingsError: An address or a key cannot be used, or the embedded model is not installed.
    """

    def __init__(
        self, plan: Plan, variable: Callable[[str], str], cache: AnswerCache | None = None
    ) -> None:
        self._models = {
            route: _model(plan, one, variable) for route, one in plan.targets.items()
        }  # fmt: skip
        sampling = Sampling(
            plan.asking.max_tokens, plan.asking.temperature, plan.asking.seed, plan.asking.system
        )
        self.by_route: dict[str, Port] = {}
        for route, one in plan.targets.items():
            ours = route is Route.GATEWAY
            target: Port = HttpTarget(self._models[route], one.model, sampling, stops=ours)
            about = f"{route} {one.url} {one.model} {sampling}"
            self.by_route[route] = CachedTarget(target, cache, about) if cache else target

    async def __aenter__(self) -> Targets:
        return self

    async def __aexit__(self, *_: object) -> None:
        async with AsyncExitStack() as stack:
            for model in self._models.values():
                stack.push_async_callback(model.aclose)


def require_keys(plan: Plan, variable: Callable[[str], str]) -> None:
    """See that every key which the plan names is there, before anything is begun.

    Raises:
        AssessError: One is not.
    """
    for one in plan.targets.values():
        _key(one, variable)


def _model(plan: Plan, target: Target, variable: Callable[[str], str]) -> Model:
    timeouts = Timeouts(first_byte_s=plan.pace.timeout_s, idle_s=plan.pace.timeout_s)
    if target.url == EMBEDDED:
        return EmbeddedModel(Engine(), timeouts=timeouts)
    upstream = Upstream(
        target.model or MODEL, target.url, key=_key(target, variable), timeouts=timeouts,
        retry=Retry(times=0), most_calls=2 * plan.pace.at_once,
    )  # fmt: skip
    return HttpModel(upstream)


def _key(target: Target, variable: Callable[[str], str]) -> Secret | None:
    if not target.key_env:
        return None
    if not (key := variable(target.key_env)):
        raise AssessError(
            f"the plan reads the key of its {target.route} from {target.key_env}, which is not set",
            advice=f"Set it: export {target.key_env}=…; `kanhe app add NAME` makes a key of ours.",
        )
    return Secret(key)
