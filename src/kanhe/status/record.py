"""What a running service puts on record about itself: the tags, and the facts of its settings.

A status is computed from these entries and from nothing else, so what is not here cannot be seen.
Settings are recorded as what they mean for a duty: whether there is an address for objections,
never the address; no key, no name of a person, no address of a server.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import TypeAlias

from kanhe.judge.port import JudgeId
from kanhe.law.service import ServiceRules
from kanhe.ledger.entry import Json
from kanhe.settings import Limits, Settings

STARTED = "operator:service:started"
STOPPED = "operator:service:stopped"
SETTINGS = "operator:settings:recorded"
LEARNT = "service:judge:learnt"
"""A judge turned out to be another than the start recorded: it could not be asked then."""
LOADED = "operator:ruleset:loaded"
PROPOSED = "operator:ruleset:proposed"
RELEASED = "operator:ruleset:released"
DRILLED = "operator:guard:tried"
DETERMINED = "operator:scope:determined"
ATTESTER = "operator:attester:known"
ATTESTED = "operator:duty:attested"
WITHDRAWN = "operator:duty:withdrawn"
CHANGED = "service:obligation:changed"
COMPUTED = "service:status:computed"
DOUBTED = "service:ledger:doubted"

MEASURED = "judge:record:measured"
DRIFTED = "judge:record:drifted"
"""Said again as in `judge/record.py`: to read records whole takes ten times as long as a status."""

BANK_SEEN = "assess:bank:seen"
RUN_BEGUN = "assess:run:begun"
REPORT_MADE = "assess:report:made"
REPORT_SIGNED = "assess:report:signed"
"""Said again as in `assess/fact.py`, which stands on this floor."""

BEGUN = "gateway:answer:begun"
ENDS = tuple(f"gateway:answer:{end}" for end in ("released", "stopped", "failed", "abandoned"))
REFUSED_PROMPT = "gateway:prompt:refused"
REFUSED_USER = "gateway:user:refused"

Facts: TypeAlias = dict[str, Json]


def settings_facts(  # noqa: PLR0913 # a record of what runs has so many parts
    settings: Settings,
    law: ServiceRules,
    models: Mapping[str, str],
    *,
    version: str,
    ruleset: str,
    judges: Sequence[Mapping[str, Json]] = (),
) -> Facts:
    """Give the facts of `operator:settings:recorded`.

    Args:
        settings: What the service runs with.
        law: Where the settings leave something to the regime.
        models: By the name that callers use: `embedded` or `http`.
        version: Of the program.
        ruleset: Version of the rules in force.
        judges: Those that rules may ask, each as `judge_facts` gives it.
    """
    strikes = law.strikes
    return {
        "regime": settings.regime,
        "language": settings.language,
        "label": settings.label or law.label.place,
        "strikes": settings.strikes,
        "in_a_row": strikes.in_a_row,
        "in_a_day": strikes.in_a_day,
        "suspension_h": int(strikes.suspension.total_seconds() // 3600),
        "unknown_fields": settings.unknown_fields,
        "blocked_prompt": settings.blocked_prompt,
        "object_to": _is_address(settings.object_to),
        "producer": settings.producer,
        "release": settings.release,
        "models": [{"name": name, "kind": kind} for name, kind in models.items()],
        "judges": list(judges),
        "limits": dict(_limit(one.name, settings.limits) for one in fields(Limits)),
        "version": version,
        "ruleset": ruleset,
    }


def judge_facts(
    judge: JudgeId,
    categories: Collection[str],
    *,
    default: bool,
    shipped: Mapping[str, Json] | None = None,
) -> Facts:
    """Give one of the judges in force, for `settings_facts`.

    Args:
        judge: Which it is.
        categories: What it looks for.
        default: Whether rules mean it by `default`.
        shipped: What `judge.record.measured_facts` gives of the record that comes with its weights;
            told only if it is of this very hash.
    """
    ours = shipped is not None and shipped["hash"] == judge.hash
    return {
        "name": judge.name,
        "model": judge.model[:_MODEL],
        "hash": judge.hash,
        "pinned": judge.pinned,
        "default": default,
        "categories": sorted(categories),
        "shipped": dict(shipped) if shipped and ours else None,
    }


_MODEL = 200
_ADDRESS = 5


def _is_address(text: str) -> bool:
    """Say whether people could reach anybody by it: "x", "n/a" and "无" are no address."""
    return sum(map(str.isalnum, text)) >= _ADDRESS


def _limit(name: str, limits: Limits) -> tuple[str, int]:
    """Give a limit as a whole number, seconds in milliseconds: the ledger holds no fractions."""
    value = getattr(limits, name)
    if name.endswith("_s"):
        return f"{name.removesuffix('_s')}_ms", round(value * 1000)
    return name, int(value)
