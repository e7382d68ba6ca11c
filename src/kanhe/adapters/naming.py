"""Names that nobody can guess or link: numbers of decisions, pseudonyms of users, commitments.

All of it hangs on one key that lies beside the ledger. Whoever destroys the key makes the
pseudonyms and the commitments worthless for good, and leaves the proofs over the entries whole.
"""

from __future__ import annotations

import hmac
import secrets

from kanhe.ledger.commitment import commit, pseudonym


class Naming:
    """Gives names, under one key.

    Args:
        key: 32 random bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def decision(self) -> str:
        """Give a new number for an exchange: 24 characters, unique without asking anybody."""
        return secrets.token_hex(12)

    def person(self, application: str, user: str) -> str:
        """Give the pseudonym of an application's user; two applications cannot link theirs."""
        return pseudonym(self._key, application, user.encode("utf-8", "surrogatepass"))

    def salt(self, decision: str) -> bytes:
        """Give the salt of a decision's commitment, which opens it; for whoever holds the key."""
        return hmac.digest(self._key, b"kanhe/salt/v1\0" + decision.encode(), "sha256")

    def commitment(self, decision: str, text: bytes) -> str:
        """Commit to a text, so that it can be shown later to be what it was."""
        return commit(text, self.salt(decision))
