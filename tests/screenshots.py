"""Pictures of the console in a real browser: `make screenshots` writes docs/img/console/*.png.

    python tests/screenshots.py [FOLDER] [--all]

Without `--all` the few that the documents show; with it every page in both languages and themes,
wide and narrow, to be looked at. What is shown is planted (`statuses.py`), so that two runs give
the same pictures.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from consoles import Signed, account
from kanhe.console.app import make_console
from png import smaller
from statuses import NOW, System

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]
FOLDER = Path(__file__).parent.parent / "docs" / "img" / "console"
PAGES = {
    "overview": "/",
    "obligations": "/obligations",
    "obligation": "/obligations/cn-bsr-8-1",
    "deadlines": "/deadlines",
    "scope": "/scope",
    "attests": "/attest",
    "attest": "/attest/{attested}",
    "settings": "/settings",
    "glossary": "/glossary",
}


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: of which page, in which language and theme, how wide, whether all of it."""

    page: str
    language: str
    theme: str
    width: int = 1440
    height: int = 900
    whole: bool = False

    @property
    def name(self) -> str:
        return f"{self.page}-{self.language}-{self.theme}-{self.width}.png"


SHOWN = (
    Shot("overview", "zh", "light"),
    Shot("overview", "en", "dark"),
    Shot("obligation", "en", "light"),
    Shot("overview", "zh", "dark", 390, 844),
)


def every() -> Iterator[Shot]:
    """Give every page in every way."""
    for page in PAGES:
        for language, theme in (("zh", "light"), ("en", "dark")):
            yield Shot(page, language, theme, whole=True)
            yield Shot(page, language, theme, 390, 844, whole=True)


@contextmanager
def served(system: System | None = None) -> Iterator[str]:
    """Serve the console over the planted system on a free port; give its address."""
    console = make_console(
        system or System(), middleware=[Middleware(Signed, person=account())], clock=lambda: NOW
    )
    app = Starlette(routes=[Mount("/console", console)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/console"
    server.force_exit = server.should_exit = True
    thread.join(5)


def address(base: str, path: str) -> str:
    """Give the address of a page, with a statement that can be attested in its place."""
    attested = next(c.id for c in System().regime.controls.values() if c.check == "attested")
    return base + path.format(attested=attested)


def take(browser: Browser, base: str, shot: Shot, folder: Path) -> None:
    """Take one picture."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height}, reduced_motion="reduce"
    )
    host = base.partition("/console")[0]
    context.add_cookies([
        {"name": "kanhe_language", "value": shot.language, "url": host},
        {"name": "kanhe_theme", "value": shot.theme, "url": host},
    ])  # fmt: skip
    page = context.new_page()
    page.goto(address(base, PAGES[shot.page]), wait_until="load")
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > shot.width:
        print(f"{shot.name}: {wide} px wide, {shot.width} px shown")
    picture = page.screenshot(full_page=shot.whole)
    (folder / shot.name).write_bytes(picture if shot.whole else smaller(picture))
    context.close()


def main(arguments: list[str]) -> None:
    """Take them."""
    shots = list(every()) if "--all" in arguments else SHOWN
    named = [one for one in arguments if not one.startswith("--")]
    folder = Path(named[0]) if named else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with served() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for shot in shots:
            take(browser, base, shot, folder)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
