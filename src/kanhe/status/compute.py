"""Regime x picture of the ledger -> status: for each duty how it stands, since when, by what.

Pure, and the same for any day. In this order: whom a duty binds; whether it applies, by the answers
on record; whether the ledger can be believed; what its controls say. Never MET without an entry
that shows it, and an unsound ledger shows nothing, not even that a duty does not apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from kanhe.law.bound import bound
from kanhe.law.regime import Control, Obligation, Of, Party, Regime
from kanhe.law.scope import Answers, Condition, Decided, Every, Is, decide
from kanhe.ledger.entry import Json
from kanhe.status.check import Terms, said
from kanhe.status.check_ledger import VERIFY, unsound
from kanhe.status.check_life import lively
from kanhe.status.check_scope import ASK, aged
from kanhe.status.checks import CHECKS, NEEDS, OF_WHAT_RUNS
from kanhe.status.determination import Determination, answers_of, routes
from kanhe.status.due import dues
from kanhe.status.picture import Picture, Seen, Unsound
from kanhe.status.record import CHANGED
from kanhe.status.status import Line, Looked, Status
from kanhe.status.unsigned import unproven, unsigned
from kanhe.status.verdict import Action, Standing, Verdict, worst
from kanhe.terms import Text

PUBLIC = "public"
"""The question whether there is a service to the public: a duty that names no condition binds
those who answer it with yes. A regime that does not ask it binds everybody."""

_OURS = frozenset({Party.PROVIDER, Party.PLATFORM})


def compute(  # noqa: PLR0913 # all that may be asked
    regime: Regime,
    picture: Picture,
    *,
    at: datetime,
    known: date | None = None,
    as_if: str | None = None,
    answers: Determination | None = None,
) -> Status:
    """Compute the status of the service that keeps this ledger.

    Args:
        regime: The law, as data.
        picture: The ledger as it stood at `at`.
        at: The instant that is asked about, aware; its day in the regime's zone decides what binds.
        known: The law as one knew it on this day; that of `at`, if None.
        as_if: A draft that is taken for law.
        answers: The latest on record, see `latest_answers`. Where `as_if` is given, or nobody had
            answered by `at`, these decide what applies; they are no record of that day, and show
            nothing.

    Raises:
        RequestError: There is no draft of that name.
    """
    day = at.astimezone(ZoneInfo(regime.zone)).date()
    had = answers_of(picture, regime, at)
    lent = answers if answers and answers.seen.at > at and (as_if or had is None) else None
    computing = _Computing(regime, picture, at, day, known or day, as_if, had, lent)
    lines = tuple(computing.line(one) for one in computing.binding.values())
    return Status(
        regime, at, day, computing.known, as_if, picture.size, picture.soundness,
        computing.answers,
        routes(regime, computing.answers, day, computing.known) if had or lent else (),
        lines,
        dues(regime, picture, lines, had, at, computing.known),
        lent.seen if lent else None,
    )  # fmt: skip


def latest_answers(picture: Picture, regime: Regime) -> Determination | None:
    """Give the latest answers that are on record and signed, for `compute` of an earlier day."""
    had = answers_of(picture, regime, picture.at)
    return None if had is None or had.seen.index in unsigned(picture) else had


@dataclass(frozen=True)
class _Computing:
    """One computation: what is asked, and what was found on the way."""

    regime: Regime
    picture: Picture
    at: datetime
    day: date
    known: date
    as_if: str | None
    determination: Determination | None
    """The answers that were on record."""
    lent: Determination | None
    """Later ones, which decide in their place what applies."""

    @cached_property
    def binding(self) -> Mapping[str, Obligation]:
        """The duties that bind somebody, by their ids."""
        return {one.id: one for one in bound(self.regime, self.day, self.known, self.as_if)}

    @property
    def deciding(self) -> Determination | None:
        """The answers that decide what applies."""
        return self.lent or self.determination

    @property
    def answers(self) -> Answers:
        """Those answers, or none."""
        return self.deciding.answers if self.deciding else {}

    @cached_property
    def unsigned(self) -> frozenset[int]:
        """Entries that nobody has signed in time."""
        return unsigned(self.picture)

    @cached_property
    def changes(self) -> Mapping[str, list[Seen]]:
        """Recorded changes of standing, by duty."""
        found: dict[str, list[Seen]] = {}
        for seen in self.picture.all(CHANGED):
            if seen.facts.get("regime") == self.regime.id:
                found.setdefault(str(seen.facts.get("obligation")), []).append(seen)
        return found

    @cached_property
    def looked(self) -> dict[str, Verdict]:
        """What controls have said; each is asked once, however many duties it serves."""
        return {}

    def line(self, obligation: Obligation) -> Line:
        """Say how one duty stands."""
        if not _OURS & set(obligation.bound):
            return self._line(obligation, Standing.NOT_APPLICABLE, (_others(obligation),))
        if isinstance(self.picture.soundness, Unsound):
            why = unsound(self.picture.soundness)
            return self._line(obligation, Standing.UNKNOWN, (why,), do=(VERIFY,))
        decided = decide(_condition(self.regime, obligation), self.answers)
        match decided.holds:
            case None:
                why = _open(self.regime, decided)
                return self._line(obligation, Standing.UNKNOWN, (why,), do=(ASK,))
            case False:
                found = self._spared(decided)
                return self._line(obligation, found.standing, found.reasons, do=found.actions)
            case True:
                return self._controlled(obligation)

    def _spared(self, decided: Decided) -> Verdict:
        """Say that something does not apply, as long as the answers that say so count."""
        why, had = _not_ours(self.regime, decided, self.answers), self.deciding
        # Else one "no" of years ago would hide every duty, this question's own among them.
        if had and had.seen.index in self.unsigned:
            return unproven(had.seen.index, why)
        if had and self.at >= had.until:
            return said(Standing.UNKNOWN, why, aged(had, self.regime), do=(ASK,))
        return said(Standing.NOT_APPLICABLE, why)

    def _controlled(self, obligation: Obligation) -> Line:
        controls = [self.regime.controls[name] for name in obligation.controls]
        looked = tuple(Looked(one, self._verdict(one)) for one in controls)
        return self._line(obligation, worst([one.verdict for one in looked]), (), looked)

    def _verdict(self, control: Control) -> Verdict:
        if control.id not in self.looked:
            self.looked[control.id] = self._look(control)
        return self.looked[control.id]

    def _look(self, control: Control) -> Verdict:
        decided = decide(control.applies, self.answers)
        if decided.holds is None:
            return said(Standing.UNKNOWN, _open(self.regime, decided), do=(ASK,))
        if not decided.holds:
            return self._spared(decided)
        check = CHECKS.get(control.check)
        if check is None:
            why = Text(f"没有名为 {control.check} 的检查", f"There is no check {control.check}")
            return said(Standing.UNKNOWN, why)
        parameters = self._resolved(control)
        missing = [name for name in NEEDS.get(control.check, ()) if name not in parameters]
        if missing:
            why = Text(
                f"当日有效的规定没有给出 {'、'.join(missing)}",
                f"The law of that day gives no {' and no '.join(missing)}",
            )
            return said(Standing.UNKNOWN, why)
        terms = Terms(self.regime, control, parameters, self.at, self.day, self.known,
                      self.determination)  # fmt: skip
        return self._believed(check(self.picture, terms), terms)

    def _believed(self, verdict: Verdict, terms: Terms) -> Verdict:
        """Give a verdict, or what is left of one that says MET of what does not show it."""
        if verdict.standing is Standing.MET and terms.control.check in OF_WHAT_RUNS:
            verdict = lively(verdict, self.picture, terms)
        if verdict.standing is not Standing.MET:
            return verdict
        if not verdict.evidence:
            why = Text("没有条目可以证明", "No entry of the ledger shows it")
            return said(Standing.UNKNOWN, *verdict.reasons, why)
        if bare := self.unsigned & set(verdict.evidence):
            return unproven(min(bare), *verdict.reasons)
        return verdict

    def _resolved(self, control: Control) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for name, value in control.parameters.items():
            if not isinstance(value, Of):
                found[name] = value
            elif (duty := self.binding.get(value.obligation)) and (
                value.parameter in duty.parameters
            ):
                found[name] = duty.parameters[value.parameter]
        return found

    def _line(
        self,
        obligation: Obligation,
        standing: Standing,
        reasons: tuple[Text, ...],
        looked: tuple[Looked, ...] = (),
        do: tuple[Action, ...] = (),
    ) -> Line:
        changes = self.changes.get(obligation.id, [])
        ends = [one.verdict.until for one in looked if one.verdict.until
                and one.verdict.standing is standing]  # fmt: skip
        return Line(
            obligation,
            self.regime.sources[obligation.source],
            standing,
            reasons,
            looked,
            _since(standing, looked, changes),
            min(ends, default=None),
            tuple(seen.index for seen in changes),
            do,
        )


def _since(standing: Standing, looked: tuple[Looked, ...], changes: list[Seen]) -> datetime | None:
    """Say from when on it stands so: the last recorded change to it, or else the evidence tells."""
    if changes and changes[-1].facts.get("after") == standing.value:
        # Evidence may be newer: rules that were loaded again, and left the gap that was there.
        return changes[-1].at
    told = [one.verdict.since for one in looked if one.verdict.standing is standing]
    begun = [at for at in told if at]
    if not begun or len(begun) < len(told):
        return None
    # All controls have to be met, one is enough for a gap: so it is the last, or the first of them.
    return max(begun) if standing is Standing.MET else min(begun)


def _condition(regime: Regime, obligation: Obligation) -> Condition | None:
    if PUBLIC not in regime.questions:
        return obligation.applies
    public = Is(PUBLIC, True)
    return Every((public, obligation.applies)) if obligation.applies else public


def _others(obligation: Obligation) -> Text:
    zh = {Party.AUTHORITY: "主管部门", Party.USER: "使用者"}
    en = {Party.AUTHORITY: "the authority", Party.USER: "users"}
    return Text(
        f"本条约束的是{'和'.join(zh.get(one, one.value) for one in obligation.bound)}，不是本服务",
        f"It binds {' and '.join(en.get(one, one.value) for one in obligation.bound)}, not this "
        "service",
    )


def _open(regime: Regime, decided: Decided) -> Text:
    titles = [regime.questions[name].title for name in decided.because if name in regime.questions]
    return Text(
        f"是否适用取决于尚未答复的问题：{''.join(title.zh for title in titles)}",
        f"Whether it applies depends on open questions: {' '.join(title.en for title in titles)}",
    )


def _not_ours(regime: Regime, decided: Decided, answers: Answers) -> Text:
    told = [(question, _said(regime, name, answers)) for name in decided.because
            if (question := regime.questions.get(name))]  # fmt: skip
    zh = "；".join(f"{question.title.zh}{given.zh}" for question, given in told)
    en = " ".join(f"{question.title.en} {given.en}." for question, given in told)
    return Text(f"按问卷答复不适用：{zh}", f"By the answers it does not apply: {en}")


def _said(regime: Regime, name: str, answers: Answers) -> Text:
    answer, options = answers.get(name), {o.id: o.title for o in regime.questions[name].options}
    match answer:
        case bool():
            return Text("是", "Yes") if answer else Text("否", "No")
        case tuple():
            chosen = [options.get(one, Text(one, one)) for one in answer]
            return Text("、".join(one.zh for one in chosen) or "均无",
                        ", ".join(one.en for one in chosen) or "None")  # fmt: skip
        case _:
            return options.get(str(answer), Text(str(answer), str(answer)))
