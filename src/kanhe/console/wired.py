"""The running system as the pages see it: every port of theirs over the parts that `wiring` made.

What reads the ledger runs in a thread. Whatever is recorded from here makes the status be computed
anew, so that the next page shows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kanhe.adapters import package_data
from kanhe.adapters.assess_folder import Runs
from kanhe.adapters.assess_people_store import PeopleStore
from kanhe.adapters.attester import attester, entries_for
from kanhe.adapters.judge_records import Kept, believed
from kanhe.adapters.label_store import LabelStore
from kanhe.adapters.ledger_view import LedgerView, trusted_key
from kanhe.adapters.live_rules import Rules
from kanhe.console.assess_runs import KeptRuns
from kanhe.console.rule_data import Findings
from kanhe.console.served import Asked, Head, JudgeSeen, Loaded, Signed, Span
from kanhe.errors import SettingsError
from kanhe.gateway.journal import Journal, Told
from kanhe.law.regime import Regime
from kanhe.law.scope import Answers
from kanhe.law.service import Notices
from kanhe.ledger.entry import Json
from kanhe.ledger.note import VerifierKey
from kanhe.status.attestation import Attestation, statement_hash, statement_of
from kanhe.status.compute import compute
from kanhe.status.determination import determined
from kanhe.status.picture import Picture, Seen
from kanhe.status.record import DETERMINED
from kanhe.status.status import Status
from kanhe.wiring import Service


class Wired:
    """All ports of the pages at once.

    Args:
        service: The running system.
        journal: What the gateway writes down.
        object_to: Where people object, as they are told.
    """

    def __init__(self, service: Service, journal: Journal, object_to: str) -> None:
        self._service, self._journal = service, journal
        self.object_to = object_to
        self.regime: Regime = service.regime
        self.view: LedgerView = service.view
        self.verifier: VerifierKey = trusted_key(service.settings.data)
        self.rules: Rules = service.rules
        self.judges = service.judges
        self.notices: Notices = service.service_rules.notices
        self.assessments = KeptRuns(service.settings.data, service.regime)
        self.by_hand = PeopleStore(Runs(service.settings.data))
        self.stopping = asyncio.Event()

    @property
    def name(self) -> str:
        """The name the ledger signs under."""
        return self.verifier.name

    @property
    def ruleset(self) -> Loaded:
        """The ruleset in force."""
        return Loaded(self.rules.current.name, self.rules.current.version)

    @property
    def findings(self) -> Findings:
        """What was found since the start."""
        return self._journal.findings

    @property
    def counts(self) -> Mapping[str, int]:
        """Entries that the gateway has written since the start, by tag."""
        return self._journal.entries

    def told(self, after: int) -> tuple[Told, ...]:
        """Give the stops after the one with that number, as soon as they can be looked at."""
        # A stop is durable a moment before it is published, and its page shows what is published.
        published = self.head().size
        return tuple(one for one in self._journal.told(after) if one.index < published)

    def head(self) -> Head:
        """Give the published end of the ledger."""
        published = self._service.ledger.published
        # Nobody cosigns yet: witnesses come with the authority's desk.
        return Head(published.size, published.root, witnessed=False)

    async def status(self, asked: Asked) -> Status:
        """Give the status; that of now is kept until the ledger or the day changes."""
        if asked.now:
            return await self._service.live.now()
        at = None if asked.at in (None, self._today()) else self._end_of(asked.at)
        return await self._service.live.asked(at, asked.known, asked.as_if)

    async def supposed(self, answers: Answers, by: str) -> Status:
        """Give the status of now as it would be if these answers were recorded."""
        return await asyncio.to_thread(self._supposed, answers, by)

    async def kept(self, tag: str) -> Sequence[Seen]:
        """Give the entries with a tag of the operator's or the service's, oldest first."""
        picture = await asyncio.to_thread(self.view.picture)
        return picture.all(tag)

    @property
    def known_judges(self) -> Sequence[JudgeSeen]:
        """The judges of the settings, in their order."""
        queues = self._service.judges.queues
        return [
            JudgeSeen(one.id, one is queues[""], one.ready(), one.categories, one.figures())
            for name, one in queues.items()
            if name
        ]

    @property
    def labels(self) -> LabelStore:
        """What people label."""
        if self._service.labels is None:
            raise RuntimeError("a service without a console has no labels")
        return self._service.labels

    async def records(self) -> Kept:
        """Give what was measured of judges, as far as the ledger commits to it."""
        data = self._service.settings.data
        return await asyncio.to_thread(lambda: believed(data, self.view.picture()))

    async def recent(self, count: int, minutes: int) -> Sequence[Span]:
        """Give what the gateway did in the last `count` spans of `minutes`, oldest first."""
        return await asyncio.to_thread(self._recent, count, minutes)

    def related(self, regime: str) -> Regime | None:
        """Give another regime, for its titles; None where it is not shipped."""
        try:
            return package_data.regime(regime)
        except SettingsError:
            return None

    def determination(self, answers: Answers, by: str) -> Mapping[str, Json]:
        """Give the facts that record these answers."""
        return determined(self.regime, answers, by, day=self._today())

    async def record(self, tag: str, facts: Mapping[str, Json]) -> int:
        """Record an entry and give its number; it returns once the entry is durable."""
        index = await self._service.ledger.append(tag, facts)
        self._service.live.forget()
        return index

    async def attest(self, signed: Signed) -> int:
        """Sign a statement with the attester's key, record it, and give the entry's number."""
        attestation = Attestation(
            self.regime.id,
            signed.control.id,
            self.regime.version,
            statement_hash(statement_of(signed.control)),
            signed.done,
            signed.by,
            signed.role,
            signed.valid_until,
            signed.evidence,
        )
        signer = await asyncio.to_thread(attester, self._service.settings.data, self.name)
        picture = await asyncio.to_thread(self.view.picture)
        index = 0
        for tag, facts in entries_for(attestation, signed.control, signer, picture):
            index = await self.record(tag, facts)
        return index

    def _today(self) -> date:
        return datetime.now(ZoneInfo(self.regime.zone)).date()

    def _end_of(self, day: date | None) -> datetime | None:
        """Give the last instant of a day: what is asked is how it stood when the day was over."""
        if day is None:
            return None
        midnight = datetime.combine(day + timedelta(1), time(), ZoneInfo(self.regime.zone))
        return midnight.astimezone(UTC) - timedelta(microseconds=1)

    def _supposed(self, answers: Answers, by: str) -> Status:
        picture = self.view.picture()
        facts = determined(self.regime, answers, by, day=self._today())
        supposed = Seen(picture.size, picture.at, DETERMINED, facts)
        return compute(self.regime, _with(picture, supposed), at=picture.at)

    def _recent(self, count: int, minutes: int) -> Sequence[Span]:
        step = timedelta(minutes=minutes)
        now = datetime.now(UTC)
        last = now - timedelta(
            minutes=now.minute % minutes if minutes < 60 else now.minute,
            seconds=now.second,
            microseconds=now.microsecond,
        )
        starts = [last - step * back for back in range(count - 1, -1, -1)]
        tallies = self.view.tallies(starts[0], last + step, minutes)
        return [
            Span(start, {one.kind.value: one.number for one in tallies if one.start == start})
            for start in starts
        ]


def _with(picture: Picture, seen: Seen) -> Picture:
    kept = {**picture.kept, seen.tag: [*picture.all(seen.tag), seen]}
    return replace(picture, kept=kept, size=picture.size + 1)
