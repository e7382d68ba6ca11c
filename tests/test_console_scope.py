"""The questionnaire as a form: fields to answers, a preview first, then the record."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoles import account, client
from kanhe.accounts.account import Role
from kanhe.console import scope
from kanhe.console.answer_form import read_answers, written_of
from statuses import ANSWERS, System

REGIME = System().regime
FIELDS = {**written_of(ANSWERS), "csrf": ["csrf-token"]}


def app(system, role=Role.OWNER):
    return client(system, scope, person=account(role))


@st.composite
def answers(draw):
    """Answers to some of the questions, each of its kind."""
    given_ = {}
    for question in REGIME.questions.values():
        ids = [option.id for option in question.options]
        match question.kind:
            case "yes_no":
                some = st.booleans()
            case "number":
                some = st.integers(0, 10**12)
            case "day":
                some = st.dates(date(1900, 1, 1), date(2999, 12, 31)).map(str)
            case "one":
                some = st.sampled_from(ids)
            case "many":
                some = st.lists(st.sampled_from(ids), min_size=1, unique=True).map(tuple)
        if draw(st.booleans()):
            given_[question.id] = draw(some)
    return given_


@given(answers())
def test_answers_come_back_from_the_form_as_they_were(given_):
    """Absolute: the answers themselves. A fault it catches: a `False` read as not answered."""
    assert read_answers(REGIME, written_of(given_)) == (given_, ())


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("public", "maybe"),
        ("launched", "2026-02-30"),
        ("launched", "22.11.2026"),
        ("model", "zebra"),
        ("media", "zebra"),
        ("people_in_data", "many"),
        ("people_in_data", "-1"),
        ("people_in_data", "1.5"),
        ("people_in_data", "9" * 40),
        ("people_in_data", "٣"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field_and_in_the_summary(field, written):
    answers_, faults = read_answers(REGIME, {field: [written]})
    assert answers_ == {}
    assert [fault.field for fault in faults] == [field]
    page = app(System()).post("/scope/preview", data={**FIELDS, field: [written]})
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    assert f'id="{field}-fault"' in page.text
    assert 'id="preview"' not in page.text


def test_a_fault_in_a_question_that_is_not_put_keeps_nobody_from_going_on():
    written = {**FIELDS, "companion": ["no"], "registered_users": ["zebra"]}
    assert read_answers(REGIME, written)[1] == ()
    assert app(System()).post("/scope/preview", data=written).status_code == 200


def test_a_preview_records_nothing():
    system = System()
    before = len(system.entries)
    page = app(system).post("/scope/preview", data={**FIELDS, "training": ["no"]})
    assert page.status_code == 200
    assert "If you record these answers" in page.text
    assert len(system.entries) == before


def test_a_preview_names_what_changes_and_why():
    """Absolute: a service that trains nothing has no duties on annotation left."""
    page = app(System()).post("/scope/preview", data={**FIELDS, "minors": ["no"]}).text
    assert "would stand otherwise" in page
    assert REGIME.questions["minors"].title.en in page


def test_each_change_in_a_preview_has_its_reason():
    """Fails where what controls decide has an empty cell: no answer is its reason."""
    page = app(System()).post("/scope/preview", data={**FIELDS, "minors": [], "companion": ["yes"]})
    assert page.status_code == 200
    assert '<td class="small"></td>' not in page.text


def test_the_record_has_the_answers_and_the_account_and_no_name():
    system = System()
    found = app(system).post("/scope", data=FIELDS)
    assert found.status_code == 303
    entry = system.entries[-1]
    assert entry.tag == "operator:scope:determined"
    assert entry.facts["by"] == "acct-anna"
    assert "Anna" not in str(entry.facts)
    assert entry.facts["answers"]["role"] == ["application", "api_provider"]


def test_nothing_is_recorded_while_a_field_is_at_fault():
    system = System()
    before = len(system.entries)
    assert app(system).post("/scope", data={**FIELDS, "launched": "x"}).status_code == 422
    assert app(system).post("/scope", data={"csrf": "csrf-token"}).status_code == 200
    assert len(system.entries) == before


@pytest.mark.parametrize("role", [Role.READER, Role.AUDITOR, Role.REVIEWER])
def test_who_may_not_answer_sees_the_answers_and_no_form(role):
    system = System()
    page = app(system, role).get("/scope").text
    assert 'action="/scope/preview"' not in page
    assert "Ordinary operator" in page
    assert app(system, role).post("/scope", data=FIELDS).status_code == 403


def test_without_answers_the_page_says_what_that_means():
    system = System()
    system.entries.clear()
    page = app(system).get("/scope").text
    assert "No answers are on record" in page
    assert "kanhe scope" in page


def test_answers_under_an_older_edition_are_called_so():
    system = System()
    system.entries[0].facts["edition"] = "0" * 64
    assert "data changed since then" in app(system).get("/scope").text
