"""Checks over the settings that a service recorded when it started, against the regime's terms.

What counts is what ran: the settings of the latest start, not those in a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kanhe.ledger.entry import Json
from kanhe.status.check import (
    SERVE,
    SET,
    Terms,
    count,
    days,
    fact,
    months_before,
    run,
    said,
    unseen,
    yes,
)
from kanhe.status.check_guard import fresh
from kanhe.status.picture import Picture, Seen
from kanhe.status.record import DRILLED, REFUSED_USER, SETTINGS
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text, counted

_SETTINGS = Text("服务设置的记录", "record of the service's settings")
_VISIBLE = {
    "prefix": Text("回答开头", "before the answer"),
    "suffix": Text("回答末尾", "after the answer"),
}


_NAMELESS_DAYS = 30
"""Days for which a request that named no user leaves open who can be suspended; ours."""
_NAME = Action(
    Text("让应用在 user 字段或请求头中指明用户",
         "Have applications name their users in the field “user” or in the header for it"),
    page="settings",
)  # fmt: skip


def _same(picture: Picture, *names: str) -> Seen:
    """Give the first start since when these settings are as they are."""
    return run(picture.all(SETTINGS), lambda seen: [seen.facts.get(name) for name in names])


def explicit_label(picture: Picture, terms: Terms) -> Verdict:
    """Say whether readers see that an answer was generated; a header alone nobody sees."""
    had, drill = picture.last(SETTINGS), picture.last(DRILLED)
    place = had.facts.get("label") if had else None
    if had is None or not isinstance(place, str):
        return unseen(_SETTINGS, SERVE)
    begun = _same(picture, "label")
    if place not in _VISIBLE:
        bad = Text(
            f"显式标识设在响应头（label = {place}），读者看不到",
            f"The label is set to be in the response's header only (label = {place}): no reader "
            "sees it",
        )
        return said(Standing.GAP, bad, by=[had, begun], since=begun.at, do=(SET,))
    seen = yes(drill, "label_seen") if drill else None
    if drill is None or seen is None:
        return unseen(Text("演练中显式标识的结果", "drill that looked for the label"), SERVE)
    if not seen:
        bad = Text(
            f"{terms.zh(drill.at)} 的演练中，回答里没有显式标识",
            f"In the drill of {terms.en(drill.at)} an answer had no label",
        )
        return said(Standing.GAP, bad, by=[drill, had], since=drill.at, do=(SET,))
    where = _VISIBLE[place]
    good = Text(
        f"显式标识置于{where.zh}；{terms.zh(drill.at)} 的演练在回答中读到了标识",
        f"The label stands {where.en}; the drill of {terms.en(drill.at)} read it in answers",
    )
    found = fresh(picture, terms, drill, good, ("label_seen",))
    since = max(begun.at, found.since or begun.at)
    return said(found.standing, *found.reasons, by=[drill, had, begun], since=since,
                until=found.until, do=found.actions)  # fmt: skip


def producer_code(picture: Picture, terms: Terms) -> Verdict:
    """Say whether the implicit label names its producer."""
    had = picture.last(SETTINGS)
    producer = had.facts.get("producer") if had else None
    if had is None or not isinstance(producer, str):
        return unseen(_SETTINGS, SERVE)
    begun = _same(picture, "producer")
    length = terms.number_or("length", len(producer))
    if producer in ("", "unregistered"):
        bad = Text(
            "隐式标识没有生成者编码（producer 未设置）",
            "The implicit label names no producer (producer is not set)",
        )
        return said(Standing.GAP, bad, by=[had, begun], since=begun.at, do=(SET,))
    if len(producer) != length:
        bad = Text(
            f"生成者编码 {producer} 为 {len(producer)} 位，应为 {length} 位",
            f"The producer's code {producer} has {len(producer)} characters, not {length}",
        )
        return said(Standing.GAP, bad, by=[had, begun], since=begun.at, do=(SET,))
    if "form" in terms.parameters and not re.fullmatch(str(terms.parameters["form"]), producer):
        bad = Text(
            f"生成者编码 {producer} 不合编码规则的结构",
            f"The producer's code {producer} is not laid out as the law has it",
        )
        return said(Standing.GAP, bad, by=[had, begun], since=begun.at, do=(SET,))
    good = Text(
        f"隐式标识的生成者编码为 {producer}", f"The implicit label names the producer {producer}"
    )
    return said(Standing.MET, good, by=[had, begun], since=begun.at)


def unlabelled_log(picture: Picture, terms: Terms) -> Verdict:
    """Say whether answers went out without a visible label, of which no recipient is on record."""
    starts = picture.all(SETTINGS)
    if not starts or not isinstance(starts[-1].facts.get("label"), str):
        return unseen(_SETTINGS, SERVE)
    if "months" in terms.parameters:
        # What was in force when the time began counts, too.
        begun = months_before(terms.at, terms.number("months"), terms.regime.zone)
        starts = [*[one for one in starts if one.at <= begun][-1:],
                  *[one for one in starts if one.at > begun]]  # fmt: skip
    bare = [seen for seen in starts if seen.facts.get("label") not in _VISIBLE]
    if bare:
        bad = Text(
            f"{len(starts)} 次启动中有 {len(bare)} 次未设显式标识，且没有接收者的记录",
            f"{len(bare)} of {counted(len(starts), 'start')} {_were(len(bare))} without a visible "
            "label, and there is no record of who got the answers",
        )
        return said(Standing.GAP, bad, by=[bare[-1], starts[-1]], since=bare[0].at, do=(SET,))
    good = Text(
        f"自 {terms.zh(starts[0].at)} 起的 {len(starts)} 次启动均设有显式标识",
        f"{'The' if len(starts) == 1 else 'Each of'} {counted(len(starts), 'start')} since "
        f"{terms.en(starts[0].at)} had a visible label",
    )
    by = [starts[-1], starts[0]]
    found = said(Standing.MET, good, _given(picture, terms), by=by, since=starts[0].at)
    last = (bare_ones.last,) if (bare_ones := picture.unlabelled) else ()
    return replace(found, evidence=(*found.evidence, *last))


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _given(picture: Picture, terms: Terms) -> Text:
    """Say what went out without a visible label: answers in JSON, each with its recipient."""
    some = picture.unlabelled
    if some is None:
        return Text("没有向任何人提供不带标识的内容", "Nothing without it was given to anybody")
    return Text(
        f"应请求以 JSON 作答 {some.number} 次（最近一次在 {terms.zh(some.last_at)}），"
        "只带隐式标识；每次由哪个应用请求、指明了哪个用户，均已入账",
        f"{counted(some.number, 'answer')} in JSON, as was asked for, had the machine's mark only "
        f"(the last on {terms.en(some.last_at)}); which application asked, and for whom if it says "
        "so, is on record for each",
    )


def strikes(picture: Picture, terms: Terms) -> Verdict:
    """Say whether repeated violations suspend a user no later than the regime asks."""
    had = picture.last(SETTINGS)
    on = yes(had, "strikes") if had else None
    row, day = (count(had, "in_a_row"), count(had, "in_a_day")) if had else (None, None)
    if had is None or on is None or row is None or day is None:
        return unseen(_SETTINGS, SERVE)
    begun = _same(picture, "strikes", "in_a_row", "in_a_day")
    law = (terms.number("in_a_row"), terms.number("in_a_day"))
    if not on:
        bad = Text(
            "多次违规暂停服务的功能已关闭（strikes = false）",
            "Suspension after repeated violations is turned off (strikes = false)",
        )
        return said(Standing.GAP, bad, by=[had, begun], since=begun.at, do=(SET,))
    numbers = Text(
        f"连续违规 {row} 次或一日内 {day} 次即暂停服务；要求为 {law[0]} 次和 {law[1]} 次",
        f"A user is suspended after {row} violations in a row or {day} in a day; "
        f"{law[0]} and {law[1]} are asked for",
    )
    if row > law[0] or day > law[1]:
        return said(Standing.GAP, numbers, by=[had, begun], since=begun.at, do=(SET,))
    if (bare := picture.nameless) and terms.at - bare.last_at < days(_NAMELESS_DAYS):
        why = Text(
            f"有请求没有指明用户（共 {bare.number} 次，最近一次在 {terms.zh(bare.last_at)}），"
            "这些用户无法被计数和暂停",
            f"Requests named no user ({bare.number:,} in all, the last on "
            f"{terms.en(bare.last_at)}): whoever made them can be neither counted nor suspended",
        )
        found = said(Standing.UNKNOWN, numbers, why, by=[had], do=(_NAME,))
        return replace(found, evidence=(bare.last, *found.evidence))
    refused = picture.counts.get(REFUSED_USER)
    times = refused.number if refused else 0
    used = Text(
        f"至今拒绝被暂停的用户 {times} 次", f"Suspended users were refused {times} times so far"
    )
    return said(Standing.MET, numbers, used, by=[had, begun], since=begun.at)


def _setting(
    name: str, good: Callable[[Json], Text | None], bad: Text, *, do: Action = SET
) -> Callable[[Picture, Terms], Verdict]:
    """Give the check of one setting; `good` says what a value means, None where it is none."""

    def check(picture: Picture, terms: Terms) -> Verdict:
        had = picture.last(SETTINGS)
        if had is None or name not in had.facts:
            return unseen(_SETTINGS, SERVE)
        begun = run(picture.all(SETTINGS), fact(name))
        told = good(had.facts[name])
        if told is None:
            return said(Standing.GAP, bad, by=[had, begun], since=begun.at, do=(do,))
        return said(Standing.MET, told, by=[had, begun], since=begun.at)

    return check


def _route(value: Json) -> Text | None:
    told = Text("每次拦截都会告知申诉地址", "Whoever is stopped is told an address for objections")
    return told if value is True else None


def _held(value: Json) -> Text | None:
    if value == "hold":
        return Text("未知字段中的文字一律扣留", "Text in a field that nobody knows is held back")
    if value == "refuse":
        return Text("出现未知字段即终止回答", "A field that nobody knows ends the answer")
    return None


def _named(value: Json) -> Text | None:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return None
    names = [str(one.get("name") or "") for one in value if isinstance(one, Mapping)]
    if len(names) != len(value) or not all(names):
        return None
    return Text(
        f"{len(names)} 个模型均已具名：{'、'.join(names)}",
        f"Each model has its name: {', '.join(names)} ({len(names)})",
    )


complaint_route = _setting(
    "object_to",
    _route,
    Text(
        "没有设置申诉地址（object_to），用户只被告知联系运营者",
        "No address for objections is set (object_to); users are only told to ask the operator",
    ),
)
unknown_fields = _setting(
    "unknown_fields",
    _held,
    Text("未知字段中的文字未经审核即放行", "Text in a field that nobody knows passes unseen"),
)
model_named = _setting(
    "models",
    _named,
    Text("有模型没有名称，或没有模型", "A model has no name, or there is none"),
)
