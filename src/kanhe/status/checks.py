"""Every check there is, by the name that controls call it by, and what it needs to know.

A control whose check is not here, or that does not give a parameter its check needs, is unknown for
ever. `tests/test_status_checks_all.py` wants of each check a record under which it is met, one
under which it is not, and one under which it cannot tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kanhe.status.check import Check
from kanhe.status.check_assessment import edition_named, release_assessed, security_assessed
from kanhe.status.check_attested import attested, awaits
from kanhe.status.check_banks import question_bank
from kanhe.status.check_classifiers import classifiers
from kanhe.status.check_fair import accuracy_assessed, bias_assessed
from kanhe.status.check_guard import (
    guard_active,
    guard_fail_closed,
    implicit_label,
    ledger_without_content,
    notice_and_reasons,
    pseudonymous_log,
    two_sided_review,
)
from kanhe.status.check_judges import judge_measured
from kanhe.status.check_ledger import (
    continuity,
    ledger_sound,
    log_retention,
    traceable_decisions,
)
from kanhe.status.check_rules import (
    keyword_library,
    over_blocking,
    rules_cover_risks,
    ruleset_tested,
    two_person_release,
)
from kanhe.status.check_scope import filing_route, scope_determined
from kanhe.status.check_settings import (
    complaint_route,
    explicit_label,
    model_named,
    producer_code,
    strikes,
    unknown_fields,
    unlabelled_log,
)
from kanhe.status.check_tests import output_test, refusal_test

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "guard_active": guard_active,
        "guard_fail_closed": guard_fail_closed,
        "two_sided_review": two_sided_review,
        "keyword_library": keyword_library,
        "rules_cover_risks": rules_cover_risks,
        "ruleset_tested": ruleset_tested,
        "over_blocking": over_blocking,
        "two_person_release": two_person_release,
        "classifiers": classifiers,
        "judge_measured": judge_measured,
        "question_bank": question_bank,
        "output_test": output_test,
        "refusal_test": refusal_test,
        "bias_assessed": bias_assessed,
        "accuracy_assessed": accuracy_assessed,
        "security_assessed": security_assessed,
        "edition_named": edition_named,
        "release_assessed": release_assessed,
        "explicit_label": explicit_label,
        "implicit_label": implicit_label,
        "producer_code": producer_code,
        "unlabelled_log": unlabelled_log,
        "strikes": strikes,
        "complaint_route": complaint_route,
        "notice_and_reasons": notice_and_reasons,
        "model_named": model_named,
        "unknown_fields": unknown_fields,
        "log_retention": log_retention,
        "ledger_sound": ledger_sound,
        "traceable_decisions": traceable_decisions,
        "pseudonymous_log": pseudonymous_log,
        "ledger_without_content": ledger_without_content,
        "continuity": continuity,
        "scope_determined": scope_determined,
        "filing_route": filing_route,
        "attested": attested,
        "awaits": awaits,
    }
)
"""By the name under `check` of a control."""

OF_WHAT_RUNS = frozenset(CHECKS) - {
    "attested", "awaits", "scope_determined", "filing_route", "ledger_sound", "log_retention",
    "question_bank", "security_assessed", "edition_named",
}  # fmt: skip
"""Checks that tell of a running service; what one has left behind tells nothing of today."""

NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "guard_active": ("drill_fresh_days",),
        "keyword_library": ("least", "fresh_days"),
        "rules_cover_risks": ("class",),
        "classifiers": ("list", "least_percent", "most_false_percent", "rows"),
        "judge_measured": ("pinned_days", "unpinned_days"),
        "question_bank": ("kind", "least", "fresh_days"),
        "output_test": ("least", "percent", "methods", "fresh_days"),
        "refusal_test": ("least", "refuse_percent", "answer_percent", "fresh_days"),
        "bias_assessed": ("attributes", "rows", "gap_percent", "most_percent", "fresh_days"),
        "accuracy_assessed": (
            "class",
            "rows",
            "percent",
            "steady_rows",
            "steady_percent",
            "fresh_days",
        ),
        "security_assessed": ("fresh_days",),
        "edition_named": ("duty",),
        "strikes": ("in_a_row", "in_a_day"),
        "log_retention": ("months",),
        "attested": ("valid_days", "statement"),
        "awaits": ("capability",),
    }
)
"""Parameters that a check cannot do without; others may be left out."""
