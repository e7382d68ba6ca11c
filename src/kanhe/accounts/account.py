"""Who works at the console, and what each may do: values and one table.

What is not in the table is not allowed. The people whom the service serves are another room's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody is here for."""

    OWNER = "owner"
    OPERATOR = "operator"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    READER = "reader"


class Permission(StrEnum):
    """One thing that can be allowed."""

    STATUS = "status"
    """See obligations, deadlines, live counts."""
    DECISIONS = "decisions"
    LEDGER = "ledger"
    RULES = "rules"
    """See rules, versions and differences."""
    TRY_RULES = "try-rules"
    """Put a text through the rules."""
    PROPOSE_RULES = "propose-rules"
    RELEASE_RULES = "release-rules"
    """Release what somebody else has proposed."""
    SCOPE = "scope"
    """Answer the questionnaire."""
    ATTEST = "attest"
    SETTINGS = "settings"
    EXPORT = "export"
    LABEL = "label"
    """Label texts, blind."""
    ADJUDICATE = "adjudicate"
    """Decide where two who labelled a text differ."""
    ASSESS = "assess"
    """See assessments: plans, runs, items without their texts, figures."""
    ANSWERS = "answers"
    """Open the question and the answer of an item; each look goes onto the ledger."""
    ACCOUNTS = "accounts"


_READS = {Permission.STATUS, Permission.DECISIONS, Permission.LEDGER, Permission.RULES,
          Permission.EXPORT, Permission.SETTINGS, Permission.ASSESS}  # fmt: skip

ALLOWED: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.OPERATOR: frozenset(set(Permission) - {Permission.ACCOUNTS}),
    Role.REVIEWER: frozenset(
        {
            *_READS,
            Permission.TRY_RULES,
            Permission.RELEASE_RULES,
            Permission.LABEL,
            Permission.ADJUDICATE,
            Permission.ANSWERS,
        }
        - {Permission.SETTINGS}
    ),
    Role.AUDITOR: frozenset({*_READS, Permission.TRY_RULES}),
    Role.READER: frozenset({Permission.STATUS}),
}


def may(role: Role, permission: Permission) -> bool:
    """Say whether somebody in `role` is allowed `permission`."""
    return permission in ALLOWED[role]


@dataclass(frozen=True, slots=True)
class Account:
    """One person who may sign in. `id` is random and stands on the ledger; `name` never does."""

    id: str
    name: str
    role: Role
    created: datetime
    language: str
    """`zh` or `en`."""
    disabled: bool = False
