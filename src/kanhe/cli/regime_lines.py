"""How a regime is printed: as lines for people, as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date

from kanhe.law.difference import Change
from kanhe.law.period import Period
from kanhe.law.regime import Control, Obligation, Of, Regime
from kanhe.law.scope import AtLeast, Condition, Every, Is, Not, Some
from kanhe.ledger.entry import Json
from kanhe.terms import counted


def regime_line(regime: Regime) -> str:
    """Sum up a regime in one line."""
    duties = len({one.id for one in regime.obligations})
    return (
        f"{regime.id}: {regime.title.zh} / {regime.title.en}; "
        f"{counted(len(regime.sources), 'source')}, "
        f"{counted(duties, 'obligation')}, {counted(len(regime.controls), 'control')}, "
        f"state of {regime.researched}"
    )


def regime_json(regime: Regime) -> dict[str, Json]:
    """Sum up a regime as plain values."""
    return {
        "id": regime.id,
        "title": {"zh": regime.title.zh, "en": regime.title.en},
        "version": regime.version,
        "researched": regime.researched.isoformat(),
        "sources": len(regime.sources),
        "obligations": len({one.id for one in regime.obligations}),
        "controls": len(regime.controls),
    }


def listed(regime: Regime, obligations: Sequence[Obligation]) -> Iterator[str]:
    """Yield the lines of a list, area by area."""
    if not obligations:
        yield "nothing binds on that day"
    for area in regime.areas:
        here = [one for one in obligations if one.area == area.id]
        if here:
            yield f"{area.title.zh} / {area.title.en} ({area.id})"
        for one in here:
            yield f"  {one.id}  {one.title.zh} / {one.title.en}"
            controls = ", ".join(one.controls)
            yield f"      {one.source} {one.clause}; {one.confidence}; {controls}"
    yield counted(len(obligations), "obligation")


def in_full(regime: Regime, versions: Sequence[Obligation]) -> Iterator[str]:
    """Yield everything that is known about one obligation."""
    for one in versions:
        source = regime.sources[one.source]
        yield f"{one.id}  {one.title.zh} / {one.title.en}"
        yield f"  source      {source.title.zh} / {source.title.en} ({source.force})"
        yield f"  clause      {one.clause}"
        yield f"  area        {one.area}"
        yield f"  binds       {', '.join(one.bound)}"
        yield f"  in force    {span(one.validity.in_force)}"
        yield f"  known       {span(one.validity.known)}"
        yield f"  confidence  {one.confidence}"
        yield f"  applies     {condition(one.applies)}"
        yield from (f"  parameter   {key}: {value}" for key, value in one.parameters.items())
        yield from (f"  control     {_control(regime.controls[name])}" for name in one.controls)
        if one.changed_in:
            yield f"  became      {one.changed_in}"
        yield f"  {one.text.zh}"
        yield f"  {one.text.en}"
    name = versions[0].id
    for draft in regime.obligations:
        if draft.changed_in == name:
            yield f"  was         {draft.id} in {draft.source}"
    for related in regime.relations:
        if related.here == name:
            told = f"{related.relation} {related.there} of {related.regime}"
            yield f"  relation    {told} ({related.confidence})"


def obligation_json(regime: Regime, one: Obligation) -> dict[str, object]:
    """Give one version of an obligation as plain values."""
    plain = asdict(one)
    plain["applies"] = None if one.applies is None else condition(one.applies)
    plain["validity"] = {
        "in_force": _span_json(one.validity.in_force),
        "known": _span_json(one.validity.known),
    }
    plain["force"] = regime.sources[one.source].force
    plain["controls"] = [
        {"id": name, "check": regime.controls[name].check} for name in one.controls
    ]
    plain["relations"] = [asdict(had) for had in regime.relations if had.here == one.id]
    return plain


def told_changes(changes: Sequence[Change]) -> Iterator[str]:
    """Yield the lines that tell what changed."""
    for one in changes:
        sign = "~" if one.before and one.after else "+" if one.after else "-"
        title = (one.after or one.before)[0].title
        yield f"{sign} {one.id}  {title.zh} / {title.en}"
        for word, versions in (("was", one.before), ("is", one.after)):
            for version in versions:
                yield f"    {word:3} in force {span(version.validity.in_force)}"
    yield counted(len(changes), "change")


def change_json(change: Change) -> dict[str, object]:
    """Give one change as plain values."""
    return {
        "id": change.id,
        "before": [_span_json(one.validity.in_force) for one in change.before],
        "after": [_span_json(one.validity.in_force) for one in change.after],
    }


def span(period: Period) -> str:
    """Print a span of days."""
    if period.start and period.end:
        return f"from {period.start} until {period.end}"
    if period.start or period.end:
        return f"from {period.start}" if period.start else f"until {period.end}"
    return "always"


def condition(one: Condition | None) -> str:
    """Print a condition over the questionnaire."""
    match one:
        case None:
            return "to whoever offers a service"
        case Is(question, value):
            return f"{question} is {value if isinstance(value, str) else 'yes' if value else 'no'}"
        case AtLeast(question, least):
            return f"{question} is at least {least}"
        case Every(parts):
            return "(" + " and ".join(map(condition, parts)) + ")"
        case Some(parts):
            return "(" + " or ".join(map(condition, parts)) + ")"
        case Not(part):
            return f"not {condition(part)}"


def _control(control: Control) -> str:
    told = {key: _told(value) for key, value in control.parameters.items()}
    if control.check in {"attested", "awaits"}:
        return f"{control.id} ({control.check})"
    return f"{control.id} ({', '.join([control.check, *(f'{k} {v}' for k, v in told.items())])})"


def _told(value: Json | Of) -> str:
    match value:
        case Of(obligation, parameter):
            return f"{parameter} of {obligation}"
        case Mapping():
            return str(dict(value))
        case _:
            return str(value)


def _span_json(period: Period) -> dict[str, str | None]:
    def plain(day: date | None) -> str | None:
        return day.isoformat() if day else None

    return {"from": plain(period.start), "until": plain(period.end)}
