"""The console by the keyboard alone: everything is reached, and what has the focus is seen."""

from __future__ import annotations

import pytest
from browser import chromium, desk

FOCUS = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  return { seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
           inner: at.id === "main", box: at.getBoundingClientRect().toJSON(),
           what: at.outerHTML.slice(0, 120), text: at.textContent.trim().slice(0, 80),
           name: at.name ?? "", value: at.value ?? "", tile: at.matches(".tile") };
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


def tabbed(at, arrived, most=200):
    """Press Tab until `arrived` says so of what has the focus; it is visible on the way."""
    for _ in range(most):
        at.page.keyboard.press("Tab")
        focus = at.page.evaluate(FOCUS)
        assert focus["seen"], f"no focus is seen on {focus['what']}"
        box = focus["box"]
        assert box["width"] * box["height"] > 1, f"the focus is on nothing: {focus['what']}"
        if arrived(focus):
            return focus
    raise AssertionError("the keyboard does not get there")


def test_everything_can_be_done_with_the_keyboard(browser, office):
    with desk(browser, office, office.person()) as at:
        at.go()
        assert tabbed(at, lambda _: True)["text"] == "Skip to the content"
        at.page.keyboard.press("Enter")
        assert at.page.evaluate(FOCUS)["inner"]
        tabbed(at, lambda focus: focus["tile"], most=20)
        for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "End", "Home", "ArrowRight"):
            at.page.keyboard.press(key)
            assert at.page.evaluate(FOCUS)["tile"], key
        title = at.page.evaluate(FOCUS)["text"].partition(" · ")[2]
        at.page.keyboard.press("Enter")
        at.page.wait_for_url("**/obligations/*")
        assert title in at.page.locator("main").inner_text()
        for letter, page in (("c", "decisions"), ("l", "ledger"), ("s", "scope")):
            at.page.keyboard.press("g")
            at.page.keyboard.press(letter)
            at.page.wait_for_url(f"**/console/{page}")
        tabbed(at, lambda focus: focus["name"] == "public")
        at.page.keyboard.press("Home")
        at.page.keyboard.press("Space")
        tabbed(at, lambda focus: focus["text"] == "Preview what follows")
        at.page.keyboard.press("Enter")
        at.page.wait_for_url("**/scope/preview")
        tabbed(at, lambda focus: focus["text"] == "Record these answers")
        at.page.keyboard.press("?")
        at.page.wait_for_url("**/glossary#keys")
        at.page.keyboard.press("/")
        at.page.wait_for_url("**/obligations#q")
        assert at.page.evaluate("() => document.activeElement.matches('[data-search]')")
