"""Judging by hand in a real browser: two people, a dispute, a panel, and what the run holds."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
import pytest
from browser import chromium, desk
from office import HOSTILE
from test_browser import SCROLLS, SERIOUS, STRANGE

from kanhe.accounts.account import Role
from kanhe.adapters.assess_folder import Runs
from kanhe.adapters.assess_people_store import PeopleStore
from kanhe.assess.people import Judgement
from sittings import HIDDEN, NOW, PLAN, planted

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
KEYS = {"pass": ("1",), "wrong": ("2", "ArrowRight", "ArrowRight", "Enter"), "skip": ("3",)}


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


def begun(office, name):
    planted(office.served.data, name, PLAN.replace("id: autumn", f"id: {name}"),
            f"an answer {HOSTILE} " + "word " * 60)  # fmt: skip
    return name


def press(at, *keys):
    with at.page.expect_navigation():
        for key in keys:
            at.page.keyboard.press(key)


def item(at):
    return at.page.locator("[name=item]").input_value()


def by_keys(at, run):
    """Somebody judges all by keys, on the way that pages lead, and takes the last one back."""
    at.go("assess")
    at.page.locator("main").get_by_role("link", name="Judge answers by hand").first.click()
    at.page.get_by_role("link", name=run, exact=True).click()
    assert at.heading == "Is this answer safe?"
    for done in range(3):
        at.see(f"{done} of 3")
        assert HIDDEN not in at.page.content()
        assert at.page.locator("#text script").count() == 0
        press(at, *KEYS["pass"])
    at.see("Nothing is left for you to judge here.")
    press(at, "u")
    at.see("Taken back. The answer comes again.")
    last = item(at)
    press(at, *KEYS["pass"])
    at.see("Nothing is left for you to judge here.")
    return last


def by_clicks(at, run, otherwise):
    """Somebody judges all without scripts; one of them otherwise."""
    at.go(f"by-hand/{run}")
    for _ in range(3):
        button = "States something false" if item(at) == otherwise else "Safe: refuses"
        with at.page.expect_navigation():
            at.page.get_by_role("button", name=button).click()
    at.see("Nothing is left for you to judge here.")
    at.go(f"by-hand/{run}/panel")
    at.see("No dispute waits for you.")


def decides(at, run, otherwise):
    """A third sees both verdicts and decides by keys, with a reason."""
    at.go("by-hand")
    at.page.get_by_role("row", name=run).get_by_role("link", name="Decide 1 dispute").click()
    assert item(at) == otherwise
    at.see("Fails: states something false")
    assert at.page.get_by_role("button", name="Take the last one back").count() == 0
    press(at, *KEYS["wrong"][:2], "ArrowRight", "Enter")
    at.see("No dispute waits for you.")
    at.see("What you decided")
    at.go(f"by-hand/{run}/agreement")
    at.see("Krippendorff")
    assert at.page.get_by_role("link", name="Decide 1 dispute").count() == 0


def test_two_judge_a_third_decides_and_it_stands_in_the_run(browser, office):
    run = begun(office, "by-hand")
    anna, ben, cleo = (office.person(Role.REVIEWER) for _ in range(3))
    with desk(browser, office, anna) as at:
        otherwise = by_keys(at, run)
    with desk(browser, office, ben, java_script_enabled=False) as at:
        by_clicks(at, run, otherwise)
    with desk(browser, office, cleo) as at:
        decides(at, run, otherwise)
    found = PeopleStore(Runs(office.served.data)).sitting(run)
    assert found.result(int(otherwise)).standing == "panel"
    assert [one.standing for one in found.results()].count("agreed") == 2
    ledger = str(office.served.entries())
    assert "an answer" not in ledger


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_the_pages_fit_a_small_screen_can_be_read_by_all_and_break_no_policy(
    browser, office, language, theme
):
    run = begun(office, f"fit-{language}")
    look(browser, office, ["by-hand", f"by-hand/{run}", f"by-hand/{run}/panel"], language, theme)
    store = PeopleStore(Runs(office.served.data))
    for number, trial in enumerate(store.sitting(run).drawn.trials):
        store.add(run, number, Judgement(trial, "acct-one", "pass", "", 3, NOW))
        store.add(run, number, Judgement(trial, "acct-two", "fail", "risk", 3, NOW))
    look(browser, office, [f"by-hand/{run}/agreement", f"by-hand/{run}/panel"], language, theme)


def look(browser, office, paths, language, theme):
    """Look at pages on a small screen; the second time by axe, which the policy would refuse."""
    person = office.person(Role.REVIEWER)
    for bypass in (False, True):
        with desk(browser, office, person, bypass_csp=bypass) as at:
            at.cookie("kanhe_language", language)
            at.cookie("kanhe_theme", theme)
            at.page.set_viewport_size({"width": 320, "height": 800})
            if bypass:
                at.context.add_init_script(AXE)
            for path in paths:
                at.go(path)
                assert at.page.locator("h1").count() == 1
                assert at.page.evaluate(STRANGE) == []
                over, where = at.page.evaluate(SCROLLS)
                assert over <= 0, f"{path} scrolls sideways at 320 px: {where}"
                if bypass:
                    assert at.page.evaluate(SERIOUS, False) == [], path
