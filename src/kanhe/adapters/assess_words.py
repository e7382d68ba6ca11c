"""The rulesets by which a plan judges answers: read, checked, and compiled for that alone.

Only rules that count against an answer are compiled (`assess.ways.counts`): the others would cost
time and could say nothing. The version is that of all the files, as the gateway would tell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kanhe.adapters.judge_grounds import Grounds
from kanhe.adapters.lexicon_cache import LexiconCache
from kanhe.adapters.package_data import shipped
from kanhe.adapters.ruleset_files import ruleset_at
from kanhe.assess.ways import Words, counts
from kanhe.errors import RulesetError
from kanhe.gateway.surface import SURFACES
from kanhe.law.regime import Regime
from kanhe.policy.example import require_examples
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule import Judged, Side
from kanhe.policy.rule_file import Known
from kanhe.policy.ruleset_file import Loaded, build, load_rulesets
from kanhe.settings_source import SHIPPED


def load_words(names: Sequence[str], regime: Regime, grounds: Grounds) -> Loaded:
    """Read rulesets by the names of a plan: shipped ones, or paths of files.

    Raises:
        FaultyRuleset: Something is wrong with one of them; it names all of it.
        RulesetError: None of their rules looks at answers.
    """
    known = Known(regime.risks, RECOGNISERS, SURFACES, grounds.categories)
    sources = [shipped(name) if name in SHIPPED else ruleset_at(Path(name)) for name in names]
    loaded = load_rulesets(sources, known)
    rules = tuple(rule for rule in loaded.rules if counts(rule))
    if not rules:
        raise RulesetError(
            f"no rule of {', '.join(names)} stops or masks anything in an answer",
            advice="Under `keyword` of the plan name a ruleset with rules `on: answer`.",
        )
    kept = {rule.id for rule in rules}
    examples = tuple(one for one in loaded.examples if one.rule.id in kept)
    return replace(loaded, rules=rules, examples=examples)


def compile_words(loaded: Loaded, cache: Path | None) -> Words:
    """Compile what was read; try the examples that it carries.

    Raises:
        FaultyRuleset: An example does not come out as the ruleset says.
    """
    ruleset = build(loaded, RECOGNISERS, LexiconCache(cache) if cache else None)
    require_examples(loaded.examples, ruleset)
    judged = [(rule, rule.matcher) for rule in ruleset.rules if isinstance(rule.matcher, Judged)]
    return Words(ruleset.version, ruleset.watching(Side.ANSWER), tuple(judged))
