"""What is promised of detection on the public sets; bench/detection.py prints the whole tables."""

import importlib.util
import sys
from pathlib import Path

import pytest

from kanhe.policy.example import try_examples
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule import Action, Place, Recognised, Rule, Side
from kanhe.policy.ruleset import Ruleset, compile_parts
from kanhe.policy.stream import StreamGuard

BENCH = Path(__file__).parent.parent / "bench" / "detection.py"


@pytest.fixture(scope="module")
def detection():
    spec = importlib.util.spec_from_file_location("detection", BENCH)
    module = sys.modules["detection"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def synthetic_zh(shared_data):
    return shared_data / "pii" / "synthetic_pii_zh.jsonl"


@pytest.mark.obligation("cn-im-4-4")
def test_recognisers_are_right_99_times_in_100_and_find_98(detection, synthetic_zh):
    """Exact spans, each kind by itself; an address is a guess, and is held to less."""
    scores = list(detection.score(synthetic_zh, detection.SYNTHETIC_ZH, 5))
    assert len(scores) == len(detection.SYNTHETIC_ZH)
    for score in scores:
        precise, complete = (0.9, 0.9) if score.kind == "ADDRESS" else (0.99, 0.98)
        assert score.right, score
        assert score.precision >= precise, score
        assert score.recall >= complete, score


def test_mailboxes_and_machines_in_english_are_found_too(detection, shared_data):
    path = shared_data / "pii" / "presidio_synth_en.jsonl"
    for score in detection.score(path, detection.PRESIDIO_EN, 5):
        assert score.precision == 1, score
        assert score.recall >= 0.9, score


@pytest.mark.parametrize("name", RECOGNISERS)
def test_the_stream_guard_masks_what_the_plain_matcher_finds(name, detection, synthetic_zh):
    """Two implementations, one text: in pieces of three characters, or matched over the whole."""
    rule = Rule(name, "A.4.f", Recognised(name), action=Action.MASK, mask="█", word=False)
    ruleset = Ruleset(
        name="one",
        label="1",
        version="0",
        rules=(rule,),
        parts=compile_parts((rule,), RECOGNISERS),
        recognisers=RECOGNISERS,
    )
    for row in detection.rows(synthetic_zh)[::3]:
        text, shown, at = row["text"], "", 0
        for start, end in detection.find(RECOGNISERS[name], detection.fold(text)):
            shown, at = shown + text[at:start] + "█", end
        guard = StreamGuard(ruleset.plan(Place(Side.ANSWER)))
        pieces = [guard.feed(text[i : i + 3]).text for i in range(0, len(text), 3)]
        assert "".join([*pieces, guard.finish().text]) == shown + text[at:]


def test_the_baseline_leaves_ordinary_text_alone(detection, shared_data):
    """One row in a thousand at the most, over all benign sets."""
    assert shared_data.is_dir()
    alarms = list(detection.baseline_alarms(5))
    rows = sum(len(texts) for _, texts in detection.benign())
    assert rows > 10_000
    assert sum(alarm.hits for alarm in alarms) <= rows / 1000, alarms


def test_the_baseline_loads_without_a_warning_and_its_examples_hold(detection):
    ruleset, loaded = detection.baseline()
    assert loaded.warnings == ()
    assert [tried for tried in try_examples(loaded.examples, ruleset) if not tried.passed] == []
    for rule in loaded.rules:
        wanted = [e.must_match for e in loaded.examples if e.rule.id == rule.id]
        assert wanted.count(True) >= 3, rule.id
        assert wanted.count(False) >= 3, rule.id
        assert rule.notice, rule.id
