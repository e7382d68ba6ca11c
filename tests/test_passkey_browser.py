"""Signing in with a real browser: the first owner, a code, a passkey; no error, nothing for axe."""

import base64
import re
import threading
from datetime import UTC, datetime

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from gates import PASSWORD, House
from kanhe.accounts import totp
from kanhe.accounts.account import Role
from kanhe.adapters.session_store import FIRST_OWNER
from needs import absent
from screenshots import CHROMIUM, FLAGS


@pytest.fixture(scope="module")
def browser():
    from pathlib import Path

    if not Path(CHROMIUM).exists():
        absent(f"no {CHROMIUM}", "Install the package chromium.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


class Told(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, app):
        super().__init__(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
        self.ready = threading.Event()

    async def startup(self, sockets=None):
        await super().startup(sockets)
        self.ready.set()


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    made.now = datetime.now(UTC)
    server = Told(made.app)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.ready.wait(10)
    port = server.servers[0].sockets[0].getsockname()[1]
    made.home = f"http://localhost:{port}"
    yield made
    server.force_exit = server.should_exit = True
    thread.join(10)
    made.close()


@pytest.fixture
def page(browser, house):
    context = browser.new_context(base_url=house.home, locale="en-GB")
    told = []
    page = context.new_page()
    page.on("console", lambda said: told.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    yield page
    context.close()
    assert told == []


def sound(page):
    """Hold the page against axe."""
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []


def come_in(page, house):
    """Become the first owner, by keyboard, with an app."""
    token = house.sessions.link(None, house.now + FIRST_OWNER)
    page.goto(f"/console/setup?token={token}")
    sound(page)
    page.get_by_label("User name").fill("Anna")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/enrol")
    sound(page)
    assert page.locator("img").evaluate("one => one.complete && one.naturalWidth > 100")
    secret = base64.b32decode(page.locator("code.secret").inner_text().replace(" ", ""))
    page.get_by_label("Code", exact=True).fill(totp.code(secret, totp.step_of(house.now)))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Recovery codes").wait_for()
    sound(page)
    return secret


def test_the_first_owner_comes_in_with_an_app_and_out_again(page, house):
    come_in(page, house)
    assert page.locator(".codes li").count() == 10
    kept = page.get_by_role("link", name="I have kept them")
    assert kept.get_attribute("href") == "/console/"
    page.goto("/console/accounts")
    sound(page)
    page.get_by_label("User name").fill("Bo")
    page.get_by_role("button", name="Add, and show the link").click()
    assert re.search(r"/console/setup\?token=[\w-]{43}", page.content())
    sound(page)
    page.goto("/console/account")
    sound(page)
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/console/sign-in")
    sound(page)
    assert house.accounts.named("Anna").role is Role.OWNER


def test_a_passkey_is_made_and_signs_in_by_itself(page, house):
    come_in(page, house)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/console/enrol")
    page.get_by_label("What you call it").fill("my key")
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/console/account")
    assert "my key" in page.content()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/console/sign-in")
    page.goto("/console/sign-in?next=/console/account")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(re.compile(r":\d+/console/account$"))
    assert [tag for tag, _ in house.entries].count("signed-in") == 2
