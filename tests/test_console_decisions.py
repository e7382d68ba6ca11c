"""Decisions in which judges were asked: what they said, and what follows if they said nothing."""

import asyncio
from types import SimpleNamespace

import pytest

from consoles import HOSTILE, client, served, words
from kanhe.adapters.ledger_view import LedgerView
from kanhe.adapters.package_data import service_rules
from kanhe.console import decisions
from kanhe.policy.rule import Action, Judged, Leave, Rule
from kanhe.terms import Text
from ledgers import KEY
from test_console_ledger import begun, write

NOTICES = service_rules().notices
OWN = Text("此处不谈诈骗", "No fraud here")
OVER = (("fraud", 0.8),)
RULES = (
    Rule("holds", "A.1.h", Judged("", OVER), notice=OWN),
    Rule("trails", "A.1.h", Judged("", OVER, leave=Leave.TRAIL), notice=OWN),
    Rule("replies", "A.1.h", Judged("", OVER), action=Action.ANSWER, reply=Text("备好的", "Ready")),
)
FRAUD = {"judge": "default", "category": "fraud", "permille": 957}
LATE = {"judge": "default", "why": "late"}


def by(rule, judged, **more):
    return {"rule": rule, "category": "A.1.h", "severity": "high", "ruleset": "v1",
            "surface": "content", "folds": [], "length": 9, "judged": judged, **more}  # fmt: skip


def stopped(number, rule, judged, **more):
    facts = by(rule, judged, **{"characters": 12} | more)
    return begun(number), ("gateway:answer:stopped", {"decision": number, **facts})


def refused(number, rule, judged):
    return ("gateway:prompt:refused", {**begun(number)[1], **by(rule, judged)})


ENTRIES = [
    *stopped("found", "holds", FRAUD),
    *stopped("trailed", "trails", FRAUD),
    *stopped("late", "holds", LATE),
    *stopped("lost", "holds", FRAUD, ruleset="v0"),
    refused("refused-late", "replies", LATE),
    refused("refused", "holds", {**FRAUD, "judge": HOSTILE}),
    begun(
        "passed",
        noticed=[
            {"rule": "holds", "action": "block", "mode": "enforce", "surface": "content",
             "folds": [], "judged": {"judge": "guard", "why": "unscored"}},
        ],
    ),
    ("gateway:answer:released", {"decision": "passed", "characters": 40}),
]  # fmt: skip


class Versions:
    current = SimpleNamespace(version="v1", rules=RULES)
    files = SimpleNamespace(earlier=lambda version: SimpleNamespace(rules=()))


@pytest.fixture
def browser(tmp_path):
    asyncio.run(write(tmp_path / "ledger", ENTRIES))
    view = LedgerView(tmp_path / "ledger", KEY, db=tmp_path / "views.sqlite")
    view.catch_up()
    view.index()
    system = served(view=view, rules=Versions(), notices=NOTICES, object_to="here.example")
    with client(system, decisions) as made:
        yield made
    view.close()


def shown(browser, number, language="en"):
    page = browser.get(f"/decisions/{number}", headers={"accept-language": language})
    assert page.status_code == 200
    return words(page.text)


def told(browser, number):
    return browser.get(f"/decisions/{number}.json").json()["decision"]


def test_a_refusal_by_a_judge_tells_the_judge_the_category_and_the_probability(browser):
    page = shown(browser, "found")
    assert "None of the violation reached the reader." in page
    assert "Judge default" in page
    assert "Its opinion Fraud, probability 95.7 %" in page
    assert "研判结果 诈骗，概率 95.7%" in shown(browser, "found", "zh")
    assert told(browser, "found")["judged"] == {
        "judge": "default", "category": "fraud", "why": "", "probability": "95.7",
        "category_title": {"zh": "诈骗", "en": "Fraud"},
    }  # fmt: skip
    assert "No fraud here" in told(browser, "found")["told"]["notice"]["en"]


def test_where_nobody_could_look_the_regimes_words_were_shown_and_nobody_is_accused(browser):
    """Planted fault it catches: the rule's own notice shown for a judge that was late."""
    for number in ("late", "refused-late"):
        one = told(browser, number)["told"]
        assert one["notice"]["en"].startswith(NOTICES.unchecked.en)
        assert one["notice"]["zh"].startswith(NOTICES.unchecked.zh)
        assert (one["reply"], one["certain"]) == (None, True)
        page = shown(browser, number)
        assert "because nobody could look" in page
        assert "No violation was found" in page
        assert "None of the violation" not in page
        assert "none: its answer did not come in time" in page
        assert "未在限定时间内答复" in shown(browser, number, "zh")


def test_what_a_rule_that_trails_found_may_have_been_read(browser):
    page = shown(browser, "trailed")
    assert "may have reached the reader" in page
    assert "None of the violation" not in page


def test_of_a_rule_that_is_not_kept_nothing_is_promised(browser):
    assert "Stopped after 12 characters. Why" in shown(browser, "lost")


def test_what_was_passed_unseen_does_not_look_like_a_stop(browser):
    page = shown(browser, "passed")
    assert "nobody looked; it went on" in page
    assert "guard : none: its answer held no opinion on this" in page
    assert "ends with a notice" not in page
    assert "The whole answer was released." in page
    assert told(browser, "passed")["noticed"][0]["judged"]["why"] == "unscored"


def test_decisions_are_found_by_judge_and_opinion(browser):
    def numbers(query):
        found = browser.get(f"/decisions.json?{query}").json()["decisions"]
        return {one["number"] for one in found}

    assert numbers("opinion=none") == {"late", "refused-late", "passed"}
    assert numbers("opinion=late") == {"late", "refused-late"}
    assert numbers("opinion=fraud&judge=default") == {"found", "trailed", "lost"}
    assert numbers("judge=guard") == {"passed"}
    assert numbers("opinion=drugs") == set()


def test_the_list_marks_what_nobody_could_look_at_and_keeps_the_filter(browser):
    page = browser.get("/decisions?opinion=none").text
    assert words(page).count("nobody could look") == 3
    assert words(page).count("passed in part without a look") == 1
    assert '<option value="none" selected>' in page
    assert "its answer did not come in time" in browser.get("/decisions?opinion=late").text


def test_the_name_of_a_judge_is_text(browser):
    assert "<script>alert" not in browser.get("/decisions/refused").text
