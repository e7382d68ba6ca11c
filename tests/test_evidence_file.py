"""Evidence of other tools is told apart, kept whole, and shown with exact intervals."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from foreign_logs import log, packed, plain, report, sample, summed
from kanhe.adapters.assess_evidence import foreign_bytes, keep_evidence, kept_evidence
from kanhe.adapters.assess_folder import Manifest, RunFolder
from kanhe.assess.evidence_file import evidence_line, read_evidence, read_foreign
from kanhe.assess.head import Evidence
from kanhe.cli.assess_import import import_
from kanhe.errors import AssessError, KanheError
from kanhe.judge.exact import clopper_pearson

INSPECT = log([sample(number, {"refusal": "C"}) for number in range(20)])
rows = st.tuples(st.text(), st.integers(0, 50), st.integers(50, 90))


def evidence(tool="garak 1", sha256="a" * 64, rows=(("p", 1, 2),)):
    return Evidence(tool, "t", sha256, tuple(rows))


@pytest.mark.parametrize(
    ("raw", "tool"),
    [
        (packed(INSPECT), "inspect_ai"), (plain(INSPECT), "inspect_ai"),
        (report(summed(1, 2)), "garak"), (b"\xef\xbb\xbf" + report(summed(1, 2)), "garak"),
    ],
)  # fmt: skip
def test_the_content_says_which_tool_it_was(raw, tool):
    assert read_foreign(raw, "f").evidence.tool.startswith(tool)


@pytest.mark.parametrize("raw", [b"", b"\n", b"\x00\x01", b"{}", b'{"entry_type": 1}'])
def test_of_anything_else_it_says_no(raw):
    with pytest.raises(AssessError):
        read_foreign(raw, "f")


@given(st.lists(rows.map(lambda row: evidence(rows=[row])), max_size=3))
def test_lines_give_back_what_they_were_made_of(some):
    raw = b"".join(evidence_line(one) + b"\n" for one in some)
    assert read_evidence(raw, "f") == tuple(some)


@pytest.mark.parametrize(
    "line",
    [
        b"{", b"{}", evidence_line(evidence(rows=[("p", 3, 2)])),
        evidence_line(evidence(rows=[("p", -1, 2)])), evidence_line(evidence(sha256="../etc")),
    ],
)  # fmt: skip
def test_a_damaged_line_is_named(line):
    with pytest.raises(AssessError, match=r"^f:2 is no evidence"):
        read_evidence(evidence_line(evidence()) + b"\n" + line, "f")


def test_the_same_record_is_kept_once(tmp_path):
    assert kept_evidence(tmp_path) == ()
    one, other = evidence(), evidence(sha256="b" * 64)
    assert [keep_evidence(tmp_path, it) for it in (one, other, one)] == [True, True, False]
    assert kept_evidence(tmp_path) == (one, other)
    assert [path.name for path in tmp_path.iterdir()] == ["evidence.jsonl"]


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(AssessError, match="no run"):
        keep_evidence(tmp_path / "none", evidence())
    with pytest.raises(AssessError, match="cannot be read"):
        foreign_bytes(tmp_path / "none")


@pytest.fixture
def take(tmp_path):
    (tmp_path / "log.eval").write_bytes(packed(INSPECT))
    run_folder = RunFolder(tmp_path / "data" / "assess" / "2026-11")
    run_folder.path.mkdir(parents=True)
    (run_folder.path / "plan.yaml").write_text("{}")
    run_folder.write(Manifest("2026-11", datetime(2026, 11, 22, tzinfo=UTC), "1", (), "0" * 64))

    def run(*args):
        given = [str(tmp_path / "log.eval"), "--data", str(tmp_path / "data"), *args]
        return CliRunner().invoke(import_, given, catch_exceptions=True)

    return run


def test_all_passed_is_shown_with_a_width(take):
    """Inspect itself gives [1, 1] for these twenty."""
    text = take("--language", "en").output
    low = clopper_pearson(20, 20).low
    assert f"20 / 20     100.0%  [{low:.1%}, 100.0%]" in text


def test_with_a_run_it_is_kept_and_said_so(take, tmp_path):
    assert "kept with the run 2026-11" in take("--run", "2026-11").output
    assert "was kept before with" in take("--run", "2026-11").output
    (one,) = kept_evidence(tmp_path / "data" / "assess" / "2026-11")
    assert one.rows[0] == ("refusal", 20, 20)
    told = json.loads(take("--run", "2026-11", "--json").output)
    assert (told["sha256"], told["new"]) == (one.sha256, False)


@pytest.mark.parametrize("name", ["../2026-11", "", ".", "a/b", "other"])
def test_a_run_that_is_none_is_refused(take, name):
    assert isinstance(take("--run", name).exception, KanheError)
