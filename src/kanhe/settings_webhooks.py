"""The webhooks in the settings: tables of the file, each with the secret that signs its events.

A secret stands in a variable or in a file of its own, never in the settings file, and has no
printable form. One made for Standard Webhooks (`whsec_…`) is read as what it encodes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from kanhe.errors import SettingFault, SettingsError
from kanhe.settings_source import Given, known, path, read_record, secret, text, told
from kanhe.terms import Secret

_FILE = "the settings file"
_PREFIX = "whsec_"
_SHORTEST = 24
"""Bytes: what Standard Webhooks asks for at least."""


def webhook_url(given: Given) -> str:
    """Read the address of a receiver; it may have a query."""
    value = text(given)
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        good = good and "@" not in parts.netloc
    except ValueError:
        good = False
    if good:
        return value
    raise SettingsError(
        "this is no http:// or https:// address",
        advice="Write the receiver's address, e.g. https://ops.example/kanhe.",
    )


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """One receiver of events."""

    url: str = field(metadata=told("Where events are sent.", webhook_url))
    secret_env: str = field(
        default="", metadata=told("The variable that holds the secret which signs them.", text)
    )
    secret_file: Path | None = field(
        default=None, metadata=told("The file that holds the secret which signs them.", path)
    )
    secret: Secret | None = field(
        default=None, metadata={"help": "Not written here: it is read from one of the two."}
    )

    @property
    def key(self) -> bytes:
        """What events are signed with."""
        plain = self.secret.reveal() if self.secret else ""
        return _decoded(plain)

    @property
    def host(self) -> str:
        """Where it goes, as far as it may be shown."""
        return urlsplit(self.url).netloc


def read_webhooks(
    written: object, environ: Mapping[str, str], faults: list[SettingFault]
) -> tuple[WebhookSettings, ...]:
    """Read what stands under `webhooks` in the file; what is wrong goes to `faults`."""
    tables = written or []
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        where = written.where if isinstance(written, Given) else _FILE
        faults.append(SettingFault(where, "webhooks", "this is no list of tables",
                                   "Write [[webhooks]] above each."))  # fmt: skip
        return ()
    found = [_webhook(one, f"webhooks[{n}].", environ, faults) for n, one in enumerate(tables)]
    return tuple(one for one in found if one)


def _webhook(
    table: Mapping[str, object],
    prefix: str,
    environ: Mapping[str, str],
    faults: list[SettingFault],
) -> WebhookSettings | None:
    names = [one.name for one in fields(WebhookSettings) if "read" in one.metadata]
    before = len(faults)
    given = known(table, names, prefix, faults)
    found = read_record(WebhookSettings, given, faults, prefix)
    where = next((one.where for one in given.values()), _FILE)
    if "url" not in given:
        faults.append(SettingFault(where, f"{prefix}url", "it is missing", 'Write url = "…".'))
    ways = [way for way in ("secret_env", "secret_file") if way in found]
    if len(ways) != 1:
        faults.append(SettingFault(where, f"{prefix}secret_file",
                                   "one of secret_env and secret_file is needed",
                                   "Give the secret in a variable or a file."))  # fmt: skip
    if len(faults) > before:
        return None
    try:
        found["secret"] = _secret(found, given[ways[0]], environ)
    except SettingsError as error:
        faults.append(SettingFault(where, prefix + ways[0], str(error), error.advice))
        return None
    return WebhookSettings(**found)


def _secret(found: Mapping[str, object], given: Given, environ: Mapping[str, str]) -> Secret:
    name, file = found.get("secret_env"), found.get("secret_file")
    try:
        raw = file.read_text() if isinstance(file, Path) else environ.get(str(name), "")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(
            f"the secret cannot be read: {why}",
            advice="Check the path, and that the service's user may read it.",
        ) from error
    if not raw:
        raise SettingsError(
            f"the variable {name} is not set, or is empty", advice="Set it before the start."
        )
    read = secret(Given(raw, given.where, given.folder))
    if len(_decoded(read.reveal())) < _SHORTEST:
        raise SettingsError(
            f"the secret has fewer than {_SHORTEST} bytes",
            advice='Make one: python3 -c "import secrets; print(secrets.token_urlsafe(32))".',
        )
    return read


def _decoded(plain: str) -> bytes:
    if not plain.startswith(_PREFIX):
        return plain.encode()
    try:
        return base64.b64decode(plain.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""
