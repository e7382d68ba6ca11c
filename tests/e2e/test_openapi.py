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

from kanhe.web.openapi import description

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance)
OPERATIONS = {
    operation.ok().label: operation.ok()
    for operation in schemathesis.openapi.from_dict(description()).get_all_operations()
}


@pytest.mark.parametrize("label", OPERATIONS)
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


def test_what_is_served_is_what_is_described(gateway):
    assert json.loads(gateway.get("/openapi.json"))["paths"].keys() >= description()["paths"].keys()


def test_it_still_answers_afterwards_and_has_logged_no_fault(gateway):
    until(lambda: gateway.chat()[0] == 200, "it answers")
    assert "by a fault of ours" not in gateway.log.read_text()
