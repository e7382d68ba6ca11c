"""The examples a ruleset carries: what each rule must find, and what it must leave alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kanhe.errors import Fault, FaultyRuleset
from kanhe.policy.rule import Finding, Side
from kanhe.policy.rule_file import Example
from kanhe.policy.ruleset import Plan, Ruleset
from kanhe.policy.stream import StreamGuard


@dataclass(frozen=True, slots=True)
class Tried:
    """One example, and whether its rule found something in it."""

    example: Example
    matched: bool

    @property
    def passed(self) -> bool:
        """Say whether it came out as the ruleset says."""
        return self.matched is self.example.must_match

    @property
    def fault(self) -> Fault:
        """Say what is wrong, where it did not pass."""
        example = self.example
        must, does = (
            ("must match", "does not") if example.must_match else ("must not match", "does")
        )
        return Fault(
            example.file,
            example.line,
            example.rule.id,
            f"the example {example.text!r} {must}, and {does}",
            "Mend the rule or the example; `kanhe rules explain` tells what matches and how.",
        )


def found_in(text: str, plan: Plan) -> tuple[Finding, ...]:
    """Give every finding in a whole text, with a plan whose rules only watch."""
    guard = StreamGuard(plan)
    return (*guard.feed(text).noticed, *guard.finish().noticed)


def try_examples(examples: Iterable[Example], ruleset: Ruleset) -> Iterator[Tried]:
    """Try each example on its rule alone; where else the rule looks, or who stops, is no matter."""
    plans = {side: ruleset.watching(side) for side in Side}
    for example in examples:
        side = min(example.rule.scope.sides)
        rules = {finding.rule.id for finding in found_in(example.text, plans[side])}
        yield Tried(example, example.rule.id in rules)


def require_examples(examples: Iterable[Example], ruleset: Ruleset) -> None:
    """Refuse a ruleset whose examples do not come out as it says.

    Raises:
        FaultyRuleset: Names every example that failed.
    """
    faults = [tried.fault for tried in try_examples(examples, ruleset) if not tried.passed]
    if faults:
        raise FaultyRuleset(faults)
