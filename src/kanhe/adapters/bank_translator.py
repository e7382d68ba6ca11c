"""Questions put into another language by one of the models of the settings, several at once.

Nothing that comes back is a question before a person has read it. A model that fails leaves its
item out and is told; where none answers at all, nothing was translated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kanhe.adapters.assess_target import HttpTarget, Sampling
from kanhe.adapters.model_embedded import MODEL, EmbeddedModel, Engine
from kanhe.adapters.model_http import HttpModel
from kanhe.adapters.retry import Retry
from kanhe.adapters.upstream import Timeouts, Upstream
from kanhe.assess.bank_translate import NotTranslated, asked, translated
from kanhe.assess.item import Item
from kanhe.assess.refusal import Detector
from kanhe.errors import KanheError, SettingsError
from kanhe.settings_models import ModelSettings
from kanhe.yaml_source import meant

AT_ONCE = 4
_TOKENS = 1024

Ask: TypeAlias = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Translated:
    """Proposals, and the items of which none came, each with why."""

    items: tuple[Item, ...]
    left_out: tuple[NotTranslated, ...]


def translator(models: Sequence[ModelSettings], name: str) -> HttpTarget:
    """Open a model of the settings for translating; of settings without any the embedded one.

    Raises:
        SettingsError: There is none of that name.
    """
    sampling = Sampling(_TOKENS, 0.0)
    if not models and name in ("", MODEL):
        return HttpTarget(EmbeddedModel(Engine()), MODEL, sampling)
    by_name = {one.name: one for one in models}
    if name not in by_name:
        raise SettingsError(f"there is no model {name!r}", advice=meant(name, tuple(by_name)))
    one = by_name[name]
    upstream = Upstream(
        one.name, one.base_url, key=one.api_key, retry=Retry(times=one.retries),
        timeouts=Timeouts(one.connect_s, one.first_byte_s, one.idle_s), most_calls=one.most_calls,
    )  # fmt: skip
    return HttpTarget(HttpModel(upstream), one.upstream_model or one.name, sampling)


async def translate(
    items: Sequence[Item],
    lang: str,
    ask: Ask,
    detector: Detector,
    done: Callable[[int], object] = lambda _: None,
) -> Translated:
    """Translate items into `lang`, in their order.

    Args:
        items: In another language.
        lang: `zh` or `en`.
        ask: Puts one text to the model; raises KanheError where it does not answer.
        detector: Says whether a reply refuses.
        done: Is told of each item that is through.

    Raises:
        KanheError: The model answered nothing; the first of its errors.
    """
    places = asyncio.Semaphore(AT_ONCE)
    errors: list[KanheError] = []

    async def one(item: Item) -> Item | NotTranslated:
        async with places:
            try:
                replies = [await ask(asked(turn, lang)) for turn in item.turns]
            except KanheError as error:
                errors.append(error)
                return NotTranslated(item.id, "failed")
            finally:
                done(1)
        return translated(item, lang, replies, detector)

    found = await asyncio.gather(*map(one, items))
    if errors and len(errors) == len(items):
        raise errors[0]
    return Translated(
        tuple(one for one in found if isinstance(one, Item)),
        tuple(one for one in found if isinstance(one, NotTranslated)),
    )
