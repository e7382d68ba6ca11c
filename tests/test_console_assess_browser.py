"""The pages on assessments in a real browser: they fit, all can read them, they move as runs do."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from needs import absent
from runs_seen import Memory, going
from screenshots import CHROMIUM, FLAGS, served
from statuses import System
from test_console_browser import dress

RUNS = Memory()
WIDTHS = (320, 768, 1440, 2560)


class Assessed(System):
    """The planted system, with runs."""

    @property
    def assessments(self):
        return RUNS


def key(run, of):
    return next(name for name, line in RUNS.gathered(run).lines.items() if of(line))


NOVEMBER = "/assess/runs/november"
PAGES = {
    "list": "/assess",
    "run": NOVEMBER,
    "plan": f"{NOVEMBER}/plan",
    "try": "/assess/plan?run=november",
    "items": f"{NOVEMBER}/items?said=failed",
    "item": f"{NOVEMBER}/items/{key('november', lambda one: one.people)}",
    "figures": f"{NOVEMBER}/report",
    "clauses": f"{NOVEMBER}/clauses",
    "compare": "/assess/compare?first=october&second=november",
}


@pytest.fixture(scope="module")
def browser():
    if not Path(CHROMIUM).exists():
        absent(f"no {CHROMIUM}", "Install the package chromium.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def base():
    with served(Assessed()) as found:
        yield found


@pytest.fixture
def page(browser, base):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    told = []
    page = context.new_page()
    page.on("console", lambda said: told.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    yield page
    context.close()
    assert told == []


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_no_page_has_a_serious_fault_for_those_who_see_or_move_otherwise(
    page, base, language, theme
):
    dress(page, base, language, theme)
    axe, found = Axe(), []
    for name, path in PAGES.items():
        page.goto(base + path)
        faults = axe.run(page).response["violations"]
        found += [(name, one["id"], one["nodes"][0]["html"][:150]) for one in faults
                  if one["impact"] in {"serious", "critical"}]  # fmt: skip
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_window(page, base, width):
    page.set_viewport_size({"width": width, "height": 800})
    wide = []
    for name, path in PAGES.items():
        page.goto(base + path)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(name)
    assert wide == []


def test_a_page_moves_as_its_run_does_and_says_when_it_has_ended(page, base):
    dress(page, base, "en", "light")
    RUNS.now_going["december"] = going(1207)
    page.goto(f"{base}/assess/runs/december")
    far = page.locator("[data-said=far]")
    assert far.inner_text() == "1,207 of 3,312"
    RUNS.now_going["december"] = going(1300)
    page.wait_for_function("document.querySelector('[data-said=far]').textContent[2] === '3'")
    assert far.inner_text() == "1,300 of 3,312"
    assert page.locator("progress").evaluate("one => one.value") == 1300
    RUNS.now_going["december"] = going(3312, "done")
    page.wait_for_selector("#going[data-state=done]")
    assert "kanhe assess report december" in page.locator("main").inner_text()


def test_an_item_opens_by_the_keyboard(page, base):
    dress(page, base, "en", "light")
    page.goto(base + PAGES["item"])
    page.get_by_role("button", name="Open question and answer").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#texts")
    assert page.locator(".hostile").count() == 2
