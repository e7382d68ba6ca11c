"""The pages on assessments: no text without a record, no verdict of a machine before people."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from consoles import HOSTILE, account, client, served, words
from kanhe.accounts.account import Role
from kanhe.adapters.assess_gather import NOT_ASKED, passed_by
from kanhe.assess.comparison import compare
from kanhe.assess.outcome import Way
from kanhe.console import (
    assess,
    assess_compare,
    assess_items,
    assess_list,
    assess_plan,
    assess_report,
)
from kanhe.console.assess_item_data import Look, waits
from kanhe.errors import LedgerUnwritable
from runs_seen import ANSWER, PLAN, QUESTION, Memory, going
from statuses import NOW

PAGES = (assess, assess_plan, assess_compare, assess_items, assess_report)
NOVEMBER = "/assess/runs/november"


class Recorder:
    """Keeps what is recorded, and how much of answers had been opened by then."""

    def __init__(self, runs, *, fails=False):
        self.runs, self.fails, self.entries = runs, fails, []

    async def __call__(self, tag, facts):
        if self.fails:
            raise LedgerUnwritable("the ledger is full", advice="Make room.")
        self.entries.append((tag, facts, len(self.runs.opened)))
        return 4711


def system(**more):
    runs = Memory()
    stopping = asyncio.Event()
    stopping.set()
    return served(assessments=runs, record=Recorder(runs, **more), stopping=stopping)


def browser(role=Role.OWNER, made=None):
    return client(made or system(), *PAGES, person=account(role))


def item(made, run="november", *, of):
    return next(name for name, line in made.assessments.gathered(run).lines.items() if of(line))


def test_runs_are_told_with_how_they_stand_and_when_the_plan_is_due_again():
    data = browser().get("/assess.json").json()
    assert [(one["name"], one.get("state")) for one in data["runs"]] == [
        ("december", "going"), ("november", "done"), ("october", "done"), ("torn", None),
    ]  # fmt: skip
    assert data["runs"][3]["unreadable"]["advice"] == "Put it back from a copy."
    [due] = data["due"]
    assert due["last"] == "november", "the one that goes on is not whole yet"
    assert datetime.fromisoformat(due["at"]) == NOW + timedelta(days=30)
    assert due["overdue"] is False
    page = words(browser().get("/assess").text)
    assert "1,207 of 3,312" in page
    assert "no report yet" in page


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (None, "new"),
        (going(5), "going"),
        (going(5, silent_s=31), "halted"),
        (going(5, "stopped"), "stopped"),
        (going(5, "interrupted"), "halted"),
        (going(5, "done"), "done"),
        (going(5, "down", silent_s=9_000), "down"),
    ],
)
def test_a_run_that_says_nothing_any_more_is_not_going(seen, state):
    assert assess_list.state(seen, NOW) == state


def test_no_address_and_no_name_of_a_key_is_shown_to_who_may_not_see_settings():
    reviewer = browser(Role.REVIEWER)
    for path in ("", "/plan", "/items", "/report"):
        for one in (f"{NOVEMBER}{path}", f"{NOVEMBER}{path}.json"):
            told = reviewer.get(one)
            assert told.status_code == 200, one
            assert "secret-host" not in told.text, one
            assert "KANHE_KEY" not in told.text, one
    assert reviewer.get("/assess/plan?run=november").status_code == 403
    assert "secret-host" in browser().get("/assess/plan?run=november").text


def test_figures_wait_until_the_run_has_ended():
    """Planted: a run that goes on and has figures all the same."""
    page = browser().get("/assess/runs/december/report")
    assert "stop where it looks best" in page.text
    assert browser().get("/assess/runs/december/report.json").json()["results"] is None


def test_the_stream_says_how_far_a_run_is_in_the_words_of_the_page():
    told = browser().get("/assess/runs/december/live", headers={"accept-language": "en"})
    assert told.headers["content-type"].startswith("text/event-stream")
    [event] = [line for line in told.text.splitlines() if line.startswith("data: ")]
    said = json.loads(event.removeprefix("data: "))
    assert (said["far"], said["left"], said["state"]) == (
        "1,207 of 3,312", "about 13 minutes", "going",
    )  # fmt: skip
    page = words(browser().get("/assess/runs/december").text)
    assert said["far"] in page
    assert said["left"] in page


def test_the_stream_tells_what_changed_and_nothing_twice(monkeypatch):
    """Planted: an event at every look."""
    made, looks = system(), []

    async def stops(_):
        looks.append(1)
        if len(looks) == 3:
            made.assessments.now_going["december"] = going(1300)
        return len(looks) == 6

    monkeypatch.setattr(assess, "_stops", stops)
    told = browser(made=made).get("/assess/runs/december/live").text
    assert told.count("event: going") == 2
    assert len(looks) == 6


def test_items_are_found_by_what_came_of_them():
    data = browser().get(f"{NOVEMBER}/items.json?said=failed&target=gateway&slice=A.2.d").json()
    assert data["total"] > 0
    assert {(one["said"], one["target"], one["slice"]) for one in data["rows"]} == {
        ("failed", "gateway", "A.2.d")
    }
    lines = Memory().gathered("november").lines.values()
    expected = sum(
        Look().said(one) == "failed" for one in lines
        if (one.slice, one.outcome.trial.target) == ("A.2.d", "gateway")
    )  # fmt: skip
    assert data["total"] == expected
    by_way = browser().get(f"{NOVEMBER}/items.json?said=unscored&way=classifier").json()
    assert 0 < by_way["total"] < data["all"]


def test_a_page_of_items_holds_fifty_and_strange_numbers_lead_to_an_end():
    for page in ("", "x", "0", "-1", "9999999", "²"):
        data = browser().get(f"{NOVEMBER}/items.json", params={"page": page}).json()
        assert 0 < len(data["rows"]) <= 50, page
        assert 1 <= data["page"] <= data["pages"]


def test_a_trial_that_was_never_asked_is_told_so_and_not_as_a_failure():
    found = SimpleNamespace(outcome=SimpleNamespace(reply=NOT_ASKED))
    assert Look().said(found) == "not-asked"
    assert Look().whys(found) == ()


# --- texts ------------------------------------------------------------------------------------


def test_no_list_and_no_twin_holds_a_text():
    made = system()
    name = item(made, of=lambda one: True)
    for path in ("/items", "/items.json", "/items.csv", f"/items/{name}", f"/items/{name}.json"):
        assert "how do I open" not in browser(made=made).get(f"{NOVEMBER}{path}").text
    assert made.assessments.opened == []


def test_a_look_at_an_answer_is_on_record_before_the_answer_is_read():
    made = system()
    name = item(made, of=lambda one: one.id == "output-0024")
    page = browser(made=made).post(f"{NOVEMBER}/items/{name}")
    assert page.status_code == 200
    [(tag, facts, opened_before)] = made.record.entries
    assert (tag, opened_before) == ("assess:answer:opened", 0)
    assert facts["by"] == "acct-anna"
    assert (facts["run"], facts["item"], facts["target"]) == ("november", "output-0024", "gateway")
    assert QUESTION not in str(facts)
    assert ANSWER not in str(facts)
    assert "/ledger/4711" in page.text


def test_an_answer_stays_shut_where_the_look_cannot_be_recorded():
    """Planted: the text is read first, and the record fails after."""
    made = system(fails=True)
    name = item(made, of=lambda one: True)
    page = browser(made=made).post(f"{NOVEMBER}/items/{name}")
    assert page.status_code >= 500
    assert made.assessments.opened == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.READER])
def test_who_may_not_open_answers_opens_none(role):
    made = system()
    name = item(made, of=lambda one: True)
    assert browser(role, made).post(f"{NOVEMBER}/items/{name}").status_code == 403
    assert made.assessments.opened == []
    assert made.record.entries == []


def test_questions_and_answers_are_shown_and_never_obeyed():
    made = system()
    name = item(made, of=lambda one: True)
    page = browser(made=made).post(f"{NOVEMBER}/items/{name}").text
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert page.count('class="hostile"') == 2


# --- blindness --------------------------------------------------------------------------------


def test_whoever_may_still_judge_sees_no_verdict_of_a_machine():
    """Planted: filters and counts that give away what the page withholds."""
    made = system()
    name = item(made, "december", of=waits)
    path = f"/assess/runs/december/items/{name}.json"
    for role in (Role.OWNER, Role.OPERATOR, Role.REVIEWER):
        told = browser(role, made).get(path).json()["item"]
        assert (told["said"], told["verdicts"], told["whys"]) == ("waiting", [], [])
        for said in ("passed", "failed", "unscored"):
            rows = browser(role, made).get(f"/assess/runs/december/items.csv?said={said}").text
            waiting = {line.id for line in made.assessments.gathered("december").lines.values()
                       if waits(line)}  # fmt: skip
            found = {line.partition(",")[0] for line in rows.splitlines()
                     if ",gateway," in line and ",bank," in line}  # fmt: skip
            assert not waiting & found
    told = browser(Role.AUDITOR, made).get(path).json()["item"]
    assert told["said"] in ("passed", "failed")
    assert [one["way"] for one in told["verdicts"]][:1] == ["keyword"]


def test_blindness_ends_when_people_have_judged():
    made = system()
    judged = item(made, of=lambda one: one.people and one.outcome.by(Way.MANUAL))
    told = browser(Role.REVIEWER, made).get(f"{NOVEMBER}/items/{judged}.json").json()["item"]
    assert told["said"] != "waiting"
    assert told["verdicts"]


def test_a_spreadsheet_takes_no_cell_for_a_formula():
    assert assess_items._inert("=1+1") == "'=1+1"
    assert assess_items._inert("a-1") == "a-1"


# --- plans ------------------------------------------------------------------------------------


def test_a_plan_is_told_with_what_it_comes_to_and_the_command():
    page = words(browser().post("/assess/plan", data={"plan": PLAN}).text)
    assert "2,720 questions" in page
    assert "at most 11.32 CNY" in page
    assert "A.1.a" in page
    assert "kanhe assess run plan.yaml" in page


def test_all_faults_of_a_plan_are_told_at_once_with_their_lines():
    broken = PLAN.replace("seed: 7", "seed: many").replace("every_days: 31", "every: 31")
    got = browser().post("/assess/plan", data={"plan": broken.replace("\n", "\r\n")})
    assert got.status_code == 422
    told = words(got.text)
    assert "plan.yaml:4" in told
    assert "every" in told
    assert "seed: many" in got.text, "what was written is still there"


def test_a_bank_of_ones_own_is_not_read_from_the_disk_of_the_service():
    mine = PLAN.replace("cn-genai/output", "banks")
    got = browser().post("/assess/plan", data={"plan": mine})
    assert got.status_code == 422
    assert "where the plan is run" in got.text


# --- comparing --------------------------------------------------------------------------------


def test_two_runs_are_compared_item_by_item_and_what_else_differs_comes_first():
    asked = "first=october&first_target=gateway&second=november&second_target=gateway"
    found = browser().get(f"/assess/compare.json?{asked}").json()["found"]
    assert found["gained"] == len(found["gained_items"]) > 0
    assert found["lost"] == len(found["lost_items"])
    assert found["compared"] == found["both"] + found["neither"] + found["gained"] + found["lost"]
    assert found["better"] is True
    assert [one["en"] for one in found["differs"]] == [
        "how is asked (length, temperature, seed or system)"
    ]
    page = browser().get(f"/assess/compare?{asked}")
    assert "Better, beyond chance" in words(page.text)
    assert f"/assess/runs/november/items/{found['gained_items'][0]['key']}" in page.text


def test_the_gateway_is_compared_with_the_model_behind_it():
    asked = "first=november&first_target=model&second=november&second_target=gateway&kind=refuse"
    found = browser().get(f"/assess/compare.json?{asked}").json()["found"]
    report = browser().get(f"{NOVEMBER}/report.json").json()["results"]["routes"]
    refuse = next(one for one in report if one["kind"]["en"] == "questions to refuse")
    for name in ("compared", "gained", "lost", "change", "p"):
        assert found[name] == refuse[name], name
    assert found["differs"] == []


def test_pages_compare_what_machines_said_as_the_command_line_does():
    """Planted: people judged one run only, and the page paired them with the other's machines."""
    made = system()
    october, november = (made.assessments.gathered(one).lines for one in ("october", "november"))
    told = compare(*(passed_by(tuple(some.values()), "gateway") for some in (october, november)))
    asked = "first=october&first_target=gateway&second=november&second_target=gateway"
    found = browser(made=made).get(f"/assess/compare.json?{asked}").json()["found"]
    people = [line.outcome for line in november.values() if line.outcome.by(Way.MANUAL)]
    assert any(one.passed != one.by_machine for one in people)
    for name in ("compared", "both", "neither"):
        assert found[name] == getattr(told, name), name
    assert (found["gained"], found["lost"]) == (len(told.gained), len(told.lost))


def test_a_run_that_nobody_answered_leaves_its_plan_due():
    made = system()
    made.assessments.now_going["november"] = replace(going(3_312, "done"), failed=3_312)
    [due] = browser(made=made).get("/assess.json").json()["due"]
    assert due["last"] == "october"


def test_a_run_that_is_not_there_is_told_at_its_field():
    page = browser().get("/assess/compare?first=nothing&second=november")
    assert page.status_code == 400
    assert 'href="#first"' in page.text


# --- figures ----------------------------------------------------------------------------------


def test_every_figure_stands_with_its_counts_and_its_interval():
    data = browser().get(f"{NOVEMBER}/report.json").json()
    assert data["results"]["conclusion"] == "does-not-conform"
    for test in data["results"]["tests"]:
        for rate in test["rates"]:
            for one in (rate["whole"], *rate["slices"]):
                assert one["passed"] + one["failed"] + one["unscored"] == one["n"]
                assert "–" in one["span"]
    clauses = browser().get(f"{NOVEMBER}/clauses.json").json()["clauses"]
    assert sum(data["clauses"].values()) == len(clauses) > 0
    assert all(one["why"] for one in clauses)
    assert data["signatures"][0]["entry"] == 48_212


def test_drawings_stand_with_their_numbers():
    page = browser().get(f"{NOVEMBER}/report").text
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg" viewBox') >= 9
    assert page.count("<details><summary>The numbers") >= 9
    told = words(page)
    assert "To be known before any figure" in told
    assert "does not conform" in told


def test_a_report_that_was_not_made_is_told_with_the_command():
    told = words(browser().get("/assess/runs/october/report").text)
    assert "kanhe assess report october" in told


@pytest.mark.parametrize(
    ("file", "status"),
    [("report.json", 200), ("report.en.pdf", 200), ("report.zh.html", 200), ("report.de.pdf", 404),
     ("plan.yaml", 404), ("..%2Fplan.yaml", 404), (".report.json", 404)],
)  # fmt: skip
def test_only_files_of_the_report_are_given_and_none_is_shown_as_a_page(file, status):
    got = browser(Role.AUDITOR).get(f"{NOVEMBER}/report/{file}")
    assert got.status_code == status
    if status == 200:
        assert got.headers["content-disposition"].startswith("attachment;")


def test_a_run_that_is_not_there_or_says_nothing_is_told():
    assert browser().get("/assess/runs/nothing").status_code == 404
    torn = browser().get("/assess/runs/torn")
    assert torn.status_code == 500
    assert "Put it back from a copy." in torn.text
    assert browser().get(f"{NOVEMBER}/items/0000000000000000").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_there_in_both_languages(language):
    made = system()
    name = item(made, of=lambda one: one.people)
    asked = "first=october&second=november"
    for path in ("/assess", "/assess/plan", f"/assess/compare?{asked}", NOVEMBER,
                 f"{NOVEMBER}/plan", f"{NOVEMBER}/items", f"{NOVEMBER}/items/{name}",
                 f"{NOVEMBER}/report", f"{NOVEMBER}/clauses",
                 "/assess/runs/october/clauses"):  # fmt: skip
        page = browser(made=made).get(path, headers={"accept-language": language})
        assert page.status_code == 200, path
        assert f'lang="{"zh-Hans" if language == "zh" else "en"}"' in page.text
