"""Rulesets as people write them: a YAML file and its term files, checked whole, turned into rules.

Either all of it is right, or nothing of it loads and every fault is told at once, each with file,
line, rule and what to write instead. Nothing is read here but through `Files`, and no name leads
out of the ruleset's own folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kanhe.errors import Fault, FaultyRuleset, RulesetError
from kanhe.policy.recogniser import Recogniser
from kanhe.policy.rule import (
    Rule,
    Text,
)
from kanhe.policy.rule_file import (
    NAME,
    Example,
    Known,
    Reading,
    Source,
    read,
    read_rule,
)
from kanhe.policy.ruleset import (
    Cache,
    Ruleset,
    compile_parts,
    content_hash,
)
from kanhe.yaml_source import TEXT, Faults, Section, parse

_TOP = ("name", "version", "categories", "rules")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rulesets that are in force together, read and checked, not compiled yet.

    `label` is the operator's own version, `version` the hash of every byte read. `categories` are
    the operator's own. `warnings` keep nothing from loading.
    """

    name: str
    label: str
    version: str
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...]
    categories: Mapping[str, Text]
    warnings: tuple[Fault, ...]
    places: Mapping[str, str] = field(default_factory=dict)
    """Where each rule stands, by its id: `file:line`."""
    needs: Mapping[str, int] = field(default_factory=dict)
    """The lines on which rules demand something of their judge, by id."""


def load_rulesets(sources: Sequence[Source], known: Known) -> Loaded:
    """Read rulesets that are to be in force together; their rules keep the order of the files.

    Raises:
        FaultyRuleset: There is something wrong; it names all of it.
    """
    if not sources:
        raise RulesetError("there is no ruleset to load", advice="Name at least one ruleset file.")
    reading = Reading(known, sources[0], Faults(""), Faults(""))
    for source in sources:
        reading.source = source
        reading.faults.file = reading.warnings.file = source.shown
        _read_ruleset(reading)
        reading.faults.rule = ""
    if reading.faults.found:
        files = list(dict.fromkeys(fault.file for fault in reading.faults.found))
        in_order = sorted(reading.faults.found, key=lambda f: (files.index(f.file), f.line))
        raise FaultyRuleset(in_order)
    return Loaded(
        "+".join(reading.names),
        "+".join(reading.labels),
        content_hash(reading.pieces),
        tuple(reading.rules),
        tuple(reading.examples),
        reading.categories,
        tuple(reading.warnings.found),
        reading.places,
        reading.needs,
    )


def build(
    loaded: Loaded, recognisers: Mapping[str, Recogniser], cache: Cache | None = None
) -> Ruleset:
    """Compile what was loaded."""
    return Ruleset(
        name=loaded.name,
        label=loaded.label,
        version=loaded.version,
        rules=loaded.rules,
        parts=compile_parts(loaded.rules, recognisers, cache),
        recognisers=recognisers,
        examples=[(example.rule.id, example.must_match) for example in loaded.examples],
    )


def _read_ruleset(reading: Reading) -> None:
    raw = read(reading, reading.source.name, 1)
    top = parse(raw, reading.faults) if raw is not None else None
    if top is None:
        return
    top.allow(_TOP)
    reading.names.append(top.text("name", needed=True) or "")
    reading.labels.append(top.text("version", needed=True) or "")
    _read_categories(top, reading)
    count = 0
    for section in top.sections("rules", instead="rules: `- id: …`"):
        count += 1
        read_rule(section, reading)
        reading.faults.rule = reading.warnings.rule = ""
    if not count and "rules" in top:
        top.fault("rules", "there is no rule in it", "Write at least one rule.")


def _read_categories(top: Section, reading: Reading) -> None:
    own = top.section("categories", instead=f"categories of your own: `my-category: {TEXT}`")
    for name in own.keys if own else ():
        assert own  # noqa: S101 # for the type checker
        title = own.pair(name)
        if not NAME.fullmatch(name):
            own.fault(name, f"{name!r} is no name of a category", "Use a-z, 0-9 and hyphens.")
        elif name in reading.known.categories or name in reading.categories:
            own.fault(name, f"there is a category {name!r} already", "Give it another name.")
        elif title:
            reading.categories[name] = title
