"""Settings in, a running system out; and nothing left open when that fails."""

import asyncio
import contextlib
import errno
import json
import logging
import shutil
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kanhe.adapters.disk import Disk
from kanhe.adapters.ledger_directory import entries_from
from kanhe.adapters.ledger_keys import load_verifier
from kanhe.errors import FaultyRuleset, LedgerError, LedgerUnwritable, SettingsError
from kanhe.ledger.entry import decode
from kanhe.settings import Settings
from kanhe.settings_models import ModelSettings
from kanhe.terms import Secret
from kanhe.wiring import build, exchange_of, models_of
from upstream import on_loop, require_embedded

MODEL = ModelSettings("fake", "http://127.0.0.1:9/v1", "fake-large", Secret("sk-1"))


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path / "data", models=(MODEL,), app_keys=(Secret("k"),))


@contextlib.asynccontextmanager
async def running(settings):
    service = await build(settings)
    try:
        yield service
    finally:
        await service.aclose()


def recorded(settings):
    directory = settings.data / "ledger"
    key = load_verifier(str(directory / "verifier.key"))
    return [decode(raw) for _, raw in entries_from(directory, key, 0)]


@on_loop
async def test_a_start_and_its_end_are_on_record_with_what_ran(settings):
    async with running(settings) as service:
        version = service.rules.current.version
        await service.record_stop()
    loaded, recorded_settings, started, tried, stopped = recorded(settings)
    assert (loaded.tag, loaded.facts["version"]) == ("operator:ruleset:loaded", version)
    assert started.tag == "operator:service:started"
    assert started.facts["ruleset"] == version
    assert started.facts["models"] == ["fake"]
    assert started.facts["regime"] == "cn-genai"
    assert stopped.tag == "operator:service:stopped"
    assert recorded_settings.tag == "operator:settings:recorded"
    assert recorded_settings.facts["models"] == [{"name": "fake", "kind": "http"}]
    assert (tried.tag, tried.facts["ruleset"]) == ("operator:guard:tried", version)
    assert (tried.facts["stopped"], tried.facts["leaked"]) == (True, 0)


@on_loop
async def test_settings_are_on_record_without_an_address_a_key_or_a_name(settings):
    given = replace(settings, object_to="objections@example.org", label="header")
    async with running(given):
        pass
    facts = recorded(settings)[1].facts
    assert (facts["label"], facts["strikes"], facts["object_to"]) == ("header", True, True)
    assert (facts["in_a_row"], facts["in_a_day"], facts["suspension_h"]) == (3, 5, 24)
    assert facts["limits"]["answer_ms"] == 600_000
    assert facts["limits"]["body_bytes"] == 4 << 20
    told = json.dumps(facts)
    assert not [word for word in ("example.org", "127.0.0.1", "sk-1", "fake-large") if word in told]


@on_loop
async def test_rules_that_change_are_tried_and_the_watch_ends_with_the_service(settings, tmp_path):
    rules = tmp_path / "ours.yaml"
    text = (
        "name: ours\nversion: '1'\nrules:\n- {id: a, category: A.1.h, match: {terms: {list: [%s]}}}"
    )
    rules.write_text(text % "kumquat", encoding="utf-8")
    async with running(replace(settings, rulesets=(rules,))) as service:
        rules.write_text(text % "tangerine", encoding="utf-8")
        assert await service.rules.reload()
        assert not await service.drills.look()
        version = service.rules.current.version
    tried = [entry for entry in recorded(settings) if entry.tag == "operator:guard:tried"]
    assert len(tried) == 2
    assert tried[1].facts["ruleset"] == version != tried[0].facts["ruleset"]


@on_loop
async def test_the_parts_are_those_of_the_settings(settings):
    async with running(settings) as service:
        assert service.models["fake"].upstream_name == "fake-large"
        assert service.default_model == "fake"
        assert service.apps.find("k") == "command-line"
        assert service.ledger_dir == settings.data / "ledger"
        assert service.ledger_is_writable()
        assert service.admin_key.reveal().startswith("kanhe-admin-")
        assert len(service.pseudonym_key) == 32


@on_loop
async def test_keys_are_made_once_and_only_their_owner_reads_them(settings, caplog):
    with caplog.at_level(logging.WARNING, "kanhe"):
        async with running(settings) as first:
            made = (first.pseudonym_key, first.admin_key)
    assert "Back it up now" in caplog.text
    assert first.admin_key.reveal() not in caplog.text
    caplog.clear()
    async with running(settings) as second:
        assert (second.pseudonym_key, second.admin_key) == made
    assert "Back it up" not in caplog.text
    keys = settings.data / "keys"
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in keys.glob("*.key")}
    assert modes == {
        "ledger.key": 0o600,
        "pseudonym.key": 0o600,
        "admin.key": 0o600,
        "accounts.key": 0o600,
    }


@pytest.mark.obligation("cn-bsr-7-5")
@on_loop
async def test_strikes_follow_the_regime_and_outlive_a_restart(settings):
    now = datetime.now(UTC)
    async with running(settings) as service:
        ends = [service.strikes.struck("p", now) for _ in range(3)]
    assert ends == [None, None, now + timedelta(hours=24)]
    async with running(settings) as service:
        assert service.strikes.suspended_until("p", now) == ends[2]


@on_loop
async def test_strikes_can_be_turned_off(settings):
    async with running(replace(settings, strikes=False)) as service:
        assert service.strikes is None
        assert exchange_of(service).house.strikes is None


@on_loop
async def test_the_label_is_the_regimes_unless_the_operator_chose(settings):
    async with running(settings) as service:
        label = exchange_of(service).house.conduct.label
        assert label.place == "suffix"
        assert "人工智能" in label.after.zh
        assert label.keys[0] == "Label"
        assert label.producer == "unregistered"
    async with running(replace(settings, label="header")) as service:
        assert exchange_of(service).house.conduct.label.place == "header"


@on_loop
async def test_where_to_object_is_the_operators_address_or_the_operator(settings):
    async with running(settings) as service:
        assert "the operator of this service" in exchange_of(service).house.conduct.object_to
    async with running(replace(settings, object_to="help@example.org")) as service:
        assert exchange_of(service).house.conduct.object_to == "help@example.org"


@on_loop
async def test_faulty_rules_keep_it_from_starting_and_are_on_record(settings, tmp_path):
    (tmp_path / "x.yaml").write_text("name: x")
    faulty = replace(settings, rulesets=(tmp_path / "x.yaml",))
    with pytest.raises(FaultyRuleset):
        await build(faulty)
    assert [entry.tag for entry in recorded(settings)] == ["operator:ruleset:refused"]
    async with running(settings) as service:
        # The ledger was given back, so it can be opened again.
        assert service.ledger.size == 5


@on_loop
async def test_a_second_one_on_the_same_data_is_refused(settings):
    async with running(settings):
        with pytest.raises(LedgerError, match="is open in process"):
            await build(settings)


@on_loop
async def test_an_unknown_regime_is_refused_before_anything_is_made(settings):
    with pytest.raises(SettingsError, match="there is no regime"):
        await build(replace(settings, regime="nowhere"))
    assert not settings.data.exists()


def test_a_models_terms_reach_its_upstream():
    model = replace(MODEL, connect_s=1.0, first_byte_s=2.0, idle_s=3.0, retries=4, most_calls=5)
    routed = models_of(Settings(models=(model,)))["fake"]
    upstream = routed.model._upstream
    assert (upstream.timeouts.connect_s, upstream.timeouts.first_byte_s) == (1.0, 2.0)
    assert (upstream.timeouts.idle_s, upstream.retry.times, upstream.most_calls) == (3.0, 4, 5)
    assert upstream.key == Secret("sk-1")


@on_loop
async def test_without_a_model_the_embedded_one_is_loaded(settings):
    require_embedded()
    async with running(replace(settings, models=())) as service:
        assert list(service.models) == ["smollm2-135m"]
        assert await service.models["smollm2-135m"].model.ready()


@on_loop
async def test_a_default_model_that_is_none_is_refused(settings):
    with pytest.raises(SettingsError, match="'other' is none of the models"):
        await build(replace(settings, default_model="other"))


@on_loop
async def test_a_ledger_that_could_not_be_written_is_tried_again_until_it_can(settings):
    async with running(settings) as service:
        journal = service.ledger._journal
        whole, journal._disk = journal._disk, FullDisk()
        with pytest.raises(LedgerUnwritable):
            await service.ledger.append("test:entry:made", {})
        assert not service.ledger_is_writable()
        journal._disk = whole
        while not service.ledger_is_writable():
            await asyncio.to_thread(bool)  # a turn of the loop
    assert "operator:ledger:tried" in [entry.tag for entry in recorded(settings)]


class FullDisk(Disk):
    def append(self, fd, data):
        raise OSError(errno.ENOSPC, "No space left on device")


@on_loop
async def test_an_older_copy_of_the_ledger_is_not_taken_for_it(settings, tmp_path):
    async with running(settings):
        pass
    shutil.copytree(settings.data / "ledger", tmp_path / "older")
    async with running(settings):
        pass
    shutil.rmtree(settings.data / "ledger")
    (tmp_path / "older").rename(settings.data / "ledger")
    with pytest.raises(LedgerError, match="its key has signed") as caught:
        await build(settings)
    assert "newest copy" in caught.value.advice
