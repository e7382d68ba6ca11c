"""Make `.venv` or bring it up to date, for make: `python3 scripts/setup.py run|test|litellm`.

It installs what requirements/*.txt lists, by hash, and the project itself, editable. It does
nothing where nothing changed: a stamp inside the environment holds a hash of all it was made from.
A hash and not a time of change, because a fresh checkout sets every time anew. Several may run at
once: the first one works, the others wait for it and find the work done.

This file runs before anything is installed and on Pythons we refuse, so: the standard library
only, and no syntax younger than Python 3.6.
"""

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOWEST = (3, 11)

# One row is one `pip install`: its arguments, and the files whose change calls for it again.
HASHED = ["--require-hashes", "--only-binary=:all:"]
# A wheel runs nothing when it is installed; a source distribution does, and fetches what it builds
# with. So it has to be asked for by name: KANHE_BUILD=name, where a package has no wheel.
if os.environ.get("KANHE_BUILD"):
    HASHED.append("--no-binary=" + os.environ["KANHE_BUILD"])
RUN = (
    ((*HASHED, "-r", "run.txt", "-r", "build.txt"), ("run.txt", "build.txt")),
    ((*HASHED, "--no-deps", "-r", "embedded.txt"), ("embedded.txt",)),
    (
        ("--no-deps", "--no-build-isolation", "--editable", ".."),
        ("build.txt", "../pyproject.toml", "../src/kanhe/__init__.py"),
    ),
)
TEST = (*RUN, ((*HASHED, "-r", "test.txt"), ("test.txt",)))
LITELLM = (((*HASHED, "-r", "litellm.txt"), ("litellm.txt",)),)
SETS = {"run": (".venv", RUN), "test": (".venv", TEST), "litellm": (".venv-litellm", LITELLM)}


def refuse(what, advice):
    """End with a fact and the next step."""
    sys.exit("Error: " + what + "\n" + advice)


def check_python():
    """Refuse a Python that is too old, or one that cannot make environments."""
    if sys.version_info < LOWEST:
        refuse(
            "Kanhe needs Python 3.11 or newer; {} is {}.{}.{}".format(
                sys.executable, *sys.version_info[:3]
            ),
            "Name a newer one: make setup PYTHON=python3.12",
        )
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        refuse(
            "this Python cannot make virtual environments: its venv or ensurepip is missing",
            "On Debian and Ubuntu: apt-get install python3-venv",
        )


def works(python):
    """Say whether `python` starts and is new enough: an environment breaks when its base moves."""
    probe = "import pip, sys; sys.exit(sys.version_info < {!r})".format(LOWEST)
    try:
        return subprocess.run([str(python), "-c", probe], capture_output=True).returncode == 0
    except OSError:
        return False


def digest(python, arguments, sources):
    """Hash all that one `pip install` depends on, the environment's own place included."""
    parts = [str(python).encode(), repr(arguments).encode()]
    parts += [(ROOT / "requirements" / source).read_bytes() for source in sources]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def install(python, arguments):
    """Run one `pip install`; end with pip's own words where it fails."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*command, *arguments], cwd=ROOT / "requirements")
    if done.returncode:
        refuse(
            "pip could not install " + " ".join(arguments),
            "Its reason stands above; nothing is half done: run the same command again. Where it "
            "found no wheel for this machine, KANHE_BUILD=name builds that package from source.",
        )


def bring_up(folder, steps):
    """Make the environment in `folder` if need be, and take each step whose sources changed."""
    place = ROOT / folder
    python = place / "bin" / "python"
    if not works(python):
        print("making", folder, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
    for arguments, sources in steps:
        stamp = place / (".kanhe-" + Path(sources[0]).stem)
        wanted = digest(python, arguments, sources)
        if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
            continue
        print("installing", ", ".join(sources), "into", folder, flush=True)
        install(python, arguments)
        stamp.write_text(wanted, encoding="ascii")


def main():
    """Bring up the environment named on the command line, alone on this checkout."""
    if sys.argv[1:] not in [[name] for name in SETS]:
        refuse("want one of " + ", ".join(SETS), "python3 scripts/setup.py run")
    check_python()
    folder, steps = SETS[sys.argv[1]]
    # The lock lies beside the environment, not in it: `venv --clear` empties the folder.
    lock = os.open(ROOT / (folder + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    bring_up(folder, steps)


if __name__ == "__main__":
    main()
