"""Counts and times, read back by the parser of those who will read them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exchanges import Gateway
from fakes import MemoryLedger
from fakes_judge import FakeJudge
from kanhe.adapters.judge_queue import JudgeQueue
from kanhe.adapters.package_data import regime
from kanhe.gateway.journal import Journal
from kanhe.judge.port import Question
from kanhe.policy.rule import Action, Mode
from kanhe.status.compute import compute
from kanhe.status.fold import folded
from kanhe.status.picture import Sound
from kanhe.web.metrics import Metrics
from proxied import CHATS, Called, call, proxy_over
from test_stream import rule
from upstream import on_loop


def read(metrics):
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def fresh():
    ledger = MemoryLedger()
    return Metrics(Journal(ledger), ledger)


def test_before_the_first_request_everything_parses():
    samples = read(fresh())
    assert samples["kanhe_requests_running",] == 0
    assert samples["kanhe_ledger_size",] == 0
    assert samples["kanhe_ledger_lost_total",] == 0


@pytest.mark.parametrize(
    ("seconds", "bound"), [(0, "0.005"), (0.02, "0.02"), (1, "2.0"), (99, "+Inf")]
)
def test_times_fall_into_their_buckets(seconds, bound):
    metrics = fresh()
    metrics.began("/p")
    metrics.ended("/p", 200, seconds)
    samples = read(metrics)
    buckets = {key[1]: value for key, value in samples.items() if key[0].endswith("_bucket")}
    within = False
    for edge in ["0.005", "0.02", "0.1", "0.5", "2.0", "10.0", "60.0", "+Inf"]:
        within = within or edge == bound
        assert buckets[edge] == (1 if within else 0)
    assert samples["kanhe_request_seconds_count", "/p"] == 1
    assert samples["kanhe_request_seconds_sum", "/p"] == seconds


def test_a_watch_counts_its_request_by_path_and_status():
    metrics = fresh()
    watch = metrics.began("/p")
    assert read(metrics)["kanhe_requests_running",] == 1
    watch.ended(503)
    samples = read(metrics)
    assert samples["kanhe_requests_running",] == 0
    assert samples["kanhe_requests_total", "/p", "503"] == 1


@on_loop
async def test_findings_and_entries_are_counted_and_no_text_is_told():
    some = [
        rule("hi", action=Action.FLAG, mode=Mode.SHADOW),
        rule("hello", word=False),
    ]
    gateway = Gateway(some)
    proxy = proxy_over(gateway)
    await call(proxy, Called({**CHATS, "stream": True, "user": "somebody"}))
    samples = read(proxy.metrics)
    assert samples["kanhe_findings_total", "flag", "c", "shadow", "r", "prompt"] == 1
    assert samples["kanhe_findings_total", "block", "c", "enforce", "r", "answer"] == 1
    assert samples["kanhe_ledger_entries_total", "gateway:answer:stopped"] == 1
    assert samples["kanhe_ledger_size",] == 2
    text = proxy.metrics.text()
    assert b"somebody" not in text
    assert b"hello" not in text


def test_each_duty_is_a_gauge_with_the_standing_that_it_has():
    at = datetime(2026, 11, 22, tzinfo=UTC)
    status = compute(regime(), folded([]).picture(at, Sound(0, b"")), at=at)
    ledger = MemoryLedger()
    samples = read(Metrics(Journal(ledger), ledger, lambda: status))
    told = {key[1]: (key[2], key[3]) for key in samples if key[0] == "kanhe_obligation"}
    wanted = {line.obligation.id: (status.regime.id, line.standing.value) for line in status.lines}
    assert told == wanted
    assert {samples[key] for key in samples if key[0] == "kanhe_obligation"} == {1.0}


def test_questions_to_judges_are_counted_by_outcome():
    ledger = MemoryLedger()
    queue = JudgeQueue(FakeJudge(lambda _: 0.5))
    asyncio.run(queue.ask([Question("a"), Question("b")], 1.0))
    samples = read(Metrics(Journal(ledger), ledger, judges=lambda: {"fake": queue.figures()}))
    assert samples["kanhe_judge_questions_total", "fake", "judged"] == 2
    assert samples["kanhe_judge_queue", "fake", "kept"] == 2
    assert samples["kanhe_judge_down", "fake"] == 0
