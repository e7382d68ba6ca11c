"""What the regime says to a running service, as it stands in the package."""

from datetime import timedelta

import pytest

from kanhe.adapters.package_data import service_rules
from kanhe.errors import SettingsError
from kanhe.law.service import PLACEHOLDERS, filled

RULES = service_rules()
NOTICES = RULES.notices
KINDS = [NOTICES.blocked_prompt, NOTICES.stopped_answer, NOTICES.suspended_user]


@pytest.mark.obligation("cn-bsr-7-5")
def test_three_in_a_row_or_five_a_day_suspend_with_their_clause():
    strikes = RULES.strikes
    assert (strikes.in_a_row, strikes.in_a_day) == (3, 5)
    assert strikes.suspension == timedelta(hours=24)
    assert (strikes.zone, strikes.clause) == ("Asia/Shanghai", "cn-bsr-7-5")


@pytest.mark.obligation("cn-gb45438-5-1")
@pytest.mark.parametrize("text", [RULES.label.before, RULES.label.after])
def test_a_text_label_says_ai_and_says_generated(text):
    assert "人工智能" in text.zh
    assert "生成" in text.zh
    assert "AI" in text.en
    assert "generated" in text.en


@pytest.mark.obligation("cn-lab-5-1")
def test_the_implicit_label_has_its_seven_keys_in_order_and_nothing_but_text():
    label = RULES.implicit.of("00119100000000000000010001", "chatcmpl-1")
    assert list(label) == [
        "Label",
        "ContentProducer",
        "ProduceID",
        "ReservedCode1",
        "ContentPropagator",
        "PropagateID",
        "ReservedCode2",
    ]
    assert label["Label"] == "1"
    assert label["ProduceID"] == "chatcmpl-1"
    assert all(isinstance(value, str) for value in label.values())


@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_says_which_decision_and_where_to_object(kind):
    facts = {"decision": "D-1", "object_to": "help@example.org", "category": "C", "until": "U"}
    for text in (kind.zh, kind.en):
        told = filled(text, facts)
        assert "D-1" in told
        assert "help@example.org" in told
        assert "{" not in told


def test_facts_are_not_read_as_places():
    assert filled("{category}!", {"category": "{decision}", "decision": "x"}) == "{decision}!"


def test_a_place_without_a_fact_stays_empty():
    assert filled("until {until}.", {}) == "until ."


def test_every_place_is_filled_by_some_notice():
    written = "".join(kind.en for kind in KINDS)
    assert all(f"{{{place}}}" in written for place in PLACEHOLDERS)


def test_an_unknown_regime_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match="there is no regime") as caught:
        service_rules("../x")
    assert "cn-genai" in caught.value.advice
