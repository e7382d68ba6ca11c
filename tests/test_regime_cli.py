"""`kanhe regime`, as an operator types it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from fakes_regime import CONTROLS, FILES
from kanhe.adapters.package_data import regime, regimes
from kanhe.cli.main import main


def run(*words):
    return CliRunner().invoke(main, ["regime", *words])


def printed(*words):
    done = run(*words)
    assert done.exit_code == 0, done.output
    return done.output


def plain(*words):
    return json.loads(printed(*words, "--json"))


@pytest.fixture
def folder(tmp_path):
    """The small regime in a folder, with a check that is there."""
    controls = CONTROLS.replace("lights_on", "log_retention").replace("least:", "months:")
    for name, text in (FILES | {"controls/a.yaml": controls}).items():
        path = tmp_path / "xx" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "xx"


def test_a_sound_folder_is_summed_up_with_its_version(folder):
    said = printed("check", str(folder))
    assert "2 obligations, 3 controls" in said
    assert "no fault" in said
    told = plain("check", str(folder))
    assert (told["faults"], told["id"], len(told["version"])) == ([], "xx", 64)
    assert told["version"] in said


def test_every_fault_is_told_with_its_place_and_ends_with_one(folder):
    (folder / "controls" / "a.yaml").write_text(CONTROLS.replace("365", "0"), encoding="utf-8")
    done = run("check", str(folder))
    assert done.exit_code == 1
    assert "the regime has 2 faults; nothing of it was loaded" in done.output
    assert "xx/controls/a.yaml:3: control lights: there is no check 'lights_on'" in done.output
    assert "xx/controls/a.yaml:10: control register: `valid_days` is '0'" in done.output
    told = run("check", str(folder), "--json")
    assert told.exit_code == 1
    assert [(one["line"], one["entry"]) for one in json.loads(told.output)["faults"]] == [
        (3, "lights"),
        (10, "register"),
    ]


def test_a_control_that_lacks_what_its_check_needs_is_told(folder):
    controls = (folder / "controls" / "a.yaml").read_text(encoding="utf-8")
    (folder / "controls" / "a.yaml").write_text(controls.replace("months:", "m:"), encoding="utf-8")
    assert "`check: log_retention` needs the parameter `months`" in run("check", str(folder)).output


def test_the_shipped_regimes_are_listed():
    assert [line.partition(":")[0] for line in printed("list").splitlines()] == list(regimes())
    assert {one["id"]: one["version"] for one in plain("list")} == {
        name: regime(name).version for name in regimes()
    }


def test_under_the_draft_three_months_and_real_names_would_have_bound():
    asked = ("show", "--at", "2023-05-01", "--as-if", "cn-imd")
    said = printed(*asked)
    assert "cn-imd-15-1" in said
    assert "cn-imd-9-1" in said
    months = {one["id"]: one["parameters"].get("months") for one in plain(*asked)}
    assert months["cn-imd-15-1"] == 3
    assert "cn-imd-15-1" not in printed("show", "--at", "2023-05-01")


def test_high_risk_duties_are_told_as_they_were_known():
    asked = ("show", "--regime", "eu-ai-act", "--at", "2026-08-02", "--known")
    assert "eu-aia-9-1 " in printed(*asked, "2026-07-01")
    assert "eu-aia-9-1 " not in printed(*asked, "2026-08-01")


def test_an_area_alone_can_be_shown():
    areas = {one["area"] for one in plain("show", "--area", "labels")}
    assert areas == {"labels"}
    done = run("show", "--area", "cellar")
    assert (done.exit_code, "Name one of: scope," in done.output) == (1, True)


def test_one_obligation_is_shown_with_all_its_versions_and_relations():
    said = printed("show", "eu-aia-9-1", "--regime", "eu-ai-act")
    assert said.count("in force    from") == 2
    assert "from 2026-08-02" in said
    assert "from 2027-12-02" in said
    draft = printed("show", "cn-imd-15-1")
    assert "became      cn-im-14-1" in draft
    assert "was         cn-imd-15-1 in cn-imd" in printed("show", "cn-im-14-1")
    assert "relation    intersects-with eu-aia-2-1 of eu-ai-act" in printed("show", "cn-im-2-1")
    (first, second) = plain("show", "eu-aia-9-1", "--regime", "eu-ai-act")
    starts = {one["validity"]["in_force"]["from"] for one in (first, second)}
    assert starts == {"2026-08-02", "2027-12-02"}


def test_every_obligation_of_every_regime_can_be_shown_both_ways():
    for name in regimes():
        for one in {duty.id for duty in regime(name).obligations}:
            assert one in printed("show", one, "--regime", name)
        shown = plain("show", "--regime", name)
        assert all(one["title"]["zh"] and one["controls"] for one in shown)


def test_an_obligation_that_is_not_there_is_refused_and_one_of_another_regime_pointed_to():
    assert "`kanhe regime show` lists them" in run("show", "cn-zz-1").output
    assert "Ask with --regime eu-ai-act." in run("show", "eu-aia-9-1").output


def test_what_was_moved_is_told_between_two_days_of_knowledge():
    asked = ("diff", "--regime", "eu-ai-act", "--known", "2026-08-01", "--known", "2026-07-01")
    said = printed(*asked)
    assert "~ eu-aia-9-1  " in said
    assert "was in force from 2026-08-02" in said
    assert "is  in force from 2027-12-02" in said
    on_the_day = {one["id"]: one for one in plain(*asked, "--at", "2026-08-02")}
    assert on_the_day["eu-aia-9-1"] == {
        "id": "eu-aia-9-1",
        "before": [{"from": "2026-08-02", "until": None}],
        "after": [],
    }
    assert "0 changes" in printed("diff", "--known", "2026-11-20", "--known", "2026-11-20")


@pytest.mark.parametrize("days", [[], ["2026-01-01", "2026-01-02", "2026-01-03"]])
def test_a_comparison_needs_two_days_of_knowledge(days):
    done = run("diff", *(word for day in days for word in ("--known", day)))
    assert (done.exit_code, "give two: --known A --known B" in done.output) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "--at", "2026-02-30"), "is no day"),
        (("show", "--as-if", "cn-graft"), "Name a draft or a report: cn-imd"),
        (("show", "--regime", "atlantis"), "there is no regime 'atlantis'"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_next_step(words, said):
    done = run(*words)
    assert done.exit_code in {1, 2}
    assert said in done.output


def test_the_folder_of_several_regimes_is_called_so(folder):
    told = run("check", str(folder.parent))
    assert told.exit_code == 1
    assert f"is no regime, but the folder of {folder.name}" in told.output
    assert f"kanhe regime check {folder}" in told.output
