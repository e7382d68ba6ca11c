"""What has to be done, in OSCAL: a plan of action with an item for each gap and stale duty.

An item, its risk and its remedies are lasting subjects: they keep their ids from one export to the
next, so that a tracker follows them. What was seen stands here again, for a plan is read alone.
"""

from __future__ import annotations

from kanhe.report.oscal_results import finding, observations, related
from kanhe.report.oscal_text import markup
from kanhe.report.oscal_words import (
    Export,
    Node,
    document,
    instant,
    metadata,
    prop,
    seen,
    service,
    subject,
)
from kanhe.status.status import Line
from kanhe.status.verdict import Action, Standing


def action(it: Export) -> Node | None:
    """Give the plan of action for what is not met or stale; None where nothing is.

    OSCAL has no plan without an item.
    """
    bad = [one for one in it.status.lines if one.standing in {Standing.GAP, Standing.STALE}]
    if not bad:
        return None
    return document(
        "plan-of-action-and-milestones",
        {
            "metadata": metadata(it, "Plan of action and milestones"),
            "system-id": {"identifier-type": "http://ietf.org/rfc/rfc4122", "id": service(it)},
            "observations": observations(it, bad),
            "risks": [_risk(it, one) for one in bad],
            "findings": [finding(it, one) for one in bad],
            "poam-items": [_item(it, one) for one in bad],
        },
    )


def _risk(it: Export, one: Line) -> Node:
    dues = [due.at for due in it.status.due if one.obligation.id in due.obligations]
    remedies = [_remedy(it, one, step) for step in one.actions]
    return {
        "uuid": subject(it, "risk", one.obligation.id),
        "title": markup(it.say(one.obligation.title)),
        "description": it.why(one.why),
        "statement": markup(it.say(one.obligation.text)),
        "status": "open",
        **({"deadline": instant(min(dues))} if dues else {}),
        **({"remediations": remedies} if remedies else {}),
    }


def _remedy(it: Export, one: Line, step: Action) -> Node:
    said = it.say(step.what)
    return {
        "uuid": subject(
            it, "remedy", one.obligation.id, step.what.en, step.what.zh, step.command, step.page
        ),
        "lifecycle": "recommendation",
        "title": markup(said),
        "description": markup(f"{said} {step.command or step.page}"),
    }


def _item(it: Export, one: Line) -> Node:
    duty = one.obligation
    return {
        "uuid": subject(it, "item", duty.id),
        "title": markup(it.say(duty.title)),
        "description": it.why(one.why),
        "props": [prop("standing", one.standing), prop("obligation", duty.id)],
        "related-findings": [{"finding-uuid": seen(it, "finding", duty.id)}],
        **related(it, one),
        "related-risks": [{"risk-uuid": subject(it, "risk", duty.id)}],
    }
