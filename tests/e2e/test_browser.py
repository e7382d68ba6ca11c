"""Every page in a browser: in both languages, light and dark, wide and narrow, without scripts.

No page may say a word in the browser's log: no error, no violation of its own policy of content.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import axe_playwright_python
import pytest
from browser import OUTSIDE, PAGES, Desk, chromium, filled
from office import HOSTILE

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
SCROLLS = """() => [document.documentElement.scrollWidth - window.innerWidth,
  [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1
      && !one.closest(".scroll, [role=region], .side, pre, .hidden"))
    .slice(0, 3).map((one) => one.outerHTML.slice(0, 120))]"""
SERIOUS = """async (colours) => {
  const only = colours ? { runOnly: ["color-contrast", "link-in-text-block"] } : {};
  const found = await axe.run(document, { resultTypes: ["violations"], ...only });
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200),
                   one.nodes[0].failureSummary.slice(0, 300)]);
}"""
STRANGE = """() => [...document.querySelectorAll("*")].filter((one) =>
  one.matches("script:not([src]), img:not([src^='data:']), iframe, object, embed, base, style")
  || [...one.attributes].some((each) => /^on|^style$/.test(each.name)
    || /^\\s*javascript:/i.test(each.value))).map((one) => one.outerHTML.slice(0, 200))"""
QUERY = [
    "q", "rule", "at", "known", "as_if", "area", "standing", "number", "user", "before", "after",
    "entry", "page", "next", "token", "since", "kind",
]  # fmt: skip
WAYS = [("zh", "light"), ("en", "dark")]


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def paths(office):
    return [*(filled(office, path) for path in PAGES), *OUTSIDE]


@contextmanager
def desk(browser, office, language="en", theme="light", **options):
    """An owner's browser, with the switches set."""
    person = office.person(name=options.pop("name", ""))
    made = Desk(browser, office, person, **options)
    made.cookie("kanhe_language", language)
    made.cookie("kanhe_theme", theme)
    yield made
    made.close()


@pytest.mark.parametrize(("language", "theme"), WAYS)
def test_every_page_fits_speaks_the_language_and_breaks_no_policy(
    browser, office, paths, language, theme
):
    with desk(browser, office, language, theme) as at:
        for path in paths:
            at.page.set_viewport_size({"width": 1440, "height": 900})
            at.go(path)
            root = at.page.locator("html")
            assert root.get_attribute("lang") == {"zh": "zh-Hans", "en": "en"}[language], path
            assert root.get_attribute("data-theme") == theme
            assert at.page.locator("h1").count() == 1, path
            assert at.faults == [], path
            for width in (1440, 390):
                at.page.set_viewport_size({"width": width, "height": 844})
                over, where = at.page.evaluate(SCROLLS)
                assert over <= 0, f"{path} scrolls sideways at {width} px: {where}"


def other(theme):
    return {"light": "dark", "dark": "light"}[theme]


@pytest.mark.parametrize(("language", "theme"), WAYS)
def test_axe_finds_nothing_serious_on_any_page(browser, office, paths, language, theme):
    found = {}
    # The policy of content lets no script be put in, as it should: here alone it is off.
    with desk(browser, office, language, theme, bypass_csp=True) as at:
        at.context.add_init_script(AXE)
        for path in paths:
            at.go(path)
            if serious := at.page.evaluate(SERIOUS, False):
                found[path, theme] = serious
            # What the theme changes are colours.
            at.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }",
                             other(theme))  # fmt: skip
            if serious := at.page.evaluate(SERIOUS, True):
                found[path, other(theme)] = serious
    assert found == {}


def test_axe_would_find_a_faint_text_and_a_picture_without_words(browser, office):
    with desk(browser, office, bypass_csp=True) as at:
        at.context.add_init_script(AXE)
        at.go("glossary")
        at.page.evaluate("""() => document.querySelector("main").insertAdjacentHTML("beforeend",
          '<p style="color: #ddd; background: #fff">faint</p><img src="data:,">')""")
        assert {one[0] for one in at.page.evaluate(SERIOUS, False)} == {
            "color-contrast", "image-alt",
        }  # fmt: skip


def test_the_policy_of_content_would_stop_a_script_that_got_in(browser, office):
    with desk(browser, office) as at:
        at.go("glossary")
        at.page.evaluate("""() => {
          document.body.insertAdjacentHTML("beforeend", '<img src=x onerror="alert(1)">');
          const script = document.createElement("script");
          script.textContent = "alert(2)";
          document.body.append(script);
        }""")
        at.page.wait_for_function("() => document.images.length && document.images[0].complete")
        assert any("Content Security Policy" in one for one in at.faults)
        assert not any(one.startswith("dialog") for one in at.faults)


def test_every_page_can_be_read_without_scripts(browser, office, paths):
    with desk(browser, office, "zh", java_script_enabled=False) as at:
        for path in paths:
            at.go(path)
            assert at.page.locator("main").inner_text().strip(), path
            dead = at.page.locator("[data-copy]:visible, #passkey:visible, [data-proof]:visible")
            assert dead.count() == 0, path
        at.go()
        assert at.page.locator(".board .tile").count() > 100


def test_the_navigation_leads_to_every_page_of_it(browser, office):
    with desk(browser, office) as at:
        at.go()
        for name in at.page.locator("nav.side a").all_inner_texts():
            at.page.locator("nav.side a", has_text=name).first.click()
            assert at.page.locator("nav.side [aria-current=page]").inner_text() == name


def test_what_is_hostile_stays_text(browser, office, paths):
    query = urlencode(dict.fromkeys(QUERY, HOSTILE))
    strange = quote(HOSTILE, safe="")
    with desk(browser, office, name=HOSTILE) as at:
        for path in [*(f"{path}?{query}" for path in paths[:-2]), f"obligations/{strange}",
                     f"decisions/{strange}", "rules/hostile", "decisions"]:  # fmt: skip
            at.go(path)
            assert at.page.evaluate(STRANGE) == [], path
            assert at.faults == [], path
        at.go("rules/try")
        at.page.locator("textarea").fill(
            f"{HOSTILE} <img src=x onerror=alert(3)> forbidden kumquat"
        )
        at.press("Try")
        at.see("<img src=x onerror=alert(3)>")
        assert at.page.evaluate(STRANGE) == []
        assert at.faults == []
