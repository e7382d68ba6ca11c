"""What the console's pages cost over a large ledger: the first page after the start, later ones.

    python bench/console.py [--entries N] [--dir PLACE]

A copy of the ledger that `bench/status.py` makes is served by `kanhe serve`, and an owner who is
signed in asks for pages over one connection. `first` is the very first page of a process, asked as
soon as it listens, with nothing of an earlier run kept; `again` is the same after a restart.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from kanhe.accounts.account import Account, Role
from kanhe.accounts.session import Stage, Terms
from kanhe.adapters.account_store import new_id, open_accounts
from kanhe.adapters.ledger_view import VIEWS
from kanhe.adapters.session_store import SessionStore
from status import SIGNER, make

PAGES = ("", "index.json", "obligations", "decisions", "decisions?kind=stopped", "ledger",
         "ledger/{index}", "scope", "rules", "settings")  # fmt: skip
TIMES = 15


def signed_in(data: Path) -> str:
    """Return the cookie of an owner."""
    accounts = open_accounts(data)
    now = datetime.now(UTC)
    owner = Account(new_id(), "bench", Role.OWNER, now, "en")
    accounts.add(owner)
    token = SessionStore(accounts, Terms()).begin(owner.id, Stage.FULL, now)
    accounts.close()
    return f"kanhe_session={token}"


@contextlib.contextmanager
def served(data: Path) -> Iterator[int]:
    """Serve `data`; give the port once it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("kanhe"), "serve", "--port", port, "--data", data]
    command += ["--upstream", "http://127.0.0.1:9/v1", "--model", "none", "--log-level", "error"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("KANHE")}
    env["KANHE_LEDGER_NAME"] = SIGNER.name
    with open(os.devnull, "w") as nowhere:
        process = subprocess.Popen([*map(str, command)], env=env, stdout=nowhere)
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.01)
        yield port
    finally:
        process.terminate()
        process.wait(30)


class Reader:
    """One browser of somebody who is signed in."""

    def __init__(self, port: int, cookie: str) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Host": f"localhost:{port}", "Cookie": cookie}

    def page(self, path: str) -> tuple[float, bytes]:
        """Return the milliseconds of a page, and its bytes."""
        begun = time.perf_counter()
        self._line.request("GET", f"/console/{path}", headers=self._headers)
        answer = self._line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"/console/{path} was answered with {answer.status}")
        return (time.perf_counter() - begun) * 1e3, body


def measured(data: Path, cookie: str, first: str) -> None:
    with served(data) as port:
        reader = Reader(port, cookie)
        took, body = reader.page("")
        print(f"{first:<46}{took:>10.1f}{took:>10.1f}{len(body) / 1024:>10.1f}")
        size = int(re.search(rb'ledger">([\d,]+)<', body)[1].replace(b",", b""))
        if first.startswith("first"):
            return
        for path in PAGES:
            asked = path.format(index=size // 2)
            several = [reader.page(asked) for _ in range(TIMES)]
            walls = [took for took, _ in several]
            kib = len(several[-1][1]) / 1024
            name = f"/console/{path}"
            print(f"{name:<46}{median(walls):>10.1f}{max(walls):>10.1f}{kib:>10.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--dir", type=Path, default=Path("~/.cache/kanhe-bench").expanduser())
    asked = parser.parse_args()
    kept = asked.dir / f"status-{asked.entries}"
    if not (kept / "keys" / "ledger.signed").exists():
        make(kept, asked.entries)
    with tempfile.TemporaryDirectory(dir=asked.dir) as place:
        data = Path(place) / "data"
        # What is served is added to, and the ledger that is kept is not to change.
        shutil.copytree(kept, data, ignore=shutil.ignore_patterns(f"{VIEWS}*"))
        cookie = signed_in(data)
        print(f"{'milliseconds':<46}{'p50':>10}{'max':>10}{'KiB':>10}")
        measured(data, cookie, "first page of all")
        measured(data, cookie, "again, after a restart")


if __name__ == "__main__":
    main()
