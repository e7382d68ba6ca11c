"""What comes with the package as data: its rulesets, and the regimes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from kanhe.adapters.regime_folder import RegimeFolder
from kanhe.errors import RulesetError, SettingsError
from kanhe.law.regime import Regime
from kanhe.law.regime_file import load_regime
from kanhe.law.risk import Risk
from kanhe.law.service import ServiceRules
from kanhe.law.service_file import load_risks, load_service
from kanhe.settings_source import BASELINE, SHIPPED

if TYPE_CHECKING:
    from kanhe.policy.rule_file import Source

REGIME = "cn-genai"

_PACKAGE = Path(str(files("kanhe")))


def shipped(name: str) -> Source:
    """Give a ruleset that is shipped, for `load_rulesets`.

    Raises:
        RulesetError: There is none of that name.
    """
    # Here and not above: `kanhe status` has no use for lexicons, and reads them for 0.1 s.
    from kanhe.adapters.ruleset_files import FolderFiles  # noqa: PLC0415
    from kanhe.policy.rule_file import Source  # noqa: PLC0415

    if name not in SHIPPED:
        raise RulesetError(
            f"no ruleset {name!r} is shipped", advice=f"There are: {', '.join(SHIPPED)}."
        )
    folder = _PACKAGE / "rulesets" / name
    return Source(FolderFiles(folder), "ruleset.yaml", f"{name}/ruleset.yaml")


def baseline() -> Source:
    """Give the shipped ruleset that looks at characters."""
    return shipped(BASELINE)


def regimes() -> tuple[str, ...]:
    """Name the regimes that are shipped."""
    return tuple(sorted(path.parent.name for path in _PACKAGE.glob("regimes/*/regime.yaml")))


@cache
def regime(name: str = REGIME) -> Regime:
    """Give a regime that is shipped, whole; it is read once.

    Raises:
        SettingsError: There is no such regime.
        FaultyRegime: It was changed by hand, and wrongly.
    """
    if name not in regimes():
        raise _none_such(name, regimes())
    return load_regime(_folder(name), name)


def risks(regime: str = REGIME) -> Mapping[str, Risk]:
    """Give the safety risks of a regime, by code; nothing else of it is read.

    Raises:
        SettingsError: There is no such regime.
    """
    _require(regime, "risks.yaml")
    return load_risks(_folder(regime), regime)


def service_rules(regime: str = REGIME) -> ServiceRules:
    """Give what a regime says to a running service: strikes, labels, notices.

    Raises:
        SettingsError: There is no such regime, or none that a service can run under.
    """
    known = _require(regime, "service.yaml")
    rules = load_service(_folder(regime), regime)
    if rules is None:
        raise _no_service(regime, known)
    return rules


def _folder(name: str) -> RegimeFolder:
    return RegimeFolder(_PACKAGE / "regimes" / name)


def _require(name: str, file: str) -> tuple[str, ...]:
    known = tuple(sorted(path.parent.name for path in _PACKAGE.glob(f"regimes/*/{file}")))
    if name not in known or not re.fullmatch(r"[a-z0-9-]+", name):
        whole = file == "service.yaml" and name in regimes()
        raise _no_service(name, known) if whole else _none_such(name, known)
    return known


def _no_service(name: str, known: tuple[str, ...]) -> SettingsError:
    return SettingsError(
        f"the regime {name!r} has no service.yaml, so that no service can run under it",
        advice=f"Write {_PACKAGE / 'regimes' / name / 'service.yaml'}; that of {known[0]} is the "
        f"pattern. Or set `regime` to one of: {', '.join(known)}.",
    )


def _none_such(name: str, known: tuple[str, ...]) -> SettingsError:
    return SettingsError(
        f"there is no regime {name!r}", advice=f"Write one of: {', '.join(known)}."
    )
