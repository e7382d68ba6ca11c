"""What an operator may put on record, by a command or a page: these tags, with facts that hold.

The same check stands before both ways in (`record_door`, `POST /admin/entries`). Answers and
attestations are made anew from what they say and compared, so that nothing stands beside them.
Refused: every other tag, and with it whatever the service says of itself: what ran, how the guard
was tried, who proposed and who released rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from kanhe.accounts.account import ALLOWED, Permission, Role
from kanhe.assess import bank_fact, fact_check
from kanhe.errors import KanheError, LedgerError, RequestError, SettingsError
from kanhe.judge import label_record
from kanhe.judge.record import DRIFTED, MEASURED, check_facts
from kanhe.law.regime import Regime
from kanhe.ledger.entry import Json
from kanhe.ledger.note import VerifierKey, parse
from kanhe.status import attestation
from kanhe.status.determination import determined
from kanhe.status.record import ATTESTED, ATTESTER, DETERMINED, WITHDRAWN

Facts: TypeAlias = Mapping[str, Json]
Regimes: TypeAlias = Callable[[str], Regime]
"""Gives a regime by its id; raises KanheError where there is none."""

BYTES = 64 << 10
"""The longest request that is read."""

_ACCOUNTS = frozenset(
    f"operator:account:{what}" for what in ("added", "changed", "disabled", "signed-in", "refused")
)
_CHECKS: Mapping[str, Callable[[str, Facts], None]] = {
    **dict.fromkeys((MEASURED, DRIFTED), check_facts),
    **dict.fromkeys(label_record.LABELLING, label_record.check_facts),
    **dict.fromkeys(bank_fact.SEALING, bank_fact.check_facts),
    **dict.fromkeys(fact_check.SHAPES, fact_check.check_facts),
}
"""What needs no more than the facts themselves, by tag."""

_NEEDED, _FURTHER = {"account", "role", "by"}, {"session", "why", "method"}
_LONGEST = 200


def check(
    tag: str, facts: Facts, *, regimes: Regimes, attesters: Callable[[], Sequence[VerifierKey]]
) -> None:
    """Say whether an operator may record this.

    Args:
        tag: Of the entry.
        facts: Of the entry.
        regimes: Gives a regime.
        attesters: Gives the keys that may sign attestations.

    Raises:
        KanheError: It may not be recorded, and why.
    """
    try:
        _check(tag, facts, regimes, attesters)
    except (LedgerError, SettingsError) as error:
        # A signature that is none, a regime that is not here: the caller's fault, and not ours.
        raise _refused(str(error)) from error


def _check(
    tag: str, facts: Facts, regimes: Regimes, attesters: Callable[[], Sequence[VerifierKey]]
) -> None:
    if tag == DETERMINED:
        _determined(facts, regimes)
    elif tag == ATTESTED:
        _attested(facts, regimes, attesters())
    elif tag == WITHDRAWN:
        _withdrawn(facts, regimes)
    elif tag == ATTESTER:
        _attester(facts, attesters())
    elif tag in _ACCOUNTS:
        _account(tag, facts)
    elif tag in _CHECKS:
        _CHECKS[tag](tag, facts)
    else:
        raise _refused(f"{tag[:80]!r} is nothing that is recorded by hand")


def _determined(facts: Facts, regimes: Regimes) -> None:
    given = facts.get("answers")
    if not isinstance(given, Mapping):
        raise _refused("a determination has no answers")
    # Lists are what JSON makes of the answers to choose several from.
    answers = {name: tuple(one) if isinstance(one, list) else one for name, one in given.items()}
    regime = regimes(str(facts.get("regime")))
    made = determined(regime, answers, str(facts.get("by", "")))  # type: ignore[arg-type] # checked there
    routes = facts.get("routes")
    if {**made, "routes": routes} != dict(facts) or not isinstance(routes, list):
        raise _refused("the determination is not what these answers give under this regime")


def _attested(facts: Facts, regimes: Regimes, keys: Sequence[VerifierKey]) -> None:
    found = attestation.read(facts, keys)
    control = regimes(found.regime).controls.get(found.control)
    if control is None or control.check != "attested":
        raise _refused(f"{found.control[:80]!r} is no control that people attest")
    words = attestation.statement_hash(attestation.statement_of(control))
    if words != found.statement_hash:
        raise _refused(f"the statement of {found.control} has other words here")
    if parse(str(facts["note"]).encode()).text != attestation.statement(found, control):
        raise _refused("what was signed is not the text that this duty has here")
    role = next((one for one in Role if one == found.role), None)
    if role is None or Permission.ATTEST not in ALLOWED[role]:
        raise _refused(f"the role {found.role[:40]!r} attests nothing")
    if not set(facts) <= {*found.__slots__, "note"}:
        raise _refused("an attestation holds what is signed and nothing else")


def _withdrawn(facts: Facts, regimes: Regimes) -> None:
    known = set(facts) == {"regime", "control", "by", "entry"}
    if not known or type(facts["entry"]) is not int or facts["entry"] < 0:
        raise _refused("a withdrawal names regime, control, by and the entry")
    if str(facts["control"]) not in regimes(str(facts["regime"])).controls:
        raise _refused(f"there is no control {str(facts['control'])[:80]!r}")
    _short(facts)


def _attester(facts: Facts, keys: Sequence[VerifierKey]) -> None:
    if set(facts) != {"key", "by"} or facts["key"] not in {str(key) for key in keys}:
        raise _refused("only the key in keys/attester.key is made known")
    _short(facts)


def _account(tag: str, facts: Facts) -> None:
    if not _NEEDED <= set(facts) <= _NEEDED | _FURTHER:
        raise _refused(f"{tag} has the facts {', '.join(sorted(_NEEDED))}")
    if "role" in facts and facts["role"] not in {*Role, ""}:
        raise _refused(f"{str(facts['role'])[:40]!r} is no role")
    _short(facts)


def _short(facts: Facts) -> None:
    for name, value in facts.items():
        if isinstance(value, str) and len(value) <= _LONGEST and value.isprintable():
            continue
        if type(value) is not int and value is not None:
            raise _refused(f"the fact {name!r} is no short text and no number")


def _refused(why: str) -> KanheError:
    return RequestError(
        why, advice="Use `kanhe scope`, `kanhe attest` or the console.", status=422,
        code="not_recorded",
    )  # fmt: skip
