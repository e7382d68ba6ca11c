"""What a run asks from stays what it was, whatever becomes of the banks."""

from __future__ import annotations

import pytest

from kanhe.adapters.assess_journal import KEY
from kanhe.adapters.assess_material import MATERIAL, keep_material, kept_material, open_material
from kanhe.assess.plan_file import read_plan
from kanhe.errors import AssessError

PLAN = b"""
id: small
regime: cn-genai
banks: [{bank: cn-genai/refuse, questions: 3}]
targets: [{route: model, url: embedded}]
"""


@pytest.fixture(scope="module")
def material():
    return open_material(read_plan(PLAN, "plan.yaml"))


def test_a_disguise_that_there_is_not_is_told_before_anything_is_asked():
    """Planted fault caught: a misspelt name, and a report that is silent on robustness."""
    plan = read_plan(PLAN + b"robustness: {passed: 1, variants: [novell]}\n", "plan.yaml")
    with pytest.raises(AssessError, match="novell") as caught:
        open_material(plan)
    assert "`novel`" in caught.value.advice


def test_what_was_kept_comes_back_whole(tmp_path, material):
    keep_material(tmp_path, material)
    assert kept_material(tmp_path) == material


def test_nothing_of_it_can_be_read_without_the_key(tmp_path, material):
    """Fails if questions lie open in the folder of a run, as they may be an auditor's secret."""
    keep_material(tmp_path, material)
    raw = (tmp_path / MATERIAL).read_bytes()
    assert material.banks[0].items[0].turns[0].encode() not in raw
    assert (tmp_path / MATERIAL).stat().st_mode & 0o077 == 0
    (tmp_path / KEY).write_text("00" * 32)
    with pytest.raises(AssessError, match="its key is another one"):
        kept_material(tmp_path)


def test_where_nothing_was_kept_there_is_none(tmp_path):
    assert kept_material(tmp_path) is None


@pytest.mark.parametrize("cut", [0, 5, 100, -1])
def test_a_damaged_one_is_refused(tmp_path, material, cut):
    keep_material(tmp_path, material)
    path = tmp_path / MATERIAL
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(AssessError, match="cannot be opened"):
        kept_material(tmp_path)
