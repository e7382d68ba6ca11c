"""The door for what operators record: through the running service, or straight into the ledger.

One process writes a ledger. Where a service runs, its `POST /admin/entries` takes the entry; where
none does, the ledger is opened, written and closed. Nothing is tried twice: an answer that was lost
leaves open whether the entry stands, and the error says so.
"""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from kanhe.adapters.attester import attester_keys
from kanhe.adapters.ledger_files import FileLedger, durable_size, open_ledger
from kanhe.adapters.ledger_keys import load_or_create
from kanhe.adapters.ledger_memory import SignedMemory
from kanhe.adapters.package_data import regime
from kanhe.adapters.record_check import check
from kanhe.adapters.secret_file import random_password
from kanhe.adapters.service_file import Running, running
from kanhe.errors import KanheError, LedgerError
from kanhe.ledger.entry import Json
from kanhe.ledger.note import Signer

ADMIN_PREFIX = "kanhe-admin-"
"""What an admin key begins with."""

ENTRIES = "/admin/entries"

_TIMEOUT_S = 20.0


def record(data: Path, origin: str, tag: str, facts: Mapping[str, Json]) -> int:
    """Record an entry for an operator; give its number, once it is durable.

    Args:
        data: The service's data directory.
        origin: The name under which a ledger signs that is not there yet.
        tag: One of those that operators may write (`record_check`).
        facts: What is recorded.

    Raises:
        KanheError: It may not be recorded, or neither way works.
    """
    check(tag, facts, regimes=regime, attesters=partial(attester_keys, data))
    service = running(data)
    if service is None:
        return asyncio.run(_alone(data, origin, tag, facts))
    return _through(service, data, tag, facts)


def open_own(data: Path, origin: str, *, every_s: float = 1.0) -> FileLedger:
    """Open the ledger of a data directory for writing.

    Raises:
        LedgerError: Another process has it open, it is an older copy, or another key's.
    """
    path, directory = data / "keys" / "ledger.key", data / "ledger"
    name = Signer.parse(path.read_text()).name if path.is_file() else origin
    memory = SignedMemory(data / "keys" / "ledger.signed")
    signer = load_or_create(path, name).signer
    memory.require(durable_size(directory), directory)
    return open_ledger(directory, signer, every_s=every_s, signed=memory.keep)


async def _alone(data: Path, origin: str, tag: str, facts: Mapping[str, Json]) -> int:
    ledger = open_own(data, origin)
    try:
        return await ledger.append(tag, facts)
    finally:
        await ledger.aclose()


def _through(service: Running, data: Path, tag: str, facts: Mapping[str, Json]) -> int:
    key = random_password(data / "keys" / "admin.key", ADMIN_PREFIX).reveal()
    address = urlsplit(service.url)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=_TIMEOUT_S
    )
    body = json.dumps({"tag": tag, "facts": facts})
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", ENTRIES, body, headers)
        answer = connection.getresponse()
        told = json.loads(answer.read(1 << 20))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise LedgerError(
            f"the service in process {service.pid} at {service.url} did not answer: {error}; "
            "whether the entry was recorded is not known",
            advice="Look with `kanhe ledger tail`; if it is not there, stop the service or wait "
            "for it, and try again.",
        ) from error
    finally:
        connection.close()
    if answer.status == 200 and type(told.get("entry")) is int:
        return int(told["entry"])
    raise _refusal(service, answer.status, told)


def _refusal(service: Running, status: int, told: object) -> KanheError:
    error = told.get("error") if isinstance(told, dict) else None
    words = error.get("message") if isinstance(error, dict) else None
    return LedgerError(
        f"the service in process {service.pid} did not record it ({status}): "
        f"{words or 'it does not say why'}",
        advice="Mend what it names; `kanhe ledger tail` shows what is recorded.",
    )
