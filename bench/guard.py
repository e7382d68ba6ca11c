"""What the stream guard costs by itself: no network, no ledger, one process, one core.

Prints one table: for lexicons of 1,000, 10,000 and 100,000 terms, with all folds but `tones` and
with all of them, the CPU time for each character of benign text, read two and forty characters at a
time, the characters held back on average, the time to load the compiled lexicon and the memory of
the process. Every row runs in a process of its own, the first time to fill the cache.

Usage: python bench/guard.py [--json] [--data ../shared/data]
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kanhe.adapters.lexicon_cache import LexiconCache
from kanhe.policy.fold import ALL, Fold
from kanhe.policy.rule import Place, Rule, Side, Terms
from kanhe.policy.ruleset import Ruleset, compile_parts
from kanhe.policy.stream import StreamGuard

ROOT = Path(__file__).parent.parent
SIZES = (1_000, 10_000, 100_000)
READS = (2, 40)
CHARACTERS = 30_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--json", action="store_true", dest="as_json")
    options.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    options.add_argument("--row", nargs=3, metavar=("TERMS", "TONES", "CACHE"))
    asked = options.parse_args()
    if asked.row:
        terms, tones, cache = asked.row
        print(json.dumps(measure(asked.data, int(terms), tones == "yes", Path(cache))))
        return
    with tempfile.TemporaryDirectory() as cache:
        rows = [
            row(asked.data, size, tones, cache)
            for tones, size in itertools.product((False, True), SIZES)
        ]
    report = {"rows": rows, "growth": growth(rows)}
    print(json.dumps(report, indent=2) if asked.as_json else table(report))


def row(data: Path, size: int, tones: bool, cache: str) -> dict:
    """Measure one row in a process of its own, twice; give the run with the warm cache."""
    arguments = ["--data", str(data), "--row", str(size), "yes" if tones else "no", cache]
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, __file__, *arguments], capture_output=True, text=True, check=True
        )
    return json.loads(done.stdout)


def measure(data: Path, size: int, tones: bool, cache: Path) -> dict:
    with gzip.open(data / "terms" / "terms_100k.txt.gz", "rt", encoding="utf-8") as lines:
        terms = tuple(line.strip() for line in itertools.islice(lines, size))
    folds = ALL if tones else ALL - {Fold.TONES}
    rule = Rule("bench", "bench", Terms(terms), folds=folds, fold_min=4)
    begun = time.perf_counter()
    parts = compile_parts([rule], {}, LexiconCache(cache))
    load_s = time.perf_counter() - begun
    ruleset = Ruleset(
        name="bench", label="1", version="", rules=[rule], parts=parts, recognisers={}
    )
    plan = ruleset.plan(Place(Side.ANSWER))
    found = {"terms": size, "tones": tones, "load_s": round(load_s, 2)}
    paragraphs = benign(data, plan)
    for read in READS:
        cost, held = min(run(plan, paragraphs, read) for _ in range(3))
        found[f"us_per_character_{read}"] = round(cost, 2)
        found[f"held_{read}"] = round(held, 2)
    return found | {"rss_mb": rss_mb()}


def benign(data: Path, plan) -> list[str]:
    """Give paragraphs in which nothing is found: a made-up term may stand in real text."""
    lines = (data / "streams" / "benign_zh.txt").read_text(encoding="utf-8").splitlines()
    kept, count = [], 0
    for line in lines:
        guard = StreamGuard(plan)
        if line and not guard.feed(line).stopped_by and not guard.finish().stopped_by:
            kept.append(line)
            count += len(line)
        if count >= CHARACTERS:
            break
    return kept


def run(plan, paragraphs: list[str], read: int) -> tuple[float, float]:
    """Give CPU microseconds for each character, and the mean of what is held after a read."""
    held = reads = 0
    begun = time.process_time()
    for text in paragraphs:
        guard = StreamGuard(plan)
        for at in range(0, len(text), read):
            guard.feed(text[at : at + read])
            held += guard.held
            reads += 1
        guard.finish()
    spent = time.process_time() - begun
    return spent / sum(map(len, paragraphs)) * 1e6, held / reads


def rss_mb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


def growth(rows: list[dict]) -> float:
    """Give how much dearer a character is with the largest list than with the smallest."""
    cost = {r["terms"]: r["us_per_character_2"] for r in rows if not r["tones"]}
    return round(cost[SIZES[-1]] / cost[SIZES[0]], 2)


def table(report: dict) -> str:
    heads = list(report["rows"][0])
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(str(r[head]) for head in heads) + " |" for r in report["rows"]]
    last = f"cost per character, {SIZES[-1]:,} terms over {SIZES[0]:,}: {report['growth']} times"
    return "\n".join([*lines, "", last])


if __name__ == "__main__":
    main()
