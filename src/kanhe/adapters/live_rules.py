"""The rules in force, and how they change without a restart.

Loaded again on SIGHUP, when one of their files has changed, and by call. A ruleset with a fault is
refused whole and the one in force stays; both outcomes are on the ledger, with the version that
verdicts name. An exchange that has begun keeps the rules it began with: they are never changed,
only replaced.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from kanhe.adapters.lexicon_cache import LexiconCache
from kanhe.adapters.package_data import baseline, risks
from kanhe.adapters.ruleset_files import ruleset_at
from kanhe.errors import FaultyRuleset, KanheError, LedgerUnwritable
from kanhe.ledger.entry import Json
from kanhe.ledger.log import Ledger
from kanhe.policy.example import require_examples
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule_file import Files, Known, Source
from kanhe.policy.ruleset import Ruleset
from kanhe.policy.ruleset_file import Loaded, build, load_rulesets

LOADED = "operator:ruleset:loaded"
REFUSED = "operator:ruleset:refused"
_POLL_S = 1.0
_MOST_FAULTS = 50
_log = logging.getLogger(__name__)

State = tuple[tuple[str, int, int, int], ...]
"""What tells that files have changed: their names, times, sizes and inodes."""


class RuleFiles:
    """Rulesets on disk, and the files they were last read from.

    Args:
        paths: Files of rulesets; `None` among them is the ruleset that is shipped.
        regime: Whose categories rules may name.
        surfaces: Where rules may look.
        cache: Directory for compiled lexicons.
    """

    def __init__(
        self,
        paths: Sequence[Path | None],
        *,
        regime: str,
        surfaces: Sequence[str],
        cache: Path | None,
    ) -> None:
        self._paths = tuple(paths)
        self._known = Known(risks(regime), RECOGNISERS, tuple(surfaces))
        self._cache = LexiconCache(cache) if cache else None
        self._files: set[Path] = {path for path in paths if path}
        self.tried: State = ()
        """The state of the files when they were last read."""

    def read(self) -> Loaded:
        """Read and check the rulesets.

        Raises:
            FaultyRuleset: Something is wrong; nothing of it is to be used.
        """
        before = {entry[0]: entry for entry in self.state()}
        self._files = {path for path in self._paths if path}
        try:
            return load_rulesets([self._source(path) for path in self._paths], self._known)
        finally:
            # Also those of a faulty ruleset: its mending is a change too. And as they were before
            # we read, so that what is written while we read counts as a change.
            self.tried = tuple(before.get(entry[0], entry) for entry in self.state())

    def compile(self, loaded: Loaded) -> Ruleset:
        """Compile what was read, or take it from the cache; try the examples it carries.

        Raises:
            FaultyRuleset: An example does not come out as the ruleset says.
        """
        ruleset = build(loaded, RECOGNISERS, self._cache)
        require_examples(loaded.examples, ruleset)
        return ruleset

    def state(self) -> State:
        """Tell the state of the files last read."""
        return tuple(_state(path) for path in sorted(self._files))

    def _source(self, path: Path | None) -> Source:
        if path is None:
            return baseline()
        source = ruleset_at(path)
        return Source(_Noted(source.files, path.parent, self._files), source.name, source.shown)


class _Noted:
    """The files of a ruleset; notes which of them are read."""

    def __init__(self, files: Files, folder: Path, seen: set[Path]) -> None:
        self._files, self._folder, self._seen = files, folder, seen

    def read(self, name: str) -> bytes:
        self._seen.add(self._folder / name)
        return self._files.read(name)


def _state(path: Path) -> tuple[str, int, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return str(path), 0, -1, 0
    return str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino


class Rules:
    """The rules in force. Make one with `open_rules`; use it from one event loop."""

    def __init__(self, files: RuleFiles, ledger: Ledger, current: Ruleset) -> None:
        self._files, self._ledger = files, ledger
        self._current = current
        self._seen = files.tried
        self._one_at_a_time = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None
        self._asked: set[asyncio.Task[bool]] = set()

    @property
    def current(self) -> Ruleset:
        """The rules in force now; an exchange asks once, when it begins."""
        return self._current

    async def reload(self) -> bool:
        """Load the rules again; say whether they changed.

        The change is on the ledger before it is in force.

        Raises:
            FaultyRuleset: They have faults; those in force stay, and the ledger has the faults.
            LedgerUnwritable: The change could not be recorded; those in force stay.
        """
        async with self._one_at_a_time:
            try:
                loaded = await asyncio.to_thread(self._files.read)
                if loaded.version == self._current.version:
                    return False
                ruleset = await asyncio.to_thread(self._files.compile, loaded)
            except FaultyRuleset as error:
                # Not the faults themselves: they may quote terms, which a log must not hold.
                count, first = len(error.faults), error.faults[0]
                where = f"{first.file}:{first.line}"
                _log.error("the rules stay as they are: %d faults, the first at %s", count, where)
                await self._ledger.append(REFUSED, refused(error, self._current))
                raise
            facts = {**described(ruleset), "before": self._current.version}
            await self._ledger.append(LOADED, facts)
            self._current = ruleset
            _log.info("rules %s, version %s, are in force", ruleset.name, ruleset.version[:12])
            return True

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
    try:
        loaded = await asyncio.to_thread(files.read)
        ruleset = await asyncio.to_thread(files.compile, loaded)
    except FaultyRuleset as error:
        try:
            await ledger.append(REFUSED, refused(error, None))
        except LedgerUnwritable as also:
            _log.error("the refusal is not on record: %s", also)
        raise
    for warning in loaded.warnings:
        _log.warning("%s", warning)
    await ledger.append(LOADED, described(ruleset))
    return Rules(files, ledger, ruleset)


def described(ruleset: Ruleset) -> dict[str, Json]:
    """Give the facts by which a ruleset is known."""
    return {
        "name": ruleset.name,
        "label": ruleset.label,
        "version": ruleset.version,
        "rules": len(ruleset.rules),
    }


def refused(error: FaultyRuleset, kept: Ruleset | None) -> dict[str, Json]:
    """Give the facts of a refusal: where the faults are, and never what the files say."""
    places: list[Json] = [
        {"file": Path(fault.file).name, "line": fault.line, "rule": fault.rule}
        for fault in error.faults[:_MOST_FAULTS]
    ]
    version = kept.version if kept else None
    return {"faults": len(error.faults), "places": places, "kept": version}
