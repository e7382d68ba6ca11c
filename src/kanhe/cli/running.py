"""The gateway while it runs: started, told about, stopped.

The port is taken only once rules and model are loaded: whoever can connect is served. The first
SIGTERM or Ctrl-C lets open answers finish for a while, the second ends the process at once, which
the ledger bears.
"""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import json
import logging
import os
import resource
import shlex
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from kanhe import __version__
from kanhe.adapters import service_file
from kanhe.adapters.judge_records import trusted
from kanhe.adapters.package_data import service_rules
from kanhe.cli.judges_told import judges_told
from kanhe.settings import Settings
from kanhe.terms import counted
from kanhe.web.app import App, make_app
from kanhe.web.server import Server, bind
from kanhe.wiring import Service, build, judges_of, models_of, rule_files

GRACE_S = 10
"""Seconds that open answers get to finish once the gateway is told to stop."""

_log = logging.getLogger(__name__)
Say = Callable[[str], None]


def would_run(settings: Settings) -> Iterator[str]:
    """Read everything that can be read without starting; say what would run, line by line.

    Raises:
        KanheError: Something is wrong; it would not start.
    """
    service_rules(settings.regime)
    judges = judges_of(settings)
    loaded = rule_files(settings, judges).read()
    yield f"would listen on http://{_authority(settings.host, settings.port)}"
    yield f"  models   {', '.join(models_of(settings))}"
    yield f"  rules    {loaded.name} {loaded.label}, {counted(len(loaded.rules), 'rule')}, no fault"
    yield f"  version  {loaded.version}"
    yield from judges_told(judges, _measured(settings))
    yield f"  data     {settings.data.absolute()}"


async def run(settings: Settings, say: Say) -> None:
    """Serve until told to stop.

    Raises:
        KanheError: It cannot start, or cannot record its end.
    """
    loop = asyncio.get_running_loop()
    # Until there are rules there is nothing to load anew; the default would end the process.
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    _raise_file_limit()
    service = await build(settings)
    try:
        app = make_app(service)
        measured = await asyncio.to_thread(_measured, settings)
        told = tuple(judges_told(service.judges, measured))
        sock = bind(settings.host, settings.port)
        server = Server(
            app,
            head_s=settings.limits.request_s,
            idle_s=settings.limits.idle_s,
            grace_s=GRACE_S,
            listening=partial(_tell, service, app, sock, say, told),
        )
        loop.add_signal_handler(signal.SIGHUP, service.rules.reload_soon)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _stop, server, app, number)
        _settle_memory()
        service.watch_status()
        await server.run_on(sock)
        await service.record_stop()
    finally:
        service_file.ended(settings.data)
        await service.aclose()


def _measured(settings: Settings) -> set[str]:
    """Give the hashes of the judges of which a record may be believed."""
    return {record.judge.hash for record in trusted(settings.data)}


def _tell(service: Service, app: App, sock: socket.socket, say: Say, judges: Sequence[str]) -> None:
    host, port = sock.getsockname()[:2]
    url = f"http://{_authority(host, port)}"
    service_file.told(service.settings.data, f"http://{_authority(_reached(host), port)}")
    rules = service.rules.current
    say(f"Kanhe {__version__} listens on {url}")
    say(f"  models   {', '.join(service.models)}")
    say(f"  rules    {rules.name} {rules.label}, {counted(len(rules.rules), 'rule')}, "
        f"version {rules.version[:12]}")  # fmt: skip
    for line in judges:
        say(line)
    entries = counted(service.ledger.size, "entry", "entries")
    say(f"  ledger   {service.ledger_dir.absolute()}, {entries}")
    if app.console:
        link = app.console.first_link()
        # Browsers make passkeys for a name, never for a number.
        base = service.settings.console.url or url.replace("//127.0.0.1:", "//localhost:")
        say(f"  console  {base}/console")
        if link:
            say(f"Nobody has an account yet. Become the owner, within 24 hours: {base}{link}")
    if not len(service.apps):
        data = service.settings.data
        where = "" if data == Path("kanhe-data") else f" --data {shlex.quote(str(data))}"
        say(f"No application has a key yet. Make one: kanhe app add NAME{where}")
    say("Try it, with the key in KANHE_KEY:")
    hello = [{"role": "user", "content": "Hello"}]
    body = json.dumps({"model": service.default_model, "stream": True, "messages": hello})
    say(f"  curl -N {url}/v1/chat/completions -H \"Authorization: Bearer $KANHE_KEY\" \\\n"
        f"    -H 'Content-Type: application/json' -d {shlex.quote(body)}")  # fmt: skip
    if not _is_loopback(host):
        _log.warning("%s is reached over plain HTTP: keys and texts can be read on the way; "
                     "let a TLS proxy stand in front", host)  # fmt: skip


def _stop(server: Server, app: App, number: signal.Signals) -> None:
    if server.should_exit:
        _log.warning("a second %s: ending at once", number.name)
        os._exit(128 + number)
    _log.info("%s: no new requests; open answers get %d s", number.name, GRACE_S)
    server.stop()
    if app.console:
        app.console.stop()


def _reached(host: str) -> str:
    """Give the address at which this machine reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 # only looked for


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _raise_file_limit() -> None:
    """Take as many file descriptors as we may: a stream needs two."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _settle_memory() -> None:
    """Spare the collector what stays for good: a large lexicon costs it milliseconds each time."""
    gc.collect()
    gc.freeze()
    # What a request leaves behind is freed by counting; looking for circles can wait.
    gc.set_threshold(20_000, 20, 50)
