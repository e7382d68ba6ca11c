"""What a test needs beside the checkout: it skips without it, and in CI it fails.

Not in `conftest`, of which there are two: which one `import conftest` gives depends on the order in
which tests are collected.
"""

from __future__ import annotations

import os

import pytest


def absent(what: str, advice: str) -> None:
    """Skip where something a test needs is not there; fail where it has to be there, in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}; CI cannot do without. {advice}", pytrace=False)
    pytest.skip(f"{what}. {advice}")
