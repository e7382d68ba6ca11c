"""Duties that only people can confirm: the statement, who signs it, and until when it counts.

What somebody attests is signed and stands on the ledger under the account's id. Papers never come
here: their hashes do, made in the reader's browser or by `sha256sum`, and whoever keeps the papers
can show by them which ones were meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kanhe.accounts.account import Permission
from kanhe.console import shown
from kanhe.console.asked import Fault, read_day
from kanhe.console.confirm import FIELD, asks_code, unconfirmed
from kanhe.console.render import answer, console_of, person_of, url_of
from kanhe.console.route import ConsoleRoute
from kanhe.console.served import Asked, Signed
from kanhe.law.regime import Control, Regime
from kanhe.ledger.entry import Json
from kanhe.status.picture import Seen
from kanhe.status.status import Line, Looked, Status
from kanhe.status.verdict import Standing, Verdict
from kanhe.terms import Text

ATTESTED = "operator:duty:attested"
WITHDRAWN = "operator:duty:withdrawn"

MOST_PAPERS = 50

_HASH = re.compile(r"[0-9a-f]{64}")


async def listed(request: Request) -> Response:
    """`GET /attest`: every duty that people have to confirm, and how it stands."""
    status = await console_of(request).served.status(Asked())
    found: dict[str, shown.Data] = {}
    for line in status.lines:
        for name in line.obligation.controls:
            control = status.regime.controls[name]
            if control.check == "attested" and line.standing is not Standing.NOT_APPLICABLE:
                served = found.setdefault(name, _stands(line, control))["for"]
                assert isinstance(served, list)  # noqa: S101 # as it was made by _stands
                served.append(
                    {"id": line.obligation.id, "title": shown.text(line.obligation.title)}
                )
    data = shown.frame(status, Asked()) | {"controls": list(found.values())}
    return answer(request, "attests.html", data)


def _stands(line: Line, control: Control) -> shown.Data:
    """Say how a statement stands; where no control was asked, as its duty does."""
    had = next((looked for looked in line.looked if looked.control.id == control.id), None)
    verdict = had.verdict if had else Verdict(line.standing, line.reasons)
    return {**shown.looked(Looked(control, verdict)), "for": []}


async def one(request: Request) -> Response:
    """`GET /attest/CONTROL`: the statement, what was attested before, and the form."""
    return await _shown(request, _control(request), Draft(), ())


async def sign(request: Request) -> Response:
    """`POST /attest/CONTROL`: sign, record, and show the entry."""
    control, person = _control(request), person_of(request)
    if person is None:
        raise HTTPException(401)
    form = await request.form(max_files=0, max_fields=20)
    draft = Draft(*(_word(form, name) for name in ("done", "valid_until", "papers")))
    read = _read(request, control, draft)
    faults = read if isinstance(read, tuple) else unconfirmed(request, _word(form, FIELD))
    if isinstance(read, tuple) or faults:
        return await _shown(request, control, draft, faults)
    signed = Signed(control, read.done, read.until, read.papers, person.id, person.role.value)
    entry = await console_of(request).served.attest(signed)
    return RedirectResponse(url_of(request, f"/attest/{control.id}?entry={entry}"), 303)


async def withdraw(request: Request) -> Response:
    """`POST /attest/CONTROL/withdraw`: take the last attestation back, on record."""
    control, person = _control(request), person_of(request)
    served = console_of(request).served
    past = await _past(request, control)
    if person is None or not past or past[-1].tag == WITHDRAWN:
        raise HTTPException(404)
    facts: dict[str, Json] = {"regime": served.regime.id, "control": control.id,
                              "by": person.id, "entry": past[-1].index}  # fmt: skip
    await served.record(WITHDRAWN, facts)
    return RedirectResponse(url_of(request, f"/attest/{control.id}"), 303)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written in the form, to show it again."""

    done: str = ""
    valid_until: str = ""
    papers: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What was meant by it."""

    done: bool
    until: date
    papers: tuple[str, ...]


async def _shown(
    request: Request, control: Control, draft: Draft, faults: tuple[Fault, ...]
) -> Response:
    served = console_of(request).served
    status = await served.status(Asked())
    past = await _past(request, control)
    latest = _latest_day(served.regime, control, status.day)
    data = shown.frame(status, Asked()) | {
        "control": control.id,
        "title": shown.text(control.title),
        "statement": _words(control, "statement"),
        "papers": _words(control, "evidence"),
        "valid_days": _days(control),
        "latest": latest.isoformat(),
        "for": _lines(status, control),
        "past": [_attested(seen) for seen in reversed(past)],
    }
    return answer(request, "attest.html", data, draft=draft, faults=faults,
                  entry=request.query_params.get("entry", ""), most_papers=MOST_PAPERS,
                  code=asks_code(request), status=422 if faults else 200)  # fmt: skip


def _control(request: Request) -> Control:
    controls = console_of(request).served.regime.controls
    control = controls.get(request.path_params["control"])
    if control is None or control.check != "attested":
        raise HTTPException(404)
    return control


async def _past(request: Request, control: Control) -> list[Seen]:
    served = console_of(request).served
    entries = [*await served.kept(ATTESTED), *await served.kept(WITHDRAWN)]
    ours = [seen for seen in entries if seen.facts.get("control") == control.id
            and seen.facts.get("regime") == served.regime.id]  # fmt: skip
    return sorted(ours, key=lambda seen: seen.index)


def _attested(seen: Seen) -> shown.Data:
    facts = seen.facts
    return {"entry": seen.index, "at": shown.instant(seen.at), "by": facts.get("by"),
            "withdrawn": seen.tag == WITHDRAWN, "done": facts.get("done"),
            "valid_until": facts.get("valid_until"),
            "papers": facts.get("evidence") or []}  # fmt: skip


def _lines(status: Status, control: Control) -> list[shown.Data]:
    return [
        {**shown.row(line), "text": shown.text(line.obligation.text)}
        for line in status.lines
        if control.id in line.obligation.controls
    ]


def _words(control: Control, name: str) -> shown.Data | None:
    match control.parameters.get(name):
        case {"zh": str(zh), "en": str(en)}:
            return {"zh": zh, "en": en}
        case _:
            return None


def _days(control: Control) -> int:
    days = control.parameters.get("valid_days")
    return days if isinstance(days, int) else 365


def _latest_day(regime: Regime, control: Control, today: date) -> date:
    return today + timedelta(days=_days(control))


def _read(request: Request, control: Control, draft: Draft) -> Read | tuple[Fault, ...]:
    console = console_of(request)
    today = console.clock().astimezone(ZoneInfo(console.served.regime.zone)).date()
    latest = _latest_day(console.served.regime, control, today)
    until, faults = read_day(draft.valid_until), []
    if draft.done not in {"yes", "no"}:
        faults.append(Fault("done", Text("请选择是否属实。", "Choose whether it is so.")))
    if until is None or not today < until <= latest:
        said = Text(
            f"请填写明天至 {latest} 之间的日期。", f"Write a day from tomorrow to {latest}."
        )
        faults.append(Fault("valid_until", said))
    papers = read_papers(draft.papers)
    if isinstance(papers, Text):
        faults.append(Fault("papers", papers))
    if until is None or isinstance(papers, Text) or faults:
        return tuple(faults)
    return Read(draft.done == "yes", until, papers)


def read_papers(written: str) -> tuple[str, ...] | Text:
    """Read hashes, one a line, as `sha256sum` writes them: what stands behind a hash is a name.

    Names stay here: the ledger gets the hashes. Gives what is wrong instead, where something is.
    """
    lines = [line.split() for line in written.splitlines() if line.strip()]
    for number, (first, *_) in enumerate(lines, start=1):
        if not _HASH.fullmatch(first.lower()):
            return Text(f"第 {number} 行不是 SHA-256。每行一个，共 64 位十六进制字符。",
                        f"Line {number} is no SHA-256. Write one a line, 64 hexadecimal digits."
                        )  # fmt: skip
    if len(lines) > MOST_PAPERS:
        return Text(f"最多 {MOST_PAPERS} 份材料。", f"At most {MOST_PAPERS} papers can be named.")
    return tuple(dict.fromkeys(first.lower() for first, *_ in lines))


def _word(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip()[:20_000] if isinstance(value, str) else ""


ROUTES = (
    ConsoleRoute("/attest", listed, Permission.STATUS, twin=True),
    ConsoleRoute("/attest/{control}", one, Permission.STATUS, twin=True),
    ConsoleRoute("/attest/{control}", sign, Permission.ATTEST, ("POST",)),
    ConsoleRoute("/attest/{control}/withdraw", withdraw, Permission.ATTEST, ("POST",)),
)
