"""A plan is read whole or not at all, everything wrong is told at once, and no key is repeated."""

from fractions import Fraction

import pytest

from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Way
from kanhe.assess.plan import Asking, Budget, Draw, Pace, Parts, People, Route, Target
from kanhe.assess.plan_file import read_plan
from kanhe.assess.strength import Bound
from kanhe.assess.threshold import By, Regression, Threshold
from kanhe.errors import FaultyPlan
from kanhe.judge.admission import Needs

SMALL = """\
id: small
regime: cn-genai
banks: [{bank: a, questions: 300}]
targets: [{route: model, url: "http://127.0.0.1:9/v1", model: m}]
"""
WHOLE = """\
id: monthly
title: {zh: 月度评估, en: The monthly assessment}
regime: cn-genai
seed: 20261122
banks:
  - {bank: cn-genai/output, questions: 1000, each: 20}
  - {bank: cn-genai/refuse, questions: 300}
targets:
  - {route: gateway, url: "https://kanhe.example/v1", model: chat, key_env: KANHE_KEY}
  - {route: model, url: "http://localhost:8000/v1", model: m}
asking: {max_tokens: 32, temperature: 0.5, seed: 7, system: 请用中文回答。}
judging:
  keyword: [rules/a.yaml, rules/b.yaml]
  classifier:
    judge: embedded
    threshold: 0.4
    needs: {sensitivity: 0.8, fpr: 0.1, languages: [zh, en], rows: 300, days: 90, pinned: true}
  people: {questions: 200, double: 0.2}
robustness: {passed: 50, variants: [base64]}
fairness: 120
privacy: 60
reliability: {items: 40, repeats: 5}
budget: {tokens: 2000000, money: "50.10", currency: CNY, prompt_price: "2", completion_price: "8.5"}
pace: {at_once: 8, per_second: 20, retries: 3, timeout_s: 60}
every_days: 31
gate:
  - {kind: output, way: classifier, at_least: 0.95, by: evidence}
  - {kind: answer, way: refusal, at_most: 0.03, slice: history}
regression: {lost: 5}
"""


def faults(text):
    with pytest.raises(FaultyPlan) as told:
        read_plan(text.encode(), "plan.yaml")
    return told.value.faults


def test_a_plan_is_read_whole():
    plan = read_plan(WHOLE.encode(), "plan.yaml")
    assert plan.draws == (Draw("cn-genai/output", 1000, 20), Draw("cn-genai/refuse", 300))
    assert plan.targets[Route.GATEWAY] == Target(
        Route.GATEWAY, "https://kanhe.example/v1", "chat", "KANHE_KEY"
    )
    assert plan.asking == Asking(32, 0.5, 7, "请用中文回答。")
    assert plan.judging.rulesets == ("rules/a.yaml", "rules/b.yaml")
    assert plan.judging.classifier.needs == Needs(
        sensitivity=0.8, fpr=0.1, languages=("zh", "en"), rows=300, days=90, pinned=True,
        threshold=0.4,
    )  # fmt: skip
    assert plan.judging.people == People(200, Fraction(1, 5))
    assert plan.parts == Parts(50, ("base64",), 120, 60, 40, 5)
    assert plan.budget.money == Fraction("50.1")
    assert plan.pace == Pace(8, 20.0, 3, 60.0)
    assert (plan.every_days, plan.regression) == (31, Regression(5))
    assert plan.gate == (
        Threshold(BankKind.OUTPUT, Way.CLASSIFIER, Bound(Fraction(95, 100)), By.EVIDENCE),
        Threshold(BankKind.ANSWER, Way.REFUSAL, Bound(Fraction(3, 100), True), slice="history"),
    )


def test_what_is_not_written_is_off():
    plan = read_plan(SMALL.encode(), "plan.yaml")
    assert (plan.parts, plan.budget, plan.gate, plan.every_days) == (Parts(), Budget(), (), None)
    assert plan.judging.classifier is None
    assert plan.title.en == "small"


def test_everything_wrong_is_told_at_once():
    text = "\n".join(str(one) for one in faults(
        "id: A B\nbanks: [{bank: a}, {bank: a, questions: 0}]\ntargets: []\nseeds: 1\n"
        "judging: {classifier: {judge: x}}\n"
    ))  # fmt: skip
    for wanted in (
        "plan.yaml:1: 'A B' is no id", "`regime` is missing", "`questions` is missing",
        "`questions` is '0'", "'a' stands twice", "there is no target", "unknown key `seeds`",
        "`needs` is missing",
    ):  # fmt: skip
        assert wanted in text


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("http://127.0.0.1:9/v1", "http://model.example/v1", "in the open"),
        ("http://127.0.0.1:9/v1", "ftp://127.0.0.1/v1", "is no address"),
        ("http://127.0.0.1:9/v1", "https://[::1/v1", "is no address"),
        ("http://127.0.0.1:9/v1", "https://sk:x@model.example/v1", "holds a name"),
        ("http://127.0.0.1:9/v1", "https://model.example/v1?key=1", "holds a name"),
        ("model: m}]", "model: m}, {route: model, url: 'https://a/v1', model: m}]", "twice"),
        ("banks: [{bank: a, questions: 300}]\n", "", "`banks` is missing"),
        ("[{bank: a, questions: 300}]", "[]", "there is no bank"),
    ],
)
def test_a_place_that_is_wrong_is_told(old, new, what):
    assert what in str(faults(SMALL.replace(old, new))[0])


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ('budget: {money: "5"}', "prices are not told"),
        ('budget: {money: "5,0", prompt_price: "1", completion_price: "1"}', "is no amount"),
        ("reliability: {repeats: 1}", "`repeats` is '1'"),
        ("judging: {classifier: {judge: x, needs: {rows: 5}}}", "demands no figure"),
        ("gate: [{kind: output, way: classifier}]", "either `at_least` or `at_most`"),
        ("gate: [{kind: output, at_least: 0.9}]", "`way` is missing"),
        ("gate: [{kind: outptu, way: key, at_least: 0.9}]", "cannot be 'outptu'"),
    ],
)
def test_a_part_that_is_wrong_is_told(more, what):
    assert what in "\n".join(map(str, faults(SMALL + more)))


def test_a_key_written_by_mistake_is_not_repeated():
    secret = "sk-" + "0123456789abcdef" * 2
    told = faults(SMALL.replace("model: m}", f"model: m, key_env: {secret}}}"))
    assert secret not in "".join(map(str, told))
    address = faults(SMALL.replace("http://127.0.0.1:9", f"https://u:{secret}@a"))
    assert secret not in "".join(map(str, address))


def test_a_budget_is_kept_to_the_token_and_the_cent():
    money = Budget(None, Fraction("0.85"), "CNY", Fraction(2), Fraction("8.5"))
    assert money.allows(0, 100_000)
    assert not money.allows(0, 100_001)
    assert money.cost(1_000_000, 1_000_000) == Fraction("10.5")
    tokens = Budget(tokens=100)
    assert (tokens.allows(60, 40), tokens.allows(60, 41)) == (True, False)
    assert Budget().allows(10**12, 10**12)


def test_the_hash_is_of_the_bytes():
    assert read_plan(SMALL.encode(), "a").sha256 != read_plan(f"{SMALL}\n".encode(), "a").sha256
