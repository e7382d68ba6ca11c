"""The settings as the ledger saw them at each start: what ran, not what a file says."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.console import shown
from kanhe.console.render import Entry, answer, console_of
from kanhe.console.route import ConsoleRoute
from kanhe.ledger.entry import Json
from kanhe.terms import Text

ENTRY = Entry("/settings", "Settings", "t", Permission.SETTINGS)

RECORDED = "operator:settings:recorded"
STARTS = 20
"""Starts that are listed."""

MEANINGS = {
    "regime": Text("适用的法规数据", "Whose law is data here"),
    "language": Text("告知用户时使用的语言；auto 随请求而定",
                     "Language of notices; auto follows the request"),
    "label": Text("显式标识的位置：回答开头（prefix）、末尾（suffix）或仅在响应头（header）",
                  "Where an answer says that it was generated: before it (prefix), after it "
                  "(suffix), or in the response's header only (header)"),
    "strikes": Text("多次违规是否暂停服务", "Whether repeated violations suspend a user"),
    "in_a_row": Text("连续违规几次即暂停；由法规数据给出",
                     "Violations in a row that suspend; the law's data says it"),
    "in_a_day": Text("一日内违规几次即暂停；由法规数据给出",
                     "Violations in a day that suspend; the law's data says it"),
    "suspension_h": Text("暂停多少小时；由法规数据给出",
                         "Hours of a suspension; the law's data says it"),
    "unknown_fields": Text("遇到未知字段中的文字：扣留（hold）或终止回答（refuse）",
                           "Text in a field that nobody knows: held back (hold), or it ends the "
                           "answer (refuse)"),
    "blocked_prompt": Text("提问被拒绝时：给出备好的答复（reply）或返回错误（error）",
                           "A refused prompt gets a prepared reply (reply) or an error (error)"),
    "object_to": Text("是否设置了申诉地址", "Whether an address for objections is set"),
    "producer": Text("隐式标识中的生成者编码", "The provider's code in the implicit label"),
    "release": Text("规则修改后立即生效（at-once）或须第二人放行（second-person）",
                    "Changed rules come into force at once (at-once) or when a second person has "
                    "released them (second-person)"),
    "models": Text("调用的模型", "The models that are asked"),
    "limits": Text("单个请求的用量上限", "What one request may use"),
    "version": Text("程序版本", "Version of the program"),
    "ruleset": Text("启动时生效的规则集版本", "Version of the rules in force at the start"),
}  # fmt: skip
"""What each recorded setting means."""

_LINES: dict[str, tuple[frozenset[Json], str]] = {
    "label": (frozenset({"header"}), 'label = "suffix"'),
    "strikes": (frozenset({False}), "strikes = true"),
    "object_to": (frozenset({False}), 'object_to = "…"'),
    "producer": (frozenset({"", "unregistered"}), 'producer = "…"'),
}
"""Values that leave a duty open, and the line of kanhe.toml that closes it."""


def line_for(name: str, value: Json) -> str | None:
    """Give the line to put into kanhe.toml where a value leaves a duty open; else None."""
    open_values, line = _LINES.get(name, (frozenset(), ""))
    return line if isinstance(value, str | bool) and value in open_values else None


async def settings(request: Request) -> Response:
    """`GET /settings`: those recorded at the last start, and what changed at each start before."""
    recorded = await console_of(request).served.kept(RECORDED)
    latest = recorded[-1] if recorded else None
    data: shown.Data = {
        "entry": latest.index if latest else None,
        "at": shown.instant(latest.at) if latest else None,
        "settings": dict(latest.facts) if latest else {},
        "meanings": {name: shown.text(meaning) for name, meaning in MEANINGS.items()
                     if latest and name in latest.facts},
        "lines": {name: line for name, value in (latest.facts if latest else {}).items()
                  if (line := line_for(name, value))},
        "starts": [],
    }  # fmt: skip
    starts = []
    for index in range(len(recorded) - 1, max(len(recorded) - 1 - STARTS, -1), -1):
        seen = recorded[index]
        before = recorded[index - 1].facts if index else {}
        changed = sorted(name for name in {*seen.facts, *before}
                         if seen.facts.get(name) != before.get(name))  # fmt: skip
        starts.append({"entry": seen.index, "at": shown.instant(seen.at),
                       "changed": changed if index else None})  # fmt: skip
    data["starts"] = starts
    return answer(request, "settings.html", data)


ROUTES = (ConsoleRoute("/settings", settings, Permission.SETTINGS, twin=True),)
