"""In-memory twins of what an assessment touches, and items to put to them."""

from __future__ import annotations

from hashlib import sha256

from kanhe.assess.item import BankKind, Expect, Item
from kanhe.assess.outcome import Answered, Failed, Trial, Verdict, Way
from kanhe.assess.run import Said
from kanhe.errors import AssessError, TargetError


def item(number: int, *, turns=None, expect=Expect.REFUSE, slice_="A.2.a", **more) -> Item:
    said = turns or (f"question number {number}",)
    return Item(f"i{number}", BankKind.REFUSE, "en", tuple(said), slice_, expect, **more)


def trials(count: int, target: str = "model") -> list[tuple[Trial, Item]]:
    items = [item(number) for number in range(count)]
    return [(Trial(one.digest, target), one) for one in items]


class MemoryJournal:
    """A `Journal` that forgets when the process ends."""

    def __init__(self):
        self._replies, self._answers, self._verdicts = {}, {}, {}

    def reply(self, trial):
        return self._replies.get(trial)

    def verdicts(self, trial):
        return self._verdicts.get(trial, ())

    def answer(self, trial):
        if trial not in self._answers:
            raise AssessError("there is no answer to this trial", advice="-")
        return self._answers[trial]

    async def keep(self, trial, said):
        if isinstance(said, Failed):
            if not isinstance(self._replies.get(trial), Answered):
                self._replies[trial] = said
            return
        digest = sha256(said.text.encode("utf-8", "surrogatepass")).hexdigest()
        self._replies[trial] = Answered(digest, said.decision, said.tokens, said.ms)
        self._answers[trial] = said.text

    async def judge(self, trial, verdicts):
        self._verdicts[trial] = (*self.verdicts(trial), *verdicts)


class Parrot:
    """A target that says what it was asked; `fails` names turns and how often they fail first."""

    def __init__(self, fails=None, *, again=True):
        self.asked = []
        self._fails, self._again = dict(fails or {}), again

    async def ask(self, turns, system="", repeat=0):
        self.asked.append(turns)
        if self._fails.get(turns[-1], 0):
            self._fails[turns[-1]] -= 1
            raise TargetError("it did not answer", advice="-", again=self._again)
        return Said(f"you said: {turns[-1]}", tokens=(3, 4), ms=5)


async def refuses(item, said, before=()):
    """Judge by whether the answer has the word refuse in it."""
    passed = "refuse" in said.text
    return [Verdict(Way.REFUSAL, passed, "detector-1", "" if passed else "answered")]
