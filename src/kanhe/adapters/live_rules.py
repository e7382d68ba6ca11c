"""The rules in force, and how they change without a restart.

Loaded again on SIGHUP, when one of their files has changed, and by call. A ruleset with a fault is
refused whole and the one in force stays; both outcomes are on the ledger, with the version that
verdicts name. An exchange that has begun keeps the rules it began with: they are never changed,
only replaced.

Where a second person has to release rules, what is in the files only waits: the version released
last stays in force, over a restart too, until somebody proposes the new one and somebody else
releases it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from kanhe.adapters.judge_grounds import Unmet
from kanhe.adapters.rule_files import RuleFiles
from kanhe.errors import FaultyRuleset, KanheError, LedgerUnwritable, NotReleased
from kanhe.ledger.entry import Json
from kanhe.ledger.log import Ledger
from kanhe.policy.ruleset import Ruleset
from kanhe.status.record import LOADED, PROPOSED, RELEASED
from kanhe.terms import counted

REFUSED = "operator:ruleset:refused"
WAITING = "operator:ruleset:waiting"
WITHDRAWN = "operator:ruleset:withdrawn"
_POLL_S = 1.0
_MOST_FAULTS = 50
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Rules that wait for their release; `proposed_by` is an account, None while nobody asked."""

    ruleset: Ruleset
    proposed_by: str | None = None


class Rules:
    """The rules in force. Make one with `open_rules`; use it from one event loop."""

    def __init__(self, files: RuleFiles, ledger: Ledger, current: Ruleset) -> None:
        self._files, self._ledger = files, ledger
        self._current = current
        self._seen = files.tried
        self._one_at_a_time = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None
        self._asked: set[asyncio.Task[bool]] = set()
        self.then: Callable[[], Awaitable[object]] | None = None
        """Awaited once new rules are in force, before anybody is told that they are."""
        self.candidate: Candidate | None = None
        """What would come next, where a second person has to release it."""

    @property
    def files(self) -> RuleFiles:
        """Where they come from."""
        return self._files

    @property
    def current(self) -> Ruleset:
        """The rules in force now; an exchange asks once, when it begins."""
        return self._current

    async def reload(self) -> bool:
        """Load the rules again; say whether those in force changed.

        The change is on the ledger before it is in force. Where a second person has to release
        it, it becomes the candidate instead.

        Raises:
            FaultyRuleset: They have faults; those in force stay, and the ledger has the faults.
            LedgerUnwritable: The change could not be recorded; those in force stay.
        """
        async with self._one_at_a_time:
            try:
                loaded = await asyncio.to_thread(self._files.read)
                if loaded.version in self._known_versions():
                    return False
                ruleset = await asyncio.to_thread(self._files.compile, loaded)
                await asyncio.to_thread(self._files.keep, loaded)
            except FaultyRuleset as error:
                _log.error("the rules stay as they are: %s", _logged(error))
                await self._ledger.append(REFUSED, refused(error, self._current))
                raise
            if self._files.second_person:
                await self._wait(ruleset)
                return False
            await self._put(ruleset)
            return True

    def _known_versions(self) -> set[str]:
        waiting = {self.candidate.ruleset.version} if self.candidate else set()
        return {self._current.version, *waiting}

    async def _put(self, ruleset: Ruleset) -> None:
        facts = {**await asyncio.to_thread(described, ruleset), "before": self._current.version}
        await self._ledger.append(LOADED, facts)
        self._current = ruleset
        _log.info("rules %s, version %s, are in force", ruleset.name, ruleset.version[:12])
        if self.then:
            await self.then()

    async def _wait(self, ruleset: Ruleset) -> None:
        facts: dict[str, Json] = {"version": ruleset.version, "before": self._current.version}
        await self._ledger.append(WAITING, facts)
        self.candidate = Candidate(ruleset)
        _log.info("rules %s, version %s, wait for their release", ruleset.name,
                  ruleset.version[:12])  # fmt: skip

    async def propose(self, version: str, by: str) -> None:
        """Ask for the release of `version`: the candidate, or one that is in the archive.

        Raises:
            NotReleased: Rules come into force without a release here, or these are in force.
            RulesetError: There is no such version, or its judges do not meet what it needs.
            LedgerUnwritable: It could not be recorded.
        """
        async with self._one_at_a_time:
            if not self._files.second_person:
                raise NotReleased(
                    "rules come into force as soon as their files change",
                    advice='Set `release = "second-person"` to have them released by two people.',
                )
            if version == self._current.version:
                raise NotReleased(f"version {version[:12]} is in force", advice="Choose another.")
            candidate = self.candidate
            if candidate is None or candidate.ruleset.version != version:
                loaded = await asyncio.to_thread(self._files.again, version)
                candidate = Candidate(await asyncio.to_thread(self._files.compile, loaded))
            facts: dict[str, Json] = {
                "version": version, "before": self._current.version, "by": by,
            }  # fmt: skip
            await self._ledger.append(PROPOSED, facts)
            self.candidate = replace(candidate, proposed_by=by)

    async def withdraw(self, version: str, by: str) -> None:
        """Take a proposal back; the rules wait on.

        Raises:
            NotReleased: This version is not proposed.
            LedgerUnwritable: It could not be recorded.
        """
        async with self._one_at_a_time:
            candidate = self._proposed(version)
            await self._ledger.append(WITHDRAWN, {"version": version, "by": by})
            self.candidate = replace(candidate, proposed_by=None)

    async def release(self, version: str, by: str) -> None:
        """Put into force what somebody else has proposed.

        Raises:
            NotReleased: This version is not proposed, or by the same person.
            LedgerUnwritable: It could not be recorded; the rules in force stay.
        """
        async with self._one_at_a_time:
            candidate = self._proposed(version)
            if candidate.proposed_by == by:
                raise NotReleased(
                    "who has proposed rules cannot release them",
                    advice="Ask another person who may release rules.",
                )
            facts: dict[str, Json] = {
                "version": version, "by": by, "proposed_by": candidate.proposed_by,
            }  # fmt: skip
            await self._ledger.append(RELEASED, facts)
            if self._files.archive:
                # Before it is in force: a restart in between starts with it, as was decided.
                await asyncio.to_thread(self._files.archive.release, version)
            await self._put(candidate.ruleset)
            self.candidate = None

    def _proposed(self, version: str) -> Candidate:
        candidate = self.candidate
        if not candidate or candidate.ruleset.version != version or not candidate.proposed_by:
            raise NotReleased(
                f"version {version[:12]} is not proposed for release",
                advice="Look at the rules again; somebody may have changed or withdrawn them.",
            )
        return candidate

    def reload_soon(self) -> asyncio.Task[bool]:
        """Load the rules again, from a signal: what comes of it is logged and on the ledger."""
        task = asyncio.get_running_loop().create_task(self._reload_quietly())
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        return task

    def watch(self) -> None:
        """Begin to look after the files, once a second."""
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def aclose(self) -> None:
        """Stop looking after the files."""
        tasks = [*self._asked, *([self._watching] if self._watching else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def look(self) -> bool:
        """Look at the files once; load the rules again if they changed and are at rest."""
        # Off the loop: a file on a slow network must not hold up answers.
        state = await asyncio.to_thread(self._files.state)
        # Twice the same: whoever writes them is done.
        rests, self._seen = state == self._seen, state
        return rests and state != self._files.tried and await self._reload_quietly()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_POLL_S)
            await self.look()

    async def _reload_quietly(self) -> bool:
        try:
            return await self.reload()
        except FaultyRuleset:
            return False  # logged and recorded where it was found
        except (KanheError, OSError) as error:
            _log.error("the rules were not reloaded: %s", error)
            return False


async def open_rules(files: RuleFiles, ledger: Ledger) -> Rules:
    """Load the rules for the first time, and record them.

    Raises:
        FaultyRuleset: They have faults; the ledger has them too, if it can be written.
        LedgerUnwritable: It cannot be recorded which rules are in force.
    """
    released = files.archive.released() if files.archive and files.second_person else None
    try:
        if released:
            loaded = await asyncio.to_thread(files.again, released)
        else:
            loaded = await asyncio.to_thread(files.read)
        ruleset = await asyncio.to_thread(files.compile, loaded)
        if not released:
            await asyncio.to_thread(files.keep, loaded)
    except FaultyRuleset as error:
        try:
            await ledger.append(REFUSED, refused(error, None))
        except LedgerUnwritable as also:
            _log.error("the refusal is not on record: %s", also)
        raise
    for warning in loaded.warnings:
        _log.warning("%s", warning)
    await ledger.append(LOADED, await asyncio.to_thread(described, ruleset))
    rules = Rules(files, ledger, ruleset)
    if files.archive and files.second_person and not released:
        # The first version has nobody to release it: the operator started the service with it.
        await asyncio.to_thread(files.archive.release, ruleset.version)
    if released:
        await rules.reload_soon()
    return rules


def _logged(error: FaultyRuleset) -> str:
    """Say how many faults there are and where the first is.

    Not the faults themselves: they may quote terms, which a log must not hold. What is demanded of
    judges quotes none.
    """
    first = error.faults[0]
    where = f"{counted(len(error.faults), 'fault')}, the first at {first.file}:{first.line}"
    return f"{where}: {first.what}. {first.advice}" if isinstance(first, Unmet) else where


def described(ruleset: Ruleset) -> dict[str, Json]:
    """Give the facts by which a ruleset is known, and what it holds in numbers: no term of it."""
    held = ruleset.inventory
    return {
        "name": ruleset.name,
        "label": ruleset.label,
        "version": ruleset.version,
        "rules": len(ruleset.rules),
        "rules_acting": held.rules_acting,
        "rules_shadow": held.rules_shadow,
        "rules_tested": held.rules_tested,
        "rules_spared": held.rules_spared,
        "rules_judged": held.rules_judged,
        "judged": [one.facts() for one in held.judged],
        "examples": held.examples,
        "terms_total": held.terms_total,
        "terms": dict(held.terms),
        "lexicon": held.lexicon,
        "lexicons": dict(held.lexicons),
        "covers": {
            category: {side.value: count for side, count in sides.items()}
            for category, sides in held.covers.items()
        },
        **{side.value: count for side, count in held.sides.items()},
    }


def refused(error: FaultyRuleset, kept: Ruleset | None) -> dict[str, Json]:
    """Give the facts of a refusal: where the faults are, and never what the files say."""
    places: list[Json] = [
        {"file": Path(fault.file).name, "line": fault.line, "rule": fault.rule}
        for fault in error.faults[:_MOST_FAULTS]
    ]
    version = kept.version if kept else None
    return {"faults": len(error.faults), "places": places, "kept": version}
