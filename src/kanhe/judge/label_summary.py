"""What the labels of a task come to: how far its people agree, in figures with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kanhe.judge.agreement import Of, alpha, by_value, kappa, met, pairs_of, percent
from kanhe.judge.counts import Figure
from kanhe.judge.labelling import MILLION, Desk, Label, Standing, Task, count
from kanhe.ledger.entry import Json


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who labelled the same items: by number, in the order in which they came."""

    first: int
    second: int
    items: int
    kappa: Figure | None


@dataclass(frozen=True, slots=True)
class Summary:
    """How far the people of a task agree; decisions about disputes are left out.

    Attributes:
        counts: Items by how they stand.
        labels: That stand, "cannot tell" included.
        unsure: How many of them were given as not sure.
        skipped: How many say "cannot tell"; they are gaps in all figures.
        people: How many gave them.
        same: Share of pairs of labels that say the same: safe or unsafe.
        alpha: Of safe and unsafe.
        alpha_category: Of safe and the categories of unsafe.
        pairs: Cohen's kappa of safe and unsafe, for each two people.
        values: Agreement on each value.
        met: How often two people met in two values.
        seconds: Median time of a label; None where there is none.
    """

    counts: Mapping[Standing, int]
    labels: int
    unsure: int
    skipped: int
    people: int
    same: Figure | None
    alpha: Figure | None
    alpha_category: Figure | None
    pairs: tuple[Pair, ...]
    values: tuple[Of, ...]
    met: Mapping[tuple[str, str], int]
    seconds: int | None

    @property
    def kappa(self) -> Figure | None:
        """Cohen's kappa, where it is one of two people and no more."""
        return self.pairs[0].kappa if len(self.pairs) == 1 else None


def summary(desk: Desk) -> Summary:
    """Say how far the people of a task agree."""
    labels = [one for _, labels in desk.everything() for one in labels]
    told = [_told(labels) for _, labels in desk.everything()]
    values = [{one.by: one.value for one in labels} for labels in told]
    verdicts = [{one.by: one.said for one in labels} for labels in told]
    number = {who: at for at, who in enumerate(desk.people(), 1)}
    pairs = tuple(
        Pair(number[one], number[other], len(both), kappa(both))
        for (one, other), both in pairs_of(verdicts).items()
    )
    times = sorted(one.seconds for one in labels)
    return Summary(
        counts=count(desk.results()),
        labels=len(labels),
        unsure=sum(not one.sure for one in labels),
        skipped=sum(one.said == "skip" for one in labels),
        people=len({one.by for one in labels}),
        same=percent(verdicts),
        alpha=alpha(verdicts),
        alpha_category=alpha(values),
        pairs=tuple(sorted(pairs, key=lambda one: (one.first, one.second))),
        values=by_value(values),
        met=met(values),
        seconds=times[len(times) // 2] if times else None,
    )


def _told(labels: tuple[Label, ...]) -> list[Label]:
    return [one for one in labels if one.said != "skip"]


def closed_facts(task: Task, found: Summary, exported: str | None) -> dict[str, Json]:
    """Give the facts of `judge:label:closed`; `exported`: SHA-256 of the set, if there is one."""
    return {
        "task": task.name,
        "set": task.set_sha256,
        "items": task.items,
        **{str(standing): number for standing, number in found.counts.items()},
        "labels": found.labels,
        "people": found.people,
        "same_ppm": _ppm(found.same),
        "kappa_ppm": _ppm(found.kappa),
        "alpha_ppm": _ppm(found.alpha),
        "alpha_category_ppm": _ppm(found.alpha_category),
        "exported": exported,
    }


def _ppm(found: Figure | None) -> int | None:
    return None if found is None else round(found.value * MILLION)
