"""`kanhe serve` with no upstream: a real model, small, that generates, streams and stops."""

from __future__ import annotations

import json
import os
from pathlib import Path

import openai
import pytest
from served import KEY, RULES, Served, events, until

from kanhe.adapters.model_embedded import MODEL
from upstream import require_embedded

TELL = [{"role": "user", "content": "Tell me about the sea."}]
# A model of this size says "the" before long, whatever it is asked.
BLOCKING = """
  - id: article
    category: A.1.h
    on: [answer]
    applications: [command-line-2]
    match: {terms: {list: [the]}}
    action: block
    examples: {match: [by the sea], miss: [other]}
"""


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    require_embedded()
    place = tmp_path_factory.mktemp("embedded")
    served = Served(place, "--app-key", KEY[::-1], rules=RULES + BLOCKING)
    yield served
    served.stop()


@pytest.fixture
def client(embedded):
    with openai.OpenAI(base_url=embedded.url, api_key=KEY, max_retries=0) as client:
        yield client


def test_it_generates_what_it_is_asked_and_streams_it(client):
    stream = client.chat.completions.create(
        model=MODEL, messages=TELL, stream=True, max_tokens=24, temperature=0
    )
    pieces = [part.choices[0].delta.content for part in stream if part.choices]
    texts = [piece for piece in pieces if piece]
    assert len(texts) >= 5
    assert len("".join(texts)) > 30


def test_a_whole_answer_counts_its_tokens(client):
    answer = client.chat.completions.create(model=MODEL, messages=TELL, max_tokens=8)
    assert answer.choices[0].message.content
    assert 0 < answer.usage.completion_tokens <= 8


def test_what_it_generates_is_guarded(embedded):
    body = {"model": MODEL, "messages": TELL, "stream": True, "max_tokens": 120, "temperature": 0}
    status, _, said = embedded.post("/v1/chat/completions", body, key=KEY[::-1])
    *_, last, done = events(said)
    assert (status, done) == (200, "[DONE]")
    assert last["choices"][0]["finish_reason"] == "content_filter"
    assert last["kanhe"]["category"] == "A.1.h"


def test_it_stops_generating_when_the_client_leaves(embedded):
    asked = {"model": MODEL, "messages": TELL, "max_tokens": 1900, "ignore_eos": True}
    with embedded.opened(**asked) as connection:
        head = b""
        while head.count(b"data: ") < 3:
            head += connection.recv(65536)
    decision = head.partition(b"x-kanhe-decision: ")[2].partition(b"\r\n")[0].decode()
    assert embedded.tags(decision)[-1] == "gateway:answer:abandoned"
    # 1,900 tokens take 10 s and more of a processor; one that is idle is not generating them.
    until(lambda: busy(embedded) < 0.05, "the model is idle", 5)


def busy(served):
    """The seconds of processor time that the server takes in a fifth of a second."""
    stat = Path(f"/proc/{served.process.pid}/stat")

    def ticks():
        return sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13]))

    before = ticks()
    served.process_wait(0.2)
    return (ticks() - before) / os.sysconf("SC_CLK_TCK")


def test_it_says_that_it_is_ready_and_what_it_serves(embedded):
    ready = json.loads(embedded.get("/readyz"))
    assert ready["status"] == "ready"
    assert ready["models"] == {MODEL: True}
