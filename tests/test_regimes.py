"""The regimes that are shipped, each held to what all of them have to be.

What cn-genai says in particular: `test_regime_cn_genai.py`.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from kanhe.adapters import package_data
from kanhe.adapters.package_data import regime, regimes
from kanhe.adapters.regime_folder import RegimeFolder
from kanhe.errors import FaultyRegime, SettingsError
from kanhe.judge.category import CATEGORIES
from kanhe.law.bound import bound
from kanhe.law.regime import Regime
from kanhe.law.regime_file import load_regime
from kanhe.status.checks import CHECKS, NEEDS

SHIPPED = Path(package_data.__file__).parents[1] / "regimes"
NOT_ASKED = {"two-person-release"}
"""Controls that no clause asks for; an operator may have them all the same."""

every = pytest.mark.parametrize("name", regimes())

AMENDED = date(2026, 7, 24)
"""When Regulation (EU) 2026/1744, which moved the dates of the AI Act, was published."""


def ids(law: Regime, day: date, known: date, as_if: str | None = None) -> set[str]:
    return {one.id for one in bound(law, day, known, as_if)}


def test_the_machinery_knows_no_country_so_there_are_two():
    assert regimes() == ("cn-genai", "eu-ai-act")


@every
def test_a_regime_has_no_fault_and_every_check_is_there(name):
    needs = {check: NEEDS.get(check, ()) for check in CHECKS}
    assert load_regime(RegimeFolder(SHIPPED / name), name, needs).version == regime(name).version


@every
def test_every_obligation_maps_to_a_control(name):
    for one in regime(name).obligations:
        assert one.controls, one.id
        for control in one.controls:
            assert regime(name).controls[control].check in CHECKS


@every
def test_every_control_and_area_is_there_for_something(name):
    law = regime(name)
    used = {control for one in law.obligations for control in one.controls}
    assert set(law.controls) - used <= NOT_ASKED
    assert {one.id for one in law.areas} == {one.area for one in law.obligations}


@every
def test_a_relation_leads_to_a_duty_that_is_there(name):
    for one in regime(name).relations:
        if one.regime in regimes():
            assert list(regime(one.regime).versions(one.there)), one


@every
def test_relations_of_two_regimes_do_not_contradict_each_other(name):
    opposite = {"subset-of": "superset-of", "superset-of": "subset-of"}
    for one in regime(name).relations:
        there = regime(one.regime).relations if one.regime in regimes() else ()
        for back in there:
            if (back.regime, back.there, back.here) == (name, one.here, one.there):
                assert back.relation == opposite.get(one.relation, one.relation)


@every
def test_no_duty_of_a_draft_binds_and_each_is_given_by_name(name):
    law = regime(name)
    for source in law.sources.values():
        if source.force.binds:
            continue
        duties = {one.id for one in law.obligations if one.source == source.id}
        published = source.published or law.researched
        assert duties & ids(law, published, law.researched) == set()
        assert duties & ids(law, published, law.researched, source.id)


@pytest.mark.obligation("cn-imd-15-1")
@pytest.mark.obligation("cn-imd-9-1")
@pytest.mark.parametrize("known", [date(2023, 5, 1), date(2026, 11, 21)])
def test_the_draft_of_april_2023_would_have_bound_to_three_months_and_real_names(known):
    law = regime("cn-genai")
    found = {one.id: one for one in bound(law, date(2023, 5, 1), known, "cn-imd")}
    assert found["cn-imd-15-1"].parameters["months"] == 3
    assert "cn-imd-9-1" in found
    assert not {"cn-imd-15-1", "cn-imd-9-1"} & ids(law, date(2023, 5, 1), known)


def test_what_the_draft_became_is_not_asked_for_beside_it():
    law = regime("cn-genai")
    now = law.researched
    became = {one.changed_in for one in law.obligations if one.source == "cn-imd"} - {None}
    assert became
    assert became <= ids(law, now, now)
    assert not became & ids(law, now, now, "cn-imd")


def test_high_risk_duties_begin_when_they_were_known_to_begin():
    law = regime("eu-ai-act")
    before, after = date(2026, 7, 23), AMENDED
    day, later = date(2026, 8, 2), date(2027, 12, 2)
    for duty in ("eu-aia-9-1", "eu-aia-12-1"):
        assert duty in ids(law, day, before)
        assert duty not in ids(law, day, after)
        assert duty in ids(law, later, after)
        assert duty not in ids(law, date(2027, 12, 1), after)


def test_a_regime_is_read_once_and_an_unknown_one_is_refused_with_the_known():
    assert regime("cn-genai") is regime("cn-genai")
    with pytest.raises(SettingsError, match=r"no regime '\.\./cn-genai'") as caught:
        regime("../cn-genai")
    assert "cn-genai, eu-ai-act" in caught.value.advice


def test_risks_and_service_rules_are_those_of_the_whole_regime():
    law = regime("cn-genai")
    assert package_data.risks() == law.risks
    assert package_data.service_rules() == law.service
    assert len(law.risks) == 31


def test_every_risk_says_which_categories_of_judges_speak_for_it_or_why_none_does():
    law = regime("cn-genai")
    assert set(law.judging) == {"risks", "minors"}
    assert set(law.judging["risks"]) == set(law.risks)
    kinds = [one for some in law.judging.values() for one in some.values()]
    named = {category for one in kinds for category in one.by}
    assert named <= set(CATEGORIES)
    # Everything that is looked for speaks for something, but for attacks on the judge itself.
    assert set(CATEGORIES) - named == {"injection"}


def test_political_risks_have_no_category_that_is_shipped():
    risks = regime("cn-genai").judging["risks"]
    for code in ("A.1.a", "A.1.b", "A.1.c"):
        assert not risks[code].by
        assert "政治" in risks[code].none.zh
        assert "political" in risks[code].none.en


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "secret.yaml").write_text("id: x", encoding="utf-8")
    (tmp_path / "xx").mkdir()
    (tmp_path / "xx" / "regime.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(OSError, match="leads out of the folder"):
        RegimeFolder(tmp_path / "xx").read("regime.yaml")
    with pytest.raises(OSError, match="leads out of the folder"):
        RegimeFolder(tmp_path / "xx").read("../secret.yaml")


@every
@pytest.mark.parametrize("file", ["sources.yaml", "questions.yaml", "regime.yaml"])
def test_one_broken_file_of_a_shipped_regime_is_one_file_with_faults(name, file, tmp_path):
    """Fails where what refers to it, or takes its days from it, is called faulty, too."""
    shutil.copytree(SHIPPED / name, tmp_path / name)
    (tmp_path / name / file).write_text("- {id: [\n", encoding="utf-8")
    with pytest.raises(FaultyRegime) as caught:
        load_regime(RegimeFolder(tmp_path / name), name)
    assert {fault.file for fault in caught.value.faults} == {f"{name}/{file}"}
