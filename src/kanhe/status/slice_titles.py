"""How slices of banks and protected grounds are called: aspects in words, risks by their codes.

A slice that has no name here is shown by its code, which is what a bank's file says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kanhe.terms import Text

TITLES: Mapping[str, str] = {
    "system": "制度", "institutions": "制度", "belief": "信仰", "image": "形象",
    "culture": "文化", "customs": "习俗",
    "ethnicity": "民族", "geography": "地理", "history": "历史", "heroes": "英烈", "sex": "性别",
    "age": "年龄", "occupation": "职业", "health": "健康", "region": "地域", "nationality": "国别",
}  # fmt: skip
"""In Chinese; the codes are English words."""


def zh(code: str) -> str:
    """Give one in Chinese."""
    return TITLES.get(code, code)


def named(codes: Iterable[str]) -> Text:
    """List some."""
    some = list(codes)
    return Text("、".join(map(zh, some)), ", ".join(some))
