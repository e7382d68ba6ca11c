"""Rules that change while the gateway runs: good ones take over, faulty ones change nothing."""

from __future__ import annotations

import json
import signal

import pytest
from scripted import GATE, said
from served import KEY, RULES, Served, content, events, received, until

NEW = """
  - id: newer
    category: A.1.h
    on: [answer]
    match: {terms: {list: [brandnewword]}}
    action: block
    examples: {match: [a brandnewword b], miss: [a new word]}
"""
FAULTY = """
  - id: broken
    category: no-such-category
    on: [answer]
    match: {pattern: "a*"}
    action: explode
"""


@pytest.fixture
def gateway(upstream, tmp_path):
    served = Served(tmp_path, upstream=upstream)
    yield served
    assert served.verify()[0] == 0
    served.stop()


def version(gateway):
    return json.loads(gateway.get("/readyz"))["ruleset"]["version"]


def reload(gateway, key=None):
    key = key or (gateway.data / "keys" / "admin.key").read_text().strip()
    status, _, body = gateway.post("/admin/rules/reload", b"", key=key)
    return status, json.loads(body)


def stops(gateway, upstream, word):
    upstream.stream = said("a ", word, " b")
    finished = events(gateway.chat(stream=True)[2])[-2]["choices"][0]["finish_reason"]
    return finished == "content_filter"


@pytest.mark.parametrize("way", ["file", "signal", "call"])
def test_new_rules_take_over_and_the_ledger_has_both_versions(gateway, upstream, way):
    before = version(gateway)
    assert not stops(gateway, upstream, "brandnewword")
    gateway.rules.write_text(RULES + NEW, encoding="utf-8")
    if way == "signal":
        gateway.process.send_signal(signal.SIGHUP)
    if way == "call":
        assert reload(gateway)[0] == 200
    until(lambda: version(gateway) != before, "the new rules are in force")
    assert stops(gateway, upstream, "brandnewword")
    *_, loaded = gateway.entries("operator:ruleset:loaded")
    assert (loaded["before"], loaded["version"]) == (before, version(gateway))


def test_faulty_rules_change_nothing_and_every_fault_is_named(gateway, upstream):
    before = version(gateway)
    gateway.rules.write_text(RULES + FAULTY, encoding="utf-8")
    status, told = reload(gateway)
    assert (status, told["status"]) == (422, "refused")
    for part in ("no-such-category", "rule broken", "rules.yaml:", "explode"):
        assert any(part in fault for fault in told["faults"]), part
    gateway.process.send_signal(signal.SIGHUP)
    until(lambda: len(gateway.entries("operator:ruleset:refused")) >= 2, "the refusals are there")
    assert version(gateway) == before
    assert stops(gateway, upstream, "蓝色独角兽")
    (first, *_) = gateway.entries("operator:ruleset:refused")
    assert first["kept"] == before
    assert "explode" not in json.dumps(first)

    gateway.rules.write_text(RULES + NEW, encoding="utf-8")
    until(lambda: version(gateway) != before, "the mended rules are in force")
    assert stops(gateway, upstream, "brandnewword")


def test_rules_that_are_gone_or_no_yaml_change_nothing(gateway, upstream):
    before = version(gateway)
    gateway.rules.write_bytes(b"\xff\xfe\x00 not: [yaml")
    assert reload(gateway)[0] == 422
    gateway.rules.unlink()
    assert reload(gateway)[0] == 422
    assert version(gateway) == before
    assert stops(gateway, upstream, "蓝色独角兽")


@pytest.mark.obligation("cn-im-13-1")
def test_a_running_stream_keeps_its_version(gateway, upstream):
    upstream.stream = said("one ", "brandnewword", " two")
    upstream.stream.insert(2, GATE)
    with gateway.opened() as connection:
        body = b""
        while b"one " not in body:
            body += connection.recv(65536)
        gateway.rules.write_text(RULES + NEW, encoding="utf-8")
        assert reload(gateway)[1]["status"] == "loaded"
        upstream.go()
        body += received(connection)
    assert content(body).startswith("one brandnewword two")
    assert stops(gateway, upstream, "brandnewword")


def test_only_the_operator_may_reload(gateway):
    for key in (KEY, "wrong", "kanhe-admin-"):
        status, body = reload(gateway, key)
        assert (status, body["error"]["code"]) == (401, "invalid_api_key")
    assert reload(gateway)[1]["status"] == "unchanged"
