"""Language and theme: two cookies that say nothing about a person."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kanhe.console.language import LANGUAGES
from kanhe.console.origin import safe_path
from kanhe.console.render import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, url_of
from kanhe.console.route import ConsoleRoute

_YEAR = 365 * 24 * 3600


async def preference(request: Request) -> Response:
    """`GET /preference?language=…&theme=…&back=…`: remember it, and go back to the page."""
    query = request.query_params
    response = RedirectResponse(_back(request), 303, {"cache-control": "no-store"})
    if (language := query.get("language", "")) in LANGUAGES:
        _set(request, response, LANGUAGE_COOKIE, language)
    if (theme := query.get("theme", "")) in THEMES:
        _set(request, response, THEME_COOKIE, theme)
    elif theme:
        response.delete_cookie(THEME_COOKIE, path=url_of(request, "/"))
    return response


def _set(request: Request, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=_YEAR, path=url_of(request, "/"),
        secure=request.url.scheme == "https", httponly=True, samesite="lax",
    )  # fmt: skip


def _back(request: Request) -> str:
    return safe_path(request.query_params.get("back", ""), url_of(request, ""))


ROUTES = (ConsoleRoute("/preference", preference, "open"),)
