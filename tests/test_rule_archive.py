"""Versions of the rules, kept whole."""

import pytest

from kanhe.adapters.rule_archive import Kept, RuleArchive
from kanhe.errors import RulesetError

KEPT = (
    Kept("ours.yaml", "rules/ours.yaml", {"ours.yaml": "名".encode(), "terms/a.txt": b"a\n"}),
    Kept("more.yaml", "more.yaml", {"more.yaml": b""}),
)


@pytest.fixture
def archive(tmp_path):
    return RuleArchive(tmp_path / "rules")


def test_what_was_kept_comes_back_as_it_was(archive):
    archive.keep("abc1", KEPT)
    assert archive.load("abc1") == KEPT
    assert archive.versions() == ("abc1",)


def test_a_version_is_kept_once_and_never_replaced(archive):
    archive.keep("abc1", KEPT)
    archive.keep("abc1", KEPT[1:])
    assert archive.load("abc1") == KEPT


def test_a_file_that_was_not_there_is_not_there_afterwards(archive):
    archive.keep("abc1", KEPT)
    with pytest.raises(FileNotFoundError, match=r"terms\.txt is not in the archive"):
        archive.load("abc1")[0].read("terms.txt")


@pytest.mark.parametrize("name", ["../abc", "abc/..", "", "a.b", "../../keys/ledger"])
def test_a_name_that_is_no_version_leads_nowhere(archive, name):
    for use in (archive.load, lambda version: archive.keep(version, KEPT)):
        with pytest.raises(RulesetError, match="no version"):
            use(name)


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04 torn", b"no archive at all"])
def test_a_damaged_archive_is_refused_with_advice(archive, tmp_path, raw):
    archive.keep("abc1", KEPT)
    (tmp_path / "rules" / "abc1.zip").write_bytes(raw)
    with pytest.raises(RulesetError, match="damaged") as caught:
        archive.load("abc1")
    assert "backup" in caught.value.advice


def test_the_version_released_last_is_remembered(archive):
    assert archive.released() is None
    archive.release("abc1")
    archive.release("abc2")
    assert archive.released() == "abc2"


def test_a_disk_that_refuses_is_told(tmp_path):
    (tmp_path / "rules").write_text("a file stands where the folder should be")
    archive = RuleArchive(tmp_path / "rules")
    with pytest.raises(RulesetError, match="cannot be kept"):
        archive.keep("abc1", KEPT)
    with pytest.raises(RulesetError, match="cannot be kept"):
        archive.release("abc1")
