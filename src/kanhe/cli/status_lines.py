"""How a status looks on a terminal: one sentence, the next deadline, what is amiss, what to do.

A duty is drawn as a tally: the left half is the law, the right half its evidence. It reads without
colour; colours are click's, which leaves them out where no terminal is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from kanhe.cli.place import Place
from kanhe.status.picture import Unsound
from kanhe.status.status import Due, Line, Status
from kanhe.status.verdict import Action, Standing
from kanhe.terms import Text, counted

GLYPHS = {
    Standing.MET: "◖◗ ",
    Standing.STALE: "◖ ◗",
    Standing.GAP: "◖  ",
    Standing.UNKNOWN: "◖┄ ",
    Standing.NOT_APPLICABLE: " · ",
}
_COLOURS = {
    Standing.MET: "green",
    Standing.STALE: "yellow",
    Standing.GAP: "red",
    Standing.UNKNOWN: "blue",
    Standing.NOT_APPLICABLE: None,
}
_NAMES = {
    Standing.MET: Text("已证实", "Met"),
    Standing.STALE: Text("已过期", "Stale"),
    Standing.GAP: Text("未满足", "Gaps"),
    Standing.UNKNOWN: Text("待判断", "Unknown"),
    Standing.NOT_APPLICABLE: Text("不适用", "Not applicable"),
}
_ONE_GAP = Text("未满足", "Gap")
_AWAITS = "awaits"
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells a status in one language."""

    place: Place
    status: Status
    judged: tuple[Line, ...]
    """The duties that decide the exit code."""

    def summary(self, lines: tuple[Line, ...], *, whole: bool) -> Iterator[str]:
        """Tell the whole; of the duties only `lines`, those that are met only where `whole` is."""
        yield self.sentence()
        if not self.judged:
            yield self._(
                "所问之日和领域没有任何义务，未作任何判断，退出码为 1。",
                "No duty binds on that day, as known then, in what was asked about: nothing was "
                "judged, so the exit code is 1.",
            )
        if self.status.as_if:
            source = self.status.regime.sources[self.status.as_if]
            yield self._("假设此草案为法：", "As if this draft were law: ") + self._(source.title)
        if lent := self.status.lent:
            yield self._(lent)
        if due := next(iter(self.status.due), None):
            yield self._deadline(due)
        if drafted := [line for line in lines if line.obligation.source == self.status.as_if]:
            yield from ("", *self._drafted(drafted))
            lines = tuple(line for line in lines if line not in drafted)
        order = (Standing.GAP, Standing.STALE, Standing.UNKNOWN)
        for standing in (*order, Standing.MET, Standing.NOT_APPLICABLE) if whole else order:
            here = [line for line in lines if line.standing is standing]
            if here:
                name = self._(_name(standing, len(here)))
                yield from ("", click.style(f"{name} ({len(here)})", bold=True))
                yield from self._unknown(here) if standing is Standing.UNKNOWN else self._each(here)

    def _drafted(self, lines: list[Line]) -> Iterator[str]:
        """Tell the duties of the draft itself, with what each became."""
        name = self._("草案的义务", "Duties of the draft")
        yield click.style(f"{name} ({len(lines)})", bold=True)
        titles = {one.id: one.title for one in self.status.regime.obligations}
        for line in lines:
            duty = line.obligation
            name = f"{duty.id:<16} {self._(duty.title)} · {self._(_NAMES[line.standing])}"
            yield f"  {self._glyph(line.standing)} {name}"
            if duty.changed_in:
                later = f"{duty.changed_in} {self._(titles[duty.changed_in])}"
                yield f"        {self._('后来成为：', 'It became: ')}{later}"

    def sentence(self) -> str:
        """Tell the whole in one sentence."""
        if isinstance(self.status.soundness, Unsound):
            told = self._(
                "账本不可信，一切均无法判断：", "The ledger cannot be believed; nothing is known: "
            )
            return click.style(told + self.status.soundness.why, fg="red", bold=True)
        counts = self.status.counts
        applying = sum(counts.values()) - counts[Standing.NOT_APPLICABLE]
        met, gap, stale, unknown = (counts[one] for one in (
            Standing.MET, Standing.GAP, Standing.STALE, Standing.UNKNOWN))  # fmt: skip
        if self.place.language == "zh":
            told = f"{applying} 项义务中，{met} 项已证实；{gap} 项未满足；{unknown} 项待判断"
            told += f"；{stale} 项已过期。" if stale else "。"
        else:
            duties = counted(applying, "duty", "duties")
            told = f"{met} of {duties} proven; {counted(gap, 'gap')}; {unknown} unknown"
            told += f"; {stale} stale." if stale else "."
        return click.style(told, bold=True)

    def full(self, line: Line) -> Iterator[str]:
        """Tell everything about one duty."""
        duty = line.obligation
        yield f"{self._glyph(line.standing)} {click.style(self._(duty.title), bold=True)}"
        yield f"    {duty.id} · {self._(line.source.title)} {duty.clause} · {duty.confidence.value}"
        yield f"    {self._(duty.text)}"
        yield f"    {self._(_name(line.standing, 1))}{self._since(line)}"
        if lent := self.status.lent:
            yield f"    {self._(lent)}"
        for reason in line.reasons:
            yield f"    {self._(reason)}"
        for looked in line.looked:
            control, glyph = looked.control, self._glyph(looked.verdict.standing)
            yield from ("", f"  {glyph} {self._(control.title)}  ({control.id})")
            yield from (f"        {self._(reason)}" for reason in looked.verdict.reasons)
            if looked.verdict.evidence:
                numbers = ", ".join(map(str, looked.verdict.evidence))
                yield f"        {self._('账本条目：', 'Entries of the ledger: ')}{numbers}"
        if line.changes:
            numbers = ", ".join(map(str, line.changes))
            yield from ("", f"    {self._('变化记录：', 'Recorded changes: ')}{numbers}")
        for due in self.status.due:
            if duty.id in due.obligations:
                yield from ("", f"    {self._deadline(due)}")
                yield from (f"        {self._(step)}" for step in due.how)
        yield from (f"    {self._action(action)}" for action in line.actions)

    def _(self, text: Text | str, en: str = "") -> str:
        return self.place.say(text if isinstance(text, Text) else Text(text, en))

    def _glyph(self, standing: Standing) -> str:
        return click.style(GLYPHS[standing], fg=_COLOURS[standing])

    def _since(self, line: Line) -> str:
        told = f" · {self._('自', 'since')} {self._when(line.since)}" if line.since else ""
        until = f" · {self._('至', 'until')} {self._when(line.until)}" if line.until else ""
        return told + until

    def _each(self, lines: list[Line]) -> Iterator[str]:
        for line in lines:
            duty = line.obligation
            yield f"  {self._glyph(line.standing)} {duty.id:<16} {self._(duty.title)}"
            if line.standing in (Standing.GAP, Standing.STALE):
                yield from (f"        {self._(reason)}" for reason in line.why[:3])
                yield from (f"        {self._action(action)}" for action in line.actions[:2])

    def _unknown(self, lines: list[Line]) -> Iterator[str]:
        """Tell what cannot be seen, by what is missing for it; the most first."""
        groups: dict[str, list[Line]] = {}
        for line in lines:
            groups.setdefault(self._missing(line), []).append(line)
        for missing, here in sorted(groups.items(), key=lambda one: -len(one[1])):
            names = [line.obligation.id for line in here]
            more = f" … +{len(names) - _SHOWN}" if len(names) > _SHOWN else ""
            yield f"  {self._glyph(Standing.UNKNOWN)} {missing} ({len(here)})"
            yield f"        {' '.join(names[:_SHOWN])}{more}"
            for action in here[0].actions[:1]:
                yield f"        {self._action(action)}"

    def _missing(self, line: Line) -> str:
        for looked in line.looked:
            if looked.verdict.standing is Standing.UNKNOWN:
                capability = looked.control.parameters.get("capability")
                if looked.control.check == _AWAITS and isinstance(capability, dict):
                    words = Text(str(capability["zh"]), str(capability["en"]))
                    return self._("尚缺：", "Kanhe does not have yet: ") + self._(words)
                if looked.control.check == "attested":
                    return self._("等待有人确认", "Nobody has attested to it")
                return self._(looked.verdict.reasons[0])
        if line.reasons and not isinstance(self.status.soundness, Unsound):
            return self._("取决于尚未答复的问题", "It depends on open questions")
        return self._(line.why[0]) if line.why else "?"

    def _deadline(self, due: Due) -> str:
        left = (due.at - self.status.at).days
        late = due.at < self.status.at
        words = self._("已逾期：", "Overdue: ") if late else self._("下一期限：", "Next deadline: ")
        days = self._(f"（{left} 天后）", f" (in {counted(left, 'day')})") if not late else ""
        maybe = self._("（暂定）", ", provisional") if due.provisional else ""
        told = f"{words}{self._(due.title)}, {self._when(due.at)}{days}{maybe}"
        return click.style(told, fg="red") if late else told

    def _when(self, at: datetime) -> str:
        local = at.astimezone(ZoneInfo(self.status.regime.zone))
        if self.place.language == "zh":
            return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
        return f"{local:%Y-%m-%d %H:%M}"

    def _action(self, action: Action) -> str:
        command = self.place.typed(action.command) if action.command else ""
        where = command or (f"/console/{action.page}" if action.page else "")
        return f"→ {self._(action.what)}" + (f": {where}" if where else "")


def _name(standing: Standing, number: int) -> Text:
    return _ONE_GAP if standing is Standing.GAP and number == 1 else _NAMES[standing]
