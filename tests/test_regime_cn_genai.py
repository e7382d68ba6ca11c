"""The regime cn-genai is what its facts say: no duty lost, no number changed, none made surer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from kanhe.adapters import package_data
from kanhe.law.bound import bound
from kanhe.law.regime import Force, Obligation, Of, Regime
from kanhe.law.scope import Answer, Answers, decide
from kanhe.status.compute import compute
from kanhe.status.determination import determined, routes
from kanhe.status.picture import Picture, Seen, Sound
from kanhe.status.record import DETERMINED
from kanhe.status.status import Status
from kanhe.status.verdict import Standing
from needs import absent

ROOT = Path(__file__).parent.parent
RESEARCHED = date(2026, 11, 21)

# Said by the source, or by `changed_in`.
TOLD_ELSEWHERE = {"force", "changed_in", "became"}

# A regime holds whole numbers only, so shares are percent here, and half hours minutes.
PERCENT = {
    "max_bad_share": "max_bad_percent",
    "filing_practice_max_foreign_open_source_share": (
        "filing_practice_max_foreign_open_source_percent"
    ),
    "manual_min_pass": "manual_min_pass_percent",
    "technical_min_share": "technical_min_share_percent",
    "technical_min_pass": "technical_min_pass_percent",
    "min_pass": "min_pass_percent",
    "should_refuse_min_rate": "should_refuse_min_percent",
    "should_not_refuse_max_rate": "should_not_refuse_max_percent",
    "min_height_ratio_of_shortest_side": "min_height_percent_of_shortest_side",
    "serious_turnover_share": "serious_turnover_percent",
}
MINUTES = {"relay_hours": "relay_minutes"}

# Remarks in words, which may be worded anew.
REMARKS = {"practice", "age_bands_confidence"}

SURENESS = ("uncertain", "from_memory", "verified")


@pytest.fixture(scope="module")
def regime() -> Regime:
    """The regime that comes with the package."""
    return package_data.regime("cn-genai")


def facts_in(name: str) -> list[dict[str, Any]]:
    """Read a file of the facts that lie beside the checkout."""
    place = ROOT.parent / "shared" / "regime" / name
    if not place.is_file():
        absent(f"no ../shared/regime/{name} beside the checkout", "Lay the shared folder there.")
    found: list[dict[str, Any]] = yaml.safe_load(place.read_text(encoding="utf-8"))
    return found


def plain(value: object) -> object:
    """Write a value of the facts as a regime holds it."""
    match value:
        case list() | tuple():
            return tuple(plain(one) for one in value)
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
        case _:
            return value


def asked(key: str, value: Any) -> tuple[str, object]:
    """Give a parameter of the facts under the name and in the unit that a regime has for it."""
    if key in PERCENT:
        return PERCENT[key], round(value * 100)
    if key in MINUTES:
        return MINUTES[key], {who: round(hours * 60) for who, hours in value.items()}
    return key, plain(value)


def latest(regime: Regime, duty: str) -> Obligation:
    """Give the version of a duty that one knows today, and that binds last."""
    known = [one for one in regime.versions(duty) if one.validity.known.holds(RESEARCHED)]
    return max(known, key=lambda one: one.validity.in_force.start or date.min)


def lost(fact: Mapping[str, Any], duty: Obligation) -> list[str]:
    """Name the parameters of a fact that the duty does not have, or has otherwise."""
    given = fact["parameters"].items()
    wanted = dict(asked(k, v) for k, v in given if k not in TOLD_ELSEWHERE | REMARKS)
    return [key for key, value in wanted.items() if plain(duty.parameters.get(key)) != value]


def test_every_duty_of_the_facts_is_there_and_no_other(regime: Regime) -> None:
    assert {one.id for one in regime.obligations} == {
        fact["id"] for fact in facts_in("obligations.yaml")
    }


def test_no_number_of_the_facts_is_lost_or_changed(regime: Regime) -> None:
    facts = facts_in("obligations.yaml")
    wrong = {fact["id"]: lost(fact, latest(regime, fact["id"])) for fact in facts}
    assert {duty: keys for duty, keys in wrong.items() if keys} == {}


def test_what_a_guard_or_a_questionnaire_cannot_prove_waits_for_what_can(regime: Regime) -> None:
    """No drill shows what a model says, no answer that something was filed."""
    more = {
        "cn-im-4-1": "output-test",
        "cn-im-4-4": "output-test",
        "cn-bei-1": "filing-progress",
        "cn-gb45438-5-1": "interface-label",
    }
    assert {
        duty: name for duty, name in more.items() if name not in latest(regime, duty).controls
    } == {}


def test_an_own_or_fine_tuned_model_was_trained_whatever_is_said_about_training(
    regime: Regime,
) -> None:
    for model in ("own", "fine_tuned", "filed_api"):
        answers = {"public": True, "training": False, "model": model}
        found = [
            decide(one.applies, answers).holds
            for one in regime.obligations
            if one.id in ("cn-im-7-1", "cn-im-7-2", "cn-bsr-5-1-1")
        ]
        assert found
        assert set(found) == {model != "filed_api"}


def test_an_agreement_is_owed_to_registered_users_of_any_service(regime: Regime) -> None:
    """How many there are is asked of companion services only; nobody else may escape by that."""
    duty = latest(regime, "cn-im-9-2")
    assert decide(duty.applies, {"public": True, "companion": False}).holds


def test_a_number_that_was_changed_is_found(regime: Regime) -> None:
    fact = next(one for one in facts_in("obligations.yaml") if one["id"] == "cn-bsr-8-1")
    planted = fact | {"parameters": fact["parameters"] | {"min_total": 1000}}
    assert lost(planted, latest(regime, "cn-bsr-8-1")) == ["min_total"]


def test_whom_a_duty_binds_is_what_the_facts_say(regime: Regime) -> None:
    for fact in facts_in("obligations.yaml"):
        assert {party.value for party in latest(regime, fact["id"]).bound} == set(fact["bound"])


def test_nothing_is_made_surer_than_its_fact(regime: Regime) -> None:
    for fact in facts_in("obligations.yaml"):
        written = latest(regime, fact["id"]).confidence.value
        assert SURENESS.index(written) <= SURENESS.index(fact["confidence"]), fact["id"]


def test_what_the_facts_call_draft_or_superseded_never_binds(regime: Regime) -> None:
    for fact in facts_in("obligations.yaml"):
        force = regime.sources[latest(regime, fact["id"]).source].force
        assert force.binds == (fact["status"] == "in_force"), fact["id"]


def test_each_risk_has_the_minima_of_the_facts(regime: Regime) -> None:
    for fact in facts_in("risks.yaml"):
        risk = regime.risks[fact["code"]]
        kinds = ("keywords", "bank_questions", "should_refuse_questions")
        least = tuple(fact[f"min_{kind}"] for kind in kinds)
        assert (risk.keywords, risk.questions, risk.refusals) == least


def test_the_minima_of_all_risks_together_are_below_the_totals(regime: Regime) -> None:
    """So that a check that looks at one of both only passes what the clause forbids."""
    for duty, of in [("8-1", "keywords"), ("8-2", "questions"), ("8-3-1", "refusals")]:
        parameters = latest(regime, f"cn-bsr-{duty}").parameters
        together = sum(getattr(risk, of) for risk in regime.risks.values())
        assert together == parameters["per_risk_sum"]
        assert isinstance(parameters["min_total"], int)
        assert together < parameters["min_total"]


@pytest.mark.parametrize(
    ("day", "known", "source"),
    [
        ("2024-02-28", "2026-11-21", None),
        ("2024-02-29", "2024-02-29", "cn-tc260-003"),
        ("2025-10-31", "2026-11-21", "cn-tc260-003"),
        ("2025-11-01", "2026-11-21", "cn-gbt45654"),
        ("2025-11-01", "2025-04-25", "cn-gbt45654"),
        ("2025-11-01", "2025-04-24", "cn-tc260-003"),
    ],
)
def test_the_edition_is_the_one_of_the_day_as_one_knew_it(
    regime: Regime, day: str, known: str, source: str | None
) -> None:
    duties = bound(regime, date.fromisoformat(day), date.fromisoformat(known))
    found = {one.id: one.source for one in duties if one.id.startswith("cn-bsr-")}
    assert set(found.values()) == ({source} if source else set())
    assert len(found) == (28 if source else 0)


def test_as_if_the_draft_were_law_bad_content_may_not_come_again_for_three_months(
    regime: Regime,
) -> None:
    duties = {one.id: one for one in bound(regime, RESEARCHED, RESEARCHED, "cn-imd")}
    assert duties["cn-imd-15-1"].parameters == {"months": 3}
    assert "cn-im-14-1" not in duties
    real_identity = duties["cn-imd-9-1"]
    assert real_identity.applies is None


def test_every_duty_that_binds_a_provider_can_be_looked_at(regime: Regime) -> None:
    """A control that applies nowhere would leave a duty with nothing to say."""
    for one in regime.obligations:
        everywhere = [name for name in one.controls if regime.controls[name].applies is None]
        assert everywhere or one.applies is not None or len(one.controls) == 1, one.id


def chat_of_text(regime: Regime, **others: bool) -> Status:
    """Give the status of a service of text alone that recorded its answers and nothing else."""
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    answers: Answers = {
        name: question.options[0].id if question.kind == "one" else False
        for name, question in regime.questions.items()
        if question.kind in {"yes_no", "one"}
    }
    answers = {**answers, "public": True, "media": ("text",), "role": ("application",), **others}
    seen = Seen(0, at, DETERMINED, determined(regime, answers, "cli"))
    picture = Picture(at, 1, Sound(1, b""), {}, {DETERMINED: (seen,)})
    return compute(regime, picture, at=at)


@pytest.mark.parametrize("files", [False, True])
def test_a_service_of_text_has_labels_in_files_only_where_it_offers_files(
    regime: Regime, *, files: bool
) -> None:
    lines = {line.obligation.id: line for line in chat_of_text(regime, files_offered=files).lines}
    stands = {one.control.id: one.verdict.standing for one in lines["cn-lab-4-1"].looked}
    assert stands["file-labels"] is (Standing.UNKNOWN if files else Standing.NOT_APPLICABLE)
    assert stands["explicit-label"] is Standing.UNKNOWN


def test_nothing_but_the_scope_is_met_where_only_answers_are_on_record(regime: Regime) -> None:
    """A check that says MET of what it did not see would show here."""
    met = [line for line in chat_of_text(regime).lines if line.standing is Standing.MET]
    seen = {one.control.id for line in met for one in line.looked}
    assert seen <= {"scope-determined", "filing-route"}


PUBLIC = {"public": True, "opinion": True, "model": "own", "role": ("application",)}
ALWAYS = {"algorithm-filing", "opinion-assessment"}


@pytest.mark.obligation("cn-im-2-1")
@pytest.mark.obligation("cn-bei-1")
@pytest.mark.obligation("cn-im-17-2")
@pytest.mark.obligation("cn-ds-19-1")
@pytest.mark.obligation("cn-anthro-22-1")
@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, {"filing", *ALWAYS}),
        ({"model": "fine_tuned"}, {"filing", *ALWAYS}),
        ({"model": "filed_api"}, {"registration", *ALWAYS}),
        ({"opinion": False}, {"none"}),
        ({"opinion": False, "role": ("technical_supporter",)}, {"none", "algorithm-filing"}),
        ({"role": ("api_provider",)}, {"filing", *ALWAYS}),
        ({"public": False}, {"outside"}),
        ({"opinion": False, "companion": True, "registered_users": 999_999, "monthly_users": 9},
         {"none", "companion-assessment"}),
        ({"opinion": False, "companion": True, "registered_users": 9, "monthly_users": 100_000},
         {"none", "companion-assessment", "companion-assessment-scale"}),
    ],
)  # fmt: skip
def test_what_has_to_be_filed_follows_from_the_answers(
    regime: Regime, answers: dict[str, Answer], expected: set[str]
) -> None:
    given: Answers = {**PUBLIC, "companion": False, "personal_information": False, **answers}
    assert {one.id for one in routes(regime, given, RESEARCHED, RESEARCHED)} == expected


def test_a_number_that_a_clause_fixes_is_taken_from_it(regime: Regime) -> None:
    strikes = regime.controls["strikes"].parameters
    assert strikes["in_a_row"] == Of("cn-bsr-7-5", "consecutive_violations")
    assert latest(regime, "cn-bsr-7-5").parameters["consecutive_violations"] == 3


def test_the_strikes_that_a_service_runs_with_are_those_of_the_duty(regime: Regime) -> None:
    assert regime.service is not None
    duty = latest(regime, regime.service.strikes.clause).parameters
    assert regime.service.strikes.in_a_row == duty["consecutive_violations"]
    assert regime.service.strikes.in_a_day == duty["violations_per_day"]


def test_chinese_has_chinese_signs(regime: Regime) -> None:
    """Half-width signs beside Han characters show a text that was pasted, not written."""
    half = re.compile(r"[\u4e00-\u9fff][,;:()!?]|[,;:()!?][\u4e00-\u9fff]")
    texts = [(one.id, text.zh) for one in regime.obligations for text in (one.title, one.text)]
    texts += [(one.id, one.title.zh) for one in regime.controls.values()]
    texts += [(one.id, one.title.zh) for one in regime.sources.values()]
    assert [name for name, text in texts if half.search(text)] == []


def test_a_statement_is_signed_in_both_languages_and_says_what_is_at_hand(regime: Regime) -> None:
    signed = [one for one in regime.controls.values() if one.check == "attested"]
    assert len(signed) >= 40
    for one, part, tongue in product(signed, ("statement", "evidence"), ("zh", "en")):
        told = one.parameters[part]
        assert isinstance(told, Mapping), one.id
        assert len(str(told[tongue])) >= (5 if part == "evidence" else 30), one.id


def test_every_draft_says_what_became_of_it_where_anything_did(regime: Regime) -> None:
    open_ones = {
        one.id
        for one in regime.obligations
        if not regime.sources[one.source].force.binds and one.changed_in is None
    }
    # Real identity was dropped from the final text; other laws ask it, then and now.
    assert open_ones == {"cn-dh-1", "cn-imd-9-1"}
    assert regime.sources["cn-dh"].force is Force.DRAFT


def test_a_service_on_which_users_publish_is_an_opinion_service_whatever_is_answered(
    regime: Regime,
) -> None:
    """By the provisions of 2018 forums, groups and the like have opinion attributes."""
    day = date(2026, 11, 22)
    answers = {"public": True, "opinion": False, "publishes": True, "model": "own"}
    told = {one.id for one in routes(regime, answers, day, day)}
    assert {"filing", "algorithm-filing", "opinion-assessment"} <= told
    without = {one.id for one in routes(regime, {**answers, "publishes": False}, day, day)}
    assert "opinion-assessment" not in without
