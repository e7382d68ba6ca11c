"""Logs of Inspect (`.json`, `.eval`) as evidence: by scorer, and by slice where samples name one.

Each sample's own score is counted, and not the means that the log has beside them: `C`, true and 1
pass; `I`, `N`, false and 0 do not, and partly right (`P`) is not passed either. What Inspect left
unscored (NaN) was not judged. A scorer that gives grades between, or lists, cannot be counted; it
is set aside, and that is told. Refused: a log that its owners called invalid, one sample twice, and
one whose own accuracy its samples contradict.

Source: log format version 2, as Inspect 0.3.285 writes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from math import isnan

from kanhe.assess.foreign import (
    Imported,
    Plain,
    count,
    limited,
    parsed,
    refused,
    section,
    shown,
    text,
)
from kanhe.assess.head import Evidence
from kanhe.assess.inspect_zip import MAGIC, log_of
from kanhe.terms import Text

_PASSED = frozenset({"c", "yes", "true", "1", "1.0"})
_NOT = frozenset({"i", "n", "p", "no", "false", "0", "0.0"})
_SAME = 1e-6


class _Uncountable(Exception):
    """A score that is neither passed nor failed."""


@dataclass(slots=True)
class _Scores:
    """What the samples came to.

    `by`: by scorer, by slice (empty: none was named), each sample. `aside`: scorers that cannot be
    counted; `partly`: those that called something partly right.
    """

    by: dict[str, dict[str, list[bool | None]]] = field(default_factory=dict)
    aside: set[str] = field(default_factory=set)
    partly: set[str] = field(default_factory=set)

    def take(self, name: str, part: str, value: Plain) -> None:
        try:
            found = _verdict(value)
        except _Uncountable:
            self.aside.add(name)
        else:
            self.by.setdefault(name, {}).setdefault(part, []).append(found)
        if value == "P":
            self.partly.add(name)

    def of(self, name: str) -> tuple[int, int]:
        return _counted([one for some in self.by.get(name, {}).values() for one in some])


def read_inspect(raw: bytes, file: str) -> Imported:
    """Read one log, packed or plain.

    Raises:
        AssessError: It is none, or cannot be taken for evidence; it says why.
    """
    log = log_of(raw, file) if raw.startswith(MAGIC) else parsed(raw, file)
    if not isinstance(log, dict) or not section(log, "eval"):
        raise refused(file, "is no log of Inspect: `eval` is missing", "Hand in a log file.")
    if log.get("invalidated") is True:
        raise refused(file, "was declared invalid by its owners", "Run the evaluation again.")
    samples = _samples(log, file)
    scores = _scores(samples)
    _compare(log, scores, file)
    rows = limited(list(_rows(scores)), file)
    evidence = Evidence(_tool(log), _title(log, len(samples)), sha256(raw).hexdigest(), rows)
    return Imported(evidence, tuple(_notes(log, samples, scores)))


def _samples(log: dict[str, Plain], file: str) -> list[dict[str, Plain]]:
    given = log.get("samples")
    if not isinstance(given, list) or not given:
        raise refused(file, "has no samples", "Log with samples: without them nothing is counted.")
    samples = [one for one in given if isinstance(one, dict)]
    names = {(str(one.get("id")), str(one.get("epoch"))) for one in samples}
    if len(samples) < len(given) or len(names) < len(given):
        raise refused(
            file, "has a sample twice, or what is none",
            "Hand in the log as Inspect wrote it; of two results nobody can say which counts.",
        )  # fmt: skip
    return samples


def _scores(samples: list[dict[str, Plain]]) -> _Scores:
    scores = _Scores()
    for sample in samples:
        part = text(section(sample, "metadata"), "slice")
        for name, value in _values(sample):
            scores.take(name, part, value)
    for name in scores.aside:
        # Counting only those of its scores that happen to be 0 or 1 would make up a rate.
        scores.by.pop(name, None)
    return scores


def _values(sample: dict[str, Plain]) -> Iterator[tuple[str, Plain]]:
    for scorer, score in section(sample, "scores").items():
        value = score.get("value") if isinstance(score, dict) else score
        if isinstance(value, dict):
            yield from ((shown(f"{scorer}/{key}"), inner) for key, inner in value.items())
        else:
            yield shown(scorer), value


def _verdict(value: Plain) -> bool | None:
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    plain = str(value).strip().casefold()
    if isinstance(value, list | dict) or plain not in _PASSED | _NOT:
        raise _Uncountable
    return plain in _PASSED


def _rows(scores: _Scores) -> Iterator[tuple[str, int, int]]:
    for name, by in sorted(scores.by.items()):
        if not scores.of(name)[1]:
            continue  # a scorer that was not asked, or said nothing, has no rate to show
        yield (name, *scores.of(name))
        if set(by) != {""}:
            for part, some in sorted(by.items()):
                yield (f"{name} · {part or '-'}", *_counted(some))


def _counted(some: list[bool | None]) -> tuple[int, int]:
    return some.count(True), len(some) - some.count(None)


def _compare(log: dict[str, Plain], scores: _Scores, file: str) -> None:
    """Hold the log's own accuracy against its samples, where it is of whole verdicts asked once."""
    given = section(log, "results").get("scores")
    if (_epochs(log) or 1) > 1 or not isinstance(given, list):
        return
    for one in given:
        name = text(one, "name")
        told = section(section(one, "metrics"), "accuracy").get("value")
        passed, judged = scores.of(name)
        if name in scores.partly or not judged or not isinstance(told, int | float):
            continue
        if not abs(told - passed / judged) <= _SAME:
            raise refused(
                file, f"says {told:.4f} of {name}, and its samples {passed} of {judged}",
                "Hand in the log as Inspect wrote it; after edits, `inspect score` computes anew.",
            )  # fmt: skip


def _epochs(log: Mapping[str, Plain]) -> int | None:
    return count(section(section(dict(log), "eval"), "config"), "epochs")


def _tool(log: dict[str, Plain]) -> str:
    version = text(section(section(log, "eval"), "packages"), "inspect_ai")
    return f"inspect_ai {version}".strip()


def _title(log: dict[str, Plain], found: int) -> str:
    run = section(log, "eval")
    title = shown(f"{text(run, 'task') or '?'} · {text(run, 'model') or '?'}")
    planned = (count(section(run, "dataset"), "samples") or 0) * (_epochs(log) or 1)
    status = text(log, "status") or "started"
    if status != "success" or found < planned:
        title += f" ({status}, {found}/{planned or '?'})"
    return title


def _notes(
    log: dict[str, Plain], samples: list[dict[str, Plain]], scores: _Scores
) -> Iterator[Text]:
    if scores.aside:
        names = ", ".join(sorted(scores.aside))
        yield Text(
            f"{names}：分数不是“通过”或“不通过”，无法计数，未采用",
            f"{names}: the scores are not passed or failed, cannot be counted, and are set aside",
        )
    if (epochs := _epochs(log) or 1) > 1:
        yield Text(
            f"每题问了 {epochs} 遍；同一题的几次回答彼此不独立，区间会偏窄",
            f"each item was asked {epochs} times; answers to one item go together, and intervals "
            f"come out too narrow",
        )
    for name in sorted(scores.by):
        if unscored := len(samples) - scores.of(name)[1]:
            yield Text(
                f"{name}：{len(samples)} 题中有 {unscored} 题没有判定，未计入",
                f"{name}: {unscored} of {len(samples)} samples have no verdict and are not counted",
            )
    if failed := sum(bool(one.get("error")) for one in samples):
        yield Text(f"{failed} 题出错，没有判定", f"{failed} samples ended in an error, unjudged")
    if scores.partly:
        yield Text("“部分正确”算作不通过", "what was partly right counts as not passed")
    if (status := text(log, "status")) != "success":
        yield Text(f"该次评测未正常结束：{status}", f"the run did not end well: {status}")
