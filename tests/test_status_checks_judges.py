"""Checks over judges: a risk is covered by what was measured of the very judge that is asked."""

from datetime import timedelta

import pytest

from fakes_judge import FakeJudge, labelled, row, said
from fakes_judge import measured as real_measuring
from kanhe.adapters import package_data
from kanhe.judge import record as judge_record
from kanhe.judge.port import JudgeId
from kanhe.law.regime import Confidence, Kind
from kanhe.policy.inventory import inventory
from kanhe.policy.rule import Judged, Rule
from kanhe.settings import Settings
from kanhe.status import record
from kanhe.status.checks import CHECKS
from kanhe.status.record import judge_facts, settings_facts
from kanhe.status.verdict import Standing
from pictures import (
    ASKING,
    JUDGE,
    JUDGED_RULE,
    JUDGING,
    NOW,
    OWN_RULES,
    RECORD_FACTS,
    ago,
    asking,
    control,
    drifted,
    loaded,
    measured,
    picture,
    regime,
    terms,
    text,
    with_judges,
)

GAP, UNKNOWN, STALE, MET = Standing.GAP, Standing.UNKNOWN, Standing.STALE, Standing.MET
WANTED = {"list": "risks", "least_percent": 50, "most_false_percent": 10, "rows": 30}
FRESH = {"pinned_days": 365, "unpinned_days": 31}
FRAUD = regime(judging={"risks": {"A.1.a": Kind("A.1.a", text("a"), {"fraud": Confidence.OURS})}})
RULES = (JUDGED_RULE, *OWN_RULES)
START = with_judges(ago(days=3), JUDGE)


def look(name, *entries, law=ASKING, at=NOW, **parameters):
    one = control("duty", name, **parameters)
    seen = picture(*entries, at=at)
    return CHECKS[name](seen, terms(one, seen, law, at=at))


def covers(*entries, law=FRAUD, **more):
    return look("classifiers", *entries, law=law, **WANTED | more)


def one_rule(*entries, law=FRAUD, rule=None, judge=JUDGE, **more):
    """Look at one rule, over fraud, and one risk, with these records."""
    start = with_judges(ago(days=3), judge)
    return covers(asking(ago(days=3), JUDGED_RULE | (rule or {})), start, *entries, law=law, **more)


def own(row, **more):
    return {"own": {"fraud": {"zh": row}}} | more


def told(verdict):
    return " ".join(reason.zh + reason.en for reason in verdict.reasons)


@pytest.mark.obligation("cn-bsr-8-4")
def test_a_risk_is_covered_where_what_was_measured_of_its_judge_shows_it():
    verdict = covers(asking(ago(days=3), *RULES), START, measured(ago(days=2)), law=ASKING)
    assert verdict.standing is MET
    assert verdict.evidence == (0, 1, 2)
    assert verdict.since == ago(days=2)
    assert "3 类中，3 类有经测评的研判模型识别" in told(verdict)
    assert "依据账本中的测评记录 1 份" in told(verdict)


@pytest.mark.obligation("cn-bsr-8-4")
@pytest.mark.obligation("cn-bsr-a-1")
def test_a_risk_for_which_no_category_speaks_is_a_gap_until_the_operator_brings_a_judge():
    without = covers(asking(ago(days=3), JUDGED_RULE), START, measured(ago(days=2)), law=ASKING)
    assert without.standing is GAP
    assert "nobody（中）：A.1.b" in told(without)
    assert "A.1.b: nobody" in told(without)
    assert "A.4.f（侵犯隐私与个人信息）" in told(without)
    assert "A.4.f (privacy)" in told(without)


def test_a_category_of_ones_own_speaks_for_the_risk_its_rule_stands_under_and_for_no_other():
    """Planted: an own category under another risk, and one of ours under the risk."""
    elsewhere = (JUDGED_RULE, OWN_RULES[0] | {"category": "A.1.a"}, OWN_RULES[1],
                 JUDGED_RULE | {"category": "A.1.b"})  # fmt: skip
    verdict = covers(asking(ago(days=3), *elsewhere), START, measured(ago(days=2)), law=ASKING)
    assert verdict.standing is GAP
    assert "A.1.b" in told(verdict)


def test_an_own_category_that_was_not_measured_covers_nothing():
    bare = {name: row for name, row in RECORD_FACTS["own"].items() if name != "own.slurs"}
    verdict = covers(
        asking(ago(days=3), *RULES), START, measured(ago(days=2), own=bare), law=ASKING
    )
    assert verdict.standing is GAP
    assert "没有同一模型、同一阈值的测评数据：A.1.b（own.slurs）" in told(verdict)


def test_a_risk_that_is_spoken_for_in_part_is_never_called_covered():
    law = regime(judging={"risks": {"A.4.f": JUDGING["A.4.f"]}})
    rule = {"over": {"privacy": 500_000}, "category": "A.4.f"}
    shown = measured(ago(days=2), own={"privacy": {"zh": [100, 100, 0, 400]}})
    verdict = one_rule(shown, law=law, rule=rule)
    assert verdict.standing is UNKNOWN
    assert "只能部分识别，不计为已覆盖：A.4.f" in told(verdict)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"thresholds": {"fraud": 800_001}}, "同一阈值"),
        ({"thresholds": {}}, "同一阈值"),
        ({"hash": "f" * 64}, "同一模型"),
        ({"own": {"fraud": {"en": [90, 100, 4, 400]}}}, "测评数据"),
        ({"own": {"drugs": {"zh": [90, 100, 4, 400]}}}, "测评数据"),
        (own([90, 100]), "测评数据"),
        (own([101, 100, 4, 400]), "测评数据"),
        (own([90, 100, True, 400]), "测评数据"),
        ({"part": "train"}, "测评数据"),
        ({"part": "calibration"}, "测评数据"),
        (own([50, 100, 4, 400]), "fraud 50/100"),
        (own([29, 29, 0, 400]), "fraud 29/29"),
        (own([100, 100, 400, 400]), "fraud 100/100"),
        (own([100, 100, 34, 400]), "fraud 100/100"),
    ],
    ids=[
        "another threshold", "unsafe's threshold", "another judge", "another language",
        "another category", "no alarms", "impossible", "no number", "trained on", "tuned on",
        "too little found", "too few rows", "flags everything", "flags too much",
    ],
)  # fmt: skip
def test_what_does_not_show_enough_of_this_judge_at_this_threshold_is_a_gap(facts, why):
    assert one_rule(measured(ago(days=2))).standing is MET
    verdict = one_rule(measured(ago(days=2), **facts))
    assert verdict.standing is GAP
    assert why in told(verdict)


@pytest.mark.parametrize(
    "rule",
    [{"acts": False}, {"for_all": False}, {"sides": ["prompt"]}, {"over": {"drugs": 700_000}},
     {"judge": "gone"}],
    ids=["only watches", "for one caller", "not over answers", "another category", "no such judge"],
)  # fmt: skip
def test_a_rule_that_does_not_ask_this_of_everybodys_answers_covers_nothing(rule):
    verdict = one_rule(measured(ago(days=2)), rule=rule)
    assert verdict.standing is GAP
    assert "没有对所有人生效的规则研判：A.1.a（诈骗）" in told(verdict)


def test_each_side_that_is_asked_for_has_to_be_looked_at():
    both = {"sides": ["prompt", "answer"]}
    assert one_rule(measured(ago(days=2)), **both).standing is MET
    assert one_rule(measured(ago(days=2)), rule={"sides": ["answer"]}, **both).standing is GAP


def test_the_newest_record_decides_good_or_bad():
    """Planted: the best record taken, whenever it was made."""
    good, bad = measured(ago(days=2)), measured(ago(days=1), **own([10, 100, 4, 400]))
    assert one_rule(good, bad).standing is GAP
    assert one_rule(bad, (NOW, *good[1:])).standing is MET
    other_rows = measured(ago(days=1), own={"drugs": {"zh": [9, 99, 4, 400]}})
    assert one_rule(good, other_rows).standing is MET


def test_the_probability_of_unsafe_covers_what_it_was_seen_to_find():
    rule = {"over": {"unsafe": 500_000}}
    assert one_rule(measured(ago(days=2)), rule=rule).standing is GAP
    seen = {"caught": {"fraud": {"zh": [80, 100]}}, "own": {}}
    assert one_rule(measured(ago(days=2), **seen), rule=rule).standing is MET
    loud = seen | {"alarms": {"zh": [100, 400]}}
    assert one_rule(measured(ago(days=2), **loud), rule=rule).standing is GAP


def test_a_record_that_came_with_the_weights_counts_and_is_called_so():
    judge = JUDGE | {"shipped": RECORD_FACTS}
    verdict = one_rule(judge=judge)
    assert verdict.standing is MET
    assert verdict.evidence == (0, 1)
    assert "模型随附的测评记录 1 份，未在本服务上重新测评" in told(verdict)
    other = one_rule(judge=JUDGE | {"shipped": RECORD_FACTS | {"hash": "f" * 64}})
    assert other.standing is GAP
    # What was measured here later decides, also where it is worse.
    assert one_rule(measured(NOW, **own([1, 100, 4, 400])), judge=judge).standing is GAP


def test_rules_that_let_text_leave_early_count_and_are_told():
    verdict = one_rule(measured(NOW), rule={"leave": "trail", "otherwise": "pass", "rules": 2})
    assert verdict.standing is MET
    assert "2 条先放行后研判，2 条在未得出研判时放行" in told(verdict)
    assert "先放行" not in told(one_rule(measured(NOW)))


@pytest.mark.obligation("cn-pmi-9")
def test_of_what_may_harm_minors_judges_find_some_in_part_and_some_not_at_all():
    law = package_data.regime("cn-genai")
    parameters = dict(law.controls["minors-classifiers"].parameters)
    names = ("minors", "self-harm", "violence", "gambling", "drugs", "privacy")
    rule = JUDGED_RULE | {"over": dict.fromkeys(names, 500_000)}
    shown = measured(ago(days=2), own={name: {"zh": [90, 100, 4, 400]} for name in names},
                     thresholds={})  # fmt: skip
    verdict = look("classifiers", asking(ago(days=3), rule), START, shown, law=law, **parameters)
    assert verdict.standing is GAP
    assert "4 类中，0 类有经测评的研判模型识别" in told(verdict)
    assert "价值观导向没有对应的类别，也不宜交由随附的模型判断：可能对未成年人价值观" in told(
        verdict
    )
    assert "minors-content" in law.controls
    assert law.controls["minors-content"].check == "awaits"


@pytest.mark.obligation("cn-bsr-8-4")
def test_with_the_best_of_judges_that_are_shipped_the_political_risks_stay_a_gap():
    law = package_data.regime("cn-genai")
    parameters = dict(law.controls["risk-classifiers"].parameters)
    names = sorted({name for one in law.judging["risks"].values() for name in one.by})
    rule = JUDGED_RULE | {"over": dict.fromkeys(names, 500_000)}
    shown = measured(ago(days=2), own={name: {"zh": [100, 100, 0, 400]} for name in names},
                     thresholds={})  # fmt: skip
    verdict = look("classifiers", asking(ago(days=3), rule), START, shown, law=law, **parameters)
    assert verdict.standing is GAP
    assert "31 类中，13 类有经测评的研判模型识别（查全率下限 50%" in told(verdict)
    assert "12 类只能部分识别" in told(verdict)
    political = "属政治判断，不随附任何政治分类模型；须由运营者自备研判模型并测评：A.1.a，A.1.c"
    assert political in told(verdict)
    assert "no political classifier is shipped; the operator has to bring" in told(verdict)
    mine = [JUDGED_RULE | {"category": code, "over": {"own.all": 500_000}} for code in law.risks]
    all_of_it = measured(ago(days=2), own={"own.all": {"zh": [100, 100, 0, 400]}}, thresholds={})
    full = look("classifiers", asking(ago(days=3), *mine), START, all_of_it, law=law, **parameters)
    assert full.standing is MET


def judged(*entries, at=NOW, judge=JUDGE):
    start = with_judges(ago(days=400), judge)
    return look("judge_measured", asking(ago(days=400), JUDGED_RULE), start, *entries, at=at,
                **FRESH)  # fmt: skip


def test_what_was_measured_ages_to_the_second_and_sooner_where_weights_are_not_pinned():
    for judge, most in ((JUDGE, 365), (JUDGE | {"pinned": False}, 31)):
        entry = measured(NOW - timedelta(days=most))
        assert judged(entry, judge=judge).standing is STALE
        almost = judged(entry, judge=judge, at=NOW - timedelta(milliseconds=1))
        assert (almost.standing, almost.until) == (MET, NOW)


def test_a_judge_that_drifted_is_a_gap_until_it_is_measured_again():
    """Planted: the record of the drift itself taken for the new measuring."""
    entries = [measured(ago(days=9)), measured(ago(days=2), record="c" * 64), drifted(ago(days=2))]
    verdict = judged(*entries)
    assert verdict.standing is GAP
    assert "复测时结果有变" in told(verdict)
    assert judged(*entries, measured(ago(days=1))).standing is MET
    held = measured(ago(days=1), record="d" * 64, against="b" * 64)
    assert judged(*entries, held).standing is GAP
    renamed = drifted(ago(days=1), hash="f" * 64)
    assert judged(measured(ago(days=2)), renamed).standing is GAP
    other = drifted(ago(days=1), hash="f" * 64, judge="other")
    assert judged(measured(ago(days=2)), other).standing is MET


def test_of_several_judges_the_worst_decides():
    second = JUDGE | {"name": "guard", "hash": "d" * 64, "pinned": False, "default": False}
    rules = asking(ago(days=3), JUDGED_RULE, JUDGED_RULE | {"judge": "guard"})
    entries = rules, with_judges(ago(days=3), JUDGE, second), measured(ago(days=2))
    assert look("judge_measured", *entries, **FRESH).standing is GAP
    both = (*entries, measured(ago(days=40), hash="d" * 64))
    late = look("judge_measured", *both, **FRESH)
    assert (late.standing, late.since) == (STALE, ago(days=9))


def test_where_no_rule_relies_on_a_judge_there_is_nothing_to_measure():
    verdict = look("judge_measured", loaded(ago(days=3)), START, **FRESH)
    assert verdict.standing is Standing.NOT_APPLICABLE


def test_a_judge_that_the_start_did_not_name_is_unknown():
    rules = asking(ago(days=3), JUDGED_RULE | {"judge": "gone"})
    verdict = look("judge_measured", rules, START, **FRESH)
    assert verdict.standing is UNKNOWN
    assert "gone" in told(verdict)


def commands(verdict):
    return [one.command for one in verdict.actions]


@pytest.mark.parametrize(
    ("entries", "said", "do"),
    [
        ([], "没有同一模型、同一阈值的测评数据：A.1.a（诈骗）", ["rules check", "judge measure"]),
        ([measured(ago(days=2), **own([50, 100, 4, 400]))], "测评未达要求：A.1.a（诈骗 50/100）",
         ["rules check", "judge measure"]),
        ([measured(ago(days=2))], "其余类别尚未覆盖：A.1.a（诈骗）", ["rules check"]),
    ],
    ids=["unmeasured", "short", "shown"],
)  # fmt: skip
def test_each_category_of_a_risk_is_told_and_only_steps_that_help(entries, said, do):
    """Planted: the categories that nobody asks for told, the one that is asked for nowhere."""
    by = {"fraud": Confidence.OURS, "drugs": Confidence.OURS}
    law = regime(judging={"risks": {"A.1.a": Kind("A.1.a", text("a"), by)}})
    verdict = one_rule(*entries, law=law, rule={"over": {"fraud": 800_000}})
    assert verdict.standing is GAP
    assert "没有对所有人生效的规则研判：A.1.a（毒品）" in told(verdict)
    assert said in told(verdict)
    assert commands(verdict) == [f"kanhe {one}" for one in do]


def test_a_judge_that_was_learnt_after_the_start_is_the_one_that_counts():
    """Planted: what an earlier start learnt, taken for what is so now."""
    unknown = JUDGE | {"hash": "e" * 64}
    learnt = (ago(days=2), record.LEARNT, JUDGE)
    rules, start = asking(ago(days=3), JUDGED_RULE), with_judges(ago(days=3), unknown)
    shown = measured(ago(days=2))
    assert look("judge_measured", rules, start, shown, **FRESH).standing is GAP
    after = look("judge_measured", rules, start, learnt, shown, **FRESH)
    assert after.standing is MET
    assert 2 in after.evidence
    before = look("judge_measured", rules, (ago(days=4), *learnt[1:]), start, shown, **FRESH)
    assert before.standing is GAP


def test_rules_that_ask_judges_need_no_examples_and_are_told_apart():
    facts = {"rules_acting": 5, "rules_tested": 3}
    both = loaded(ago(days=1), rules_judged=2, **facts)
    verdict = look("ruleset_tested", both)
    assert verdict.standing is MET
    assert "另有 2 条研判规则没有示例" in told(verdict)
    assert look("ruleset_tested", loaded(ago(days=1), rules_judged=1, **facts)).standing is GAP
    only = loaded(ago(days=1), rules_acting=2, rules_tested=0, rules_judged=2)
    assert look("ruleset_tested", only).standing is UNKNOWN


def test_the_tags_are_those_under_which_judges_are_measured():
    assert (record.MEASURED, record.DRIFTED) == (judge_record.MEASURED, judge_record.DRIFTED)


def test_a_start_tells_which_judges_are_in_force_and_a_record_of_other_weights_is_not_theirs():
    one = JudgeId("embedded", "m", "a" * 64, pinned=True)
    law = package_data.regime("cn-genai").service
    judges = [judge_facts(one, {"unsafe", "fraud"}, default=True, shipped=RECORD_FACTS)]
    facts = settings_facts(Settings(), law, {}, version="1", ruleset="v", judges=judges)
    (told_of,) = facts["judges"]
    assert told_of["categories"] == ["fraud", "unsafe"]
    assert told_of["shipped"]["record"] == "b" * 64
    assert (told_of["hash"], told_of["pinned"], told_of["default"]) == ("a" * 64, True, True)
    other = judge_facts(one, (), default=False, shipped=RECORD_FACTS | {"hash": "f" * 64})
    assert other["shipped"] is None


def written_by_the_service(judge, rules, *sets, **plan):
    """What the service itself writes: of its rules, its judges, and of a measuring."""
    held = inventory(rules, ())
    asked = {"judged": [one.facts() for one in held.judged], "rules_judged": held.rules_judged}
    start = judge_facts(judge.id, judge.categories, default=True)
    record_of_it = real_measuring(judge, *sets, at=ago(days=2), **plan)
    return [
        loaded(ago(days=3), **asked),
        with_judges(ago(days=3), start),
        (ago(days=2), judge_record.MEASURED, judge_record.measured_facts(record_of_it)),
    ]


def rows_of(category, number, *, found):
    """So many rows in Chinese, of which so many are found, and as many harmless ones."""
    unsafe = [row(f"{category} {n} {0.9 if n < found else 0.1}", True, category, lang="zh")
              for n in range(number)]  # fmt: skip
    return labelled(category, *unsafe, *(row(f"{category} safe {n} 0.1", False, lang="zh")
                                         for n in range(number)))  # fmt: skip


def rule_over(*over):
    return Rule("r", "A.1.a", Judged("", over))


@pytest.mark.obligation("cn-bsr-8-4")
def test_rules_judges_and_records_as_the_service_writes_them_are_understood():
    judge = FakeJudge(lambda q: {"unsafe": said(q), "fraud": said(q)}, categories=("fraud",))
    own_one = written_by_the_service(
        judge, [rule_over(("fraud", 0.8))], rows_of("fraud", 60, found=50),
        thresholds={"unsafe": 500_000, "fraud": 800_000},
    )  # fmt: skip
    assert covers(*own_one).standing is MET
    assert look("judge_measured", *own_one, **FRESH).standing is MET
    overall = written_by_the_service(
        judge, [rule_over(("unsafe", 0.5))], rows_of("fraud", 60, found=50)
    )
    assert covers(*overall).standing is MET
    other = written_by_the_service(
        judge, [rule_over(("unsafe", 0.6))], rows_of("fraud", 60, found=50)
    )
    assert covers(*other).standing is GAP
    half = written_by_the_service(
        judge, [rule_over(("unsafe", 0.5))], rows_of("fraud", 60, found=30)
    )
    assert covers(*half).standing is GAP
    assert "fraud 30/60" in told(covers(*half))


@pytest.mark.parametrize(
    ("rules", "judges"),
    [
        (["x"], [JUDGE]),
        ([JUDGED_RULE | {"over": None}], [JUDGE]),
        ([JUDGED_RULE | {"over": {"fraud": "0.8"}}], [JUDGE]),
        ([JUDGED_RULE | {"sides": None}], [JUDGE]),
        ([JUDGED_RULE | {"rules": "1"}], [JUDGE]),
        ([JUDGED_RULE], ["x"]),
        ([JUDGED_RULE], [JUDGE | {"hash": 1}]),
        ([JUDGED_RULE], [JUDGE | {"shipped": RECORD_FACTS | {"at": "soon"}, "hash": "a"}]),
        ([JUDGED_RULE], [JUDGE | {"shipped": RECORD_FACTS | {"at": "2026-11-01"}, "hash": "a"}]),
    ],
)
def test_facts_that_are_not_as_the_service_writes_them_show_nothing(rules, judges):
    entries = asking(ago(days=3), *rules), with_judges(ago(days=3), *judges), measured(NOW)
    assert covers(*entries).standing is GAP
    assert look("judge_measured", *entries, **FRESH).standing is not None


@pytest.mark.parametrize("table", [None, "x", {"fraud": None}, {"fraud": {"zh": "90,100,4,400"}}])
def test_counts_that_are_none_show_nothing(table):
    assert one_rule(measured(NOW, own=table)).standing is GAP


def test_a_regime_that_lists_no_kinds_says_nothing_of_classifiers():
    verdict = one_rule(measured(NOW), law=regime(judging={}))
    assert verdict.standing is UNKNOWN
