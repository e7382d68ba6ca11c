"""`kanhe scope`: answer the questionnaire that decides which duties bind the service.

What was decided is shown with its reasons before it is recorded. The service may run or not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from kanhe.adapters.ledger_view import open_view
from kanhe.adapters.record_door import record
from kanhe.cli import completing
from kanhe.cli.place import Place, place, placed
from kanhe.cli.scope_ask import ask_all, read_answer, written
from kanhe.cli.scope_file import answers_in
from kanhe.errors import LedgerError, SettingsError
from kanhe.law.scope import Answer, Answers, decide
from kanhe.ledger.entry import Json
from kanhe.ledger.tree import EMPTY_ROOT
from kanhe.status.compute import compute
from kanhe.status.determination import Determination, answers_of, determined
from kanhe.status.picture import Picture, Seen, Sound
from kanhe.status.record import DETERMINED
from kanhe.status.status import Status
from kanhe.status.verdict import Standing
from kanhe.terms import Text, counted

_BY = "cli"


@click.command(short_help="Answer which duties bind the service.")
@click.option(
    "--answers",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file with question: answer, instead of asking.",
)
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="QUESTION=ANSWER",
    shell_complete=completing.answers,
    help="One answer.",
)
@click.option("--show", is_flag=True, help="Show the answers on record, and ask nothing.")
@click.option("--dry-run", is_flag=True, help="Show what would follow, and record nothing.")
@click.option("--yes", is_flag=True, help="Record without asking once more.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@placed
def scope(  # noqa: PLR0913, PLR0917 # one parameter an option
    file: Path | None,
    given: tuple[str, ...],
    data: Path | None,
    config: Path | None,
    regime: str | None,
    language: str | None,
    *,
    show: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Answer the questionnaire of the regime; what it decides is shown, then recorded.

    With --set or --answers nothing is asked: these answers replace those on record, which stay for
    all other questions.

    Example: kanhe scope --set public=y --set opinion=n
    """
    here, now = place(data, config, regime, language), datetime.now(UTC)
    picture = _picture(here, now)
    before = answers_of(picture, here.regime, now)
    if show:
        _show(here, before, now, as_json=as_json)
        return
    kept = dict(before.answers) if before else {}
    written_down = bool(file or given)
    answers = _given(here, kept, file, given) if written_down else ask_all(here, kept)
    facts = determined(here.regime, answers, _BY, day=_day(here, now))
    status = _supposed(here, picture, facts, now)
    if not as_json:
        click.echo("\n".join(_decided(here, status)))
    asked = here.say(Text("记录上述答复？", "Record these answers?"))
    sure = not dry_run and (yes or written_down or click.confirm(asked, default=True))
    number = record(here.data, here.origin, DETERMINED, facts) if sure else None
    _report(here, facts, status, number, as_json=as_json)


def _report(
    here: Place, facts: Mapping[str, Json], status: Status, number: int | None, *, as_json: bool
) -> None:
    if as_json:
        click.echo(json.dumps({**_told(facts, status), "entry": number}, ensure_ascii=False))
    elif number is not None:
        click.echo(here.say(Text(f"已记入账本，条目 {number}。", f"Recorded as entry {number}.")))


def _given(
    here: Place, kept: Answers, file: Path | None, given: tuple[str, ...]
) -> dict[str, Answer]:
    """Give the answers on record, and those of the file and the options in their place."""
    return {**kept, **(answers_in(file, here.regime) if file else {}), **_from_options(here, given)}


def _picture(here: Place, now: datetime) -> Picture:
    try:
        view = open_view(here.data, alone=True)
    except LedgerError:
        return Picture(now, 0, Sound(0, EMPTY_ROOT), {}, {})  # none yet: it begins with this entry
    try:
        return view.picture(now)
    finally:
        view.close()


def _day(here: Place, now: datetime) -> date:
    return now.astimezone(ZoneInfo(here.regime.zone)).date()


def _from_options(here: Place, given: tuple[str, ...]) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    faults: list[str] = []
    for one in given:
        name, is_set, value = one.partition("=")
        question = here.regime.questions.get(name.strip())
        if not is_set or question is None:
            known = ", ".join(here.regime.questions)
            faults.append(f"--set {one!r}: write QUESTION=ANSWER; questions: {known}")
            continue
        try:
            found[question.id] = read_answer(question, value)
        except ValueError as error:
            faults.append(f"--set {question.id}: {error}")
    if faults:
        raise click.UsageError("\n".join(faults))
    return found


def _supposed(here: Place, picture: Picture, facts: Mapping[str, Json], now: datetime) -> Status:
    """Give the status as it will be once these answers are on record."""
    seen = Seen(picture.size, now, DETERMINED, facts)
    kept = {**picture.kept, DETERMINED: (*picture.all(DETERMINED), seen)}
    supposed = Picture(now, picture.size + 1, picture.soundness, picture.counts, kept)
    return compute(here.regime, supposed, at=now)


def _decided(here: Place, status: Status) -> Iterator[str]:
    counts = status.counts
    spared = counts[Standing.NOT_APPLICABLE]
    applying = sum(counts.values()) - spared
    yield ""
    for route in status.routes:
        because = _because(here, decide(route.condition, status.answers).because, status.answers)
        yield click.style(f"{here.say(route.title)} ({route.clause})", bold=True)
        yield f"  {here.say(route.text)}"
        yield f"  {here.say(Text('依据答复：', 'By your answers: '))}{because}"
    yield here.say(Text(
        f"适用义务 {applying} 项，不适用 {spared} 项。",
        f"{counted(applying, 'duty applies', 'duties apply')}, "
        f"{spared} {'does' if spared == 1 else 'do'} not.",
    ))  # fmt: skip


def _because(here: Place, names: tuple[str, ...], answers: Answers) -> str:
    told = [f"{here.say(here.regime.questions[name].title)} {written(answers[name])}"
            for name in names if name in answers]  # fmt: skip
    return "; ".join(told)


def _show(here: Place, before: Determination | None, now: datetime, *, as_json: bool) -> None:
    if before is None:
        raise SettingsError(
            "nobody has answered the questionnaire yet",
            advice=f"Run `{here.typed('kanhe scope')}`.",
        )
    if as_json:
        told = {
            "entry": before.seen.index, "at": before.seen.at.isoformat(),
            "until": before.until.isoformat(), "routes": list(before.routes),
            "answers": {name: list(one) if isinstance(one, tuple) else one
                        for name, one in before.answers.items()},
        }  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for name, answer in before.answers.items():
        click.echo(
            f"{name:<24} {written(answer):<12} {here.say(here.regime.questions[name].title)}"
        )
    number, until = before.seen.index, f"{before.until:%Y-%m-%d}"
    good = Text(f"条目 {number}，有效至 {until}。", f"Entry {number}, good until {until}.")
    old = Text(f"条目 {number} 已过期，请重新答复。", f"Entry {number} is too old.")
    click.echo(here.say(old if before.until <= now else good))


def _told(facts: Mapping[str, Json], status: Status) -> dict[str, Json]:
    counts = {standing.value: number for standing, number in status.counts.items()}
    return {"facts": facts, "counts": counts}
