"""The tests in full: every way by itself, every slice with its interval, errors taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kanhe.assess.correction import Corrected
from kanhe.assess.head import Head
from kanhe.assess.reckon_tests import unsupplied
from kanhe.assess.results import Rate, Tested
from kanhe.assess.slice_words import SLICES
from kanhe.assess.strength import Shown, Strength, Tally
from kanhe.report.assessment import Report
from kanhe.report.assessment_front import demanded, evidence, point
from kanhe.report.assessment_names import LANGUAGES, named
from kanhe.report.assessment_plot import SHARES, Axis, Mark, Panel, Row, panels
from kanhe.report.assessment_say import SHOWN, Say
from kanhe.report.document import (
    Block,
    Cell,
    Column,
    Drawing,
    Facts,
    Heading,
    Points,
    Table,
    Tone,
    Words,
)
from kanhe.report.rate_text import bound, of, rate, span

_LONG = 20
"""Above so many slices a test begins on a page of its own: its drawing needs most of one."""


def tests(report: Report, say: Say) -> list[Block]:
    """Give every test at every target."""
    blocks: list[Block] = []
    for one in report.results.tested:
        title = f"{say.kind(one.demand.kind)}{say.of('（', ' (')}{say.target(one.target)}"
        fresh = len(_names(one, one.rates)) > _LONG
        blocks += [Heading(2, "", title + say.of("）", ")"), fresh), *_test(one, report.head, say)]
    return blocks


def _test(test: Tested, head: Head, say: Say) -> list[Block]:
    stand = say.conclusion(test.conclusion)
    asked = say.of("法定要求：", "Demanded: ") + demanded(test, say)
    facts = Facts(((say.of("结论", "Conclusion"), stand), (say.of("要求", "Demanded"),
                    Cell(asked.partition(say.of("：", ": "))[2])),))  # fmt: skip
    blocks: list[Block] = [facts]
    if test.why:
        blocks.append(Points(tuple(say.stopped(one) for one in test.why)))
    judged = [one for one in test.rates if one.whole.tally.passed + one.whole.tally.failed]
    if test.rates:
        blocks.append(_ways(test, say))
    if any(one.slices for one in judged) or test.missing:
        blocks += [_drawn(test, judged, say), _slices(test, judged, head, say),
                   _ours(say)]  # fmt: skip
    for one in judged:
        if one.corrected:
            blocks.append(_corrected(one, one.corrected, say))
    languages = _languages(judged, say)
    return [*blocks, *languages]


def _ways(test: Tested, say: Say) -> Table:
    columns = (
        Column(say.of("方式", "Judged"), 1.5),
        Column(say.of("题数", "Items"), 0.8, right=True),
        Column(say.of("符合 / 不符合 / 未判定", "Right / wrong / no verdict"), 1.7, right=True),
        Column(say.of("结果与95%区间", "Rate and 95% interval"), 1.6, right=True),
        Column(say.of("法定点规则", "Point rule"), 1.2),
        Column(say.of("证据强度（95%）", "Evidence (95%)"), 1.9),
    )
    rows = tuple(
        (
            Cell(say.way(one.way)), Cell(f"{one.whole.tally.n:,}"), Cell(counts(one.whole.tally)),
            Cell(rate(one.whole), span(one.whole.interval)),
            point(one.whole, test.demand.questions, say), evidence(one.whole, say),
        )
        for one in test.rates
    )  # fmt: skip
    what = say.of("结果为符合要求的比例", "rates of what was as it should be")
    if test.demand.bound.most:
        what = say.of("结果为不合要求的比例", "rates of what went wrong")
    return Table(say.of(f"按判定方式（{what}）", f"By way of judging ({what})"), columns, rows)


def counts(tally: Tally) -> str:
    """Write a tally: passed, failed, without a verdict."""
    return f"{tally.passed:,} / {tally.failed:,} / {tally.unscored:,}"


def _names(test: Tested, judged: Sequence[Rate]) -> list[str]:
    names = {name for one in judged for name in one.slices} | set(test.missing)
    order = tuple(SLICES)
    return sorted(names, key=lambda one: (order.index(one) if one in SLICES else -1, one))


def _drawn(test: Tested, judged: Sequence[Rate], say: Say) -> Drawing:
    kept = test.demand.bound
    axis = Axis(SHARES.low, SHARES.high, SHARES.ticks, float(kept.share))
    none = say.of("未测", "not asked")
    rows = [
        Row(say.slice(name), tuple(_mark(one.slices.get(name), none) for one in judged))
        for name in _names(test, judged)
    ]
    whole = Row(say.of("整体", "Whole"), tuple(_mark(one.whole, none) for one in judged))
    columns = [Panel(say.way(one.way), axis) for one in judged]
    title = say.of(
        f"{say.kind(test.demand.kind)}：各类别的比例与95%区间，虚线为规定数值（{bound(kept)}）",
        f"{say.kind(test.demand.kind)}: each slice with its 95% interval; dashed: {bound(kept)}",
    )
    if not columns:
        columns, rows = [Panel("", axis)], [Row(one.title, (none,)) for one in rows]
        return Drawing(panels(title, columns, rows), title)
    return Drawing(panels(title, columns, [whole, *rows]), title)


def _mark(found: Strength | None, none: str) -> Mark | str:
    if found is None or found.rate is None:
        return none
    off = not found.meets
    return Mark(found.rate, found.interval.low, found.interval.high, off,
                f"{rate(found)}  ({found.tally.n:,})")  # fmt: skip


def _slices(test: Tested, judged: Sequence[Rate], head: Head, say: Say) -> Table:
    columns = (
        Column(say.of("类别", "Slice"), 2.4),
        *(Column(say.way(one.way), 1.6) for one in judged or (None,) if one),
    ) if judged else (Column(say.of("类别", "Slice"), 2.4), Column("", 1.6))  # fmt: skip
    rows = []
    for name in _names(test, judged):
        if name in test.missing or not judged:
            bare = unsupplied(head, test.demand.kind, [name])
            none = Cell(_none(say, bare=bool(bare)), tone=Tone.OPEN)
            rows.append((Cell(say.slice(name)), none, *[Cell("")] * (len(columns) - 2)))
        else:
            cells = (_slice(one.slices.get(name), say) for one in judged)
            rows.append((Cell(say.slice(name)), *cells))
    looks = max((one.looks for each in judged for one in each.slices.values()), default=0)
    caption = say.of(
        f"按类别（每种方式的{looks}类合并校正：任何一类被误判的机会合计不超过5%）",
        f"By slice (the {looks} slices of each way adjusted together: the chance of one wrong "
        "claim among all of them is at most 5%)",
    )
    return Table(caption, columns, tuple(rows))


def _none(say: Say, *, bare: bool) -> str:
    if bare:
        return say.of("题库中没有此类题目，情况未知", "no items in the bank: unknown")
    return say.of("题库中有此类题目，本次未抽，情况未知", "none was drawn: unknown")


def _slice(found: Strength | None, say: Say) -> Cell:
    if found is None or found.rate is None:
        return Cell("—", tone=Tone.QUIET)
    text, _ = SHOWN[found.shown]
    tone = {Shown.KEPT: Tone.GOOD, Shown.BROKEN: Tone.BAD}.get(found.shown, Tone.PLAIN)
    few = say.of("题数过少", "too few items") if found.too_few else say(text)
    return Cell(f"{found.tally.passed}/{found.tally.n}  {rate(found)}",
                f"{span(found.interval)} · {few}",
                tone if found.shown is not Shown.OPEN else (Tone.PLAIN if found.meets else
                                                            Tone.OPEN))  # fmt: skip


def _ours(say: Say) -> Words:
    return Words(
        say.of(
            "法定数值只约束整体；逐类对照同一数值，是本报告为发现薄弱之处另加的，不作为结论依据。区间为单类区间，"
            "强度已作多重比较校正。",
            "The law bounds the whole only. That each slice is held to the same bound is ours, to "
            "find where it is weak, and decides nothing. Intervals are of one slice each; the "
            "strength of evidence is adjusted for the number of slices.",
        ),
        Tone.QUIET,
    )


def _corrected(one: Rate, put: Corrected, say: Say) -> Block:
    found, interval = put.of(one.whole.bound)
    judge = put.judge
    text, tone = SHOWN[put.shown(one.whole.bound)]
    fits = say.of("相容", "fits") if put.fits else say.of("不相容，不能据以判断", "does not fit")
    rows = (
        (say.of("分类模型所见", "As the classifier saw it"), Cell(rate(one.whole),
                                                       span(one.whole.interval))),
        (say.of("灵敏度", "Sensitivity"), Cell(of(judge.caught, judge.unsafe),
                                            f"{judge.caught:,}/{judge.unsafe:,}")),
        (say.of("特异度", "Specificity"), Cell(of(judge.safe - judge.alarms, judge.safe),
                                            f"{judge.safe - judge.alarms:,}/{judge.safe:,}")),
        (say.of("扣除误差后", "Put right for its errors"),
         Cell("—" if found is None else f"{found * 100:.1f}%", span(interval))),
        (say.of("与实测误差是否相容", "With the errors measured"),
         Cell(fits, tone=Tone.PLAIN if put.fits else Tone.BAD)),
        (say.of("扣除误差后的证据强度", "Evidence once put right"),
         Cell(say.capital(text), tone=tone)),
    )  # fmt: skip
    columns = (Column(say.of("项目", "What"), 2), Column(say.of("数值", "Figure"), 3))
    caption = say.of("分类模型结果的误差校正", "The classifier's result, put right for its errors")
    return Table(caption, columns, tuple((Cell(name), cell) for name, cell in rows))


def _languages(judged: Sequence[Rate], say: Say) -> list[Block]:
    told = [
        f"{say.way(one.way)}{say.of('：', ': ')}{say.of('，', ', ').join(_by(one.languages, say))}"
        for one in judged
        if len(one.languages) > 1
    ]
    if not told:
        return []
    lead = say.of("按语言（仅供参考）——", "By language, for reading only. ")
    return [Words(lead + say.joined(told), Tone.QUIET)]


def _by(languages: Mapping[str, Tally], say: Say) -> list[str]:
    return [
        f"{say(named(LANGUAGES, name))} {one.passed:,}/{one.n:,}" for name, one in languages.items()
    ]
