"""The judges of a running service: which rules rely on them, and what is recorded of each.

What the start records of a judge that could not be asked is not what it is. Once it is known, or
when another model answers in its place, it is recorded anew; else a status would speak of a judge
that nobody has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from kanhe.adapters.judge_queue import JudgeQueue
from kanhe.adapters.judge_records import shipped_record
from kanhe.adapters.judges import Judges
from kanhe.judge.record import measured_facts
from kanhe.ledger.entry import Json
from kanhe.ledger.log import Ledger
from kanhe.policy.rule import Judged, Mode, Rule
from kanhe.status.record import LEARNT, judge_facts


def asked_by(rules: Iterable[Rule], *, acting: bool = False) -> set[str]:
    """Name the judges that rules ask; the default one's name is empty.

    `acting`: only of rules that do more than watch.
    """
    return {
        rule.matcher.judge
        for rule in rules
        if isinstance(rule.matcher, Judged) and (rule.mode is Mode.ENFORCE or not acting)
    }


def relied_on(judges: Judges, rules: Iterable[Rule]) -> dict[str, bool]:
    """Say of each judge that acting rules ask whether it gives opinions, as far as is known."""
    queues = [judges.queues[name] for name in asked_by(rules, acting=True)]
    return {queue.id.name: queue.gives_opinions() for queue in queues}


def facts_of(judges: Judges) -> list[Mapping[str, Json]]:
    """Give what the start records of each judge."""
    return [_facts(queue, judges) for name, queue in judges.queues.items() if name]


def record_learnt(judges: Judges, ledger: Ledger) -> None:
    """From now on record a judge anew when it turns out to be another than it is now."""
    for name, queue in judges.queues.items():
        if name:
            queue.watch(partial(_record, queue, judges, ledger))


def _record(queue: JudgeQueue, judges: Judges, ledger: Ledger) -> None:
    told = ledger.submit(LEARNT, _facts(queue, judges))
    # Where it cannot be written, whoever needs the ledger is told by others.
    told.add_done_callback(lambda future: future.cancelled() or future.exception())


def _facts(queue: JudgeQueue, judges: Judges) -> Mapping[str, Json]:
    ours = shipped_record()
    told = measured_facts(ours) if ours else None
    default = queue is judges.queues[""]
    return judge_facts(queue.id, queue.categories, default=default, shipped=told)
