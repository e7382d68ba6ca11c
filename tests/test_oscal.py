"""Held to compliance-trestle's models of OSCAL, which are a reading of NIST's schemas by others."""

import json
import re
import warnings
from dataclasses import replace
from datetime import date

import pytest

from kanhe.law.period import Period, Validity
from kanhe.report.oscal import MAPPING, NOTES, POAM, bundle
from kanhe.report.oscal_text import markup
from kanhe.status.picture import Sound, Unsound
from kanhe.status.verdict import Action, Standing
from kanhe.terms import Text
from statuses import status, unsound
from test_oscal_text import expected, html

with warnings.catch_warnings():
    # Theirs, at import: about pydantic's first version, which they still use.
    warnings.simplefilter("ignore")
    from trestle.oscal.assessment_plan import AssessmentPlan
    from trestle.oscal.assessment_results import AssessmentResults
    from trestle.oscal.catalog import Catalog
    from trestle.oscal.component import ComponentDefinition
    from trestle.oscal.mapping import MappingCollection
    from trestle.oscal.poam import PlanOfActionAndMilestones
    from trestle.oscal.profile import Profile

MODELS = {
    "catalog.json": Catalog,
    "profile.json": Profile,
    "component-definition.json": ComponentDefinition,
    "assessment-plan.json": AssessmentPlan,
    "assessment-results.json": AssessmentResults,
    POAM: PlanOfActionAndMilestones,
    MAPPING: MappingCollection,
}
ORIGIN = "kanhe.example/ledger"
STATUS = status()


def exported(of=STATUS, language="en", origin=ORIGIN):
    return bundle(of, language, origin)


FILES = exported()


def inner(files, name):
    (document,) = json.loads(files[name]).values()
    return document


def check(files):
    """Hold every document to its model."""
    for name in MODELS.keys() & files.keys():
        MODELS[name].model_validate(inner(files, name))


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
    files = exported(of, language)
    if name in files:
        MODELS[name].model_validate(inner(files, name))
        newer = name == MAPPING
        assert inner(files, name)["metadata"]["oscal-version"] == ("1.2.0" if newer else "1.1.3")


def test_the_models_would_find_a_fault():
    """The planted fault: a state that OSCAL does not know."""
    wrong = inner(FILES, "assessment-results.json")
    wrong["results"][0]["findings"][0]["target"]["status"]["state"] = "unknown"
    with pytest.raises(ValueError, match="state"):
        AssessmentResults.model_validate(wrong)


def document_ids(files):
    return [inner(files, name)["uuid"] for name in MODELS if name in files]


OTHERS = {
    "size": replace(STATUS, size=1),
    "root": replace(STATUS, soundness=Sound(STATUS.size, b"\1" * 32)),
    "soundness": replace(STATUS, soundness=Unsound(None, "nobody could look")),
    "as_if": replace(STATUS, as_if="cn-imd"),
    "known": replace(STATUS, known=STATUS.known.replace(year=2025)),
    "answers": replace(STATUS, answers={**STATUS.answers, "public": False}),
}


@pytest.mark.parametrize("what", OTHERS)
def test_two_documents_that_differ_never_share_an_id(what):
    """Planted: an id by regime, instant and size only."""
    other = exported(OTHERS[what])
    for name in MODELS:
        same = inner(other, name) == inner(FILES, name)
        assert (inner(other, name)["uuid"] == inner(FILES, name)["uuid"]) is same, name
    assert inner(other, "assessment-plan.json") != inner(FILES, "assessment-plan.json")


@pytest.mark.parametrize("what", OTHERS)
def test_what_was_seen_belongs_to_its_instant_and_lasting_subjects_keep_their_ids(what):
    """Planted: one way to name all: items of a plan of action that nobody can follow."""
    other, ours = exported(OTHERS[what]), FILES
    assert not set(seen_ids(other)) & set(seen_ids(ours))
    for name, parts in {
        "catalog.json": ["back-matter"],
        "component-definition.json": ["components"],
        "assessment-plan.json": ["back-matter"],
        POAM: ["system-id", "risks"],
        MAPPING: ["mappings", "back-matter"],
    }.items():
        for part in parts:
            mine, theirs = (list(uuids(inner(x, name)[part])) for x in (ours, other))
            assert mine == theirs, (name, part)
    items = [[one["uuid"] for one in inner(x, POAM)["poam-items"]] for x in (ours, other)]
    assert items[0] == items[1]
    assert inner(other, POAM)["system-id"] == inner(ours, POAM)["system-id"]


def seen_ids(files):
    (result,) = inner(files, "assessment-results.json")["results"]
    return list(uuids(result))


def test_two_services_share_the_law_and_nothing_else():
    other = exported(origin="another.example/ledger")
    assert inner(other, POAM)["system-id"] != inner(FILES, POAM)["system-id"]
    assert not set(uuids(inner(other, POAM))) & set(uuids(inner(FILES, POAM)))
    sources = [list(uuids(inner(x, "catalog.json")["back-matter"])) for x in (FILES, other)]
    assert sources[0] == sources[1]


def test_both_languages_have_the_same_ids_within_and_each_names_the_other():
    """Planted: the language in the name of an id: two exports of one status would be strangers."""
    files = exported(language="zh")
    assert not set(document_ids(files)) & set(document_ids(FILES))
    for name in MODELS:
        assert list(uuids(inner(files, name)))[1:] == list(uuids(inner(FILES, name)))[1:]
    first, same = (inner(x, "catalog.json")["groups"][0] for x in (files, FILES))
    assert first["props"][0]["value"] == same["title"]
    assert same["props"][0]["value"] == first["title"]


def test_the_same_status_gives_the_same_files():
    assert exported() == FILES


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
    for part, key, related in (
        ("risks", "risk-uuid", "related-risks"),
        ("findings", "finding-uuid", "related-findings"),
        ("observations", "observation-uuid", "related-observations"),
    ):
        there = {one["uuid"] for one in poam[part]}
        assert {r[key] for one in poam["poam-items"] for r in one[related]} == there
    kept = {one["uuid"]: one for one in result["findings"]}
    assert all(kept[one["uuid"]] == one for one in poam["findings"])


@pytest.mark.parametrize("of", [STATUS, unsound(), status(answers={})])
def test_every_finding_rests_on_an_observation(of):
    """Planted: findings on open questions, or on a ledger that is not sound, that rest on none."""
    (result,) = inner(exported(of), "assessment-results.json")["results"]
    observed = {one["uuid"]: one for one in result["observations"]}
    lines = {one.obligation.id: one for one in of.lines}
    for finding in result["findings"]:
        named = [observed[one["observation-uuid"]] for one in finding["related-observations"]]
        line = lines[finding["target"]["target-id"].removesuffix("_smt")]
        assert named
        if not line.looked:
            assert [one["description"] for one in named] == [finding["description"]]
            assert line.reasons[0].en.split()[0] in finding["description"]


def told(one, name):
    return [p["value"] for p in one["props"] if p["name"] == name]


def test_a_duty_that_does_not_apply_says_why():
    (result,) = inner(FILES, "assessment-results.json")["results"]
    said = {
        value: one["description"]
        for one in result["observations"]
        for value in told(one, "obligation")
        if told(one, "standing") == ["not-applicable"]
    }
    away = {x.obligation.id: x for x in STATUS.lines if x.standing is Standing.NOT_APPLICABLE}
    assert said == {name: markup(one.why[0].en) for name, one in away.items()}


def test_where_no_duty_applies_none_is_said_to_have_been_reviewed():
    """Planted: `include-all`, which claims that every control was."""
    away = tuple(replace(x, standing=Standing.NOT_APPLICABLE, looked=()) for x in STATUS.lines)
    files = exported(replace(STATUS, lines=away))
    for node in (
        inner(files, "assessment-plan.json"),
        inner(files, "assessment-results.json")["results"][0],
    ):
        (chosen,) = node["reviewed-controls"]["control-selections"]
        assert {x["control-id"] for x in chosen["exclude-controls"]} == {
            x.obligation.id for x in away
        }
        assert "none was reviewed" in chosen["description"]
    check(files)


def test_the_results_name_the_ledger_its_size_and_its_root_or_what_is_wrong_with_it():
    (result,) = inner(FILES, "assessment-results.json")["results"]
    assert told(result, "ledger-origin") == [ORIGIN]
    assert told(result, "ledger-entries") == [str(STATUS.size)]
    assert told(result, "ledger-root") == [STATUS.soundness.root.hex()]
    assert ORIGIN in result["description"]
    broken = unsound()
    (result,) = inner(exported(broken), "assessment-results.json")["results"]
    assert told(result, "ledger-root") == []
    assert told(result, "ledger-fault") == [broken.soundness.why]


def with_first(**changes):
    """Give the status with its first duty changed."""
    first = STATUS.lines[0]
    duty = replace(first.obligation, **changes)
    return replace(STATUS, lines=(replace(first, obligation=duty), *STATUS.lines[1:]))


def first_control(of):
    name = of.lines[0].obligation.id
    groups = inner(exported(of), "catalog.json")["groups"]
    return next(one for group in groups for one in group["controls"] if one["id"] == name)


def test_a_parameter_that_is_a_list_has_several_values_and_a_table_one_a_row():
    parameters = {"one": 3, "yes": True, "many": ("a", 2), "rows": [[1, 2], [3, 4]], "none": []}
    found = {
        one["label"]: one.get("values")
        for one in first_control(with_first(parameters=parameters))["params"]
    }
    assert found == {
        "one": ["3"],
        "yes": ["true"],
        "many": ["a", "2"],
        "rows": ["[1, 2]", "[3, 4]"],
        "none": None,
    }


def test_a_duty_tells_both_of_its_times():
    days = [date(2020, 1, n) for n in range(1, 5)]
    control = first_control(with_first(validity=Validity(Period(*days[:2]), Period(*days[2:]))))
    names = ("in-force-from", "in-force-until", "known-from", "known-until")
    assert [told(control, name) for name in names] == [[day.isoformat()] for day in days]


def test_relations_to_other_regimes_are_a_mapping_and_without_any_the_notes_say_so():
    ids = {one.obligation.id for one in STATUS.lines}
    here = [one for one in STATUS.regime.relations if one.here in ids]
    found = [
        (one["sources"][0]["id-ref"], one["relationship"], one["targets"][0]["id-ref"])
        for part in inner(FILES, MAPPING)["mappings"]
        for one in part["maps"]
    ]
    assert found
    assert sorted(found) == sorted((one.here, one.relation, one.there) for one in here)
    without = exported(replace(STATUS, regime=replace(STATUS.regime, relations=())))
    assert MAPPING not in without
    assert "none is known" in without[NOTES]
    assert f"({len(here)} of {len(STATUS.regime.relations)}" in FILES[NOTES]


HOSTILE = "<b>*x*</b> {{ insert: param, p }} [a](b) `c` & | ~~d~~ H^2^ _e_ \\ \x00 \ud800 \n# f"
SHOWN = HOSTILE.replace("\x00", "\ufffd").replace("\ud800", "\ufffd").replace(" \n", " ")


def test_hostile_words_are_shown_as_they_are_and_break_nothing():
    """Planted: words that Markdown and OSCAL would read, and two that no file can carry."""
    evil = Text(HOSTILE, HOSTILE)
    first = next(x for x in STATUS.lines if x.standing is Standing.GAP)
    had = first.looked[0]
    verdict = replace(had.verdict, reasons=(evil,), actions=(Action(evil, HOSTILE),))
    looked = (replace(had, control=replace(had.control, title=evil), verdict=verdict),)
    duty = replace(first.obligation, title=evil, text=evil, parameters={"p": HOSTILE}, area="scope")
    line = replace(first, obligation=duty, looked=looked, reasons=(evil,))
    answers = {"model": HOSTILE}
    for soundness in (STATUS.soundness, Unsound(0, HOSTILE)):
        of = replace(STATUS, lines=(line,), answers=answers, soundness=soundness)
        files = exported(of, "en", HOSTILE)
        for name in files:
            files[name].encode()
        check(files)
    control = inner(files, "catalog.json")["groups"][0]["controls"][0]
    assert told(control, "title-zh") == [SHOWN]
    assert control["params"][0]["values"] == [SHOWN]
    risk = inner(files, POAM)["risks"][0]
    for words in (control["title"], control["parts"][0]["prose"], risk["title"]):
        assert html(words) == expected(SHOWN)
        assert "{{" not in words


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
    files = exported(unsound())
    assert POAM not in files
    assert "The plan of action** is left out" in files[NOTES]


def test_an_empty_status_is_oscal_too():
    files = exported(replace(STATUS, lines=(), due=(), answers={}))
    check(files)


def test_the_notes_tell_what_was_lost_with_the_numbers_of_this_export():
    said = FILES[NOTES]
    for lost in ("Standings", "Two times", "Confidence", "Two languages", "Since", "Evidence"):
        assert f"**{lost}" in said
    assert re.search(rf"\b{STATUS.counts[Standing.UNKNOWN]} obligations of which nothing", said)
