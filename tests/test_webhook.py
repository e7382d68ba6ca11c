"""Webhooks over a real socket: signed, tried again, bounded, and never waited for."""

import asyncio
import base64
import contextlib
import hmac
import json

import pytest
from aiohttp import web

from kanhe.adapters.webhook import RETRY, Webhook, signed
from kanhe.errors import SettingFault
from kanhe.settings_source import Given
from kanhe.settings_webhooks import WebhookSettings, read_webhooks
from kanhe.terms import Secret
from upstream import on_loop

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


class Receiver:
    """Answers with `statuses` one after the other, the last for ever; keeps what it was sent."""

    def __init__(self, *statuses):
        self.statuses, self.had, self.came = list(statuses), [], asyncio.Event()

    async def answer(self, request):
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        self.had.append((dict(request.headers), await request.read()))
        self.came.set()
        return web.Response(status=status, headers={"location": "/other"})


@contextlib.asynccontextmanager
async def received(*statuses, secret=SECRET):
    receiver, pauses = Receiver(*statuses), []
    app = web.Application()
    app.router.add_post("/hook", receiver.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    given_up = asyncio.Event()

    async def sleep(seconds):
        pauses.append(seconds)
        if len(pauses) == RETRY.times:
            given_up.set()
        await asyncio.sleep(0)

    settings = WebhookSettings(f"http://127.0.0.1:{port}/hook?token=x", secret=Secret(secret))
    hook = Webhook(settings, sleep)
    hook.start()
    try:
        yield hook, receiver, pauses, given_up
    finally:
        await hook.aclose()
        await runner.cleanup()


@on_loop
async def test_an_event_arrives_signed_as_standard_webhooks_asks():
    """The signature is computed again with plain hmac: the oracle."""
    async with received(200) as (hook, receiver, _, _):
        hook.tell("status.changed", {"regime": "cn-genai", "changes": []})
        await receiver.came.wait()
    ((headers, body),) = receiver.had
    told = json.loads(body)
    assert (told["type"], told["data"]["regime"]) == ("status.changed", "cn-genai")
    number, moment = headers["webhook-id"], headers["webhook-timestamp"]
    mac = hmac.new(bytes(range(32)), f"{number}.{moment}.".encode() + body, "sha256").digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()


def test_the_example_of_the_standard_is_signed_alike():
    """The vector of the Standard Webhooks reference libraries."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signed(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@on_loop
async def test_an_event_is_tried_again_with_the_same_number_until_it_is_taken():
    async with received(500, 302, 204) as (hook, receiver, pauses, _):
        hook.tell("status.changed", {})
        while len(receiver.had) < 3:
            receiver.came.clear()
            await receiver.came.wait()
    assert len({headers["webhook-id"] for headers, _ in receiver.had}) == 1
    assert len({body for _, body in receiver.had}) == 1
    assert pauses == sorted(pauses)
    assert len(pauses) == 2


@on_loop
async def test_an_event_is_given_up_after_a_while_and_the_next_is_sent(caplog):
    async with received(*[503] * (RETRY.times + 1), 200) as (hook, receiver, pauses, given_up):
        hook.tell("first", {})
        hook.tell("second", {})
        await given_up.wait()
        while b"second" not in receiver.had[-1][1]:
            receiver.came.clear()
            await receiver.came.wait()
    assert len(pauses) == RETRY.times
    assert all(pause <= RETRY.longest_pause_s for pause in pauses)
    assert "given up" in caplog.text
    assert "token" not in caplog.text


@on_loop
async def test_nobody_waits_for_a_receiver_that_is_not_there():
    settings = WebhookSettings("http://127.0.0.1:9/", secret=Secret(SECRET))
    hook = Webhook(settings)
    for n in range(1000):
        hook.tell("status.changed", {"n": n})
    assert hook._waiting.qsize() == 256
    await hook.aclose()


def table(tmp_path, **values):
    return [{name: Given(value, "kanhe.toml:3", tmp_path) for name, value in values.items()}]


def test_a_secret_is_read_from_a_variable_or_a_file(tmp_path):
    (tmp_path / "secret").write_text(SECRET + "\n")
    for way in ({"secret_env": "OPS"}, {"secret_file": "secret"}):
        faults: list[SettingFault] = []
        url = "https://ops.example/hook?token=1"
        (hook,) = read_webhooks(table(tmp_path, url=url, **way), {"OPS": SECRET}, faults)
        assert (hook.key, hook.host, faults) == (bytes(range(32)), "ops.example", [])
        assert SECRET not in repr(hook)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"url": "https://ops.example/"}, "is needed"),
        ({"url": "ftp://ops.example/", "secret_env": "OPS"}, "no http"),
        ({"secret_env": "OPS"}, "missing"),
        ({"url": "https://ops.example/", "secret_env": "NONE"}, "not set"),
        ({"url": "https://ops.example/", "secret_env": "SHORT"}, "fewer than 24"),
        ({"url": "https://ops.example/", "secret_file": "gone"}, "cannot be read"),
        ({"url": "https://ops.example/", "secret_env": "OPS", "colour": "red"}, "no such setting"),
    ],
)
def test_faults_of_a_webhook_are_told_without_its_secret(tmp_path, values, what):
    faults: list[SettingFault] = []
    environ = {"OPS": SECRET, "SHORT": "abc"}
    assert read_webhooks(table(tmp_path, **values), environ, faults) == ()
    assert what in str(faults[0])
    assert SECRET not in str(faults)
