"""`kanhe assess people`, `by-hand`, `panel`: what people judge, at a terminal.

The same rules as at the console: blind, nobody twice, nobody on the panel about what they judged.
Whoever sits at the machine says whose account they use; the account has to be allowed to.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from kanhe.accounts.account import Account, Permission, may
from kanhe.adapters.account_store import open_accounts
from kanhe.adapters.assess_folder import Runs
from kanhe.adapters.assess_people_store import PeopleStore, Shown
from kanhe.assess.people import LONGEST_S, Judgement
from kanhe.assess.people_reason import choices, read_choice
from kanhe.cli import assess_panel_lines as lines
from kanhe.cli.assess_place import json_option, run_argument, the_run
from kanhe.cli.place import Place, place, placed
from kanhe.errors import AccountError, RequestError
from kanhe.terms import Text

_BACK, _QUIT = "u", "q"

_as = click.option("--as", "who", metavar="ACCOUNT", help="Who judges: a name, or an account's id.")


@click.command(short_help="Say how far people are with judging.")
@run_argument
@json_option
@placed
def people(  # noqa: PLR0913 # one parameter an option
    name: str | None, data: Path | None, config: Path | None, regime: str | None,
    language: str | None, *, as_json: bool,
) -> None:  # fmt: skip
    """Say how far people are with the answers of RUN, by person, and how far they agree.

    Example: kanhe assess people
    """
    here = place(data, config, regime, language)
    with _store(here, name) as (store, run):
        found = store.sitting(run)
    names = _names(here, found.people())
    if as_json:
        click.echo(json.dumps(lines.told(run, found), ensure_ascii=False))
        return
    click.echo("\n".join(lines.whole(run, found, here, names)))


@click.command("by-hand", short_help="Judge answers by hand, blind.")
@run_argument
@_as
@placed
def by_hand(  # noqa: PLR0913, PLR0917 # one parameter an option
    name: str | None, who: str | None, data: Path | None, config: Path | None,
    regime: str | None, language: str | None,
) -> None:  # fmt: skip
    """Judge answers of RUN one after another, as at /console/by-hand.

    You see question and answer, and nothing that anybody or any machine said of it. Press u to take
    the last one back, q to end.

    Example: kanhe assess by-hand --as anna
    """
    here = place(data, config, regime, language)
    person = _person(here, who, Permission.LABEL)
    with _store(here, name) as (store, run):
        _Sat(store, run, here, person.id).judge()


@click.command(short_help="Decide where people differ.")
@run_argument
@_as
@click.option("--undo", is_flag=True, help="Take your last decision back; it waits again.")
@placed
def panel(  # noqa: PLR0913, PLR0917 # one parameter an option
    name: str | None, who: str | None, data: Path | None, config: Path | None,
    regime: str | None, language: str | None, *, undo: bool,
) -> None:  # fmt: skip
    """Name the answers of RUN on which people differ; with --as, decide them one after another.

    A decision has a reason. Press u, or begin with --undo, to take the last one back; q to end.

    Example: kanhe assess panel --as cleo
    """
    here = place(data, config, regime, language)
    with _store(here, name) as (store, run):
        if who is None and not undo:
            click.echo("\n".join(lines.waiting(store.sitting(run), here)))
            return
        person = _person(here, who, Permission.ADJUDICATE)
        sat = _Sat(store, run, here, person.id)
        if undo:
            sat.take_back(panel=True)
        sat.decide()


class _Sat:
    """Somebody who sits at a terminal and judges."""

    def __init__(self, store: PeopleStore, run: str, here: Place, who: str) -> None:
        self._store, self._run, self._here, self._who = store, run, here, who

    def judge(self) -> None:
        """Show what is next until nothing is left, or they have had enough."""
        while (number := self._store.sitting(self._run).next_number(self._who)) is not None:
            if not self._one(number, panel=False):
                return
        self._say(Text("没有待您评判的回答了。", "Nothing is left for you to judge."))

    def decide(self) -> None:
        """Show dispute after dispute."""
        while (number := self._store.sitting(self._run).next_dispute(self._who)) is not None:
            if not self._one(number, panel=True):
                return
        self._say(Text("没有待您裁定的分歧。", "No dispute waits for you."))

    def _one(self, number: int, *, panel: bool) -> bool:
        one = self._store.shown(self._run, number)
        both = self._store.sitting(self._run).both(number) if panel else ()
        begun = time.monotonic()
        for line in lines.shown(one, both, self._here):
            click.echo(line)
        given = self._asked(one, panel=panel)
        if given == _QUIT:
            return False
        if given == _BACK:
            self.take_back(panel=panel)
            return True
        said, why = read_choice(given, one.expect, panel=panel)
        took = min(round(time.monotonic() - begun), LONGEST_S)
        trial = self._store.sitting(self._run).drawn.trials[number]
        now = datetime.now(UTC)
        self._keep(number, Judgement(trial, self._who, said, why, took, now, panel))
        return True

    def take_back(self, *, panel: bool) -> None:
        """Take the last verdict back, or the last decision."""
        taken = self._store.take_back(self._run, self._who, datetime.now(UTC), panel=panel)
        nothing = Text("没有可撤回的。", "There is nothing to take back.")
        self._say(nothing if taken is None else Text("已撤回。", "Taken back."))

    def _asked(self, one: Shown, *, panel: bool) -> str:
        offered = choices(one.expect, panel=panel)
        for line in lines.offered(offered, self._here):
            click.echo(line)
        back = {_BACK: Text("撤回上一条", "take the last one back")}
        for letter, text in {**back, _QUIT: Text("结束", "end")}.items():
            click.echo(f"  {letter}  {self._here.say(text)}")
        known = [*map(str, range(1, len(offered) + 1)), *back, _QUIT]
        pressed = click.prompt(">", type=click.Choice(known), show_choices=False, prompt_suffix=" ")
        return list(offered)[int(pressed) - 1] if pressed.isdecimal() else str(pressed)

    def _keep(self, number: int, given: Judgement) -> None:
        try:
            self._store.add(self._run, number, given)
        except RequestError as error:
            click.echo(str(error), err=True)

    def _say(self, text: Text) -> None:
        click.echo(self._here.say(text))


def _names(here: Place, people: Iterable[str]) -> dict[str, str]:
    """Give by account what it is called; an account that is gone stays what its id is."""
    with closing(open_accounts(here.data)) as accounts:
        found = [accounts.find(who) for who in people]
    return {one.id: one.name for one in found if one is not None}


def _person(here: Place, who: str | None, permission: Permission) -> Account:
    if not who:
        raise RequestError(
            "it has to be known who judges", advice="Say it: --as NAME; see `kanhe account list`."
        )
    with closing(open_accounts(here.data)) as accounts:
        person = accounts.named(who) or accounts.find(who)
    if person is None or person.disabled:
        raise AccountError(
            f"nobody who may sign in is named {who!r}",
            advice="`kanhe account list` names those there are.",
        )
    if not may(person.role, permission):
        raise AccountError(
            f"the role {person.role} does not allow this",
            advice="Owners, operators and reviewers may; roles are given at /console/accounts.",
        )
    return person


@contextmanager
def _store(here: Place, name: str | None) -> Iterator[tuple[PeopleStore, str]]:
    run = the_run(here.data, name)
    if run.plan.judging.people is None:
        raise RequestError(
            f"the plan of {run.name} has nothing for people to judge",
            advice="Write `judging: {people: {questions: 1000, double: 0.2}}` into the next plan.",
        )
    with closing(PeopleStore(Runs(here.data))) as store:
        yield store, run.name
