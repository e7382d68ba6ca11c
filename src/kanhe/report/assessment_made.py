"""How an assessment was made: its banks, its judges and their errors, its people, its method."""

from __future__ import annotations

from collections.abc import Iterator

from kanhe.assess.bank_finding import Weight
from kanhe.assess.head import BankSeen, Evidence, JudgeSeen, PeopleSeen
from kanhe.assess.item import BankKind
from kanhe.judge.counts import Counts, Figure, Reading, figure
from kanhe.report.assessment import Report
from kanhe.report.assessment_say import Say
from kanhe.report.document import (
    Block,
    Cell,
    Column,
    Facts,
    Heading,
    Points,
    Table,
    Tone,
    Words,
)
from kanhe.report.rate_text import of, span
from kanhe.terms import Text

_BANKS = {
    BankKind.OUTPUT: Text("生成内容测试题", "output"),
    BankKind.REFUSE: Text("应拒答题", "should be refused"),
    BankKind.ANSWER: Text("非拒答题", "should not be refused"),
}
_WEIGHTS = {
    Weight.REJECTS: Text("不予采用", "rejected"),
    Weight.FALLS_SHORT: Text("未达要求", "falls short"),
    Weight.WARNS: Text("提示", "warning"),
}


def banks(report: Report, say: Say) -> list[Block]:
    """Tell the banks as they were, and what is wrong with them."""
    if not report.head.banks:
        return []
    columns = (
        Column(say.of("题库", "Bank"), 2.3),
        Column(say.of("类型", "Kind"), 1.2),
        Column(say.of("在库 / 抽取", "Items / drawn"), 1.2, right=True),
        Column(say.of("更新日期", "Updated"), 1.1),
        Column(say.of("复核人数", "Reviewers"), 0.9, right=True),
        Column(say.of("SHA-256", "SHA-256"), 2.3),
    )
    rows = tuple(_bank(one, say) for one in report.head.banks)
    lead = Words(say.of(
        "题目在提问之前即已确定，并以哈希固定；抽样按计划中的种子进行，事后不能挑选。",
        "The items were fixed by hash before anything was asked, and drawn by the seed of the "
        "plan: nobody could choose them afterwards.",
    ))  # fmt: skip
    found = tuple(_found(one, say) for one in report.head.banks if _short(one) or one.findings)
    blocks: list[Block] = [lead, Table(say.of("题库", "Banks"), columns, rows)]
    if found:
        blocks += [Heading(2, "", say.of("题库的问题", "What was found of the banks"))]
        blocks += [Points(tuple(line for some in found for line in some))]
    return blocks


def _bank(one: BankSeen, say: Say) -> tuple[Cell, ...]:
    items, drawn = sum(one.items.values()), sum(one.drawn.values())
    return (
        Cell(say(one.title), f"{one.id} · {one.version}"),
        Cell(say.capital(_BANKS[one.kind])),
        Cell(f"{items:,} / {drawn:,}"),
        Cell(one.updated.isoformat()),
        Cell(f"{one.reviewers:,}", tone=Tone.PLAIN if one.reviewers else Tone.OPEN),
        Cell(one.sha256, mono=True),
    )


def _short(one: BankSeen) -> list[str]:
    return [name for name, least in one.wanted.items() if one.items.get(name, 0) < least]


def _found(one: BankSeen, say: Say) -> tuple[str, ...]:
    lines = [
        f"{say(one.title)}{say.of('：', ': ')}[{say(_WEIGHTS[found.weight])}] "
        + say.stopped(found.what)
        for found in one.findings
    ]
    if short := _short(one):
        told = [f"{name} {one.items.get(name, 0)}/{one.wanted[name]}" for name in short]
        lines.append(say.of(
            f"{say(one.title)}：{len(short)}类题数少于规定（在库/应有）：{'、'.join(told)}。",
            f"{say(one.title)}: {len(short)} slices have fewer items than demanded (have/want): "
            f"{', '.join(told)}.",
        ))  # fmt: skip
    return tuple(lines)


def judges(report: Report, say: Say) -> list[Block]:
    """Tell who judged, how often they are wrong, and what was noticed of them."""
    head = report.head
    blocks: list[Block] = []
    if head.ways:
        rows = tuple((name, Cell(version, mono=True)) for name, version in head.ways.items())
        blocks += [Heading(2, "", say.of("规则与识别器的版本", "Versions of rules and detectors")),
                   Facts(rows)]  # fmt: skip
    blocks.append(Heading(2, "", say.of("分类模型", "The classifier")))
    blocks += (
        _judge(head.judge, say)
        if head.judge
        else [Words(say.of("本次未使用分类模型。", "No classifier was used."))]
    )
    blocks.append(Heading(2, "", say.of("人工判定", "People")))
    blocks += (
        _people(head.people, say)
        if head.people
        else [Words(say.of("本次没有人工判定。", "No person judged."))]
    )
    return blocks


def _judge(one: JudgeSeen, say: Say) -> list[Block]:
    record = Cell(one.record, mono=True) if one.record else Cell(
        say.of("未采用", "not admitted"), tone=Tone.BAD)  # fmt: skip
    pinned = (
        say.of("是，哈希涵盖权重", "yes, the hash covers its weights")
        if one.pinned
        else say.of("否，由外部接口提供", "no, it is behind an endpoint")
    )
    rows = (
        (say.of("名称", "Name"), Cell(one.name, one.model)),
        (say.of("判定哈希", "Hash"), Cell(one.hash, mono=True)),
        (say.of("能否固定", "Pinned"), Cell(pinned, tone=Tone.PLAIN if one.pinned else Tone.OPEN)),
        (say.of("阈值", "Threshold"), Cell(f"{one.threshold:g}")),
        (say.of("采用所依据的测量记录", "Admitted by the record"), record),
    )
    blocks: list[Block] = [Facts(rows)]
    if one.quality:
        blocks.append(_errors(one.quality, say))
    doubts = [say.stopped(text) for text in one.refused]
    doubts += [f"[{code}] {say.stopped(text)}" for code, text in one.doubts]
    if doubts:
        blocks += [Words(say.of("对该模型的疑问：", "Doubts about it:")), Points(tuple(doubts))]
    elif one.record:
        blocks.append(Words(say.of(
            "评测前后以对照文本检查，未见失效、变动、过慢、偏向或大量不作答。",
            "Checked with control texts before and after the run: neither broken nor moved, slow, "
            "biased or silent.",
        )))  # fmt: skip
    return blocks


def _errors(counts: Counts, say: Say) -> Table:
    columns = (
        Column(say.of("指标", "Figure"), 1.8),
        Column(say.of("数值", "Value"), 1, right=True),
        Column(say.of("95%区间", "95% interval"), 1.4, right=True),
        Column(say.of("依据", "From"), 2),
    )
    named = (
        ("sensitivity", "灵敏度（有害文本中标出的）", "Sensitivity (of unsafe texts, flagged)"),
        ("specificity", "特异度（无害文本中放过的）", "Specificity (of safe texts, let through)"),
        ("precision", "精确率（标出的文本中确为有害的）", "Precision (of flagged texts, unsafe)"),
    )
    rows = []
    for name, zh, en in named:
        found = figure(name, counts, Reading.AGAINST)
        rows.append((Cell(say.of(zh, en)), *_figure(found, say)))
    caption = say.of(
        f"该模型自身的误差（在{counts.rows:,}条已标注文本上测得；未作答的按错误计）",
        f"Its own errors (measured on {counts.rows:,} labelled texts; no opinion counts as wrong)",
    )
    return Table(caption, columns, tuple(rows))


def _figure(found: Figure | None, say: Say) -> tuple[Cell, Cell, Cell]:
    if found is None:
        return Cell("—"), Cell("—"), Cell(say.of("无从得知", "cannot be told"), tone=Tone.QUIET)
    return (
        Cell(f"{found.value * 100:.1f}%"),
        Cell(span(found.interval)),
        Cell(say.of(f"{found.n:,}条", f"{found.n:,} texts"), tone=Tone.QUIET),
    )


def _people(one: PeopleSeen, say: Say) -> list[Block]:
    def told(value: float | None) -> str:
        return say.of("无从得知", "cannot be told") if value is None else f"{value:.2f}"

    rows = (
        (say.of("抽取 / 已判定", "Drawn / judged"), Cell(
            f"{one.drawn:,} / {one.judged:,}",
            tone=Tone.PLAIN if one.judged >= one.drawn else Tone.OPEN)),
        (say.of("两人独立判定", "Judged by two, independently"), Cell(
            f"{one.doubled:,}",
            say.of(f"其中一致{one.agreed:,}题（{of(one.agreed, one.doubled)}）",
                   f"of these {one.agreed:,} alike ({of(one.agreed, one.doubled)})"))),
        (say.of("科恩κ", "Cohen's κ"), Cell(told(one.kappa))),
        (say.of("克里彭多夫α", "Krippendorff's α"), Cell(told(one.alpha))),
        (say.of("合议决定 / 尚待合议", "Decided by the panel / waiting"), Cell(
            f"{one.panel:,} / {one.open:,}", tone=Tone.OPEN if one.open else Tone.PLAIN)),
    )  # fmt: skip
    lead = say.of(
        "判定人只看到问题和答复，看不到机器判定，也看不到他人的判定；判定人以代号记录。",
        "Who judged saw question and answer, and neither the machine's verdict nor anybody else's; "
        "people are recorded by pseudonym.",
    )
    return [Words(lead), Facts(rows)]


def handed(report: Report, say: Say) -> list[Block]:
    """Show the evidence of other tools, beside ours."""
    blocks: list[Block] = []
    for one in report.head.evidence:
        blocks += _handed(one, say)
    if not blocks:
        return []
    lead = say.of("以下结果来自其他工具，原样列出，不计入本报告的任何指标和结论。",
                  "These come of other tools. They are shown as they were handed in, and are in "
                  "none of the figures and conclusions.")  # fmt: skip
    return [Words(lead), *blocks]


def _handed(one: Evidence, say: Say) -> Iterator[Block]:
    yield Heading(2, "", f"{one.title} ({one.tool})")
    columns = (
        Column(say.of("项目", "What"), 3),
        Column(say.of("通过 / 判定", "Passed / judged"), 1.2, right=True),
        Column(say.of("比例", "Share"), 1, right=True),
    )
    rows = tuple((Cell(name), Cell(f"{passed:,} / {n:,}"), Cell(of(passed, n)))
                 for name, passed, n in one.rows)  # fmt: skip
    yield Table(f"SHA-256 {one.sha256}", columns, rows)
