"""`kanhe assess compare` and `gate`: two runs item by item, and whether a version may go out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click

from kanhe.adapters.assess_folder import RunFolder
from kanhe.adapters.assess_gather import Gathered, Law, gather, passed_by
from kanhe.adapters.package_data import regime as regime_of
from kanhe.adapters.package_data import risks
from kanhe.assess.comparison import Comparison
from kanhe.assess.comparison import compare as compared
from kanhe.assess.outcome import Way
from kanhe.assess.plan import Plan
from kanhe.assess.reckon import results
from kanhe.assess.reckon_tests import by_another, unfit
from kanhe.assess.reckon_words import replayed
from kanhe.assess.strength import Strength
from kanhe.assess.threshold import TOTAL, Key, Open, Shut
from kanhe.assess.threshold import gate as decided
from kanhe.cli.assess_place import complete_run, json_option, run_argument, the_run
from kanhe.cli.place import Place, place, placed
from kanhe.errors import RequestError
from kanhe.terms import Text, counted

_SHOWN = 20
_route = click.option(
    "--route", type=click.Choice(["gateway", "model"]), help="Else the gateway, if it was asked."
)


@click.command(short_help="Compare two runs item by item.")
@click.argument("first", shell_complete=complete_run)
@click.argument("second", required=False, shell_complete=complete_run)
@_route
@json_option
@placed
def compare(  # noqa: PLR0913, PLR0917 # one parameter an option
    first: str, second: str | None, route: str | None, data: Path | None, config: Path | None,
    regime: str | None, language: str | None, *, as_json: bool,
) -> None:  # fmt: skip
    """Say what run SECOND gained and lost against FIRST, and whether chance alone would do that.

    With one run its gateway is compared with the model behind it. What machines said is compared:
    verdicts of people are left out, since they mostly judged one of the two.

    Example: kanhe assess compare monthly-2026-10-22 monthly-2026-11-22
    """
    where = place(data, config, regime, language)
    one = the_run(where.data, first)
    if second is None:
        said, names = _routes(one), ("model", "gateway")
    else:
        said = _between(one, the_run(where.data, second), route)
        names = (first, second)
    if said.compared == 0:
        raise RequestError(
            f"no item has a verdict both of {names[0]} and of {names[1]}",
            advice="Compare runs that asked the same questions; `kanhe assess judge RUN` gives "
            "verdicts that were left open.",
        )
    if as_json:
        click.echo(json.dumps(_plain(said)))
    else:
        _show(said, names)


def _show(said: Comparison, names: tuple[str, str]) -> None:
    click.echo(_sentence(said, names))
    for mark, items in (("-", said.lost), ("+", said.gained)):
        for item in items[:_SHOWN]:
            click.echo(f"  {mark} {item}")
        if len(items) > _SHOWN:
            click.echo(f"  {mark} … and {len(items) - _SHOWN} more (--json gives all)")
    if said.apart:
        click.echo(f"  {counted(len(said.apart), 'item')} without a verdict in both")


@click.command(short_help="Say whether a version may go out.")
@run_argument
@click.option("--against", shell_complete=complete_run, help="An earlier run; see `regression`.")
@_route
@json_option
@placed
def gate(  # noqa: PLR0913, PLR0917 # one parameter an option
    name: str | None, against: str | None, route: str | None, data: Path | None,
    config: Path | None, regime: str | None, language: str | None, *, as_json: bool,
) -> None:  # fmt: skip
    """Hold RUN against the gate of its plan; exits 1 with every reason where it is shut.

    What was demanded and not measured shuts it as well, and so do answers out of a cache, and a
    classifier that was not admitted or that broke. Against an earlier run verdicts of machines
    are compared, and none of people.

    Example: kanhe assess gate --against monthly-2026-10-22 || exit 1
    """
    where = place(data, config, regime, language)
    run = the_run(where.data, name)
    found = _gathered(run)
    plan, target = run.plan, route or _deciding(run.plan)
    _require(plan, run.name, against)
    beside = _between(the_run(where.data, against), run, route) if against else None
    kept = plan.regression if against else None
    said = decided(plan.gate, _rates(found, target), kept, beside)
    if plan.regression is not None and not against:
        said = _uncompared(said if plan.gate else None)
    if found.head.replayed:
        more = said.reasons if isinstance(said, Shut) else ()
        said = Shut((replayed(found.head.replayed), *more))
    _tell(where, run, said, as_json=as_json)
    if isinstance(said, Shut):
        raise SystemExit(1)


def _uncompared(said: Open | Shut | None) -> Shut:
    """Add to what else shuts a gate that the plan compares, and no earlier run is named."""
    missing = Text(
        "计划规定不得比上次差，但没有指定上次的运行：请加 --against RUN；第一次运行没有可比的，"
        "可从计划中去掉 regression",
        "the plan says what may not get worse, and no earlier run is named: add --against RUN; "
        "a first run has none, and passes only under a plan without `regression`",
    )
    return Shut((*(said.reasons if isinstance(said, Shut) else ()), missing))


def _require(plan: Plan, run: str, against: str | None) -> None:
    """See that an earlier run is named only where the plan compares.

    Raises:
        RequestError: It is not.
    """
    if plan.regression is None and against is not None:
        raise RequestError(
            "the plan does not say what may not get worse, so that nothing would be compared",
            advice="Put `regression: {lost: 20}` into the plan, or leave --against out.",
        )
    if against == run:
        raise RequestError(
            f"{run} cannot be worse than itself", advice="Name an earlier run with --against."
        )


def _tell(where: Place, run: RunFolder, said: Open | Shut, *, as_json: bool) -> None:
    reasons = said.reasons if isinstance(said, Shut) else ()
    if as_json:
        told = [{"zh": one.zh, "en": one.en} for one in reasons]
        click.echo(json.dumps({"run": run.name, "open": not reasons, "reasons": told}))
        return
    click.echo(f"{run.name}: {'may not go out (the gate is shut)' if reasons else 'may go out'}")
    for one in reasons:
        click.echo(f"  {where.say(one)}")


def _gathered(run: RunFolder) -> Gathered:
    return gather(run, Law(regime_of(run.plan.regime), risks(run.plan.regime)))


def _deciding(plan: Plan) -> str:
    return sorted(plan.targets)[0].value


def _routes(run: RunFolder) -> Comparison:
    for each in ("model", "gateway"):
        _require_route(run, each)
    lines = _gathered(run).lines
    return compared(passed_by(lines, "model"), passed_by(lines, "gateway"))


def _between(first: RunFolder, second: RunFolder, route: str | None) -> Comparison:
    for run in (first, second):
        if route:
            _require_route(run, route)
    before, after = _gathered(first), _gathered(second)
    one, other = route or _deciding(first.plan), route or _deciding(second.plan)
    old, new = passed_by(before.lines, one), passed_by(after.lines, other)
    asked, now = _questions(before, one), _questions(after, other)
    # An item that was rewritten under its old name is another question: it has no pair.
    odd = {name for name in old.keys() & new.keys() if asked.get(name) != now.get(name)}
    return compared({**old, **dict.fromkeys(odd)}, new)


def _require_route(run: RunFolder, route: str) -> None:
    known = [one.value for one in run.plan.targets]
    if route not in known:
        raise RequestError(
            f"the run {run.name} asked no {route}",
            advice=f"It asked its {' and its '.join(known)}: name another run, or that --route.",
        )


def _questions(found: Gathered, target: str) -> Mapping[str, str]:
    """Give the digest of each question as it stands, by the name that comparisons use."""
    trials = ((f"{one.bank}/{one.id}", one.outcome.trial) for one in found.lines)
    return {
        name: trial.item for name, trial in trials
        if (trial.target, trial.variant, trial.repeat) == (target, "", 0)
    }  # fmt: skip


def _rates(found: Gathered, target: str) -> Mapping[Key, Strength]:
    """Give the rates that may be relied on: of a judge that concludes nothing there is none."""
    given = (one.outcome.by(Way.CLASSIFIER) for one in found.lines)
    judge = found.head.judge
    mute = unfit(judge, by_another(given, judge)) is not None
    rates: dict[Key, Strength] = {}
    for tested in results(found.head, found.lines).tested:
        if tested.target == target:
            for rate in tested.rates:
                if rate.way is Way.CLASSIFIER and mute:
                    continue
                rates[tested.demand.kind, rate.way, TOTAL] = rate.whole
                for code, one in rate.slices.items():
                    rates[tested.demand.kind, rate.way, code] = one
    return rates


def _plain(said: Comparison) -> dict[str, object]:
    return {
        "compared": said.compared, "both": said.both, "neither": said.neither,
        "gained": list(said.gained), "lost": list(said.lost), "apart": len(said.apart),
        "change": said.change, "interval": [said.bounds.low, said.bounds.high], "p": said.p,
        "worse": said.worse, "better": said.better,
    }  # fmt: skip


def _sentence(said: Comparison, names: tuple[str, str]) -> str:
    sure = "worse" if said.worse else "better" if said.better else "no difference beyond chance"
    return (
        f"{names[1]} against {names[0]}: {len(said.gained)} gained, {len(said.lost)} lost of "
        f"{counted(said.compared, 'item')}; {said.change:+.1%} [{said.bounds.low:+.1%}, "
        f"{said.bounds.high:+.1%}], p = {said.p:.3g}: {sure}"
    )
