"""The tables of accounts.sqlite, as the steps that lead to them; a step is never changed."""

from __future__ import annotations

_ACCOUNTS = """CREATE TABLE accounts (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
    created TEXT NOT NULL, language TEXT NOT NULL, disabled INTEGER NOT NULL,
    password TEXT, totp BLOB, totp_step INTEGER NOT NULL DEFAULT 0,
    issuer TEXT, subject TEXT, UNIQUE (issuer, subject)
) STRICT"""
_CODES = """CREATE TABLE codes (
    account TEXT NOT NULL REFERENCES accounts, hash TEXT NOT NULL, PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID"""
_PASSKEYS = """CREATE TABLE passkeys (
    id BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts, public_key BLOB NOT NULL,
    uses INTEGER NOT NULL, label TEXT NOT NULL
) STRICT"""
_SESSIONS = """CREATE TABLE sessions (
    hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts, stage TEXT NOT NULL,
    created TEXT NOT NULL, seen TEXT NOT NULL, pending BLOB
) STRICT, WITHOUT ROWID"""
# Links that set a password. Without an account: the one for the first owner.
_LINKS = """CREATE TABLE links (
    hash TEXT PRIMARY KEY, account TEXT REFERENCES accounts, until TEXT NOT NULL
) STRICT, WITHOUT ROWID"""
# Questions to a passkey and journeys to an identity provider, each answered once.
_TICKETS = """CREATE TABLE tickets (
    hash TEXT PRIMARY KEY, kind TEXT NOT NULL, held TEXT NOT NULL, until TEXT NOT NULL
) STRICT, WITHOUT ROWID"""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        _ACCOUNTS, _CODES, _PASSKEYS, _SESSIONS, _LINKS, _TICKETS,
        "CREATE INDEX sessions_of ON sessions (account)",
    ),
)  # fmt: skip
"""One tuple of statements for each version of the tables, from nothing on."""
