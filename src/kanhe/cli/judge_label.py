"""`kanhe judge label`: have people label texts, blind, and make a labelled set of what they said.

Labelling itself is done at the console. That a task was opened or closed, and with which figures,
is on the ledger; who said what is not, and texts never are.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from kanhe.adapters.disk import Disk
from kanhe.adapters.label_store import LABELS, LabelStore, open_labels
from kanhe.adapters.record_door import record
from kanhe.cli import judge_label_lines as lines
from kanhe.cli.place import Place, place, placed
from kanhe.errors import KanheError, RequestError
from kanhe.judge.category import CATEGORIES, OWN
from kanhe.judge.label_record import CLOSED, ERASED, OPENED, erased_facts, opened_facts
from kanhe.judge.label_set import exported, read_items
from kanhe.judge.labelling import MILLION, Task
from kanhe.settings import read_basics
from kanhe.terms import Text, counted

QUESTION = Text("这段文本有害吗？", "Is this text unsafe?")

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def complete_task(
    context: click.Context, parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Offer the tasks of the data directory."""
    try:
        data = read_basics(context.params.get("data"), config=context.params.get("config")).data
        if not (data / LABELS).is_file():
            return []
        with closing(open_labels(data)) as store:
            names = [one.name for one in store.tasks()]
    except KanheError:
        return []
    return [CompletionItem(name) for name in names if name.startswith(begun)]


def complete_category(
    context: click.Context, parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Offer the categories, with their titles."""
    titles = {name: title.en for name, title in CATEGORIES.items()} | {"none": "do not ask for one"}
    return [CompletionItem(name, help=title) for name, title in titles.items()
            if name.startswith(begun)]  # fmt: skip


_task = click.argument("task", shell_complete=complete_task)


@click.group(short_help="Have people label texts, blind.")
def label() -> None:
    """Have people label texts at the console, blind and doubly, and measure judges on it."""


@label.command("open", short_help="Open a task.")
@click.argument("task")
@click.option(
    "--set",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Texts as JSONL: text, lang, kind; labels that it has are never shown.",
)
@click.option(
    "--double",
    "share",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="The share of texts that two people label.",
)
@click.option(
    "--category",
    "categories",
    multiple=True,
    metavar="CATEGORY",
    shell_complete=complete_category,
    help="Offered for what is unsafe; several times. Else all of ours; `none`: not asked for.",
)
@click.option("--question-zh", default=QUESTION.zh, show_default=True, help="What is asked.")
@click.option("--question-en", default=QUESTION.en, show_default=True, help="In English.")
@placed
def open_(  # noqa: PLR0913, PLR0917 # one parameter an option
    task: str,
    file: Path,
    share: float,
    categories: tuple[str, ...],
    question_zh: str,
    question_en: str,
    data: Path | None,
    config: Path | None,
    regime: str | None,
    language: str | None,
) -> None:
    """Open TASK over the texts of a file; people then label them at the console.

    Nobody sees another's label, what a judge says, or where a text is from. Where two differ, a
    third decides.

    Example: kanhe judge label open spring --set texts.jsonl --double 0.5
    """
    here = place(data, config, regime, language)
    found = read_items(str(file), file.read_bytes())
    made = Task(
        task, Text(question_zh, question_en), _categories(categories), round(share * MILLION),
        secrets.token_hex(16), found.name, found.sha256, len(found.items), datetime.now(UTC),
    )  # fmt: skip
    with _store(here) as store:
        store.require_new(made, found.items)
        entry = record(here.data, here.origin, OPENED, opened_facts(made))
        store.open(made, found.items)
    if found.again:
        click.echo(here.say(Text(f"重复的文本 {found.again} 条，只标注一次。",
                                 f"{counted(found.again, 'text stands', 'texts stand')} twice, to "
                                 "be labelled once.")),
                   err=True)  # fmt: skip
    click.echo(here.say(Text(
        f"任务 {task}：{made.items:,} 条文本，其中 {share:.0%} 由两人标注；账本条目 {entry}。"
        f"在控制台的 /console/label/{task} 标注。",
        f"{task}: {counted(made.items, 'text')}, {share:.0%} of them for two people; entry {entry} "
        f"of the ledger. People label them at /console/label/{task}.",
    )))  # fmt: skip


def _categories(given: tuple[str, ...]) -> tuple[str, ...]:
    if given == ("none",):
        return ()
    for one in given:
        if one not in CATEGORIES and not OWN.fullmatch(one):
            close = get_close_matches(one, CATEGORIES, 3)
            meant = f"did you mean {' or '.join(close)}?" if close else (
                f"write one of {', '.join(CATEGORIES)}; or own.NAME for one of yours.")  # fmt: skip
            raise click.UsageError(f"{one!r} is no category; {meant}")
    return tuple(dict.fromkeys(given)) or tuple(CATEGORIES)


@label.command(name="list", short_help="Name the tasks.")
@_json
@placed
def list_(
    data: Path | None, config: Path | None, regime: str | None, language: str | None, *,
    as_json: bool,
) -> None:  # fmt: skip
    """Name the tasks: how many texts, how many of them are settled.

    Example: kanhe judge label list
    """
    here = place(data, config, regime, language)
    with _store(here) as store:
        desks = [store.desk(one.name) for one in store.tasks()]
    if as_json:
        click.echo(json.dumps([lines.told(desk) for desk in desks], ensure_ascii=False))
        return
    for desk in desks:
        click.echo(lines.line(desk, here))
    if not desks:
        none = Text(
            "还没有任务；kanhe judge label open 新建一个。",
            "There is none; `kanhe judge label open` makes one.",
        )
        click.echo(here.say(none))


@label.command(short_help="Say how far a task is.")
@_task
@_json
@placed
def progress(  # noqa: PLR0913 # one parameter an option
    task: str, data: Path | None, config: Path | None, regime: str | None, language: str | None, *,
    as_json: bool,
) -> None:  # fmt: skip
    """Say how far TASK is, by person (ids of accounts), and how far people agree.

    Example: kanhe judge label progress spring
    """
    here = place(data, config, regime, language)
    with _store(here) as store:
        desk = store.desk(task)
    if as_json:
        click.echo(json.dumps(lines.told(desk) | lines.figures(desk), ensure_ascii=False))
        return
    click.echo("\n".join(lines.whole(desk, here)))


@label.command(short_help="Write what people said as a labelled set.")
@_task
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="Where to.")  # fmt: skip
@click.option("--allow-empty", is_flag=True, help="Write a file even if no text is settled.")
@placed
def export(  # noqa: PLR0913, PLR0917 # one parameter an option
    task: str, output: Path, data: Path | None, config: Path | None, regime: str | None,
    language: str | None, *, allow_empty: bool,
) -> None:  # fmt: skip
    """Write the settled texts of TASK as JSONL, with how many labelled each and how many agreed.

    `kanhe judge measure --set` reads it.

    Example: kanhe judge label export spring -o spring.jsonl
    """
    here = place(data, config, regime, language)
    with _store(here) as store:
        desk = store.desk(task)
        raw = exported(store.items(task), desk.results())
    if not raw and not allow_empty:
        raise RequestError(
            f"no text of {task} is settled, so there is nothing to export",
            advice=f"Label it at /console/label/{task}; `{here.typed('kanhe judge label progress')}"
            f" {task}` says how far it is. --allow-empty writes an empty file.",
        )
    Disk().write_synced(output, raw)
    rows, digest = raw.count(b"\n"), sha256(raw).hexdigest()
    click.echo(here.say(Text(
        f"{output}：{rows:,} 条，SHA-256 {digest}。未定的 {desk.task.items - rows:,} 条不在其中。",
        f"{output}: {counted(rows, 'row')}, SHA-256 {digest}. "
        f"{counted(desk.task.items - rows, 'text is', 'texts are')} not settled and left out.",
    )))  # fmt: skip


@label.command(short_help="Close a task.")
@_task
@placed
def close(
    task: str, data: Path | None, config: Path | None, regime: str | None, language: str | None
) -> None:
    """Close TASK: nothing more is said in it, and its figures go on the ledger.

    Example: kanhe judge label close spring
    """
    from kanhe.judge.label_summary import closed_facts, summary  # noqa: PLC0415 # it loads numpy

    here = place(data, config, regime, language)
    with _store(here) as store:
        store.end(task, datetime.now(UTC))
        desk = store.desk(task)
        raw = None if desk.task.erased else exported(store.items(task), desk.results())
        digest = None if raw is None else sha256(raw).hexdigest()
        facts = closed_facts(desk.task, summary(desk), digest)
        try:
            entry = record(here.data, here.origin, CLOSED, facts)
        except KanheError:
            # Closed is what the ledger says is closed; figures of an open task would not stay so.
            store.end(task, None)
            raise
    click.echo(here.say(Text(f"任务 {task} 已关闭，账本条目 {entry}。",
                             f"{task} is closed; entry {entry} of the ledger.")))  # fmt: skip


@label.command(short_help="Destroy the texts of a task.")
@_task
@click.option("--yes", is_flag=True, help="Do not ask.")
@placed
def erase(  # noqa: PLR0913 # one parameter an option
    task: str, data: Path | None, config: Path | None, regime: str | None, language: str | None, *,
    yes: bool,
) -> None:  # fmt: skip
    """Destroy the texts of TASK for good; its labels remain, and what is exported is not touched.

    Example: kanhe judge label erase spring
    """
    here = place(data, config, regime, language)
    with _store(here) as store:
        desk = store.desk(task)
        found = desk.task
        if found.is_open:
            click.echo(here.say(lines.unfinished(desk)), err=True)
        if not yes:
            texts = counted(found.items, "text")
            click.confirm(here.say(Text(f"销毁 {task} 的 {found.items:,} 条文本？",
                                        f"Destroy the {texts} of {task}?")),
                          abort=True)  # fmt: skip
        store.erase(task, datetime.now(UTC))
    entry = record(here.data, here.origin, ERASED, erased_facts(found))
    click.echo(here.say(Text(f"文本已销毁，账本条目 {entry}；备份中的副本请另行销毁。",
                             f"They are destroyed; entry {entry} of the ledger. Copies in backups "
                             "are yours to destroy.")))  # fmt: skip


@contextmanager
def _store(here: Place) -> Iterator[LabelStore]:
    with closing(open_labels(here.data)) as store:
        yield store
