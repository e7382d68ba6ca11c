"""How a deadline was computed, in sentences: which days counted, which did not, and by whose word.

A reader with a wall calendar can follow every sentence; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from kanhe.law.calendar import Day, Kind, Year
from kanhe.law.day_text import day_text, instant_text, runs, runs_text
from kanhe.terms import Text


def hours_told(event: datetime, hours: int, end: datetime) -> tuple[Text, ...]:
    """Explain hours: they run from the very minute, through nights and days of rest."""
    ended = instant_text(end)
    return (
        _began(event),
        Text(
            f"自该时刻起算{hours}小时，夜间与节假日照常计入，至{ended.zh}届满。",
            f"{_number(hours, 'hour')} from that instant, nights and holidays included: "
            f"{ended.en}.",
        ),
    )


def days_told(event: datetime, days: int, last: date) -> tuple[Text, ...]:
    """Explain days of the calendar."""
    return (
        _began(event),
        Text(
            f"当日不计入；此后{days}个自然日，周末与节假日照常计入。",
            f"That day does not count; {_number(days, 'calendar day')} after it, weekends and "
            "holidays included.",
        ),
        _ends(last),
    )


def months_told(event: datetime, months: int, last: date) -> tuple[Text, ...]:
    """Explain months, and say so where the last month has no such day."""
    if last.day == event.day:
        found = Text(
            f"此后{months}个月，到期月的对应日为期间最后一日。",
            f"{_number(months, 'month')} later, on the same day of the month.",
        )
    else:
        found = Text(
            f"此后{months}个月；到期月没有{event.day}日，以该月末日为期间最后一日。",
            f"{_number(months, 'month')} later; that month has no day {event.day}, so its last "
            "day counts.",
        )
    return _began(event), found, _ends(last)


def working_days_told(event: datetime, amount: int, walked: Sequence[Day]) -> tuple[Text, ...]:
    """Explain working days.

    Args:
        event: The instant from which one counts.
        amount: How many working days.
        walked: Every day after the event up to the last working day, in order.
    """
    counted = runs_text(list(runs(day.date for day in walked if day.works)))
    return (
        _began(event),
        Text("当日不计入，自次日起算。", "That day does not count; counting begins the day after."),
        *_holidays(walked),
        *_made_up(walked),
        *_rest(walked),
        Text(
            f"计入的{amount}个工作日：{counted.zh}。",
            f"The {_number(amount, 'working day')} counted: {counted.en}.",
        ),
        _ends(walked[-1].date),
        *_provisional(walked),
    )


def _began(event: datetime) -> Text:
    at = instant_text(event)
    zone = str(event.tzinfo)
    return Text(f"起算事件发生于{at.zh}（{zone}）。", f"The event was on {at.en} ({zone}).")


def _ends(last: date) -> Text:
    day = day_text(last)
    return Text(
        f"最后一日为{day.zh}，至当日24:00届满。",
        f"The last day is {day.en}; the deadline is the end of that day.",
    )


def _holidays(walked: Sequence[Day]) -> Iterator[Text]:
    # Between two days of one holiday lies no other day, so that neighbours are enough.
    for title, days in groupby(walked, key=lambda day: day.title):
        if title is None:
            continue
        found = list(days)
        written = runs_text(list(runs(day.date for day in found)))
        by = _by(found[0].year)
        yield Text(
            f"{written.zh}{title.zh}放假，不计入（{by.zh}）。",
            f"{written.en}: {title.en}, not counted ({by.en}).",
        )


def _made_up(walked: Sequence[Day]) -> Iterator[Text]:
    for _, days in groupby(walked, key=lambda day: day.year.number):
        found = [day for day in days if day.kind is Kind.MADE_UP]
        if found:
            written = runs_text([(day.date, day.date) for day in found])
            by = _by(found[0].year)
            yield Text(
                f"{written.zh}为调休上班日，计入（{by.zh}）。",
                f"{written.en}: day of rest worked to make up for a holiday, counted ({by.en}).",
            )


def _rest(walked: Sequence[Day]) -> Iterator[Text]:
    found = list(runs(day.date for day in walked if day.kind is Kind.REST))
    if found:
        written = runs_text(found)
        yield Text(f"{written.zh}为休息日，不计入。", f"{written.en}: weekly rest, not counted.")


def _provisional(walked: Sequence[Day]) -> Iterator[Text]:
    years = {day.year.number: day.year for day in walked if day.year.provisional}
    for number, year in years.items():
        yield Text(
            f"{number}年的放假安排通知当时尚未知悉，该年按《{year.notice}》推算；"
            "通知公布后须重新计算，此期限为暂定。",
            f"The holiday notice for {number} was not known; that year is computed from "
            f"{year.notice}. The deadline is provisional and is computed again when the notice "
            "is out.",
        )


def _by(year: Year) -> Text:
    if year.provisional:
        return Text(f"依《{year.notice}》推算", f"computed from {year.notice}")
    return Text(year.notice, f"notice {year.notice}")


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
