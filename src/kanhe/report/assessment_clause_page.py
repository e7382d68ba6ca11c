"""The table of clauses: what each asks, what is found, why, and where the evidence stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from kanhe.assess.clause import Clause, Finding, Numbered
from kanhe.report.assessment import Report
from kanhe.report.assessment_say import FINDINGS, Say
from kanhe.report.document import Block, Cell, Column, Heading, Points, Table, Tone, Words
from kanhe.terms import counted

_MOST_EVIDENCE, _MOST_WHY = 4, 5


def clause_pages(report: Report, say: Say) -> list[Block]:
    """Give the tables, chapter by chapter; nothing where nothing was looked at."""
    if not report.clauses:
        return []
    blocks: list[Block] = [
        Words(say.of(
            "结论分为符合、不符合、不适用；证据不足以判断的，如实写“尚无结论”，不归入前三类。标有“本次"
            "实测”的，依本次评估的结果判定；其余依账本所载证据计算，没有任何一项为人工勾选。",
            "A clause conforms, does not conform, or is not applicable. Where the evidence does "
            "not tell, nothing is concluded, and it is counted with none of them. What is marked "
            "as measured goes by this assessment, all else is computed from the ledger; nothing "
            "was ticked by hand.",
        )),
        _summary(report, say),
    ]  # fmt: skip
    for (source, chapter), found in groupby(report.looked, key=lambda one: _place(one, report)):
        some = list(found)
        blocks.append(Heading(2, "", _title(source, chapter, some[0], report, say)))
        blocks.append(_table(some, report, say))
    notes = tuple(_notes(report, say))
    return [*blocks, *((Points(notes),) if notes else ())]


def _place(one: Clause, report: Report) -> tuple[str, str]:
    return (one.numbers[0].source, one.chapter) if one.chapter else (one.source, "")


def _title(source: str, chapter: str, first: Clause, report: Report, say: Say) -> str:
    titles = dict(report.regime.sources[source].chapters)
    if chapter not in titles:
        return say(report.regime.sources[first.source].title)
    title = say(titles[chapter])
    if not chapter.isdigit():
        return title
    return say.of(f"第{chapter}章 {title}", f"Chapter {chapter}: {title}")


def _summary(report: Report, say: Say) -> Table:
    columns = tuple(Column(say.capital(FINDINGS[one][0]), right=True) for one in Finding)
    row = tuple(Cell(str(count), tone=FINDINGS[one][1]) for one, count in report.found.items())
    return Table(say.of("逐条核对汇总（条）", "Clauses by what was found"), columns, (row,))


def _table(some: Sequence[Clause], report: Report, say: Say) -> Table:
    columns = (
        Column(say.of("条号", "Clause"), 1.25),
        Column(say.of("要求", "What it asks"), 3.0),
        Column(say.of("结论", "Finding"), 1.3),
        Column(say.of("理由", "Why"), 2.9),
        Column(say.of("账本条目", "Ledger entries"), 1.15),
    )
    rows = tuple(
        (
            Cell(_numbers(one.numbers, report, say)),
            Cell(say(one.title), say(one.text)),
            _finding(one, say),
            Cell(_why(one, say)),
            Cell(_entries(one, say), one.obligation, Tone.QUIET),
        )
        for one in some
    )
    return Table(_counted(some, say), columns, rows)


def _counted(some: Sequence[Clause], say: Say) -> str:
    told = [
        f"{say(FINDINGS[finding][0])}{say.of('', ': ')}{count}"
        for finding in Finding
        if (count := sum(one.finding is finding for one in some))
    ]
    return say.of(f"共{len(some)}条：", f"{counted(len(some), 'clause')}; ") + say.of(
        "，", ", "
    ).join(told)


def _finding(one: Clause, say: Say) -> Cell:
    text, tone, standing = FINDINGS[one.finding]
    measured = say.of("本次实测", "measured here") if one.measured else ""
    return Cell(say.capital(text), measured, tone, mark=standing)


def _numbers(numbers: Sequence[Numbered], report: Report, say: Say) -> str:
    """Write the numbers of both editions, one below the other; an unmapped one says so."""
    return "\n".join(
        f"{_short(one.source, report, say)} "
        + (one.clause if one.mapped else say.of("（条号未核对）", "(number not seen)"))
        for one in numbers
    )


def _short(source: str, report: Report, say: Say) -> str:
    """Give the number of a standard out of its title's brackets; else nothing but the title."""
    title = say(report.regime.sources[source].title).replace("（", "(").replace("）", ")")
    head, bracket, tail = title.rpartition("(")
    return tail.rstrip(")") if bracket and head and any(map(str.isdigit, tail)) else title


def _why(one: Clause, say: Say) -> str:
    """Tell the first reasons: all of them stand in `report.json`, and a row has to fit a page."""
    told = [say(text) for text in one.why[:_MOST_WHY]]
    more = len(one.why) - _MOST_WHY
    if more > 0:
        told.append(say.of(f"另有{more}项，见report.json", f"and {more} more, in report.json"))
    return say.stopped(say.joined(told))


def _entries(one: Clause, say: Say) -> str:
    if not one.evidence:
        return "—"
    told = say.listed(f"{index:,}" for index in one.evidence[:_MOST_EVIDENCE])
    more = len(one.evidence) - _MOST_EVIDENCE
    return told + (say.of(f"等{len(one.evidence)}条", f" and {more} more") if more > 0 else "")


def _notes(report: Report, say: Say) -> Iterator[str]:
    """Quote what the regime says of editions whose numbers nobody could map."""
    sources = {n.source for one in report.clauses for n in one.numbers if not n.mapped}
    for name in sorted(sources):
        source = report.regime.sources[name]
        if source.note:
            yield say.joined([say(source.title), say(source.note)], say.of("：", ": "))
