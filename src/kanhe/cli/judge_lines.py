"""How a judge's record looks on a terminal: figures with their intervals, and what they rest on.

It reads without colour, and in columns that hold with Chinese headings too. A figure that the rows
cannot give is a dash, never a 0.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import click

from kanhe.adapters.judge_records import Entered
from kanhe.cli.place import Place
from kanhe.judge.bias import Bias, Gap, Named, Shift, gap, of_swaps, singled_out
from kanhe.judge.category import CATEGORIES
from kanhe.judge.counts import Counts, Figure, Reading, figure
from kanhe.judge.drift import Drift, Move
from kanhe.judge.port import Opinion
from kanhe.judge.record import Record, of_category, own_thresholds
from kanhe.judge.score import MILLION, By, slices
from kanhe.terms import Text, counted

SHOWN = ("sensitivity", "fpr", "f1", "balanced")
_HEADS = {
    "sensitivity": Text("检出率", "sensitivity"),
    "fpr": Text("误报率", "FPR"),
    "f1": Text("F1", "F1"),
    "balanced": Text("平衡准确率", "balanced"),
}
_BY: Mapping[By, Text] = {
    "set": Text("数据集", "Set"),
    "lang": Text("语言", "Language"),
    "kind": Text("文本类型", "Kind"),
    "category": Text("类别", "Category"),
}
_KINDS = {
    "prompt": Text("提示", "prompt"), "response": Text("回答", "response"),
    "post": Text("帖文", "post"),
}  # fmt: skip
_NAME, _ROWS, _CELL = 32, 8, 21
_MOST = 16
"""Categories shown where not all are asked for: those with the most rows."""
_BAR = 30
_EIGHTHS = "▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells records in one language."""

    place: Place

    def _(self, zh: str, en: str) -> str:
        return self.place.say(Text(zh, en))

    def whole(self, record: Record, *, full: bool) -> Iterator[str]:
        """Tell a record; with `full` also the categories' own probabilities and reliability."""
        yield from self.head(record)
        yield from self._own(record)
        yield from ("", self._heads(), *self._part(record, "all"))
        for by, name in _BY.items():
            if len(slices(record.cells, by)) > 1 or by == "set":
                yield click.style(self.place.say(name), bold=True)
                yield from self._part(record, by, None if full or by != "category" else _MOST)
        if record.found and full:
            yield click.style(self._("各类别自身概率", "Categories by their own probability"),
                              bold=True)  # fmt: skip
            for one in record.found:
                yield self._row(f"{one.category} {one.lang}", one.counts)
        if record.apart:
            yield click.style(self._("单列，不计入以上各项", "Apart, in none of the figures above"),
                              bold=True)  # fmt: skip
            for key, counts in slices(record.apart, "category").items():
                yield self._row(key, counts)
        yield from ("", *self._confusion(record.counts))
        yield from self._readings(record.counts)
        yield from self._calibration(record, full=full)
        yield from self.bias(record.bias)

    def head(self, record: Record) -> Iterator[str]:
        """Tell who was measured, on how much, at which threshold, and how quick it was."""
        judge, counts = record.judge, record.counts
        name = click.style(judge.name, bold=True)
        yield f"{name} · {judge.model} · {judge.hash[:12]}"
        part = {
            "test": Text("测试部分", "test part"), "all": Text("全部数据", "all rows"),
            "calibration": Text("校准部分", "calibration part"),
            "train": Text("训练部分", "training part"),
        }[record.part]  # fmt: skip
        limit = self._(f"，每集至多 {record.limit} 条", f", at most {record.limit} a set") if (
            record.limit) else ""  # fmt: skip
        yield self._(
            f"{counts.rows:,} 条（{part.zh}{limit}），其中有害 {counts.unsafe:,}、"
            f"无害 {counts.safe:,}",
            f"{counted(counts.rows, 'row')} ({part.en}{limit}): {counts.unsafe:,} unsafe, "
            f"{counts.safe:,} safe",
        )
        yield self._threshold(record)
        times = record.times
        yield self._(
            f"每条平均 {times.mean / 1000:.2f} 毫秒，95% 在 {times.p95 / 1000:.2f} 毫秒内"
            f"（每批 {times.batch} 条）",
            f"{times.mean / 1000:.2f} ms a text on the average, 95 % within "
            f"{times.p95 / 1000:.2f} ms (batches of {times.batch})",
        )

    def _own(self, record: Record) -> Iterator[str]:
        """Tell how a category is found at the threshold that was given for it: it was asked for."""
        given = own_thresholds(record)
        if not given:
            return
        yield ""
        title = self._("按类别自身概率及其阈值", "By a category's own probability")
        yield click.style(title, bold=True)
        yield self._heads()
        for category, at in given.items():
            tables = {one.lang: one.counts for one in record.found if one.category == category}
            name = f"{category} ≥{at / MILLION:g}"
            if not tables:
                yield _left(f"  {name}", _NAME) + "  " + self._(
                    "无从测评：研判模型不给出该类别的概率，或没有标为该类别的有害样本",
                    "not measured: the judge gives no such probability, or no unsafe row is "
                    "labelled with it",
                )  # fmt: skip
                continue
            yield self._row(name, of_category(record, category))
            for lang, counts in tables.items() if len(tables) > 1 else ():
                yield self._row(f"  {lang}", counts)
        yield ""
        yield click.style(self._(f"按总体概率 unsafe ≥{record.threshold / MILLION:g}",
                                 f"By the overall probability, unsafe ≥"
                                 f"{record.threshold / MILLION:g}"), bold=True)  # fmt: skip

    def _threshold(self, record: Record) -> str:
        at = f"{record.threshold / MILLION:g}"
        chosen = record.chosen
        given = own_thresholds(record)
        if given and chosen is None:
            told = ", ".join(f"{name} {one / MILLION:g}" for name, one in given.items())
            return self._(f"阈值 {told}；总体 unsafe {at}", f"thresholds {told}; of unsafe {at}")
        if chosen is None:
            return self._(f"阈值 {at}（给定）", f"threshold {at}, given")
        return self._(
            f"阈值 {at}，按 {chosen.aim} 在校准部分的 {chosen.rows:,} 条上选定",
            f"threshold {at}, chosen by {chosen.aim} on {counted(chosen.rows, 'row')} of the "
            "calibration part",
        )

    def _heads(self) -> str:
        cells = "".join(_right(self.place.say(_HEADS[name]), _CELL) for name in SHOWN)
        return " " * _NAME + _right(self._("条数", "rows"), _ROWS) + cells

    def _part(self, record: Record, by: By, most: int | None = None) -> Iterator[str]:
        parts = slices(record.cells, by)
        keys = sorted(parts, key=lambda key: -parts[key].rows)[:most] if most else list(parts)
        for key in parts:
            if key in keys:
                yield self._row(self._key(by, key), parts[key])
        if left := len(parts) - len(keys):
            yield self._(f"  …另有 {left} 类，见 judge show",
                         f"  … {left} more with fewer rows; `judge show` has them")  # fmt: skip

    def _key(self, by: By, key: str) -> str:
        if by == "all":
            return self._("全部", "All")
        if by == "kind" and key in _KINDS:
            return self.place.say(_KINDS[key])
        return key

    def _row(self, name: str, counts: Counts) -> str:
        cells = "".join(_right(_cell(figure(one, counts)), _CELL) for one in SHOWN)
        note = (
            ""
            if counts.safe
            else self._("  没有无害样本，只有检出率", "  no safe rows: recall only")
        )
        return _left(f"  {name}", _NAME) + _right(f"{counts.rows:,}", _ROWS) + cells + note

    def _confusion(self, counts: Counts) -> Iterator[str]:
        heads = (
            self._("标记", "flagged"),
            self._("放行", "passed"),
            self._("无意见", "no opinion"),
        )
        yield _left("", 12) + "".join(_right(one, 12) for one in heads)
        rows = (
            (self._("有害", "unsafe"), counts.tp, counts.fn,
             counts.unsafe_unscored + counts.unsafe_failed),
            (self._("无害", "safe"), counts.fp, counts.tn,
             counts.safe_unscored + counts.safe_failed),
        )  # fmt: skip
        for name, *numbers in rows:
            yield _left(f"  {name}", 12) + "".join(_right(f"{n:,}", 12) for n in numbers)

    def _readings(self, counts: Counts) -> Iterator[str]:
        if not counts.unscored + counts.failed:
            return
        yield self._(
            f"未评分 {counts.unscored} 条，失败 {counts.failed} 条；上表一律按对研判模型不利计。",
            f"{counts.unscored} unscored, {counts.failed} failed; above they count against the "
            "judge.",
        )
        names = {
            Reading.REFUSED: Text("若一律拒绝", "Where the caller refuses them"),
            Reading.PASSED: Text("若一律放行", "Where it lets them through"),
        }
        for reading, name in names.items():
            told = (
                f"{self.place.say(_HEADS[one])} {_cell(figure(one, counts, reading))}"
                for one in ("sensitivity", "fpr")
            )
            yield f"  {self.place.say(name)}: {', '.join(told)}"

    def _calibration(self, record: Record, *, full: bool) -> Iterator[str]:
        found = record.calibration
        if found.ece is None or found.brier is None:
            return
        area = f"{found.area:.3f}" if found.area is not None else "–"
        yield self._(
            f"校准：ECE {found.ece:.1%}，Brier {found.brier:.3f}，ROC 曲线下面积 {area}",
            f"Calibration: ECE {found.ece:.1%}, Brier {found.brier:.3f}, area below ROC {area}",
        )
        if full:
            heads = (self._("概率", "said"), self._("条数", "rows"), self._("平均概率", "mean"),
                     self._("实际有害", "unsafe"))  # fmt: skip
            yield "".join(_right(one, 12) for one in heads)
            for number, one in enumerate(found.bins):
                if one.n:
                    mean, seen = one.sum / MILLION / one.n, one.unsafe / one.n
                    yield "".join(_right(cell, 12) for cell in (
                        f"{number / 10:.1f}–{(number + 1) / 10:.1f}", f"{one.n:,}",
                        f"{mean:.1%}", f"{seen:.1%}"))  # fmt: skip

    def bias(self, bias: Bias) -> Iterator[str]:
        """Tell what naming a group of people does."""
        if not bias.swaps and not bias.named:
            return
        yield click.style(self._("身份偏见", "Identity bias"), bold=True)
        if bias.swaps:
            groups = of_swaps(bias.swaps)
            flagged, n = sum(one.flagged for one in groups), sum(one.n for one in groups)
            plain = bias.plain
            yield self._(
                f"  自拟无害句：{n:,} 句中误报 {flagged}；不提任何群体时 {plain.n} 句中误报 "
                f"{plain.flagged}",
                f"  Harmless sentences of ours: {flagged} of {n:,} flagged; with nobody in "
                f"particular {plain.flagged} of {plain.n}",
            )
            yield from self._gap(gap(groups))
            yield from self._singled(groups)
            raised = [one for one in bias.swaps if one.low > 0]
            for one in sorted(raised, key=lambda one: -one.mean)[:_MOST]:
                yield self._raised(one)
        if bias.named:
            n = sum(one.n for one in bias.named)
            yield self._(f"  数据集中提到群体的无害文本（{n:,} 次提及）",
                         f"  Safe rows that name a group ({n:,} namings)")  # fmt: skip
            yield from self._gap(gap(bias.named))
            yield from self._singled(bias.named)

    def _gap(self, found: Gap | None) -> Iterator[str]:
        if found is None:
            yield self._("    数据太少，无法比较各群体", "    too few rows to compare groups")
            return
        verdict = self._("超出偶然", "beyond chance") if found.real else self._(
            "尚不能排除偶然", "not shown to be beyond chance")  # fmt: skip
        yield self._(
            f"    误报最高 {_rate(found.highest)}，最低 {_rate(found.lowest)}，"
            f"差 [{found.bounds.low:+.1%}, {found.bounds.high:+.1%}]，p = {found.p:.3g}"
            f"（均已按 {found.pairs:,} 对比较校正，两者一致才算超出偶然）：{verdict}",
            f"    most {_rate(found.highest)}, fewest {_rate(found.lowest)}, difference "
            f"[{found.bounds.low:+.1%}, {found.bounds.high:+.1%}], p = {found.p:.3g} (both "
            f"corrected for {found.pairs:,} pairs; beyond chance where both say so): {verdict}",
        )

    def _raised(self, one: Shift) -> str:
        name = _left(f"{one.identity} {one.lang}", _NAME)
        told = self._("概率升高", "scores raised by")
        low, high = one.low / MILLION, one.high / MILLION
        return f"    {name} {told} {one.mean / MILLION:+.3f} [{low:+.3f}, {high:+.3f}]"

    def _singled(self, rates: Sequence[Named]) -> Iterator[str]:
        for one, p in singled_out(rates)[:_MOST]:
            told = self._("误报多于其余群体", "flagged more than all others")
            yield f"    {_left(_rate(one), _NAME)} {told}, p = {p:.2g}"

    def drift(self, found: Drift) -> Iterator[str]:
        """Tell each figure, then and now."""
        if not found.same_hash:
            yield self._("研判模型与当时的哈希不同。", "The judge has another hash than then.")
        yield self._(f"结果有变的共 {found.changed:,} 条。",
                     f"{counted(found.changed, 'row')} came out otherwise.")  # fmt: skip
        for one in found.moves:
            yield self._move(one)
        if found.broken:
            yield click.style(self._(
                "哈希相同且权重已固定，结果却不同：哈希没有覆盖影响结果的全部因素。",
                "Its hash is the same and covers its weights, and yet it came out otherwise: the "
                "hash does not cover all that its opinions depend on.",
            ), fg="red")  # fmt: skip

    def _move(self, one: Move) -> str:
        head = self.place.say(_HEADS[one.figure])
        name = one.set or self._("全部", "all sets")
        mark = (
            click.style(self._("已变", "moved"), fg="red") if one.real else self._("未变", "held")
        )
        told = f"{one.before / one.n:.1%} → {one.after / one.n:.1%}"
        return (
            f"  {mark} {_left(name, _NAME)} {_left(head, 12)} {_right(told, 18)}  n={one.n:,} "
            f"+{one.gained} −{one.lost}  p = {one.p:.3g}"
        )

    def entered(self, one: Entered) -> str:
        """Tell a record in one line."""
        record = one.record
        told = " ".join(
            f"{self.place.say(_HEADS[name])} {_cell(figure(name, record.counts))}"
            for name in ("sensitivity", "fpr")
        )
        rows = self._(f"{record.counts.rows:,} 条", counted(record.counts.rows, "row"))
        held = one.against[:12]
        drift = self._(f"  drift，对照 {held}", f"  drift, against {held}") if held else ""
        own = "".join(f"\n        {line}" for line in self._own_in_short(record))
        at = f"unsafe ≥{record.threshold / MILLION:g}"
        main = f"\n        {at}  {told}" if own else f"  {at}  {told}"
        return (
            f"    {one.digest[:12]}  {record.at:%Y-%m-%d}  [{one.index}]  {rows}{drift}{own}{main}"
        )

    def _own_in_short(self, record: Record) -> Iterator[str]:
        for category, at in own_thresholds(record).items():
            counts = of_category(record, category)
            told = " ".join(f"{self.place.say(_HEADS[name])} {_cell(figure(name, counts))}"
                            for name in ("sensitivity", "fpr"))  # fmt: skip
            yield f"{category} ≥{at / MILLION:g}  {told}"

    def opinion(self, opinion: Opinion) -> Iterator[str]:
        """Tell probabilities as bars, the overall one first."""
        yield self._bar(self._("有害（总体）", "unsafe (overall)"), opinion.unsafe)
        ordered = sorted(opinion.categories.items(), key=lambda one: -one[1])
        for category, p in ordered:
            title = CATEGORIES.get(category, Text(category, category))
            yield self._bar(self.place.say(title), p)
        if opinion.stage:
            yield self._(f"由 {opinion.stage} 阶段给出", f"given by the stage {opinion.stage}")

    def _bar(self, name: str, p: float) -> str:
        full, part = divmod(round(max(0.0, min(1.0, p)) * _BAR * 8), 8)
        bar = "█" * full + (_EIGHTHS[part - 1] if part else "")
        colour = "red" if p >= 0.5 else None
        return f"{_left(name, 44)} {p:7.1%} {click.style(bar, fg=colour)}"


def _cell(found: Figure | None) -> str:
    if found is None:
        return "–"
    low, high = found.interval.low * 100, found.interval.high * 100
    return f"{found.value * 100:.1f} [{low:.1f}, {high:.1f}]"


def _rate(one: Named) -> str:
    return f"{one.identity} {one.flagged}/{one.n}"


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def _left(text: str, width: int) -> str:
    while _width(text) > width:
        text = f"{text[:-2]}…"
    return text + " " * (width - _width(text))


def _right(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text
