"""The safety risks of a regime: codes that rules, incidents and reports refer to, with titles.

The codes are the regime's, not ours. Every rule belongs to one of them, or to a category that the
operator declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import yaml


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk, with its titles in Chinese and English."""

    code: str
    zh: str
    en: str


def load_risks(text: str) -> Mapping[str, Risk]:
    """Read the risks of a regime, by code, in the order of the file.

    Args:
        text: YAML: a mapping from code to `{zh: …, en: …}`; it comes with the package.
    """
    written = yaml.safe_load(text)
    risks = {code: Risk(code, titles["zh"], titles["en"]) for code, titles in written.items()}
    return MappingProxyType(risks)
