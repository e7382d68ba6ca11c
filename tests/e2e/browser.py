"""A real browser at the console: Debian's Chromium, driven by Playwright, which waits by itself.

Where it is absent, tests are skipped with a word about it; in CI they fail instead.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from office import CONTROL, OBLIGATION
from playwright.sync_api import sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PAGES = (
    "", "obligations", "obligations/{obligation}", "deadlines", "decisions", "decisions/{decision}",
    "export", "rules", "rules/unicorn", "rules/versions", "rules/changes", "rules/try", "judges",
    "label", "by-hand", "ledger",
    "ledger/2",
    "scope", "settings", "attest", "attest/{control}", "glossary", "account", "accounts", "enrol",
    "obligations/none",
)  # fmt: skip
"""Every page that stands behind the gate, and one that is not there."""

OUTSIDE = ("sign-in", "setup?token=wrong")


def required():
    """Skip where there is no browser; fail in CI."""
    if not CHROMIUM.exists():
        told = f"{CHROMIUM} is not here: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)


@contextmanager
def chromium():
    """Give the browser. It ends with the module: a loop of its own runs while it is there."""
    required()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Desk:
    """Somebody's browser: a context with their session, and what went wrong in it."""

    def __init__(self, browser, office, person=None, **options):
        self.office, self.person = office, person
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"} | options
        self.context = browser.new_context(reduced_motion="reduce", **options)
        self.context.set_default_timeout(10_000)
        self.faults = []
        if person:
            self.cookie("kanhe_session", office.session(person))
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("console", self._said)

    def cookie(self, name, value):
        self.context.add_cookies([{"name": name, "value": value, "url": self.office.home}])

    def _dialog(self, dialog):
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _said(self, message):
        # The status of a page that is not there, or is refused, is no fault of the page.
        if message.type == "error" and "the server responded with" not in message.text:
            self.faults.append(f"console: {message.text}")

    def go(self, path=""):
        """Open a page of the console."""
        return self.page.goto(self.office.home + path, wait_until="load")

    def see(self, text):
        """Wait until a text stands on the page."""
        self.page.get_by_text(text).first.wait_for()

    def field(self, name, value):
        self.page.locator(f"main [name={name}]").first.fill(value)

    def press(self, name):
        """Press the button with that label; wait for what follows."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def heading(self):
        return self.page.locator("h1").inner_text()

    def close(self):
        self.context.close()


@contextmanager
def desk(browser, office, person=None, **options):
    """Give a desk; nothing may have gone wrong at it."""
    made = Desk(browser, office, person, **options)
    yield made
    assert made.faults == []
    made.close()


def filled(office, path):
    """A page's path with what is there put into it."""
    if "{" not in path:
        return path
    stopped = office.served.entries("gateway:answer:stopped")[0]["decision"]
    return path.format(decision=stopped, control=CONTROL, obligation=OBLIGATION)
