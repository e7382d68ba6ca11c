"""Measure detection on the public sets: recognisers by exact span, the baseline by false positives.

Run `.venv/bin/python bench/detection.py [--json] [--examples N]` from the project's root. Reads
../shared/data in place and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from kanhe.adapters.package_data import risks
from kanhe.adapters.ruleset_files import ruleset_at
from kanhe.policy.example import found_in
from kanhe.policy.recogniser import RECOGNISERS, Recogniser
from kanhe.policy.rule import Recognised, Side
from kanhe.policy.ruleset import Ruleset
from kanhe.policy.ruleset_file import Known, Loaded, build, load_rulesets

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"
BASELINE = ROOT / "src" / "kanhe" / "rulesets" / "baseline" / "ruleset.yaml"

SYNTHETIC_ZH = {
    "CN_ID_CARD": ["cn-resident-id"],
    "CN_MOBILE": ["cn-mobile"],
    "BANK_CARD": ["bank-card"],
    "CN_USCC": ["cn-uscc"],
    "CN_PASSPORT": ["cn-passport"],
    "LICENSE_PLATE": ["cn-plate"],
    "EMAIL": ["email"],
    "IP_ADDRESS": ["ipv4", "ipv6"],
    "WECHAT_ID": ["wechat-id"],
    "ADDRESS": ["cn-address"],
}
PRESIDIO_EN = {"EMAIL_ADDRESS": ["email"], "IP_ADDRESS": ["ipv4", "ipv6"]}


@dataclass(frozen=True, slots=True)
class Score:
    """Exact spans of one kind of personal data on one set."""

    set: str
    kind: str
    right: int
    wrong: int
    missed: int
    examples: list[str]

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)


@dataclass(frozen=True, slots=True)
class Alarms:
    """Rows of a benign set on which one recogniser or rule found something."""

    set: str
    rows: int
    who: str
    hits: int
    examples: list[str]


def fold(text: str) -> str:
    """Fold the width, character by character. The sets hold no character that this lengthens, so
    spans stay valid; asserted, because a shifted span would be counted as a miss."""
    return "".join(unicodedata.normalize("NFKC", char) for char in text)


def find(recogniser: Recogniser, text: str) -> Iterator[tuple[int, int]]:
    """Yield findings in folded text, leftmost first and longest of those, without overlaps."""
    pattern, start = re.compile(recogniser.pattern), 0
    after, before = (
        re.compile(f"[{body}]" if body else r"(?!)")
        for body in (recogniser.not_after, recogniser.not_before)
    )
    while start < len(text):
        end = 0
        if pattern.match(text, start) and not (start and after.match(text, start - 1)):
            for candidate in range(min(len(text), start + 345), start, -1):
                if (
                    pattern.fullmatch(text, start, candidate)
                    and not before.match(text, candidate)
                    and recogniser.check(text[start:candidate])
                ):
                    end = candidate
                    break
        if end:
            yield start, end
        start = end or start + 1


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def score(path: Path, kinds: dict[str, list[str]], most: int) -> Iterator[Score]:
    """Compare findings with annotated spans."""
    data = [(fold(row["text"]), row["entities"]) for row in rows(path)]
    for kind, names in kinds.items():
        right = wrong = missed = 0
        examples: list[str] = []
        for text, entities in data:
            wanted = {(e["start"], e["end"]) for e in entities if e["type"] == kind}
            got = {span for name in names for span in find(RECOGNISERS[name], text)}
            right += len(wanted & got)
            wrong += len(got - wanted)
            missed += len(wanted - got)
            examples += [f"wrong {text[a:b]}" for a, b in got - wanted]
            examples += [f"missed {text[a:b]}" for a, b in wanted - got]
        yield Score(path.stem, kind, right, wrong, missed, examples[:most])


def benign() -> Iterator[tuple[str, list[str]]]:
    for path in sorted((DATA / "dev").glob("benign_*.jsonl")):
        yield path.stem, [row["text"] for row in rows(path)]


def recogniser_alarms(most: int) -> Iterator[Alarms]:
    """Give what recognisers find where nobody annotated anything: to be looked at by eye."""
    for name, texts in benign():
        folded = [fold(text) for text in texts]
        for recogniser in RECOGNISERS.values():
            found = [
                [text[max(0, a - 6) : a] + "<" + text[a:b] + ">" for a, b in find(recogniser, text)]
                for text in folded
            ]
            hits = sum(map(bool, found))
            if hits:
                some = [example for each in found for example in each][:most]
                yield Alarms(name, len(texts), recogniser.name, hits, some)


def baseline() -> tuple[Ruleset, Loaded]:
    """Load and compile the baseline."""
    loaded = load_rulesets([ruleset_at(BASELINE)], Known(risks(), RECOGNISERS, ()))
    return build(loaded, RECOGNISERS), loaded


def baseline_finder() -> Callable[[str], Iterable[tuple[str, str]]]:
    """Give a function from text to (rule, matched text): the engine, every rule only watching.

    Rules by recogniser are left out: their alarms are counted above, one by one. The text is taken
    as prompt and as answer, so rules that look at one side only are measured too.
    """
    ruleset, _ = baseline()
    plans = [ruleset.watching(side) for side in Side]

    def findings(text: str) -> set[tuple[str, str]]:
        return {
            (finding.rule.id, text[finding.start : finding.end])
            for plan in plans
            for finding in found_in(text, plan)
            if not isinstance(finding.rule.matcher, Recognised)
        }

    return findings


def baseline_alarms(most: int) -> Iterator[Alarms]:
    """Count, for each benign set and rule, the rows on which the rule found something."""
    findings = baseline_finder()
    for name, texts in benign():
        found: dict[str, list[list[str]]] = {}
        for text in texts:
            here = findings(text)
            for rule in {rule for rule, _ in here}:
                found.setdefault(rule, []).append([what for who, what in here if who == rule])
        for rule, each in found.items():
            some = [example for row in each for example in row][:most]
            yield Alarms(name, len(texts), rule, len(each), some)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows of a labelled set, and how many of them some rule found."""

    set: str
    unsafe: int
    unsafe_hit: int
    safe: int
    safe_hit: int
    examples: list[str]


def labelled(most: int) -> Iterator[Labelled]:
    """Measure the other sets: recall is no aim of a floor of phrases, but it is to be known."""
    findings = baseline_finder()
    for path in sorted((DATA / "dev").glob("*.jsonl")):
        if path.stem.startswith("benign_"):
            continue
        count = {"unsafe": [0, 0], "safe": [0, 0]}
        examples: list[str] = []
        for row in rows(path):
            found = findings(row["text"])
            count[row["label"]][0] += 1
            count[row["label"]][1] += bool(found)
            if row["label"] == "safe":
                examples += map(": ".join, found)
        yield Labelled(path.stem, *count["unsafe"], *count["safe"], examples[:most])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--examples", type=int, default=0, help="show so many of each error")
    options = parser.parse_args()
    most = options.examples
    scores = [
        *score(DATA / "pii" / "synthetic_pii_zh.jsonl", SYNTHETIC_ZH, most),
        *score(DATA / "pii" / "presidio_synth_en.jsonl", PRESIDIO_EN, most),
    ]
    sets = {name: len(texts) for name, texts in benign()}
    seen, alarms = list(recogniser_alarms(most)), list(baseline_alarms(most))
    others = list(labelled(most))
    if options.json:
        result = {"scores": scores, "sets": sets, "recognisers": seen, "baseline": alarms}
        result["labelled"] = others
        print(json.dumps(result, default=asdict, ensure_ascii=False, indent=1))
        return
    show(scores, sets, seen, alarms)
    print("\n| labelled set | unsafe rows | hit | safe rows | hit |\n|---|--:|--:|--:|--:|")
    for o in others:
        print(f"| {o.set} | {o.unsafe} | {o.unsafe_hit} | {o.safe} | {o.safe_hit} |", *o.examples)


def show(
    scores: list[Score], sets: dict[str, int], seen: list[Alarms], alarms: list[Alarms]
) -> None:
    """Print Markdown tables, as docs/detection.md holds them."""
    print(
        "| set | kind | right | wrong | missed | precision | recall |\n"
        "|---|---|--:|--:|--:|--:|--:|"
    )
    for s in scores:
        figures = f"{s.right} | {s.wrong} | {s.missed} | {s.precision:.2%} | {s.recall:.2%}"
        print(f"| {s.set} | {s.kind} | {figures} |", *s.examples)
    print("\n| benign set | rows | recogniser | rows with a finding |\n|---|--:|---|--:|")
    for a in seen:
        print(f"| {a.set} | {a.rows} | {a.who} | {a.hits} |", *a.examples)
    print("\n| benign set | rows | rows a rule hits | rate |\n|---|--:|--:|--:|")
    for name, count in sets.items():
        here = [a for a in alarms if a.set == name]
        hits = sum(a.hits for a in here)
        which = ", ".join(f"{a.who} {a.hits} {a.examples or ''}" for a in here)
        print(f"| {name} | {count} | {hits} | {hits / count:.3%} | {which}")


if __name__ == "__main__":
    main()
