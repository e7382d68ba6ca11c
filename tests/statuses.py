"""Statuses for tests: the shipped regime on one day, with verdicts that are planted, not computed.

`status()` gives a whole board in which every standing, every reason to be shown and every kind of
action occurs, the same one each time. `System` is a running system over it, in memory: the twin of
the console's port `Served`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from kanhe.adapters.package_data import regime as shipped
from kanhe.console.served import Asked, Head, Loaded, Signed, Span
from kanhe.law.bound import bound
from kanhe.law.regime import Control, Obligation, Party, Regime
from kanhe.law.scope import Answers, counting, decide
from kanhe.ledger.entry import Json
from kanhe.status.picture import Seen, Sound, Unsound
from kanhe.status.status import Due, Line, Looked, Status
from kanhe.status.verdict import Action, Standing, Verdict, worst
from kanhe.terms import Text

NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
SIZE = 48_211

ANSWERS: Answers = {
    "public": True,
    "launched": "2026-09-01",
    "opinion": True,
    "model": "fine_tuned",
    "role": ("application", "api_provider"),
    "media": ("text",),
    "files_offered": False,
    "publishes": False,
    "companion": False,
    "registered_users": 120_000,
    "monthly_users": 31_000,
    "minors": True,
    "personal_information": True,
    "people_in_data": 120_000,
    "face_or_voice": False,
    "cross_border": False,
    "training": True,
    "annotation": True,
    "operator_kind": "ordinary",
}
"""Of a service that most duties bind."""


def status(
    asked: Asked | None = None,
    *,
    regime: Regime | None = None,
    answers: Answers = ANSWERS,
    soundness: Sound | Unsound | None = None,
) -> Status:
    """Give the planted status of a day: today's, unless asked about another."""
    asked, law = asked or Asked(), regime or shipped()
    day = asked.at or NOW.astimezone(ZoneInfo(law.zone)).date()
    known = asked.known or day
    lines = tuple(line(law, duty, answers) for duty in bound(law, day, known, asked.as_if))
    return Status(
        law, NOW, day, known, asked.as_if, SIZE, soundness or Sound(SIZE, bytes(range(32))),
        answers, routes(law, answers), lines, due(lines),
    )  # fmt: skip


def line(regime: Regime, duty: Obligation, answers: Answers = ANSWERS) -> Line:
    """Give one planted line: whom it binds and whether it applies is decided, the rest is not."""
    source = regime.sources[duty.source]
    if not {Party.PROVIDER, Party.PLATFORM} & set(duty.bound):
        why = Text("该义务约束主管部门或使用者。", "It binds the authority or the users.")
        return Line(duty, source, Standing.NOT_APPLICABLE, (why,), (), None, None)
    decided = decide(duty.applies, counting(regime.questions, answers))
    if not decided.holds:
        names = ", ".join(decided.because)
        standing = Standing.UNKNOWN if decided.holds is None else Standing.NOT_APPLICABLE
        why = Text(f"取决于适用范围的回答：{names}。", f"Depends on the answers on scope: {names}.")
        return Line(duty, source, standing, (why,), (), None, None)
    looked = tuple(Looked(control, verdict(control)) for control in _controls(regime, duty))
    instants = [one.verdict.since for one in looked if one.verdict.since]
    found = worst([one.verdict for one in looked])
    return Line(duty, source, found, (), looked, max(instants, default=None), None)


def _controls(regime: Regime, duty: Obligation) -> list[Control]:
    return [regime.controls[name] for name in duty.controls]


def verdict(control: Control) -> Verdict:
    """Plant a verdict, always the same for one control."""
    chance = crc32(control.id.encode()) % 20
    match control.check:
        case "awaits":
            return Verdict(Standing.UNKNOWN, (Text(
                "现有能力看不到：" + _word(control, "capability", "zh") + "尚未建成。",
                f"Kanhe cannot see it: {_word(control, 'capability', 'en')} is not built yet.",
            ),))  # fmt: skip
        case "attested":
            return _attested(control, chance)
        case "keyword_library":
            return Verdict(
                Standing.GAP,
                (Text("关键词共 8,412 个，少于要求的 10,000 个。",
                      "8,412 keywords; 10,000 are asked for."),
                 Text("上次更新在 9 天前，应每周更新。",
                      "They were updated 9 days ago; every 7 days is asked for.")),
                (48_101, 47_990),
                (Action(Text("补充关键词并重新加载", "Add keywords and load them again"),
                        "kanhe rules check rules.yaml"),),
                NOW - timedelta(days=2),
            )  # fmt: skip
        case _:
            return _automatic(control, chance)


def _attested(control: Control, chance: int) -> Verdict:
    sign = Action(Text(f"签署：{control.title.zh}", f"Sign: {control.title.en}"),
                  f"kanhe attest {control.id}", f"attest/{control.id}")  # fmt: skip
    if chance < 11:
        why = Text("已签署声明，尚在有效期内。", "The statement is signed and still counts.")
        return _proven(why, 41_000 + chance, NOW + timedelta(days=90 + chance))
    if chance < 14:
        return Verdict(
            Standing.STALE,
            (Text("声明已于 2026年11月13日到期。", "The statement ended on 13 November 2026."),),
            (39_000 + chance,), (sign,), NOW - timedelta(days=9),
        )  # fmt: skip
    why = Text("尚无人签署声明。", "Nobody has signed the statement.")
    return Verdict(Standing.UNKNOWN, (why,), (), (sign,))


def _automatic(control: Control, chance: int) -> Verdict:
    if chance > 17:
        return Verdict(
            Standing.STALE,
            (Text("上次演练在 3 天前，应每 2 天一次。",
                  "The last drill was 3 days ago; every 2 days is asked for."),),
            (46_770,), (Action(Text("启动服务，由其演练", "Start the service: it tries itself"),
                               "kanhe serve"),),
            NOW - timedelta(days=1),
        )  # fmt: skip
    return _proven(
        Text("最近一次演练拦下了全部 12 条样例，无一泄漏。",
             "The last drill stopped all 12 planted texts; none of them leaked."),
        48_000 + chance, None,
    )  # fmt: skip


def _proven(why: Text, entry: int, until: datetime | None) -> Verdict:
    return Verdict(Standing.MET, (why,), (entry, entry - 977), (), NOW - timedelta(days=21), until)


def _word(control: Control, name: str, language: str) -> str:
    value = control.parameters.get(name)
    return str(value[language]) if isinstance(value, Mapping) else control.id


def routes(regime: Regime, answers: Answers):
    counted = counting(regime.questions, answers)
    return tuple(one for one in regime.routes if decide(one.condition, counted).holds)


def due(lines: Sequence[Line]) -> tuple[Due, ...]:
    """Give three deadlines: one overdue, one soon, one that rests on a calendar not yet known."""
    names = [one.obligation.id for one in lines]
    steps = (
        Text("2026年9月1日 00:00 起算：服务上线（适用范围的回答，记录 40,312）。",
             "Begins on 1 September 2026, 00:00: the launch (answer on scope, entry 40,312)."),
        Text("加 10 个工作日：跳过周末，中秋节调休按国办通知计算。",
             "10 working days are added: weekends are passed over, holidays by the notice."),
        Text("于最后一日 24:00 届满。", "It ends with the last day."),
    )  # fmt: skip
    return (
        Due(Text("每周更新关键词库", "Weekly update of the keyword library"),
            NOW - timedelta(days=2), tuple(names[40:41]), steps),
        Due(Text("算法备案变更", "Change of the algorithm filing"),
            NOW + timedelta(days=3, hours=9), tuple(names[60:62]), steps),
        Due(Text("年度个人信息合规审计", "Yearly audit of personal information"),
            NOW + timedelta(days=400), tuple(names[80:81]), steps, provisional=True),
    )  # fmt: skip


class System:
    """A running system in memory: what is recorded can be asked for again."""

    def __init__(self, *, now: datetime = NOW, found: Status | None = None) -> None:
        self.name = "kanhe.localhost/ledger"
        self.regime = shipped()
        self.ruleset = Loaded("baseline", hashlib.sha256(b"baseline").hexdigest())
        self.now = now
        self.entries: list[Seen] = planted(self.regime)
        self.witnessed = True
        self.counts = {"gateway:answer:released": 1517, "gateway:prompt:refused": 43,
                       "gateway:answer:stopped": 4}  # fmt: skip
        self.stopping = asyncio.Event()
        self._found = found

    def told(self, after: int) -> tuple[()]:
        return ()

    def head(self) -> Head:
        return Head(SIZE, hashlib.sha256(b"root").digest(), self.witnessed)

    async def status(self, asked: Asked) -> Status:
        if self._found:
            return self._found
        return status(asked, regime=self.regime, answers=self.answers)

    @property
    def answers(self) -> Answers:
        recorded = [seen for seen in self.entries if seen.tag == "operator:scope:determined"]
        if not recorded:
            return {}
        given = recorded[-1].facts["answers"]
        assert isinstance(given, Mapping)
        return {name: tuple(one) if isinstance(one, list) else one for name, one in given.items()}

    async def supposed(self, answers: Answers, by: str) -> Status:
        return status(regime=self.regime, answers=answers)

    async def kept(self, tag: str) -> Sequence[Seen]:
        return [seen for seen in self.entries if seen.tag == tag]

    async def recent(self, count: int, minutes: int) -> Sequence[Span]:
        step = timedelta(minutes=minutes)
        start = self.now - step * count
        return [Span(start + step * n, _counts(n)) for n in range(count)]

    def related(self, regime: str) -> Regime | None:
        return None

    def determination(self, answers: Answers, by: str) -> Mapping[str, Json]:
        written = {k: list(v) if isinstance(v, tuple) else v for k, v in answers.items()}
        return {"regime": self.regime.id, "edition": self.regime.version, "answers": written,
                "routes": [], "by": by, "valid_days": self.regime.answers_valid_days}  # fmt: skip

    async def record(self, tag: str, facts: Mapping[str, Json]) -> int:
        index = SIZE + len(self.entries)
        self.entries.append(Seen(index, self.now, tag, facts))
        return index

    async def attest(self, signed: Signed) -> int:
        return await self.record("operator:duty:attested", {
            "regime": self.regime.id, "control": signed.control.id, "done": signed.done,
            "valid_until": signed.valid_until.isoformat(), "evidence": list(signed.evidence),
            "by": signed.by, "role": signed.role,
        })  # fmt: skip


def _counts(n: int) -> Mapping[str, int]:
    high = 40 + (n * 37) % 23
    return {"released": high, "refused": n % 4, "stopped": 1 if n % 7 == 3 else 0}


def planted(regime: Regime) -> list[Seen]:
    """Give entries that pages show: answers, settings, a change, an attestation."""
    written = {k: list(v) if isinstance(v, tuple) else v for k, v in ANSWERS.items()}
    attested = next(c.id for c in regime.controls.values() if c.check == "attested")
    settings: dict[str, Json] = {
        "regime": regime.id, "language": "auto", "label": "suffix", "strikes": True, "in_a_row": 3,
        "in_a_day": 5, "suspension_h": 24, "unknown_fields": "hold", "blocked_prompt": "reply",
        "object_to": True, "producer": "001191110000MA00KANHE110001",
        "models": [{"name": "qwen", "kind": "http"}], "limits": {"turns": 400, "streams": 5000},
        "version": "0.2.0", "ruleset": hashlib.sha256(b"baseline").hexdigest(),
    }  # fmt: skip
    entries: list[tuple[str, int, Mapping[str, Json]]] = [
        ("operator:scope:determined", 30, {
            "regime": regime.id, "edition": regime.version, "answers": written,
            "routes": ["filing"], "by": "acct-7f3a", "valid_days": regime.answers_valid_days}),
        ("operator:settings:recorded", 28, {**settings, "label": "prefix"}),
        ("operator:duty:attested", 20, {
            "regime": regime.id, "control": attested, "done": True, "by": "acct-7f3a",
            "role": "owner", "valid_until": "2027-02-20",
            "evidence": [hashlib.sha256(b"paper").hexdigest()]}),
        ("operator:settings:recorded", 3, settings),
        ("service:obligation:changed", 2, {
            "regime": regime.id, "obligation": "cn-im-14-1", "before": "unknown", "after": "met"}),
    ]  # fmt: skip
    return [Seen(40_000 + n, NOW - timedelta(days=days), tag, facts)
            for n, (tag, days, facts) in enumerate(entries)]  # fmt: skip


def unsound() -> Status:
    """Give a status over a ledger that does not add up."""
    broken = Unsound(31_337, "entry 31337 has another hash than the tree says")
    found = status(soundness=broken)
    why = Text(
        "账本对不上，不能据此下结论。", "The ledger does not add up; nothing follows from it."
    )
    lines = tuple(
        one if one.standing is Standing.NOT_APPLICABLE
        else replace(one, standing=Standing.UNKNOWN, reasons=(why,), looked=())
        for one in found.lines
    )  # fmt: skip
    return replace(found, lines=lines)
