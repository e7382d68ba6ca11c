"""The check over classifiers: which kinds of content judges in force were seen to find.

A risk is covered where rules that act, for everybody, ask a judge for each category that speaks for
it, at a threshold at which a record of that very judge shows enough found and not too many false
alarms, by the unfavourable ends of exact intervals. A category of the operator's own (`own.…`)
speaks for the risk under which its rule stands. A risk that categories speak for in part is never
covered by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum

from kanhe.judge.category import titled
from kanhe.law.regime import RISKS, Confidence, Kind
from kanhe.status.check import SERVE, Terms, fact, run, said, unseen
from kanhe.status.judged import (
    MEASURE,
    RECORD,
    UNSAFE,
    Asked,
    InForce,
    Judging,
    Share,
    Shown,
    judging,
)
from kanhe.status.picture import Picture
from kanhe.status.record import LOADED, SETTINGS
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text, counted

OWN = "own."
_AND = "、"
"""Parts categories of which the same is said."""
_ADD = Action(
    Text(
        "在规则文件中为这些风险补充研判规则（写法见 docs/judges.md），再行检查",
        "Write rules that ask a judge for these into a ruleset (docs/judges.md), and check it",
    ),
    "kanhe rules check",
    "rules",
)
_TUNE = Action(
    Text("调整阈值或更换研判模型，再测评", "Choose another threshold or judge, and measure it"),
    "kanhe judge measure",
)


class Look(IntEnum):
    """How one category stands; the worse come first."""

    UNSPOKEN = 0
    """No category speaks for it."""
    UNASKED = 1
    """No rule in force asks a judge for it."""
    UNMEASURED = 2
    """No record of this judge at this threshold has rows of it."""
    SHORT = 3
    """The record shows too little found, or too many false alarms."""
    PART = 4
    """Shown; yet it speaks for the risk in part."""
    SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Found:
    """How one category, or one risk, stands, and what shows it."""

    look: Look
    what: str = ""
    by: tuple[Shown, ...] = ()
    rest: tuple[_Found, ...] = ()
    """Of a risk: its other categories, which stand better than the worst."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the data asks of a record."""

    sides: tuple[str, ...]
    languages: tuple[str, ...]
    rows: int
    least: int
    most: int

    def shows(self, share: Share) -> bool:
        """Say whether the unfavourable ends keep the bounds, on enough rows."""
        enough = share.unsafe >= self.rows and share.safe >= self.rows
        return enough and (
            share.sensitivity.low * 100 >= self.least and share.alarm.high * 100 <= self.most
        )


def classifiers(picture: Picture, terms: Terms) -> Verdict:
    """Say whether each kind of content of a list has judges in force that were seen to find it."""
    seen = judging(picture)
    kinds = terms.regime.judging.get(str(terms.parameters["list"]), {})
    if seen is None or not kinds:
        return unseen(RECORD, SERVE)
    wanted = _Wanted(
        _words(terms, "sides", "answer"),
        _words(terms, "languages", "zh"),
        terms.number("rows"),
        terms.number("least_percent"),
        terms.number("most_false_percent"),
    )
    looks = {one.id: _kind(one, seen, wanted) for one in kinds.values()}
    return _told(looks, seen, picture, terms, wanted)


def _words(terms: Terms, name: str, otherwise: str) -> tuple[str, ...]:
    value = terms.parameters.get(name, otherwise)
    return (value,) if isinstance(value, str) else tuple(map(str, value))  # type: ignore[arg-type] # a list


def _kind(kind: Kind, seen: Judging, wanted: _Wanted) -> _Found:
    own = _own(kind, seen, wanted)
    if own and own.look is Look.SHOWN:
        return own
    parts = [_category(name, seen.asked, wanted) for name in kind.by]
    if not parts:
        return own or _Found(Look.UNSPOKEN)
    worst = min(parts, key=lambda one: one.look)
    if worst.look is not Look.SHOWN:
        short = [one for one in parts if one.look is worst.look]
        by = tuple(shown for one in short for shown in one.by)
        rest = tuple(one for one in parts if one.look is not worst.look)
        found = _Found(worst.look, _AND.join(one.what for one in short), by, rest)
        return own if own and own.look > found.look else found
    unsure = Confidence.UNCERTAIN in kind.by.values()
    by = tuple(shown for one in parts for shown in one.by)
    return _Found(Look.PART if unsure else Look.SHOWN, "", by)


def _own(kind: Kind, seen: Judging, wanted: _Wanted) -> _Found | None:
    """Look at the operator's own categories in rules that stand under this risk."""
    rules = [one for one in seen.asked if one.category == kind.id]
    names = {name for one in rules for name in one.over if name.startswith(OWN)}
    found = [_category(name, rules, wanted) for name in sorted(names)]
    return max(found, key=lambda one: one.look, default=None)


def _category(name: str, asked: Iterable[Asked], wanted: _Wanted) -> _Found:
    """Give how a category stands: at its best on each side, and by the worse of the sides."""
    rules = [one for one in asked if one.for_all and one.judge]
    by_side = [
        max(
            (_rule(name, one, wanted) for one in rules if side in one.sides),
            key=lambda one: one.look,
            default=_Found(Look.UNASKED, name),
        )
        for side in wanted.sides
    ]
    worst = min(by_side, key=lambda one: one.look, default=_Found(Look.UNASKED, name))
    by = (shown for one in by_side if one.look is worst.look for shown in one.by)
    return _Found(worst.look, worst.what, tuple(by))


def _rule(name: str, rule: Asked, wanted: _Wanted) -> _Found:
    """Give how a category stands with one rule: by its own probability, or by that of `unsafe`."""
    ways = [of for of in (name, UNSAFE) if of in rule.over]
    # A judge's word on everything says nothing of what it was never measured on.
    looks = [_measured(name, of, rule, wanted) for of in ways]
    return max(looks, key=lambda one: one.look, default=_Found(Look.UNASKED, name))


def _measured(name: str, of: str, rule: Asked, wanted: _Wanted) -> _Found:
    worst, by = _Found(Look.SHOWN, name), []
    for lang in wanted.languages:
        got = _newest(rule.judge, of, rule.over[of], name, lang)
        if got is None:
            return _Found(Look.UNMEASURED, name)
        shown, share = got
        by.append(shown)
        if not wanted.shows(share):
            worst = _Found(Look.SHORT, f"{name} {share.caught}/{share.unsafe}")
    return _Found(worst.look, worst.what, tuple(by))


def _newest(
    judge: InForce | None, of: str, threshold: int, name: str, lang: str
) -> tuple[Shown, Share] | None:
    """Give the newest record with such rows, good or bad: an older one does not outweigh it."""
    for shown in judge.records if judge else ():
        share = shown.share(of, threshold, name, lang)
        if share:
            return shown, share
    return None


_UNSPOKEN = Text("没有对应的类别", "no category speaks for it")
_SAYS = {
    Look.UNASKED: Text(
        "没有对所有人生效的规则研判", "no rule that acts for everybody asks a judge"
    ),
    Look.UNMEASURED: Text(
        "没有同一模型、同一阈值的测评数据", "nothing was measured of this judge at this threshold"
    ),
    Look.SHORT: Text("测评未达要求", "what was measured falls short"),
    Look.SHOWN: Text(
        "已有测评证明可识别，但该风险的其余类别尚未覆盖",
        "found, as measured; the rest of the risk is not covered",
    ),
    Look.PART: Text("只能部分识别，不计为已覆盖", "found in part, which is not called covered"),
}


def _told(
    looks: Mapping[str, _Found], seen: Judging, picture: Picture, terms: Terms, wanted: _Wanted
) -> Verdict:
    shown = [one for one in looks.values() if one.look is Look.SHOWN]
    part = [one for one in looks.values() if one.look is Look.PART]
    records = tuple({id(one): one for found in (*shown, *part) for one in found.by}.values())
    reasons = [
        _summary(len(looks), len(shown), len(part), wanted),
        *_groups(looks, terms),
        *_grounds(records),
        *_loose(seen.asked),
    ]
    begun = [run(picture.all(LOADED), fact("judged")), run(picture.all(SETTINGS), fact("judges"))]
    parts = [one for found in looks.values() for one in (found, *found.rest)]
    short = [one.seen for found in parts if found.look is Look.SHORT for one in found.by]
    entries = [
        seen.loaded,
        seen.settings,
        *seen.learnt,
        *(one.seen for one in records),
        *short,
        *begun,
    ]
    since = max(one.at for one in begun)
    missing = len(looks) - len(shown) - len(part)
    if missing:
        todo = tuple(_steps({one.look for one in parts}))
        return said(Standing.GAP, *reasons, by=entries, since=since, do=todo)
    if part:
        return said(Standing.UNKNOWN, *reasons, by=entries, since=since, do=(_ADD,))
    latest = max([since, *(one.seen.at for one in records if one.seen)])
    return said(Standing.MET, *reasons, by=entries, since=latest)


def _steps(looks: Set[Look]) -> Iterable[Action]:
    if looks & {Look.UNSPOKEN, Look.UNASKED}:
        yield _ADD
    if Look.UNMEASURED in looks:
        yield MEASURE
    if Look.SHORT in looks:
        yield _TUNE


def _summary(of: int, shown: int, part: int, wanted: _Wanted) -> Text:
    zh = f"（查全率下限 {wanted.least}%，误报上限 {wanted.most}%，至少 {wanted.rows} 条）"
    en = (
        f" (at least {wanted.least} % found, at most {wanted.most} % false alarms, "
        f"{wanted.rows} rows)"
    )
    return Text(
        f"{of} 类中，{shown} 类有经测评的研判模型识别{zh}，{part} 类只能部分识别",
        f"Of {counted(of, 'kind')} {shown} are found by judges that were measured{en}, "
        f"{part} in part",
    )


def _groups(looks: Mapping[str, _Found], terms: Terms) -> Iterable[Text]:
    """Say of the kinds that are not covered why, those with one reason together."""
    kinds = terms.regime.judging[str(terms.parameters["list"])]
    groups: dict[Text, list[Text]] = {}
    for look in sorted(Look):
        for name, found in looks.items():
            part = _at(look, found)
            if part:
                why = _SAYS.get(look) or kinds[name].none or _UNSPOKEN
                groups.setdefault(why, []).append(_named(kinds[name], part, terms))
    for why, here in groups.items():
        yield Text(
            f"{why.zh}：{'，'.join(one.zh for one in here)}",
            f"{', '.join(one.en for one in here)}: {why.en}",
        )


def _at(look: Look, found: _Found) -> _Found | None:
    """Give what of a risk stands so; of one that is covered nothing has to be said."""
    if found.look is look:
        return found if look is not Look.SHOWN else None
    names = [one.what for one in found.rest if one.look is look]
    return _Found(look, _AND.join(names)) if names else None


def _named(kind: Kind, found: _Found, terms: Terms) -> Text:
    coded = terms.parameters["list"] == RISKS
    title = Text(kind.id, kind.id) if coded else kind.title
    if not found.what:
        return title
    what = found.what.split(_AND)
    # The ids are English words, and those that a rule is written with.
    return Text(
        f"{title.zh}（{'；'.join(map(_in_chinese, what))}）", f"{title.en} ({', '.join(what)})"
    )


def _in_chinese(what: str) -> str:
    """Give a category by its title, with the counts behind it as they are."""
    name, gap, counts = what.partition(" ")
    return f"{titled(name).zh}{gap}{counts}"


def _grounds(records: Sequence[Shown]) -> Iterable[Text]:
    """Say on what it rests: records of this ledger, or such as came with the weights."""
    own, shipped = sum(one.seen is not None for one in records), 0
    shipped = len(records) - own
    if own:
        yield Text(
            f"依据账本中的测评记录 {own} 份", f"It rests on {counted(own, 'record')} of this ledger"
        )
    if shipped:
        yield Text(
            f"依据模型随附的测评记录 {shipped} 份，未在本服务上重新测评",
            f"It rests on {counted(shipped, 'record')} that came with the judge, and that nobody "
            "has measured again here",
        )


def _loose(asked: Iterable[Asked]) -> Iterable[Text]:
    """Say how many rules are less strict than they could be; they count all the same."""
    rules = list(asked)
    trail = sum(one.rules for one in rules if one.trails)
    pass_by = sum(one.rules for one in rules if one.passes)
    if trail or pass_by:
        yield Text(
            f"研判规则中，{trail} 条先放行后研判，{pass_by} 条在未得出研判时放行",
            f"Of the judged rules {trail} let text leave before the verdict, and {pass_by} let it "
            "pass where there is no opinion",
        )
