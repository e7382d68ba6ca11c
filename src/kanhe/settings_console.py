"""The console in the settings: whether it is there, under which address, how long one stays in.

Who signs in through an identity provider gets the role that a claim of the provider's maps to.
Refused: a provider over plain HTTP that is not on this machine.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from kanhe.errors import SettingFault, SettingsError
from kanhe.settings_source import (
    Given,
    base_url,
    many,
    seconds,
    secret,
    switch,
    text,
    told,
)
from kanhe.terms import Secret


def origin(given: Given) -> str:
    """Read scheme, host and port, and nothing behind them."""
    value = base_url(given)
    if urlsplit(value).path:
        raise SettingsError(
            f"{value!r} has a path", advice="Write e.g. https://kanhe.example.org alone."
        )
    return value.lower()


def provider(given: Given) -> str:
    """Read the address of an identity provider: https, or this machine."""
    value = base_url(given)
    if value.startswith("https://") or is_this_machine(urlsplit(value).hostname or ""):
        return value
    raise SettingsError(
        "an identity provider over plain HTTP could be anybody",
        advice="Write its https:// address, as its documentation calls the issuer.",
    )


def is_this_machine(host: str) -> bool:
    """Say whether a host is the machine we run on."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """The console, and how long one stays signed in."""

    enabled: bool = field(
        default=True,
        metadata=told("Whether there is a console at /console.", switch, "KANHE_CONSOLE_ENABLED"),
    )
    url: str = field(
        default="",
        metadata=told("Where browsers find this service, e.g. https://kanhe.example.org; not set: "
                      "by this machine's name or an IP address, over plain HTTP.", origin,
                      "KANHE_CONSOLE_URL"),
    )  # fmt: skip
    idle_s: float = field(
        default=1800.0,
        metadata=told("Seconds without a request after which one has to sign in again.", seconds,
                      "KANHE_CONSOLE_IDLE_S"),
    )  # fmt: skip
    session_s: float = field(
        default=43_200.0,
        metadata=told("Seconds after which one has to sign in again in any case.", seconds,
                      "KANHE_CONSOLE_SESSION_S"),
    )  # fmt: skip


_roles = many(text)


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """An identity provider that may vouch for people (OpenID Connect)."""

    issuer: str = field(
        default="",
        metadata=told("The provider's issuer; not set: nobody signs in that way.", provider,
                      "KANHE_OIDC_ISSUER"),
    )  # fmt: skip
    name: str = field(
        default="OpenID Connect",
        metadata=told("What the sign-in page calls the provider.", text, "KANHE_OIDC_NAME"),
    )
    client_id: str = field(
        default="",
        metadata=told("What the provider calls this service.", text, "KANHE_OIDC_CLIENT_ID"),
    )
    client_secret: Secret | None = field(
        default=None,
        metadata=told("The secret the provider gave us; better in the variable.", secret,
                      "KANHE_OIDC_CLIENT_SECRET"),
    )  # fmt: skip
    scopes: tuple[str, ...] = field(
        default=("openid", "profile"),
        metadata=told("What the provider is asked to tell.", many(text), "KANHE_OIDC_SCOPES"),
    )
    claim: str = field(
        default="groups",
        metadata=told("The claim that says what somebody is.", text, "KANHE_OIDC_CLAIM"),
    )
    owner: tuple[str, ...] = field(
        default=(),
        metadata=told("Values of the claim that make an owner.", _roles, "KANHE_OIDC_OWNER"),
    )
    operator: tuple[str, ...] = field(
        default=(),
        metadata=told("… an operator.", _roles, "KANHE_OIDC_OPERATOR"),
    )
    reviewer: tuple[str, ...] = field(
        default=(),
        metadata=told("… a reviewer.", _roles, "KANHE_OIDC_REVIEWER"),
    )
    auditor: tuple[str, ...] = field(
        default=(),
        metadata=told("… an auditor.", _roles, "KANHE_OIDC_AUDITOR"),
    )
    reader: tuple[str, ...] = field(
        default=(),
        metadata=told("… a reader. Who is none of these is not let in.", _roles,
                      "KANHE_OIDC_READER"),
    )  # fmt: skip


def check_oidc(oidc: OidcSettings, console: ConsoleSettings, faults: list[SettingFault]) -> None:
    """Tell what a provider lacks, if one is set."""
    if not oidc.issuer:
        return
    missing = {
        "oidc.client_id": (oidc.client_id, "Write what the provider calls this service."),
        "console.url": (console.url, "The provider sends browsers back there."),
    }
    for setting, (value, advice) in missing.items():
        if not value:
            what = "it is not set, but an identity provider is"
            faults.append(SettingFault("the settings", setting, what, advice))
