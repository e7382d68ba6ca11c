"""The two checks that look at no capability: what people confirm, and what nobody sees yet."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kanhe.errors import LedgerError
from kanhe.status.attestation import (
    Attestation,
    keys_of,
    latest,
    read,
    statement_hash,
    statement_of,
)
from kanhe.status.check import Terms, days, said
from kanhe.status.picture import Picture, Seen
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text, counted

_LAST = timedelta(seconds=1)


def awaits(picture: Picture, terms: Terms) -> Verdict:
    """Say what is missing before this can be seen: never more than that."""
    what = terms.text("capability")
    reason = Text(
        f"Kanhe 尚不具备“{what.zh}”能力，无法判断",
        f"Kanhe cannot see this yet; what is missing: {what.en}",
    )
    return said(Standing.UNKNOWN, reason)


def attested(picture: Picture, terms: Terms) -> Verdict:
    """Say whether somebody has confirmed it, in the words of today, and whether it still counts."""
    name = terms.control.id
    sign = Action(
        Text(f"由责任人确认：{terms.control.title.zh}", f"Attest: {terms.control.title.en}"),
        f"kanhe attest {name}",
        f"attest/{name}",
    )
    seen = latest(picture, terms.regime.id, name)
    if seen is None:
        reason = Text(
            "须由责任人确认；账本中没有有效的确认记录",
            "Only people can confirm this, and the ledger has no attestation that counts",
        )
        return said(Standing.UNKNOWN, reason, do=(sign,))
    try:
        found = read(seen.facts, keys_of(picture, seen.index))
    except LedgerError as error:
        reason = Text(
            f"条目 {seen.index} 的确认签名无效，不予采信",
            f"The attestation in entry {seen.index} does not count: {error}",
        )
        return said(Standing.UNKNOWN, reason, by=[seen], do=(sign,))
    return _judged(terms, seen, found, sign)


def _judged(terms: Terms, seen: Seen, found: Attestation, sign: Action) -> Verdict:
    who, at = f"{found.by}（{found.role}）", terms.moment(seen.at)
    if not found.done:
        reason = Text(
            f"{who} 于 {at.zh} 确认：尚未做到",
            f"{found.by} ({found.role}) has attested on {at.en} that it is not done",
        )
        return said(Standing.GAP, reason, by=[seen], since=seen.at, do=(sign,))
    papers = len(found.evidence)
    told = Text(
        f"{who} 于 {at.zh} 签名确认，附 {papers} 份材料，有效至 {found.valid_until.isoformat()}",
        f"Attested and signed by {found.by} ({found.role}) on {at.en} with "
        f"{counted(papers, 'document')}, valid until {found.valid_until.isoformat()}",
    )
    until = _end(seen, found, terms)
    if found.statement_hash != statement_hash(statement_of(terms.control)):
        other = Text(
            "此后确认内容的文字已修订，须重新确认",
            "The statement has been reworded since; it has to be attested again",
        )
        return said(Standing.STALE, told, other, by=[seen], do=(sign,))
    if terms.at >= (over_at := until + _LAST):
        over = Text("确认已过期", "It has expired")
        return said(Standing.STALE, told, over, by=[seen], since=over_at, do=(sign,))
    return said(Standing.MET, told, by=[seen], since=seen.at, until=until)


def _end(seen: Seen, found: Attestation, terms: Terms) -> datetime:
    """Give its last second: of its last day, or earlier where the regime lets none last so long."""
    zone = ZoneInfo(terms.regime.zone)
    most = seen.at.astimezone(zone).date() + days(terms.number("valid_days"))
    # Not the midnight after it, which reads as a day more than was signed.
    return datetime.combine(min(found.valid_until, most) + days(1), time(), zone) - _LAST
