"""Before a run: its banks are looked at, and the ledger is told of them and of the run.

A bank that something rejects is not asked from: a verdict on it would be worth nothing. What the
ledger was told before the first question, nobody can choose afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from kanhe.adapters.assess_folder import RunFolder
from kanhe.adapters.assess_gather import Law
from kanhe.adapters.assess_ledger import LedgerDoor
from kanhe.assess.bank import Bank
from kanhe.assess.bank_finding import Finding, Weight, usable
from kanhe.assess.head import TargetSeen
from kanhe.errors import Fault, FaultyBank


def checked(
    banks: Sequence[Bank], law: Law, at: datetime
) -> tuple[tuple[Bank, tuple[Finding, ...]], ...]:  # fmt: skip
    """Look at the banks of a run.

    Raises:
        FaultyBank: Something rejects one of them; it names all that does.
    """
    found = tuple((bank, law.findings(bank, banks, at)) for bank in banks)
    if faults := [_fault(bank, one) for bank, some in found if not usable(some) for one in some
                  if one.weight is Weight.REJECTS]:  # fmt: skip
        raise FaultyBank(faults)
    return found


def enter(run: RunFolder, law: Law, door: LedgerDoor, at: datetime) -> None:
    """Look at the banks of a run and tell the ledger of them and of it, unless that was done.

    Raises:
        FaultyBank: Something rejects a bank; the ledger is told of nothing.
        LedgerError: Nothing can be recorded.
    """
    manifest, banks = run.manifest, run.material.banks
    if manifest.entered:
        return
    for bank, findings in checked(banks, law, at):
        door.bank_seen(bank, findings)
    targets = [TargetSeen(route.value, one.model, manifest.targets.get(route, ""))
               for route, one in sorted(run.plan.targets.items())]  # fmt: skip
    door.run_begun(run.name, run.plan.sha256, run.plan.regime,
                   {bank.id: bank.sha256 for bank in banks}, targets)  # fmt: skip
    run.write(replace(manifest, entered=True))


def leave(run: RunFolder, door: LedgerDoor) -> None:
    """Tell the ledger how a run ended, by what its folder says.

    Raises:
        LedgerError: Nothing can be recorded.
    """
    by, going = run.manifest.by, run.progress()
    if by and going:
        door.run_ended(run.name, by, asked=going.done + going.failed, failed=going.failed)


def _fault(bank: Bank, one: Finding) -> Fault:
    items = f": {', '.join(one.items[:5])}" if one.items else ""
    more = f" and {len(one.items) - 5} more" if len(one.items) > 5 else ""
    return Fault(
        bank.id, 1, one.code, f"{one.what.en}{items}{more}",
        "Mend the bank; `kanhe assess banks check` shows everything.", "bank",
    )  # fmt: skip
