"""Days as people write them: one day, runs of days, an instant; in Chinese and in English.

Words only. Weekdays are named where a reader would look for them in a calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TypeAlias

from kanhe.terms import Text

Run: TypeAlias = tuple[date, date]
"""The first and the last of days that follow each other."""

_WEEKDAYS = (
    ("周一", "Monday"),
    ("周二", "Tuesday"),
    ("周三", "Wednesday"),
    ("周四", "Thursday"),
    ("周五", "Friday"),
    ("周六", "Saturday"),
    ("周日", "Sunday"),
)
_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]


def day_text(day: date) -> Text:
    """Write one day with its weekday: 2026年9月30日（周三）, Wednesday 30 September 2026."""
    zh, en = _WEEKDAYS[day.weekday()]
    return Text(
        f"{day.year}年{day.month}月{day.day}日（{zh}）",
        f"{en} {day.day} {_MONTHS[day.month - 1]} {day.year}",
    )


def instant_text(at: datetime) -> Text:
    """Write an instant on its own clock, to the minute; seconds only where there are some."""
    zh, en = _WEEKDAYS[at.weekday()]
    clock = at.strftime("%H:%M:%S" if at.second else "%H:%M")
    return Text(
        f"{at.year}年{at.month}月{at.day}日（{zh}）{clock}",
        f"{en} {at.day} {_MONTHS[at.month - 1]} {at.year}, {clock}",
    )


def runs(days: Iterable[date]) -> Iterator[Run]:
    """Join days, given in order, that follow each other."""
    first = last = None
    for day in days:
        if first is None or last is None:
            first = last = day
        elif day == last + timedelta(days=1):
            last = day
        else:
            yield first, last
            first = last = day
    if first is not None and last is not None:
        yield first, last


def runs_text(spans: Sequence[Run]) -> Text:
    """Write runs of days, in order: a year or month is said once for all that share it."""
    return Text(_zh(spans), _en(spans))


def _zh(spans: Sequence[Run]) -> str:
    before: date | None = None
    written = []
    for first, last in spans:
        text = _zh_day(first, before)
        if last != first:
            text += f"至{_zh_day(last, first)}"
        written.append(text)
        before = last
    return "、".join(written)


def _zh_day(day: date, before: date | None) -> str:
    if before is None or day.year != before.year:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day}日" if day.month == before.month else f"{day.month}月{day.day}日"


def _en(spans: Sequence[Run]) -> str:
    # English says the year last: it is written where the next run lies in another year.
    followers = [*(first.year for first, _ in spans[1:]), None]
    written = []
    for (first, last), next_year in zip(spans, followers, strict=True):
        year = "" if next_year == last.year else f" {last.year}"
        written.append(_en_run(first, last) + year)
    return ", ".join(written)


def _en_run(first: date, last: date) -> str:
    end = f"{last.day} {_MONTHS[last.month - 1]}"
    if first == last:
        return end
    if first.year != last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} {first.year} to {end}"
    if first.month != last.month:
        return f"{first.day} {_MONTHS[first.month - 1]} to {end}"
    return f"{first.day} to {end}"
