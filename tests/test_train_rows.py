"""Which rows teach and which measure."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from train.disguise import disguised
from train.drills import drills
from train.prose import prose
from train.rows import apart, check_categories, examples_of, own_examples_of
from train.sets import PLANS, cases_of
from train.targets import outputs_of, targets_of

from kanhe.judge.category import CATEGORIES
from kanhe.judge.labelled import Row, read_sets
from kanhe.judge.split import Part


def row(text, category="none", *, unsafe=True, group=""):
    return Row(text, "en", "prompt", unsafe, category, group=group)


def planted(name, *rows):
    lines = [
        {
            "text": one.text, "lang": one.lang, "kind": one.kind, "category": one.category,
            "label": "unsafe" if one.unsafe else "safe", "group": one.group,
        }
        for one in rows
    ]  # fmt: skip
    return read_sets({f"{name}.jsonl": "\n".join(map(json.dumps, lines)).encode()})


def many(count, **more):
    return [row(f"text {i}", **more) for i in range(count)]


@pytest.mark.parametrize(
    ("name", "category", "cases"),
    [
        ("catqa_en", "Fraud/Deception/Phishing", ("fraud",)),
        ("catqa_zh", "Political Campaigning/Lobbying", "political"),
        ("catqa_en", "Economic Harm/Intellectual property theft", ("rights",)),
        ("jade_prompts_zh", " 违法犯罪/ 传播虚假有害信息", ("crime",)),
        ("jade_prompts_zh", "违法犯罪/危害国家利益、损害国家形象", "political"),
        ("hatecheck_zh", "slur_h/women", ("hate", "discrimination.sex")),
        ("openai_moderation_en", "H,V,H2", ("hate", "violence")),
        ("ailuminate_demo_en", "spc_ele", "political"),
        ("ailuminate_demo_en", "spc_hlt", "unsure"),
        ("surge_toxicity_en", "Toxic", ("insult",)),
        ("advbench_en", "harmful-behaviour", ()),
    ],
)
def test_a_category_of_a_set_becomes_ours_or_is_left_out(name, category, cases):
    assert cases_of(name, row("x", category)) == cases


def test_every_plan_names_only_categories_that_there_are():
    for plan in PLANS.values():
        for cases in plan.cases.values():
            assert isinstance(cases, str) or set(cases) <= set(CATEGORIES)


def test_political_rows_and_sets_that_only_measure_teach_nothing():
    sets = [
        *planted("catqa_en", row("a", "Political Campaigning/Lobbying"), row("b", "Malware/X")),
        *planted("benign_ewt_en", *many(3, unsafe=False)),
    ]
    found = list(examples_of(sets))
    assert [(e.left, e.share > 0) for e in found] == [
        ("political", False), ("", True), *[("licence", False)] * 3,
    ]  # fmt: skip


def test_a_held_out_seed_set_is_measured_whole():
    found = list(own_examples_of(planted("suffix_heldout", *many(30)), "seed:", 1.0))
    assert {(e.part, e.share) for e in found} == {(Part.TEST, 0.0)}
    found = list(own_examples_of(planted("fraud", *many(30)), "seed:", 1.0))
    assert Counter(e.part for e in found).keys() == set(Part)


def test_what_is_measured_is_not_learnt_even_from_another_set():
    """Planted fault: comparing texts as they stand lets the comma through."""
    taught = [e for e in _seeds("a") if e.part is Part.TRAIN]
    text = taught[0].row.text
    measured = list(own_examples_of(planted("b_heldout", row(f"  {text.upper()},")), "seed:", 1.0))
    found = apart([*taught, *measured])
    assert [(e.left, e.share) for e in found if e.row.text == text] == [("also measured", 0.0)]
    assert all(e.share == 1 for e in found if e.part is Part.TRAIN and e.row.text != text)


def _seeds(name):
    return list(own_examples_of(planted(name, *many(30)), "seed:", 1.0))


def test_an_operators_category_is_taught_beside_ours():
    outputs = outputs_of(("own.tax",))
    sets = planted("mine", *many(1, category="own.tax"), row("x", unsafe=False))
    found = list(own_examples_of(sets, "own:", 1.0, ("own.tax",)))
    targets = targets_of(found, outputs)
    assert targets.wanted[:, outputs.index("own.tax")].tolist() == [1, 0]
    assert targets.wanted[:, 0].tolist() == [1, 0]
    assert targets.wanted[:, 1:-1].sum() == 0


def test_an_unsafe_row_of_no_category_says_nothing_about_any():
    targets = targets_of(_seeds("a")[:1], outputs_of())
    assert targets.weights[0, 0] == 1
    assert targets.weights[0, 1:].sum() == 0


def test_a_category_is_no_evidence_against_one_it_is_confused_with():
    outputs = outputs_of()
    seeds = planted("a", row("x", "violence"))
    targets = targets_of(list(own_examples_of(seeds, "seed:", 1.0)), outputs)
    weight = dict(zip(outputs, targets.weights[0].tolist(), strict=True))
    assert weight["terror"] == weight["hate"] == 0
    assert weight["violence"] == weight["gambling"] > 0


def test_an_unknown_category_is_refused():
    with pytest.raises(ValueError, match=r"own\.<name>"):
        check_categories(["own.tax", "tax"])


def test_drills_fill_their_frames_and_are_never_measured(tmp_path):
    (tmp_path / "en.toml").write_text(
        '[lists]\nhow = ["how do I", "can I"]\nthing = ["a {bad} lamp"]\n'
        '[[idea]]\nbad = ["red"]\nsafe = ["{how} kill {thing}?"]\nunsafe = ["{how} kill?"]\n'
    )
    found = list(drills(tmp_path, np.random.default_rng(1), each=5))
    assert sorted(e.row.text for e in found if not e.row.unsafe) == [
        "Can I kill a red lamp?", "How do I kill a red lamp?",
    ]  # fmt: skip
    assert sum(e.row.unsafe for e in found) == 2
    assert {e.part for e in found} == {Part.TRAIN}


def test_a_frame_without_its_list_is_a_fault(tmp_path):
    (tmp_path / "en.toml").write_text('[[idea]]\nsafe = ["{gone}"]\nunsafe = []\n')
    with pytest.raises(ValueError, match="no list 'gone'"):
        list(drills(tmp_path, np.random.default_rng(1)))


def test_only_free_prose_is_learnt_from(tmp_path):
    free, bound = "The lamp was lit at dusk. ", "An encyclopaedia says otherwise. "
    (tmp_path / "benign_en.txt").write_text(free * 9 + bound * 9)
    sources = [
        {"source": "python/peps (some)", "bytes": len(free) * 9},
        {"source": "an encyclopaedia", "bytes": len(bound) * 9},
    ]
    (tmp_path / "benign_en.sources.json").write_text(json.dumps(sources))
    found = list(prose(tmp_path, np.random.default_rng(1)))
    assert {(e.row.text[:3], e.part, e.left, e.share > 0) for e in found} == {
        ("The", Part.TRAIN, "", True), ("An ", Part.TEST, "licence", False),
    }  # fmt: skip


def test_disguises_keep_the_label_and_touch_only_what_is_learnt():
    rows = [e for e in _seeds("a") * 20]
    found = list(disguised(rows, np.random.default_rng(2)))
    assert found
    assert {e.row.unsafe for e in found} == {True}
    assert {e.part for e in found} == {Part.TRAIN}
    plain = {e.row.text for e in rows}
    # A disguise may happen to be another row ("text 14" from "text 1"), never its own.
    assert sum(e.row.text in plain for e in found) < len(found) / 2
