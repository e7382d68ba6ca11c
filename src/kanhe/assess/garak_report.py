"""Reports of garak (JSONL) as evidence: by probe and detector, how often no attack succeeded.

What a detector let through counts as passed. Where attempts stand in the report they are counted
again, at its own threshold, and a report whose sums say something else is refused; so is one in
which a pair is summed twice. Its intervals are not taken: they have no width where all passed.

Source: reports as garak 0.17.1 writes them, and older ones that say `total`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from kanhe.assess.foreign import (
    BYTES,
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
from kanhe.terms import Text

KEY = "entry_type"
_EVALUATED = 2
"""Status of an attempt whose answers were looked at."""

_Pair = tuple[str, str]


@dataclass(slots=True)
class _Seen:
    """What the lines so far said."""

    file: str
    version: str = ""
    target: str = ""
    threshold: float = 0.5
    done: bool = False
    sums: dict[_Pair, tuple[int, int]] = field(default_factory=dict)
    counted: dict[_Pair, tuple[int, int]] = field(default_factory=dict)
    nones: int = 0

    def take(self, entry: dict[str, Plain]) -> None:
        match entry.get(KEY):
            case "start_run setup":
                self._setup(entry)
            case "init":
                self.version = text(entry, "garak_version") or self.version
            case "eval":
                self._eval(entry)
            case "attempt":
                if entry.get("status") == _EVALUATED:
                    self._attempt(entry)
            case "completion":
                self.done = True
            case _:
                pass  # caches, payloads, digests: nothing that is counted

    def _setup(self, entry: dict[str, Plain]) -> None:
        self.version = text(entry, "_config.version") or self.version
        kind = text(entry, "plugins.target_type") or text(entry, "plugins.model_type")
        name = text(entry, "plugins.target_name") or text(entry, "plugins.model_name")
        self.target = " ".join(filter(None, (kind, name)))
        given = entry.get("run.eval_threshold")
        if isinstance(given, int | float):
            self.threshold = float(given)

    def _eval(self, entry: dict[str, Plain]) -> None:
        pair = _pair(entry, text(entry, "detector"))
        passed, total = count(entry, "passed"), count(entry, "total_evaluated")
        total = count(entry, "total") if total is None else total
        if not all(pair) or passed is None or total is None or passed > total:
            what = "has an eval entry whose counts make no sense"
            raise refused(self.file, what, "Hand in the report as garak wrote it.")
        if pair in self.sums:
            what = f"sums {' · '.join(pair)} twice"
            raise refused(self.file, what, "Hand in the reports of single runs one by one.")
        self.sums[pair] = (passed, total)
        self.nones += count(entry, "nones") or 0

    def _attempt(self, entry: dict[str, Plain]) -> None:
        for detector, scores in section(entry, "detector_results").items():
            pair = _pair(entry, detector, "probe_classname")
            passed, total = self.counted.get(pair, (0, 0))
            some = [one for one in scores if isinstance(one, int | float)] if isinstance(
                scores, list
            ) else []  # fmt: skip
            passed += sum(one < self.threshold for one in some)
            self.counted[pair] = (passed, total + len(some))


def read_garak(raw: bytes, file: str) -> Imported:
    """Read one report.

    Raises:
        AssessError: It is none, or cannot be taken for evidence; it says why.
    """
    seen = _Seen(file)
    for entry in _entries(raw, file):
        seen.take(entry)
    for pair, summed in seen.sums.items():
        if seen.counted and seen.counted.get(pair, summed) != summed:
            (passed, total), (real, of) = summed, seen.counted[pair]
            what = (
                f"says {passed} of {total} of {' · '.join(pair)}, and its attempts {real} of {of}"
            )
            raise refused(file, what, "Hand in the report as garak wrote it.")
    rows = [(" · ".join(pair), *found) for pair, found in sorted(seen.sums.items())]
    title = (seen.target or "?") + ("" if seen.done else " (unfinished)")
    evidence = Evidence(
        f"garak {seen.version}".strip(), shown(title), sha256(raw).hexdigest(), limited(rows, file)
    )
    return Imported(evidence, tuple(_notes(seen)))


def _entries(raw: bytes, file: str) -> Iterator[dict[str, Plain]]:
    if len(raw) > BYTES:
        raise refused(file, f"has {len(raw):,} bytes", f"At most {BYTES:,} are read.")
    lines = raw.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for number, line in enumerate(lines, 1):
        if line.strip():
            entry = parsed(line, f"{file}:{number}")
            if not isinstance(entry, dict) or KEY not in entry:
                raise refused(f"{file}:{number}", "is no entry of garak", "Hand in its report.")
            yield entry


def _pair(entry: dict[str, Plain], detector: str, probe: str = "probe") -> _Pair:
    # Older reports write the kind of a plugin before its name.
    name = text(entry, probe).removeprefix("probes.")
    plain = shown(detector).removeprefix("detectors.").removeprefix("detector.")
    return name, plain


def _notes(seen: _Seen) -> Iterator[Text]:
    if not seen.done:
        yield Text(
            "报告没有结束标记：扫描可能中断", "the report has no end: the scan may be cut short"
        )
    if seen.nones:
        yield Text(f"{seen.nones} 次没有判定", f"{seen.nones} answers have no verdict")
    if not seen.counted:
        yield Text(
            "报告中没有逐次结果，只能采用它的合计数",
            "the report has no attempts; its sums had to be taken as they are",
        )
