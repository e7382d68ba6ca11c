"""What a shell is offered, as it asks for it."""

import pytest
from click.testing import CliRunner

from kanhe.cli.main import main


@pytest.fixture
def offered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def offered(words, begun=""):
        line = f"kanhe {words} {begun}"
        env = {"_KANHE_COMPLETE": "bash_complete", "COMP_WORDS": line,
               "COMP_CWORD": str(len(words.split()) + 1)}  # fmt: skip
        result = CliRunner().invoke(main, [], prog_name="kanhe", env=env)
        return [line.partition(",")[2] for line in result.output.splitlines() if line]

    return offered


@pytest.mark.parametrize(
    ("words", "begun", "wanted"),
    [
        ("status", "cn-im-4-", "cn-im-4-1"),
        ("status --regime eu-ai-act", "eu-", "eu-aia-9-1"),
        ("status --as-if", "", "cn-imd"),
        ("status --area", "con", "content"),
        ("status --regime", "eu", "eu-ai-act"),
        ("scope --set", "pub", "public="),
        ("scope --set", "public=", "public=y"),
        ("attest", "suit", "suitability-statement"),
        ("attest", "li", "list"),
        ("attest sign", "suit", "suitability-statement"),
        ("clock due", "incident", "incident-report"),
        ("clock due --regime", "cn", "cn-genai"),
        ("regime show", "cn-im-4-", "cn-im-4-1"),
    ],
)
def test_values_are_offered_that_the_regime_knows(offered, words, begun, wanted):
    found = offered(words, begun)
    assert wanted in found
    assert all(one.startswith(begun) for one in found)


def test_nothing_is_offered_under_a_regime_that_there_is_not(offered):
    assert offered("status --regime nowhere", "cn-im") == []


def test_a_source_that_binds_is_no_draft(offered):
    assert "cn-im" not in offered("status --as-if", "cn-im")
