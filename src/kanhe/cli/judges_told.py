"""Which judges a service has, as its start tells people, and how well each is known."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from kanhe.adapters.judge_queue import JudgeQueue
from kanhe.adapters.judges import Judges

_SHORT = 12
_HEAD = "  judges   "


def judges_told(judges: Judges, measured: Collection[str]) -> Iterator[str]:
    """Give a line for each judge.

    Args:
        judges: Of the service.
        measured: Hashes of judges of which there is a record that may be believed.
    """
    default = judges.queues[""]
    queues = dict.fromkeys([default, *judges.queues.values()])
    for number, queue in enumerate(queues):
        head = _HEAD if number == 0 else " " * len(_HEAD)
        yield f"{head}{queue.id.name}{', default' * (queue is default)}: {_held(queue, measured)}"


def _held(queue: JudgeQueue, measured: Collection[str]) -> str:
    one = queue.id
    if not one.pinned and not queue.counts.judged:
        return "not known yet, since nobody has asked it"
    pinned = "pinned" if one.pinned else "not pinned"
    known = "measured" if one.hash in measured else "never measured as it is now"
    return f"{pinned}, {one.hash[:_SHORT]}, {known}"
