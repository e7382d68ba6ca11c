"""Judging the answers of a run in every way that needs no people; see `assess.run.Judging`.

Opened once for a run: rulesets are read and compiled, the records of judges are read from a proven
ledger. `begin` meets the judges, `judge` gives verdicts and raises nothing, `end` meets the
classifier once more; then `seen` says what is to be told of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from types import TracebackType

from kanhe.adapters.assess_health import Patience, load, save
from kanhe.adapters.assess_judge import ClassifierWay, queue_of
from kanhe.adapters.assess_words import compile_words, load_words
from kanhe.adapters.bank_store import detector
from kanhe.adapters.judge_grounds import Grounds
from kanhe.adapters.judge_records import trusted
from kanhe.adapters.judges import Judges, open_judges
from kanhe.assess.fairness import Choice
from kanhe.assess.head import JudgeSeen
from kanhe.assess.item import Item
from kanhe.assess.outcome import Verdict, Way
from kanhe.assess.plan import Plan
from kanhe.assess.privacy import Probe
from kanhe.assess.run import Said
from kanhe.assess.ways import (
    NOT_ADMITTED,
    Means,
    Words,
    by_findings,
    by_words,
    is_open,
    left,
    without_judges,
)
from kanhe.gateway.judging import Inquiry, opinions
from kanhe.law.regime import Regime
from kanhe.policy.ruleset_file import Loaded
from kanhe.settings import Settings, cache_folder

USUAL = Patience()


class Ways:
    """The ways of one run; close it when nothing is to be judged any more.

    As an async context it begins and closes itself.

    Args:
        means: What judges without asking anybody.
        judges: All judges of the settings, opened; closed with this.
        classifier: The judge that the plan classifies by; None: it does not.
        needed: Rulesets whose rules need something of their judges, and where that is looked up.
        patience: How judges are waited for.
        kept: The file in which it is kept what was noticed of the classifier; None: it is not.
    """

    def __init__(  # noqa: PLR0913, PLR0917 # a record with what belongs to it
        self,
        means: Means,
        judges: Judges,
        classifier: ClassifierWay | None,
        needed: tuple[Loaded, Grounds] | None = None,
        patience: Patience = USUAL,
        kept: Path | None = None,
    ) -> None:
        self._means, self._judges, self._classifier = means, judges, classifier
        self._needed, self._patience, self._kept = needed, patience, kept

    async def __aenter__(self) -> Ways:
        try:
            await self.begin()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._save()
        finally:
            await self.aclose()

    @property
    def versions(self) -> Mapping[str, str]:
        """By way: the version of what judges; `Head.ways`."""
        found = self._means.versions()
        if self._classifier:
            found[Way.CLASSIFIER.value] = self._classifier.id.hash
        return found

    async def begin(self) -> None:
        """Meet the judges before the first question.

        Raises:
            AssessError: What was noticed cannot be kept.
            FaultyRuleset: A judge does not meet what a rule of the plan's rulesets needs of it.
        """
        if self._needed:
            loaded, grounds = self._needed
            asked = {asks.judge for _, asks in self._words.judged} if self._words else set()
            await self._judges.warm(asked, self._patience.within_s)
            grounds.require(loaded)
        if self._classifier:
            await self._classifier.begin()
            self._save()

    async def end(self) -> None:
        """Meet the classifier once more, after the last answer was judged.

        Raises:
            AssessError: What was noticed cannot be kept.
        """
        if self._classifier:
            await self._classifier.end()
            self._save()

    async def judge(
        self, item: Item, said: Said, before: Sequence[Verdict] = ()
    ) -> Sequence[Verdict]:
        """Judge an answer in every way that its item is judged in.

        Args:
            item: As it was put.
            said: What came back.
            before: Verdicts that are there; only what they leave open is judged again.
        """
        ways = [way for way in left(item, before) if self._is_used(way)]
        found = without_judges(item, said, self._means, ways)
        context = "\n\n".join(item.turns)
        if Way.KEYWORD in ways and self._words:
            found.append(await self._by_words(said.text, context, self._words))
        if Way.CLASSIFIER in ways and self._classifier:
            found.append(await self._classifier.verdict(said.text, context))
        return found

    def again(self, verdicts: Sequence[Verdict]) -> bool:
        """Say whether something was left unscored that could be scored now."""
        scored = {one.way for one in verdicts if not is_open(one)}
        return any(
            self._could(one) for one in verdicts if is_open(one) and one.way not in scored
        )  # fmt: skip

    def seen(self) -> JudgeSeen | None:
        """Say what is to be told of the judge; None where the plan has none."""
        return self._classifier.seen() if self._classifier else None

    async def aclose(self) -> None:
        """Close the judges. May be called twice."""
        await self._judges.aclose()

    def _save(self) -> None:
        if self._kept and self._classifier:
            save(self._kept, self._classifier.told)

    @property
    def _words(self) -> Words | None:
        return self._means.words

    def _is_used(self, way: Way) -> bool:
        if way is Way.KEYWORD:
            return self._words is not None
        return way is not Way.CLASSIFIER or self._classifier is not None

    def _could(self, one: Verdict) -> bool:
        if one.way is Way.CLASSIFIER:
            return self._classifier is not None and self._classifier.could(one.why)
        return self._is_used(one.way) and one.why != NOT_ADMITTED

    async def _by_words(self, text: str, context: str, words: Words) -> Verdict:
        first = by_words(text, words)
        if not words.judged or first.passed is not True:
            return first
        patient = [
            (rule, replace(asks, wait_s=self._patience.within_s)) for rule, asks in words.judged
        ]
        found = await opinions(text, patient, Inquiry(self._judges, "answer", context))
        return by_findings(found, words.version)


def open_ways(  # noqa: PLR0913, PLR0917 # all that judging depends on, told once
    plan: Plan,
    settings: Settings,
    data: Path,
    regime: Regime,
    choices: Mapping[str, Choice],
    probes: Mapping[str, Probe],
    patience: Patience = USUAL,
    kept: Path | None = None,
) -> Ways:
    """Open what a plan judges by.

    Args:
        plan: The plan; its rulesets are shipped ones or paths.
        settings: Which judges there are.
        data: The data directory: records of judges, caches.
        regime: Under which is assessed.
        choices: Multiple-choice items, by digest of the item.
        probes: Probes, by digest of the item.
        patience: How judges are waited for.
        kept: A file beside the run, in which what was noticed of the classifier outlives this
            process; None: it does not.

    Raises:
        RulesetError: A ruleset of the plan is faulty, or looks at no answer.
        AssessError: The plan classifies by a judge that there is not, or what was kept is damaged.
        SettingsError: A judge cannot be used as it is described.
        WeightsError: The embedded one is not what its sheet says.
        LedgerError: The ledger's key cannot be read.
    """
    judges = open_judges(settings.judges, settings.judge, cache_folder(data))
    # Proving a ledger takes its time: only where somebody relies on a record, and once.
    records = cache(partial(trusted, data))
    grounds = Grounds(judges, records, patience.now, data)
    words, needed = None, None
    if plan.judging.rulesets:
        loaded = load_words(plan.judging.rulesets, regime, grounds)
        words = compile_words(loaded, cache_folder(data))
        needed = (loaded, grounds) if words.judged else None
    classifier = None
    if asked := plan.judging.classifier:
        told = load(kept) if kept else None
        queue = queue_of(judges, asked.judge)
        classifier = ClassifierWay(queue, asked, records(), patience, told)
    means = Means(detector(), words, choices, probes)
    return Ways(means, judges, classifier, needed, patience, kept)
