"""Who is compared: how each gateway is started, asked whether it is up, and called.

A contender is data; nothing is started here. Every gateway runs as one worker, on loopback, with
the rules of its own configuration, in front of the same fake upstream. Refused: a peer that
`setup_peers.sh` has not installed at its pinned version.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

# The client of the shared bench sends exactly this bearer token; it opens nothing but the bench.
APP_KEY = "sk-4f1d9c0b7a6e5d4c3b2a19080706050403020100aabbccdd"
NAMES = ("direct", "kanhe", "litellm", "nemo", "portkey")
PEERS = ("litellm", "nemo", "portkey")


class NotReadyError(Exception):
    """The comparison cannot start; the message says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One gateway under test. An empty `start` is the upstream itself, the limit for all."""

    name: str
    title: str
    port: int
    health: str
    start: str = ""
    headers: str = ""

    @property
    def guarded(self) -> bool:
        """Whether there is a gateway at all, so that leaks can be asked for."""
        return bool(self.start)


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie: the writable copy of the shared bench, our configuration, the peers."""

    bench: Path
    ours: Path
    peers: Path
    kanhe: Path


def contender(name: str, at: Places) -> Contender:
    """Return the contender called `name`.

    Raises:
        NotReadyError: Its program is not installed.
    """
    match name:
        case "direct":
            return Contender(name, "upstream alone", 9100, "/stats")
        case "kanhe":
            return _kanhe(at)
        case "litellm":
            return _litellm(at)
        case "nemo":
            return _nemo(at)
        case "portkey":
            return _portkey(at)
    raise NotReadyError(f"there is no contender {name!r}; there are {', '.join(NAMES)}")


def _kanhe(at: Places) -> Contender:
    _present(at.kanhe, "make setup")
    start = [at.kanhe, "serve", "--port", "8080", "--config", at.ours / "kanhe.toml"]
    return Contender("kanhe", "Kanhe", 8080, "/readyz", _words(*start, "--app-key", APP_KEY))


def _litellm(at: Places) -> Contender:
    program = at.peers / "litellm/bin/litellm"
    _stamped(at, "litellm", program)
    start = [program, "--config", "conf/litellm_guard.yaml", "--host", "127.0.0.1"]
    return Contender(
        "litellm",
        "LiteLLM 1.106.2, content filter",
        4000,
        "/health/liveliness",
        _words(*start, "--port", "4000", "--num_workers", "1"),
    )


def _nemo(at: Places) -> Contender:
    program = at.peers / "nemo/bin/nemoguardrails"
    _stamped(at, "nemo", program)
    start = [program, "server", "--config", "conf/nemo_hold", "--default-config-id", "words"]
    return Contender(
        "nemo",
        "NeMo Guardrails 0.24.1, strict",
        8000,
        "/v1/rails/configs",
        _words(*start, "--port", "8000", "--disable-chat-ui"),
    )


def _portkey(at: Places) -> Contender:
    program = at.peers / "portkey/node_modules/@portkey-ai/gateway/build/start-server.js"
    _stamped(at, "portkey", program)
    # The first line carries the guardrail, the second none; the client of the bench turns the
    # written \r\n into a line end itself.
    headers = (at.bench / "conf/portkey_headers.txt").read_text(encoding="utf-8").splitlines()[0]
    return Contender(
        "portkey",
        "Portkey 1.15.2",
        8787,
        "/",
        _words("node", program, "--headless", "--port=8787"),
        headers,
    )


def _stamped(at: Places, name: str, program: Path) -> None:
    _present(program, "bench/setup_peers.sh (or: make bench-peers)")
    _present(at.peers / name / ".kanhe-stamp", "bench/setup_peers.sh (or: make bench-peers)")


def _present(path: Path, remedy: str) -> None:
    if not path.exists():
        raise NotReadyError(f"{path} is not there. Run {remedy} first.")


def _words(*words: object) -> str:
    return shlex.join(map(str, words))
