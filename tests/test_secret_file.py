"""Random keys in files: made once, for their owner's eyes only."""

import stat

import pytest

from kanhe.adapters.secret_file import random_key, random_password
from kanhe.errors import SettingsError


def test_a_key_is_made_once_and_stays(tmp_path):
    path = tmp_path / "keys" / "a.key"
    key = random_key(path)
    assert len(key) == 32
    assert random_key(path) == key
    assert random_key(tmp_path / "b.key") != key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["a.key"]


def test_a_password_has_its_prefix_and_stays(tmp_path):
    path = tmp_path / "a.key"
    word = random_password(path, "kanhe-admin-")
    assert word.reveal().startswith("kanhe-admin-")
    assert len(word.reveal()) == 55
    assert random_password(path, "kanhe-admin-") == word


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_can_reach_is_refused(tmp_path, mode):
    path = tmp_path / "a.key"
    random_key(path)
    path.chmod(mode)
    with pytest.raises(SettingsError, match="can be read by others"):
        random_key(path)


@pytest.mark.parametrize("content", ["", "00", "zz" * 32, "00" * 33, "é" * 32])
def test_a_damaged_key_is_refused_and_not_replaced(tmp_path, content):
    path = tmp_path / "a.key"
    path.touch(0o600)
    path.write_text(content)
    with pytest.raises(SettingsError, match="cannot be used"):
        random_key(path)
    with pytest.raises(SettingsError, match="cannot be used"):
        random_password(path, "kanhe-admin-")
    assert path.read_text() == content


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "keys").write_text("in the way")
    with pytest.raises(SettingsError, match="cannot be used"):
        random_key(tmp_path / "keys" / "a.key")
