"""The pages in a real browser: nothing overflows, nothing serious for axe, keys work, no error."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from needs import absent
from screenshots import CHROMIUM, FLAGS, PAGES, address, served

WIDTHS = (320, 768, 1440, 2560)


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
    with served() as found:
        yield found


@pytest.fixture
def page(browser, base):
    """A page in English and light; what the browser complains of fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    told = []
    page = context.new_page()
    # That a page came with status 422, as it should, is no fault of the page.
    page.on("console", lambda said: told.append(said.text) if is_fault(said) else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    yield page
    context.close()
    assert told == []


def is_fault(message):
    return message.type == "error" and "status of 422" not in message.text


def dress(page, base, language, theme):
    host = base.partition("/console")[0]
    page.context.add_cookies([
        {"name": "kanhe_language", "value": language, "url": host},
        {"name": "kanhe_theme", "value": theme, "url": host},
    ])  # fmt: skip


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_no_page_has_a_serious_fault_for_those_who_see_or_move_otherwise(
    page, base, language, theme
):
    """Planted last: a picture without words is found by the same look."""
    dress(page, base, language, theme)
    axe, found = Axe(), []
    for name, path in PAGES.items():
        page.goto(address(base, path))
        faults = axe.run(page).response["violations"]
        found += [(name, one["id"]) for one in faults if one["impact"] in {"serious", "critical"}]
    assert found == []
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert "image-alt" in [one["id"] for one in axe.run(page).response["violations"]]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_window(page, base, width):
    page.set_viewport_size({"width": width, "height": 800})
    wide = []
    for name, path in PAGES.items():
        page.goto(address(base, path))
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(name)
    assert wide == []


def test_the_board_is_one_stop_and_arrows_move_on_it(page, base):
    page.goto(base + "/")
    tiles = page.locator(".board .tile")
    assert tiles.evaluate_all("all => all.filter(one => one.tabIndex === 0).length") == 1
    tiles.nth(0).focus()
    before = page.locator("main").bounding_box()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    rows = page.locator(".board .area").nth(1).locator(".tile")
    assert focused == rows.nth(1).get_attribute("href")
    shown = page.evaluate("getComputedStyle(document.activeElement.querySelector('span')).opacity")
    assert shown == "1"
    assert page.locator("main").bounding_box() == before
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{focused}")


def test_keys_lead_to_pages_and_to_the_search(page, base):
    page.goto(base + "/")
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/obligations")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("g b?")
    assert page.url.endswith("/obligations")
    page.keyboard.press("Escape")
    page.locator("main").focus()
    page.keyboard.press("?")
    page.wait_for_url("**/glossary#keys")


def test_the_first_stop_leads_past_the_navigation(page, base):
    page.goto(base + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_faults_of_a_form_are_led_to(page, base):
    page.goto(base + "/scope")
    page.fill("#people_in_data", "zebra")
    page.click("form.column button.main")
    page.wait_for_url("**/scope/preview")
    assert page.evaluate("document.activeElement.id") == "problems"
    page.click("#problems a")
    assert page.evaluate("document.activeElement.id") == "people_in_data"


def test_papers_are_hashed_in_the_browser_and_never_sent(page, base, tmp_path):
    """Absolute: the SHA-256 of "abc", FIPS 180-2, appendix B.1."""
    (tmp_path / "paper.txt").write_text("abc")
    sent = []
    page.on("request", lambda one: sent.append(one.url) if "/static/" not in one.url else None)
    page.goto(address(base, PAGES["attest"]))
    before = len(sent)
    page.set_input_files("#pick", tmp_path / "paper.txt")
    page.wait_for_function("document.getElementById('papers').value !== ''")
    assert page.input_value("#papers") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  paper.txt"
    )
    assert sent[before:] == []


def test_everything_is_there_without_scripts(browser, base):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base + "/")
    page.click("nav.side a[href$='/obligations']")
    page.fill("#q", "cn-bsr-8-1 keyword")
    page.click("form.filters button")
    page.click("table.list a >> nth=0")
    assert page.locator("h1").inner_text() == "Keyword library"
    page.click("button[name=theme][value=dark]")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert "/obligations/" in page.url
    context.close()
