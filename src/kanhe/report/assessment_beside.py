"""What is looked at beside the tests: gateway against model, disguises, groups, leaks, repetitions.

No law bounds these figures, so none of them decides the conclusion; the report says so where they
stand. What was not asked has no section, and the limits name it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kanhe.assess.comparison import Comparison
from kanhe.assess.fairness import Leaning, Swapped
from kanhe.assess.item import BankKind
from kanhe.assess.robustness import Robust
from kanhe.assess.strength import Tally
from kanhe.judge.exact import Interval, clopper_pearson
from kanhe.report.assessment import Report
from kanhe.report.assessment_names import GROUNDS, LEAKS, named
from kanhe.report.assessment_plot import CHANGES, SCORES, SHARES, Mark, Panel, Row, panels
from kanhe.report.assessment_say import Say
from kanhe.report.assessment_tests import counts
from kanhe.report.document import Block, Cell, Column, Drawing, Heading, Table, Tone, Words
from kanhe.report.rate_text import chance, of, points, points_span, score, score_span, span


def routes(report: Report, say: Say) -> list[Block]:
    """Compare the gateway with the model alone."""
    found = report.results.routes
    if not found:
        return []
    rows, drawn = [], []
    for name, one in found.items():
        test = say.kind(BankKind(name))
        model, gateway = one.both + len(one.lost), one.both + len(one.gained)
        rows.append((
            Cell(test), Cell(f"{one.compared:,}"), Cell(of(model, one.compared)),
            Cell(of(gateway, one.compared)), Cell(f"+{len(one.gained):,} / −{len(one.lost):,}"),
            Cell(points(one.change), points_span(one.bounds)), _sure(one, say),
        ))  # fmt: skip
        drawn += [
            Row(f"{test}{say.of('：', ': ')}{say.target(route)}", (_exact(hits, one.compared),))
            for route, hits in (("model", model), ("gateway", gateway))
        ]
    columns = (
        Column(say.of("测试", "Test"), 2),
        Column(say.of("可比题数", "Compared"), 1, right=True),
        Column(say.target("model"), 1, right=True),
        Column(say.target("gateway"), 1.1, right=True),
        Column(say.of("变好 / 变差", "Gained / lost"), 1.1, right=True),
        Column(say.of("变化（百分点）与95%区间", "Change in points, 95%"), 1.6, right=True),
        Column(say.of("是否出于偶然", "Chance alone?"), 1.6),
    )
    title = say.of("同一批题目，直连模型与经网关符合要求的比例",
                   "The same items: how many came out well, model alone and gateway")  # fmt: skip
    return [
        Words(say.of(
            "同一道题分别直接问模型、经网关问模型，逐题配对比较；只看结果不同的题（McNemar精确检验）。"
            "变差的题同样列出：网关拦住不该拦的，也是损失。",
            "Each item is asked of the model alone and through the gateway, and compared item by "
            "item; only items that came out differently count (McNemar's exact test). What was "
            "lost is told as well: to stop what should not be stopped is a loss.",
        )),
        Drawing(panels(title, [Panel("", SHARES)], drawn), title),
        Table(say.of("网关与模型对照", "Gateway against model"), columns, tuple(rows)),
    ]  # fmt: skip


def _sure(one: Comparison, say: Say) -> Cell:
    p = chance(one.p)
    if one.better:
        return Cell(say.of("确有改善", "Better, beyond chance"), p, Tone.GOOD)
    if one.worse:
        return Cell(say.of("确有变差", "Worse, beyond chance"), p, Tone.BAD)
    return Cell(say.of("不能排除偶然", "May be chance"), p)


def _exact(hits: int, n: int) -> Mark | str:
    if not n:
        return "—"
    ends = clopper_pearson(hits, n)
    return Mark(hits / n, ends.low, ends.high, said=f"{of(hits, n)}  ({n:,})")


def robustness(report: Report, say: Say) -> list[Block]:
    """Say what disguises and frames do."""
    blocks: list[Block] = []
    for target, found in report.results.robust.items():
        if found:
            worst = report.results.any_variant.get(target)
            blocks += [
                Heading(2, "", say.target(target)),
                *_robust(found, worst, say),
            ]
    if not blocks:
        return []
    lead = say.of(
        "未通过的题全部、通过的题抽一部分，换上各种写法和说法再问。每种变体内各题相互独立，"
        "同一题的各种变体则不然，因此只按变体分别计算，不作合计；攻击者只需一种办法奏效，故另列“任一变体均未突破”的比例。",
        "All items that failed, and a sample of those that passed, are asked again in disguises "
        "and in frames. Items of one variant are independent, variants of one item are not, so "
        "rates are by variant and never added up. An attacker needs one way only: hence the share "
        "that no variant broke.",
    )
    return [Words(lead), *blocks]


def _robust(found: Sequence[Robust], worst: Tally | None, say: Say) -> Iterator[Block]:
    title = say.of("原样提问时通过的题，换一种问法后仍通过的比例",
                   "Items that passed as they stand: those that pass in each variant")  # fmt: skip
    rows = [
        Row(say.variant(one.variant),
            (_told(one.passed, one.kept),))
        for one in found
    ]  # fmt: skip
    yield Drawing(panels(title, [Panel("", SHARES)], rows), title)
    columns = (
        Column(say.of("变体", "Variant"), 2),
        Column(say.of("仍通过 / 被突破 / 未判定", "Kept / broken / no verdict"), 1.7, right=True),
        Column(say.of("仍通过的比例与95%区间", "Kept, 95%"), 1.7, right=True),
        Column(say.of("原未通过、此次通过", "Failed before, pass now"), 1.5, right=True),
    )
    yield Table(
        say.of("各种变体", "Variants, the worst first"),
        columns,
        tuple(
            (
                Cell(say.variant(one.variant)),
                Cell(counts(one.passed)),
                Cell(of(one.passed.passed, one.passed.n), span(one.kept) if one.passed.n else ""),
                Cell(f"{one.failed.passed:,} / {one.failed.n:,}"),
            )
            for one in found
        ),
    )
    if worst and worst.n:
        share = of(worst.passed, worst.n)
        yield Words(say.of(
            f"{worst.n:,}道原样通过的题中，{worst.passed:,}道（{share}）在问过的所有变体下都未被突破。",
            f"Of {worst.n:,} items that passed as they stand, {worst.passed:,} ({share}) were "
            "broken by none of the variants asked.",
        ))  # fmt: skip


def _told(tally: Tally, ends: Interval) -> Mark | str:
    if not tally.n:
        return "—"
    rate = tally.passed / tally.n
    return Mark(rate, ends.low, ends.high, said=f"{of(tally.passed, tally.n)}  ({tally.n:,})")


def fairness(report: Report, say: Say) -> list[Block]:
    """Say whether belonging to a group changes the answer."""
    blocks: list[Block] = []
    for target, found in report.results.leaning.items():
        if found:
            name = say.of(f"选择题偏向（{say.target(target)}）", f"Choices ({say.target(target)})")
            blocks += [Heading(2, "", name), *_leanings(found, say)]
    for target, swaps in report.results.swaps.items():
        if any(swaps.values()):
            name = say.of(f"更换群体（{say.target(target)}）", f"Swaps ({say.target(target)})")
            blocks += [Heading(2, "", name), *_swaps(swaps, say)]
    return blocks


def _leanings(found: Mapping[str, Leaning], say: Say) -> Iterator[Block]:
    title = say.of("偏向得分与95%区间：+1总是顺着成见，−1总是反着，0为无偏",
                   "Score with its 95% interval: +1 always with the stereotype, −1 against, 0 "
                   "neither")  # fmt: skip
    columns = [
        Panel(say.of("题中有线索", "With a clue"), SCORES),
        Panel(say.of("题中无线索", "Without one"), SCORES),
    ]
    none = say.of("无数据", "nothing to score")
    rows = [
        Row(say(named(GROUNDS, ground)), (_score(one.bias_with, none),
                                          _score(one.bias_without, none)))
        for ground, one in found.items()
    ]  # fmt: skip
    yield Words(say.of(
        "题中出现两个不同群体的人，问一件与其中一人有关的事。没有线索时，正确答案是“无法判断”。",
        "Two people of different groups, and a question about one of them. Without a clue the "
        "right answer is that it cannot be known.",
    ))  # fmt: skip
    yield Drawing(panels(title, columns, rows), title)
    table = (
        Column(say.of("属性", "Ground"), 1.4),
        Column(say.of("可读 / 不可读", "Readable / not"), 1.2, right=True),
        Column(say.of("答对（有线索）", "Right, with a clue"), 1.3, right=True),
        Column(say.of("答对（无线索）", "Right, without"), 1.3, right=True),
        Column(say.of("偏向（有线索）", "Score, with"), 1.5, right=True),
        Column(say.of("偏向（无线索）", "Score, without"), 1.5, right=True),
    )
    yield Table(
        say.of("按受保护属性", "By protected attribute"),
        table,
        tuple(
            (
                Cell(say(named(GROUNDS, ground))),
                Cell(f"{one.n:,} / {one.unreadable:,}"),
                Cell(_right(one.right_with)),
                Cell(_right(one.right_without)),
                _biased(one.bias_with),
                _biased(one.bias_without),
            )
            for ground, one in found.items()
        ),
    )


def _score(found: tuple[float, Interval] | None, none: str) -> Mark | str:
    if found is None:
        return none
    value, ends = found
    return Mark(value, ends.low, ends.high, not ends.low <= 0 <= ends.high)


def _biased(found: tuple[float, Interval] | None) -> Cell:
    if found is None:
        return Cell("—", tone=Tone.QUIET)
    value, ends = found
    off = not ends.low <= 0 <= ends.high
    return Cell(score(value), score_span(ends), Tone.BAD if off else Tone.PLAIN)


def _right(pair: tuple[int, int]) -> str:
    return f"{pair[0]:,}/{pair[1]:,}  {of(*pair)}"


def _swaps(found: Mapping[str, Sequence[Swapped]], say: Say) -> Iterator[Block]:
    flat = [(ground, one) for ground, some in found.items() for one in some]
    title = say.of("点名某一群体后，符合要求的比例变化（百分点）",
                   "How naming a group changes the share that comes out well (points)")  # fmt: skip
    rows = [
        Row(f"{say(named(GROUNDS, ground))}{say.of('：', ': ')}{say.group(one.group)}",
            (Mark(one.change.change, one.change.bounds.low, one.change.bounds.high,
                  one.singled_out, points(one.change.change)),))
        for ground, one in flat
    ]  # fmt: skip
    yield Words(say.of(
        "同一个请求，只换其中的群体，与不点名任何群体的问法逐题比较；同一属性下的各群体合并校正。",
        "One request with nothing changed but the group, against the same about nobody in "
        "particular; the groups of one ground are adjusted together.",
    ))  # fmt: skip
    yield Drawing(panels(title, [Panel("", CHANGES)], rows), title)
    columns = (
        Column(say.of("属性", "Ground"), 1.1),
        Column(say.of("群体", "Group"), 1.6),
        Column(say.of("可比", "Compared"), 0.9, right=True),
        Column(say.of("变好 / 变差", "Gained / lost"), 1.2, right=True),
        Column(say.of("变化与区间（百分点）", "Change, points"), 1.7, right=True),
        Column(say.of("是否区别对待", "Singled out?"), 1.5),
    )
    yield Table(
        say.of("按群体（受影响最大的在前）", "By group, the most harmed first"),
        columns,
        tuple(
            (
                Cell(say(named(GROUNDS, ground))),
                Cell(say.group(one.group)),
                Cell(f"{one.change.compared:,}"),
                Cell(f"+{len(one.change.gained):,} / −{len(one.change.lost):,}"),
                Cell(points(one.change.change), points_span(one.change.bounds)),
                _singled(one, say),
            )
            for ground, one in flat
        ),
    )


def _singled(one: Swapped, say: Say) -> Cell:
    if one.singled_out:
        return Cell(say.of("是，非偶然所能解释", "Yes, beyond chance"), chance(one.p), Tone.BAD)
    return Cell(say.of("未见", "Not shown"), chance(one.p))


def privacy(report: Report, say: Say) -> list[Block]:
    """Say what was given away."""
    found = {name: one for name, one in report.results.leaking.items()
             if one.planted.n + one.open.n}  # fmt: skip
    if not found:
        return []
    columns = (
        Column(say.of("对象", "Target"), 1.2),
        Column(say.of("探针", "Probes"), 2),
        Column(say.of("守住 / 泄露 / 未判定", "Kept / given away / no verdict"), 1.8, right=True),
        Column(say.of("守住的比例与95%区间", "Kept, 95%"), 1.7, right=True),
        Column(say.of("泄露了什么", "What was given away"), 2.2),
    )
    rows = []
    for target, one in found.items():
        sure = [leak.kind for leak in one.leaks if leak.certain]
        maybe = [leak.kind for leak in one.leaks if not leak.certain]
        rows += [
            (Cell(say.target(target)), Cell(say.of("预埋信息", "With a plant")),
             Cell(counts(one.planted), tone=Tone.BAD if one.planted.failed else Tone.PLAIN),
             Cell(of(one.planted.passed, one.planted.n), span(one.kept)), Cell(_leaks(sure, say))),
            (Cell(""), Cell(say.of("未预埋，索要他人信息", "Without: a stranger's data asked for")),
             Cell(counts(one.open)), Cell("—", tone=Tone.QUIET), Cell(_leaks(maybe, say))),
        ]  # fmt: skip
    return [
        Words(say.of(
            "一类探针先在上文埋入一条个人信息，再设法套取，说出即为泄露；另一类索要陌生人的信息，答复中出现的"
            "号码、证件等可能是真的，也可能是编造的，须由人查看，因此不计比例。报告不载任何此类内容。",
            "One kind of probe has something personal planted before and tries to get at it: if it "
            "comes back, that is a leak. The other asks for a stranger's data; what is found in "
            "the answer may be true or made up and is for people to look at, so there is no rate "
            "of it. None of it stands in this report.",
        )),
        Table(say.of("个人信息泄露探测", "Probes for leaks"), columns, tuple(rows)),
    ]  # fmt: skip


def _leaks(kinds: Sequence[str], say: Say) -> str:
    if not kinds:
        return "—"
    some = sorted(set(kinds))
    return say.listed(f"{say(named(LEAKS, one))} ×{kinds.count(one)}" for one in some)


def reliability(report: Report, say: Say) -> list[Block]:
    """Say whether it says the same again, in due form, with the facts right, and answers at all."""
    results = report.results
    rows: list[tuple[Cell, ...]] = []
    for target in dict.fromkeys(one.route for one in report.head.targets):
        rows += list(_reliable(report, target, say))
    if not rows:
        return []
    columns = (
        Column(say.of("对象", "Target"), 1.1),
        Column(say.of("考察内容", "What"), 2.2),
        Column(say.of("结果", "Result"), 2),
        Column(say.of("说明", "Note"), 2.6),
    )
    return [
        Table(say.of("可靠性", "Reliability"), columns, tuple(rows)),
        *(() if not results.twice else (Words(say.of(
            f"{results.twice:,}次提问的答复被同一方式判定过不止一次，以首次得出的判定为准。",
            f"{results.twice:,} answers were judged more than once in one way; the first verdict "
            "counts.",
        ), Tone.QUIET),)),
    ]  # fmt: skip


def _reliable(report: Report, target: str, say: Say) -> Iterator[tuple[Cell, ...]]:
    results, where = report.results, Cell(say.target(target))
    again = results.steady.get(target)
    if again and again.tally.n:
        alpha = again.beyond_chance
        agreed = "—" if alpha is None else f"{alpha.value:.2f}"
        yield (
            where, Cell(say.of("重复提问，判定一致", "Asked again, verdicts agree")),
            Cell(_share(again.tally), span(again.share)),
            Cell(say.of(f"扣除偶然后的一致性α = {agreed}；{again.same:,}题每次答复完全相同",
                        f"agreement beyond chance α = {agreed}; {again.same:,} got the very same "
                        "answer each time")),
        )  # fmt: skip
    forms = results.malformed.get(target)
    if forms and forms.n:
        yield (where, Cell(say.of("答复形式正常", "Answers in due form")),
               Cell(_share(forms)),
               Cell(say.of("空白、循环重复、语种不符为不正常",
                           "empty, going round in circles, or in another language is not")),
               )  # fmt: skip
    facts = results.facts.get(target)
    if facts and facts.n:
        yield (where, Cell(say.of("事实要点答对", "Facts right")),
               Cell(_share(facts)),
               Cell(say.of("只统计题库载有答案要点的题", "of items whose bank holds the fact")),
               )  # fmt: skip
    codes = results.failed.get(target)
    if codes:
        told = say.listed(f"{code} {count:,}" for code, count in codes.items())
        yield (where, Cell(say.of("没有得到答复", "No answer")),
               Cell(f"{sum(codes.values()):,}", tone=Tone.OPEN), Cell(told))  # fmt: skip


def _share(one: Tally) -> str:
    return f"{one.passed:,}/{one.n:,}  {of(one.passed, one.n)}"
