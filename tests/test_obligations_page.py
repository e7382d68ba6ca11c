"""docs/obligations.md: it is what the regimes say, and tests carry obligations that exist."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from fakes_regime import load
from kanhe.adapters.package_data import regime, regimes

PLACE = Path(__file__).parent.parent / "docs" / "obligations.py"


@pytest.fixture(scope="module")
def obligations():
    spec = importlib.util.spec_from_file_location("kanhe_obligations", PLACE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_regimes_and_the_tests_say(obligations):
    written = obligations.PAGE.read_text(encoding="utf-8")
    assert written == obligations.obligations(), "docs/obligations.md is behind: run `make docs`"


def test_every_obligation_stands_on_the_page_with_a_control(obligations):
    rows = obligations.obligations().splitlines()
    for name in regimes():
        for one in regime(name).obligations:
            (row, *_) = [row for row in rows if row.startswith(f"| `{one.id}` |")]
            assert re.search(r"`[\w-]+` \((automatic|signed|awaits)\)", row), row


def test_every_obligation_that_a_test_carries_exists(obligations):
    known = {one.id for name in regimes() for one in regime(name).obligations}
    assert {name: at for name, at in obligations.carried().items() if name not in known} == {}


def test_a_row_tells_clause_time_confidence_controls_and_tests(obligations):
    text = obligations.page([load()], {"xx-1": ["test_a.py::test_b"]})
    moved = "from 2026-07-01; known from 2026-01-01"
    assert (
        f"| `xx-1` | 点灯 / Light the lights | xx-act 1 | provider | {moved} | uncertain "
        "| `lights` (automatic), `register` (signed) | `test_a.py::test_b` |"
    ) in text
    draft = "from 2023-05-01; draft, never bound"
    assert f"| xx-draft 1 | user | {draft} | ours | `audit` (awaits) |  |" in text
    assert "| `audit` | 审计 / Audit | awaits | 审计 / the audit |" in text
    assert "2 obligations from 2 sources, 3 controls" in text
    assert "1 are carried by a test" in text


def test_marks_are_read_from_functions_classes_and_whole_files(obligations, tmp_path):
    (tmp_path / "test_a.py").write_text(
        "import pytest\n"
        '@pytest.mark.obligation("a-1")\n@pytest.mark.obligation("a-2")\ndef test_b(): ...\n'
        '@pytest.mark.obligation("a-1")\nclass TestC:\n'
        '    @pytest.mark.obligation("a-3")\n    async def test_d(self): ...\n',
        encoding="utf-8",
    )
    (tmp_path / "test_e.py").write_text(
        'pytestmark = [pytest.mark.obligation("a-4")]\n', encoding="utf-8"
    )
    (tmp_path / "other.py").write_text('pytest.mark.obligation("a-5")\n', encoding="utf-8")
    assert obligations.carried(tmp_path) == {
        "a-1": ["test_a.py::test_b", "test_a.py::TestC"],
        "a-2": ["test_a.py::test_b"],
        "a-3": ["test_a.py::test_d"],
        "a-4": ["test_e.py"],
    }
