"""What the regime says to a running service, as it stands in the package."""

from datetime import timedelta

import pytest

from kanhe.adapters.package_data import service_rules
from kanhe.errors import SettingsError

RULES = service_rules()
NOTICES = RULES.notices
KINDS = [NOTICES.blocked_prompt, NOTICES.stopped_answer, NOTICES.suspended_user, NOTICES.unchecked]


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
def test_the_implicit_label_has_its_seven_keys_in_order():
    assert (RULES.implicit.field, RULES.implicit.label) == ("AIGC", "1")
    assert RULES.implicit.keys == (
        "Label",
        "ContentProducer",
        "ProduceID",
        "ReservedCode1",
        "ContentPropagator",
        "PropagateID",
        "ReservedCode2",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_says_in_both_languages_that_one_may_object(kind):
    assert "申诉" in kind.zh
    assert "object" in kind.en


def test_an_unknown_regime_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match="there is no regime") as caught:
        service_rules("../x")
    assert "cn-genai" in caught.value.advice


def test_a_regime_without_service_rules_is_not_called_unknown():
    with pytest.raises(SettingsError, match=r"'eu-ai-act' has no service\.yaml") as caught:
        service_rules("eu-ai-act")
    assert "that of cn-genai is the pattern" in caught.value.advice
