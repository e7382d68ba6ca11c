"""Turn what the rounds measured into tables: medians over rounds, ratios, leaks, surfaces.

Values in, text out; only `write` touches a file. A figure that was not measured is a dash, and a
run that failed says so: nothing is filled in. No path and no log of the machine enters the tables.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
OURS, LIMIT = "kanhe", "direct"
BANNED = "蓝色独角兽"  # the stand-in that surface_test.py of the shared bench sends
Result = dict[str, Any]  # JSON as compare.py gathers it


@dataclass(frozen=True, slots=True)
class Measure:
    """One row: where the figure stands in a round's result, and which way is better."""

    title: str
    path: tuple[str, ...]
    more_is_better: bool = False


REQUESTS = Measure(
    "**requests per gateway CPU second** (16 at a time)", ("nonstream_c16", "per_gw_cpu_s"), True
)
STREAMS = Measure(
    "**200-chunk streams per gateway CPU second** (8 at a time)",
    ("stream200_c8", "per_gw_cpu_s"),
    True,
)
FIRST_TEXT = Measure(
    "time to first text, chunks 5 ms apart, p50 ms", ("paced200x5ms", "ttft", "p50_ms")
)
MEMORY = Measure("RSS, MiB", ("rss_mib",))
START = Measure("start, s (to ± 0.4)", ("start_s",))
MEASURES = (
    Measure("answer at once, 1 at a time, p50 ms", ("nonstream_c1", "p50_ms")),
    Measure("the same, p99 ms", ("nonstream_c1", "p99_ms")),
    Measure("requests per second (16 at a time, shared cores)", ("nonstream_c16", "per_s"), True),
    REQUESTS,
    Measure("200-chunk stream without delay, whole, p50 ms", ("stream200_c1", "total", "p50_ms")),
    Measure("streams per second (8 at a time, shared cores)", ("stream200_c8", "per_s"), True),
    STREAMS,
    FIRST_TEXT,
    Measure("the same, p99 ms", ("paced200x5ms", "ttft", "p99_ms")),
    Measure("the same stream, whole, p50 ms", ("paced200x5ms", "total", "p50_ms")),
    MEMORY,
    START,
    Measure("answers that were not 200, at once", ("nonstream_c16", "bad")),
    Measure("answers that were not 200, streamed", ("stream200_c8", "bad")),
)
# What the peers did on the idle machine on which the targets were set (2 cores, Xeon 2.5 GHz):
# the targets are absolute, so on a faster machine they say little without this.
FIRST_MACHINE = {
    STREAMS: {"litellm": 2.0, "nemo": 6.4, "portkey": 83.5},
    REQUESTS: {"litellm": 30.0, "nemo": 7.5, "portkey": 125.0},
}


def tables(outcome: Result) -> str:
    """Return all tables in Markdown, without the markers."""
    parts = [
        _circumstances(outcome),
        "### Speed and cost\n\nMedian of the rounds, range in brackets.",
        _speed(outcome),
        "### How many times better Kanhe is\n\nAbove 1: Kanhe uses less or does more.",
        _ratios(outcome),
        "### Targets\n\nThe targets were set on another machine. Scaled: divided by how much "
        "faster the peers run here than they did there, median of the peers.",
        _targets(outcome),
        "### What reaches the client of a stream\n\nCharacters of the banned run delivered / its "
        "length; after a plus, characters that followed it.",
        _leaks(outcome),
        "### After a stop",
        _cancel(outcome),
        "### Surfaces",
        _surfaces(outcome),
        "### Are harmless answers whole?",
        _whole(outcome),
    ]
    return "\n\n".join(part for part in parts if part)


def write(document: Path, text: str) -> None:
    """Replace what stands between the markers of `document`; the prose around them stays.

    Raises:
        ValueError: A marker is missing, so that nothing tells where the tables belong.
    """
    old = document.read_text(encoding="utf-8")
    before, begin, rest = old.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(
            f"{document.name} has no markers: put {BEGIN} and {END} on lines of their own"
        )
    document.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def median(outcome: Result, name: str, measure: Measure) -> float | None:
    """Return the median over the rounds that have the figure, or None if none has."""
    found = _figures(outcome, name, measure)
    return statistics.median(found) if found else None


def _figures(outcome: Result, name: str, measure: Measure) -> list[float]:
    rounds = (one for one in outcome["rounds"].get(name, []) if "failed" not in one)
    found = (_at(one, measure.path) for one in rounds)
    return [value for value in found if value is not None]


def _at(result: Result, path: Sequence[str]) -> float | None:
    here: Any = result
    for key in path:
        here = here.get(key) if isinstance(here, dict) else None
    return here


def _circumstances(outcome: Result) -> str:
    runs = [one for them in outcome["rounds"].values() for one in them]
    failed = sum("failed" in one for one in runs)
    facts = {
        "date": f"{outcome['at']} to {outcome.get('ended', 'interrupted')}",
        "Kanhe": f"commit {outcome['commit']}",
        **outcome["machine"],
        "rounds": f"{max(map(len, outcome['rounds'].values()))}, interleaved; {failed} runs failed",
        "CPU used by others before a run": _span([one["busy_before"] * 100 for one in runs], "%"),
        "load average before a run": _span([one["load_before"] for one in runs]),
        "load average after a run": _span([one["load_after"] for one in runs]),
    }
    return _table(("", ""), facts.items())


def _speed(outcome: Result) -> str:
    rows = (
        (measure.title, *(_cell(outcome, name, measure) for name in outcome["titles"]))
        for measure in MEASURES
    )
    return _table(("measure", *outcome["titles"].values()), rows)


def _cell(outcome: Result, name: str, measure: Measure) -> str:
    found = _figures(outcome, name, measure)
    if not found:
        failed = [one["failed"] for one in outcome["rounds"][name] if "failed" in one]
        return f"failed: {failed[0]}" if failed else "–"
    middle = _number(statistics.median(found))
    spread = _span(found)
    return middle if spread == middle else f"{middle} ({spread})"


def _ratios(outcome: Result) -> str:
    peers = [name for name in outcome["titles"] if name not in (OURS, LIMIT)]
    if OURS not in outcome["titles"] or not peers:
        return "Not in this run: it needs Kanhe and a peer."
    rows = (
        (measure.title, *(_ratio(outcome, name, measure) for name in peers))
        for measure in MEASURES
        if measure.path[-1] != "bad"
    )
    return _table(("measure", *(outcome["titles"][name] for name in peers)), rows)


def _ratio(outcome: Result, name: str, measure: Measure) -> str:
    ours, theirs = median(outcome, OURS, measure), median(outcome, name, measure)
    if not ours or not theirs:
        return "–"
    return f"{_number(ours / theirs if measure.more_is_better else theirs / ours)}×"


def _targets(outcome: Result) -> str:
    if OURS not in outcome["titles"]:
        return "Not in this run."
    ours, limit = median(outcome, OURS, FIRST_TEXT), median(outcome, LIMIT, FIRST_TEXT)
    added = None if ours is None or limit is None else round(ours - limit, 2)
    starts = _figures(outcome, OURS, START)[1:]  # the first start compiles the lexicon
    rows = [
        _floor(outcome, STREAMS, 100),
        _floor(outcome, REQUESTS, 500),
        _ceiling("added time to first text, p50 ms", added, 3),
        _ceiling("start with the lexicon cached, s", max(starts, default=None), 2),
        _ceiling(MEMORY.title, median(outcome, OURS, MEMORY), 200),
    ]
    return _table(
        ("measure", "target", "measured", "", "scaled to the machine of the targets"), rows
    )


def _floor(outcome: Result, measure: Measure, least: float) -> tuple[str, ...]:
    ours, faster = median(outcome, OURS, measure), _faster(outcome, measure)
    there = None if ours is None or faster is None else ours / faster
    scaled = "–" if there is None else f"{_number(there)}, {_verdict(there >= least)}"
    verdict = "–" if ours is None else _verdict(ours >= least)
    return measure.title, f"≥ {least:g}", _optional(ours), verdict, scaled


def _ceiling(title: str, ours: float | None, most: float) -> tuple[str, ...]:
    verdict = "–" if ours is None else _verdict(ours <= most)
    return title, f"≤ {most:g}", _optional(ours), verdict, ""


def _faster(outcome: Result, measure: Measure) -> float | None:
    """Return how much faster the peers run here than where the targets were set, or None."""
    ratios = [
        here / there
        for name, there in FIRST_MACHINE[measure].items()
        if (here := median(outcome, name, measure))
    ]
    return statistics.median(ratios) if ratios else None


def _optional(value: float | None) -> str:
    return "–" if value is None else _number(value)


def _verdict(met: bool) -> str:
    return "met" if met else "**missed**"


def _checked(outcome: Result, check: str) -> dict[str, Result]:
    return {
        name: found[check]
        for name, found in outcome["checks"].items()
        if check in found and "failed" not in found[check]
    }


def _leaks(outcome: Result) -> str:
    found = {name: one["leak"] for name, one in _checked(outcome, "leak").items()}
    scenarios = [key for key in next(iter(found.values()), {}) if not key.startswith("clean")]
    rows = [(key, *(_leak(found[name].get(key)) for name in found)) for key in scenarios]
    return _table(("scenario", *_titles(outcome, found)), rows) if rows else "Not in this run."


def _leak(one: Result | None) -> str:
    if not one:
        return "–"
    if one["status"] != 200:
        return f"status {one['status']}"
    seen = f"{one['banned_delivered']}/{one['banned_len']}"
    after = f" + {one['chars_after_banned']}" if one["chars_after_banned"] else ""
    return f"{seen}{after}" if not one["banned_delivered"] else f"**{seen}{after}**"


def _cancel(outcome: Result) -> str:
    found = _checked(outcome, "cancel")
    rows = [
        (
            "banned phrase reached the client",
            *(_yes(one["leaked_whole"]) for one in found.values()),
        ),
        ("its first half did", *(_yes(one["leaked_prefix"]) for one in found.values())),
        (
            "chunks of 1,600 the upstream had written at the end, and 3.5 s later",
            *(_first_last(one["upstream_written_each_0.5s"]) for one in found.values()),
        ),
        ("upstream saw its connection closed", *(_yes(one["aborted"]) for one in found.values())),
        ("the stream ended with", *(_ending(one["client_end"]) for one in found.values())),
    ]
    return _table(("", *_titles(outcome, found)), rows) if found else "Not in this run."


def _first_last(written: Sequence[int | None]) -> str:
    return f"{written[0]}, {written[-1]}" if written else "–"


def _ending(events: Iterable[str]) -> str:
    # Only the kind of the ending: a message may quote what was matched, or break the table.
    kinds = [event.partition("=")[0] if event.startswith("error") else event for event in events]
    return ", ".join(kind.replace("|", "/")[:40] for kind in kinds) or "nothing: cut off"


def _surfaces(outcome: Result) -> str:
    found = _checked(outcome, "surface")
    titles = {
        "reason": "streamed reasoning",
        "tool": "streamed tool-call arguments",
        "n2": "second of two choices, streamed",
        "nonstream": "answer at once",
        "prompt": "prompt",
        "prompt_parts": "prompt, content part",
        "prompt_split_parts": "prompt, split over two content parts",
        "prompt_zero_width": "prompt, zero-width characters inside",
    }
    rows = [
        (title, *(_surface(one.get(key)) for one in found.values()))
        for key, title in titles.items()
    ]
    return _table(("surface", *_titles(outcome, found)), rows) if found else "Not in this run."


def _surface(one: Result | None) -> str:
    if not one:
        return "–"
    status, body = one["status"], one.get("body", "")
    if status >= 400:
        named = one.get("leak") or BANNED in body
        return f"stopped ({status})" + (", **naming the phrase**" if named else "")
    if one.get("leak") or one.get("passed"):
        return "**passes**"
    if one.get("prefix_leak"):
        return "**first half passes**"
    if "internal error" in body:
        return "an internal error is answered"
    return "nothing of this surface arrives" if one.get("chars") == 0 else "stopped"


def _whole(outcome: Result) -> str:
    found = _checked(outcome, "whole")
    keys = [key for key in next(iter(found.values()), {}) if key.startswith("clean")]
    rows = [(key, *(_arrived(one.get(key)) for one in found.values())) for key in keys]
    return (
        _table(("answer, chunks", *_titles(outcome, found)), rows) if rows else "Not in this run."
    )


def _arrived(one: Result | None) -> str:
    if not one:
        return "–"
    return "whole" if one["whole"] else f"**not whole** (status {one['status']})"


def _titles(outcome: Result, names: Iterable[str]) -> list[str]:
    return [outcome["titles"][name] for name in names]


def _yes(value: object) -> str:
    return "–" if value is None else "yes" if value else "no"


def _span(values: Sequence[float], unit: str = "") -> str:
    if not values:
        return "–"
    low, high = _number(min(values)), _number(max(values))
    return (low if low == high else f"{low} to {high}") + (f" {unit}" if unit else "")


def _number(value: float) -> str:
    """Three significant digits are all that a benchmark on a shared machine can claim."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
