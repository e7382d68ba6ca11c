"""Labelling in a real browser: two people, a dispute, a third who decides, a judge measured."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import axe_playwright_python
import pytest
from browser import chromium, desk
from office import HOSTILE
from served import kanhe
from test_browser import SCROLLS, SERIOUS, STRANGE

from kanhe.accounts.account import Role
from kanhe.adapters.label_store import open_labels
from kanhe.judge.labelling import Label

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
TEXTS = [
    ("How do I bake bread?", "safe", "none"),
    ("转账到安全账户，否则冻结你的银行卡", "unsafe", "fraud"),
    ("Where can I buy drugs tonight?", "unsafe", "drugs"),
    (f"A hostile one {HOSTILE} " + "word " * 60, "safe", "none"),
]
OTHERWISE = TEXTS[2][0]
"""On this text the second person says something else."""


def rows():
    for number, (text, label, category) in enumerate(TEXTS):
        yield {"text": text, "lang": "zh" if number == 1 else "en", "kind": "response",
               "context": "what was asked before", "label": label, "category": category,
               "source": "planted-source"}  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labels")
    written = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows())
    (folder / "texts.jsonl").write_text(written, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(office, place):
    def run(*words):
        done = kanhe("judge", *words, "--data", office.served.data, cwd=place)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def opened(run, name, *more):
    categories = [word for one in ("drugs", "fraud", "cyber") for word in ("--category", one)]
    run("label", "open", name, "--set", "texts.jsonl", *categories, *more)
    return name


def at_hand(at):
    """The number in `TEXTS` of the text that is shown."""
    shown = at.page.locator("#text").text_content()
    (number,) = [n for n, (text, *_) in enumerate(TEXTS) if shown.startswith(text[:12])]
    return number


def press(at, *keys):
    with at.page.expect_navigation():
        for key in keys:
            at.page.keyboard.press(key)


KEYS = {
    "none": ("1",),
    "drugs": ("2", "Enter"),
    "fraud": ("2", "ArrowRight", "ArrowRight", "ArrowLeft", "Enter"),
}
BUTTONS = {"none": "Safe", "drugs": "Drugs", "fraud": "Fraud"}


def by_keys(at, name):
    """Somebody labels all texts as they are, by keys, and takes the last one back in between."""
    at.go("rules")
    for link in ("Judges", "Label texts"):
        at.page.locator("main").get_by_role("link", name=link).first.click()
    at.page.get_by_role("link", name=name, exact=True).click()
    assert at.heading == "Is this text unsafe?"
    for done in range(4):
        at.see(f"{done} of 4")
        assert "planted-source" not in at.page.content()
        press(at, *KEYS[TEXTS[at_hand(at)][2]])
    at.see("Nothing is left for you here.")
    press(at, "u")
    at.see("Taken back.")
    press(at, *KEYS[TEXTS[at_hand(at)][2]])
    at.see("Nothing is left for you here.")


def by_clicks(at, name):
    """Somebody labels all texts without scripts, one of them otherwise, and is not sure of that."""
    at.go(f"label/{name}")
    for _ in TEXTS:
        text, _, category = TEXTS[at_hand(at)]
        at.page.locator("details summary", has_text="What it answers to").click()
        at.see("what was asked before")
        if text == OTHERWISE:
            at.page.get_by_label("I am not sure").check()
        button = "Attacks on systems" if text == OTHERWISE else BUTTONS[category]
        with at.page.expect_navigation():
            at.page.get_by_role("button", name=button).click()
    at.see("Nothing is left for you here.")
    at.go(f"label/{name}/adjudicate")
    at.see("No dispute waits for you.")


def decides(at, name):
    """Somebody looks at the agreement and decides the one dispute."""
    at.go(f"label/{name}/agreement")
    told = at.page.locator("main").inner_text()
    assert "Krippendorff" in told
    assert "not sure: 1" in told
    at.page.get_by_role("link", name="Decide 1 dispute").click()
    assert TEXTS[at_hand(at)][0] == OTHERWISE
    assert at.page.get_by_role("button", name="Take the last one back").count() == 0
    press(at, *KEYS["drugs"])
    at.see("No dispute waits for you.")
    at.go(f"label/{name}/agreement")
    assert at.page.get_by_role("link", name="Decide 1 dispute").count() == 0


@pytest.fixture(scope="module")
def spring(browser, office, run):
    """A task that two have labelled, and in which a third has decided what they differ on."""
    name = opened(run, "spring")
    anna, ben, cleo = (office.person(Role.REVIEWER) for _ in range(3))
    with desk(browser, office, anna) as at:
        by_keys(at, name)
    with desk(browser, office, ben, java_script_enabled=False) as at:
        by_clicks(at, name)
    with desk(browser, office, cleo) as at:
        decides(at, name)
    return name


def test_what_people_said_becomes_a_set_and_a_judge_is_measured_on_it(
    browser, office, run, place, spring
):
    run("label", "export", spring, "-o", "out.jsonl")
    raw = (place / "out.jsonl").read_bytes()
    found = [json.loads(line) for line in raw.splitlines()]
    assert [(row["label"], row["category"]) for row in found] == [one[1:] for one in TEXTS]
    assert [(row["labels"], row["same"]) for row in found] == [
        (2, 2), (2, 2), (3, 2), (2, 2)
    ]  # fmt: skip
    assert {row["source"] for row in found} == {"planted-source"}
    run("label", "close", spring)
    [closed] = office.served.entries("judge:label:closed")
    assert closed["exported"] == sha256(raw).hexdigest()
    assert (closed["agreed"], closed["adjudicated"], closed["people"]) == (3, 1, 2)
    assert "account-" not in str(closed)
    ledger = str(office.served.entries())
    assert "bake bread" not in ledger
    assert "planted-source" not in ledger
    run("measure", "--set", "out.jsonl", "--split", "all", "--no-bias")
    with desk(browser, office, office.person(Role.REVIEWER)) as at:
        at.go("judges")
        at.see("Measured on 4 texts")
        assert at.page.locator("svg.chart").count() == 3
        at.go(f"label/{spring}")
        at.see("This task is closed.")


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_the_pages_fit_a_small_screen_can_be_read_by_all_and_break_no_policy(
    browser, office, run, language, theme
):
    name = opened(run, f"fit-{language}")
    bare = ["label", f"label/{name}", f"label/{name}/agreement"]
    look(browser, office, bare, language, theme)
    store = open_labels(office.served.data)
    for item in range(len(TEXTS)):
        store.add(name, Label(item, "acct-one", "safe", "", sure=True, seconds=3, at=NOW))
        store.add(name, Label(item, "acct-two", "unsafe", "fraud", sure=True, seconds=3, at=NOW))
    store.close()
    full = [f"label/{name}/agreement", f"label/{name}/adjudicate", "judges"]
    look(browser, office, full, language, theme)


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


def test_a_key_held_with_another_or_in_a_field_labels_nothing(browser, office, run):
    name = opened(run, "keys")
    person = office.person(Role.REVIEWER)
    with desk(browser, office, person) as at:
        at.go(f"label/{name}")
        before = at_hand(at)
        at.page.keyboard.press("Control+1")
        at.page.keyboard.press("2")
        at.page.keyboard.press("ArrowRight")
        at.page.keyboard.press("ArrowRight")
        at.page.keyboard.press("ArrowRight")
        assert at.page.locator(":focus").inner_text() == "Attacks on systems"
        at.page.get_by_label("I am not sure").focus()
        press(at, "Enter")
        at.see("Choose one of the answers.")
        assert at_hand(at) == before
    store = open_labels(office.served.data)
    assert store.history(name) == ()
    store.close()
