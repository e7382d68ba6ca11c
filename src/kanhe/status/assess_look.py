"""What every check over assessments does alike: gather what was seen, grow stale, take the worst.

Reasons are told whole, the worst first, so that nobody mends one thing and learns of the next
tomorrow. An assessment that is old, or of something else than runs now, is stale; one that fails
stays a gap until another one shows the contrary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kanhe.status.assess_since import Change, Since, bank_changes, since
from kanhe.status.assessed import Judge, Report, unreported
from kanhe.status.check import SERVE, Terms, days, said, unseen
from kanhe.status.picture import Picture, Seen
from kanhe.status.record import MEASURED, RUN_BEGUN
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text, counted

NO_REPORT = Text("相应的评估报告", "report of such an assessment")
ASSESS = Action(
    Text(
        "写好计划（kanhe assess plan --new plan.yaml），运行安全评估并生成报告",
        "Write a plan (kanhe assess plan --new plan.yaml), run the assessment and make its report",
    ),
    "kanhe assess run plan.yaml",
    "assess",
)
JUDGES = Action(
    Text("测评研判模型，使其达到采用条件", "Measure the judge, so that it can be admitted"),
    "kanhe judge measure",
)
DISABLING = frozenset({"broken", "moved"})
"""Doubts of a judge with which its verdicts prove nothing; the same as in `assess/reckon_tests`."""

_DOUBTS = {
    "offline": Text("曾无应答", "it was offline"),
    "slow": Text("响应过慢", "it was slow"),
    "broken": Text("判定失效", "it is broken"),
    "biased": Text("对不同群体判定有偏", "it is biased"),
    "moved": Text("评估前后判定不一致", "it judged otherwise afterwards than before"),
    "silent": Text("多数答案未给出判定", "it left too many without a verdict"),
}


@dataclass
class Looks:
    """What one check has seen so far; in the end `verdict` says it."""

    picture: Picture
    terms: Terms
    found: list[tuple[Standing, Text]] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    by: list[Seen] = field(default_factory=list)
    do: list[Action] = field(default_factory=list)
    since: list[datetime] = field(default_factory=list)
    """Instants at which the evidence for MET was there."""
    until: list[datetime] = field(default_factory=list)
    stale_since: list[datetime] = field(default_factory=list)

    def note(self, standing: Standing, zh: str, en: str, *do: Action) -> None:
        """Keep one thing that was seen, and what can be done about it."""
        self.found.append((standing, Text(zh, en)))
        self.do += do

    def verdict(self) -> Verdict:
        """Say the worst, with every reason."""
        order = tuple(Standing)
        rank = [order.index(standing) for standing, _ in self.found]
        worst = order[min(rank)]
        told = [text for _, (_, text) in sorted(zip(rank, self.found, strict=True),
                                                key=lambda pair: pair[0])]  # fmt: skip
        reasons = (*dict.fromkeys(told), *dict.fromkeys(self.notes))
        begun = self.stale_since if worst is Standing.STALE else self.since
        do = () if worst is Standing.MET else tuple(dict.fromkeys(self.do)) or (ASSESS,)
        return said(
            worst,
            *reasons,
            by=self.by,
            since=max(begun, default=None) if worst is Standing.MET else min(begun, default=None),
            until=min(self.until, default=None) if worst is Standing.MET else None,
            do=do,
        )

    def age(self, report: Report, kinds: frozenset[str] = frozenset()) -> Since | None:
        """Look whether a report still tells of what runs: its age, models, rules, banks of kinds.

        Gives what it was compared with; None, with the reason noted, where that cannot be seen.
        """
        terms, now = self.terms, since(self.picture, report, self.terms)
        if now is None:
            self.note(
                Standing.UNKNOWN,
                "账本中没有现行模型与规则的记录，无法判断评估的是否就是现在运行的服务",
                "The ledger does not tell which models and rules are in force, so that nobody can "
                "see whether they are what was assessed",
                SERVE,
            )
            return None
        self.by += [now.settings, now.loaded]
        self.notes += now.passed_over
        self._old(report)
        self._changed(report, (*now.changes, *bank_changes(self.picture, report, kinds)))
        if now.unassessed:
            shown = "、".join(now.unassessed)
            self.note(
                Standing.UNKNOWN,
                f"在用模型未经评估：{shown}",
                f"Models in service were not assessed: {shown.replace('、', ', ')}",
                ASSESS,
            )
        self.notes += _dropped(self.picture, terms, report)
        return now

    def _old(self, report: Report) -> None:
        most = self.terms.number("fresh_days")
        end, at = report.begun + days(most), self.terms.moment(report.begun)
        self.until.append(end)
        if self.terms.at >= end:
            self.stale_since.append(end)
            self.note(
                Standing.STALE,
                f"评估始于 {at.zh}，有效期 {most} 天已过",
                f"The assessment was begun on {at.en} and counts for {most} days",
                ASSESS,
            )

    def _changed(self, report: Report, changes: Sequence[Change]) -> None:
        for change in changes:
            self.by.append(change.seen)
            self.stale_since.append(max(change.seen.at, report.begun))
            self.note(
                Standing.STALE,
                f"评估的已不是现状：{change.what.zh}",
                f"It is not what was assessed any more: {change.what.en}",
                ASSESS,
            )

    def judge(self, judge: Judge | None) -> bool:
        """Look whether verdicts of a judge prove anything; the entry of its record is evidence."""
        if judge is None or not judge.record:
            who = Text(f" {judge.name} ", f" {judge.name}") if judge else Text("", "")
            self.note(
                Standing.UNKNOWN,
                f"所用分类模型{who.zh}未达到采用条件，其判定不能证明达标",
                f"The classifier{who.en} was not admitted: its verdicts prove nothing",
                JUDGES, ASSESS,
            )  # fmt: skip
            return False
        self.by += [seen for seen in self.picture.all(MEASURED)
                    if seen.facts.get("record") == judge.record][-1:]  # fmt: skip
        if not judge.doubts:
            return True
        some = [_DOUBTS.get(code, Text(code, code)) for code in judge.doubts]
        told = Text("、".join(one.zh for one in some), "; ".join(one.en for one in some))
        what = Text(
            f"分类模型 {judge.name}：{told.zh}", f"Of the classifier {judge.name}: {told.en}"
        )
        if DISABLING & set(judge.doubts):
            self.note(
                Standing.UNKNOWN,
                f"{what.zh}，其判定不能证明达标",
                f"{what.en}; its verdicts prove nothing",
                JUDGES, ASSESS,
            )  # fmt: skip
            return False
        self.notes.append(what)
        return True


def no_report(looks: Looks) -> Verdict:
    """Say that there is no report, and whether a run was begun that could end in one."""
    begun = [seen for seen in looks.picture.all(RUN_BEGUN)
             if seen.facts.get("regime") == looks.terms.regime.id]  # fmt: skip
    if not begun:
        return unseen(NO_REPORT, ASSESS)
    last, at = begun[-1], looks.terms.moment(begun[-1].at)
    name = str(last.facts.get("run", ""))
    return said(
        Standing.UNKNOWN,
        Text(
            f"评估 {name} 已于 {at.zh} 开始，账本中尚无报告",
            f"The assessment {name} was begun on {at.en}; there is no report of it yet",
        ),
        by=[last],
        do=(FINISH,),
    )


FINISH = Action(
    Text("完成评估并生成报告", "Finish the assessment and make its report"),
    "kanhe assess report",
    "assess",
)


def _dropped(picture: Picture, terms: Terms, report: Report) -> tuple[Text, ...]:
    """Say how many runs ended in no report: who asks ten times and reports once, chooses."""
    after = terms.at - days(terms.number("fresh_days"))
    some = [seen for seen in unreported(picture, terms.regime.id, after)
            if seen.at < report.seen.at]  # fmt: skip
    if not some:
        return ()
    number = len(some)
    return (Text(
        f"同期另有 {number} 次评估已开始而没有报告",
        f"In the same time {counted(number, 'other run was', 'other runs were')} begun and never "
        "reported",
    ),)  # fmt: skip
