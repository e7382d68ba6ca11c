"""What comes with the package as data: the baseline ruleset, and the risks of a regime."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from kanhe.adapters.ruleset_files import FolderFiles
from kanhe.law.risk import Risk, load_risks
from kanhe.policy.rule_file import Source

REGIME = "cn-genai"

_PACKAGE = Path(str(files("kanhe")))


def baseline() -> Source:
    """Give the ruleset that is shipped, for `load_rulesets`."""
    folder = _PACKAGE / "rulesets" / "baseline"
    return Source(FolderFiles(folder), "ruleset.yaml", "baseline/ruleset.yaml")


def risks(regime: str = REGIME) -> Mapping[str, Risk]:
    """Give the safety risks of a regime, by code."""
    return load_risks((_PACKAGE / "regimes" / regime / "risks.yaml").read_text(encoding="utf-8"))
