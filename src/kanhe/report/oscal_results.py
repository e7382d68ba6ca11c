"""What was looked at and found, in OSCAL: an assessment plan, its results, and a plan of action.

A finding is satisfied only where the standing is *met*; the four others are not satisfied, with the
standing as a property, because OSCAL knows no *unknown*.
"""

from __future__ import annotations

from kanhe.law.regime import Control
from kanhe.report.oscal_catalog import applying
from kanhe.report.oscal_words import Export, Node, identify, instant, line, metadata, prop
from kanhe.status.picture import Sound
from kanhe.status.status import Line, Looked
from kanhe.status.verdict import Standing

PLAN = "assessment-plan.json"


def plan(it: Export) -> Node:
    """Give the plan that the results have to import: every control, from the ledger."""
    return {
        "assessment-plan": {
            "uuid": identify(it, "plan"),
            "metadata": metadata(it, "Assessment plan"),
            "import-ssp": {"href": f"#{identify(it, 'service')}"},
            "reviewed-controls": _reviewed(it),
            "back-matter": {
                "resources": [
                    {
                        "uuid": identify(it, "service"),
                        "title": "The service",
                        "description": "There is no system security plan: the service is described "
                        "by its answers to the questionnaire, which are on the ledger.",
                        "props": [
                            prop(f"answer-{name.replace('_', '-')}", str(answer))
                            for name, answer in it.status.answers.items()
                        ]
                        or [prop("answers", "none")],
                    }
                ]
            },
        }
    }


def results(it: Export) -> Node:
    """Give one result: an observation for each control, a finding for each duty that applies."""
    observed = _observed(it)
    findings = [_finding(it, one) for one in applying(it)]
    result: Node = {
        "uuid": identify(it, "result"),
        "title": f"Status on {it.status.day}",
        "description": _description(it),
        "start": instant(it.status.at),
        "end": instant(it.status.at),
        "reviewed-controls": _reviewed(it),
        **({"observations": observed} if observed else {}),
        **({"findings": findings} if findings else {}),
    }
    return {
        "assessment-results": {
            "uuid": identify(it, "results"),
            "metadata": metadata(it, "Assessment results"),
            "import-ap": {"href": PLAN},
            "results": [result],
        }
    }


def action(it: Export) -> Node | None:
    """Give the plan of action for what is not met or stale; None where nothing is.

    OSCAL has no plan without an item.
    """
    bad = [one for one in it.status.lines if one.standing in {Standing.GAP, Standing.STALE}]
    if not bad:
        return None
    # An observation stands in one document only; here it stands again, for a plan is read alone.
    names = {had.control.id for one in bad for had in one.looked}
    observed = [_observation(it, had) for had in _looked(it) if had.control.id in names]
    return {
        "plan-of-action-and-milestones": {
            "uuid": identify(it, "poam"),
            "metadata": metadata(it, "Plan of action and milestones"),
            "system-id": {"identifier-type": "http://ietf.org/rfc/rfc4122",
                          "id": identify(it, "service")},
            **({"observations": observed} if observed else {}),
            "risks": [_risk(it, one) for one in bad],
            "poam-items": [_item(it, one) for one in bad],
        }
    }  # fmt: skip


def _reviewed(it: Export) -> Node:
    ids = [{"control-id": one.obligation.id} for one in applying(it)]
    chosen: Node = {"include-controls": ids} if ids else {"include-all": {}}
    return {"control-selections": [chosen]}


def _description(it: Export) -> str:
    if isinstance(it.status.soundness, Sound):
        root = it.status.soundness.root.hex()
        return f"Computed from {it.status.size} entries of the ledger with root {root}"
    return line(f"The ledger is not sound, nothing may be concluded: {it.status.soundness.why}")


def _looked(it: Export) -> list[Looked]:
    """Give what each control said, once, however many duties it serves."""
    return list({had.control.id: had for one in it.status.lines for had in one.looked}.values())


def _observed(it: Export) -> list[Node]:
    return [_observation(it, had) for had in _looked(it)]


def _observation(it: Export, had: Looked) -> Node:
    verdict = had.verdict
    evidence = [
        {"href": f"urn:kanhe:ledger:{index}", "description": f"Entry {index} of the ledger"}
        for index in verdict.evidence
    ]
    said = " ".join(line(it.say(one)) for one in verdict.reasons)
    return {
        "uuid": identify(it, "observation", had.control.id),
        "title": line(it.say(had.control.title)),
        "description": line(said),
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


def _method(control: Control) -> str:
    return {"attested": "INTERVIEW", "awaits": "UNKNOWN"}.get(control.check, "TEST")


def _finding(it: Export, one: Line) -> Node:
    met = one.standing is Standing.MET
    reason = {Standing.MET: "pass", Standing.GAP: "fail"}.get(one.standing, "other")
    return {
        "uuid": identify(it, "finding", one.obligation.id),
        "title": line(it.say(one.obligation.title)),
        "description": line(" ".join(it.say(why) for why in one.why)),
        "props": [
            prop("standing", one.standing),
            *([prop("since", instant(one.since))] if one.since else []),
        ],
        "target": {
            "type": "statement-id",
            "target-id": f"{one.obligation.id}_smt",
            "status": {"state": "satisfied" if met else "not-satisfied", "reason": reason},
        },
        **_related(it, one),
    }


def _related(it: Export, one: Line) -> Node:
    found = [
        {"observation-uuid": identify(it, "observation", had.control.id)} for had in one.looked
    ]
    return {"related-observations": found} if found else {}


def _risk(it: Export, one: Line) -> Node:
    dues = [due.at for due in it.status.due if one.obligation.id in due.obligations]
    remedies = [
        {
            "uuid": identify(it, "remedy", one.obligation.id, n),
            "lifecycle": "recommendation",
            "title": line(it.say(step.what)),
            "description": line(f"{it.say(step.what)} {step.command or step.page}"),
        }
        for n, step in enumerate(one.actions)
    ]
    return {
        "uuid": identify(it, "risk", one.obligation.id),
        "title": line(it.say(one.obligation.title)),
        "description": line(" ".join(it.say(why) for why in one.why)),
        "statement": line(it.say(one.obligation.text)),
        "status": "open",
        **({"deadline": instant(min(dues))} if dues else {}),
        **({"remediations": remedies} if remedies else {}),
    }


def _item(it: Export, one: Line) -> Node:
    return {
        "uuid": identify(it, "item", one.obligation.id),
        "title": line(it.say(one.obligation.title)),
        "description": line(" ".join(it.say(why) for why in one.why)),
        "props": [prop("standing", one.standing), prop("obligation", one.obligation.id)],
        "related-risks": [{"risk-uuid": identify(it, "risk", one.obligation.id)}],
        **_related(it, one),
    }
