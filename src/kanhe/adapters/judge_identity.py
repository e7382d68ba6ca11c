"""Who a judge's model is: as its server tells at `/models`, or by the file of its weights.

What a server tells is its word and no proof. It is kept all the same: a model that was exchanged
mostly has another name, size or context, and then an old record no longer speaks for it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from hashlib import file_digest
from importlib import metadata
from pathlib import Path

import aiohttp

from kanhe.adapters.judge_server import Known
from kanhe.adapters.upstream import Upstream, silent, unanswered
from kanhe.errors import JudgeBusy, JudgeError, JudgeLate
from kanhe.judge.template import Json

_SAID = ("id", "root", "parent", "owned_by", "max_model_len")
_SAID_IN_META = ("vocab_type", "n_vocab", "n_ctx_train", "n_embd", "n_params", "size", "ftype")
"""What stays the same when a server starts again: instants and numbers of permissions do not."""
_NO_LIST = frozenset({404, 405, 501})
_LARGEST = 4 << 20


async def ask_models(upstream: Upstream, wanted: str) -> Known:
    """Ask a server for its models; `wanted` is the one that is meant, empty: the only one.

    Raises:
        JudgeError: It cannot be asked, or does not say which model is meant.
    """
    listed = await _listed(upstream)
    if listed is None:
        if wanted:
            return Known(wanted)
        raise _unnamed(upstream.name, "its server lists no models")
    names = [str(one["id"]) for one in listed]
    if not wanted and len(names) != 1:
        raise _unnamed(upstream.name, f"its server lists {len(names)} models")
    model = wanted or names[0]
    # A server may go by another name than it lists; that it does not list it is told, too.
    return Known(model, next((_said(one) for one in listed if one["id"] == model), {"id": None}))


def _unnamed(name: str, why: str) -> JudgeError:
    return JudgeError(
        f"which model judge {name!r} asks is not said, and {why}",
        advice='Write `model = "…"` for this judge.',
    )


def _said(entry: Mapping[str, object]) -> Mapping[str, Json]:
    found = {key: entry[key] for key in _SAID if key in entry}
    meta = entry.get("meta")
    if isinstance(meta, Mapping):
        found |= {f"meta.{key}": meta[key] for key in _SAID_IN_META if key in meta}
    plain = str | int | float | bool | None
    return {key: value for key, value in found.items() if isinstance(value, plain)}


async def _listed(upstream: Upstream) -> Sequence[Mapping[str, object]] | None:
    """Give the models that a server lists; None where it has no such list.

    Raises:
        JudgeError: It cannot be asked.
    """
    timeouts = upstream.timeouts
    limit = aiohttp.ClientTimeout(total=timeouts.first_byte_s, sock_connect=timeouts.connect_s)
    headers = {"Accept-Encoding": "identity", "User-Agent": "kanhe"}
    if upstream.key is not None:
        headers["Authorization"] = f"Bearer {upstream.key.reveal()}"
    url = f"{upstream.base_url.rstrip('/')}/models"
    try:
        async with (
            aiohttp.ClientSession(timeout=limit, headers=headers, trust_env=False) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            if response.status in _NO_LIST:
                return None
            raw = await response.content.read(_LARGEST) if response.status == 200 else b""
            return _entries(upstream, response.status, raw)
    except aiohttp.ClientError as error:
        fault = unanswered(upstream, error).error
        raise JudgeBusy(f"judge {upstream.name!r} gave no opinion: {fault}",
                        advice=fault.advice) from error  # fmt: skip
    except TimeoutError as error:
        late = silent(upstream).error
        raise JudgeLate(f"judge {upstream.name!r} gave no opinion: {late}",
                        advice=late.advice) from error  # fmt: skip


def _entries(upstream: Upstream, status: int, raw: bytes) -> Sequence[Mapping[str, object]]:
    if status != 200:
        raise JudgeError(
            f"judge {upstream.name!r} answered with status {status} when asked for its models",
            advice="Check the judge's key and base_url (mostly it ends in /v1).",
        )
    try:
        data = json.loads(raw)["data"]
        return [one for one in data if isinstance(one, dict) and isinstance(one.get("id"), str)]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise JudgeError(
            f"judge {upstream.name!r} gave no list of models that we can read",
            advice=f"Check that {upstream.base_url} is where an OpenAI-compatible API begins.",
        ) from None


async def hash_weights(path: Path, model: str) -> Known:
    """Hash the file of weights that this process runs; some seconds for a large one.

    Raises:
        JudgeError: The file cannot be read.
    """
    try:
        digest = await asyncio.to_thread(_digest, path)
    except OSError as error:
        raise JudgeError(
            f"the weights {path} cannot be read: {error.strerror}",
            advice="Check `weights` of the judge in the settings.",
        ) from error
    # Another version of the runtime may say something else with the same weights.
    return Known(model, {"runtime": f"xllamacpp {metadata.version('xllamacpp')}"}, digest)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
