"""Held to compliance-trestle's models of OSCAL, which are a reading of NIST's schemas by others."""

import json
import re
import warnings
from dataclasses import replace

import pytest

from kanhe.report.oscal import NOTES, POAM, bundle
from kanhe.status.verdict import Standing
from statuses import status, unsound

with warnings.catch_warnings():
    # Theirs, at import: about pydantic's first version, which they still use.
    warnings.simplefilter("ignore")
    from trestle.oscal.assessment_plan import AssessmentPlan
    from trestle.oscal.assessment_results import AssessmentResults
    from trestle.oscal.catalog import Catalog
    from trestle.oscal.component import ComponentDefinition
    from trestle.oscal.poam import PlanOfActionAndMilestones
    from trestle.oscal.profile import Profile

MODELS = {
    "catalog.json": Catalog,
    "profile.json": Profile,
    "component-definition.json": ComponentDefinition,
    "assessment-plan.json": AssessmentPlan,
    "assessment-results.json": AssessmentResults,
    POAM: PlanOfActionAndMilestones,
}
STATUS = status()
FILES = bundle(STATUS)


def inner(files, name):
    (document,) = json.loads(files[name]).values()
    return document


def uuids(node):
    match node:
        case dict():
            for key, value in node.items():
                if key == "uuid":
                    yield value
                yield from uuids(value)
        case list():
            for value in node:
                yield from uuids(value)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("of", [STATUS, unsound()], ids=["sound", "unsound"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_document_is_oscal(name, of, language):
    files = bundle(of, language)
    if name in files:
        MODELS[name].model_validate(inner(files, name))
        assert inner(files, name)["metadata"]["oscal-version"] == "1.1.3"


def test_the_models_would_find_a_fault():
    """The planted fault: a state that OSCAL does not know."""
    wrong = inner(FILES, "assessment-results.json")
    wrong["results"][0]["findings"][0]["target"]["status"]["state"] = "unknown"
    with pytest.raises(ValueError, match="state"):
        AssessmentResults.model_validate(wrong)


def test_the_same_status_gives_the_same_files_and_another_one_other_ids():
    assert bundle(STATUS) == FILES
    other = set(uuids(json.loads(bundle(replace(STATUS, size=1))["catalog.json"])))
    assert not other & set(uuids(json.loads(FILES["catalog.json"])))


def test_both_languages_have_the_same_ids_and_each_names_the_other():
    """Planted: the language in the name of an id: two exports of one status would be strangers."""
    chinese = inner(bundle(STATUS, "zh"), "catalog.json")
    english = inner(FILES, "catalog.json")
    assert list(uuids(chinese)) == list(uuids(english))
    first, same = chinese["groups"][0], english["groups"][0]
    assert first["props"][0]["value"] == same["title"]
    assert same["props"][0]["value"] == first["title"]


def test_no_id_stands_twice_in_a_document():
    for name in MODELS:
        found = list(uuids(json.loads(FILES[name])))
        assert len(found) == len(set(found)), name


def test_documents_refer_to_what_is_there():
    assert inner(FILES, "profile.json")["imports"][0]["href"] in FILES
    assert inner(FILES, "assessment-results.json")["import-ap"]["href"] in FILES
    result = inner(FILES, "assessment-results.json")["results"][0]
    observed = {one["uuid"] for one in result["observations"]}
    named = {
        o["observation-uuid"] for f in result["findings"] for o in f.get("related-observations", ())
    }
    assert named <= observed
    poam = inner(FILES, POAM)
    risks = {one["uuid"] for one in poam["risks"]}
    assert {r["risk-uuid"] for one in poam["poam-items"] for r in one["related-risks"]} == risks


def test_every_duty_is_in_the_catalog_and_what_applies_in_the_profile():
    groups = inner(FILES, "catalog.json")["groups"]
    ids = {control["id"] for group in groups for control in group["controls"]}
    assert ids == {line.obligation.id for line in STATUS.lines}
    chosen = inner(FILES, "profile.json")["imports"][0]["include-controls"][0]["with-ids"]
    assert set(chosen) == {
        x.obligation.id for x in STATUS.lines if x.standing is not Standing.NOT_APPLICABLE
    }


def test_only_what_is_met_is_satisfied():
    """Planted: unknown written as satisfied."""
    result = inner(FILES, "assessment-results.json")["results"][0]
    stands = {line.obligation.id: line.standing for line in STATUS.lines}
    for finding in result["findings"]:
        duty = finding["target"]["target-id"].removesuffix("_smt")
        satisfied = finding["target"]["status"]["state"] == "satisfied"
        assert satisfied is (stands[duty] is Standing.MET)
        assert {"name": "standing", "ns": "urn:kanhe:oscal", "value": stands[duty]} in finding[
            "props"
        ]


def test_the_plan_of_action_has_an_item_for_each_gap_and_what_is_stale():
    bad = {x.obligation.id for x in STATUS.lines if x.standing in {Standing.GAP, Standing.STALE}}
    items = inner(FILES, POAM)["poam-items"]
    assert {p["value"] for i in items for p in i["props"] if p["name"] == "obligation"} == bad


def test_where_nothing_is_to_be_done_there_is_no_plan_and_the_notes_say_so():
    files = bundle(unsound())
    assert POAM not in files
    assert "The plan of action** is left out" in files[NOTES]


def test_an_empty_status_is_oscal_too():
    files = bundle(replace(STATUS, lines=(), due=(), answers={}))
    for name in files:
        if name in MODELS:
            MODELS[name].model_validate(inner(files, name))


def test_the_notes_tell_what_was_lost_with_the_numbers_of_this_export():
    said = FILES[NOTES]
    for lost in ("Standings", "Two times", "Confidence", "Two languages", "Since", "Evidence"):
        assert f"**{lost}" in said
    assert re.search(rf"\b{STATUS.counts[Standing.UNKNOWN]} obligations of which nothing", said)
