"""What a shell offers as the value of an option or argument: ids of the regime that is asked about.

Reads the regime's files and the settings, never a ledger; where they are wrong it offers nothing,
and the command itself says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import click
from click.shell_completion import CompletionItem

from kanhe.adapters.package_data import regime as shipped
from kanhe.adapters.package_data import regimes
from kanhe.errors import KanheError
from kanhe.law.regime import Regime
from kanhe.law.scope import Question
from kanhe.settings import read_basics

Offered: TypeAlias = Iterable[tuple[str, str]]
"""Values, each with what it means."""

Completing: TypeAlias = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def regime_ids(
    context: click.Context, parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Offer the regimes that are shipped."""
    return [CompletionItem(name) for name in regimes() if name.startswith(begun)]


def offered(context: click.Context, begun: str, values: Callable[[Regime], Offered]) -> list[
    CompletionItem
]:  # fmt: skip
    """Offer those of the regime's `values` that start with what was `begun`."""
    given = context.params
    try:
        name = given.get("regime") or given.get("name")
        name = name or read_basics(given.get("data"), config=given.get("config")).regime
        found = dict(values(shipped(str(name))))
    except KanheError:
        return []
    return [CompletionItem(one, help=told) for one, told in found.items() if one.startswith(begun)]


def _of(values: Callable[[Regime], Offered]) -> Completing:
    def complete(
        context: click.Context, parameter: click.Parameter, begun: str
    ) -> list[CompletionItem]:
        return offered(context, begun, values)

    return complete


def attestable(regime: Regime) -> Offered:
    """Give the controls that people confirm."""
    return ((one.id, one.title.en) for one in regime.controls.values() if one.check == "attested")


def _drafts(regime: Regime) -> Offered:
    return (
        (name, one.title.en) for name, one in regime.sources.items() if not one.force.binds
    )  # fmt: skip


def _answers(regime: Regime) -> Iterator[tuple[str, str]]:
    for question in regime.questions.values():
        yield f"{question.id}=", question.title.en
        yield from ((f"{question.id}={value}", told) for value, told in _values(question))


def _values(question: Question) -> Offered:
    if question.kind == "yes_no":
        return (("y", "yes"), ("n", "no"))
    return ((option.id, option.title.en) for option in question.options)


def answers(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Offer questions, and after the sign of equality their answers."""
    found = offered(context, begun, _answers)
    return [one for one in found if "=" in begun or one.value.endswith("=")]


obligations = _of(lambda regime: ((one.id, one.title.en) for one in regime.obligations))
controls = _of(attestable)
clocks = _of(lambda regime: ((one.id, one.title.en) for one in regime.clocks.values()))
drafts = _of(_drafts)
areas = _of(lambda regime: ((one.id, one.title.en) for one in regime.areas))
