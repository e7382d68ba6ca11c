"""The house as code: floors, sizes and house rules, read from the source and not by importing it.

Each check is a function from a source tree to complaints. It is run twice: on src/kanhe, where it
has to find nothing, and on a small planted tree, where it has to find the fault.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "kanhe"

# From the roof to the ground (docs/adr/0001). Rooms on one floor do not know each other.
FLOORS = (
    ("__main__",),
    ("cli",),
    ("web",),
    ("console",),
    ("wiring",),
    ("adapters",),
    ("filing", "commons"),
    ("cases", "report"),
    ("gateway", "corpus", "assess", "labels", "status"),
    ("policy", "people", "model", "judge", "law", "accounts"),
    ("ledger",),
    ("settings",),
    ("settings_models", "settings_console", "settings_webhooks", "settings_judges"),
    ("settings_source",),
    ("yaml_source",),
    ("terms",),
    ("errors",),
    ("__init__",),
)
HEIGHT = {room: -level for level, rooms in enumerate(FLOORS) for room in rooms}

DATA_FOLDERS = {
    "rulesets",
    "regimes",
    "templates",
    "static",
    "locale",
    "weights",
    "judges",
    "banks",
}
FORBIDDEN_FOLDERS = {"utils", "helpers", "common", "core", "base", "manager"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60

# What policy must never see: it decides in values, and may be run in a test without any of these.
OUTSIDE = {"asyncio", "socket", "ssl", "http", "subprocess", "random", "secrets", "aiohttp"}
OUTSIDE |= {"starlette", "uvicorn", "click", "sqlite3"}

Tree = dict[str, ast.Module]
"""Parsed modules by dotted name without `kanhe.`; a package stands as `room.__init__`."""


def read(root: Path) -> Tree:
    """Parse every module below `root`."""
    files = sorted(root.rglob("*.py"))
    return {
        ".".join(f.relative_to(root).with_suffix("").parts): ast.parse(f.read_bytes())
        for f in files
    }


def room(module: str) -> str:
    return module.partition(".")[0]


def named_modules(module: str, node: ast.AST) -> Iterator[str]:
    """Yield the absolute dotted names that `node` imports, wherever it stands in the file."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=source, names=names, level=level):
            # In a package's __init__ one dot means the package itself, which holds here as well:
            # "__init__" is the last part of its name.
            above = ["kanhe", *module.split(".")][:-level] if level else []
            base = ".".join([*above, *([source] if source else [])])
            yield from (f"{base}.{alias.name}" for alias in names)
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield name


def imports(tree: Tree) -> Iterator[tuple[str, str, int]]:
    """Yield (importer, imported, line) within kanhe: eager, lazy and type-only imports alike."""
    for module, parsed in tree.items():
        for node in ast.walk(parsed):
            for name in named_modules(module, node):
                if name == "kanhe" or name.startswith("kanhe."):
                    yield module, resolve(tree, name.removeprefix("kanhe").lstrip(".")), node.lineno


def resolve(tree: Tree, name: str) -> str:
    """Turn a dotted name, which may end in an attribute, into the module that defines it."""
    while name:
        for known in (name, f"{name}.__init__"):
            if known in tree:
                return known
        if "." not in name:
            break
        name = name.rpartition(".")[0]
    # `from kanhe import x`: a room if there is one by that name, an attribute of the root else.
    return name if name in HEIGHT else "__init__"


def runs_downwards(root: Path) -> Iterator[str]:
    tree = read(root)
    for module in tree:
        if room(module) not in HEIGHT:
            yield f"{module} stands on no floor: give it one in FLOORS and in docs/adr/0001"
    for importer, imported, line in imports(tree):
        here, there = room(importer), room(imported)
        if here == there or here not in HEIGHT:
            continue
        if HEIGHT.get(there, 0) >= HEIGHT[here]:
            way = "sideways" if HEIGHT.get(there, 0) == HEIGHT[here] else "upwards"
            yield f"{importer}:{line} imports {imported}, which is {way}"


def has_no_circle(root: Path) -> Iterator[str]:
    tree = read(root)
    arrows: dict[str, set[str]] = {module: set() for module in tree}
    for importer, imported, _ in imports(tree):
        if imported in arrows and imported != importer:
            arrows[importer].add(imported)
    # Take away what imports nothing that is left; what cannot be taken away stands in a circle
    # or above one.
    while free := {module for module, targets in arrows.items() if not targets}:
        arrows = {m: targets - free for m, targets in arrows.items() if m not in free}
    if arrows:
        yield f"a circle of imports among or below: {', '.join(sorted(arrows))}"


def keeps_packages_empty(root: Path) -> Iterator[str]:
    for module, parsed in read(root).items():
        if module.endswith(".__init__") and parsed.body:
            yield f"{module} is not empty: import from the module that defines a thing"


def keeps_files_short(root: Path) -> Iterator[str]:
    for file in sorted(root.rglob("*.py")):
        lines = len(file.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE:
            yield f"{file.relative_to(root)} has {lines} lines; {LONGEST_FILE} is the most"


def keeps_functions_short(root: Path) -> Iterator[str]:
    for module, parsed in read(root).items():
        for node in ast.walk(parsed):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    yield f"{module}.{node.name} has {lines} lines; {LONGEST_FUNCTION} is the most"


def names_folders_after_things(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("*")):
        if path.is_dir() and path.name in FORBIDDEN_FOLDERS:
            yield f"{path.relative_to(root)}: a folder is named after what it holds"


def catches_what_it_knows(root: Path) -> Iterator[str]:
    """Allow one last handler in `web`, and one job loop in the rooms that act; nothing else."""
    found = [
        (module, node.lineno)
        for module, parsed in read(root).items()
        for node in ast.walk(parsed)
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type) and not cleans_up(node)
    ]
    web = [place for place in found if room(place[0]) == "web"]
    loop = [place for place in found if room(place[0]) in {"wiring", "adapters"}]
    allowed = {*web[:1], *loop[:1]}
    for module, line in found:
        if (module, line) not in allowed:
            yield f"{module}:{line} catches every exception: name the ones it can handle"


def cleans_up(handler: ast.ExceptHandler) -> bool:
    """Say whether `handler` gives something back on any end, a cancelled task's too, and goes on.

    Only as `except BaseException` with a bare `raise` at its end: it hides nothing. One that names
    `Exception` would let go of what it holds when a task is cancelled.
    """
    match handler:
        case ast.ExceptHandler(type=ast.Name(id="BaseException"), body=[*_, ast.Raise(exc=None)]):
            return True
        case _:
            return False


def is_broad(caught: ast.expr | None) -> bool:
    match caught:
        case None | ast.Name(id="Exception" | "BaseException"):
            return True
        case ast.Tuple(elts=parts):
            return any(map(is_broad, parts))
        case _:
            return False


def reads_the_environment_once(root: Path) -> Iterator[str]:
    for module, parsed in read(root).items():
        if room(module) == "settings":
            continue
        nodes = list(ast.walk(parsed))
        # A library that takes its settings from the environment alone has to be given them there.
        given = [id(node.value) for node in nodes if is_gift(node)]
        for node in nodes:
            if is_environment(node) and id(node) not in given:
                yield f"{module}:{node.lineno} reads the environment: that is for settings"


def is_gift(node: ast.AST) -> TypeGuard[ast.Attribute]:
    """Say whether `node` is the `os.environ.setdefault` of a library's own variable."""
    return isinstance(node, ast.Attribute) and node.attr == "setdefault"


def is_environment(node: ast.AST) -> bool:
    variables = {"environ", "environb", "getenv", "getenvb"}
    match node:
        case ast.Attribute(value=ast.Name(id="os"), attr=name):
            return name in variables
        case ast.ImportFrom(module="os", names=names):
            return any(alias.name in variables for alias in names)
        # click reads the environment too, where it is asked to.
        case ast.keyword(arg="envvar" | "auto_envvar_prefix"):
            return True
        case _:
            return False


def keeps_policy_pure(root: Path) -> Iterator[str]:
    for module, parsed in read(root).items():
        if room(module) != "policy":
            continue
        for node in ast.walk(parsed):
            for name in named_modules(module, node):
                if name.partition(".")[0] in OUTSIDE:
                    yield f"{module}:{node.lineno} imports {name}: policy takes and gives values"


LONG_FUNCTION = "def f():\n" + "    pass\n" * LONGEST_FUNCTION
BROAD = "try:\n    pass\nexcept Exception:\n    pass\n"

# (check, planted files, what the complaint must contain)
PLANTED: list[tuple[Callable[[Path], Iterator[str]], dict[str, str], str]] = [
    (runs_downwards, {"errors.py": "import kanhe.ledger.entry", "ledger/entry.py": ""}, "upwards"),
    (runs_downwards, {"policy/a.py": "from kanhe.people import b", "people/b.py": ""}, "sideways"),
    (runs_downwards, {"policy/a.py": "from kanhe import web", "web/b.py": ""}, "upwards"),
    (runs_downwards, {"law/a.py": "from ..cli import main", "cli/main.py": ""}, "upwards"),
    (runs_downwards, {"law/a.py": "def f():\n    from kanhe.web import b", "web/b.py": ""}, "a:2"),
    (
        runs_downwards,
        {
            "model.py": "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from kanhe.gateway.exchange import Exchange",
            "gateway/exchange.py": "class Exchange: ...",
        },
        "model:3 imports gateway.exchange",
    ),
    (
        runs_downwards,
        {"law/a.py": "import importlib\nimportlib.import_module('kanhe.web.b')", "web/b.py": ""},
        "upwards",
    ),
    (runs_downwards, {"attic/a.py": ""}, "stands on no floor"),
    (
        has_no_circle,
        {"law/a.py": "import kanhe.law.b", "law/b.py": "def f():\n    from kanhe.law import a"},
        "law.a, law.b",
    ),
    (keeps_packages_empty, {"law/__init__.py": "from kanhe.law.a import f"}, "not empty"),
    (keeps_packages_empty, {"law/__init__.py": '"""Even a docstring."""'}, "not empty"),
    (keeps_files_short, {"terms.py": "\n" * 401}, "has 401 lines"),
    (keeps_functions_short, {"terms.py": LONG_FUNCTION}, "has 61 lines"),
    (keeps_functions_short, {"terms.py": "async " + LONG_FUNCTION}, "has 61 lines"),
    (names_folders_after_things, {"law/utils/a.py": ""}, "named after"),
    (catches_what_it_knows, {"policy/a.py": BROAD}, "policy.a:3"),
    (catches_what_it_knows, {"web/a.py": BROAD + BROAD}, "web.a:7"),
    (catches_what_it_knows, {"adapters/a.py": BROAD, "wiring.py": BROAD}, "wiring:3"),
    (catches_what_it_knows, {"law/a.py": BROAD.replace(" Exception", "")}, "law.a:3"),
    (
        catches_what_it_knows,
        {"law/a.py": BROAD.replace("Exception", "(ValueError, Exception)")},
        "law.a:3",
    ),
    (catches_what_it_knows, {"law/a.py": BROAD.replace("    pass\n", "    raise\n")}, "law.a:3"),
    (
        catches_what_it_knows,
        {"law/a.py": BROAD.replace("Exception", "BaseException")},
        "law.a:3",
    ),
    (reads_the_environment_once, {"law/a.py": "import os\nos.environ['KANHE_DATA']"}, "law.a:2"),
    (reads_the_environment_once, {"law/a.py": "import os\nos.getenv('KANHE_DATA')"}, "law.a:2"),
    (reads_the_environment_once, {"law/a.py": "from os import environ"}, "law.a:1"),
    (reads_the_environment_once, {"cli/a.py": "click.option('--x', envvar='X')"}, "cli.a:1"),
    (keeps_policy_pure, {"policy/a.py": "def f():\n    import aiohttp.web"}, "policy.a:2"),
]

CHECKS = sorted({check for check, _, _ in PLANTED}, key=lambda check: check.__name__)


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house_holds(check):
    assert list(check(SOURCE)) == []


@pytest.mark.parametrize(
    ("check", "files", "complaint"),
    PLANTED,
    ids=[f"{check.__name__}-{n}" for n, (check, _, _) in enumerate(PLANTED)],
)
def test_a_planted_fault_is_found(check, files, complaint, tmp_path):
    assert complaint in "\n".join(check(plant(tmp_path, files)))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_sound_tree_is_left_alone(check, tmp_path):
    """Every arrow goes down, and the two broad handlers stand where they may."""
    sound = {
        "__init__.py": '__version__ = "1"',
        "errors.py": "class KanheError(Exception): ...",
        "settings.py": "import os\nfrom kanhe.errors import KanheError\nos.environ",
        "ledger/__init__.py": "",
        "ledger/entry.py": "from kanhe import __version__\nfrom kanhe.errors import KanheError",
        "policy/fold.py": "import unicodedata\nfrom kanhe.errors import KanheError",
        "policy/stream.py": "from kanhe.policy.fold import x\nfrom . import fold",
        "gateway/exchange.py": "from kanhe.policy import stream\nimport kanhe.ledger.entry",
        "adapters/clock.py": BROAD,
        "law/b.py": "try:\n    pass\nexcept BaseException:\n    print()\n    raise\n",
        "web/app.py": "from kanhe.gateway.exchange import x\n" + BROAD,
        "cli/main.py": "from kanhe.web import app\nimport kanhe.settings",
        "rulesets/baseline.yaml": "rules: []",
    }
    assert list(check(plant(tmp_path, sound))) == []


def test_data_folders_hold_no_code():
    code = [path for name in DATA_FOLDERS for path in SOURCE.glob(f"**/{name}/**/*.py")]
    assert code == []
