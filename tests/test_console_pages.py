"""The first pages: overview, obligations, one duty, deadlines, settings; asking about a day."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest

from consoles import NOW, account, client, words
from kanhe.accounts.account import Role
from kanhe.console import deadlines, obligation, overview, settings_page
from kanhe.console.asked import read_asked, read_day
from kanhe.console.needs import concerns, needs, opens
from kanhe.console.served import Asked
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text
from statuses import System, planted, status, unsound

STATUS = status()
HOSTILE = "<img src=x onerror=alert(1)>"


def console(*pages, system=None, language="en", person=None):
    app = client(system or System(), *pages, person=person)
    app.cookies.set("kanhe_language", language)
    return app


def test_the_sentence_counts_what_applies():
    """Absolute: counted here from the lines, not taken from the page's own numbers."""
    met = sum(line.standing is Standing.MET for line in STATUS.lines)
    applying = sum(line.standing is not Standing.NOT_APPLICABLE for line in STATUS.lines)
    assert f"{met} of {applying} obligations proven" in console(overview).get("/").text
    assert (
        f"{applying}项适用义务中，{met}项已证实" in console(overview, language="zh").get("/").text
    )


def test_the_board_has_a_tile_for_each_duty_that_leads_to_it():
    page = console(overview).get("/").text
    for line in STATUS.lines:
        assert f'href="/obligations/{line.obligation.id}"' in page
    assert page.count('class="tile ') == len(STATUS.lines)


def test_the_first_page_shows_how_the_next_deadline_was_computed():
    page = console(overview).get("/").text
    assert "Weekly update of the keyword library" in page
    assert "10 working days are added" in page
    assert "overdue" in page


def test_steps_come_worst_first_and_each_once():
    found = needs(STATUS.lines, Role.OWNER)
    order = [Standing.GAP, Standing.STALE, Standing.UNKNOWN]
    places = [order.index(need.standing) for need in found]
    assert places == sorted(places)
    assert len({need.action for need in found}) == len(found)
    asking = {line.obligation.id for line in STATUS.lines if line.standing in order}
    assert all(set(need.obligations) <= asking for need in found)


@pytest.mark.parametrize(
    ("page", "role", "asked"),
    [
        ("scope", Role.OPERATOR, True),
        ("attest/x", Role.OWNER, True),
        ("attest/x", Role.REVIEWER, False),
        ("rules?x=1", Role.AUDITOR, False),
        ("", Role.OPERATOR, True),
        ("", Role.AUDITOR, False),
        ("scope", Role.READER, False),
    ],
)
def test_nobody_is_asked_for_what_they_may_not_do(page, role, asked):
    assert concerns(Action(Text("做", "Do"), "kanhe do", page), role) is asked


def test_a_reader_has_nothing_to_do():
    page = console(overview, person=account(Role.READER)).get("/").text
    assert "Nothing needs you." in page


def test_the_list_is_paged_by_the_server_and_filters_stand_in_the_address():
    app = console(obligation)
    first = app.get("/obligations.json").json()
    assert first["total"] == len(STATUS.lines)
    pages = [app.get(f"/obligations.json?page={n + 1}").json() for n in range(first["pages"])]
    rows = [row["id"] for page in pages for row in page["rows"]]
    order = ["gap", "stale", "unknown", "met", "not-applicable"]
    expected = [line.obligation.id for standing in order for line in STATUS.lines
                if line.standing.value == standing]  # fmt: skip
    assert rows == expected
    gaps = app.get("/obligations.json?standing=gap&area=assessment").json()
    assert {row["standing"] for row in gaps["rows"]} == {"gap"}
    second = app.get("/obligations?page=2&area=&q=a").text
    assert 'href="/obligations?q=a&amp;page=1"' in second


@pytest.mark.parametrize("page", ["0", "-1", "99999", "x", "٣", "1e3", ""])
def test_a_page_that_is_not_there_is_the_nearest_one(page):
    assert console(obligation).get("/obligations", params={"page": page}).status_code == 200


def test_search_looks_for_every_word_in_both_languages():
    app = console(obligation)
    assert "cn-bsr-8-1" in [r["id"] for r in app.get("/obligations.json?q=关键词").json()["rows"]]
    assert app.get("/obligations.json?q=keyword+zebra").json()["total"] == 0
    assert "No obligation fits all of this." in app.get("/obligations?q=zebra").text


def test_what_is_searched_for_is_shown_as_text():
    page = console(obligation).get("/obligations", params={"q": HOSTILE, "area": HOSTILE}).text
    assert HOSTILE not in page


def test_the_csv_has_the_same_duties_and_runs_no_formula():
    text = console(obligation).get("/obligations.csv?standing=met").text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["id"] for row in rows] == [
        line.obligation.id for line in STATUS.lines if line.standing is Standing.MET
    ]
    assert obligation._inert("=1+1") == "'=1+1"
    assert not any(row["title"][:1] in {"=", "+", "-", "@"} for row in rows)


def test_a_duty_shows_text_source_parameters_reasons_evidence_and_the_next_step():
    page = console(obligation).get("/obligations/cn-bsr-8-1").text
    for shown in ("min_total", "10,000", "8,412 keywords", "/ledger/48101", "/ledger/48101#proof",
                  "kanhe rules check rules.yaml", "Keyword library", "关键词库",
                  "Our own words, not the law&#39;s."):  # fmt: skip
        assert shown in page, shown


def test_confidence_is_said_in_words():
    for line in STATUS.lines[:60:10]:
        page = words(console(obligation).get(f"/obligations/{line.obligation.id}").text)
        said = {"verified": "The text was read", "from_memory": "From memory",
                "uncertain": "Uncertain: check", "ours": "the choice is ours"}  # fmt: skip
        assert said[line.obligation.confidence.value] in page


def test_changes_on_record_are_shown_newest_first():
    told = console(obligation).get("/obligations/cn-im-14-1.json").json()["changes"]
    assert told == [{"entry": planted(STATUS.regime)[4].index, "before": "unknown", "after": "met",
                     "at": (NOW - timedelta(days=2)).isoformat(timespec="seconds")}]  # fmt: skip


def test_a_duty_that_does_not_bind_on_the_day_says_so_and_shows_its_versions():
    page = console(obligation).get("/obligations/cn-im-14-1?at=2020-01-01&known=2020-01-01").text
    assert "It does not bind on 1 January 2020" in page


def test_an_unknown_duty_is_not_found():
    assert console(obligation).get("/obligations/cn-im-99").status_code == 404


def test_reasons_of_controls_are_text():
    system = System()
    line = next(one for one in STATUS.lines if one.looked)
    verdict = Verdict(Standing.GAP, (Text(HOSTILE, HOSTILE),))
    looked = (replace(line.looked[0], verdict=verdict),)
    hostile = replace(line, looked=looked, standing=Standing.GAP)
    system._found = replace(STATUS, lines=(hostile,))
    page = console(obligation, system=system).get(f"/obligations/{line.obligation.id}").text
    assert HOSTILE not in page
    assert "&lt;img src=x" in page


def test_a_draft_may_be_taken_for_law_and_is_named():
    app = console(obligation, overview)
    told = app.get("/obligations.json?as_if=cn-imd").json()
    assert told["as_if"] == "cn-imd"
    page = app.get("/?as_if=cn-imd").text
    assert "is taken for law" in page
    assert "Back to today" in page


@pytest.mark.parametrize(
    "query", ["at=2026-13-01", "known=yesterday", "as_if=cn-im", "as_if=zebra", f"at={HOSTILE}"]
)
@pytest.mark.parametrize("path", ["/", "/obligations", "/obligations/cn-im-14-1"])
def test_a_question_that_cannot_be_read_is_told_at_its_field(path, query):
    page = console(overview, obligation).get(f"{path}?{query}")
    assert page.status_code == 400
    assert 'class="fault"' in page.text
    assert HOSTILE not in page.text


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2026-02-29", None),
        ("20261122", None),
        ("2026-W47-7", None),
        ("２026-11-22", None),
        ("", None),
    ],
)
def test_a_day_is_read_in_one_form_only(written, day):
    assert read_day(written) == day


def test_the_question_is_about_now_where_nothing_is_asked():
    asked, faults = read_asked({"at": " ", "known": ""}, STATUS.regime)
    assert asked == Asked()
    assert asked.now
    assert faults == ()


def test_deadlines_come_soonest_first_with_their_steps():
    page = console(deadlines).get("/deadlines").text
    titles = [due.title.en for due in STATUS.due]
    assert [page.index(title) for title in titles] == sorted(page.index(t) for t in titles)
    assert "provisional" in page
    assert page.count("<details") == 3


def test_settings_are_those_on_record_and_what_changed_is_named():
    told = console(settings_page).get("/settings.json").json()
    assert told["settings"]["label"] == "suffix"
    assert [start["changed"] for start in told["starts"]] == [["label"], None]


def test_without_a_record_the_settings_page_says_how_to_get_one():
    system = System()
    system.entries.clear()
    assert "kanhe serve" in console(settings_page, system=system).get("/settings").text


def test_a_setting_that_leaves_a_duty_open_is_told_with_the_line_that_closes_it():
    """Planted: a good value gets no line, else people would write what they have."""
    assert settings_page.line_for("label", "header") == 'label = "suffix"'
    assert settings_page.line_for("producer", "unregistered") == 'producer = "…"'
    assert settings_page.line_for("object_to", False) == 'object_to = "…"'
    assert settings_page.line_for("label", "suffix") is None
    assert settings_page.line_for("models", [{"name": "a"}]) is None


@pytest.mark.parametrize(
    ("role", "page", "linked"),
    [
        (Role.READER, "settings", False),
        (Role.READER, "ledger", False),
        (Role.READER, "scope", True),
        (Role.AUDITOR, "settings", True),
        (Role.AUDITOR, "accounts", False),
        (None, "scope", False),
    ],
)
def test_a_page_that_does_not_open_is_no_link(role, page, linked):
    assert opens(role, page) is linked


def test_over_an_unsound_ledger_nothing_is_said_of_deadlines():
    page = console(overview, system=System(found=unsound())).get("/").text
    assert "It cannot be said what falls due" in page
    assert "Nothing falls due" not in page


def test_a_browsers_language_wins_over_the_one_of_an_account():
    """An account's language was chosen by whoever added it, never by the reader."""
    app = client(System(), overview)
    asked = {"accept-language": "zh-CN,zh;q=0.9"}
    assert 'lang="zh-Hans"' in app.get("/", headers=asked).text.partition("<head>")[0]
    app.cookies.set("kanhe_language", "en")
    assert 'lang="en"' in app.get("/", headers=asked).text.partition("<head>")[0]
