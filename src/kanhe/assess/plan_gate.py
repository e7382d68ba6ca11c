"""What has to hold before a version goes out, as a plan writes it."""

from __future__ import annotations

from fractions import Fraction

from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Way
from kanhe.assess.strength import Bound
from kanhe.assess.threshold import TOTAL, By, Regression, Threshold
from kanhe.yaml_source import Section


def read_gate(root: Section) -> tuple[Threshold, ...]:
    """Read the part `gate` of a plan; without one nothing is demanded beyond the regime."""
    if "gate" not in root:
        return ()
    instead = "`- {kind: output, way: classifier, at_least: 0.95}`"
    return tuple(_threshold(one) for one in root.sections("gate", instead=instead))


def _threshold(one: Section) -> Threshold:
    one.allow(("kind", "way", "at_least", "at_most", "by", "slice"))
    for key in ("kind", "way"):
        if key not in one:
            one.fault(key, f"`{key}` is missing", f"Add `{key}: …` here.")
    most = "at_most" in one
    if most == ("at_least" in one):
        one.faults.add(one.line, "has not either `at_least` or `at_most`", "Write one of them.")
    share = one.fraction("at_most" if most else "at_least", 0.0, least=0.0, most=1.0)
    return Threshold(
        one.choice("kind", BankKind, BankKind.OUTPUT),
        one.choice("way", Way, Way.CLASSIFIER),
        Bound(Fraction(str(share)), most),
        one.choice("by", By, By.POINT),
        one.text("slice") or TOTAL,
    )


def read_regression(root: Section) -> Regression | None:
    """Read the part `regression` of a plan: what may not get worse."""
    one = root.section("regression", instead="`{lost: 5, worse: false}`")
    if one is None:
        return None
    one.allow(("lost", "worse"))
    lost = one.number("lost", 0, least=0, most=200_000) if "lost" in one else None
    return Regression(lost, one.flag("worse"))
