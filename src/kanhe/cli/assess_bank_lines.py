"""How banks and what is wrong with them look on a terminal, and as plain data for `--json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import click

from kanhe.assess.bank import Bank
from kanhe.assess.bank_finding import Finding, Weight, usable
from kanhe.assess.demand import BankDemand
from kanhe.assess.item import BankKind, Item
from kanhe.cli.place import Place
from kanhe.terms import Text, counted

KINDS: Mapping[BankKind, Text] = {
    BankKind.OUTPUT: Text("生成内容测试", "answers are tested"),
    BankKind.REFUSE: Text("应拒答", "to be refused"),
    BankKind.ANSWER: Text("非拒答", "to be answered"),
}
_WEIGHTS: Mapping[Weight, tuple[Text, str]] = {
    Weight.REJECTS: (Text("不可用", "rejected"), "red"),
    Weight.FALLS_SHORT: (Text("未达要求", "falls short"), "yellow"),
    Weight.WARNS: (Text("提示", "note"), "cyan"),
}
_SHOWN_IDS = 5


def titled(here: Place, name: str, bank: Bank) -> str:
    """Tell a bank in one line."""
    items = here.say(Text(f"{len(bank.items):,} 道题", counted(len(bank.items), "item")))
    waiting = here.say(Text(f"，另有 {len(bank.pending)} 道待审核",
                            f", {len(bank.pending)} waiting for a reviewer"))  # fmt: skip
    kind = here.say(KINDS[bank.kind])
    more = waiting if bank.pending else ""
    return f"{click.style(name, bold=True)}  {kind}  {items}{more}  {bank.updated}"


def findings(here: Place, found: Sequence[Finding]) -> Iterator[str]:
    """Tell what was found, each with the first items that it is about, and what follows."""
    for one in found:
        word, colour = _WEIGHTS[one.weight]
        yield f"  {click.style(here.say(word), fg=colour)}: {here.say(one.what)}"
        if one.items:
            rest = len(one.items) - _SHOWN_IDS
            more = here.say(Text(f" 等，另 {rest} 道", f" and {rest} more")) if rest > 0 else ""
            yield f"      {', '.join(one.items[:_SHOWN_IDS])}{more}"
    if not found:
        yield "  " + here.say(Text("没有发现问题。", "Nothing is amiss."))
    elif not usable(found):
        yield "  " + here.say(Text("该题库不可用于评估。", "No verdict may rest on this bank."))


def counts(bank: Bank, demand: BankDemand | None) -> Iterator[tuple[str, int, int, int]]:
    """Give each slice with its items in Chinese and English, and how many are demanded."""
    counted_ = Counter((item.slice, item.lang) for item in bank.items)
    each = demand.each if demand else {}
    for name in sorted({*each, *(name for name, _ in counted_)}):
        yield name, counted_[name, "zh"], counted_[name, "en"], each.get(name, 0)


def slices(here: Place, bank: Bank, demand: BankDemand | None) -> Iterator[str]:
    """Tell how many items each slice has, and has to have."""
    total = demand.total if demand else 0
    wanted = here.say(Text(f"，要求不少于 {total:,}", f", {total:,} demanded")) if total else ""
    yield here.say(Text(f"  合计 {len(bank.items):,}", f"  {len(bank.items):,} in all")) + wanted
    for name, zh, en, least in counts(bank, demand):
        short = click.style(" !", fg="yellow") if zh + en < least else ""
        bound = f" / {least}" if least else ""
        yield f"  {name:<14} {zh + en:>6}{bound:<6}  zh {zh:>5}  en {en:>5}{short}"


def told(name: str, bank: Bank) -> dict[str, object]:
    """Give what a bank is as plain data."""
    return {
        "name": name, "id": bank.id, "version": bank.version, "kind": bank.kind.value,
        "title": {"zh": bank.title.zh, "en": bank.title.en}, "regime": bank.regime,
        "licence": bank.licence, "reviewers": list(bank.reviewers),
        "updated": bank.updated.isoformat(), "items": len(bank.items),
        "pending": len(bank.pending), "sha256": bank.sha256,
    }  # fmt: skip


def found(one: Finding) -> dict[str, object]:
    """Give a finding as plain data, with all items that it is about."""
    return {"code": one.code, "weight": one.weight.value, "zh": one.what.zh, "en": one.what.en,
            "items": list(one.items)}  # fmt: skip


def item_data(item: Item) -> dict[str, object]:
    """Give an item as plain data."""
    return {"id": item.id, "lang": item.lang, "slice": item.slice, "expect": item.expect.value,
            "kind": item.kind, "origin": item.origin, "turns": list(item.turns),
            "key": list(item.key)}  # fmt: skip


def in_full(item: Item) -> Iterator[str]:
    """Tell an item with its text."""
    yield (f"{click.style(item.id, bold=True)}  {item.slice}  {item.lang}  {item.expect.value}  "
           f"{item.kind}  {item.origin}")  # fmt: skip
    for turn in item.turns:
        yield from (f"    {line}" for line in turn.splitlines())
    if item.key:
        yield f"    = {' | '.join(item.key)}"
