"""The whole application over a running system, called as a server calls it: no socket."""

from __future__ import annotations

import contextlib
import json
import logging
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import Route

from kanhe.settings import Settings
from kanhe.settings_models import ModelSettings
from kanhe.terms import Secret
from kanhe.web.app import make_app
from kanhe.wiring import build
from proxied import CHATS, Called, call
from upstream import on_loop

RULES = """
name: t
version: "1"
rules:
  - id: unicorn
    category: A.1.a
    match: {terms: {list: [蓝色独角兽]}}
    action: block
"""
KEY = (b"authorization", b"Bearer key")


@contextlib.asynccontextmanager
async def app_over(tmp_path):
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES, encoding="utf-8")
    # Nothing listens on port 9.
    model = ModelSettings("fake", "http://127.0.0.1:9/v1", "fake-large", Secret("sk-1"), retries=0)
    settings = Settings(
        data=tmp_path / "data", models=(model,), app_keys=(Secret("key"),), rulesets=(rules,)
    )
    service = await build(settings)
    try:
        yield make_app(service), service
    finally:
        await service.aclose()


async def get(app, path, *, method="GET", headers=(KEY,), body=b""):
    called = Called(body, path=path, method=method, headers=headers)
    called.scope |= {"query_string": b"", "raw_path": path.encode(), "root_path": ""}
    await call(app, called)
    return called


@on_loop
async def test_the_models_can_be_listed_and_looked_up(tmp_path):
    async with app_over(tmp_path) as (app, _):
        listed = json.loads((await get(app, "/v1/models")).body)
        assert [model["id"] for model in listed["data"]] == ["fake"]
        one = json.loads((await get(app, "/v1/models/fake")).body)
        assert (one["object"], one["owned_by"]) == ("model", "kanhe")
        missing = await get(app, "/v1/models/a/b")
        assert (missing.status, missing.error["code"]) == (404, "model_not_found")
        for path in ("/v1/models", "/v1/models/fake"):
            refused = await get(app, path, headers=())
            assert (refused.status, refused.error["code"]) == (401, "invalid_api_key")


@on_loop
async def test_the_service_says_how_it_is(tmp_path):
    async with app_over(tmp_path) as (app, service):
        assert json.loads((await get(app, "/healthz")).body)["status"] == "ok"
        ready = await get(app, "/readyz")
        told = json.loads(ready.body)
        assert (ready.status, told["status"]) == (200, "ready")
        assert told["ledger"] == {"entries": service.ledger.size, "writable": True}
        assert told["ruleset"]["version"] == service.rules.current.version
        assert told["judges"] == {}
        metrics = (await get(app, "/metrics")).body.decode()
        names = {family.name for family in text_string_to_metric_families(metrics)}
        assert {"kanhe_requests", "kanhe_ledger_size"} <= names


@on_loop
async def test_the_api_stands_before_everything_else(tmp_path):
    async with app_over(tmp_path) as (app, service):
        called = await get(app, "/v1/chat/completions", method="POST", body=CHATS)
        assert (called.status, called.error["code"]) == (502, "upstream_error")
        assert service.ledger.size >= 3
        called = await get(app, "/v1/chat/completions", headers=())
        assert called.status == 405


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [("/nowhere", "GET", 404, "not_found"), ("/healthz", "POST", 405, "http_error"),
     ("/v1/chat/completions/", "POST", 404, "not_found")],
)  # fmt: skip
@on_loop
async def test_what_is_not_there_is_an_error_in_the_shape_of_the_api(
    tmp_path, path, method, status, code
):
    async with app_over(tmp_path) as (app, _):
        called = await get(app, path, method=method)
        assert (called.status, called.error["code"]) == (status, code)


@on_loop
async def test_rules_are_loaded_again_for_the_operator_only(tmp_path):
    async with app_over(tmp_path) as (app, service):
        path, first = "/admin/rules/reload", service.rules.current.version
        admin = (b"authorization", b"Bearer " + service.admin_key.reveal().encode())
        for headers in ((), (KEY,)):
            refused = await get(app, path, method="POST", headers=headers)
            assert (refused.status, refused.error["code"]) == (401, "invalid_api_key")
        same = await get(app, path, method="POST", headers=(admin,))
        assert json.loads(same.body) == {"status": "unchanged", "version": first}
        (tmp_path / "rules.yaml").write_text(RULES.replace("独角兽", "麒麟"), encoding="utf-8")
        loaded = json.loads((await get(app, path, method="POST", headers=(admin,))).body)
        assert (loaded["status"], loaded["version"] != first) == ("loaded", True)
        (tmp_path / "rules.yaml").write_text("rules: 3", encoding="utf-8")
        faulty = await get(app, path, method="POST", headers=(admin,))
        told = json.loads(faulty.body)
        assert (faulty.status, told["status"]) == (422, "refused")
        assert told["faults"]
        assert service.rules.current.version == loaded["version"]


class Broken:
    """A proxy with a bug, before or after it has begun to answer."""

    def __init__(self, *, begun):
        self.begun = begun

    async def __call__(self, scope, receive, send):
        if self.begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError("蓝色独角兽")


@on_loop
async def test_a_fault_of_ours_is_a_500_and_tells_nothing(tmp_path, caplog):
    async with app_over(tmp_path) as (app, _):
        app._proxy = Broken(begun=False)
        with caplog.at_level(logging.ERROR, "kanhe"):
            called = await get(app, "/v1/chat/completions", method="POST")
        assert (called.status, called.error["message"]) == (500, "the gateway failed")
        assert "fault of ours" in caplog.text
        app._proxy = Broken(begun=True)
        with pytest.raises(ZeroDivisionError):
            await get(app, "/v1/chat/completions", method="POST")


@on_loop
async def test_every_route_is_described_for_machines(tmp_path):
    async with app_over(tmp_path) as (app, _):
        described = json.loads((await get(app, "/openapi.json")).body)["paths"]
        routes = [route for route in app._rest.routes if isinstance(route, Route)]
        served = {route.path for route in routes if route.include_in_schema}
    assert {re.sub(r":\w+}", "}", path) for path in served} <= set(described)
    assert "/console/index.json" in described
