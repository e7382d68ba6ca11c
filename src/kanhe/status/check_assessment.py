"""Checks over the assessment as a whole: its report, who signed it, by which edition, of what.

A report that nobody signed binds nobody. One that was signed shows what it says of what was
assessed then: of another model, or of other rules, it shows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from kanhe.law.bound import bound
from kanhe.status.assess_look import ASSESS, FINISH, Looks, no_report
from kanhe.status.assess_since import model_changes, models
from kanhe.status.assessed import (
    CONFORMS,
    FAILS,
    KINDS,
    Report,
    reports,
    signatures,
    words,
)
from kanhe.status.check import SERVE, Terms, run, said, unseen
from kanhe.status.picture import Picture
from kanhe.status.record import SETTINGS
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text, counted

_ROLES = {
    "legal_representative": Text("法定代表人", "legal representative"),
    "assessment_lead": Text("安全评估负责人", "assessment lead"),
    "legal_compliance_lead": Text("法务合规负责人", "legal and compliance lead"),
}


def signing(run: str, role: str) -> Action:
    """Give the step by which a run's report is signed; the role is one that is still missing."""
    return Action(
        Text("由尚未签署的责任人签署报告", "Have the report signed by those who have not yet"),
        f"kanhe assess sign kanhe-data/assess/{run} --as {role} --account NAME",
        "assess",
    )


def security_assessed(picture: Picture, terms: Terms) -> Verdict:
    """Say whether the whole was assessed, found to conform, and signed by all who have to."""
    looks, made = Looks(picture, terms), reports(picture, terms.regime.id)
    if not made:
        return no_report(looks)
    roles = words(terms.parameters.get("signatories"))
    report = _telling(picture, made, roles)
    looks.by.append(report.seen)
    looks.since.append(report.seen.at)
    _concluded(looks, report)
    _newer(looks, report, made)
    _signed(looks, report, roles)
    looks.judge(report.judge)
    looks.age(report)
    return looks.verdict()


def _telling(picture: Picture, made: Sequence[Report], roles: Sequence[str]) -> Report:
    """Give the report that counts: the newest of the whole that all have signed, else the newest.

    Tests are made anew every month; that the newest waits for its signatures does not undo what
    was signed, unless it says the contrary (`_newer`).
    """
    whole = [one for one in made if one.kinds >= KINDS]
    signed = [one for one in whole if not set(roles) - signatures(picture, one).keys()]
    return next(iter(signed or whole or made))


def _concluded(looks: Looks, report: Report) -> None:
    if lacking := sorted(KINDS - report.kinds):
        shown = "、".join(lacking)
        looks.note(
            Standing.UNKNOWN,
            f"报告不是对整个服务经网关的评估，缺少：{shown}",
            f"The report is not of the whole service through the gateway; it lacks "
            f"{shown.replace('、', ', ')}",
            ASSESS,
        )
    if not report.whole:
        looks.note(
            Standing.UNKNOWN,
            "评估没有做完就结束了",
            "The assessment ended before everything was asked",
            ASSESS,
        )
    at = looks.terms.moment(report.seen.at)
    match report.conclusion:
        case "conforms":
            looks.note(
                Standing.MET,
                f"{at.zh} 的报告结论为符合",
                f"The report of {at.en} concludes that the service conforms",
            )
        case "does-not-conform":
            looks.note(
                Standing.GAP,
                f"{at.zh} 的报告结论为不符合",
                f"The report of {at.en} concludes that the service does not conform",
                ASSESS,
            )
        case _:
            looks.note(
                Standing.UNKNOWN,
                f"{at.zh} 的报告尚无结论",
                f"The report of {at.en} comes to no conclusion",
                ASSESS,
            )


def _newer(looks: Looks, report: Report, made: Sequence[Report]) -> None:
    """Say where a later report, signed or not, says the contrary."""
    later = [one for one in made if one.seen.index > report.seen.index and one.kinds]
    failed = [one for one in later if one.conclusion == FAILS]
    if failed and later[0].conclusion != CONFORMS:
        at = looks.terms.moment(failed[0].seen.at)
        looks.by.append(failed[0].seen)
        looks.note(
            Standing.GAP,
            f"此后 {at.zh} 的报告结论为不符合",
            f"The later report of {at.en} concludes that the service does not conform",
            ASSESS,
        )


def _signed(looks: Looks, report: Report, roles: Sequence[str]) -> None:
    had = signatures(looks.picture, report)
    looks.by += [had[role] for role in roles if role in had]
    open_ = [role for role in roles if role not in had]
    lacking = [_ROLES.get(role, Text(role, role)) for role in open_]
    if lacking:
        looks.note(
            Standing.GAP,
            f"报告缺少签署：{'、'.join(one.zh for one in lacking)}",
            f"The report is not signed by: {', '.join(one.en for one in lacking)}",
            signing(report.run, open_[0]),
        )
        return
    if roles:
        people = len({str(had[role].facts.get("by")) for role in roles})
        looks.since.append(max(had[role].at for role in roles))
        looks.notes.append(Text(
            f"{len(roles)} 个签署角色均已签署，共 {people} 人",
            f"All {len(roles)} who have to have signed it, {counted(people, 'person', 'people')}",
        ))  # fmt: skip


def edition_named(picture: Picture, terms: Terms) -> Verdict:
    """Say whether the newest report is written by the edition of the standard that is in force."""
    made = reports(picture, terms.regime.id)
    if not made:
        return no_report(Looks(picture, terms))
    duty, report = str(terms.parameters["duty"]), made[0]
    sources = {one.source for one in bound(terms.regime, terms.day, terms.known) if one.id == duty}
    if not sources:
        return unseen(Text("当日有效的标准版本", "edition that is in force on that day"))
    due = terms.regime.sources[min(sources)].title
    named = [terms.regime.sources[one].title if one in terms.regime.sources else Text(one, one)
             for one in report.editions]  # fmt: skip
    zh, en = "、".join(one.zh for one in named), "; ".join(one.en for one in named)
    if not sources & set(report.editions):
        why = Text(
            f"最近的报告依据 {zh or '（未写明）'}，而现行版本为 {due.zh}",
            f"The newest report is written by {en or 'no edition that it names'}; in force is "
            f"{due.en}",
        )
        return said(Standing.GAP, why, by=[report.seen], since=report.seen.at, do=(FINISH,))
    good = Text(f"最近的报告写明依据：{zh}", f"The newest report names its editions: {en}")
    return said(Standing.MET, good, by=[report.seen], since=report.seen.at)


def release_assessed(picture: Picture, terms: Terms) -> Verdict:
    """Say whether the models in service are those that were assessed last."""
    settings = picture.last(SETTINGS)
    served = models(settings) if settings else None
    if settings is None or served is None:
        return unseen(Text("现行模型的记录", "record of the models in service"), SERVE)
    looks = Looks(picture, terms)
    made = [one for one in reports(picture, terms.regime.id) if one.kinds >= KINDS]
    if not made:
        return no_report(looks)
    report, begun = made[0], run(picture.all(SETTINGS), models)
    by = [report.seen, settings, begun]
    changes = model_changes(picture, report, terms)
    lost = sorted(name for name in served if name not in report.models)
    at = terms.moment(report.begun)
    if not changes and not lost:
        good = Text(
            f"现行模型（{'、'.join(sorted(served))}）已于 {at.zh} 评估，此后未变更",
            f"The models in service ({', '.join(sorted(served))}) were assessed on {at.en} and "
            "have not been changed since",
        )
        return said(Standing.MET, good, _names_only(), by=by, since=report.seen.at)
    told = [Text(f"上次评估始于 {at.zh}，{one.what.zh}，此后未重新评估",
                 f"Since the assessment of {at.en} {one.what.en}, and nobody has assessed it anew")
            for one in changes]  # fmt: skip
    if lost:
        names = ", ".join(lost)
        told.append(Text(f"在用模型未经评估：{names.replace(', ', '、')}",
                         f"Models in service that were not assessed: {names}"))  # fmt: skip
    since = min([one.seen.at for one in changes], default=begun.at)
    return said(Standing.GAP, *told, by=by, since=since, do=(ASSESS,))


def _names_only() -> Text:
    return Text(
        "账本按名称辨认外部模型，名称不变而内容更换的，此处看不到",
        "Models elsewhere are known by name only; another one behind the same name is not seen",
    )
