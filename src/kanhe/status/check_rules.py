"""Checks over the rules in force: how large the library is, which risks it covers, how it is tried.

The numbers come from `operator:ruleset:loaded`, which is written before rules come into force; the
minima come from the regime. A library that was not renewed in time is stale, however large.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kanhe.law.risk import Risk
from kanhe.ledger.entry import Json
from kanhe.status.check import RULES, SERVE, Terms, count, days, fact, run, said, unseen
from kanhe.status.picture import Picture, Seen
from kanhe.status.record import LOADED, PROPOSED, RELEASED
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text, counted

_LOADED = Text("规则集的数目", "numbers of a ruleset")
_TERMS = Action(
    Text("补充关键词后重新载入规则集", "Add terms and load the rules again"),
    "kanhe rules check",
    "rules",
)
_EXAMPLES = Action(
    Text("为规则补充示例（examples）", "Add examples to the rules"), "kanhe rules check", "rules"
)
_RELEASE = Action(
    Text("由另一人在控制台发布规则", "Have a second person release rules in the console"),
    page="rules",
)


def keyword_library(picture: Picture, terms: Terms) -> Verdict:
    """Say whether the library is large enough, in all and for each risk, and renewed in time."""
    loaded = picture.last(LOADED)
    distinct = count(loaded, "terms_total") if loaded else None
    by_risk = loaded.facts.get("terms") if loaded else None
    risks = terms.regime.risks
    library = _library(risks)
    if not loaded or distinct is None or not isinstance(by_risk, Mapping) or not library(loaded):
        return unseen(_LOADED, SERVE)
    least, ours = terms.number("least"), _ours(by_risk, risks)
    # Distinct terms of the risks, at least: one that stands under a category of one's own, too,
    # is left out with it.
    total = distinct - ours
    short = _short(by_risk, risks)
    reasons = [_total(total, least), *_left_out(ours), _minima(short, risks)]
    since = run(picture.all(LOADED), fact("terms")).at
    renewed = run(picture.all(LOADED), library)
    until = renewed.at + days(terms.number("fresh_days"))
    late = terms.at >= until
    reasons.append(_renewed(terms, renewed, late=late))
    if total < least or short:
        return said(Standing.GAP, *reasons, by=[loaded, renewed], since=since, do=(_TERMS,))
    if late:
        return said(Standing.STALE, *reasons, by=[loaded, renewed], since=until, do=(_TERMS,))
    return said(Standing.MET, *reasons, by=[loaded, renewed], since=since, until=until)


def _library(risks: Mapping[str, Risk]) -> Callable[[Seen], Json]:
    """Give what tells one library from the next: the terms of the risks, not what is around."""

    def library(seen: Seen) -> Json:
        hashes = seen.facts.get("lexicons")
        return {code: hashes.get(code) for code in risks} if isinstance(hashes, Mapping) else None

    return library


def _ours(by_risk: Mapping[str, Json], risks: Mapping[str, Risk]) -> int:
    """Count terms under categories of the operator's own: they show nothing of a risk."""
    return sum(n for code, n in by_risk.items() if code not in risks and isinstance(n, int))


def _left_out(ours: int) -> tuple[Text, ...]:
    if not ours:
        return ()
    return (Text(f"自设类别的 {ours} 个关键词不计入",
                 f"{ours:,} terms of the operator's own categories do not count"),)  # fmt: skip


def _short(by_risk: Mapping[str, Json], risks: Mapping[str, Risk]) -> dict[str, tuple[int, int]]:
    """Give the risks with too few terms: how many there are, and how many there have to be."""
    had = {code: n for code in risks if isinstance(n := by_risk.get(code, 0), int)}
    return {
        code: (had.get(code, 0), risk.keywords)
        for code, risk in risks.items()
        if had.get(code, 0) < risk.keywords
    }


def _total(total: int, least: int) -> Text:
    if total >= least:
        return Text(
            f"关键词共 {total} 个，不少于 {least} 个",
            f"{total:,} terms in all, at least {least:,} asked for",
        )
    return Text(
        f"关键词共 {total} 个，要求不少于 {least} 个，还差 {least - total} 个",
        f"{total:,} terms in all of at least {least:,}: {least - total:,} are missing",
    )


def _minima(short: Mapping[str, tuple[int, int]], risks: Mapping[str, Risk]) -> Text:
    asked = sum(risk.keywords > 0 for risk in risks.values())
    if not short:
        return Text(
            f"{asked} 类有下限要求的风险，每类关键词均已达到下限",
            f"Each of the {asked} risks that have a minimum has as many terms as it must",
        )
    zh = "，".join(
        f"{code} {had}/{least}（差 {least - had}）" for code, (had, least) in short.items()
    )
    en = ", ".join(f"{code} {had}/{least} ({least - had} missing)"
                   for code, (had, least) in short.items())  # fmt: skip
    return Text(
        f"{asked} 类有下限要求的风险中，{len(short)} 类未达到：{zh}",
        f"{len(short)} of the {asked} risks that have a minimum fall short: {en}",
    )


def _renewed(terms: Terms, renewed: Seen, *, late: bool) -> Text:
    at, within = terms.moment(renewed.at), terms.number("fresh_days")
    ago = (terms.at - renewed.at).days
    if late:
        return Text(
            f"词库上次更新于 {at.zh}，距今 {ago} 天，应每 {within} 天至少更新一次",
            f"The library was last renewed on {at.en}, {counted(ago, 'day')} ago; it has to be "
            f"every {within} days",
        )
    return Text(
        f"词库上次更新于 {at.zh}，未超过 {within} 天",
        f"The library was last renewed on {at.en}, within {within} days",
    )


def rules_cover_risks(picture: Picture, terms: Terms) -> Verdict:
    """Say whether each risk of a class has a rule that acts, on each side that is asked for."""
    loaded = picture.last(LOADED)
    covers = loaded.facts.get("covers") if loaded else None
    if loaded is None or not isinstance(covers, Mapping):
        return unseen(_LOADED, SERVE)
    classes, sides = (
        _words(terms.parameters["class"]),
        _words(terms.parameters.get("sides", _SIDES)),
    )
    risks = [code for code in terms.regime.risks if _is_of(code, classes)]
    bare = {code: [side for side in sides if not _number(covers, code, side)] for code in risks}
    bare = {code: without for code, without in bare.items() if without}
    name = "、".join(classes), ", ".join(classes)
    if not risks:
        return unseen(Text(f"{name[0]} 类风险", f"risk of the class {name[1]}"))
    if bare:
        since = run(picture.all(LOADED), fact("covers")).at
        return said(
            Standing.GAP, _bare(name, len(risks), bare), by=[loaded], since=since, do=(RULES,)
        )
    good = Text(
        f"{name[0]} 类的 {len(risks)} 项风险均有生效规则",
        f"Each of the {len(risks)} risks of {name[1]} has a rule that acts",
    )
    begun = run(picture.all(LOADED), fact("covers"))
    return said(Standing.MET, good, by=[loaded, begun], since=begun.at)


_SIDES = ("prompt", "answer")
_ZH = {"prompt": "输入", "answer": "输出"}


def _bare(name: tuple[str, str], number: int, bare: Mapping[str, list[str]]) -> Text:
    zh = "，".join(f"{code}（{'、'.join(_ZH.get(s, s) for s in without)}）"
                   for code, without in bare.items())  # fmt: skip
    en = ", ".join(f"{code} ({' and '.join(without)})" for code, without in bare.items())
    return Text(
        f"{name[0]} 类的 {number} 项风险中，{len(bare)} 项没有生效规则：{zh}",
        f"{len(bare)} of the {number} risks of {name[1]} have no rule that acts: {en}",
    )


def _words(value: Json) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(word) for word in value) if isinstance(value, list | tuple) else ()


def _is_of(code: str, classes: tuple[str, ...]) -> bool:
    return any(code == one or code.startswith(f"{one}.") for one in classes)


def _number(covers: Mapping[str, Json], code: str, side: str) -> int:
    sides = covers.get(code)
    number = sides.get(side, 0) if isinstance(sides, Mapping) else 0
    return number if isinstance(number, int) else 0


def ruleset_tested(picture: Picture, terms: Terms) -> Verdict:
    """Say whether each rule that acts has an example that it must find.

    Examples are tried before rules come into force, and one that fails keeps them out. Rules that
    ask a judge have none: what their judge finds stands in its record (`check_judges.py`).
    """
    good = Text("应当命中的示例", "an example that it must find")
    return _tried(picture, "rules_tested", good)


def over_blocking(picture: Picture, terms: Terms) -> Verdict:
    """Say whether each rule that acts has an example that it must leave alone."""
    good = Text("不应命中的示例", "an example that it must leave alone")
    return _tried(picture, "rules_spared", good)


def _tried(picture: Picture, name: str, what: Text) -> Verdict:
    loaded = picture.last(LOADED)
    had = count(loaded, name) if loaded else None
    acting, examples = (
        (count(loaded, "rules_acting"), count(loaded, "examples")) if loaded else (None, None)
    )
    if loaded is None or had is None or not acting or examples is None:
        return unseen(Text("生效规则及其示例的数目", "numbers of acting rules and examples"), SERVE)
    begun = run(picture.all(LOADED), lambda seen: (fact(name)(seen), fact("rules_acting")(seen)))
    judged = count(loaded, "rules_judged") or 0
    if judged:
        acting -= judged
    beside = _judged(judged)
    if had < acting:
        bad = Text(
            f"{acting} 条生效规则中，{acting - had} 条没有{what.zh}",
            f"{acting - had} of {counted(acting, 'rule')} that {'acts' if acting == 1 else 'act'} "
            f"{'has' if acting - had == 1 else 'have'} no example: {what.en}",
        )
        return said(Standing.GAP, bad, *beside, by=[loaded, begun], since=begun.at, do=(_EXAMPLES,))
    if not acting:
        return said(Standing.UNKNOWN, *beside, by=[loaded], do=(RULES,))
    good = Text(
        f"{acting} 条生效规则都有{what.zh}；载入时 {examples} 个示例全部通过",
        f"{_each(acting)} has {what.en}; all {counted(examples, 'example')} came out right "
        "when they were loaded",
    )
    return said(Standing.MET, good, *beside, by=[loaded, begun], since=begun.at)


def _judged(number: int) -> tuple[Text, ...]:
    if not number:
        return ()
    return (Text(
        f"另有 {number} 条研判规则没有示例，以研判模型的测评记录为准",
        f"Besides, {counted(number, 'rule')} that {'asks' if number == 1 else 'ask'} a judge "
        f"{'has' if number == 1 else 'have'} no examples; what is known of the judge stands in its "
        "record",
    ),)  # fmt: skip


def _each(acting: int) -> str:
    return "The 1 rule that acts" if acting == 1 else f"Each of {acting:,} rules that act"


def two_person_release(picture: Picture, terms: Terms) -> Verdict:
    """Say whether the rules in force were proposed by one person and released by another."""
    loaded, released = picture.last(LOADED), picture.last(RELEASED)
    if loaded is None or released is None:
        return unseen(
            Text("由另一人发布规则的记录", "release of rules by a second person"), _RELEASE
        )
    version = loaded.facts.get("version")
    mine = [seen for seen in picture.all(RELEASED) if seen.facts.get("version") == version]
    if not mine:
        bad = Text(
            f"现行规则集 {str(version)[:12]} 未经第二人发布",
            f"The rules in force, {str(version)[:12]}, were not released by a second person",
        )
        return said(Standing.GAP, bad, by=[loaded, released], since=loaded.at, do=(_RELEASE,))
    release = mine[-1]
    by, proposer = release.facts.get("by"), release.facts.get("proposed_by")
    proposed = [s for s in picture.all(PROPOSED) if s.facts.get("version") == version]
    if not by or not proposer or by == proposer:
        bad = Text(
            "提出与发布规则的是同一人", "One person has both proposed and released the rules"
        )
        return said(Standing.GAP, bad, by=[release, *proposed], since=release.at, do=(_RELEASE,))
    good = Text(
        f"现行规则集 {str(version)[:12]} 由一人提出、另一人于 {terms.zh(release.at)} 发布",
        f"The rules in force, {str(version)[:12]}, were proposed by one person and released by "
        f"another on {terms.en(release.at)}",
    )
    return said(Standing.MET, good, by=[release, loaded, *proposed[-1:]], since=release.at)
