"""Documents do not lag behind the code: links, commands, snippets, decisions, glossary."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kanhe.adapters.package_data import risks
from kanhe.adapters.ruleset_files import ruleset_at
from kanhe.gateway.surface import SURFACES
from kanhe.judge.category import CATEGORIES, UNSAFE
from kanhe.policy.example import require_examples
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule import Judged
from kanhe.policy.rule_file import Known
from kanhe.policy.ruleset_file import build, load_rulesets
from needs import absent

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
JUDGES = dict.fromkeys(("", "embedded", "qwen3guard"), (UNSAFE, *CATEGORIES))
KNOWN = Known(risks(), RECOGNISERS, SURFACES, JUDGES)
READERS = {"json": json.loads, "toml": tomllib.loads, "yaml": yaml.safe_load}


def title(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", PAGES, ids=title)


def prose(text: str) -> str:
    return FENCE.sub("", text)


def anchors(text: str) -> set[str]:
    """Give the anchors of the headings in `text`, made as forges make them."""
    heads = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def broken_links(page: Path) -> Iterator[str]:
    for found in LINK.findall(prose(page.read_text(encoding="utf-8"))):
        target, _, anchor = (found[0] or found[1]).partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = page.parent / target if target else page
        if not file.exists():
            yield f"{target} is not there"
        elif anchor and anchor not in anchors(file.read_text(encoding="utf-8")):
            yield f"{target} has no heading #{anchor}"


def unreadable_snippets(text: str) -> Iterator[str]:
    for kind, code in FENCE.findall(text):
        try:
            if kind == "python":
                compile(code, "snippet", "exec")
            elif kind in READERS:
                READERS[kind](code)
        except (SyntaxError, ValueError, yaml.YAMLError) as error:
            yield f"{kind}: {error}"


def code_in(text: str) -> str:
    """Give what is set as code in `text`, one piece a line: fences and spans."""
    fences = [code for _, code in FENCE.findall(text)]
    return "\n".join([*fences, *re.findall(r"`([^`\n]+)`", prose(text))])


def unknown_targets(text: str) -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    return set(re.findall(r"^make ([a-z-]+)", code_in(text), re.MULTILINE)) - known


def command_names() -> tuple[set[str], set[str]]:
    """Give the full names of all commands, and those of the groups above them."""
    if not importlib.util.find_spec("kanhe.cli.main"):
        absent("no kanhe.cli.main yet", "The commands are on their way.")
    from kanhe.cli.main import main

    commands = {name for name, _ in generator().commands("kanhe", main)}
    return commands, {name.rpartition(" ")[0] for name in commands}


def unknown_commands(text: str) -> Iterator[str]:
    commands, groups = command_names()
    for line in re.findall(
        r"^(?:\$ )?(?:\.venv/bin/)?(kanhe(?: [a-z|-]+){1,2})", code_in(text), re.M
    ):
        words = line.split()
        for last in words[-1].split("|"):
            full = " ".join([*words[:-1], last])
            short = " ".join(words[:2])
            if full not in commands | groups and short not in commands:
                yield full


def generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@every_page
def test_links_lead_somewhere(page):
    assert list(broken_links(page)) == []


@every_page
def test_snippets_are_what_they_say(page):
    assert list(unreadable_snippets(page.read_text(encoding="utf-8"))) == []


@every_page
def test_make_knows_every_target_that_is_named(page):
    assert unknown_targets(page.read_text(encoding="utf-8")) == set()


@every_page
def test_kanhe_knows_every_command_that_is_named(page):
    assert list(unknown_commands(page.read_text(encoding="utf-8"))) == []


@every_page
def test_a_page_names_no_place_of_one_machine(page):
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"/(?:work|root|tmp|home/\w+)/\S*", text) == []


def test_the_reference_is_what_the_code_says():
    command_names()
    module = generator()
    written = module.REFERENCE.read_text(encoding="utf-8") if module.REFERENCE.exists() else ""
    assert written == module.reference(), "docs/reference.md is behind the code: run `make docs`"


def test_decisions_are_numbered_without_a_gap_and_have_their_parts():
    decisions = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    assert [int(page.name[:4]) for page in decisions] == list(range(1, len(decisions) + 1))
    for page in decisions:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]} "), page.name
        assert {"context", "options", "outcome"} <= anchors(text), page.name


def glossary() -> list[str]:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE)


@every_page
def test_a_ruleset_in_a_page_loads_and_keeps_its_promises(page, tmp_path):
    for kind, code in FENCE.findall(page.read_text(encoding="utf-8")):
        if kind == "yaml" and "\nrules:" in code:
            (tmp_path / "ruleset.yaml").write_text(code, encoding="utf-8")
            loaded = load_rulesets([ruleset_at(tmp_path / "ruleset.yaml")], KNOWN)
            require_examples(loaded.examples, build(loaded, RECOGNISERS))
            # Rules that ask judges have none: their test is the measuring.
            judged = all(isinstance(rule.matcher, Judged) for rule in loaded.rules)
            assert loaded.examples or judged
            assert loaded.warnings == ()


@every_page
def test_settings_in_a_page_can_be_read(page, tmp_path):
    from kanhe.settings import read_settings

    for kind, code in FENCE.findall(page.read_text(encoding="utf-8")):
        if kind == "toml":
            (tmp_path / "kanhe.toml").write_text(code, encoding="utf-8")
            secrets = {"LARGE_MODEL_KEY": "planted"}
            read = read_settings(config=tmp_path / "kanhe.toml", environ=secrets)
            assert bool(read.models) == ("[[models]]" in code)


def test_the_glossary_is_in_order_and_names_a_thing_once():
    words = glossary()
    assert words == sorted(set(words), key=str.lower)


def test_a_word_of_the_glossary_is_in_use():
    pages = [page for page in PAGES if page.name != "glossary.md"]
    used = [*pages, *(ROOT / "src").rglob("*.py")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in used).lower()
    assert [word for word in glossary() if word.lower() not in text] == []


def test_the_readme_names_the_two_commands():
    text = code_in((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {"make run", "make test"} <= set(text.splitlines())


def test_planted_faults_in_a_page_are_found(tmp_path):
    """Dead links, snippets that cannot be read, a target and a command that nobody knows."""
    page = tmp_path / "page.md"
    page.write_text('# One\n[a](gone.md) [b](#two) [c](#one) <img src="x.svg">', encoding="utf-8")
    assert len(list(broken_links(page))) == 3
    assert len(list(unreadable_snippets("```python\ndef f(:\n```\n```json\n{]\n```\n"))) == 2
    assert unknown_targets("`make tea`, `make run`\n```\nmake soup\n```\n") == {"tea", "soup"}
    assert list(unknown_commands("`kanhe ledger verify --json`, `kanhe sing loud`")) == [
        "kanhe sing loud"
    ]
