"""What was looked at and found, in OSCAL: an assessment plan and its results.

A finding is satisfied only where the standing is *met*; the three others are not satisfied, with
the standing as a property, because OSCAL knows no *unknown*. Duties that do not apply have no
finding, and an observation that says why.
"""

from __future__ import annotations

from collections.abc import Sequence

from kanhe.law.regime import Control
from kanhe.report.oscal_catalog import applying
from kanhe.report.oscal_text import markup
from kanhe.report.oscal_words import (
    Export,
    Node,
    answer_words,
    document,
    instant,
    ledger,
    ledger_state,
    metadata,
    prop,
    seen,
    service,
)
from kanhe.status.picture import Sound
from kanhe.status.status import Line, Looked
from kanhe.status.verdict import Standing

PLAN = "assessment-plan.json"


def plan(it: Export) -> Node:
    """Give the plan that the results have to import: every duty that applies, from the ledger."""
    answers = [
        prop(f"answer-{name.replace('_', '-')}", said)
        for name, answer in it.status.answers.items()
        for said in answer_words(answer)
    ]
    described = (
        "There is no system security plan: the service is described by its answers to the "
        "questionnaire, which are on the ledger."
    )
    resource: Node = {
        "uuid": service(it),
        "title": "The service",
        "description": described,
        "props": answers or [prop("answers", "none")],
    }
    return document(
        "assessment-plan",
        {
            "metadata": metadata(it, "Assessment plan"),
            "import-ssp": {"href": f"#{service(it)}"},
            "reviewed-controls": _reviewed(it),
            "back-matter": {"resources": [resource]},
        },
    )


def results(it: Export) -> Node:
    """Give one result: what was observed, and a finding for each duty that applies."""
    observed = observations(it, it.status.lines)
    findings = [finding(it, one) for one in applying(it)]
    result: Node = {
        "uuid": seen(it, "result"),
        "title": f"Status on {it.status.day}",
        "description": _description(it),
        "start": instant(it.status.at),
        "end": instant(it.status.at),
        "props": ledger(it),
        "reviewed-controls": _reviewed(it),
        **({"observations": observed} if observed else {}),
        **({"findings": findings} if findings else {}),
    }
    return document(
        "assessment-results",
        {
            "metadata": metadata(it, "Assessment results"),
            "import-ap": {"href": PLAN},
            "results": [result],
        },
    )


def observations(it: Export, lines: Sequence[Line]) -> list[Node]:
    """Give what each control of the duties said, once, however many it serves; then the duties'.

    A duty has an observation of its own where no control decided: it does not apply, or whether it
    does, or what the ledger says, is not known.
    """
    controls = {had.control.id: had for one in lines for had in one.looked}
    return [
        *(_of_control(it, had) for had in controls.values()),
        *(_of_duty(it, one) for one in lines if _own(one)),
    ]


def finding(it: Export, one: Line) -> Node:
    """Give how one duty stands."""
    met = one.standing is Standing.MET
    reason = {Standing.MET: "pass", Standing.GAP: "fail"}.get(one.standing, "other")
    return {
        "uuid": seen(it, "finding", one.obligation.id),
        "title": markup(it.say(one.obligation.title)),
        "description": it.why(one.why),
        "props": [
            prop("standing", one.standing),
            *([prop("since", instant(one.since))] if one.since else []),
        ],
        "target": {
            "type": "statement-id",
            "target-id": f"{one.obligation.id}_smt",
            "status": {"state": "satisfied" if met else "not-satisfied", "reason": reason},
        },
        **related(it, one),
    }


def related(it: Export, one: Line) -> Node:
    """Name the observations that a duty rests on; there is always one."""
    found = [seen(it, "control", had.control.id) for had in one.looked]
    if _own(one):
        found.append(seen(it, "duty", one.obligation.id))
    return {"related-observations": [{"observation-uuid": uuid} for uuid in found]}


def _own(one: Line) -> bool:
    return not one.looked or one.standing is Standing.NOT_APPLICABLE


def _reviewed(it: Export) -> Node:
    ids = [{"control-id": one.obligation.id} for one in applying(it)]
    if ids:
        return {"control-selections": [{"include-controls": ids}]}
    # A selection has to include something: all of it, and then none of it.
    none = [{"control-id": one.obligation.id} for one in it.status.lines]
    chosen: Node = {
        "description": "No obligation applies: none was reviewed.",
        "include-all": {},
        **({"exclude-controls": none} if none else {}),
    }
    return {"control-selections": [chosen]}


def _description(it: Export) -> str:
    state = ledger_state(it)
    if isinstance(it.status.soundness, Sound):
        said = f"Computed from {it.status.size} entries of the ledger {it.origin} with root {state}"
    else:
        said = f"The ledger {it.origin} is not sound, nothing may be concluded: {state}"
    return markup(said)


def _of_control(it: Export, had: Looked) -> Node:
    verdict = had.verdict
    evidence = [
        {"href": f"urn:kanhe:ledger:{index}", "description": f"Entry {index} of the ledger"}
        for index in verdict.evidence
    ]
    return {
        "uuid": seen(it, "control", had.control.id),
        "title": markup(it.say(had.control.title)),
        "description": it.why(verdict.reasons),
        "props": [
            prop("control", had.control.id),
            prop("standing", verdict.standing),
            prop("confidence", had.control.confidence),
            it.other(had.control.title),
        ],
        "methods": [_method(had.control)],
        "collected": instant(it.status.at),
        **({"expires": instant(verdict.until)} if verdict.until else {}),
        **({"relevant-evidence": evidence} if evidence else {}),
    }


def _of_duty(it: Export, one: Line) -> Node:
    return {
        "uuid": seen(it, "duty", one.obligation.id),
        "title": markup(it.say(one.obligation.title)),
        "description": it.why(one.why),
        "props": [prop("obligation", one.obligation.id), prop("standing", one.standing)],
        "methods": ["EXAMINE"],
        "collected": instant(it.status.at),
    }


def _method(control: Control) -> str:
    return {"attested": "INTERVIEW", "awaits": "UNKNOWN"}.get(control.check, "TEST")
