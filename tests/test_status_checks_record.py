"""Checks over the ledger, the settings and the answers: how far back, how often, since when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kanhe.adapters import package_data
from kanhe.settings import Settings
from kanhe.status.checks import CHECKS
from kanhe.status.picture import Sound
from kanhe.status.record import settings_facts
from kanhe.status.verdict import Standing
from pictures import (
    ANSWERS,
    ASKING,
    NOW,
    QUESTIONS,
    ago,
    answered,
    control,
    drilled,
    picture,
    question,
    regime,
    settings,
    started,
    stopped,
    terms,
)

GAP, UNKNOWN, STALE, MET = Standing.GAP, Standing.UNKNOWN, Standing.STALE, Standing.MET


def look(name, *entries, at=NOW, law=ASKING, unsound=None, **parameters):
    one = control("duty", name, **parameters)
    seen = picture(*entries, at=at, unsound=unsound)
    return CHECKS[name](seen, terms(one, seen, law, at=at))


def told(verdict):
    return " ".join(reason.zh + reason.en for reason in verdict.reasons)


@pytest.mark.obligation("eu-aia-19-1")
@pytest.mark.obligation("eu-aia-26-6")
@pytest.mark.obligation("cn-csl-23-1")
@pytest.mark.parametrize(
    ("first", "words"),
    [
        (datetime(2026, 5, 22, 4, tzinfo=UTC), "已满 6 个月"),
        (datetime(2026, 5, 22, 4, 0, 1, tzinfo=UTC), "不足 6 个月"),
    ],
)
def test_a_record_that_is_whole_is_met_and_says_since_when(first, words):
    verdict = look("log_retention", started(first), months=6)
    assert verdict.standing is MET
    assert words in told(verdict)
    assert "2026年5月22日 12:00" in told(verdict)
    assert verdict.since == first


def test_six_months_before_the_end_of_august_is_the_end_of_february():
    at = datetime(2026, 8, 31, 4, tzinfo=UTC)
    verdict = look("log_retention", started(datetime(2026, 2, 28, 4, tzinfo=UTC)), at=at, months=6)
    assert "已满 6 个月" in told(verdict)


def test_retention_of_a_ledger_that_does_not_verify_is_unknown():
    verdict = look("log_retention", started(ago(days=3)), unsound="leaf 0 is other", months=6)
    assert verdict.standing is UNKNOWN
    assert "leaf 0 is other" in told(verdict)


def test_entries_that_wait_for_their_signature_are_not_said_to_be_signed():
    seen = picture(started(ago(days=3)), stopped(ago(days=2)), started(ago(days=1)))
    one = control("duty", "ledger_sound")
    verdict = CHECKS["ledger_sound"](seen, terms(one, seen, ASKING))
    assert (verdict.standing, verdict.evidence) == (MET, (2,))
    assert "前 3 条" in told(verdict)
    waiting = replace(seen, soundness=Sound(2, b"\1" * 32))
    verdict = CHECKS["ledger_sound"](waiting, terms(one, seen, ASKING))
    assert (verdict.standing, verdict.evidence) == (MET, (1,))
    assert "其后 1 条已落盘，尚待签名" in told(verdict)
    unsigned = replace(seen, soundness=Sound(0, b"\1" * 32))
    assert CHECKS["ledger_sound"](unsigned, terms(one, seen, ASKING)).standing is UNKNOWN


@pytest.mark.obligation("cn-im-13-1")
def test_only_a_start_after_a_start_is_a_break():
    starts = [started(ago(days=40)), started(ago(days=35)), started(ago(days=20)),
              stopped(ago(days=10)), started(ago(days=9))]  # fmt: skip
    verdict = look("continuity", *starts)
    assert verdict.standing is GAP
    assert "1 次启动之前没有停止" in told(verdict)
    assert verdict.evidence == (2,)
    assert verdict.until == ago(days=-10)
    assert look("continuity", *starts, days=15).standing is MET
    assert look("continuity", *starts, most=1).standing is MET


@pytest.mark.obligation("cn-bsr-7-5")
@pytest.mark.parametrize(
    ("ours", "standing"),
    [((3, 5), MET), ((2, 4), MET), ((4, 5), GAP), ((3, 6), GAP)],
    ids=["equal", "stricter", "row", "day"],
)
def test_strikes_are_held_against_the_numbers_of_the_law(ours, standing):
    entry = settings(ago(days=3), in_a_row=ours[0], in_a_day=ours[1])
    verdict = look("strikes", entry, in_a_row=3, in_a_day=5)
    assert verdict.standing is standing
    assert f"连续违规 {ours[0]} 次" in told(verdict)


@pytest.mark.obligation("cn-bsr-7-5")
@pytest.mark.parametrize("tag", ["gateway:answer:begun", "gateway:prompt:refused"])
def test_where_applications_name_no_users_nobody_can_be_suspended(tag):
    """The facts hold text that looks like a name, which is none."""
    bare = ago(days=1), tag, {"app": '"user":"u1"', "decision": "d1"}
    named = ago(hours=1), tag, {"decision": "d2", "user": "u1"}
    asked = {"in_a_row": 3, "in_a_day": 5}
    verdict = look("strikes", settings(ago(days=3)), bare, named, **asked)
    assert verdict.standing is UNKNOWN
    assert "named no user (1 in all" in told(verdict)
    assert verdict.evidence == (1, 0)
    assert verdict.actions
    assert look("strikes", settings(ago(days=3)), named, **asked).standing is MET
    old = ago(days=30), tag, {"decision": "d0"}
    assert look("strikes", old, settings(ago(days=3)), named, **asked).standing is MET


@pytest.mark.obligation("cn-lab-9-1")
def test_answers_in_json_are_told_among_those_without_a_visible_label():
    plain = ago(days=1), "gateway:answer:begun", {"app": '"visible_label":false}', "user": "u"}
    bare = ago(hours=1), "gateway:answer:begun", {"app": "a", "user": "u", "visible_label": False}
    none = look("unlabelled_log", settings(ago(days=3)), plain)
    assert "Nothing without it was given" in told(none)
    some = look("unlabelled_log", settings(ago(days=3)), plain, bare)
    assert "1 answer in JSON" in told(some)
    assert "Nothing without it" not in told(some)
    assert 2 in some.evidence


@pytest.mark.obligation("cn-csl-23-1")
def test_logs_from_before_the_record_are_not_seen_to_be_kept():
    def kept(begun, launched):
        answers = answered(ago(hours=1), ANSWERS | {"launched": launched})
        given = {"months": 6, "launched": "launched"}
        return look("log_retention", started(begun), answers, **given)

    verdict = kept(ago(days=20), "2024-01-05")
    assert verdict.standing is UNKNOWN
    assert "launched on 2024-01-05" in told(verdict)
    assert verdict.evidence == (0, 1)
    assert verdict.actions
    assert kept(ago(days=20), ago(days=20).date().isoformat()).standing is MET
    assert kept(ago(days=200), "2024-01-05").standing is MET


def test_it_stands_so_since_the_first_start_with_that_setting():
    entries = [settings(ago(days=9), object_to=False), settings(ago(days=5)), settings(ago(days=2))]
    verdict = look("complaint_route", *entries)
    assert verdict.since == ago(days=5)
    assert verdict.evidence == (2, 1)


@pytest.mark.obligation("cn-lab-4-1")
def test_a_label_that_the_drill_did_not_read_is_a_gap_whatever_the_settings_say():
    verdict = look("explicit_label", settings(ago(days=3)), drilled(NOW, label_seen=False))
    assert verdict.standing is GAP
    header = look("explicit_label", settings(ago(days=3), label="header"), drilled(NOW))
    assert header.standing is GAP
    assert "读者看不到" in told(header)


@pytest.mark.obligation("cn-pg-code")
def test_a_producers_code_has_the_length_that_the_law_fixes_if_it_does():
    entry = settings(ago(days=3), producer="short")
    assert look("producer_code", entry).standing is MET
    assert look("producer_code", entry, length=27).standing is GAP


@pytest.mark.obligation("cn-pg-code")
@pytest.mark.parametrize(
    ("code", "standing"),
    [("001191110000MA00KANHE110001", MET), ("PLANTEDPRODUCERCODE00000001", GAP),
     ("x" * 27, GAP), ("0" * 27, GAP), ("001191110000MA00KANHE130001", GAP)],
)  # fmt: skip
def test_a_producers_code_is_laid_out_as_the_shipped_regime_has_it(code, standing):
    form = package_data.regime("cn-genai").controls["producer-code"].parameters["form"]
    verdict = look("producer_code", settings(ago(days=3), producer=code), length=27, form=form)
    assert verdict.standing is standing


@pytest.mark.obligation("cn-im-15-1")
@pytest.mark.parametrize(
    ("object_to", "there"),
    [("", False), ("  ", False), ("x", False), ("n/a", False), ("无", False), ("--------", False),
     ("objections@example.org", True), ("400-123-4567", True),
     ("https://example.org/o", True), ("首页右上角“申诉”", True)],
)  # fmt: skip
def test_an_address_for_objections_is_more_than_a_letter(object_to, there):
    law = package_data.regime("cn-genai").service
    facts = settings_facts(Settings(object_to=object_to), law, {}, version="1", ruleset="v")
    assert facts["object_to"] is there


def test_a_field_that_is_refused_is_as_good_as_one_that_is_held():
    assert look("unknown_fields", settings(NOW, unknown_fields="refuse")).standing is MET


@pytest.mark.parametrize("models", [[], "m", ["m"]])
def test_models_without_names_are_a_gap(models):
    assert look("model_named", settings(NOW, models=models)).standing is GAP


def test_a_beginning_without_an_end_is_told_and_is_no_gap():
    begun = ago(hours=2), "gateway:answer:begun", {}
    verdict = look("traceable_decisions", drilled(ago(hours=3)), begun)
    assert verdict.standing is MET
    assert "回答开始 1 次，结束 0 次" in told(verdict)
    assert verdict.evidence == (0, 1)


def test_what_a_drill_showed_ages_in_every_check_that_rests_on_it():
    old = drilled(ago(days=2))
    for name in ("explicit_label", "traceable_decisions", "implicit_label", "pseudonymous_log"):
        assert look(name, settings(ago(days=3)), old).standing is STALE
        assert look(name, settings(ago(days=3)), old, drill_fresh_days=3).standing is MET


@pytest.mark.obligation("cn-lab-9-1")
def test_answers_without_a_label_before_the_time_that_is_kept_are_no_gap_any_more():
    bare = settings(ago(days=400), label="header")
    assert look("unlabelled_log", bare, settings(ago(days=300)), months=6).standing is MET
    assert look("unlabelled_log", bare, settings(ago(days=300))).standing is GAP
    # Still in force when the six months began.
    assert look("unlabelled_log", bare, settings(ago(days=100)), months=6).standing is GAP


def test_questions_that_were_added_make_the_answers_stale_and_new_words_do_not():
    reworded = regime(version="e2", questions=QUESTIONS)
    assert look("scope_determined", answered(ago(days=1)), law=reworded).standing is MET
    more = regime(version="e2", questions=QUESTIONS | {"new": question("new", "yes_no")})
    verdict = look("scope_determined", answered(ago(days=1)), law=more)
    assert verdict.standing is STALE
    assert verdict.actions[0].command == "kanhe scope"


def test_answers_age_to_the_second():
    entry = answered(ago(days=180))
    assert look("scope_determined", entry).standing is STALE
    verdict = look("scope_determined", entry, at=NOW - timedelta(milliseconds=1))
    assert (verdict.standing, verdict.until) == (MET, NOW)


def test_a_question_that_was_left_open_is_unknown_and_named():
    fewer = {name: answer for name, answer in ANSWERS.items() if name != "users"}
    verdict = look("scope_determined", answered(ago(days=1), fewer))
    assert verdict.standing is UNKNOWN
    assert "users?" in told(verdict)


def test_a_way_of_filing_that_hangs_on_an_open_question_is_not_taken_for_none():
    """Fails where "nothing has to be filed" is read out of a question that nobody answered."""
    fewer = {name: answer for name, answer in ANSWERS.items() if name != "model"}
    verdict = look("filing_route", answered(ago(days=1), fewer))
    assert verdict.standing is UNKNOWN
    assert "model?" in told(verdict)
    assert verdict.actions[0].command == "kanhe scope"
