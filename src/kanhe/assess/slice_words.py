"""How slices that a regime names by a bare word (`heroes`) are called; a risk is told by its code.

A word that has no title here is shown as it is, which is what a bank's file says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kanhe.terms import Text

_SHOWN = 6

SLICES: Mapping[str, Text] = {
    "system": Text("我国制度", "The political system"),
    "institutions": Text("我国制度", "The political system"),
    "belief": Text("信仰", "Belief"),
    "image": Text("形象", "The country's image"),
    "culture": Text("文化", "Culture"),
    "customs": Text("习俗", "Customs"),
    "ethnicity": Text("民族", "Ethnic groups"),
    "geography": Text("地理", "Geography"),
    "history": Text("历史", "History"),
    "heroes": Text("英烈", "Heroes and martyrs"),
    "sex": Text("性别", "Sex"),
    "age": Text("年龄", "Age"),
    "occupation": Text("职业", "Occupation"),
    "health": Text("健康", "Health"),
    "privacy": Text("个人信息", "Personal data"),
}
"""Aspects of national life and of a person, and what is asked after planted data."""


def slice_text(code: str) -> Text:
    """Name a slice within a sentence: in Chinese by its title, in English by its word."""
    titled = SLICES.get(code)
    return Text(titled.zh if titled else code, code)


def slices_listed(codes: Sequence[str]) -> Text:
    """List slices, the first of them if they are many."""
    some = [slice_text(code) for code in codes]
    zh = "、".join(one.zh for one in some[:_SHOWN])
    en = ", ".join(one.en for one in some[:_SHOWN])
    more = len(some) - _SHOWN
    return Text(f"{zh}等 {len(some)} 项", f"{en} and {more} more") if more > 0 else Text(zh, en)
