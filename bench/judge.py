"""What the embedded judge costs: each stage alone, the cascade, in bulk, loading, memory.

    python bench/judge.py [--weights PLACE] [--sentences N] [--json]

Reads the harmless streams of ../shared/data in place and writes nothing but a cache of the encoder
in a temporary folder. Sentences are drawn with a fixed seed. Times are CPU seconds of the judge's
own thread (`cpu`) beside the clock (`wall`); on a machine that others use only the first means
much. One thread computes: figures are per core.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, median

import numpy as np

import machine
from kanhe.adapters.embedded_judge import (
    WEIGHTS,
    EmbeddedJudge,
    open_cascade,
    read_sheet,
    read_weights,
)
from kanhe.judge.cascade import Cascade, bits_of
from kanhe.judge.ngram import grams
from kanhe.judge.port import Question, Unscored
from kanhe.judge.tower import lay

STREAMS = Path(__file__).parent.parent.parent / "shared" / "data" / "streams"
SENTENCE = {"zh": r"[^。！？\n]+[。！？\n]", "en": r"[^.!?\n]+[.!?\n]"}
BATCH = 256
LOADING = """
import asyncio, sys, time
begun = time.perf_counter()
from pathlib import Path
from kanhe.adapters.embedded_judge import EmbeddedJudge
from kanhe.judge.port import Question
imported, cpu = time.perf_counter(), time.process_time()
judge = EmbeddedJudge(Path(sys.argv[1]), Path(sys.argv[2]))
asyncio.run(judge.start())
done, cpu = time.perf_counter(), time.process_time() - cpu
def memory():
    told = Path("/proc/self/status").read_text().split()
    return [int(told[told.index(f"{name}:") + 1]) / 1024 for name in ("RssAnon", "RssFile")]
loaded = memory()
lines = Path(sys.argv[3]).read_text(encoding="utf-8").splitlines()
asyncio.run(judge.judge([Question(line) for line in lines]))
print(imported - begun, done - imported, cpu, *loaded, *memory())
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, and what it must not pass (or, `at_least`, must reach)."""

    what: str
    value: float
    unit: str
    bound: float | None = None
    at_least: bool = False
    more: str = ""

    @property
    def met(self) -> str:
        if self.bound is None:
            return ""
        return "yes" if (self.value >= self.bound) == self.at_least else "NO"


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of calls, one by one."""

    cpu: list[float]
    wall: list[float]

    def told(self, times: float) -> str:
        p99 = sorted(self.cpu)[int(len(self.cpu) * 0.99)]
        return (
            f"p50 {median(self.cpu) * times:.3g}, p99 {p99 * times:.3g}; "
            f"wall p50 {median(self.wall) * times:.3g}"
        )


def sentences(language: str, count: int) -> list[str]:
    """Draw sentences of the stream, not its shortest scraps."""
    text = (STREAMS / f"benign_{language}.txt").read_text(encoding="utf-8")
    found = [one.strip() for one in re.findall(SENTENCE[language], text)]
    found = [one for one in found if len(one) > 3]
    return random.Random(7).sample(found, min(count, len(found)))


def timed(do: Callable[[str], object], texts: Sequence[str]) -> Times:
    for text in texts[:20]:
        do(text)
    times = Times([], [])
    for text in texts:
        cpu, wall = time.thread_time(), time.perf_counter()
        do(text)
        times.cpu.append(time.thread_time() - cpu)
        times.wall.append(time.perf_counter() - wall)
    return times


def rate(do: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    """Give megabytes of UTF-8 a CPU second, by batches; the best of three rounds."""
    best = 0.0
    size = sum(len(text.encode()) for text in texts)
    for _ in range(3):
        begun = time.thread_time()
        for start in range(0, len(texts), BATCH):
            do(texts[start : start + BATCH])
        best = max(best, size / (time.thread_time() - begun) / 1e6)
    return best


def linear(cascade: Cascade, texts: Sequence[str]) -> np.ndarray:
    """Run the n-gram stage alone."""
    plain, first = cascade.weights.plain, cascade.weights.linear
    codes = [plain.lowered(plain.codes(text)) for text in texts]
    return first.logits(grams(codes, bits_of(first.table)))


def early(cascade: Cascade, texts: Sequence[str]) -> np.ndarray:
    """Run both lookups."""
    return cascade.early_logits([cascade.weights.plain.codes(text) for text in texts])


def tower(cascade: Cascade, text: str) -> np.ndarray:
    """Run the tower, spelling included, whatever the lookups would have said."""
    return cascade.tower_logits(lay([cascade._pieces.ids(text)[:512]]))


def stages(cascade: Cascade, count: int) -> Iterator[Figure]:
    for language in SENTENCE:
        texts = sentences(language, count)
        size = f"{mean(map(len, texts)):.0f} characters"
        one = timed(lambda text: linear(cascade, [text]), texts)
        yield Figure(f"n-gram stage, one sentence, {language} ({size})", mean(one.cpu) * 1e6, "µs",
                     150, more=one.told(1e6))  # fmt: skip
        one = timed(lambda text: early(cascade, [text]), texts)
        yield Figure(f"both lookups, one sentence, {language}", mean(one.cpu) * 1e6, "µs",
                     more=one.told(1e6))  # fmt: skip
        one = timed(lambda text: tower(cascade, text), texts[:300])
        yield Figure(f"tower, one sentence, {language}", mean(one.cpu) * 1e3, "ms",
                     more=one.told(1e3))  # fmt: skip
        one = timed(lambda text: cascade.look([text]), texts)
        late = sum(view.stage == "tower" for view in cascade.look(texts)) / len(texts)
        yield Figure(f"cascade, one sentence, {language}", mean(one.cpu) * 1e3, "ms", 3,
                     more=f"{one.told(1e3)}; {late:.1%} reach the tower")  # fmt: skip


def bulk(cascade: Cascade, count: int) -> Iterator[Figure]:
    for language in SENTENCE:
        texts = sentences(language, count * 4)
        yield Figure(f"n-gram stage in bulk, {language}", rate(lambda part: linear(cascade, part),
                     texts), "MB/s/core", 2, at_least=True)  # fmt: skip
        yield Figure(f"both lookups in bulk, {language}", rate(lambda part: early(cascade, part),
                     texts), "MB/s/core")  # fmt: skip
        yield Figure(f"cascade in bulk, {language}", rate(cascade.look, texts[:count]), "MB/s/core")


async def through_the_port(judge: EmbeddedJudge, cascade: Cascade) -> list[Figure]:
    """Ask as the gateway asks: from an event loop that has other things to do."""
    await judge.start()
    texts = [Question(text) for language in SENTENCE for text in sentences(language, 500)]
    walls = []
    for question in texts:
        begun = time.perf_counter()
        await judge.judge([question])
        walls.append(time.perf_counter() - begun)
    found = [Figure("one sentence, asked from an event loop, wall p50", median(walls) * 1e3, "ms",
                    more=f"p99 {sorted(walls)[int(len(walls) * 0.99)] * 1e3:.3g}")]  # fmt: skip
    late = await lateness(judge.judge(texts * 4))
    found.append(Figure("the event loop is late while the judge works, p50", median(late) * 1e3,
                        "ms", more=f"p99 {sorted(late)[int(len(late) * 0.99)] * 1e3:.3g}, "
                        f"most {max(late) * 1e3:.3g}"))  # fmt: skip
    for name, line in (("one letter", "a" * 10**6), ("Chinese prose", prose("zh", 10**6))):
        found.append(await long_line(judge, f"a line of 1 MB, {name}", line))
    doubting = Cascade(replace(cascade.weights, leave=0.0), cascade._pieces)
    judge._cascade = doubting
    found.append(await long_line(judge, "a line of 1 MB, all of it doubted", prose("zh", 10**6)))
    await judge.aclose()
    return found


async def lateness(work: Awaitable[object]) -> list[float]:
    """Give by how much a pause of 1 ms is too long, again and again while `work` lasts."""
    task, late = asyncio.ensure_future(work), []
    while not task.done():
        begun = time.perf_counter()
        await asyncio.sleep(0.001)
        late.append(time.perf_counter() - begun - 0.001)
    await task
    return late


async def long_line(judge: EmbeddedJudge, what: str, line: str) -> Figure:
    cpu, wall = time.process_time(), time.perf_counter()
    (answer,) = await judge.judge([Question(line)])
    spent, took = time.process_time() - cpu, time.perf_counter() - wall
    said = answer.why if isinstance(answer, Unscored) else f"decided by: {answer.stage}"
    return Figure(what, spent, "s", more=f"wall {took:.2f}; {said}")


def prose(language: str, size: int) -> str:
    text = (STREAMS / f"benign_{language}.txt").read_bytes()[: size - 1].decode(errors="ignore")
    return text.replace("\n", " ")


def loading(weights: Path, cache: Path) -> Iterator[Figure]:
    lines = [one for language in SENTENCE for one in sentences(language, 1000)]
    (cache / "lines").write_text("\n".join([*lines, prose("zh", 10**6)]), encoding="utf-8")
    command = [sys.executable, "-c", LOADING, str(cache), str(weights), str(cache / "lines")]
    runs = []
    for _ in range(6):
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        runs.append([float(word) for word in done.stdout.split()])
    first, *later = runs
    imports, loads, cpu, *memory = (median(column) for column in zip(*later, strict=True))
    yield Figure("first start: unpacks the encoder", first[1], "s")
    more = f"{cpu:.2f} s of CPU; and {imports:.2f} s of imports, numpy's included"
    yield Figure("load", loads, "s", 0.5, more=more)
    for when, own, mapped in (
        ("loaded", *memory[:2]),
        ("after 2,000 sentences, 1 MB", *memory[2:]),
    ):
        more = f"and {mapped:.0f} mapped from files, which processes share; Python's own included"
        yield Figure(f"memory, {when}", own, "MiB", more=more)
    size = sum(file.stat().st_size for file in weights.glob("*.npz")) / 1e6
    yield Figure("weights in the wheel", size, "MB", 40)


def figures(weights: Path, count: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        yield from loading(weights, cache)
        cascade = open_cascade(read_weights(weights, read_sheet(weights)), cache)
        yield from stages(cascade, count)
        yield from bulk(cascade, count)
        yield from asyncio.run(through_the_port(EmbeddedJudge(cache, weights), cascade))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="another training")
    parser.add_argument("--sentences", type=int, default=2000, help="a language")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    about = {**machine.description(), "numpy": np.__version__}
    about["CPU used by others before"] = f"{machine.busy():.0%}"
    found = list(figures(asked.weights, asked.sentences))
    if asked.json:
        result = {"machine": about, "figures": [asdict(one) | {"met": one.met} for one in found]}
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    for name, value in about.items():
        print(f"{name}: {value}")
    print("\n| measure | value | bound | met | more |\n|---|--:|--:|---|---|")
    for one in found:
        bound = "" if one.bound is None else f"{'≥' if one.at_least else '≤'} {one.bound:g}"
        print(f"| {one.what} | {one.value:.3g} {one.unit} | {bound} | {one.met} | {one.more} |")


if __name__ == "__main__":
    main()
