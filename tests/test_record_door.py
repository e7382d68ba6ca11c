"""The door for operators' entries: the same entry by either way, and nothing unchecked."""

import asyncio
import contextlib
import json
import os
from datetime import UTC, date, datetime
from functools import partial

import pytest

from histories import data_directory
from kanhe.adapters import service_file
from kanhe.adapters.attester import attester, attester_keys, entries_for
from kanhe.adapters.ledger_directory import entries_from
from kanhe.adapters.ledger_files import open_ledger
from kanhe.adapters.ledger_view import open_view
from kanhe.adapters.package_data import regime
from kanhe.adapters.record_check import check
from kanhe.adapters.record_door import record
from kanhe.errors import KanheError, LedgerError
from kanhe.ledger.entry import decode
from kanhe.settings import Settings
from kanhe.settings_models import ModelSettings
from kanhe.status.attestation import (
    Attestation,
    attested,
    statement,
    statement_hash,
    statement_of,
)
from kanhe.status.determination import determined
from kanhe.terms import Secret
from kanhe.web.app import make_app
from kanhe.web.server import Server, bind
from kanhe.wiring import build
from ledgers import KEY, SIGNER
from upstream import on_loop

MODEL = ModelSettings("fake", "http://127.0.0.1:9/v1", "fake-large", Secret("sk-1"))
TAG = "operator:scope:determined"
LAST = date(2027, 1, 1)


def answered(**answers):
    return determined(regime(), answers or {"public": True}, "cli")


@pytest.fixture
def data(tmp_path):
    return data_directory(tmp_path)


def recorded(data):
    return [decode(raw) for _, raw in entries_from(data / "ledger", KEY, 0)]


@contextlib.asynccontextmanager
async def serving(data):
    """A whole service on a port of its own, found by its file."""
    settings = Settings(data=data, models=(MODEL,), ledger_name=SIGNER.name)
    service = await build(settings)
    sock = bind("127.0.0.1", 0)
    server = Server(make_app(service), head_s=5, idle_s=5, grace_s=1, listening=lambda: None)
    task = asyncio.get_running_loop().create_task(server.run_on(sock))
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    service_file.told(data, url)
    try:
        yield service, url
    finally:
        service_file.ended(data)
        server.stop()
        await task
        await service.aclose()


def test_without_a_service_the_entry_is_written_straight_into_the_ledger(data):
    facts = answered()
    assert record(data, "other.example/name", TAG, facts) == 0
    assert record(data, "other.example/name", TAG, facts) == 1
    assert [(one.tag, one.facts) for one in recorded(data)] == [(TAG, facts)] * 2


def test_a_ledger_that_is_not_there_yet_begins_with_the_entry(tmp_path):
    assert record(tmp_path, "new.example/ledger", TAG, answered()) == 0
    assert (tmp_path / "ledger" / "checkpoint").read_text().startswith("new.example/ledger\n")


@on_loop
async def test_a_running_service_takes_the_entry(data):
    async with serving(data):
        number = await asyncio.to_thread(record, data, "", TAG, answered(public=True, minors=False))
        found = recorded(data)[number]
        assert (found.tag, found.facts["answers"]) == (TAG, {"public": True, "minors": False})


@on_loop
async def test_a_service_that_does_not_answer_leaves_it_open_and_says_so(data):
    ledger = open_ledger(data / "ledger", SIGNER)
    silent = bind("127.0.0.1", 0)
    port = silent.getsockname()[1]
    silent.close()
    service_file.told(data, f"http://127.0.0.1:{port}")
    with pytest.raises(LedgerError, match="not known"):
        await asyncio.to_thread(record, data, "", TAG, answered())
    await ledger.aclose()


def test_a_file_that_a_dead_service_left_behind_is_not_believed(data):
    record(data, "", TAG, answered())
    service_file.told(data, "http://127.0.0.1:9")
    (data / "ledger" / "lock").write_text("1\n")  # somebody else had it open last
    assert service_file.running(data) is None
    assert record(data, "", TAG, answered()) == 1


def test_the_file_of_a_service_is_for_its_owner_and_goes_with_it(data):
    (data / "ledger").mkdir()
    (data / "ledger" / "lock").write_text(f"{os.getpid()}\n")
    service_file.told(data, "http://127.0.0.1:9")
    path = data / "run" / "service.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert service_file.running(data).pid == os.getpid()
    service_file.ended(data)
    assert not path.exists()
    path.write_text("{")
    assert service_file.running(data) is None


@on_loop
async def test_a_ledger_that_another_process_holds_without_saying_where_is_told(data):
    ledger = open_ledger(data / "ledger", SIGNER)
    with pytest.raises(LedgerError, match="is open in process"):
        await asyncio.to_thread(record, data, "", TAG, answered())
    await ledger.aclose()


def attestation(data, **more):
    law = regime()
    control = next(one for one in law.controls.values() if one.check == "attested")
    until = datetime(2027, 3, 1, tzinfo=UTC).date()
    made = Attestation(law.id, control.id, law.version, statement_hash(statement_of(control)),
                       True, "cli", "operator", until)  # fmt: skip
    view = open_view(data)
    return entries_for(made, control, attester(data, SIGNER.name), view.picture())


def test_the_attesters_key_is_made_known_once_and_its_word_counts(data):
    record(data, "", TAG, answered())
    first = attestation(data)
    assert [tag for tag, _ in first] == ["operator:attester:known", "operator:duty:attested"]
    assert [record(data, "", tag, facts) for tag, facts in first] == [1, 2]
    assert [tag for tag, _ in attestation(data)] == ["operator:duty:attested"]


REFUSED = {
    "what the service says of itself": ("service:obligation:changed", {}),
    "a start": ("operator:service:started", {"version": "1"}),
    "a request": ("gateway:answer:released", {"decision": "0"}),
    "answers beside the determination": (TAG, {**answered(), "note": "x"}),
    "routes that are none": (TAG, {**answered(), "routes": "all"}),
    "an answer that is none": (TAG, {**answered(), "answers": {"public": "maybe"}}),
    "no answers": (TAG, {"regime": "cn-genai"}),
    "another regime": (TAG, {**answered(), "regime": "../secret"}),
    "an unsigned attestation": ("operator:duty:attested", {"regime": "cn-genai"}),
    "a key of nobody": ("operator:attester:known", {"key": "x+00000000+AA==", "by": "cli"}),
    "a name in an account": ("operator:account:added", {"account": "1", "role": "owner",
                                                        "by": "1", "name": "Planted"}),
    "no role": ("operator:account:added", {"account": "1", "role": "king", "by": "1"}),
    "a long text": ("operator:ruleset:proposed", {"version": "a" * 300, "before": "", "by": "1"}),
    "a line break": ("operator:ruleset:proposed", {"version": "a\nb", "before": "", "by": "1"}),
    "a withdrawal of nothing": ("operator:duty:withdrawn", {"regime": "cn-genai", "control": "x",
                                                            "by": "cli", "entry": -1}),
}  # fmt: skip


@pytest.mark.parametrize(("tag", "facts"), REFUSED.values(), ids=REFUSED)
def test_what_operators_do_not_record_is_refused_by_either_way(data, tag, facts):
    with pytest.raises(KanheError):
        record(data, "new.example/ledger", tag, facts)
    assert not (data / "ledger").exists()


def test_an_attestation_whose_facts_say_other_than_what_was_signed_is_refused(data):
    record(data, "", TAG, answered())
    tag, facts = attestation(data)[1]
    allow = partial(check, regimes=regime, attesters=partial(attester_keys, data))
    allow(tag, facts)
    for change in ({"valid_until": "2099-01-01"}, {"done": False}, {"extra": 1}, {"by": "other"}):
        with pytest.raises(KanheError):
            allow(tag, {**facts, **change})


def test_a_role_that_may_attest_nothing_is_refused_although_it_is_signed(data):
    control = regime().controls["responsibility-register"]
    signer = attester(data, SIGNER.name)

    def allow(role, text=None):
        words = statement_hash(statement_of(control))
        given = Attestation("cn-genai", control.id, regime().version, words, True, "p1", role, LAST)
        facts = attested(given, control, signer)
        if text:
            words = statement(given, control).replace(*text)
            facts["note"] = f"{words}\n{signer.sign(words)}"
        check("operator:duty:attested", facts, regimes=regime,
              attesters=partial(attester_keys, data))  # fmt: skip

    allow("owner")
    for role in ("read-only", "auditor", "king"):
        with pytest.raises(KanheError, match="attests nothing"):
            allow(role)
    with pytest.raises(KanheError, match="not the text"):
        allow("owner", ("statement-en ", "statement-en Not "))


ASKED = {
    "no key": ({"authorization": ""}, b"{}", 401),
    "another key": ({"authorization": "Bearer x"}, b"{}", 401),
    "through a proxy": ({"x-forwarded-for": "192.0.2.1"}, b"{}", 403),
    "no JSON": ({}, b"{", 400),
    "a list": ({}, b"[]", 400),
    "more than asked for": ({}, b'{"tag": "a:b:c", "facts": {}, "at": 1}', 400),
    "a tag of nobody": ({}, b'{"tag": "a:b:c", "facts": {}}', 422),
    "too long": ({}, b" " * 70_000, 413),
}


@on_loop
async def test_the_route_refuses_in_the_shape_of_the_api(data):
    async with serving(data) as (service, url):
        before = service.ledger.size
        key = {"authorization": f"Bearer {service.admin_key.reveal()}"}
        for headers, body, status in ASKED.values():
            answer = await post(url, {**key, **headers}, body)
            assert (answer[0], "error" in answer[1]) == (status, True)
        assert service.ledger.size == before


async def post(url, headers, body):
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = ["POST /admin/entries HTTP/1.1", f"host: {host}", "connection: close", *lines,
            f"content-length: {len(body)}", "", ""]  # fmt: skip
    writer.write("\r\n".join(head).encode() + body)
    raw = await reader.read()
    writer.close()
    top, _, rest = raw.partition(b"\r\n\r\n")
    return int(top.split()[1]), json.loads(rest)
