"""What needs a person: the next steps of a status, most urgent first, for what one may do.

One step that serves many duties stands once, with all of them. Who may not take a step is not
asked to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kanhe.accounts.account import Permission, Role, may
from kanhe.status.status import Line
from kanhe.status.verdict import Action, Standing

PAGES = {
    "scope": Permission.SCOPE,
    "attest": Permission.ATTEST,
    "rules": Permission.PROPOSE_RULES,
    "decisions": Permission.DECISIONS,
    "ledger": Permission.LEDGER,
    "accounts": Permission.ACCOUNTS,
    "assess": Permission.ASSESS,
}
"""What one has to be allowed for an action on a page, by the first part of its path."""

COMMANDS = {Role.OWNER, Role.OPERATOR}
"""Who is asked to run a command: those who are at the machine."""

_OPENED = PAGES | {"scope": Permission.STATUS, "attest": Permission.STATUS,
                   "rules": Permission.RULES,
                   "settings": Permission.SETTINGS, "export": Permission.EXPORT}  # fmt: skip

_ASKING = (Standing.GAP, Standing.STALE, Standing.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Need:
    """One step, the worst standing among the duties it serves, and their ids."""

    action: Action
    standing: Standing
    obligations: tuple[str, ...]


def needs(lines: Iterable[Line], role: Role | None) -> tuple[Need, ...]:
    """Give the steps that somebody in `role` can take; gaps first, then what serves most duties."""
    served: dict[Action, list[Line]] = {}
    for line in lines:
        if line.standing in _ASKING:
            for action in line.actions:
                if role is not None and concerns(action, role):
                    served.setdefault(action, []).append(line)
    found = [_need(action, asking) for action, asking in served.items()]
    return tuple(sorted(found, key=lambda need: (_ASKING.index(need.standing),
                                                 -len(need.obligations))))  # fmt: skip


def concerns(action: Action, role: Role) -> bool:
    """Say whether a step is one for somebody in `role`."""
    page = _first(action.page)
    # A setting is changed in a file, at the machine; the page only shows what was recorded.
    if page and page != "settings":
        return may(role, PAGES.get(page, Permission.STATUS))
    return role in COMMANDS


def opens(role: Role | None, page: str) -> bool:
    """Say whether the page of a step opens for somebody in `role`: else it is no link for them."""
    return role is not None and may(role, _OPENED.get(_first(page), Permission.STATUS))


def _first(page: str) -> str:
    return page.partition("/")[0].partition("?")[0]


def _need(action: Action, lines: list[Line]) -> Need:
    worst = min((line.standing for line in lines), key=_ASKING.index)
    return Need(action, worst, tuple(line.obligation.id for line in lines))
