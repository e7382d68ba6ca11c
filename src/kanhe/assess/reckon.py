"""From head and lines to results: every figure of a report, and nothing that they do not give.

Pure, and the same for the same evidence: who has head and lines has every figure, which is how a
report is verified. Nothing in here asks, judges or knows a regime.
"""

from __future__ import annotations

from collections.abc import Sequence

from kanhe.assess import reckon_parts as parts
from kanhe.assess.head import Head
from kanhe.assess.line import Line
from kanhe.assess.reckon_lines import lay
from kanhe.assess.reckon_tests import concluded, tested
from kanhe.assess.reckon_warnings import warnings
from kanhe.assess.results import Results


def results(head: Head, lines: Sequence[Line]) -> Results:
    """Compute all figures of an assessment.

    Raises:
        AssessError: Lines contradict each other, or the head.
    """
    laid = lay(head, lines)
    tests, targets = tested(head, laid), laid.targets
    varied = {target: parts.robustness(laid, target) for target in targets}
    failed = {target: parts.failed(laid, target) for target in targets}
    twice = parts.judged_twice(laid)
    return Results(
        tested=tests,
        conclusion=concluded(tests),
        robust={target: each for target, (each, _) in varied.items()},
        any_variant={target: worst for target, (_, worst) in varied.items()},
        steady={target: parts.steadiness(laid, target) for target in targets},
        leaning={target: parts.choices(laid, target) for target in targets},
        swaps={target: parts.swaps(laid, target) for target in targets},
        leaking={target: parts.leaking(laid, target) for target in targets},
        malformed={target: parts.forms(laid, target) for target in targets},
        facts={target: parts.facts(laid, target) for target in targets},
        routes=parts.routes(laid),
        failed=failed,
        twice=twice,
        warnings=warnings(head, laid, tests, failed, twice),
    )
