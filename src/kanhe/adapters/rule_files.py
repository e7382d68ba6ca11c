"""The files that rules come from: read whole, watched for changes, kept version by version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kanhe.adapters.judge_grounds import Grounds
from kanhe.adapters.lexicon_cache import LexiconCache
from kanhe.adapters.package_data import risks, shipped
from kanhe.adapters.rule_archive import Kept, RuleArchive
from kanhe.adapters.ruleset_files import ruleset_at
from kanhe.errors import RulesetError
from kanhe.policy.example import require_examples
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule_file import Files, Known, Source
from kanhe.policy.ruleset import Ruleset
from kanhe.policy.ruleset_file import Loaded, build, load_rulesets

State = tuple[tuple[str, int, int, int], ...]
"""What tells that files have changed: their names, times, sizes and inodes."""


class RuleFiles:
    """Rulesets on disk, and the files they were last read from.

    Args:
        paths: Files of rulesets, and names of rulesets that are shipped.
        regime: Whose categories rules may name.
        surfaces: Where rules may look.
        cache: Directory for compiled lexicons.
        archive: Where versions are kept; None: they are not.
        second_person: Whether a version comes into force only when it is released.
        grounds: What rules may know of judges; without it there are none.
    """

    def __init__(  # noqa: PLR0913 # where rules come from and what they may be, all told once
        self,
        paths: Sequence[Path | str],
        *,
        regime: str,
        surfaces: Sequence[str],
        cache: Path | None,
        archive: Path | None = None,
        second_person: bool = False,
        grounds: Grounds | None = None,
    ) -> None:
        self._paths = tuple(paths)
        self._grounds = grounds
        judges = grounds.categories if grounds else {}
        self._known = Known(risks(regime), RECOGNISERS, tuple(surfaces), judges)
        self._cache = LexiconCache(cache) if cache else None
        self.archive = RuleArchive(archive) if archive else None
        self.second_person = second_person and archive is not None
        self._kept: tuple[Kept, ...] = ()
        self._files: set[Path] = {path for path in paths if isinstance(path, Path)}
        self.tried: State = ()
        """The state of the files when they were last read."""

    def read(self) -> Loaded:
        """Read and check the rulesets.

        Raises:
            FaultyRuleset: Something is wrong; nothing of it is to be used.
        """
        before = {entry[0]: entry for entry in self.state()}
        self._files = {path for path in self._paths if isinstance(path, Path)}
        noted = [self._noted(path) for path in self._paths]
        sources = [Source(seen, source.name, source.shown) for seen, source in noted]
        try:
            loaded = load_rulesets(sources, self._known)
            self._require(loaded)
            self._kept = tuple(Kept(s.name, s.shown, seen.content) for seen, s in noted)
            return loaded
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

    def keep(self, loaded: Loaded) -> None:
        """Put what was read last into the archive, if there is one.

        Raises:
            RulesetError: It cannot be kept.
        """
        if self.archive:
            self.archive.keep(loaded.version, self._kept)

    def again(self, version: str) -> Loaded:
        """Give a version from the archive that is to come into force.

        Raises:
            FaultyRuleset: A judge does not meet, or no longer, what a rule of it needs.
            RulesetError: It is not there, or is not what its name says.
        """
        loaded = self.earlier(version)
        self._require(loaded)
        return loaded

    def _require(self, loaded: Loaded) -> None:
        if self._grounds:
            self._grounds.require(loaded)

    def earlier(self, version: str) -> Loaded:
        """Give a version from the archive, to look at.

        Raises:
            RulesetError: It is not there, or is not what its name says.
        """
        kept = self.archive.load(version) if self.archive else ()
        loaded = load_rulesets([one.source for one in kept], self._known)
        if loaded.version != version:
            raise RulesetError(
                f"the archive of version {version[:12]} holds version {loaded.version[:12]}",
                advice="Put the folder `rules` of the data directory back from a backup.",
            )
        return loaded

    def _noted(self, path: Path | str) -> tuple[_Noted, Source]:
        if isinstance(path, Path):
            source = ruleset_at(path)
            return _Noted(source.files, path.parent, self._files), source
        # The files of a shipped ruleset are not watched: they change with the package only.
        source = shipped(path)
        return _Noted(source.files, Path(), set()), source


class _Noted:
    """The files of a ruleset; notes which of them are read, and what they held."""

    def __init__(self, files: Files, folder: Path, seen: set[Path]) -> None:
        self._files, self._folder, self._seen = files, folder, seen
        self.content: dict[str, bytes] = {}

    def read(self, name: str) -> bytes:
        self._seen.add(self._folder / name)
        self.content[name] = self._files.read(name)
        return self.content[name]


def _state(path: Path) -> tuple[str, int, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return str(path), 0, -1, 0
    return str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino
