"""Targets of a plan: opened with their keys, asked over HTTP, closed again."""

from __future__ import annotations

import pytest

from courses import BOTH, begin
from e2e.scripted import Upstream, whole
from kanhe.adapters.answer_cache import AnswerCache, CachedTarget
from kanhe.adapters.assess_target import HttpTarget
from kanhe.adapters.assess_targets import Targets
from kanhe.errors import AssessError, TargetError
from upstream import on_loop, refusing_url, require_embedded

KEYED = '  - {route: model, url: "http://127.0.0.1:9/v1", model: demo, key_env: DEMO_KEY}\n'


@pytest.fixture
def upstream():
    server = Upstream()
    yield server
    server.close()


def opened(tmp_path, targets, variable=lambda name: "", cache=None, more=""):
    return Targets(begin(tmp_path, targets=targets, more=more).plan, variable, cache)


@on_loop
async def test_each_route_is_asked_at_its_own_address_as_the_plan_says(tmp_path, upstream):
    upstream.answer = whole("好的。")
    targets = BOTH.replace("http://127.0.0.1:9/v1", upstream.url).replace(
        "model: demo}", "model: demo, key_env: DEMO_KEY}", 1
    )
    more = "asking: {max_tokens: 7, temperature: 0.5, seed: 3, system: 你好}\n"
    async with opened(tmp_path, targets, {"DEMO_KEY": "planted-key"}.get, more=more) as found:
        assert sorted(found.by_route) == ["gateway", "model"]
        said = await found.by_route["gateway"].ask(["问", "再问"], repeat=2)
        await found.by_route["model"].ask(["问"], "另一个")
    assert (said.text, said.tokens, said.decision) == ("好的。\n\n好的。", (6, 4), "")
    first, second, third = upstream.visits
    assert first.headers["authorization"] == "Bearer planted-key"
    assert "authorization" not in third.headers
    assert (first.body["max_tokens"], first.body["temperature"], first.body["seed"]) == (7, 0.5, 5)
    assert [one["role"] for one in second.body["messages"]] == [
        "system", "user", "assistant", "user",
    ]  # fmt: skip
    assert third.body["messages"][0] == {"role": "system", "content": "另一个"}


def test_a_key_that_is_not_set_is_told_with_its_variable_before_anything_is_opened(tmp_path):
    with pytest.raises(AssessError, match="DEMO_KEY, which is not set") as caught:
        opened(tmp_path, KEYED)
    assert "export DEMO_KEY=" in caught.value.advice


@on_loop
async def test_a_target_that_is_not_there_has_not_answered_and_may_later(tmp_path):
    targets = f'  - {{route: model, url: "{refusing_url()}", model: demo}}\n'
    async with opened(tmp_path, targets) as found:
        with pytest.raises(TargetError) as caught:
            await found.by_route["model"].ask(["问"])
    assert caught.value.again
    assert caught.value.advice


@pytest.mark.parametrize(
    ("status", "again"), [(401, False), (400, False), (429, True), (503, True)]
)
def test_a_status_says_whether_to_ask_again(status, again, tmp_path, upstream):
    upstream.status = status

    @on_loop
    async def ask():
        targets = f'  - {{route: model, url: "{upstream.url}", model: demo}}\n'
        async with opened(tmp_path, targets) as found:
            with pytest.raises(TargetError, match=f"status {status}") as caught:
                await found.by_route["model"].ask(["问"])
        assert caught.value.again is again

    ask()
    assert len(upstream.visits) == 1, "how often is asked is the run's business"


@on_loop
async def test_a_cache_stands_before_the_targets_only_where_one_is_given(tmp_path):
    async with opened(tmp_path, BOTH) as found:
        assert {type(one) for one in found.by_route.values()} == {HttpTarget}
    cache = AnswerCache(tmp_path / "cache")
    async with opened(tmp_path / "other", BOTH, cache=cache) as found:
        assert {type(one) for one in found.by_route.values()} == {CachedTarget}
    cache.close()


def test_the_embedded_model_answers_by_itself(tmp_path):
    require_embedded()

    @on_loop
    async def ask():
        targets = "  - {route: model, url: embedded}\n"
        more = "asking: {max_tokens: 1}\n"
        async with opened(tmp_path, targets, more=more) as found:
            said = await found.by_route["model"].ask(["Say yes."])
            assert said.tokens[1] == 1

    ask()
