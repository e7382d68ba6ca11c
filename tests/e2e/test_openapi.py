"""Requests made from the description: none of them is answered with a fault of ours.

What comes in may be anything that the description allows.
"""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance
from served import KEY, until

from kanhe.console.app import table
from kanhe.web.openapi import description

QUERY = ("at", "known", "as_if", "area", "standing", "q", "page", "before", "after", "kind", "rule",
         "number", "since", "until", "user", "mode", "side", "entry")  # fmt: skip
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance)
OPERATIONS = {
    operation.ok().label: operation.ok()
    for operation in schemathesis.openapi.from_dict(description(table())).get_all_operations()
}
PAGES = [label for label in OPERATIONS if "/console/" in label]


@pytest.mark.parametrize("label", sorted(OPERATIONS.keys() - set(PAGES)))
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_request_is_answered_with_a_fault_of_ours(label, gateway, data):
    case = data.draw(OPERATIONS[label].as_strategy())
    admin = (gateway.data / "keys" / "admin.key").read_text().strip()
    key = admin if case.path.startswith("/admin/") else KEY
    base = f"http://127.0.0.1:{gateway.port}"
    headers = {"Authorization": f"Bearer {key}"}
    case.call_and_validate(base_url=base, headers=headers, checks=CHECKS, timeout=20)


@pytest.fixture(scope="module")
def session(office):
    """The cookie of somebody who may read every page of the console."""
    return f"kanhe_session={office.session(office.person())}"


@pytest.mark.parametrize("label", PAGES)
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_page_of_the_console_is_answered_with_a_fault_of_ours(label, office, session, data):
    case = data.draw(OPERATIONS[label].as_strategy())
    query = data.draw(st.dictionaries(st.sampled_from(QUERY), st.text(max_size=30), max_size=4))
    case.query = {**(case.query or {}), **query}
    case.call_and_validate(
        base_url=office.origin, headers={"Cookie": session}, checks=CHECKS, timeout=20
    )


def test_there_are_pages_of_data_in_the_description():
    assert len(PAGES) >= 15


def test_what_is_served_is_what_is_described(gateway):
    assert json.loads(gateway.get("/openapi.json"))["paths"].keys() >= description()["paths"].keys()


def test_it_still_answers_afterwards_and_has_logged_no_fault(gateway):
    until(lambda: gateway.chat()[0] == 200, "it answers")
    assert "by a fault of ours" not in gateway.log.read_text()
