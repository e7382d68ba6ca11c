"""The regime eu-ai-act: dates that moved are kept in both states, and no country is in the code.

Planted faults that these were seen to catch: a date that moved one day too far; a relation to a
duty that is not there; a check whose name is misspelt; a route taken away, so that some service is
told nothing; the time of older systems given to newer ones.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanhe.adapters import package_data
from kanhe.law.bound import bound
from kanhe.law.regime import Obligation, Regime
from kanhe.law.scope import Answer, Answers, Question, counting, decide, put
from kanhe.status.checks import CHECKS
from kanhe.status.compute import compute
from kanhe.status.determination import determined
from kanhe.status.picture import Picture, Seen, Sound
from kanhe.status.record import DETERMINED
from kanhe.status.verdict import Standing

UNION = package_data.regime("eu-ai-act")
CHINA = package_data.regime("cn-genai")
REGIMES = pytest.mark.parametrize("regime", [UNION, CHINA], ids=lambda one: one.id)

BEFORE, AFTER = "2026-07-23", "2026-07-24"
"""The last day of the old state of knowledge, and the first of the new one."""

ANNEX_III = ("2026-08-02", "2027-12-02")
ANNEX_I = ("2027-08-02", "2028-08-02")
"""From when on duties bind, as known before and after."""

SINCE = date.fromisoformat(AFTER)
MOVED = {
    one.id
    for one in UNION.obligations
    if one.source == "eu-aia" and one.validity.known.start == SINCE and one.id != "eu-aia-50-2"
}


def eve(day: str) -> str:
    """Give the day before."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def binding(day: str, known: str) -> dict[str, Obligation]:
    """Give by id what binds in the Union on a day, as known on another."""
    duties = bound(UNION, date.fromisoformat(day), date.fromisoformat(known))
    return {one.id: one for one in duties}


def answer_to(question: Question) -> st.SearchStrategy[Answer]:
    """Give every kind of answer that a question can have."""
    options = [option.id for option in question.options]
    match question.kind:
        case "yes_no":
            return st.booleans()
        case "number":
            return st.sampled_from([0, 99_999, 100_000, 1_000_000, 20_000_000])
        case "one":
            return st.sampled_from(options)
        case "many":
            return st.lists(st.sampled_from(options), unique=True).map(tuple)
        case "day":
            return st.just("2026-11-22")


@st.composite
def whole(draw: st.DrawFn, regime: Regime) -> Answers:
    """Answer every question that is put, one after the other, for a service that is in scope."""
    answers: dict[str, Answer] = {"public": True}
    while left := [one for one in put(regime.questions, answers) if one.id not in answers]:
        answers[left[0].id] = draw(answer_to(left[0]))
    return counting(regime.questions, answers)


@pytest.mark.parametrize("duty", sorted(MOVED))
def test_a_date_that_moved_is_the_one_that_was_known(duty: str) -> None:
    old, new = ANNEX_I if duty == "eu-aia-6-1" else ANNEX_III
    assert duty in binding(old, BEFORE)
    assert duty not in binding(eve(old), BEFORE)
    assert duty not in binding(eve(new), AFTER)
    assert duty in binding(new, AFTER)


def test_nothing_that_moved_is_lost() -> None:
    assert len(MOVED) == 28
    assert set(binding("2028-08-02", BEFORE)) >= MOVED


@pytest.mark.parametrize(
    ("duty", "first"),
    [
        ("eu-aia-5-1", "2025-02-02"),
        ("eu-aia-53-1-a", "2025-08-02"),
        ("eu-aia-99-1", "2025-08-02"),
        ("eu-aia-50-1", "2026-08-02"),
        ("eu-aia-111-4", "2026-12-02"),
        ("eu-aia-5-1-ba", "2026-12-02"),
    ],
)
def test_a_duty_binds_from_its_day_on(duty: str, first: str) -> None:
    assert duty in binding(first, "2026-11-21")
    assert duty not in binding(eve(first), "2026-11-21")


@pytest.mark.obligation("eu-aia-50-2")
@pytest.mark.obligation("eu-aia-111-4")
@pytest.mark.parametrize("before", [True, False])
def test_older_systems_have_more_time_for_their_marks(*, before: bool) -> None:
    answers: Answers = {
        **{"public": True, "synthetic": True, "role": ("provider",)},
        "placed_before": before,
    }
    duties = binding("2026-12-02", "2026-11-21")
    assert decide(duties["eu-aia-50-2"].applies, answers).holds is not before
    assert decide(duties["eu-aia-111-4"].applies, answers).holds is before
    original = binding("2026-08-02", BEFORE)["eu-aia-50-2"]
    assert decide(original.applies, answers).holds is True


@REGIMES
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_who_answers_all_that_is_asked_is_left_with_nothing_open(
    regime: Regime, data: st.DataObject
) -> None:
    """A condition over a question that is put to some only would leave the others in the dark."""
    answers = data.draw(whole(regime))
    duties = {one.id: decide(one.applies, answers) for one in regime.obligations}
    routes = {one.id: decide(one.condition, answers) for one in regime.routes}
    assert [name for name, said in {**duties, **routes}.items() if said.holds is None] == []
    assert any(said.holds for said in routes.values())


@REGIMES
def test_each_control_names_a_check_that_there_is_and_serves_a_duty(regime: Regime) -> None:
    named = {one.check for one in regime.controls.values()}
    assert named <= {*CHECKS, "attested", "awaits"}
    served = {name for one in regime.obligations for name in one.controls}
    assert set(regime.controls) - served <= {"two-person-release"}


def test_relations_lead_to_duties_of_the_other_regime() -> None:
    there = {one.id for one in UNION.obligations}
    assert {one.there for one in CHINA.relations if one.regime == UNION.id} <= there


def test_every_article_of_the_crosswalk_is_there() -> None:
    articles = {one.id.split("-")[2] for one in UNION.obligations}
    asked = "2 3 5 6 9 10 11 12 13 14 15 19 20 22 25 26 43 49 50 53 54 55 71 72 73 85 86 99 101"
    assert set(asked.split()) <= articles


@pytest.mark.obligation("eu-aia-2-1")
@pytest.mark.parametrize("files", [True, False])
def test_the_same_machinery_computes_a_status_here(*, files: bool) -> None:
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    answers: Answers = {
        **{"public": True, "role": ("provider",), "outside_union": False, "gpai": False},
        **{"high_risk": "no_high_risk", "interacts": True, "synthetic": True, "media": ("text",)},
        **{"files_offered": files, "placed_before": False},
        **{"emotion_or_biometric": False, "deep_fakes": False},
    }
    seen = Seen(0, at, DETERMINED, determined(UNION, answers, "cli"))
    status = compute(UNION, Picture(at, 1, Sound(1, b""), {}, {DETERMINED: (seen,)}), at=at)
    lines = {line.obligation.id: line for line in status.lines}
    assert lines["eu-aia-2-1"].standing is Standing.MET
    assert lines["eu-aia-50-1"].standing is Standing.UNKNOWN
    assert lines["eu-aia-53-1-c"].standing is Standing.NOT_APPLICABLE
    assert lines["eu-aia-85-1"].standing is Standing.NOT_APPLICABLE
    marks = {one.control.id: one.verdict.standing for one in lines["eu-aia-50-2"].looked}
    assert marks["file-marks"] is (Standing.UNKNOWN if files else Standing.NOT_APPLICABLE)
