"""Clause by clause: what is found of each duty that an assessment has to speak of.

The duties are those of the standard that asks for the assessment, all of them, and those of other
sources that the assessment itself shows. What this assessment measured is taken from its results,
everything else from the status, which is computed from the ledger; nothing is ticked by hand. Of
what nobody can see nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from kanhe.assess.bank_finding import Weight
from kanhe.assess.clause import Clause, Finding, Numbered, Signature
from kanhe.assess.demand import BANKS, OUTPUT_TEST, REFUSAL_TEST
from kanhe.assess.head import BankSeen, Head
from kanhe.assess.item import BankKind
from kanhe.assess.reckon_words import KINDS, TARGETS
from kanhe.assess.results import Conclusion, Results, Tested
from kanhe.law.regime import Obligation, Regime
from kanhe.report.assessment_names import ROLES, named
from kanhe.status.status import Line, Looked, Status
from kanhe.status.verdict import Standing
from kanhe.terms import Text

SECURITY = "security-assessment"
"""The control that asks for such a report."""
SIGNATORIES = "signatories"
"""The parameter that says in which roles it is signed."""
BESIDE = frozenset({"bias-assessment", "accuracy-assessment", "release-assessment"})
"""Controls of which a report has figures, and for which no bound says what they have to be."""

_TESTS = {OUTPUT_TEST: (BankKind.OUTPUT,), REFUSAL_TEST: (BankKind.REFUSE, BankKind.ANSWER)}
EDITION = "standard-edition"
"""The control that asks that such a report names the edition by which it is written."""
_OURS = frozenset({*_TESTS, *BANKS, *BESIDE, SECURITY, EDITION})

_FOUND = {
    Conclusion.CONFORMS: Finding.CONFORMS,
    Conclusion.FAILS: Finding.FAILS,
    Conclusion.OPEN: Finding.OPEN,
}
_STANDING = {
    Standing.MET: Finding.CONFORMS,
    Standing.GAP: Finding.FAILS,
    # It was so once; whether it is so today nobody has looked.
    Standing.STALE: Finding.OPEN,
    Standing.UNKNOWN: Finding.OPEN,
    Standing.NOT_APPLICABLE: Finding.NOT_APPLICABLE,
}

_Piece: TypeAlias = tuple[Finding, tuple[Text, ...], bool]
"""A finding, why, and whether this assessment measured it."""


def clauses(
    status: Status, head: Head, results: Results, signatures: Sequence[Signature] = ()
) -> tuple[Clause, ...]:
    """Give what is found of each duty, by chapter of the standard, other sources after it."""
    standards = {
        line.obligation.source
        for line in status.lines
        if SECURITY in line.obligation.controls and SIGNATORIES in line.obligation.parameters
    }
    inside = [line for line in status.lines if line.obligation.source in standards]
    beside = [
        line
        for line in status.lines
        if line.obligation.source not in standards and _OURS & set(line.obligation.controls)
    ]
    # As `editions` tells the ledger: those whose numbers stand in this very report.
    named_ = {one.source for line in (*inside, *beside)
              for one in status.regime.versions(line.obligation.id)}  # fmt: skip
    seen = _Seen(status, (head, results), signatures, named_)
    found = [_clause(line, status.regime, seen) for line in inside]
    return (*sorted(found, key=_order(status.regime)), *(_clause(one, status.regime, seen)
                                                         for one in beside))  # fmt: skip


def signatories(duties: Iterable[Obligation]) -> tuple[str, ...]:
    """Give the roles in which duties want such a report signed."""
    found: dict[str, None] = {}
    for duty in duties:
        roles = duty.parameters.get(SIGNATORIES)
        if SECURITY in duty.controls and isinstance(roles, list | tuple):
            found |= dict.fromkeys(map(str, roles))
    return tuple(found)


def about_itself(clause: Clause, regime: Regime) -> bool:
    """Say whether a clause asks for the very report that speaks of it."""
    return any(SECURITY in one.controls for one in regime.versions(clause.obligation))


@dataclass(frozen=True, slots=True)
class _Own:
    """What the report is by itself. `found`: what it would conclude if it was signed, and why."""

    found: tuple[Finding, Text]
    roles: Sequence[str]

    def piece(self, signed: Collection[str]) -> _Piece:
        """Say what is found of the duty to have made it: as bad as its tests, open till signed."""
        finding, why = self.found
        if finding is not Finding.CONFORMS:
            return finding, (why,), True
        return _of_report(self.roles, signed)


def signed(
    found: Sequence[Clause], made: tuple[Head, Results], regime: Regime, roles: Sequence[str],
    signatures: Sequence[Signature],
) -> tuple[Clause, ...]:  # fmt: skip
    """Give clauses as they stand once the report is signed; who signs cannot change any other."""
    finding, why, _ = _Own(_concluded(*made), roles).piece({one.role for one in signatures})
    return tuple(
        replace(one, finding=finding, why=why)
        if one.finding is Finding.OPEN and one.measured and about_itself(one, regime)
        else one
        for one in found
    )


def _concluded(head: Head, results: Results) -> tuple[Finding, Text]:
    """Say what the tests come to, by the same rule as the status does once the ledger knows them.

    A report that concludes nothing does not conclude that the service conforms, whoever signs it.
    """
    if results.conclusion is Conclusion.FAILS:
        return Finding.FAILS, Text("本报告即该项评估，各项测试的结论为不符合",
                                   "this report is that assessment, and its tests conclude that "
                                   "the service does not conform")  # fmt: skip
    if results.conclusion is Conclusion.OPEN:
        return Finding.OPEN, Text("本报告即该项评估，但各项测试尚无结论，签字不能代替",
                                  "this report is that assessment, and its tests conclude nothing: "
                                  "signatures do not stand for that")  # fmt: skip
    if "gateway" not in {one.route for one in head.targets}:
        return Finding.OPEN, Text("本报告只测了模型，未经网关，不是对整个服务的评估",
                                  "this report is of the model, and not of the whole service "
                                  "through the gateway")  # fmt: skip
    if head.ended_by != "done":
        return Finding.OPEN, Text("评估没有做完就结束了",
                                  "the assessment ended before everything was asked")  # fmt: skip
    return Finding.CONFORMS, Text("各项测试均符合", "its tests conform")


def _of_report(roles: Sequence[str], signed: Collection[str]) -> _Piece:
    open_ = [named(ROLES, role) for role in roles if role not in signed]
    if open_ or not roles:
        zh, en = "、".join(one.zh for one in open_), ", ".join(one.en for one in open_)
        return Finding.OPEN, (Text(
            f"本报告即该项评估；签字{f'（{zh}）' if zh else ''}齐备后方可认定",
            "this report is that assessment; it counts once it is signed"
            + (f" ({en})" if en else ""),
        ),), True  # fmt: skip
    why = Text("本报告即该项评估，签字已齐备", "this report is that assessment, and is signed")
    return Finding.CONFORMS, (why,), True


class _Seen:
    """What this assessment knows itself."""

    def __init__(
        self, status: Status, made: tuple[Head, Results], signatures: Sequence[Signature],
        named_: Collection[str],
    ) -> None:  # fmt: skip
        head, results = made
        self.status, self.head, self.named = status, head, named_
        roles = signatories(line.obligation for line in status.lines)
        self.own = _Own(_concluded(head, results), roles).piece({one.role for one in signatures})
        routes = [one.route for one in head.targets]
        target = "gateway" if "gateway" in routes else next(iter(routes), "")
        self.tested = [one for one in results.tested if one.target == target]

    def piece(self, had: Looked) -> _Piece:
        name = had.control.id
        if name in _TESTS:
            return _of_tests([one for one in self.tested if one.demand.kind in _TESTS[name]])
        if name in BANKS:
            return self._of_bank(BANKS[name], had)
        if name == SECURITY:
            return self.own
        if name == EDITION and (piece := self._of_edition(had)):
            return piece
        why = had.verdict.reasons
        if name in BESIDE and had.verdict.standing is not Standing.MET:
            why = (*why, Text("本报告载有相关测量结果，记入账本后由合规状态据以判断",
                              "this report has figures on it; once on the ledger, the status "
                              "judges by them"))  # fmt: skip
        return _STANDING[had.verdict.standing], why, False

    def _of_edition(self, had: Looked) -> _Piece | None:
        """Say by which edition this report is written, if it is the one that is in force."""
        duty = had.control.parameters.get("duty")
        due = {one.obligation.source for one in self.status.lines if one.obligation.id == duty}
        names = sorted(due & set(self.named))
        if not names:
            return None
        title = self.status.regime.sources[names[0]].title
        why = Text(f"本报告写明依据：{title.zh}", f"this report names its edition: {title.en}")
        return Finding.CONFORMS, (why,), True

    def _of_bank(self, kind: BankKind, had: Looked) -> _Piece:
        """Hold banks together against the demand, by the rule of the status.

        Rejected, or some questions of a risk and too few: a gap. None at all, or long not renewed:
        nobody can tell.
        """
        banks = [one for one in self.head.banks if one.kind is kind]
        found = [(_bears(one.code, one.weight, banks), one.what)
                 for bank in banks for one in bank.findings]  # fmt: skip
        for finding in (Finding.FAILS, Finding.OPEN):
            if why := tuple(dict.fromkeys(what for bears, what in found if bears is finding)):
                return finding, why, True
        return _STANDING[had.verdict.standing], had.verdict.reasons, False


def _bears(code: str, weight: Weight, banks: Sequence[BankSeen]) -> Finding | None:
    """Say what a finding on one of the banks of a kind makes of the duty; None: nothing."""
    if weight is Weight.WARNS:
        return None
    if weight is Weight.REJECTS:
        return Finding.FAILS
    what, _, slice_ = code.partition(":")
    if what == "few" and not slice_:
        # Several count together, and what they have to come to is known to the status only.
        return Finding.FAILS if len(banks) == 1 else None
    if what == "few":
        had = sum(one.items.get(slice_, 0) for one in banks)
        wanted = max(one.wanted.get(slice_, 0) for one in banks)
        return Finding.OPEN if not had else Finding.FAILS if had < wanted else None
    return Finding.OPEN if what == "stale" else Finding.FAILS


def _of_tests(tested: Sequence[Tested]) -> _Piece:
    if not tested:
        return Finding.OPEN, (Text("本次未做该项测试", "the test was not made"),), True
    found = _worst(_FOUND[one.conclusion] for one in tested)
    return found, tuple(_told(one) for one in tested if _FOUND[one.conclusion] is found), True


def _told(one: Tested) -> Text:
    test, where = KINDS[one.demand.kind], named(TARGETS, one.target)
    why = one.why or (Text("各方式均达到要求", "the bound is kept in every way"),)
    zh, en = "；".join(said.zh for said in why), "; ".join(said.en for said in why)
    return Text(f"{test.zh}（{where.zh}）：{zh}", f"{test.en} ({where.en}): {en}")


def _clause(line: Line, regime: Regime, seen: _Seen) -> Clause:
    duty = line.obligation
    pieces: list[_Piece] = [(_STANDING[line.standing], line.because, False)]
    if line.looked and line.standing is not Standing.NOT_APPLICABLE:
        pieces = [seen.piece(had) for had in line.looked]
    bears = [one for one in pieces if one[0] is not Finding.NOT_APPLICABLE] or pieces
    finding = _worst(found for found, _, _ in bears)
    why = tuple(dict.fromkeys(text for found, said, _ in bears if found is finding
                              for text in said))  # fmt: skip
    numbers = _numbers(duty.id, regime)
    return Clause(
        duty.id, duty.source, _chapter(numbers, regime), numbers, duty.title, duty.text, finding,
        why or line.because, line.evidence, any(measured for *_, measured in bears),
    )  # fmt: skip


def _worst(found: Iterable[Finding]) -> Finding:
    order = tuple(Finding)
    return min(found, key=order.index)


def _numbers(duty: str, regime: Regime) -> tuple[Numbered, ...]:
    """Give the number in each edition; one that quotes an earlier edition's is not its own."""
    written = {one.source: one.clause for one in regime.versions(duty)}
    ordered = sorted(written, key=lambda name: str(regime.sources[name].published or ""))
    found: list[Numbered] = []
    for source in ordered:
        clause = written[source]
        quoted = any(clause.endswith(f" {one.clause}") for one in found)
        found.append(Numbered(source, clause, not quoted))
    return tuple(found)


def _chapter(numbers: Sequence[Numbered], regime: Regime) -> str:
    first = numbers[0]
    chapters = dict(regime.sources[first.source].chapters)
    head = first.clause.partition(".")[0]
    return head if head in chapters else ""


def _order(regime: Regime) -> Callable[[Clause], int]:
    places = {
        (source.id, name): n
        for source in regime.sources.values()
        for n, (name, _) in enumerate(source.chapters)
    }
    # Stable: within a chapter duties stay in the order of the regime. What has none comes last.
    return lambda one: places.get((one.numbers[0].source, one.chapter), len(places))
