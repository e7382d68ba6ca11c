"""Counts and times for Prometheus. No label names a user, a key or a text."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from kanhe.gateway.journal import Journal
from kanhe.ledger.log import Ledger
from kanhe.status.status import Status

_OUTCOMES = ("cached", "joined", "judged", "unscored", "busy", "late", "failed")
_BOUNDS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)


class Watch:
    """The clock of one request."""

    __slots__ = ("_metrics", "_path", "_since")

    def __init__(self, metrics: Metrics, path: str) -> None:
        self._metrics, self._path, self._since = metrics, path, time.perf_counter()

    def ended(self, status: int) -> None:
        """Say that the request is over, and how."""
        self._metrics.ended(self._path, status, time.perf_counter() - self._since)


class Metrics:
    """What is counted: a dictionary entry a request on the hot path, families on demand."""

    def __init__(
        self,
        journal: Journal,
        ledger: Ledger,
        status: Callable[[], Status | None] = lambda: None,
        judges: Callable[[], Mapping[str, Mapping[str, int]]] = dict,
    ) -> None:
        self._journal, self._ledger, self._status = journal, ledger, status
        self._judges = judges
        self._requests: dict[tuple[str, int], int] = defaultdict(int)
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(_BOUNDS) + 1))
        self._seconds: dict[str, float] = defaultdict(float)
        self._running = 0
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def began(self, path: str) -> Watch:
        """Start the clock of a request."""
        self._running += 1
        return Watch(self, path)

    def ended(self, path: str, status: int, seconds: float) -> None:
        """Count a request that is over."""
        self._running -= 1
        self._requests[path, status] += 1
        self._seconds[path] += seconds
        at = next((i for i, bound in enumerate(_BOUNDS) if seconds <= bound), len(_BOUNDS))
        self._buckets[path][at] += 1

    def text(self) -> bytes:
        """Give everything in the text format of Prometheus."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Give the families, as `prometheus_client` asks for them."""
        requests = CounterMetricFamily(
            "kanhe_requests", "Requests by route and status", labels=["path", "status"]
        )
        for (path, status), count in self._requests.items():
            requests.add_metric([path, str(status)], count)
        yield requests
        yield GaugeMetricFamily("kanhe_requests_running", "Requests being served", self._running)
        yield self._times()
        findings = CounterMetricFamily(
            "kanhe_findings",
            "Findings by rule; those of shadow rules never act",
            labels=["rule", "category", "action", "mode", "side"],
        )
        for labels, count in self._journal.findings.items():
            findings.add_metric([str(label) for label in labels], count)
        yield findings
        entries = CounterMetricFamily("kanhe_ledger_entries", "Entries by tag", labels=["tag"])
        for tag, count in self._journal.entries.items():
            entries.add_metric([tag], count)
        yield entries
        yield self._obligations()
        yield from self._judged()
        yield GaugeMetricFamily("kanhe_ledger_size", "Durable entries", self._ledger.size)
        yield CounterMetricFamily(
            "kanhe_ledger_lost", "Entries that could not be recorded", self._journal.lost
        )

    def _obligations(self) -> Metric:
        family = GaugeMetricFamily(
            "kanhe_obligation",
            "How each duty stands: 1 with the standing that it has",
            labels=["regime", "obligation", "standing"],
        )
        if status := self._status():
            for line in status.lines:
                family.add_metric([status.regime.id, line.obligation.id, line.standing.value], 1)
        return family

    def _judged(self) -> Iterator[Metric]:
        """Give what came to be of questions to judges, and how their queues stand now."""
        questions = CounterMetricFamily(
            "kanhe_judge_questions", "Questions to judges, by outcome", labels=["judge", "outcome"]
        )
        queue = GaugeMetricFamily(
            "kanhe_judge_queue", "Questions in the queue of a judge", labels=["judge", "state"]
        )
        down = GaugeMetricFamily("kanhe_judge_down", "1: it is left alone", labels=["judge"])
        for name, figures in self._judges().items():
            down.add_metric([name], figures["down"])
            for outcome in _OUTCOMES:
                questions.add_metric([name, outcome], figures[outcome])
            for state in ("waiting", "out", "kept"):
                queue.add_metric([name, state], figures[state])
        yield questions
        yield queue
        yield down

    def _times(self) -> Metric:
        family = HistogramMetricFamily(
            "kanhe_request_seconds", "Time from first to last byte", labels=["path"]
        )
        for path, counts in self._buckets.items():
            total, buckets = 0, []
            for bound, count in zip((*map(str, _BOUNDS), "+Inf"), counts, strict=True):
                total += count
                buckets.append((bound, float(total)))
            family.add_metric([path], buckets, self._seconds[path])
        return family
