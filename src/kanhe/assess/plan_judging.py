"""How answers are judged, as a plan writes it: by words, by a judge, by people."""

from __future__ import annotations

from fractions import Fraction

from kanhe.assess.plan import Classifier, Judging, People
from kanhe.judge.admission import Needs
from kanhe.yaml_source import Section

_RATES = ("sensitivity", "specificity", "fpr", "precision", "f1", "balanced")
_NEEDS = (*_RATES, "categories", "languages", "kinds", "sets", "rows", "days", "pinned", "point")


def read_judging(root: Section) -> Judging:
    """Read the part `judging` of a plan."""
    one = root.section("judging", instead="`{keyword: […], classifier: {…}, people: {…}}`")
    if one is None:
        return Judging()
    one.allow(("keyword", "classifier", "people"))
    rulesets = tuple(line.text for line in one.texts("keyword"))
    return Judging(rulesets, _classifier(one), _people(one))


def _classifier(judging: Section) -> Classifier | None:
    one = judging.section("classifier", instead="`{judge: …, threshold: 0.5, needs: {…}}`")
    if one is None:
        return None
    one.allow(("judge", "threshold", "needs"))
    if "needs" not in one:
        advice = "Say what its record has to show: `needs: {sensitivity: 0.8, rows: 300}`."
        one.fault("needs", "`needs` is missing: any judge would do", advice)
    needs = one.section("needs", instead="`{sensitivity: 0.8, fpr: 0.1, rows: 300}`")
    threshold = one.fraction("threshold", 0.5, least=0.0, most=1.0)
    return Classifier(one.text("judge", needed=True) or "", threshold, _needs(needs, threshold))


def _needs(one: Section | None, threshold: float) -> Needs:
    if one is None:
        return Needs()
    one.allow(_NEEDS)
    rate = {
        key: one.fraction(key, 0.0, least=0.0, most=1.0) if key in one else None for key in _RATES
    }
    if all(value is None for value in rate.values()):
        one.faults.add(one.line, "demands no figure", f"Write one of: {', '.join(_RATES)}.")

    def several(key: str) -> tuple[str, ...]:
        return tuple(line.text for line in one.texts(key))

    return Needs(
        sensitivity=rate["sensitivity"], specificity=rate["specificity"], fpr=rate["fpr"],
        precision=rate["precision"], f1=rate["f1"], balanced=rate["balanced"],
        categories=several("categories"), languages=several("languages"),
        kinds=several("kinds"), sets=several("sets"),
        rows=one.number("rows", 0, least=0, most=10_000_000),
        by="point" if one.flag("point") else "interval", threshold=threshold,
        days=one.number("days", 0, least=1, most=36_600) if "days" in one else None,
        pinned=one.flag("pinned"),
    )  # fmt: skip


def _people(judging: Section) -> People | None:
    one = judging.section("people", instead="`{questions: 1000, double: 0.2}`")
    if one is None:
        return None
    one.allow(("questions", "double"))
    double = one.fraction("double", 0.2, least=0.0, most=1.0)
    return People(
        one.number("questions", 1000, least=1, most=200_000),
        # As it was written: 0.2 is a fifth, and not the float beside it.
        Fraction(str(double)),
    )
