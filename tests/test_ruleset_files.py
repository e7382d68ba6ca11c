"""Rulesets on disk: what may be read, and what comes with the package."""

from __future__ import annotations

import gzip

import pytest

from kanhe.adapters import ruleset_files
from kanhe.adapters.package_data import baseline, risks
from kanhe.adapters.ruleset_files import FolderFiles, ruleset_at
from kanhe.gateway.surface import SURFACES
from kanhe.policy.example import require_examples
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule_file import Known
from kanhe.policy.ruleset_file import build, load_rulesets


def test_a_file_is_read_and_a_compressed_one_unpacked(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_bytes(b"one")
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"two"))
    files = FolderFiles(tmp_path)
    assert files.read("sub/a.txt") == b"one"
    assert files.read("b.txt.gz") == b"two"


@pytest.mark.parametrize("name", ["../secret", "link", "sub/../../secret"])
def test_nothing_outside_the_folder_is_read(tmp_path, name):
    (tmp_path / "secret").write_bytes(b"x")
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="leads out"):
        FolderFiles(folder).read(name)


@pytest.mark.parametrize(
    "damaged",
    [b"no gzip", gzip.compress(b"x" * 99)[:-9], gzip.compress(b"abc" * 9)[:15] + b"~~~~~~~"],
)
def test_a_damaged_file_is_an_error_of_the_disk(tmp_path, damaged):
    (tmp_path / "a.gz").write_bytes(damaged)
    with pytest.raises(OSError, match=r"gzip|Not a gzipped"):
        FolderFiles(tmp_path).read("a.gz")


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(ruleset_files, "_LARGEST", 1000)
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x" * 2000))
    with pytest.raises(OSError, match="larger"):
        FolderFiles(tmp_path).read("a.gz")


def test_a_ruleset_is_named_as_it_was_asked_for(tmp_path):
    (tmp_path / "ours.yaml").write_bytes(b"x")
    source = ruleset_at(tmp_path / "ours.yaml")
    assert (source.name, source.shown) == ("ours.yaml", str(tmp_path / "ours.yaml"))
    assert source.files.read(source.name) == b"x"


def test_the_31_risks_have_titles_in_two_languages():
    every = risks()
    assert len(every) == 31
    assert [code for code, risk in every.items() if code != risk.code] == []
    assert all(risk.zh and risk.en for risk in every.values())
    assert every["A.4.f"].en == "infringing rights in personal information"


def test_the_baseline_loads_and_does_what_it_says():
    loaded = load_rulesets([baseline()], Known(risks(), RECOGNISERS, SURFACES))
    assert loaded.warnings == ()
    require_examples(loaded.examples, build(loaded, RECOGNISERS))
