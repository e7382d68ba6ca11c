"""Evidence, gathered from the folder of a run: head and lines, as far as the run has come.

Reads and computes; asks nobody and writes nothing. A trial that was never asked is a line like any
other, so that a run which was cut short cannot look better for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from kanhe.adapters.assess_evidence import kept_evidence
from kanhe.adapters.assess_folder import Manifest, RunFolder
from kanhe.adapters.assess_journal import RunJournal
from kanhe.adapters.assess_people import sitting
from kanhe.adapters.bank_store import detector_measured
from kanhe.assess.bank import Bank
from kanhe.assess.bank_check import Beside, check
from kanhe.assess.bank_finding import Finding
from kanhe.assess.course import Asked, samples
from kanhe.assess.demand import Demands, demands
from kanhe.assess.evidence_tree import root_of
from kanhe.assess.head import BankSeen, Found, Head, PeopleSeen, TargetSeen
from kanhe.assess.item import Item
from kanhe.assess.line import Line, Part
from kanhe.assess.line_file import write_line
from kanhe.assess.outcome import Answered, Failed, Outcome, Verdict
from kanhe.assess.people_figures import people_seen
from kanhe.assess.plan import Plan
from kanhe.law.bound import bound
from kanhe.law.regime import Regime
from kanhe.law.risk import Risk

NOT_ASKED = Failed("not-asked", 0)
"""In place of a reply, where a run was stopped before its turn."""

RUNNING = "running"
"""Why a run has ended that has not."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The evidence of a run. `asked`: by line, what was put to the target, in the same order."""

    head: Head
    lines: tuple[Line, ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Law:
    """The regime that a run is under, with its risks."""

    regime: Regime
    risks: Mapping[str, Risk]

    def day(self, at: datetime) -> date:
        """Give the day of an instant on the regime's calendar."""
        return at.astimezone(ZoneInfo(self.regime.zone)).date()

    def demands(self, at: datetime) -> Demands:
        """Give what is demanded of banks and tests at an instant."""
        day = self.day(at)
        return demands(bound(self.regime, day, day), self.risks)

    def findings(self, bank: Bank, banks: Sequence[Bank], at: datetime) -> tuple[Finding, ...]:
        """Give what is found of a bank at an instant, beside the others of its assessment."""
        others = Beside(tuple(one for one in banks if one is not bank))
        return check(bank, self.demands(at).banks.get(bank.kind), self.day(at), others)


def gather(run: RunFolder, law: Law) -> Gathered:
    """Gather the evidence of a run.

    Raises:
        KanheError: A file of it cannot be read, or is damaged; a bank is not what it was.
    """
    manifest = run.manifest
    with run.journal() as journal:
        asked = run.all(journal)
        said = sitting(run.path, run.plan, asked, journal)
        by_hand = said.verdicts()
        lines = tuple(_line(one, journal, by_hand.get(one.trial)) for one in asked)
        replayed = journal.replayed
    people = people_seen(said) if run.plan.judging.people else None
    head = _head(run, manifest, law, lines, people)
    return Gathered(replace(head, replayed=replayed), lines, asked)


def _line(one: Asked, journal: RunJournal, by_hand: Verdict | None) -> Line:
    item, reply = one.plain, journal.reply(one.trial) or NOT_ASKED
    verdicts = journal.verdicts(one.trial) + ((by_hand,) if by_hand else ())
    return Line(
        item.id, one.bank, item.bank, item.slice, item.lang, item.expect, item.kind, one.part,
        one.people, Outcome(one.trial, reply, verdicts), journal.salt(one.trial),
    )  # fmt: skip


def _head(
    run: RunFolder, manifest: Manifest, law: Law, lines: Sequence[Line], people: PeopleSeen | None
) -> Head:
    plan = run.plan
    wanted = law.demands(manifest.begun)
    return Head(
        run=run.name,
        title=plan.title,
        plan=(plan.id, plan.sha256),
        regime=plan.regime,
        version=manifest.version,
        begun=manifest.begun,
        ended=manifest.ended or manifest.begun,
        asking=(plan.asking.max_tokens, plan.asking.temperature, plan.asking.seed),
        system=plan.asking.digest,
        banks=tuple(banks_seen(plan, run.material.banks, wanted, manifest.begun, law)),
        targets=tuple(
            TargetSeen(route.value, one.model, manifest.targets.get(route, ""))
            for route, one in sorted(plan.targets.items())
        ),
        ways=manifest.ways,
        tests=tuple(wanted.tests.values()),
        judge=manifest.judge,
        people=people,
        lines=len(lines),
        root=root_of([write_line(line) for line in lines]),
        ended_by=manifest.by or RUNNING,
        money=_money(plan, lines),
        evidence=kept_evidence(run.path),
        refusals=detector_measured(),
    )


def banks_seen(
    plan: Plan, banks: Sequence[Bank], wanted: Demands, at: datetime, law: Law
) -> list[BankSeen]:
    """Say which banks a plan asks from, how much of each, and what is found of them.

    Args:
        plan: The plan.
        banks: Its banks, in its order.
        wanted: What the regime demands.
        at: When; decides how fresh they are.
        law: The regime.
    """
    found = []
    for bank, sample in zip(banks, samples(plan, banks), strict=True):
        demand = wanted.banks.get(bank.kind)
        findings = law.findings(bank, banks, at)
        found.append(BankSeen(
            bank.id, bank.title, bank.version, bank.kind, bank.sha256, bank.updated,
            _counts(bank.items), _counts(sample.items), demand.each if demand else {},
            len(bank.reviewers), tuple(map(_found, findings)),
        ))  # fmt: skip
    return found


def _counts(items: Sequence[Item]) -> Mapping[str, int]:
    return dict(sorted(Counter(item.slice for item in items).items()))


def _found(one: Finding) -> Found:
    return Found(one.code, one.weight, one.what, len(one.items))


def _money(plan: Plan, lines: Sequence[Line]) -> str:
    if plan.budget.money is None and not plan.budget.currency:
        return ""
    used = [line.outcome.reply.tokens for line in lines if isinstance(line.outcome.reply, Answered)]
    cost = plan.budget.cost(sum(one for one, _ in used), sum(other for _, other in used))
    return f"{float(cost):.2f} {plan.budget.currency}".strip()


def passed_by(lines: Sequence[Line], target: str) -> Mapping[str, bool | None]:
    """Give by item of the banks whether it passed by machine; `target`: whose answers.

    People's verdicts are left out: they mostly judged one of two runs, and a difference between
    people and machines would pass for one between the runs.
    """
    return {
        f"{line.bank}/{line.id}": line.outcome.by_machine
        if isinstance(line.outcome.reply, Answered) else None
        for line in lines if line.part is Part.BANK and line.outcome.trial.target == target
    }  # fmt: skip
