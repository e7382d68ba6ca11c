"""From a page's data to a response: HTML in the reader's language and theme, or the same as JSON.

Templates are compiled once and escape everything. Nothing is written into a page that a strict
policy of content would have to let through: no script, no style, no nonce.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from kanhe.accounts.account import Account, Permission, may
from kanhe.console import format as written
from kanhe.console.language import HTML_LANGUAGE, Language, chosen
from kanhe.console.locale_text import Catalogue
from kanhe.console.needs import opens
from kanhe.console.served import Served
from kanhe.console.static_files import StaticFile
from kanhe.ledger.entry import Json
from kanhe.report import tally

LANGUAGE_COOKIE = "kanhe_language"
THEME_COOKIE = "kanhe_theme"
THEMES = ("light", "dark")
"""What the switch can be set to; without it the page follows the reader's system."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of the navigation. `letter`: pressed after `g`, it leads there.

    `under`: paths of other pages that stand under it.
    """

    path: str
    label: str
    """In English; the catalogue has it in Chinese."""
    letter: str
    permission: Permission
    under: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Say whether the page at `path` stands under this word."""
        tops = (self.path, *self.under) if self.path != "/" else self.under
        return path == self.path or any(path == top or path.startswith(f"{top}/") for top in tops)


@dataclass(frozen=True, slots=True)
class Console:
    """What every page is made with."""

    served: Served
    catalogue: Catalogue
    templates: Environment
    static: Mapping[str, StaticFile]
    navigation: tuple[Entry, ...]
    clock: Callable[[], datetime]


def console_of(request: Request) -> Console:
    """Give the console that a request came to."""
    console: Console = request.app.state.console
    return console


def person_of(request: Request) -> Account | None:
    """Give who is signed in, as the gate found out."""
    person: Account | None = getattr(request.state, "person", None)
    return person


def allowed(request: Request, permission: Permission) -> bool:
    """Say whether whoever is signed in may do something."""
    person = person_of(request)
    return person is not None and may(person.role, permission)


def language_of(request: Request) -> Language:
    """Give the reader's language: by the switch, the browser, the account, in this order.

    An account's language is nobody's choice: it was set for them by whoever added the account, so
    it decides only where a browser asks for none that the console has.
    """
    person = person_of(request)
    wishes = [
        request.cookies.get(LANGUAGE_COOKIE, ""),
        request.headers.get("accept-language", ""),
        person.language if person else "",
    ]
    return chosen(wishes)


def url_of(request: Request, path: str) -> str:
    """Give the address of a path of the console, e.g. `/scope`."""
    return f"{request.scope.get('root_path', '')}{path}"


def make_environment() -> Environment:
    """Give the templates, which are compiled when first used and kept."""
    environment = Environment(
        loader=PackageLoader("kanhe.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        say=_say, day=_day, moment=_moment, absolute=_absolute, ago=_ago,
        clock=_clock, number=written.number, short=written.short, plain=written.plain,
    )  # fmt: skip
    environment.globals["sprite"] = Markup(tally.symbols())  # noqa: S704 # drawn by us
    return environment


def render(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """Give a page: `template` with the values and with the frame around every page."""
    console = console_of(request)
    context = _frame(request, console) | values
    page = console.templates.get_template(template).render(context)
    headers = {"vary": "cookie, accept-language", "cache-control": "no-store"}
    return HTMLResponse(page, status, headers)


def answer(
    request: Request,
    template: str,
    data: Mapping[str, Json],
    *,
    status: int = 200,
    **values: object,
) -> Response:
    """Give `data` as JSON where the twin of a page was asked for, else the page made of it.

    The template finds the data as `d`: what a page shows and what its twin says is one thing.
    """
    if request.url.path.endswith(".json"):
        return JSONResponse(data, status, {"cache-control": "no-store"})
    return render(request, template, status=status, d=data, **values)


def _frame(request: Request, console: Console) -> dict[str, Any]:
    language = language_of(request)
    person = person_of(request)
    theme = request.cookies.get(THEME_COOKIE, "")
    served = console.served
    return {
        "_": partial(console.catalogue.say, language),
        "_n": lambda one, many, n, **more: console.catalogue.count(
            language, (one, many), n, **more
        ),
        "url": partial(url_of, request),
        "static": partial(_static, request, console),
        "language": language,
        "html_language": HTML_LANGUAGE[language],
        "theme": theme if theme in THEMES else "",
        "zone": ZoneInfo(served.regime.zone),
        "now": console.clock(),
        "person": person,
        "csrf": getattr(request.state, "csrf", ""),
        "may": partial(_may, person),
        "opens": partial(opens, person.role if person else None),
        "navigation": [one for one in console.navigation if _may(person, one.permission)],
        "here": request.url.path.removeprefix(request.scope.get("root_path", "")),
        "back": _back(request),
        "service": served.name,
        "regime": served.regime,
        "ruleset": served.ruleset,
        "head": served.head(),
    }


def _may(person: Account | None, permission: Permission | str) -> bool:
    return person is not None and may(person.role, Permission(permission))


def _back(request: Request) -> str:
    # The page of a POST has no address to come back to.
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}" if request.method == "GET" else url_of(request, "/")


def _static(request: Request, console: Console, name: str) -> str:
    return url_of(request, f"/static/{name}?v={console.static[name].version}")


@pass_context
def _say(context: Context, text: Any) -> str:  # noqa: ANN401 # a Text, or its twin in JSON
    said = text if isinstance(text, Mapping) else {"zh": text.zh, "en": text.en}
    return str(said[context["language"]])


@pass_context
def _day(context: Context, one: date | str) -> str:
    told = date.fromisoformat(one) if isinstance(one, str) else one
    return written.day(told, context["language"])


@pass_context
def _moment(context: Context, at: datetime | str) -> str:
    return written.moment(_instant(at), context["language"], context["zone"])


@pass_context
def _absolute(context: Context, at: datetime | str) -> str:
    told = written.moment(_instant(at), context["language"], context["zone"])
    return f"{told} {written.zone_name(_instant(at), context['zone'])}"


@pass_context
def _clock(context: Context, at: datetime | str) -> str:
    return f"{_instant(at).astimezone(context['zone']):%H:%M}"


@pass_context
def _ago(context: Context, at: datetime | str) -> str:
    return written.ago(_instant(at), context["now"], context["language"])


def _instant(at: datetime | str) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at
