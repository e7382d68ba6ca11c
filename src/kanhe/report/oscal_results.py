"""What was looked at and found, in OSCAL: an assessment plan, its results, and a plan of action.

A finding is satisfied only where the standing is *met*; the four others are not satisfied, with the
standing as a property, because OSCAL knows no *unknown*.
"""

from __future__ import annotations

from kanhe.law.regime import Control
from kanhe.report.oscal_catalog import applying
from kanhe.report.oscal_words import Node, identify, instant, line, metadata, prop
from kanhe.status.picture import Sound
from kanhe.status.status import Line, Looked, Status
from kanhe.status.verdict import Standing

PLAN = "assessment-plan.json"


def plan(status: Status) -> Node:
    """Give the plan that the results have to import: every control, from the ledger."""
    return {
        "assessment-plan": {
            "uuid": identify(status, "plan"),
            "metadata": metadata(status, "Assessment plan"),
            "import-ssp": {"href": f"#{identify(status, 'service')}"},
            "reviewed-controls": _reviewed(status),
            "back-matter": {
                "resources": [
                    {
                        "uuid": identify(status, "service"),
                        "title": "The service",
                        "description": "There is no system security plan: the service is described "
                        "by its answers to the questionnaire, which are on the ledger.",
                        "props": [
                            prop(f"answer-{name.replace('_', '-')}", str(answer))
                            for name, answer in status.answers.items()
                        ]
                        or [prop("answers", "none")],
                    }
                ]
            },
        }
    }


def results(status: Status) -> Node:
    """Give one result: an observation for each control, a finding for each duty that applies."""
    observed = _observed(status)
    findings = [_finding(status, one) for one in applying(status)]
    result: Node = {
        "uuid": identify(status, "result"),
        "title": f"Status on {status.day}",
        "description": _description(status),
        "start": instant(status.at),
        "end": instant(status.at),
        "reviewed-controls": _reviewed(status),
        **({"observations": observed} if observed else {}),
        **({"findings": findings} if findings else {}),
    }
    return {
        "assessment-results": {
            "uuid": identify(status, "results"),
            "metadata": metadata(status, "Assessment results"),
            "import-ap": {"href": PLAN},
            "results": [result],
        }
    }


def action(status: Status) -> Node | None:
    """Give the plan of action for what is not met or stale; None where nothing is.

    OSCAL has no plan without an item.
    """
    bad = [one for one in status.lines if one.standing in {Standing.GAP, Standing.STALE}]
    if not bad:
        return None
    # An observation stands in one document only; here it stands again, for a plan is read alone.
    names = {had.control.id for one in bad for had in one.looked}
    return {
        "plan-of-action-and-milestones": {
            "uuid": identify(status, "poam"),
            "metadata": metadata(status, "Plan of action and milestones"),
            "system-id": {"identifier-type": "http://ietf.org/rfc/rfc4122",
                          "id": identify(status, "service")},
            "observations": [_observation(status, had) for had in _looked(status)
                             if had.control.id in names] or [_nothing(status)],
            "risks": [_risk(status, one) for one in bad],
            "poam-items": [_item(status, one) for one in bad],
        }
    }  # fmt: skip


def _reviewed(status: Status) -> Node:
    ids = [{"control-id": one.obligation.id} for one in applying(status)]
    chosen: Node = {"include-controls": ids} if ids else {"include-all": {}}
    return {"control-selections": [chosen]}


def _description(status: Status) -> str:
    if isinstance(status.soundness, Sound):
        root = status.soundness.root.hex()
        return f"Computed from {status.size} entries of the ledger with root {root}"
    return line(f"The ledger is not sound, nothing may be concluded: {status.soundness.why}")


def _looked(status: Status) -> list[Looked]:
    """Give what each control said, once, however many duties it serves."""
    return list({had.control.id: had for one in status.lines for had in one.looked}.values())


def _observed(status: Status) -> list[Node]:
    return [_observation(status, had) for had in _looked(status)]


def _observation(status: Status, had: Looked) -> Node:
    verdict = had.verdict
    evidence = [
        {"href": f"urn:kanhe:ledger:{index}", "description": f"Entry {index} of the ledger"}
        for index in verdict.evidence
    ]
    said = " ".join(line(one.en) for one in verdict.reasons)
    return {
        "uuid": identify(status, "observation", had.control.id),
        "title": line(had.control.title.en),
        "description": line(said),
        "props": [
            prop("control", had.control.id),
            prop("standing", verdict.standing),
            prop("confidence", had.control.confidence),
            prop("title-zh", had.control.title.zh),
        ],
        "methods": [_method(had.control)],
        "collected": instant(status.at),
        **({"expires": instant(verdict.until)} if verdict.until else {}),
        **({"relevant-evidence": evidence} if evidence else {}),
    }


def _nothing(status: Status) -> Node:
    return {
        "uuid": identify(status, "observation"),
        "description": "No control was asked",
        "methods": ["UNKNOWN"],
        "collected": instant(status.at),
    }


def _method(control: Control) -> str:
    return {"attested": "INTERVIEW", "awaits": "UNKNOWN"}.get(control.check, "TEST")


def _finding(status: Status, one: Line) -> Node:
    met = one.standing is Standing.MET
    reason = {Standing.MET: "pass", Standing.GAP: "fail"}.get(one.standing, "other")
    return {
        "uuid": identify(status, "finding", one.obligation.id),
        "title": line(one.obligation.title.en),
        "description": line(" ".join(why.en for why in one.why)),
        "props": [
            prop("standing", one.standing),
            *([prop("since", instant(one.since))] if one.since else []),
        ],
        "target": {
            "type": "statement-id",
            "target-id": f"{one.obligation.id}_smt",
            "status": {"state": "satisfied" if met else "not-satisfied", "reason": reason},
        },
        **_related(status, one),
    }


def _related(status: Status, one: Line) -> Node:
    found = [
        {"observation-uuid": identify(status, "observation", had.control.id)} for had in one.looked
    ]
    return {"related-observations": found} if found else {}


def _risk(status: Status, one: Line) -> Node:
    dues = [due.at for due in status.due if one.obligation.id in due.obligations]
    remedies = [
        {
            "uuid": identify(status, "remedy", one.obligation.id, n),
            "lifecycle": "recommendation",
            "title": line(step.what.en),
            "description": line(f"{step.what.en} {step.command or step.page}"),
        }
        for n, step in enumerate(one.actions)
    ]
    return {
        "uuid": identify(status, "risk", one.obligation.id),
        "title": line(one.obligation.title.en),
        "description": line(" ".join(why.en for why in one.why)),
        "statement": line(one.obligation.text.en),
        "status": "open",
        **({"deadline": instant(min(dues))} if dues else {}),
        **({"remediations": remedies} if remedies else {}),
    }


def _item(status: Status, one: Line) -> Node:
    return {
        "uuid": identify(status, "item", one.obligation.id),
        "title": line(one.obligation.title.en),
        "description": line(" ".join(why.en for why in one.why)),
        "props": [prop("standing", one.standing), prop("obligation", one.obligation.id)],
        "related-risks": [{"risk-uuid": identify(status, "risk", one.obligation.id)}],
        **_related(status, one),
    }
