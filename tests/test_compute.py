"""The status as a whole: whom a duty binds, what its controls say, since when, what falls due."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendars import china
from kanhe.adapters import package_data
from kanhe.adapters.package_data import regimes
from kanhe.errors import RequestError
from kanhe.law.clock import ClockRule
from kanhe.law.period import Period, Validity
from kanhe.law.regime import Of, Party
from kanhe.law.scope import Is
from kanhe.ledger.entry import encode
from kanhe.status import compute as computing
from kanhe.status.checks import CHECKS, NEEDS
from kanhe.status.compute import compute, latest_answers
from kanhe.status.fold import folded
from kanhe.status.picture import Sound
from kanhe.status.verdict import Standing, Verdict
from kanhe.terms import Text
from pictures import (
    ANSWERS,
    CLOCK,
    NOW,
    QUESTIONS,
    ROUTES,
    STATEMENT,
    ago,
    answered,
    attests,
    control,
    drilled,
    key_known,
    loaded,
    obligation,
    picture,
    regime,
    settings,
    started,
    text,
)

GAP, UNKNOWN, STALE, MET = Standing.GAP, Standing.UNKNOWN, Standing.STALE, Standing.MET
NOT = Standing.NOT_APPLICABLE

ROUTE = control("route", "complaint_route")
FIELDS = control("fields", "unknown_fields")
GUARD = control("guard", "guard_active", drill_fresh_days=2)
SCOPE = control("scope", "scope_determined")
SIGNED = control("signed", "attested", valid_days=365, statement=STATEMENT)
LATER = control("later", "awaits", capability=STATEMENT)
CONTROLS = (ROUTE, FIELDS, GUARD, SCOPE, SIGNED, LATER)
RECORD = (key_known(ago(days=9)), settings(ago(days=5)), loaded(ago(days=5)), drilled(ago(hours=1)),
          attests(ago(days=2), SIGNED))  # fmt: skip


def law(*obligations, **more):
    return regime(obligations, [*CONTROLS, *more.pop("controls", ())], **more)


def asking(*obligations, **more):
    return law(*obligations, questions=QUESTIONS, routes=ROUTES, **more)


def line(regime, *entries, at=NOW, unsound=None, **more):
    seen = picture(*entries, at=at, unsound=unsound)
    return compute(regime, seen, at=at, **more).lines[0]


def words(found):
    return " ".join(one.zh + one.en for one in found.why)


def test_a_duty_of_the_authority_or_of_users_is_not_this_services():
    found = line(law(obligation("one", "route", bound=(Party.AUTHORITY, Party.USER))), *RECORD)
    assert found.standing is NOT
    assert "主管部门和使用者" in words(found)
    assert line(law(obligation("one", "route", bound=(Party.AUTHORITY, Party.PLATFORM))),
                *RECORD).standing is MET  # fmt: skip


def test_without_answers_every_duty_is_open_and_asks_for_them():
    found = line(asking(obligation("one", "route")), *RECORD)
    assert found.standing is UNKNOWN
    assert "public?" in words(found)
    assert [action.command for action in found.actions] == ["kanhe scope"]
    assert found.looked == ()


@pytest.mark.obligation("cn-im-2-1")
def test_a_service_that_is_not_offered_to_the_public_has_no_duties():
    entries = *RECORD, answered(ago(days=1), {"public": False})
    for applies in (None, Is("model", "own")):
        found = line(asking(obligation("one", "route", applies=applies)), *entries)
        assert found.standing is NOT
        assert "public?（中）否" in words(found)


def test_answers_that_have_aged_make_no_duty_go_away():
    entries = *RECORD, answered(ago(days=181), {"public": False})
    found = line(asking(obligation("one", "route")), *entries)
    assert found.standing is UNKNOWN
    assert "Answers count for 180 days" in words(found)
    assert [action.command for action in found.actions] == ["kanhe scope"]


def test_what_ran_shows_nothing_of_today_once_the_service_gives_no_sign_of_life():
    entries = settings(ago(days=5)), drilled(ago(days=2)), attests(ago(days=2), SIGNED)
    duty = law(obligation("one", "route"))
    found = line(duty, *entries, at=NOW.replace(microsecond=0))
    assert (found.standing, found.since) == (STALE, NOW)
    assert "no sign that it runs" in words(found)
    assert line(duty, *entries, at=ago(milliseconds=1)).standing is MET
    # Of duties that people confirm and of the record itself it says nothing.
    signed = line(law(obligation("one", "signed")), key_known(ago(days=9)), *entries)
    assert signed.standing is MET


def unsigned_after(size, *entries):
    seen = picture(*entries)
    return replace(seen, soundness=Sound(size, b"\1" * 32))


def test_an_entry_that_waits_too_long_for_its_signature_shows_nothing():
    """Such an entry needs no key: whoever may write files can put it into the journal."""
    duty = law(obligation("one", "route"))
    forged = drilled(ago(hours=1)), settings(ago(seconds=10))
    (found,) = compute(duty, unsigned_after(1, *forged), at=NOW).lines
    assert found.standing is UNKNOWN
    assert "条目 1 尚无签名" in words(found)
    assert "kanhe ledger verify" in [action.command for action in found.actions]
    just = drilled(ago(hours=1)), settings(ago(seconds=9))
    (found,) = compute(duty, unsigned_after(1, *just), at=NOW).lines
    assert found.standing is MET


def test_answers_that_are_not_signed_make_no_duty_go_away():
    seen = unsigned_after(5, *RECORD, answered(ago(days=1), {"public": False}))
    (found,) = compute(asking(obligation("one", "route")), seen, at=NOW).lines
    assert found.standing is UNKNOWN
    assert "Entry 5 is not signed" in words(found)


def test_the_answers_decide_and_are_told():
    duty = obligation("one", "route", applies=Is("model", "filed_api"))
    found = line(asking(duty), *RECORD, answered(ago(days=1)))
    assert found.standing is NOT
    assert "model?（中）own（中）" in words(found)
    yes = obligation("one", "route", applies=Is("media", "text"))
    assert line(asking(yes), *RECORD, answered(ago(days=1))).standing is MET


def test_an_open_question_is_named_and_never_makes_a_duty_go_away():
    duty = obligation("one", "route", applies=Is("model", "own"))
    some = {name: answer for name, answer in ANSWERS.items() if name != "model"}
    found = line(asking(duty), *RECORD, answered(ago(days=1), some))
    assert found.standing is UNKNOWN
    assert "model?" in words(found)


def test_a_duty_stands_as_the_worst_of_its_controls():
    assert line(law(obligation("one", "route", "signed")), *RECORD).standing is MET
    assert line(law(obligation("one", "route", "later")), *RECORD).standing is UNKNOWN
    bad = *RECORD, settings(NOW, object_to=False)
    found = line(law(obligation("one", "route", "later")), *bad)
    assert found.standing is GAP
    assert len(found.looked) == 2


def test_what_decides_is_told_before_what_is_well():
    bad = *RECORD, settings(NOW, object_to=False)
    found = line(law(obligation("one", "fields", "signed", "route")), *bad)
    deciding = found.looked[2].verdict
    assert found.why[0] == deciding.reasons[0]
    assert found.actions[0] == deciding.actions[0]


def test_an_unsound_ledger_shows_nothing_not_even_that_a_duty_does_not_apply():
    entries = *RECORD, answered(ago(days=1), {"public": False})
    for duty in (obligation("one", "route"), obligation("one", "later")):
        found = line(asking(duty), *entries, unsound="leaf 2 is other")
        assert found.standing is UNKNOWN
        assert "leaf 2 is other" in words(found)
        assert [action.command for action in found.actions] == ["kanhe ledger verify"]
    other = obligation("one", "route", bound=(Party.AUTHORITY,))
    assert line(asking(other), *entries, unsound="leaf 2 is other").standing is NOT
    seen = picture(*entries, unsound="leaf 2 is other")
    assert compute(asking(obligation("one", "route")), seen, at=NOW).due == ()


def test_an_empty_ledger_shows_nothing():
    status = compute(law(*(obligation(f"o{n}", one.id) for n, one in enumerate(CONTROLS))),
                     picture(), at=NOW)  # fmt: skip
    assert status.counts[UNKNOWN] == len(CONTROLS)


def test_a_check_that_says_met_without_an_entry_is_not_believed(monkeypatch):
    claims = {"complaint_route": lambda seen, terms: Verdict(MET, (Text("好", "Good"),))}
    monkeypatch.setattr(computing, "CHECKS", claims)
    found = line(law(obligation("one", "route")), *RECORD)
    assert found.standing is UNKNOWN
    assert "没有条目可以证明" in words(found)


def test_a_check_that_is_not_there_or_lacks_its_number_is_unknown():
    odd = control("odd", "no_such_check")
    assert line(law(obligation("one", "odd"), controls=[odd]), *RECORD).standing is UNKNOWN
    bare = control("bare", "guard_active")
    found = line(law(obligation("one", "bare"), controls=[bare]), *RECORD)
    assert found.standing is UNKNOWN
    assert "drill_fresh_days" in words(found)


def test_a_number_comes_from_the_version_of_the_duty_that_binds_on_that_day():
    strikes = control("strikes", "strikes", in_a_row=Of("one", "row"), in_a_day=5)
    change = date(2026, 11, 20)
    old = obligation(
        "one", "strikes", parameters={"row": 2}, validity=Validity(Period(None, change))
    )
    new = obligation("one", "strikes", parameters={"row": 3}, validity=Validity(Period(change)))
    both = law(old, new, controls=[strikes])
    assert line(both, *RECORD).standing is MET
    assert line(both, *RECORD, at=ago(days=4)).standing is GAP
    gone = law(old, obligation("two", "strikes"), controls=[strikes])
    found = line(gone, *RECORD)
    assert (found.obligation.id, found.standing) == ("two", UNKNOWN)
    assert "in_a_row" in words(found)


def test_a_draft_can_be_taken_for_law_in_place_of_what_it_became():
    became, draft = obligation("now", "route"), obligation("then", "later", source="draft",
                                                           changed_in="now")  # fmt: skip
    both = law(became, draft)
    seen = picture(*RECORD)
    assert [one.obligation.id for one in compute(both, seen, at=NOW).lines] == ["now"]
    supposed = compute(both, seen, at=NOW, as_if="draft")
    assert [one.obligation.id for one in supposed.lines] == ["then"]
    with pytest.raises(RequestError):
        compute(both, seen, at=NOW, as_if="none")


def later():
    return latest_answers(picture(*RECORD, answered(ago(days=1))), asking())


def test_answers_of_later_decide_what_would_have_applied_and_are_no_record_of_that_day():
    then = ago(days=40)
    regime = asking(obligation("one", "route", applies=Is("model", "filed_api")),
                    obligation("two", "scope"))  # fmt: skip
    seen = picture(at=then)
    bare = compute(regime, seen, at=then)
    assert [line.standing for line in bare.lines] == [UNKNOWN, UNKNOWN]
    assert (bare.lent, bare.answers) == (None, {})
    one, two = (found := compute(regime, seen, at=then, answers=later())).lines
    assert one.standing is NOT
    # Whether the questions had been answered by then is another question, and they had not.
    assert (two.standing, two.evidence) == (UNKNOWN, ())
    assert found.answers_later.index == len(RECORD)
    assert "21 November 2026" in found.lent.en
    assert "2026年11月21日" in found.lent.zh
    assert found.answers == ANSWERS
    assert found.due == ()


def test_answers_that_are_not_signed_are_lent_to_no_day():
    seen = unsigned_after(len(RECORD), *RECORD, answered(ago(days=1)))
    assert latest_answers(seen, asking()) is None
    assert latest_answers(picture(*RECORD), asking()) is None


@given(st.booleans(), st.sampled_from([None, "draft"]))
def test_where_answers_were_on_record_later_ones_change_nothing_but_for_a_draft(early, as_if):
    """Absolute: without a draft, and of today, a status is what it was without the answers."""
    regime = asking(obligation("one", "route"), obligation("two", "later", source="draft"))
    entries = (answered(ago(days=50), {"public": False}),) if early else ()
    seen, now = picture(*entries, at=ago(days=40)), picture(*RECORD, answered(ago(days=1)))
    lent = compute(regime, seen, at=ago(days=40), as_if=as_if, answers=later())
    assert (lent.lent is None) == (early and as_if is None)
    if lent.lent is None:
        assert lent == compute(regime, seen, at=ago(days=40), as_if=as_if)
    today = compute(regime, now, at=NOW, as_if=as_if, answers=later())
    assert today == compute(regime, now, at=NOW, as_if=as_if)


def test_the_day_is_that_of_the_regimes_clock_and_the_law_as_known_on_it():
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    status = compute(law(obligation("one", "route")), picture(*RECORD, at=late), at=late)
    assert (status.day, status.known) == (date(2026, 11, 23), date(2026, 11, 23))
    asked = compute(law(obligation("one", "route")), picture(*RECORD), at=NOW,
                    known=date(2026, 1, 1))  # fmt: skip
    assert asked.known == date(2026, 1, 1)


def changed(at, after, duty="one", law="test"):
    facts = {"regime": law, "obligation": duty, "before": "gap", "after": after}
    return at, "service:obligation:changed", facts


def test_it_is_met_since_the_last_of_its_controls_was_and_a_gap_since_the_first():
    duty = law(obligation("one", "route", "signed"))
    assert line(duty, *RECORD).since == ago(days=2)
    bad = *RECORD, settings(ago(days=1), object_to=False, unknown_fields="x")
    assert line(law(obligation("one", "route", "fields")), *bad).since == ago(days=1)


def test_a_recorded_change_to_this_standing_sharpens_since_when():
    duty = law(obligation("one", "route"))
    entries = *RECORD, changed(ago(days=3), "met"), changed(ago(days=4), "met", "two")
    found = line(duty, *entries)
    assert (found.since, found.changes) == (ago(days=3), (len(RECORD),))
    other = line(duty, *RECORD, changed(ago(days=3), "gap"))
    assert other.since == ago(days=5)
    assert line(duty, *RECORD, changed(ago(days=3), "met", law="other")).changes == ()


def test_a_line_ends_with_the_first_of_its_evidence():
    found = line(law(obligation("one", "guard", "signed")), *RECORD)
    assert found.until == ago(hours=1) + timedelta(days=2)


def test_what_falls_due_comes_soonest_first_with_how():
    duty = obligation("one-1", "signed", "guard", "scope", "later")
    one = asking(duty, clocks={"ten": CLOCK})
    entries = *RECORD, answered(ago(days=1))
    status = compute(one, picture(*entries), at=NOW)
    titles = [due.title.en for due in status.due]
    assert titles == ["Ten days", "signed", "Answer the questionnaire again"]
    assert [due.at for due in status.due] == sorted(due.at for due in status.due)
    assert all(due.how and due.obligations == ("one-1",) for due in status.due)
    filing = status.due[0]
    assert filing.at == datetime(2026, 10, 11, 23, 59, 59, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert [route.id for route in status.routes] == ["filing"]


def test_a_clock_of_a_duty_that_is_met_or_not_ours_runs_for_nobody():
    met = asking(obligation("one-1", "route"), clocks={"ten": CLOCK})
    none = asking(obligation("one-1", "later", bound=(Party.AUTHORITY,)), clocks={"ten": CLOCK})
    for one in (met, none):
        status = compute(one, picture(*RECORD, answered(ago(days=1))), at=NOW)
        assert "Ten days" not in [due.title.en for due in status.due]


def test_a_word_given_before_an_event_does_not_hide_the_deadline_that_it_starts():
    rule = ClockRule("again", text("Again"), "one", "audit:completed", 12, "months", "verified")
    one = law(obligation("one", "signed"), clocks={"again": rule})
    for when, told in ((ago(days=3), False), (ago(days=1), True)):
        entries = sorted([*RECORD, (when, "case:audit:completed", {})], key=lambda one: one[0])
        status = compute(one, picture(*entries), at=NOW)
        assert status.lines[0].standing is MET
        assert ("Again" in [due.title.en for due in status.due]) is told


def test_each_event_on_record_starts_its_own_clock():
    rule = ClockRule("report", text("Report"), "one", "incident:detected", 4, "hours", "verified")
    one = law(obligation("one", "later"), clocks={"report": rule})
    entries = [(ago(hours=n), "case:incident:detected", {}) for n in (9, 1)]
    status = compute(one, picture(*entries), at=NOW)
    assert [due.at for due in status.due] == [ago(hours=5), ago(hours=-3)]
    assert not any(due.provisional for due in status.due)


def test_working_days_without_a_calendar_are_due_at_once_and_say_why():
    rule = ClockRule(
        "w", text("Working"), "one", "incident:detected", 4, "working_days", "verified"
    )
    entry = (ago(hours=9), "case:incident:detected", {})
    bare = law(obligation("one", "later"), clocks={"w": rule})
    (found,) = compute(bare, picture(entry), at=NOW).due
    assert (found.at, found.provisional) == (ago(hours=9), True)
    counted = law(obligation("one", "later"), clocks={"w": rule}, calendar=china())
    (found,) = compute(counted, picture(entry), at=NOW).due
    assert found.at.date() == date(2026, 11, 26)


def test_each_control_is_asked_once_however_many_duties_it_serves(monkeypatch):
    asked = []
    check = computing.CHECKS["complaint_route"]
    claims = {"complaint_route": lambda *given: asked.append(1) or check(*given)}
    monkeypatch.setattr(computing, "CHECKS", claims)
    status = compute(
        law(*(obligation(f"o{n}", "route") for n in range(9))), picture(*RECORD), at=NOW
    )
    assert status.counts[MET] == 9
    assert len(asked) == 1


def test_a_control_that_is_only_for_some_services_waits_for_their_answer():
    here = replace(ROUTE, id="here", applies=Is("media", "text"))
    duty = asking(obligation("one", "here", "fields"), controls=[here])
    found = line(duty, *RECORD, answered(ago(days=1)))
    assert [one.verdict.standing for one in found.looked] == [MET, MET]
    other = line(duty, *RECORD, answered(ago(days=1), ANSWERS | {"media": ()}))
    assert [one.verdict.standing for one in other.looked] == [NOT, MET]
    assert other.standing is MET
    assert "media?（中）均无" in words(other)
    some = {name: answer for name, answer in ANSWERS.items() if name != "media"}
    assert line(duty, *RECORD, answered(ago(days=1), some)).standing is UNKNOWN


@pytest.mark.parametrize("name", regimes())
def test_every_control_of_a_shipped_regime_names_a_check_and_gives_what_it_needs(name):
    shipped = package_data.regime(name)
    for one in shipped.controls.values():
        assert one.check in CHECKS, one.id
        assert set(NEEDS.get(one.check, ())) <= set(one.parameters), one.id


@pytest.mark.parametrize("name", regimes())
def test_a_service_that_has_recorded_nothing_has_met_nothing(name):
    """Fails where an empty record reads as a service without faults."""
    status = compute(package_data.regime(name), picture(), at=NOW)
    assert status.lines
    assert status.counts[MET] == status.counts[STALE] == status.counts[GAP] == 0
    for found in status.lines:
        ours = {Party.PROVIDER, Party.PLATFORM} & set(found.obligation.bound)
        assert found.standing is (UNKNOWN if ours else NOT)
        assert found.why


ENTRIES = [*RECORD, answered(ago(days=1)), started(ago(days=5)), changed(ago(days=1), "met"),
           settings(ago(hours=3), object_to=False), drilled(ago(minutes=5), leaked=2)]  # fmt: skip


@given(st.lists(st.sampled_from(range(len(ENTRIES))), unique=True), st.booleans())
def test_met_is_never_said_without_an_entry_that_was_there(chosen, unsound):
    """Fails where evidence is left out, or where an unsound ledger is believed."""
    one = asking(*(obligation(f"o{n}", one.id) for n, one in enumerate(CONTROLS)))
    entries = sorted((ENTRIES[n] for n in chosen), key=lambda entry: entry[0])
    raw = [encode(tag, at, facts) for at, tag, facts in entries]
    seen = folded(raw).picture(NOW, Sound(len(raw), b""))
    if unsound:
        seen = picture(*entries, unsound="it is other")
    for found in compute(one, seen, at=NOW).lines:
        assert found.standing in Standing
        if found.standing is MET:
            assert not unsound
            assert found.evidence
            assert all(index < len(entries) for index in found.evidence)


@given(st.sets(st.sampled_from(sorted(ANSWERS))), st.sets(st.sampled_from(range(len(ENTRIES)))))
def test_what_is_not_met_says_why_in_both_languages(given_, chosen):
    """Absolute: the open questions themselves. Fails where an open question is called a gap."""
    one = asking(*(obligation(f"o{n}", one.id) for n, one in enumerate(CONTROLS)))
    some = {name: answer for name, answer in ANSWERS.items() if name in given_}
    entries = [ENTRIES[n] for n in chosen] + [answered(ago(hours=2), some)]
    status = compute(one, picture(*sorted(entries, key=lambda entry: entry[0])), at=NOW)
    for found in status.lines:
        if found.standing is not MET:
            assert found.because
            assert all(why.zh.strip() and why.en.strip() for why in (*found.because, *found.why))
    scope = next(line for line in status.lines if line.obligation.controls == ("scope",))
    left = {name for name in QUESTIONS if name not in status.answers}
    left -= {"launched"} if not status.answers.get("public") else set()
    if "public" in status.answers and left:
        assert scope.standing is UNKNOWN
        assert all(f"{name}?" in words(scope) for name in left)


@pytest.mark.parametrize("name", regimes())
def test_an_open_question_of_a_shipped_regime_is_never_a_gap(name):
    """Absolute: a record of answers alone shows nothing that is not met; each line says why."""
    shipped = package_data.regime(name)
    yes = {one.id: True for one in shipped.questions.values() if one.kind == "yes_no"}
    seen = picture(answered(ago(days=1), yes, law=shipped))
    for found in compute(shipped, seen, at=NOW).lines:
        assert found.standing is not GAP, found.obligation.id
        assert found.standing is MET or found.because
