"""People judge answers: who is shown which one next, and what their verdicts come to.

Blind: nothing here gives anybody another's verdict, a machine's, or by which route an answer came.
A share of the answers is judged by two people; nobody is the second of their own. Where the two
differ, or one of two cannot tell, a panel decides: somebody who has not judged the answer, who
sees what was said but not by whom, and gives a reason. What was taken back, a verdict or a
decision, stays in the history.

Reasons are codes and never text: whoever judges has the answer before them, and would quote it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from math import ceil
from typing import Literal, TypeAlias, get_args

from kanhe.assess.outcome import Trial, Verdict, Way
from kanhe.errors import AssessError, RequestError

Said: TypeAlias = Literal["pass", "fail", "skip", "withdrawn"]
"""`skip`: cannot tell. `withdrawn`: the person took their verdict back."""

Standing: TypeAlias = Literal[
    "unanswered", "open", "disputed", "unsure", "alone", "agreed", "panel", "untold"
]
"""`unsure`: two have judged and somebody cannot tell, so that it waits for the panel as what is
`disputed` does. `untold`: neither can the panel."""

STANDINGS: tuple[Standing, ...] = get_args(Standing)
BLOCK = 20
"""Answers are taken up block by block, so that agreement can be seen long before the end."""

LONGEST_S = 3600


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one person said of one answer. `by` is the id of an account; `why` a code, or empty."""

    trial: Trial
    by: str
    said: Said
    why: str
    seconds: int
    at: datetime
    panel: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn for people, fixed before anybody judges.

    Attributes:
        trials: In the order of the course; a trial's number is its place here.
        double: The share of them that two people judge.
        seed: Shuffles; random, so that nobody can compute who is shown what, or what is doubled.
    """

    trials: tuple[Trial, ...]
    double: Fraction
    seed: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an answer. `passed`: None where it is not settled, or nobody can tell."""

    number: int
    standing: Standing
    passed: bool | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one person is: verdicts of theirs, answers left for them, disputes to decide."""

    done: int
    left: int
    disputes: int


class Sitting:
    """What was drawn for people, with all that they said.

    Args:
        drawn: What was drawn.
        history: Every verdict and every taking back, in the order in which they came.
        answered: Whether there is an answer to a trial yet; others are shown to nobody.

    Raises:
        AssessError: The history speaks of what was not drawn.
    """

    def __init__(
        self,
        drawn: Drawn,
        history: Iterable[Judgement] = (),
        answered: Callable[[Trial], bool] = lambda _: True,
    ) -> None:
        self.drawn = drawn
        self._numbers = {trial: number for number, trial in enumerate(drawn.trials)}
        self._answered = [answered(trial) for trial in drawn.trials]
        self._said: dict[int, dict[str, Judgement]] = {}
        self._decided: dict[int, Judgement] = {}
        self._touched: dict[str, set[int]] = {}
        self._judged: dict[str, set[int]] = {}
        self._last: dict[tuple[str, bool], Judgement] = {}
        order, ranked = _shuffled(drawn.seed, len(drawn.trials))
        self._blocks = [order[at : at + BLOCK] for at in range(0, len(order), BLOCK)]
        self._doubled = frozenset(ranked[: ceil(drawn.double * len(ranked))])
        for one in history:
            self._take(one)

    def _take(self, one: Judgement) -> None:
        number = self._numbers.get(one.trial)
        if number is None:
            raise AssessError(
                "what people said is about an answer that was not drawn for them",
                advice="The file `people` belongs to another run: put the run's own back.",
            )
        self._touched.setdefault(one.by, set()).add(number)
        self._last[one.by, one.panel] = one
        if one.panel:
            self._decided.pop(number, None)
            if one.said != "withdrawn":
                self._decided[number] = one
            return
        self._judged.setdefault(one.by, set()).add(number)
        if one.said == "withdrawn":
            self._said.get(number, {}).pop(one.by, None)
        else:
            self._said.setdefault(number, {})[one.by] = one

    def needed(self, number: int) -> int:
        """Say how many people have to judge an answer; one who cannot tell does not count."""
        return 2 if number in self._doubled else 1

    def votes(self, number: int) -> tuple[Judgement, ...]:
        """Give what stands of an answer, "cannot tell" and the panel left out."""
        return tuple(one for one in self._said.get(number, {}).values() if one.said != "skip")

    def judgements(self) -> tuple[Judgement, ...]:
        """Give all that stands, the panel's left out."""
        return tuple(one for said in self._said.values() for one in said.values())

    def next_number(self, who: str) -> int | None:
        """Give the number that somebody judges next; None where nothing is left for them.

        What they took back comes first. Within a block those come first that fewest people have
        judged, and among these the order is each one's own.
        """
        if again := self._taken_back(who):
            return again[0]
        for block in self._blocks:
            if free := [number for number in block if self._is_free(who, number)]:
                return min(free, key=lambda number: self._turn(who, number))
        return None

    def _turn(self, who: str, number: int) -> tuple[int, bytes]:
        return len(self._said.get(number, ())), _mixed(self.drawn.seed, f"for {who}", number)

    def next_dispute(self, who: str) -> int | None:
        """Give the next number that somebody may decide for the panel; None where there is none."""
        return next(iter(self.disputes(who)), None)

    def disputes(self, who: str) -> list[int]:
        """Give what somebody may decide for the panel: what they have not judged."""
        judged = self._judged.get(who, ())
        return [
            number for number in sorted(self._said)
            if number not in judged and self.result(number).standing in ("disputed", "unsure")
        ]  # fmt: skip

    def both(self, number: int) -> tuple[Judgement, ...]:
        """Give what the panel sees of a dispute, in an order that tells nothing of who or when."""
        said = self._said.get(number, {})
        return tuple(
            said[who] for who in sorted(said, key=lambda who: _mixed(self.drawn.seed, who, number))
        )

    def decided(self, who: str) -> list[tuple[int, Judgement]]:
        """Give what somebody has decided for the panel, with its numbers, in their order."""
        own = [(number, one) for number, one in self._decided.items() if one.by == who]
        return sorted(own, key=lambda one: one[1].at)

    def refuse(self, who: str, number: int, *, panel: bool = False) -> None:
        """Refuse a verdict that may not be given.

        Raises:
            RequestError: It is not for this person to judge that answer, or not any more.
        """
        why = self._why_not(who, number, panel=panel)
        if why:
            raise RequestError(why, advice="Reload the page: it shows what is next.", status=409)

    def _why_not(self, who: str, number: int, *, panel: bool) -> str:
        if not 0 <= number < len(self.drawn.trials) or not self._answered[number]:
            return f"there is no answer {number} to judge"
        if panel:
            return "" if number in self.disputes(who) else f"answer {number} is not yours to decide"
        said = self._said.get(number, {})
        if who in said:
            return f"you have judged answer {number} already"
        # Of two who were shown the last free place at once, both may say what they saw.
        settled = not self._wants(number) and len(said) > self.needed(number)
        late = number in self._decided or settled
        return f"answer {number} was settled meanwhile" if late else ""

    def last(self, who: str, *, panel: bool = False) -> Judgement | None:
        """Give what somebody may take back: their last verdict, while no panel decided.

        With `panel` it is their last decision.
        """
        last = self._last.get((who, panel))
        if last is None or last.said == "withdrawn":
            return None
        return None if not panel and self._numbers[last.trial] in self._decided else last

    def number(self, trial: Trial) -> int:
        """Give the number of a trial that was drawn."""
        return self._numbers[trial]

    def progress(self, who: str) -> Progress:
        """Say how far somebody is."""
        done = sum(who in said for said in self._said.values())
        free = sum(self._is_free(who, number) for number in range(len(self.drawn.trials)))
        return Progress(done, free + len(self._taken_back(who)), len(self.disputes(who)))

    def people(self) -> tuple[str, ...]:
        """Give the ids of all who said something, the first to do so first."""
        return tuple(self._touched)

    def result(self, number: int) -> Result:
        """Say what became of an answer."""
        if decided := self._decided.get(number):
            standing: Standing = "untold" if decided.said == "skip" else "panel"
            return Result(number, standing, _passed(decided), _why(decided))
        votes = self.votes(number)
        if len({one.said for one in votes}) > 1:
            return Result(number, "disputed")
        if len(votes) >= self.needed(number):
            settled: Standing = "agreed" if len(votes) > 1 else "alone"
            return Result(number, settled, _passed(votes[0]), _why(votes[0]))
        # A third would be needed, and nobody would tell them so: the panel is there for that.
        if len(self._said.get(number, ())) > 1:
            return Result(number, "unsure")
        return Result(number, "open" if self._answered[number] else "unanswered")

    def results(self) -> tuple[Result, ...]:
        """Say what became of each answer, by number."""
        return tuple(self.result(number) for number in range(len(self.drawn.trials)))

    def verdicts(self) -> dict[Trial, Verdict]:
        """Give people's verdicts as evidence, by trial; what nobody has judged is not in it.

        People stand in it as `p1`, `p2` … in the order in which they came; who decided for the
        panel stands last, as `panel:p3`.
        """
        told = ((trial, self._verdict(number)) for trial, number in self._numbers.items())
        return {trial: verdict for trial, verdict in told if verdict is not None}

    def _verdict(self, number: int) -> Verdict | None:
        result = self.result(number)
        match result.standing:
            case "unanswered" | "open":
                return None
            case "disputed":
                why = "disagreed"
            case "unsure" | "untold":
                why = "cannot-tell"
            case "alone" | "agreed" | "panel":
                why = result.why
        return Verdict(Way.MANUAL, result.passed, self._by(number), why)

    def _by(self, number: int) -> str:
        place = {who: at for at, who in enumerate(self._touched, 1)}
        names = [
            f"p{place[who]}" for who in sorted(self._said.get(number, {}), key=place.__getitem__)
        ]
        if decided := self._decided.get(number):
            names.append(f"panel:p{place[decided.by]}")
        return ",".join(names)

    def _wants(self, number: int) -> int:
        """Say how many people more an answer wants."""
        if number in self._decided or not self._answered[number]:
            return 0
        if self.result(number).standing != "open":
            return 0
        return self.needed(number) - len(self.votes(number))

    def _is_free(self, who: str, number: int) -> bool:
        return number not in self._touched.get(who, ()) and self._wants(number) > 0

    def _taken_back(self, who: str) -> list[int]:
        return sorted(
            number
            for number in self._judged.get(who, set())
            if not self._why_not(who, number, panel=False)
        )


@lru_cache(maxsize=16)
def _shuffled(seed: str, trials: int) -> tuple[list[int], list[int]]:
    """Give the order in which answers are judged, and that in which they are doubled."""
    numbers = range(trials)
    order = sorted(numbers, key=lambda number: _mixed(seed, "order", number))
    return order, sorted(numbers, key=lambda number: _mixed(seed, "doubled", number))


def _mixed(seed: str, salt: str, number: int) -> bytes:
    return sha256(f"{seed} {salt} {number}".encode()).digest()


def _passed(one: Judgement) -> bool | None:
    return None if one.said == "skip" else one.said == "pass"


def _why(one: Judgement) -> str:
    return one.why if one.said == "fail" else ""


def count(results: Sequence[Result]) -> Mapping[Standing, int]:
    """Count results by how they stand."""
    return {one: sum(result.standing == one for result in results) for one in STANDINGS}
