"""Accounts in SQLite: people, their passwords, codes and passkeys, and what is good only once.

One file, for its owner's eyes only, opened by the service and by `kanhe account` at once. Secrets
of apps are sealed with a key beside it; all else that opens a door is kept as a hash. Every step
that depends on what is there is one transaction: two cannot both become the first owner. An account
is disabled, never removed: the ledger names it.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kanhe.accounts.account import Account, Role
from kanhe.accounts.passkey import Passkey
from kanhe.adapters.account_tables import MIGRATIONS
from kanhe.adapters.secret_file import random_key
from kanhe.errors import AccountError, SettingsError

ACCOUNTS = "accounts.sqlite"
"""Name of the file in the data directory."""

_NONCE = 12
_COLUMNS = "id, name, role, created, language, disabled"


@dataclass(frozen=True, slots=True)
class Proofs:
    """By what somebody can sign in: kept password, an app's secret, codes left, passkeys."""

    password: str | None
    app: bytes | None
    last_step: int
    codes: int
    passkeys: tuple[Passkey, ...]

    @property
    def second(self) -> bool:
        """Say whether there is a second factor."""
        return self.app is not None or bool(self.passkeys)


class AccountStore:
    """The accounts of one file. Use it from one thread at a time.

    Args:
        path: The file; made if it is not there.
        key: 32 bytes that seal the secrets of apps.

    Raises:
        SettingsError: The file cannot be opened, or is no such file.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._seal = AESGCM(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.chmod(0o600)
            # Another process holds it for a few milliseconds at most.
            self.db = sqlite3.connect(
                path, isolation_level=None, timeout=2.0, check_same_thread=False
            )
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = FULL")
            self.db.execute("PRAGMA foreign_keys = ON")
            with self.once():
                _migrate(self.db)
        except (OSError, sqlite3.Error) as error:
            damaged = type(error) is sqlite3.DatabaseError
            raise SettingsError(
                f"the accounts in {path} cannot be opened: {error}",
                advice="Put the file back from a backup. Without one, move it away and start "
                "again: a new first owner comes in by the link, and the ledger is not touched."
                if damaged
                else "Let the service's user own the data directory.",
            ) from error

    @contextmanager
    def once(self) -> Iterator[None]:
        """Do all of the block or nothing of it, with nobody else writing meanwhile."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def all(self) -> tuple[Account, ...]:
        """Give all accounts, the oldest first."""
        rows = self.db.execute(f"SELECT {_COLUMNS} FROM accounts ORDER BY created, id")  # noqa: S608
        return tuple(map(_account, rows))

    def find(self, account: str) -> Account | None:
        """Give the account with an id."""
        return self._one("id = ?", account)

    def named(self, name: str) -> Account | None:
        """Give the account of a name, whatever its case."""
        return self._one("folded = ?", _folded(name))

    def of_subject(self, issuer: str, subject: str) -> Account | None:
        """Give the account of somebody whom an identity provider knows by `subject`."""
        return self._one("issuer = ? AND subject = ?", issuer, subject)

    def signs_in_elsewhere(self, account: str) -> bool:
        """Say whether an identity provider vouches for the account, not a password here."""
        row = self.db.execute("SELECT issuer FROM accounts WHERE id = ?", (account,)).fetchone()
        return bool(row and row[0])

    def add(self, account: Account, *, issuer: str | None = None, subject: str = "") -> None:
        """Add an account.

        Raises:
            AccountError: The name is taken.
        """
        values = (
            account.id, account.name, _folded(account.name), account.role.value,
            account.created.isoformat(), account.language, account.disabled,
            issuer, subject if issuer else None,
        )  # fmt: skip
        try:
            self.db.execute(
                "INSERT INTO accounts (id, name, folded, role, created, language, disabled, "
                "issuer, subject) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values,
            )  # fmt: skip
        except sqlite3.IntegrityError as error:
            raise AccountError(
                f"there is somebody named {account.name!r} already", advice="Choose another name."
            ) from error

    def set_role(self, account: str, role: Role) -> None:
        """Give somebody another role; they have to sign in again.

        Raises:
            AccountError: Nobody would be left who manages accounts.
        """
        with self.once():
            self._set(account, "role", role.value)
            self._end_sessions(account)
            self.require_owner()

    def set_disabled(self, account: str, *, disabled: bool) -> None:
        """Shut somebody out at once, or let them in again.

        Raises:
            AccountError: Nobody would be left who manages accounts.
        """
        with self.once():
            self._set(account, "disabled", disabled)
            self._end_sessions(account)
            self.require_owner()

    def set_language(self, account: str, language: str) -> None:
        """Keep in which language somebody reads."""
        self._set(account, "language", language)

    def set_password(self, account: str, kept: str) -> None:
        """Keep a password in the form of `accounts.password`; sessions are the caller's matter."""
        self._set(account, "password", kept)

    def set_app(self, account: str, secret: bytes, step: int) -> None:
        """Keep the secret of an app, and the time step of the code that proved it."""
        with self.once():
            self._set(account, "totp", self.seal(account, secret))
            self._set(account, "totp_step", step)

    def take_step(self, account: str, step: int) -> bool:
        """Remember the time step of a code; False where it, or a later one, was taken before."""
        sql = "UPDATE accounts SET totp_step = ? WHERE id = ? AND totp_step < ?"
        return self.db.execute(sql, (step, account, step)).rowcount == 1

    def set_codes(self, account: str, kept: list[str]) -> None:
        """Put new recovery codes, hashed, in place of all that were left."""
        with self.once():
            self.db.execute("DELETE FROM codes WHERE account = ?", (account,))
            rows = [(account, code) for code in kept]
            self.db.executemany("INSERT INTO codes VALUES (?, ?)", rows)

    def take_code(self, account: str, kept: str) -> bool:
        """Use up a recovery code; False where there is none such."""
        sql = "DELETE FROM codes WHERE account = ? AND hash = ?"
        return self.db.execute(sql, (account, kept)).rowcount == 1

    def add_passkey(self, passkey: Passkey) -> bool:
        """Keep a passkey; False where it is kept already."""
        row = (passkey.id, passkey.account, passkey.public_key, passkey.uses, passkey.label)
        sql = "INSERT OR IGNORE INTO passkeys VALUES (?, ?, ?, ?, ?)"
        return self.db.execute(sql, row).rowcount == 1

    def passkey(self, id_: bytes) -> Passkey | None:
        """Give the passkey with an id."""
        row = self.db.execute("SELECT * FROM passkeys WHERE id = ?", (id_,)).fetchone()
        return Passkey(*row) if row else None

    def used_passkey(self, id_: bytes, uses: int) -> None:
        """Remember how often the device of a passkey says it was used."""
        self.db.execute("UPDATE passkeys SET uses = ? WHERE id = ?", (uses, id_))

    def remove_passkey(self, account: str, id_: bytes) -> bool:
        """Forget a passkey, unless it is the last second factor: then False."""
        with self.once():
            sql = "DELETE FROM passkeys WHERE account = ? AND id = ?"
            left = self.proofs(account)
            if left.app is None and len(left.passkeys) < 2:
                return False
            return self.db.execute(sql, (account, id_)).rowcount == 1

    def proofs(self, account: str) -> Proofs:
        """Give by what somebody can sign in."""
        sql = "SELECT password, totp, totp_step FROM accounts WHERE id = ?"
        password, totp, step = self.db.execute(sql, (account,)).fetchone()
        codes = self.db.execute("SELECT count(*) FROM codes WHERE account = ?", (account,))
        sql = "SELECT * FROM passkeys WHERE account = ? ORDER BY label"
        keys = tuple(Passkey(*key) for key in self.db.execute(sql, (account,)))
        app = self.unseal(account, totp) if totp else None
        return Proofs(password, app, step, codes.fetchone()[0], keys)

    def forget_proofs(self, account: str) -> None:
        """Take password, app, codes, passkeys and sessions from somebody: they begin anew."""
        with self.once():
            self._set(account, "password", None)
            self._set(account, "totp", None)
            for table in ("codes", "passkeys", "links"):
                self.db.execute(f"DELETE FROM {table} WHERE account = ?", (account,))  # noqa: S608
            self._end_sessions(account)

    def require_other_owner(self, account: str) -> None:
        """Refuse to go on where nobody but this account manages accounts.

        Raises:
            AccountError: They are the last owner.
        """
        if not any(
            one.role is Role.OWNER and not one.disabled and one.id != account for one in self.all()
        ):
            raise _last_owner()

    def require_owner(self) -> None:
        """Refuse to go on where nobody manages accounts; within `once` that takes it all back."""
        sql = "SELECT count(*) FROM accounts WHERE role = 'owner' AND NOT disabled"
        if not self.db.execute(sql).fetchone()[0]:
            raise _last_owner()

    def seal(self, account: str, secret: bytes) -> bytes:
        """Seal a secret so that it opens for this account only."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._seal.encrypt(nonce, secret, account.encode())

    def unseal(self, account: str, sealed: bytes) -> bytes:
        """Open what `seal` sealed.

        Raises:
            AccountError: It was sealed with another key, or for another account.
        """
        try:
            return self._seal.decrypt(sealed[:_NONCE], sealed[_NONCE:], account.encode())
        except (InvalidTag, ValueError) as error:
            raise AccountError(
                f"the app's secret of {account} does not open with keys/accounts.key",
                advice="Put the key back from the backup that the accounts come from, or run "
                "`kanhe account reset`.",
            ) from error

    def _one(self, where: str, *values: str) -> Account | None:
        sql = f"SELECT {_COLUMNS} FROM accounts WHERE {where}"  # noqa: S608 # our own words
        row = self.db.execute(sql, values).fetchone()
        return _account(row) if row else None

    def _set(self, account: str, column: str, value: str | bytes | int | None) -> None:
        sql = f"UPDATE accounts SET {column} = ? WHERE id = ?"  # noqa: S608 # our own words
        self.db.execute(sql, (value, account))

    def _end_sessions(self, account: str) -> None:
        self.db.execute("DELETE FROM sessions WHERE account = ?", (account,))


def open_accounts(data: Path) -> AccountStore:
    """Open the accounts of a data directory.

    Raises:
        SettingsError: The file or its key cannot be used.
    """
    return AccountStore(data / ACCOUNTS, random_key(data / "keys" / "accounts.key"))


def new_id() -> str:
    """Give an id for an account: random, so that it says nothing about anybody."""
    return f"account-{secrets.token_hex(8)}"


def _last_owner() -> AccountError:
    return AccountError(
        "nobody would be left who manages accounts", advice="Make somebody else owner first."
    )


def _account(row: tuple[str, str, str, str, str, int]) -> Account:
    id_, name, role, created, language, disabled = row
    at = datetime.fromisoformat(created)
    return Account(id_, name, Role(role), at, language, disabled=bool(disabled))


def _folded(name: str) -> str:
    return name.strip().casefold()


def _migrate(db: sqlite3.Connection) -> None:
    done = db.execute("PRAGMA user_version").fetchone()[0]
    for step in MIGRATIONS[done:]:
        for statement in step:
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {max(done, len(MIGRATIONS))}")
