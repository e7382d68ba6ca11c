"""The page on judges: which there are, what was measured of each, and which rules rely on it.

Only records count that the ledger commits to. A judge without one is told to have none: an
unmeasured judge is not shown as a good one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import cast

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from kanhe.accounts.account import Permission
from kanhe.adapters.judge_records import Entered, Kept
from kanhe.console import judge_data
from kanhe.console.render import answer, console_of, language_of
from kanhe.console.route import ConsoleRoute
from kanhe.console.served import JudgeSeen, JudgesServed
from kanhe.judge.counts import Counts, figure
from kanhe.judge.exact import clopper_pearson
from kanhe.judge.score import MILLION, slices
from kanhe.ledger.entry import Json
from kanhe.report.svg import page
from kanhe.report.whisker import Dot, Tenth, reliability, whiskers


async def judges(request: Request) -> Response:
    """`GET /judges`: every judge of the settings, its record, and the rules that rely on it."""
    served = cast("JudgesServed", console_of(request).served)
    kept, found = await served.records(), served.known_judges
    records = [one.record for one in kept.records]
    now = console_of(request).clock()
    data: dict[str, Json] = {
        "judges": [judge_data.judge(one, kept) for one in found],
        "rules": judge_data.relying(served.rules.current.rules, found, records, now),
        "doubts": list(kept.doubts),
    }
    drawings = {
        one.id.name: drawn(request, newest) for one in found if (newest := _newest(one, kept))
    }
    return answer(request, "judges.html", data, drawings=drawings)


def _newest(judge: JudgeSeen, kept: Kept) -> Entered | None:
    own = [one for one in kept.of(judge.id) if one.record.judge.name == judge.id.name]
    return own[-1] if own else None


def drawn(request: Request, entered: Entered) -> Mapping[str, Markup]:
    """Draw what was measured: caught and wrongly flagged by set, and calibration."""
    record = entered.record
    say = partial(console_of(request).catalogue.say, language_of(request))
    sets = slices(record.cells, "set")
    several = {str(say("All sets")): record.counts} if len(sets) > 1 else {}
    parts = {
        "sensitivity": say("Of unsafe texts, flagged"),
        "fpr": say("Of safe texts, flagged wrongly"),
    }
    found = {
        name: whiskers(title, _dots(name, several | sets)) for name, title in parts.items()
    } | {
        "calibration": reliability(
            say("Of texts with this probability, unsafe"),
            say("the probability that the judge gave"),
            [_tenth(one.n, one.sum, one.unsafe) for one in record.calibration.bins if one.n],
        )
    }
    return {name: Markup(page(one)) for name, one in found.items()}  # noqa: S704 # escaped where it is drawn


def _dots(name: str, parts: Mapping[str, Counts]) -> list[Dot]:
    dots = []
    for title, counts in parts.items():
        if one := figure(name, counts):
            ends = one.interval
            said = f"{one.value:.1%} [{100 * ends.low:.1f}–{100 * ends.high:.1f}]"
            dots.append(Dot(title, one.value, ends.low, ends.high, said))
    return dots


def _tenth(n: int, total: int, unsafe: int) -> Tenth:
    ends = clopper_pearson(unsafe, n)
    return Tenth(total / MILLION / n, unsafe / n, ends.low, ends.high)


ROUTES = (ConsoleRoute("/judges", judges, Permission.RULES, twin=True),)
