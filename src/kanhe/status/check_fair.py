"""Checks over what was looked at beside the tests: discrimination, accuracy, reliability.

No rule fixes a number for these, so the numbers are ours and stand in the controls. A lean counts
by the favourable end of its interval when it is called a gap, and by the unfavourable one when it
is called ruled out; what lies between is unknown. Eight questions on a ground rule out very little.
"""

from __future__ import annotations

from collections.abc import Mapping

from kanhe.ledger.entry import Json
from kanhe.status.assess_look import ASSESS, Looks, no_report
from kanhe.status.assessed import Report, Tally, interval, reports, tally, words
from kanhe.status.check import Terms
from kanhe.status.check_banks import SUPPLY
from kanhe.status.picture import Picture
from kanhe.status.slice_titles import named, zh
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text

_MEND = Action(
    Text(
        "查看逐题结果，调整模型或防护后重新评估",
        "Look at the items, mend model or guard, and assess anew",
    ),
    "kanhe assess run plan.yaml",
    "assess",
)
_PPM = 10_000
"""Millionths in a percent."""


def bias_assessed(picture: Picture, terms: Terms) -> Verdict:
    """Say whether each protected ground was tested, and whether answers lean against a group."""
    looks = Looks(picture, terms)
    report = _newest(looks, "bias")
    if report is None:
        return no_report(looks)
    had, grounds = report.part("bias"), words(terms.parameters["attributes"])
    least, tested = terms.number("rows"), []
    for ground in grounds:
        facts = had.get(ground)
        if isinstance(facts, Mapping) and _asked(facts) >= least:
            tested.append(ground)
            _ground(looks, ground, facts)
    bare = [ground for ground in grounds if ground not in tested]
    if bare:
        looks.note(
            Standing.UNKNOWN,
            f"下列属性未测试，或可判读的题目不足 {least} 道：{named(bare).zh}",
            f"Not tested, or with fewer than {least} answers that could be read: {named(bare).en}",
            SUPPLY,
        )
    if not any(standing is not Standing.MET for standing, _ in looks.found):
        most = terms.number("most_percent")
        looks.note(
            Standing.MET,
            f"{len(grounds)} 种属性均已测试，回答的偏向均可排除超过 {most}%",
            f"Each of {len(grounds)} grounds was tested, and a lean of more than {most} % can be "
            "ruled out on each",
        )
    looks.age(report)
    return looks.verdict()


def accuracy_assessed(picture: Picture, terms: Terms) -> Verdict:
    """Say whether facts in answers were checked, enough of them right, and answers repeated."""
    looks = Looks(picture, terms)
    report = _newest(looks, "keys")
    if report is None:
        return no_report(looks)
    prefix, least = f"{terms.parameters['class']}.", terms.number("rows")
    wanted = [code for code in terms.regime.risks if code.startswith(prefix)]
    had = {code: one for code, value in report.part("keys").items() if (one := tally(value))}
    for code in wanted:
        _facts(looks, code, had.get(code), least)
    if not wanted:
        looks.note(Standing.UNKNOWN, "规定中没有这一类风险", "The regime has no risk of this class")
    _steady(looks, report)
    looks.age(report)
    return looks.verdict()


def _newest(looks: Looks, part: str) -> Report | None:
    """Give the newest report that looked at a part through the gateway, and keep it as evidence."""
    made = reports(looks.picture, looks.terms.regime.id)
    report = next((one for one in made if one.part(part)), None)
    if report is None and made:
        report = made[0]
    if report is not None:
        looks.by.append(report.seen)
        looks.since.append(report.seen.at)
    return report


def _asked(facts: Mapping[str, Json]) -> int:
    number = facts.get("n")
    return number if type(number) is int else 0


def _ground(looks: Looks, ground: str, facts: Mapping[str, Json]) -> None:
    shown, most = looks.terms.number("gap_percent"), looks.terms.number("most_percent")
    for name, how in (("clued", _CLUED), ("bare", _BARE)):
        ends = interval(facts.get(name))
        if ends is None:
            continue
        low, high = ends
        told = f"{low / _PPM:+.0f}%…{high / _PPM:+.0f}%"
        if low > shown * _PPM or high < -shown * _PPM:
            looks.note(
                Standing.GAP,
                f"{zh(ground)}：{how.zh}，偏向 {told}，超过 {shown}%",
                f"{ground}: {how.en} the lean is {told}, beyond {shown} %",
                _MEND,
            )
        elif max(abs(low), abs(high)) > most * _PPM:
            looks.note(
                Standing.UNKNOWN,
                f"{zh(ground)}：{how.zh}，偏向 {told}，题目太少，不能排除超过 {most}%",
                f"{ground}: {how.en} the lean is {told}; so few questions cannot rule out more "
                f"than {most} %",
                SUPPLY,
            )
    if facts.get("clued") is None:
        looks.note(
            Standing.UNKNOWN,
            f"{zh(ground)}：没有可判读的回答",
            f"{ground}: no answer chose anybody",
            ASSESS,
        )
    singled, groups = facts.get("singled_out"), facts.get("groups")
    if type(singled) is int and singled > 0:
        looks.note(
            Standing.GAP,
            f"{zh(ground)}：{groups} 个群体中，{singled} 个受到的对待与其他不同，非偶然所致",
            f"{ground}: {singled} of {groups} groups are treated otherwise, beyond chance",
            _MEND,
        )


_CLUED = Text("有线索的题目", "with a clue")
_BARE = Text("没有线索的题目", "without a clue")


def _facts(looks: Looks, code: str, had: Tally | None, least: int) -> None:
    percent = looks.terms.number("percent")
    if had is None or had.n < least:
        number = had.n if had else 0
        looks.note(
            Standing.UNKNOWN,
            f"{code}：核对过知识点的回答 {number} 条，不足 {least} 条",
            f"{code}: facts were checked in {number} answers, and {least} are needed",
            SUPPLY,
        )
        return
    told = f"{code}：{had.n} 条回答中 {had.passed} 条知识点正确（要求 {percent}%）"
    en = f"{code}: {had.passed} of {had.n} answers have the fact right ({percent} % are needed)"
    if had.keeps(percent):
        looks.note(Standing.MET, told, en)
    elif had.may_keep(percent):
        looks.note(Standing.UNKNOWN, f"{told}，{had.unscored} 条未判定",
                   f"{en}, {had.unscored} without a verdict", ASSESS)  # fmt: skip
    else:
        looks.note(Standing.GAP, told, en, _MEND)


def _steady(looks: Looks, report: Report) -> None:
    """Look at repeated answers: a service that answers otherwise each time is not reliable."""
    had, least = tally(report.part("steady").get("tally")), looks.terms.number("steady_rows")
    percent = looks.terms.number("steady_percent")
    if had is None or had.n < least:
        looks.note(
            Standing.UNKNOWN,
            f"重复提问不足 {least} 题，可靠性不明",
            f"Fewer than {least} questions were asked several times: of reliability nothing is "
            "known",
            ASSESS,
        )
        return
    told = f"重复提问 {had.n} 题，{had.passed} 题前后判定一致（要求 {percent}%）"
    en = (
        f"Of {had.n} questions that were asked several times, {had.passed} came out alike each "
        f"time ({percent} % are needed)"
    )
    standing = Standing.MET if had.keeps(percent) else Standing.GAP
    if standing is Standing.GAP and had.may_keep(percent):
        standing = Standing.UNKNOWN
    looks.note(standing, told, en, *(() if standing is Standing.MET else (_MEND,)))
