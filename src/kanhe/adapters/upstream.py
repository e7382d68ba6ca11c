"""One upstream as the operator describes it, and the words for each way in which it can fail.

The words name the model and never its key, its headers or what it sent: an error text may reach a
caller and a log. The address stands in the advice only, which operators see.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp

from kanhe.adapters.breaker import Circuit
from kanhe.adapters.retry import Retry
from kanhe.errors import SettingsError, UpstreamError, UpstreamTimeout
from kanhe.terms import Secret


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each wait may last, in seconds.

    `first_byte_s` runs from the connection to the answer's head; a call that is not streamed is
    generated whole within it. `idle_s` is the longest silence inside an answer.
    """

    connect_s: float = 5.0
    first_byte_s: float = 120.0
    idle_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Upstream:
    """An OpenAI-compatible server that holds a model.

    Args:
        name: What operators and callers call the model.
        base_url: Where the API begins, e.g. `http://127.0.0.1:8000/v1`.
        key: Sent as a bearer token; None for a server that asks for none.
        most_calls: Calls that may be open at once; the next is refused, not queued.
        keep_alive_s: How long an idle connection is kept; below what the common servers keep
            theirs (5 s), so that a call is seldom sent into a closing connection. 0: not at all.

    Raises:
        SettingsError: The address or the key cannot be used.
    """

    name: str
    base_url: str
    key: Secret | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    retry: Retry = field(default_factory=Retry)
    circuit: Circuit = field(default_factory=Circuit)
    most_calls: int = 4096
    keep_alive_s: float = 4.0

    def __post_init__(self) -> None:
        _check_address(self.name, self.base_url)
        if self.key is not None and not _fits_a_header(self.key.reveal()):
            raise SettingsError(
                f"the API key of model {self.name!r} has characters that no HTTP header can carry",
                advice="Look for a line break or a space at the end of the key.",
            )


def _check_address(name: str, address: str) -> None:
    try:
        parts = urlsplit(address)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        spare = parts.query or parts.fragment or "@" in parts.netloc
    except ValueError:
        good, spare = False, ""
    if not good or spare:
        # The address is not repeated: what stands before an "@" or after a "?" is often a key.
        raise SettingsError(
            f"the base URL of model {name!r} is no plain http:// or https:// address",
            advice="Write scheme, host and path only, e.g. http://127.0.0.1:8000/v1, "
            "and put the key into the key setting.",
        )


def _fits_a_header(key: str) -> bool:
    return bool(key) and key.isascii() and key.isprintable() and key == key.strip()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a call got no answer; `again` says whether it may be sent once more."""

    error: UpstreamError
    again: bool = False


def unanswered(upstream: Upstream, error: aiohttp.ClientError) -> Fault:
    """Say in our words why no answer began."""
    who, where = f"model {upstream.name!r}", upstream.base_url
    match error:
        case aiohttp.ServerTimeoutError():
            limit = upstream.timeouts.connect_s
            return Fault(
                UpstreamTimeout(
                    f"{who} accepted no connection in {limit:g} s",
                    advice=f"Check that {where} can be reached from here, firewalls included.",
                )
            )
        case aiohttp.ClientConnectorDNSError():
            what, advice = "its host name has no address", f"Check the spelling of {where}."
            return Fault(UpstreamError(f"{who} cannot be reached: {what}", advice=advice), True)
        case aiohttp.ClientSSLError():
            return Fault(
                UpstreamError(
                    f"{who} cannot be reached: the TLS handshake failed",
                    advice=f"Check the certificate of {where}, or whether it wants http://.",
                )
            )
        case aiohttp.ClientConnectorError():
            # The error's own words have the address in them, which callers are not to see.
            number = error.os_error.errno
            why = os.strerror(number) if number else "no connection"
            return Fault(
                UpstreamError(
                    f"{who} cannot be reached: {why}",
                    advice=f"Check that the server at {where} runs and listens there.",
                ),
                again=True,
            )
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return Fault(
                UpstreamError(
                    f"{who} closed the connection before it answered",
                    advice=f"Read the log of the server at {where}: it may have crashed.",
                ),
                again=True,
            )
        case _:
            return Fault(
                UpstreamError(
                    f"{who} did not answer in HTTP that we can read",
                    advice=f"Check that {where} is an HTTP API (http:// or https://, which port), "
                    "and that it sends no header above 8 KiB.",
                )
            )


def silent(upstream: Upstream) -> Fault:
    """Say that no answer began in time."""
    return Fault(
        UpstreamTimeout(
            f"model {upstream.name!r} began no answer in {upstream.timeouts.first_byte_s:g} s",
            advice="Raise the first-byte timeout, or ask the model for less at once.",
        )
    )


def stalled(upstream: Upstream) -> UpstreamTimeout:
    """Say that an answer stopped coming."""
    return UpstreamTimeout(
        f"model {upstream.name!r} sent nothing for {upstream.timeouts.idle_s:g} s "
        "in the middle of an answer",
        advice="The answer is cut here; raise the idle timeout if the model pauses this long.",
    )


def broken_off(upstream: Upstream) -> UpstreamError:
    """Say that an answer ended before it was complete."""
    return UpstreamError(
        f"model {upstream.name!r} broke its answer off in the middle",
        advice="The answer is cut here: read the server's log, and look for a proxy between us "
        "with a timeout of its own.",
    )


def dropped(upstream: Upstream) -> UpstreamError:
    """Say that the answer was closed on our side while somebody still read it."""
    return UpstreamError(
        f"the answer of model {upstream.name!r} was dropped before its end",
        advice="The caller went away, or the gateway is stopping; nothing is wrong upstream.",
    )


def misdirected(upstream: Upstream, status: int) -> UpstreamError:
    """Say that a redirect was not followed."""
    # A redirect would carry the prompt, and for some clients the key, to a host nobody chose.
    return UpstreamError(
        f"model {upstream.name!r} redirects elsewhere (status {status}), which is never followed",
        advice=f"Set the base URL to the final address; {upstream.base_url} is not it.",
    )


def unreadable(upstream: Upstream, what: str) -> UpstreamError:
    """Say that the answer has a form we did not ask for."""
    return UpstreamError(
        f"model {upstream.name!r} answered with {what}, which we did not ask for",
        advice="Check that the base URL ends where the API begins, mostly in /v1, and look for a "
        f"proxy that rewrites answers: {upstream.base_url}",
    )
