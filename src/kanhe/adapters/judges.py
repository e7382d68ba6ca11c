"""The judges that the settings describe, each behind its queue, by the names that rules use.

Nothing is called and nothing is loaded before the first question, but faults of the settings are
told at once. A rule that writes `default` means the one whose second name is empty.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from kanhe.adapters.breaker import Circuit
from kanhe.adapters.judge_guard import GuardJudge
from kanhe.adapters.judge_http import HttpJudge
from kanhe.adapters.judge_identity import ask_models, hash_weights
from kanhe.adapters.judge_moderations import ModerationsJudge
from kanhe.adapters.judge_queue import JudgeQueue, Terms
from kanhe.adapters.judge_server import JudgeServer, Known, Learn
from kanhe.adapters.judge_templates import open_template
from kanhe.adapters.model_embedded import MODEL, EmbeddedModel, Engine
from kanhe.adapters.model_http import HttpModel
from kanhe.adapters.retry import Retry
from kanhe.adapters.upstream import Timeouts, Upstream
from kanhe.errors import JudgeError, SettingsError, WeightsError
from kanhe.judge.port import Answer, Judge, JudgeId, Question
from kanhe.judge.template import Guard, Remote, Scores, Template
from kanhe.model import Model
from kanhe.settings_judges import EMBEDDED, JudgeSettings

_log = logging.getLogger(__name__)
_NEVER = Circuit(failures=1 << 30)
"""The queue has the circuit: two in a row would tell different stories."""
_KINDS = {Guard: "guard", Scores: "moderations", Remote: "http"}
_TOKENS, _TOKENS_A_SLOT = 4096, 1024
"""What frames and texts may fill together: a policy is long, and memory is not."""


class Judges:
    """All judges of a service; see the port `kanhe.gateway.judging.Judges`.

    Args:
        queues: By name.
        default: The one that rules mean by `default`.
    """

    def __init__(self, queues: Mapping[str, JudgeQueue], default: str) -> None:
        self.queues = {**queues, "": queues[default]}

    @property
    def ids(self) -> Mapping[str, JudgeId]:
        """Which judges they are, the default one also by the empty name."""
        return {name: queue.id for name, queue in self.queues.items()}

    def figures(self) -> Mapping[str, Mapping[str, int]]:
        """Give what came to be of questions, by judge; see `JudgeQueue.figures`."""
        return {name: queue.figures() for name, queue in self.queues.items() if name}

    async def ask(
        self, judge: str, questions: Sequence[Question], within_s: float
    ) -> Sequence[Answer]:
        """Put questions to a judge; see `JudgeQueue.ask`."""
        if judge not in self.queues:
            raise JudgeError(
                f"there is no judge {judge!r}",
                advice=f"Name one of: {', '.join(filter(None, self.queues))}; or add [[judges]].",
            )
        return await self.queues[judge].ask(questions, within_s)

    async def warm(self, names: Collection[str], within_s: float = 30.0) -> None:
        """Put an empty question to each, so that it loads, or says who it is, before the first one.

        One that cannot yet is logged and asked again when it is needed. The default one has two
        names, and is asked once.
        """
        queues = list(dict.fromkeys(self.queues[name] for name in names if name in self.queues))
        asked = [queue.ask([Question("")], within_s) for queue in queues]
        for queue, error in zip(
            queues, await asyncio.gather(*asked, return_exceptions=True), strict=True
        ):
            if isinstance(error, JudgeError):
                name = queue.id.name
                _log.warning("judge %r cannot be asked yet: %s. %s", name, error, error.advice)
            elif isinstance(error, BaseException):
                raise error

    async def aclose(self) -> None:
        """Close all of them. May be called twice."""
        async with AsyncExitStack() as stack:
            for queue in self.queues.values():
                stack.push_async_callback(queue.aclose)


def open_judges(judges: Sequence[JudgeSettings], default: str, cache_dir: Path) -> Judges:
    """Open every judge of the settings, and the embedded one.

    Args:
        judges: The tables.
        default: The name of the default judge.
        cache_dir: Where what is unpacked for the embedded one may lie.

    Raises:
        SettingsError: One cannot be used as it is described, or there is no default one.
        WeightsError: The embedded one is not what its sheet says.
    """
    known = {EMBEDDED: JudgeSettings(EMBEDDED, kind=EMBEDDED)} | {one.name: one for one in judges}
    if default not in known:
        raise SettingsError(
            f"the default judge {default!r} is none of the judges",
            advice=f"Set `judge` to one of: {', '.join(known)}.",
        )
    return Judges({name: open_judge(one, cache_dir) for name, one in known.items()}, default)


def open_judge(settings: JudgeSettings, cache_dir: Path) -> JudgeQueue:
    """Open one judge behind its queue.

    Raises:
        SettingsError: It cannot be used as it is described.
        WeightsError: The embedded one is not what its sheet says.
    """
    if settings.kind == EMBEDDED:
        # Here and not above: numpy is large, and opening a remote judge alone has no use for it.
        from kanhe.adapters.embedded_judge import WEIGHTS, EmbeddedJudge  # noqa: PLC0415

        # It has one thread, but shares it out in portions: alone, a text of a megabyte would keep
        # all others waiting for seconds.
        try:
            own = EmbeddedJudge(cache_dir, settings.weights or WEIGHTS, settings.name)
        except WeightsError as error:
            raise _theirs(settings, error) from error
        return JudgeQueue(own, _terms(settings, batch=32, at_once=8))
    template = open_template(settings.template)
    kind = _KINDS[type(template)]
    if settings.kind not in {None, kind}:
        raise SettingsError(
            f"judge {settings.name!r} is of kind {settings.kind!r}, its template of kind {kind!r}",
            advice="Leave `kind` out, or name another template.",
        )
    # A service that takes lists gets them; of a guard each question is a call of its own, which
    # fails and is counted by itself.
    batch = 32 if isinstance(template, Scores) else 1
    return JudgeQueue(
        _judge(settings, template), _terms(settings, batch=batch, at_once=settings.concurrency)
    )


def _theirs(settings: JudgeSettings, error: WeightsError) -> WeightsError:
    """Say of weights of one's own where they were looked for: no installing brings them back."""
    folder = settings.weights
    if folder is None:
        return error
    if not folder.is_dir():
        return WeightsError(
            f"judge {settings.name!r}: there is no folder {folder}",
            advice="Set `weights` of this judge to the folder that the training wrote (--out).",
        )
    return WeightsError(
        f"judge {settings.name!r}: {error}",
        advice=f"Let the training write {folder} again, or set `weights` to where they are.",
    )


def _judge(settings: JudgeSettings, template: Template) -> Judge:
    at_once = settings.concurrency
    match template:
        case Guard():
            passes = len(template.passes)
            return GuardJudge(_server(settings, template), template, at_once=at_once * passes)
        case Scores():
            return ModerationsJudge(_server(settings, template), template, at_once=at_once)
        case Remote():
            return HttpJudge(_server(settings, template), template, at_once=at_once)


def _server(settings: JudgeSettings, template: Template) -> JudgeServer:
    if settings.weights is None:
        upstream = _upstream(settings, template)
        learn: Learn = partial(ask_models, upstream, settings.model)
        if isinstance(template, Remote):
            learn = partial(_unasked, settings.model)
        model: Model = HttpModel(upstream)
    elif isinstance(template, Guard):
        model, learn = _own(settings), partial(hash_weights, settings.weights, MODEL)
    else:
        raise SettingsError(
            f"judge {settings.name!r} has weights, but its template is for a service",
            advice="Give base_url in place of weights, or the template of a guard model.",
        )
    return JudgeServer(settings.name, model, settings.base_url, learn)


async def _unasked(model: str) -> Known:
    """Give what is known of a service that has no list of models: what the settings say."""
    return Known(model)


def _own(settings: JudgeSettings) -> EmbeddedModel:
    slots = settings.concurrency
    # `prefill` off: an answer that is judged would else be gone on with, see `GuardJudge`.
    engine = Engine(context=_TOKENS + _TOKENS_A_SLOT * slots, slots=slots, most_calls=64 * slots,
                    weights=settings.weights, prefill=False)  # fmt: skip
    return EmbeddedModel(engine, timeouts=_timeouts(settings))


def _upstream(settings: JudgeSettings, template: Template) -> Upstream:
    passes = len(template.passes) if isinstance(template, Guard) else 1
    return Upstream(
        settings.name,
        settings.base_url,
        key=settings.api_key,
        timeouts=_timeouts(settings),
        retry=Retry(times=1),
        circuit=_NEVER,
        # One place more than can be asked for: the queue refuses, and says why.
        most_calls=settings.concurrency * passes + 1,
    )


def _timeouts(settings: JudgeSettings) -> Timeouts:
    return Timeouts(min(5.0, settings.timeout_s), settings.timeout_s, settings.timeout_s)


def _terms(settings: JudgeSettings, *, batch: int, at_once: int) -> Terms:
    return Terms(settings.queue, batch, at_once, settings.timeout_s, settings.cache)
