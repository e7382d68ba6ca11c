"""Sessions, one-time links and tickets in the file of the accounts, each kept by its hash.

What has been read here once is gone where it is good only once: taking and removing are one step.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from kanhe.accounts.session import TOKEN_BYTES, Session, Stage, Terms, kept, live
from kanhe.adapters.account_store import AccountStore

_SEEN = timedelta(seconds=30)
"""How exactly it is known when a session was seen last; finer would write on every request."""

_MOST_TICKETS = 5_000
"""Tickets open at once. Anybody may ask for one, so the oldest make way."""

FIRST_OWNER = timedelta(hours=24)
INVITATION = timedelta(hours=72)
TICKET = timedelta(minutes=10)


class SessionStore:
    """What is open for a while: sessions, links, tickets. Use it from one thread at a time.

    Args:
        accounts: Whose file it is.
        terms: How long sessions last.
    """

    def __init__(self, accounts: AccountStore, terms: Terms) -> None:
        self._accounts, self._db, self._terms = accounts, accounts.db, terms

    def begin(
        self, account: str, stage: Stage, now: datetime, *, instead_of: str | None = None
    ) -> str:
        """Begin a session and give its name, which is not kept; end the one it replaces."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._accounts.once():
            self._sweep(now)
            if instead_of:
                self._db.execute("DELETE FROM sessions WHERE hash = ?", (kept(instead_of),))
            row = (kept(token), account, stage.value, now.isoformat(), now.isoformat())
            self._db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, NULL)", row)
        return token

    def find(self, token: str, now: datetime) -> Session | None:
        """Give a session that holds, and remember that it was seen."""
        sql = "SELECT account, stage, created, seen, pending FROM sessions WHERE hash = ?"
        row = self._db.execute(sql, (kept(token),)).fetchone()
        if row is None:
            return None
        account, stage, created, seen, sealed = row
        pending = self._accounts.unseal(account, sealed) if sealed else None
        times = datetime.fromisoformat(created), datetime.fromisoformat(seen)
        session = Session(account, Stage(stage), *times, pending)
        if not live(session, self._terms, now):
            self.end(token)
            return None
        if now - session.seen > _SEEN:
            sql = "UPDATE sessions SET seen = ? WHERE hash = ?"
            self._db.execute(sql, (now.isoformat(), kept(token)))
        return session

    def set_pending(self, token: str, account: str, secret: bytes) -> None:
        """Keep the secret of an app that is being set up in this session."""
        sealed = self._accounts.seal(account, secret)
        self._db.execute("UPDATE sessions SET pending = ? WHERE hash = ?", (sealed, kept(token)))

    def end(self, token: str) -> None:
        """End one session."""
        self._db.execute("DELETE FROM sessions WHERE hash = ?", (kept(token),))

    def end_all(self, account: str, *, but: str | None = None) -> int:
        """End the sessions of somebody, `but` for one; give how many there were."""
        sql = "DELETE FROM sessions WHERE account = ? AND hash != ?"
        return self._db.execute(sql, (account, kept(but) if but else "")).rowcount

    def count(self, account: str) -> int:
        """Give how many sessions somebody has open."""
        sql = "SELECT count(*) FROM sessions WHERE account = ?"
        return int(self._db.execute(sql, (account,)).fetchone()[0])

    def link(self, account: str | None, until: datetime) -> str:
        """Make a link by which a password can be set, once; earlier ones are worth nothing then.

        Args:
            account: Whose password; None: whoever takes it becomes the first owner.
            until: When it is worth nothing.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._accounts.once():
            self._db.execute("DELETE FROM links WHERE account IS ?", (account,))
            row = (kept(token), account, until.isoformat())
            self._db.execute("INSERT INTO links VALUES (?, ?, ?)", row)
        return token

    def linked(self, token: str, now: datetime) -> tuple[str | None] | None:
        """Give for whom a link is, as a tuple of one; None where it is worth nothing."""
        sql = "SELECT account, until FROM links WHERE hash = ?"
        row = self._db.execute(sql, (kept(token),)).fetchone()
        return (row[0],) if row and now < datetime.fromisoformat(row[1]) else None

    def drop_link(self, token: str) -> bool:
        """Use a link up; False where that has been done."""
        sql = "DELETE FROM links WHERE hash = ?"
        return self._db.execute(sql, (kept(token),)).rowcount == 1

    def hold(self, kind: str, name: str, held: Mapping[str, str], now: datetime) -> None:
        """Keep something for ten minutes, under a name that only its taker knows."""
        with self._accounts.once():
            self._sweep(now)
            row = (kept(name), kind, json.dumps(dict(held)), (now + TICKET).isoformat())
            self._db.execute("INSERT INTO tickets VALUES (?, ?, ?, ?)", row)

    def take(self, kind: str, name: str, now: datetime) -> dict[str, str] | None:
        """Give what was held under a name, once; None where there is nothing, or no more."""
        sql = "DELETE FROM tickets WHERE hash = ? AND kind = ? RETURNING held, until"
        row = self._db.execute(sql, (kept(name), kind)).fetchone()
        if row is None or now >= datetime.fromisoformat(row[1]):
            return None
        return {str(key): str(value) for key, value in json.loads(row[0]).items()}

    def _sweep(self, now: datetime) -> None:
        self._db.execute("DELETE FROM tickets WHERE until <= ?", (now.isoformat(),))
        self._db.execute(
            "DELETE FROM tickets WHERE hash IN "
            "(SELECT hash FROM tickets ORDER BY until DESC LIMIT -1 OFFSET ?)", (_MOST_TICKETS,),
        )  # fmt: skip
        oldest = (now - max(self._terms.absolute, self._terms.halfway)).isoformat()
        self._db.execute("DELETE FROM sessions WHERE created <= ?", (oldest,))
        self._db.execute("DELETE FROM links WHERE until <= ?", (now.isoformat(),))
