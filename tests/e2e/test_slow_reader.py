"""A caller that asks and does not read: it must cost neither memory nor the model for long."""

from __future__ import annotations

import itertools

import pytest
from scripted import SSE_HEAD, chunk, chunked, said, sse
from served import Served, content, until


@pytest.fixture
def gateway(upstream, tmp_path):
    served = Served(tmp_path, upstream=upstream, config="[limits]\nidle_s = 1\n")
    yield served
    upstream.raw = None
    assert served.verify()[0] == 0
    assert served.stop() == 0


def test_a_flood_that_nobody_reads_is_held_back_and_then_cut(gateway, upstream):
    word = chunked(sse(chunk("word " * 200)))
    upstream.raw = lambda body: itertools.chain([SSE_HEAD], itertools.repeat(word))
    before, seen = gateway.rss_mb, len(upstream.visits)
    with gateway.opened():
        visit = until(lambda: upstream.visits[seen:], "the model is asked")[-1]
        assert visit.gone.wait(15), f"the model has written {visit.written} pieces and goes on"
        assert gateway.rss_mb < before + 40
    (begun,) = gateway.entries("gateway:answer:begun")
    assert gateway.tags(begun["decision"])[-1] == "gateway:answer:abandoned"
    upstream.raw, upstream.stream = None, said("Good morning")
    assert content(gateway.chat(stream=True)[2]).startswith("Good morning")
