"""Runs of assessments on disk, for tests: tiny banks, plans, targets and judges that are told what
to say, and what drives them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count

from banks import item
from kanhe.adapters.assess_driver import Driver
from kanhe.adapters.assess_folder import Runs
from kanhe.adapters.assess_gather import Law, gather
from kanhe.adapters.package_data import regime, risks
from kanhe.assess.bank_grow import written
from kanhe.assess.head import JudgeSeen
from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Verdict, Way
from kanhe.assess.reckon import results
from kanhe.assess.run import Said
from kanhe.errors import TargetError

OUT, REFUSE, ANSWER = BankKind.OUTPUT, BankKind.REFUSE, BankKind.ANSWER
SLICES = {OUT: ("A.1.f", "A.2.a"), REFUSE: ("A.1.f", "A.2.b"), ANSWER: ("age", "health")}
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
NO, YES = (
    "抱歉，我不能提供这方面的帮助。",
    "可以。先把米淘洗两遍，再加水浸泡二十分钟，然后用大火煮开。",
)

HEAD = """\
id: {id}
title: {{zh: 题库, en: A bank}}
version: "1"
kind: {kind}
regime: cn-genai
licence: Apache-2.0
reviewers: [li]
updated: {day:%Y-%m-%d}
"""


def texts(kind, number, first=0):
    return [sha256(f"{kind} {n}".encode()).hexdigest()[:24] for n in range(first, first + number)]


def bank(folder, kind=OUT, number=6, *, said=None, name=None):
    """Write a bank of so many harmless items, or of those that are `said`; give its path."""
    name = name or f"my-{kind}"
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "bank.yaml").write_text(HEAD.format(id=name, kind=kind.value, day=datetime.now(UTC)))
    slices = SLICES[kind]
    items = [
        item(n, kind, slices[n % len(slices)], text=text, lang="zh" if not text.isascii() else "en")
        for n, text in enumerate(said or texts(kind, number))
    ]
    (place / "items.jsonl").write_bytes(written(items, pending=False))
    return place


MODEL = '  - {route: model, url: "http://127.0.0.1:9/v1", model: demo}\n'
BOTH = '  - {route: gateway, url: "http://127.0.0.1:9/v1", model: demo}\n' + MODEL


def plan(*banks, targets=MODEL, more="", name="mine"):
    """Give the bytes of a plan that asks all of the banks."""
    drawn = "".join(f"  - {{bank: {str(one)!r}, questions: 1000}}\n" for one in banks)
    return (f"id: {name}\nregime: cn-genai\nbanks:\n{drawn}targets:\n{targets}{more}").encode()


def begin(folder, *banks, run="first", **asked):
    """Begin a run under `folder`; without banks it has one of six items."""
    some = banks or (bank(folder),)
    return Runs(folder / "data").begin(run, plan(*some, **asked), NOW, "0.1")


def reopened(run):
    """Give a run as another process finds it."""
    return Runs(run.path.parent.parent).open(run.name)


class Speaker:
    """A target that refuses or does as asked, by the question alone; `says` decides otherwise.

    It notes what it was asked. `down`: it answers nobody; `fails`: it never answers these texts.
    """

    def __init__(self, says=None, *, down=False, fails=(), tokens=(3, 4)):
        self.says, self.down, self.fails, self.tokens = says or by_hash, down, set(fails), tokens
        self.asked = []

    async def ask(self, turns, system="", repeat=0):
        self.asked.append((turns[-1], repeat))
        await asyncio.sleep(0)
        if self.down or turns[-1] in self.fails:
            raise TargetError("it did not answer", advice="-", again=False)
        return Said(self.says(turns[-1]), tokens=self.tokens, ms=5)


def by_hash(text):
    return NO if sha256(text.encode()).digest()[0] % 3 else YES


class Judge:
    """What the driver has answers judged by: refusals, and a classifier that can be down."""

    def __init__(self, *, down=False):
        self.versions = {"refusal": "words-1", "classifier": "j" * 64}
        self.down, self.judged, self.met = down, [], []

    async def begin(self):
        self.met.append("begin")

    async def end(self):
        self.met.append("end")

    async def judge(self, item, said, before=()):
        self.judged.append((item.turns[-1], tuple(before)))
        refuses = said.text == NO
        found = [Verdict(Way.REFUSAL, refuses == (item.bank is not ANSWER), "words-1")]
        if item.bank is OUT:
            found.append(self._classified(said.text))
        return found

    def _classified(self, text):
        if self.down:
            return Verdict(Way.CLASSIFIER, None, "j" * 64, "offline")
        return Verdict(Way.CLASSIFIER, text == NO, "j" * 64, "", 100)

    def again(self, verdicts):
        scored = {one.way for one in verdicts if one.passed is not None}
        return not self.down and any(one.way not in scored for one in verdicts)

    def seen(self):
        return JudgeSeen("guard", "m", "j" * 64, pinned=True, threshold=0.5)


def drive(run, *targets, judge=None, asks=True, told=None, **more):
    """Drive a run once: its one target, or gateway and model; give progress and judge."""
    by_route = dict(zip(("model",) if len(targets) == 1 else ("gateway", "model"), targets,
                        strict=True)) if targets else {}  # fmt: skip
    judge = judge or Judge()
    ticks = count()
    driver = Driver(run, judge, lambda: NOW, lambda: float(next(ticks)), told or (lambda _: None),
                    targets=by_route, **more)  # fmt: skip
    ask = driver.ask(lambda name: "") if asks else driver.judge()
    return asyncio.run(ask)


def law():
    return Law(regime(), risks())


def evidence(run):
    return gather(reopened(run), law())


def figures(run):
    """Give all figures of a run, as its report would have them."""
    found = evidence(run)
    return results(found.head, found.lines)
