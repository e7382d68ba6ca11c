"""One request on its way: what is known of it, and how each of its ends is recorded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kanhe.errors import KanheError, LedgerError
from kanhe.gateway.asked import Asked
from kanhe.gateway.check import Noticed, Passed, PlanFor
from kanhe.gateway.journal import Journal
from kanhe.gateway.judging import Inquiry, Judges
from kanhe.gateway.label import Label, is_prose
from kanhe.gateway.refusal import CHAT, Notice
from kanhe.gateway.surface import Unseen
from kanhe.gateway.wire import Json, encode
from kanhe.policy.judged_file import DEFAULT_JUDGE
from kanhe.policy.rule import Action, Finding, Place, Side, Text
from kanhe.policy.ruleset import Ruleset

_CONTEXT = 4000
"""Characters of a prompt, its last ones, that a judge gets beside each sentence of the answer: a
megabyte would be sent and hashed anew with every one of them."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """What the operator and the regime have settled for every exchange.

    The texts are the sentences for a stopped prompt, a stopped answer, a suspended user, and what
    could not be looked at;
    `most_answer_bytes` bounds an answer that is not streamed, `answer_s` any answer.
    """

    label: Label
    stopped_prompt: Text
    stopped_answer: Text
    suspended: Text
    unchecked: Text
    object_to: str
    language: str = "auto"
    blocked_prompt: str = "reply"
    refuse_unknown: bool = False
    answer_s: float = 600.0
    event_bytes: int = 1 << 20
    most_answer_bytes: int = 32 << 20


class Naming(Protocol):
    """Where names come from that nobody can guess or link."""

    def decision(self) -> str:
        """Give a new number for an exchange."""
        ...

    def person(self, application: str, user: str) -> str:
        """Give the pseudonym of an application's user."""
        ...

    def commitment(self, decision: str, text: bytes) -> str:
        """Commit to a text, so that it can be shown later to be what it was."""
        ...


class StrikeBook(Protocol):
    """Who has broken rules how often. `who` is a pseudonym; all calls are quick."""

    def suspended_until(self, who: str, now: datetime) -> datetime | None:
        """Give the end of a suspension that is in force at `now`."""
        ...

    def struck(self, who: str, now: datetime) -> datetime | None:
        """Count a violation; give the end of the suspension it caused or met."""
        ...

    def clean(self, who: str) -> None:
        """Tell of an exchange without a violation: a row of them is broken."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """What every exchange shares beside its models and rules."""

    journal: Journal
    strikes: StrikeBook | None
    naming: Naming
    clock: Callable[[], datetime]
    conduct: Conduct
    judges: Judges | None = None
    """Whom rules can ask; without any, a rule that asks refuses."""


class Turn:
    """One request on its way: what is known of it, and how each of its ends is recorded."""

    def __init__(  # noqa: PLR0913, PLR0917 # everything that one exchange knows
        self,
        house: House,
        asked: Asked,
        decision: str,
        person: str,
        language: str,
        model: str,
        ruleset: Ruleset,
    ) -> None:
        self._house = house
        self.conduct = house.conduct
        self.asked = asked
        self.decision = decision
        self.person = person
        self.language = language
        self.model = model
        self.ruleset = ruleset
        self.names = {model}
        """What the model is called, here and there: words of the operator's."""
        self.headers = self._headers()
        self._over = False

    def _headers(self) -> dict[str, str]:
        # A header is ASCII; the name of a producer need not be.
        mark = json.dumps(self.conduct.label.metadata(self.decision), separators=(",", ":"))
        return {"x-kanhe-decision": self.decision, "x-kanhe-aigc": mark}

    def plans(self, side: Side) -> PlanFor:
        """Give what looks at each surface of the prompt or of the answer."""
        model, application = self.model, self.asked.application
        return lambda surface: self.ruleset.plan(Place(side, surface, model, application))

    def inquiry(self, side: Side) -> Inquiry:
        """Give what puts questions to judges: about the prompt, or the answer to it."""
        context = self.asked.last_words[-_CONTEXT:] if side is Side.ANSWER else ""
        return Inquiry(self._house.judges, side.value, context)

    def request(self, upstream_name: str) -> bytes:
        """Write the request as the model gets it: as we read it, not as it came."""
        self.names |= {upstream_name}
        return encode({**self.asked.body, "model": upstream_name})

    def begin(self, prompt: bytes, verdict: Passed, unseen: Unseen) -> asyncio.Future[int]:
        """Put the beginning on the ledger; nothing may leave before the future is done."""
        facts: dict[str, Json] = {
            **self._facts(),
            "prompt": self._house.naming.commitment(self.decision, prompt),
            "ruleset": self.ruleset.version,
        }
        if self.person:
            facts["user"] = self.person
        if not is_prose(self.asked.body):
            # It will have the machine's mark only; to whom it went has to be on record.
            facts["visible_label"] = False
        if unseen:
            facts["unseen"] = sorted(unseen)
        if verdict.noticed:
            facts["noticed"] = told(verdict.noticed)
        self._house.journal.noticed(verdict.noticed, "prompt")
        return self._house.journal.submit("gateway:answer:begun", facts)

    def _facts(self) -> dict[str, Json]:
        return {
            "app": self.asked.application,
            "decision": self.decision,
            "model": self.model,
            "path": self.asked.path,
        }

    def notice(self, by: Noticed, stated: Text) -> Notice:
        """Make the notice of a finding: the rule's own words, or those of the regime."""
        rule = by.finding.rule
        if by.finding.is_unchecked:
            return Notice(
                self.decision, rule.category, self.conduct.unchecked, self.conduct.object_to
            )
        reply = rule.reply if rule.action is Action.ANSWER else None
        return Notice(
            self.decision, rule.category, rule.notice or stated, self.conduct.object_to, reply
        )

    async def prompt_refused(self, by: Noticed, noticed: tuple[Noticed, ...]) -> Notice:
        """Record that a rule has stopped the prompt; give the notice for the user."""
        facts = {**self._facts(), **stopped(by, self.ruleset)}
        self._strike(by, facts)
        self._house.journal.noticed((*noticed, by), "prompt")
        await self._house.journal.durable("gateway:prompt:refused", facts)
        return self.notice(by, self.conduct.stopped_prompt)

    def envelope(self) -> dict[str, Json]:
        """Give the fields of an answer that no model has given."""
        kind = "chat.completion" if self.asked.path == CHAT else "text_completion"
        if self.asked.streamed and self.asked.path == CHAT:
            kind += ".chunk"
        return {
            "id": f"chatcmpl-{self.decision}",
            "object": kind,
            "created": int(self._house.clock().timestamp()),
            "model": self.model,
        }

    def _strike(self, by: Noticed, facts: dict[str, Json]) -> None:
        """Count a violation against the user, if there is one; note on `facts` what came of it."""
        book = self._house.strikes
        if self.person and book:
            facts["user"] = self.person
            if by.finding.is_unchecked:
                return  # that nobody could look is no fault of the user's
            until = book.struck(self.person, self._house.clock())
            if until:
                facts["suspended_until"] = until.isoformat()

    def kept(self) -> None:
        """Tell that the exchange ended without a violation."""
        if self.person and self._house.strikes:
            self._house.strikes.clean(self.person)

    def _end(self, kind: str, facts: dict[str, Json]) -> asyncio.Future[int] | None:
        """Put an end on the ledger; nothing if there was one already."""
        if self._over:
            return None
        self._over = True
        return self._house.journal.submit(
            f"gateway:answer:{kind}", {"decision": self.decision, **facts}
        )

    def released(self, facts: dict[str, Json], noticed: tuple[Noticed, ...]) -> None:
        """Record that the whole answer was released."""
        if not self._over:
            self.kept()
        if noticed:
            facts["noticed"] = told(noticed)
            self._house.journal.noticed(noticed, "answer")
        self._end("released", facts)

    async def stopped(
        self, by: Noticed, facts: dict[str, Json], noticed: tuple[Noticed, ...]
    ) -> Notice:
        """Record that a rule has stopped the answer; give the notice for the user.

        Raises:
            LedgerUnwritable: It could not be recorded.
        """
        facts = {**stopped(by, self.ruleset), **facts}
        if noticed:
            facts["noticed"] = told(noticed)
        self._strike(by, facts)
        self._house.journal.noticed((*noticed, by), "answer")
        if recorded := self._end("stopped", facts):
            await recorded
        return self.notice(by, self.conduct.stopped_answer)

    def failed(self, error: KanheError, released: int = 0) -> None:
        """Record that the answer broke off, and by what."""
        self._end("failed", {"code": error.code, "released": released})

    def abandoned(self, released: int) -> None:
        """Record that the client left before the end."""
        self._end("abandoned", {"released": released})

    def broken(self, error: BaseException, released: int = 0) -> None:
        """Record an end by whatever it was that ended it; usually nothing was released before."""
        match error:
            case asyncio.CancelledError() | GeneratorExit():
                self.abandoned(released)
            case LedgerError():
                pass  # its beginning, or its end, could not be put there
            case KanheError():
                self.failed(error, released)
            case _:
                self._end("failed", {"code": KanheError.code, "released": released})


def told(noticed: tuple[Noticed, ...]) -> list[Json]:
    """Give findings as the ledger holds them: rule, place and disguise, never the text."""
    return [
        {
            "rule": one.finding.rule.id,
            "action": one.finding.rule.action.value,
            "mode": one.finding.rule.mode.value,
            "surface": one.surface,
            "folds": list(one.finding.folds),
            **_judged(one.finding),
        }
        for one in noticed[:64]
    ]


def stopped(by: Noticed, ruleset: Ruleset) -> dict[str, Json]:
    """Give the facts of a finding that stops."""
    finding = by.finding
    return {
        "rule": finding.rule.id,
        "category": finding.rule.category,
        "severity": finding.rule.severity.value,
        "ruleset": ruleset.version,
        "surface": by.surface,
        "folds": list(finding.folds),
        "length": finding.end - finding.start,
        **_judged(finding),
    }


def _judged(finding: Finding) -> dict[str, Json]:
    """Give the opinion behind a finding as the ledger holds it: in thousandths, for no floats."""
    judged = finding.judged
    if judged is None:
        return {}
    told: dict[str, Json] = {"judge": judged.judge or DEFAULT_JUDGE}
    if judged.why:
        return {"judged": {**told, "why": judged.why}}
    permille = round(judged.probability * 1000)
    return {"judged": {**told, "category": judged.category, "permille": permille}}
