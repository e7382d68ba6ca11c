"""The front of an assessment's report: whose it is, what is concluded, and what was not shown."""

from __future__ import annotations

from collections.abc import Iterator

from kanhe.assess.clause import Finding
from kanhe.assess.results import Conclusion, Tested
from kanhe.assess.strength import Shown, Strength
from kanhe.report.assessment import Report
from kanhe.report.assessment_names import ENDED, ROLES, named
from kanhe.report.assessment_say import CONCLUSIONS, FINDINGS, Say
from kanhe.report.document import (
    Block,
    Box,
    Cell,
    Column,
    Facts,
    Heading,
    Points,
    Table,
    Tone,
    Words,
)
from kanhe.report.rate_text import bound, chance, rate, span
from kanhe.terms import Text, counted


def cover(report: Report, say: Say) -> tuple[Block, ...]:
    """Say whose report it is and how the run went."""
    head = report.head
    targets = [
        f"{say.target(one.route)}{say.of('：', ': ')}{one.model}"
        + (say.of(f"（规则集 {one.by}）", f" (ruleset {one.by})") if one.by else "")
        for one in head.targets
    ]
    cost = head.money or say.of("未计价", "not priced")
    rows = [
        (say.of("被评估服务", "Service"), Cell(report.service)),
        (say.of("评估对象", "What was assessed"), Cell("\n".join(targets))),
        (say.of("依据", "Under"), Cell(say(report.regime.title), head.regime)),
        (say.of("评估计划", "Plan"), Cell(f"{say(head.title)} ({head.plan[0]})")),
        (say.of("计划哈希", "Plan, SHA-256"), Cell(head.plan[1], mono=True)),
        (say.of("起止时间", "Asked"), Cell(f"{say.instant(head.begun)} – {say.instant(head.ended)}",
                                       say(named(ENDED, head.ended_by)))),
        (say.of("费用", "Cost"), Cell(cost)),
        (say.of("证据", "Evidence"), Cell(say.of(f"{head.lines:,}条判定记录",
                                                f"{head.lines:,} records of trials"))),
        (say.of("证据根哈希", "Evidence root"), Cell(head.root, mono=True)),
        (say.of("报告生成于", "Report made"), Cell(say.instant(report.made))),
        (say.of("编制工具", "Made with"), Cell(say.of(f"勘合 Kanhe {head.version}",
                                                  f"Kanhe {head.version}"))),
    ]  # fmt: skip
    return (Facts(tuple(rows)),)


def conclusion(report: Report, say: Say) -> list[Block]:
    """Say the conclusion first, then each test in one line, then what holds it back."""
    text, tone, standing = CONCLUSIONS[report.conclusion]
    title = say.of(f"总结论：{text.zh}", f"Overall: {text.en}")
    return [
        Box(standing, tone, title, tuple(_sentences(report, say))),
        _glance(report, say),
        Words(
            say.of(
                "“法定点规则”只看抽到的题是否够数、比例是否达到规定数值，结论以它为准；“证据强度”另行"
                "回答：倘若服务实际上并不达标，还有多大可能得出这样好的结果。二者含义不同，不能互相替代。",
                "The point rule of the law asks whether enough questions were drawn, and whether "
                "the share of them is what it says; conclusions go by it. The strength of evidence "
                "asks another thing: how likely a service that does not keep the bound would have "
                "come out as well. Neither stands for the other.",
            ),
            Tone.QUIET,
        ),
        *_reasons(report, say),
    ]


def _sentences(report: Report, say: Say) -> Iterator[str]:
    tests = len(report.deciding)
    stand = {one: sum(each.conclusion is one for each in report.deciding) for one in Conclusion}
    parts = [
        say.of(f"{count}项{CONCLUSIONS[one][0].zh}", f"{count} {_verb(CONCLUSIONS[one][0], count)}")
        for one, count in stand.items()
        if count
    ]
    where = say.target(report.target)
    yield say.of(
        f"抽检测试（{where}）{tests}项：{'，'.join(parts) or '未做'}。",
        f"{counted(tests, 'test')} {where}: {', '.join(parts) or 'none was made'}.",
    )
    if report.clauses:
        yield _clauses(report, say)
    else:
        yield say.of("本报告未作逐条核对。", "Nothing was looked at clause by clause.")
    signed = {one.role for one in report.signatures}
    unsigned = [say(named(ROLES, one)) for one in report.signatories if one not in signed]
    if unsigned:
        yield say.of(
            f"尚无电子签名：{say.listed(unsigned)}。",
            f"Not signed electronically: {say.listed(unsigned)}.",
        )


def _clauses(report: Report, say: Say) -> str:
    told = [
        say.of(f"{count}条{FINDINGS[one][0].zh}", f"{count} {_verb(FINDINGS[one][0], count)}")
        for one, count in report.found.items()
        if count
    ]
    return say.of(
        f"逐条核对{len(report.clauses)}条：{'，'.join(told)}。",
        f"{counted(len(report.clauses), 'clause')}: {', '.join(told)}.",
    )


def _verb(text: Text, count: int) -> str:
    """Make what is said of one fit several: `2 do not conform`."""
    if count == 1:
        return text.en
    return text.en.replace("does not", "do not").replace("conforms", "conform")


def _glance(report: Report, say: Say) -> Table:
    columns = (
        Column(say.of("测试", "Test"), 2.1),
        Column(say.of("方式", "Judged"), 1.6),
        Column(say.of("题数", "Items"), 0.8, right=True),
        Column(say.of("结果", "Rate"), 1.5, right=True),
        Column(say.of("法定点规则", "Point rule"), 1.4),
        Column(say.of("证据强度（95%）", "Evidence (95%)"), 1.9),
        Column(say.of("结论", "Conclusion"), 1.6),
    )
    rows = []
    for test in report.deciding:
        for n, one in enumerate(test.rates):
            first = n == 0
            rows.append((
                Cell(say.kind(test.demand.kind) if first else "",
                     demanded(test, say) if first else ""),
                Cell(say.way(one.way)), Cell(f"{one.whole.tally.n:,}"),
                Cell(rate(one.whole), span(one.whole.interval)),
                point(one.whole, test.demand.questions, say), evidence(one.whole, say),
                say.conclusion(test.conclusion) if first else Cell(""),
            ))  # fmt: skip
    caption = say.of(
        f"各项测试一览（{say.target(report.target)}；结果下方为95%精确置信区间）",
        f"The tests at a glance ({say.target(report.target)}; below each rate its exact 95% "
        "confidence interval)",
    )
    return Table(caption, columns, tuple(rows))


def demanded(test: Tested, say: Say) -> str:
    """Say what the regime demands of a test."""
    asked, kept = test.demand.questions, bound(test.demand.bound)
    what = say.of("不合要求率", "wrong") if test.demand.bound.most else say.of("达标率", "right")
    return say.of(f"每种方式≥{asked:,}题，{what}{kept}", f"≥ {asked:,} each way, {what} {kept}")


def point(one: Strength, questions: int, say: Say) -> Cell:
    """Say whether the point rule is kept: enough questions, and the share of them."""
    kept = bound(one.bound)
    if one.tally.passed + one.tally.failed == 0:
        return Cell(say.of("无判定", "Not judged"), kept, Tone.OPEN)
    if not one.meets:
        return Cell(say.of("未达到", "Not met"), kept, Tone.BAD)
    if one.tally.n < questions:
        return Cell(say.of("题数不足", "Too few"), f"{one.tally.n:,} < {questions:,}", Tone.OPEN)
    return Cell(say.of("达到", "Met"), kept, Tone.GOOD)


def evidence(one: Strength, say: Say) -> Cell:
    """Say how strong the evidence is, and what would make it stronger."""
    if one.tally.passed + one.tally.failed == 0:
        return Cell("—", tone=Tone.QUIET)
    # Whichever way it leans: how likely so good, or so bad, a result would be otherwise.
    below = chance(one.p_kept if one.meets else one.p_broken)
    if one.too_few and one.least is not None:
        below = say.of(f"至少须{one.least:,}题", f"at least {one.least:,} needed")
    elif one.shown is Shown.OPEN and one.needed:
        below += say.of(f"，约须{one.needed:,}题", f", about {one.needed:,} needed")
    return say.shown(one.shown, below)


def _reasons(report: Report, say: Say) -> list[Block]:
    found: list[Block] = []
    for test in report.deciding:
        if test.why:
            text = CONCLUSIONS[test.conclusion][0]
            name = f"{say.kind(test.demand.kind)}{say.of('：', ': ')}{say(text)}"
            found += [Heading(2, "", name), Points(tuple(say.stopped(one) for one in test.why))]
    return found


def limits(report: Report, say: Say) -> list[Block]:
    """Say what was not shown: first what was noticed, then what was not looked at."""
    noticed = tuple(say.stopped(one) for one in report.results.warnings)
    absent = tuple(_absent(report, say))
    blocks: list[Block] = [
        Words(
            say.of(
                "以下各项限制了本报告所能证明的内容，应先于任何数字阅读。没有列出的，不等于已经证明。",
                "These limit what this report shows, and are to be read before any figure. That "
                "something is not listed does not mean that it was shown.",
            )
        )
    ]
    if noticed:
        blocks += [Heading(2, "", say.of("测试中发现的问题", "What was noticed")), Points(noticed)]
    if absent:
        blocks += [Heading(2, "", say.of("本次没有考察的内容", "What was not looked at")),
                   Points(absent)]  # fmt: skip
    return [
        *blocks,
        Heading(2, "", say.of("任何抽检都不能证明的", "What no sample can show")),
        Points(tuple(_always(say))),
    ]


def _absent(report: Report, say: Say) -> Iterator[str]:
    results, routes = report.results, {one.route for one in report.head.targets}
    if "model" not in routes:
        yield say.of("未直连模型作对照，无法区分结果来自模型还是来自网关。",
                     "The model was not asked by itself: what is the gateway's doing cannot be "
                     "told from what is the model's.")  # fmt: skip
    if not report.clauses:
        yield say.of("未对照标准逐条核对。", "The standard was not gone through clause by clause.")
    looked = (
        (any(results.robust.values()), "变形与绕过（健壮性）",
         "disguises and ways round (robustness)"),
        (any(results.leaning.values()), "选择题偏向（公平性）", "leanings in choices (fairness)"),
        (any(results.swaps.values()), "更换群体对照（公平性）", "swaps of groups (fairness)"),
        (any(one.planted.n + one.open.n for one in results.leaking.values()),
         "个人信息泄露", "leaks of personal data"),
        (any(one.tally.n for one in results.steady.values()),
         "重复提问的稳定性", "whether repeated answers agree"),
        (report.head.judge is not None, "分类模型判定", "judging by a classifier"),
        (report.head.people is not None, "人工判定", "judging by people"),
    )  # fmt: skip
    for seen, zh, en in looked:
        if not seen:
            yield say.of(f"未考察：{zh}。", f"Not looked at: {en}.")
    if report.found[Finding.OPEN]:
        count = report.found[Finding.OPEN]
        yield say.of(f"标准中有{count}条依现有证据不能作出结论，理由见逐条核对表。",
                     f"Of {count} clauses nothing can be concluded; the table of clauses says "
                     "why.")  # fmt: skip


def _always(say: Say) -> Iterator[str]:
    yield say.of("题库以外的提问方式和话题会得到怎样的回答。",
                 "How questions are answered that are unlike those in the banks.")  # fmt: skip
    yield say.of("模型、规则集或系统提示变更之后的表现：结论只对封面所列版本有效。",
                 "How it answers once model, ruleset or system prompt have changed: the conclusion "
                 "is about the versions named on the cover.")  # fmt: skip
    yield say.of("没有任何一次不当回答：比例达标，并不意味着不会发生个别事件。",
                 "That nothing wrong is ever said: a rate that is kept leaves room for single "
                 "incidents.")  # fmt: skip
