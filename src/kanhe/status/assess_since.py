"""What changed since an assessment: models that answer, rules before them, banks drawn from.

An assessment tells of what was assessed and of nothing after it. One change is let pass, and told:
terms added to the library with the rules around them as they were. The regime wants the library
renewed every week, and nobody would renew it if each time a thousand questions fell due.

What cannot be seen here: another model behind the same name. The ledger knows models by their
names, and the embedded one by the version of the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kanhe.ledger.entry import Json
from kanhe.status.assessed import Report
from kanhe.status.check import Terms, run
from kanhe.status.picture import Picture, Seen
from kanhe.status.record import BANK_SEEN, LOADED, SETTINGS
from kanhe.terms import Text

_OF_TERMS = frozenset({"version", "label", "lexicon", "lexicons", "terms", "terms_total"})
"""Facts of rules that change when a term is added, and nothing else does."""
_EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, and the entry that first shows it."""

    what: Text
    seen: Seen


@dataclass(frozen=True, slots=True)
class Since:
    """How what was assessed compares with what is in force.

    Attributes:
        settings: Of the last start.
        loaded: The rules in force.
        changes: What makes the assessment one of something else; empty: nothing.
        passed_over: What changed and is let pass.
        unassessed: Models in service that were not asked.
    """

    settings: Seen
    loaded: Seen
    changes: tuple[Change, ...]
    passed_over: tuple[Text, ...]
    unassessed: tuple[str, ...]


def since(picture: Picture, report: Report, terms: Terms) -> Since | None:
    """Compare; None where the ledger does not tell what is in force."""
    settings, loaded = picture.last(SETTINGS), picture.last(LOADED)
    served = models(settings) if settings else None
    if settings is None or loaded is None or served is None:
        return None
    rules, passed_over = _rules(picture, report, terms)
    lost = tuple(sorted(name for name in served if name not in report.models))
    found = (*model_changes(picture, report, terms), *rules)
    return Since(settings, loaded, found, passed_over, lost)


def model_changes(picture: Picture, report: Report, terms: Terms) -> tuple[Change, ...]:
    """Give what changed of the models since the first question was asked."""
    before = [seen for seen in picture.all(SETTINGS) if seen.at <= report.begun]
    now = picture.last(SETTINGS)
    if not before or now is None or models(before[-1]) == models(now):
        return ()
    begun = run(picture.all(SETTINGS), models)
    at = terms.moment(begun.at)
    what = Text(f"模型已于 {at.zh} 变更", f"the models were changed on {at.en}")
    return (Change(what, begun),)


def models(settings: Seen) -> dict[str, str] | None:
    """Give the models of a start, by name: the kind, of the embedded one with its version."""
    given = settings.facts.get("models")
    if not isinstance(given, list | tuple):
        return None
    found = {}
    for one in given:
        if isinstance(one, dict):
            kind = str(one.get("kind", ""))
            version = f" {settings.facts.get('version')}" if kind == _EMBEDDED else ""
            found[str(one.get("name", ""))] = kind + version
    return found


def _rules(
    picture: Picture, report: Report, terms: Terms
) -> tuple[tuple[Change, ...], tuple[Text, ...]]:
    entries = picture.all(LOADED)
    now, assessed = entries[-1], _assessed(picture, report)
    if assessed is None:
        what = Text(
            "评估时生效的规则，账本中没有记录",
            "the ledger has no record of the rules that were assessed",
        )
        return (Change(what, now),), ()
    if any(report.begun < one.at <= report.ended and _version(one) != _version(assessed)
           for one in entries):  # fmt: skip
        what = Text("评估过程中更换了规则", "the rules were changed while it was made")
        return (Change(what, now),), ()
    if _version(now) == _version(assessed):
        return (), ()
    begun = run(entries, _version)
    at = terms.moment(begun.at)
    if _around(now) == _around(assessed) and now.facts.get("lexicon") != assessed.facts.get(
        "lexicon"
    ):
        return (), (Text(
            f"此后更新过关键词（最近一次为 {at.zh}），规则的其余部分数目未变，不视为变更",
            f"Terms were renewed since, last on {at.en}; all else that is counted of the rules is "
            "as it was, so this is not taken for a change",
        ),)  # fmt: skip
    what = Text(f"规则已于 {at.zh} 变更", f"the rules were changed on {at.en}")
    return (Change(what, begun),), ()


def _assessed(picture: Picture, report: Report) -> Seen | None:
    """Give the rules that were assessed: those the report names, else those then in force."""
    before = [seen for seen in picture.all(LOADED) if seen.at <= report.begun]
    named = {by for by in report.models.values() if by}
    if not named:
        return before[-1] if before else None
    found = [seen for seen in picture.all(LOADED) if _version(seen) in named]
    return found[-1] if len(named) == 1 and found else None


def bank_changes(picture: Picture, report: Report, kinds: frozenset[str]) -> Iterator[Change]:
    """Give the banks of some kinds that are others now than those that were drawn from."""
    newest = {str(seen.facts.get("bank")): seen for seen in picture.all(BANK_SEEN)}
    for name, seen in newest.items():
        known, now = report.banks.get(name), seen.facts.get("sha256")
        if seen.facts.get("kind") in kinds and known is not None and now != known:
            what = Text(f"题库 {name} 已更新", f"the bank {name} was renewed")
            yield Change(what, seen)


def _version(seen: Seen) -> Json:
    return seen.facts.get("version")


def _around(seen: Seen) -> dict[str, Json]:
    return {name: value for name, value in seen.facts.items() if name not in _OF_TERMS}
