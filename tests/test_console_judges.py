"""The page on judges, over records that were really measured, and rules that rely on them."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from consoles import HOSTILE, account, client, served, words
from fakes_judge import SOME, FakeJudge, labelled, measured, row
from kanhe.accounts.account import Role
from kanhe.adapters.judge_records import Entered, Kept
from kanhe.console import judge_data
from kanhe.console import judges as pages
from kanhe.console import rules as rules_pages
from kanhe.console.served import JudgeSeen
from kanhe.judge.bias import Bias, Named
from kanhe.judge.record import digest, written
from kanhe.policy.rule import Judged, Mode, Needs


def thinks(question):
    """The probability at the end of the text; of sentences about groups 0.01."""
    end = question.text.rpartition(" ")[2]
    return float(end) if end.startswith("0.") else 0.01


JUDGE, OLD = FakeJudge(thinks, "one"), FakeJudge(thinks, "one", version="0")
OTHER = FakeJudge(thinks, "two", pinned=False, categories=["fraud"])
ROWS = [row(f"a text {n} 0.{90 - n % 9}", True) for n in range(60)]
ROWS += [row(f"a text {n} 0.{10 + n % 9}", False) for n in range(60)]
SETS = (labelled("mine", *ROWS), labelled(f"hostile {HOSTILE}", row("planted text 0.9", True)))


def entered(record, index):
    return Entered(index, digest(written(record)), record)


RECORDS = (
    entered(measured(OLD, *SETS), 3),
    entered(measured(JUDGE, *SETS, identities=SOME), 5),
)
NAMED = Bias(named=(Named("trans-people", 40, 30), Named("nobody-knows", 40, 1)))
FIGURES = dict.fromkeys(
    ("asked", "cached", "joined", "judged", "unscored", "busy", "late", "failed", "waiting"), 0
)


def rule(name, needs=None, judge="", mode=Mode.ENFORCE):
    found = Judged(judge, (("unsafe", 0.5),), needs=needs)
    acts = mode is Mode.ENFORCE
    return SimpleNamespace(id=name, title=None, matcher=found, acts=acts)


RULES = [
    rule("modest", Needs(sensitivity=0.5)),
    rule("greedy", Needs(sensitivity=0.999)),
    rule("careless", mode=Mode.SHADOW),
    rule("elsewhere", Needs(sensitivity=0.5), judge="two"),
]


@pytest.fixture
def browser():
    with made() as found:
        yield found


def made(records=RECORDS, rules=RULES, doubts=(), role=Role.AUDITOR):
    async def kept():
        return Kept(tuple(records), doubts)

    seen = [
        JudgeSeen(one.id, one is JUDGE, one is JUDGE, one.categories, FIGURES)
        for one in (JUDGE, OTHER)
    ]
    ruleset = SimpleNamespace(current=SimpleNamespace(rules=rules))
    system = served(known_judges=seen, records=kept, rules=ruleset)
    return client(system, rules_pages, pages, person=account(role))


def test_a_judge_is_told_with_its_record_and_every_rate_with_its_interval(browser):
    page, data = browser.get("/judges").text, browser.get("/judges.json").json()
    one, two = data["judges"]
    assert (one["name"], one["default"], one["ready"], one["pinned"]) == ("one", True, True, True)
    record = one["record"]
    assert record["entry"] == 5
    assert record["all"]["rows"] == 121
    assert record["sensitivity"] == {"value": "100.0", "low": "94.1", "high": "100.0", "n": 61}
    assert record["fpr"] == {"value": "0.0", "low": "0.0", "high": "6.0", "n": 60}
    assert record["sets"][1]["fpr"] is None
    assert [each["entry"] for each in one["others"]] == [3]
    assert one["others"][0]["same"] is False
    assert two["record"] is None
    told = words(page)
    assert "100.0 % [94.1–100.0]" in told
    assert "It was never measured" in told
    assert "does not cover its weights" in told
    assert "takes no questions now" in told
    assert "as it was" in told


def test_drawings_stand_with_their_numbers_and_have_names(browser):
    page = browser.get("/judges").text
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg" viewBox') == 3
    assert "Of safe texts, flagged wrongly" in page
    assert page.count("<details><summary>The numbers") == 2


def test_bias_stands_beside_accuracy(browser):
    data = browser.get("/judges.json").json()
    assert data["judges"][0]["record"]["bias"]["swaps"]["n"] > 0
    assert "Is naming a group enough to be flagged?" in words(browser.get("/judges").text)


def test_rules_are_told_by_which_record_they_may_rely_on_their_judge(browser):
    rules = {one["rule"]: one for one in browser.get("/judges.json").json()["rules"]}
    assert rules["modest"]["records"] == [RECORDS[1].digest]
    assert rules["modest"]["lacking"] == []
    assert rules["greedy"]["records"] == []
    assert "99.9%" in rules["greedy"]["lacking"][0]["en"]
    assert rules["careless"]["demands"] is False
    assert rules["careless"]["acts"] is False
    assert "never measured" in rules["elsewhere"]["lacking"][0]["en"]
    told = words(browser.get("/judges").text)
    assert "It demands no record." in told
    assert "Not by the records that there are now" in told


def test_a_rule_is_told_with_what_was_measured_at_its_very_threshold():
    """Planted: the figures of unsafe at 0.5 shown beside a rule over another category."""

    def both(question):
        return {"unsafe": 0.01, "fraud": thinks(question)}

    judge = FakeJudge(both, "one", categories=["fraud"])
    rows = [row(f"b {n} 0.{90 - n % 9}", True, "fraud") for n in range(60)] + ROWS[60:]
    at = {"unsafe": 500_000, "fraud": 700_000}
    record = entered(measured(judge, labelled("f", *rows), thresholds=at), 7)
    held = replace(entered(measured(JUDGE, *SETS), 8), against="c" * 64)
    judged = Judged("", (("fraud", 0.7), ("fraud", 0.9), ("unsafe", 0.5)))
    asks = SimpleNamespace(id="asks", title=None, matcher=judged, acts=True)
    with made((record, held, RECORDS[1]), [asks]) as browser:
        [rule] = browser.get("/judges.json").json()["rules"]
        told = words(browser.get("/judges").text)
    first, second, third = (one["measured"] for one in rule["over"])
    assert (first["sensitivity"]["value"], first["fpr"]["value"]) == ("100.0", "0.0")
    assert second is None
    assert third["sensitivity"]["n"] > 0
    assert "not measured at this threshold" in told
    assert "run of drift" in told


def test_a_judge_that_has_changed_has_no_record():
    with made(RECORDS[:1]) as browser:
        told = words(browser.get("/judges").text)
        assert browser.get("/judges.json").json()["judges"][0]["record"] is None
    assert "It has changed since it was measured" in told


def test_what_cannot_be_believed_is_told():
    with made((), (), ("entry 7: the record was altered <b>",)) as browser:
        page = browser.get("/judges").text
    assert "was altered &lt;b&gt;" in page
    assert "No rule in force asks a judge" in page


def test_hostile_names_are_text_and_no_text_of_a_set_is_shown(browser):
    page = browser.get("/judges").text
    assert "<script>alert" not in page
    assert "planted text" not in page
    assert "planted text" not in browser.get("/judges.json").text


def test_who_may_not_see_rules_sees_no_judges():
    with made(role=Role.READER) as browser:
        assert browser.get("/judges").status_code == 403


def test_it_is_told_in_chinese_and_is_small():
    with made() as browser:
        browser.cookies.set("kanhe_language", "zh")
        page = browser.get("/judges").text
    assert "有害文本中检出的比例" in page
    assert "可以，依据记录" in words(page)
    assert len(page.encode()) < 60 * 1024


def test_groups_and_categories_are_told_by_their_titles(browser):
    """Planted fault it catches: `trans-people` and `unsafe` on a Chinese page."""
    gap = browser.get("/judges.json").json()["judges"][0]["record"]["bias"]["swaps"]["gap"]
    page = words(browser.get("/judges", headers={"accept-language": "zh"}).text)
    for one in (gap["highest"], gap["lowest"]) if gap else ():
        assert one["title"]["zh"] in page
        assert one["identity"] not in page
    assert "有害（总体） 0.5" in page
    assert judge_data.bias(NAMED)["named"]["gap"]["highest"]["title"] == {
        "zh": "跨性别者", "en": "trans people",
    }  # fmt: skip
    assert judge_data.bias(NAMED)["named"]["gap"]["lowest"]["title"]["zh"] == "nobody-knows"


def test_the_page_stands_under_rules(browser):
    page = browser.get("/judges").text
    assert '<a href="/rules" aria-current="true"' in page
