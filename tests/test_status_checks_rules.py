"""Checks over the rules: totals and minima, renewal, coverage, examples, release."""

import pytest

from kanhe.status.checks import CHECKS
from kanhe.status.verdict import Standing
from pictures import ASKING, NOW, ago, control, drilled, loaded, picture, settings, started, terms

GAP, UNKNOWN, STALE, MET = Standing.GAP, Standing.UNKNOWN, Standing.STALE, Standing.MET


def look(name, *entries, at=NOW, **parameters):
    one = control("duty", name, **parameters)
    seen = picture(*entries, at=at)
    return CHECKS[name](seen, terms(one, seen, ASKING, at=at))


def library(*entries, least=450, at=NOW):
    return look("keyword_library", *entries, at=at, least=least, fresh_days=7)


def told(verdict):
    return " ".join(reason.zh + reason.en for reason in verdict.reasons)


@pytest.mark.obligation("cn-bsr-8-1")
def test_a_large_library_with_too_few_terms_of_one_risk_is_a_gap_that_names_it():
    facts = {"terms": {"A.1.a": 12, "A.1.b": 10_000}, "terms_total": 10_012}
    verdict = library(loaded(ago(days=1), **facts), least=10_000)
    assert verdict.standing is GAP
    assert "A.1.a 12/200（差 188）" in told(verdict)
    assert "A.1.a 12/200 (188 missing)" in told(verdict)
    assert "A.1.b" not in told(verdict)


@pytest.mark.obligation("cn-bsr-8-1")
def test_enough_terms_of_each_risk_do_not_make_up_for_a_total_that_is_too_small():
    verdict = library(loaded(ago(days=1)), least=10_000)
    assert verdict.standing is GAP
    assert "还差 9550 个" in told(verdict)
    assert "9,550 are missing" in told(verdict)
    assert "每类关键词均已达到下限" in told(verdict)


@pytest.mark.obligation("cn-bsr-8-1")
def test_terms_of_the_operators_own_categories_make_no_library_large_enough():
    facts = {"terms": {"A.1.a": 200, "A.1.b": 100, "ours": 900}, "terms_total": 1200}
    verdict = library(loaded(ago(days=1), **facts), least=1000)
    assert verdict.standing is GAP
    assert "还差 700 个" in told(verdict)
    assert "900 terms of the operator's own categories do not count" in told(verdict)


def test_terms_of_the_operators_own_categories_renew_no_library():
    mine = {"A.1.a": "x1", "A.1.b": "y1", "ours": "z1"}
    entries = [loaded(ago(days=9), lexicons=mine),
               loaded(ago(days=1), lexicons=mine | {"ours": "z2"}, lexicon="x2")]  # fmt: skip
    assert library(*entries).standing is STALE


def test_a_record_that_does_not_tell_which_library_it_was_shows_none():
    assert library(loaded(ago(days=1), lexicons=None)).standing is UNKNOWN


def test_rules_for_one_model_or_one_caller_review_nobody_elses_words():
    covers = {"A.1.a": {"prompt": 0, "answer": 1}}
    verdict = look("two_sided_review", loaded(ago(days=2), covers=covers), drilled(NOW))
    assert verdict.standing is GAP
    assert "0 look at prompts and 1 at answers" in told(verdict)


def test_a_library_is_stale_to_the_second_a_week_after_it_was_renewed():
    entry = loaded(ago(days=7))
    assert library(entry, at=NOW.replace(microsecond=0)).standing is STALE
    almost = library(entry, at=ago(milliseconds=1))
    assert almost.standing is MET
    assert almost.until == NOW
    assert "距今 7 天" in told(library(entry))
    assert library(entry).since == NOW


def test_neither_a_restart_nor_another_rule_renews_a_library():
    entries = [loaded(ago(days=9)), loaded(ago(days=2)), loaded(ago(days=1), version="v2")]
    assert library(*entries).standing is STALE
    renewed = library(*entries, loaded(ago(hours=1), version="v3", lexicons={"A.1.a": "x2"}))
    assert renewed.standing is MET
    assert renewed.evidence == (3,)


def test_a_gap_says_also_that_the_library_is_late():
    verdict = library(loaded(ago(days=30)), least=10_000)
    assert verdict.standing is GAP
    assert "距今 30 天" in told(verdict)


@pytest.mark.obligation("cn-bsr-a-1")
@pytest.mark.obligation("cn-im-4-1")
@pytest.mark.obligation("cn-im-4-2")
@pytest.mark.obligation("cn-im-4-3")
@pytest.mark.obligation("cn-im-4-4")
def test_each_risk_of_a_class_needs_a_rule_on_each_side():
    covers = {"A.1.a": {"prompt": 1, "answer": 1}, "A.1.b": {"prompt": 1, "answer": 0}}
    verdict = look("rules_cover_risks", loaded(ago(days=1), covers=covers), **{"class": "A.1"})
    assert verdict.standing is GAP
    assert "A.1.b（输出）" in told(verdict)
    assert "A.1.b (answer)" in told(verdict)
    one_side = {"class": ["A.1"], "sides": ["prompt"]}
    assert look("rules_cover_risks", loaded(ago(days=1), covers=covers), **one_side).standing is MET
    assert look("rules_cover_risks", loaded(ago(days=1)), **{"class": "A.9"}).standing is UNKNOWN
    single = {"class": "A.4.f", "sides": ["answer"]}
    assert look("rules_cover_risks", loaded(ago(days=1)), **single).standing is MET


def test_a_drill_with_other_rules_or_too_long_ago_is_stale():
    fresh = {"drill_fresh_days": 2}
    other = look("guard_active", drilled(ago(days=1)), loaded(ago(hours=1), version="v2"), **fresh)
    assert other.standing is STALE
    assert "此后规则集已更换" in told(other)
    old = look("guard_active", loaded(ago(days=9)), drilled(ago(days=2)), **fresh)
    assert old.standing is STALE
    good = look("guard_active", loaded(ago(days=9)), drilled(ago(days=1)), **fresh)
    assert (good.standing, good.until) == (MET, ago(days=-1))


def test_a_drill_says_nothing_of_settings_that_came_after_it():
    entries = loaded(ago(days=3)), drilled(ago(hours=2)), settings(ago(hours=1))
    verdict = look("notice_and_reasons", *entries)
    assert (verdict.standing, verdict.since) == (STALE, ago(hours=1))
    assert "尚未重新演练" in told(verdict)
    assert look("notice_and_reasons", *entries, drilled(ago(minutes=59))).standing is MET


@pytest.mark.obligation("cn-bsr-6-2")
@pytest.mark.obligation("cn-ds-10-1")
def test_a_side_that_the_drill_did_not_see_stopped_is_a_gap():
    verdict = look("two_sided_review", loaded(ago(days=2)), drilled(NOW, prompt_stopped=False))
    assert verdict.standing is GAP
    assert "输入侧未拦截" in told(verdict)


def test_rules_that_came_into_force_past_the_second_person_are_a_gap():
    release = (ago(days=2), "operator:ruleset:released",
               {"version": "v1", "by": "p2", "proposed_by": "p1"})  # fmt: skip
    verdict = look("two_person_release", release, loaded(ago(days=1), version="v9"))
    assert verdict.standing is GAP
    assert "v9" in told(verdict)
    proposed = ago(days=3), "operator:ruleset:proposed", {"version": "v1", "by": "p1"}
    good = look("two_person_release", proposed, release, loaded(ago(days=1)))
    assert good.standing is MET
    assert good.evidence == (1, 2, 0)


def test_examples_that_are_missing_are_counted():
    verdict = look("ruleset_tested", started(ago(days=2)), loaded(ago(days=1), rules_tested=1))
    assert "3 条生效规则中，2 条没有应当命中的示例" in told(verdict)
