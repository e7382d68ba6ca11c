"""What comes with the package as data: the baseline ruleset, and what a regime says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from kanhe.adapters.ruleset_files import FolderFiles
from kanhe.errors import SettingsError
from kanhe.law.risk import Risk, load_risks
from kanhe.law.service import ServiceRules, load_service
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


def service_rules(regime: str = REGIME) -> ServiceRules:
    """Give what a regime says to a running service: strikes, labels, notices.

    Raises:
        SettingsError: There is no such regime.
    """
    file = _PACKAGE / "regimes" / regime / "service.yaml"
    if not re.fullmatch(r"[a-z0-9-]+", regime) or not file.is_file():
        known = sorted(path.parent.name for path in _PACKAGE.glob("regimes/*/service.yaml"))
        raise SettingsError(
            f"there is no regime {regime!r}", advice=f"Write one of: {', '.join(known)}."
        )
    return load_service(file.read_text(encoding="utf-8"))
