"""Applications in a file: keys are shown once, kept as hashes, and good until revoked."""

import json
import stat
import threading
from datetime import UTC, datetime

import pytest

from kanhe.adapters.app_file import AppFile, Applications, digest
from kanhe.errors import SettingsError
from kanhe.terms import Secret

NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "apps.json"


@pytest.fixture
def file(path):
    return AppFile(path, lambda: NOW)


def test_a_key_has_256_random_bits_and_is_found(file, path):
    keys = [file.add(name).reveal() for name in ("shop", "desk")]
    assert all(key.startswith("kanhe-") and len(key) == 49 for key in keys)
    apps = Applications(path)
    assert [apps.find(key) for key in keys] == ["shop", "desk"]
    assert len(apps) == 2


def test_the_file_holds_no_key_and_is_its_owners_only(file, path):
    key = file.add("shop").reveal()
    raw = path.read_text()
    assert key not in raw
    assert key.removeprefix("kanhe-")[:8] not in raw
    (app,) = json.loads(raw)
    assert app == {
        "name": "shop",
        "sha256": digest(key),
        "created": "2026-11-20T00:00:00Z",
        "ends": key[-4:],
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "key", ["", "kanhe-", "x", "kanhe-" + "A" * 43, "\udcff", "密钥", "a" * 10**6]
)
def test_no_other_key_is_good(file, path, key):
    file.add("shop")
    assert Applications(path).find(key) is None


@pytest.mark.parametrize("name", ["", "a b", "-a", "a/b", "a" * 65, "店"])
def test_what_is_no_name_is_refused(file, path, name):
    with pytest.raises(SettingsError, match="no name of an application"):
        file.add(name)
    assert not path.exists()


def test_a_name_is_given_once(file):
    file.add("shop")
    with pytest.raises(SettingsError, match="already"):
        file.add("shop")
    assert [app.name for app in file.all()] == ["shop"]


def test_revoking_what_is_not_there_is_an_error(file):
    with pytest.raises(SettingsError, match="there is no application 'shop'"):
        file.revoke("shop")


def test_a_new_key_is_good_at_once_and_a_revoked_one_for_a_second_at_most(file, path):
    clock = Clock()
    apps = Applications(path, clock=clock)
    key = file.add("shop").reveal()
    assert apps.find(key) == "shop"
    file.revoke("shop")
    clock.now = 1.0
    assert apps.find(key) is None


def test_a_file_that_is_gone_lets_nobody_in(file, path):
    clock = Clock()
    key = file.add("shop").reveal()
    apps = Applications(path, clock=clock)
    path.unlink()
    clock.now = 1.0
    assert apps.find(key) is None
    assert len(apps) == 0


def test_keys_for_this_run_are_good_without_a_file(path):
    apps = Applications(path, [Secret("k1"), Secret("k2")])
    assert [apps.find(key) for key in ("k1", "k2")] == ["command-line", "command-line-2"]


@pytest.mark.parametrize("content", [b"", b"{}", b'[{"name": 3}]', b"\xff", b"[" * 9999])
def test_while_the_file_is_not_in_our_form_nobody_of_it_is_let_in(file, path, content):
    clock = Clock()
    key = file.add("shop").reveal()
    whole = path.read_bytes()
    apps = Applications(path, [Secret("k")], clock)
    path.write_bytes(content)
    clock.now = 1.0
    assert apps.find(key) is None
    assert "not in our form" in (apps.trouble or "")
    assert apps.find("k") == "command-line"
    with pytest.raises(SettingsError, match="not in our form"):
        file.all()
    path.write_bytes(whole)
    clock.now = 2.0
    assert (apps.find(key), apps.trouble) == ("shop", None)


def test_a_file_that_cannot_be_read_for_a_while_locks_nobody_out(file, path):
    clock = Clock()
    key = file.add("shop").reveal()
    apps = Applications(path, clock=clock)
    aside = path.rename(path.with_name("aside"))
    path.mkdir()  # reading a directory fails with an error that is not "not found"
    clock.now = 1.0
    assert apps.find(key) == "shop"
    assert "Is a directory" in (apps.trouble or "")
    path.rmdir()
    aside.rename(path)
    clock.now = 2.0
    assert (apps.find(key), apps.trouble) == ("shop", None)


def test_applications_added_at_the_same_time_are_all_kept(path):
    def add(number):
        AppFile(path, lambda: NOW).add(f"app-{number}")

    threads = [threading.Thread(target=add, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(AppFile(path, lambda: NOW).all()) == 16


def test_a_directory_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(SettingsError, match="cannot be used"):
        AppFile(tmp_path / "data" / "apps.json", lambda: NOW).add("shop")
