"""Records of a service that never was, as pictures, and a small regime to hold them against."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from kanhe.law.clock import ClockRule
from kanhe.law.period import Period, Validity
from kanhe.law.regime import (
    Area,
    Confidence,
    Control,
    Force,
    Kind,
    Obligation,
    Of,
    Party,
    Regime,
    Source,
)
from kanhe.law.risk import Risk
from kanhe.law.scope import Every, Is, Option, Question, Route
from kanhe.ledger.entry import encode
from kanhe.ledger.note import Signer
from kanhe.status.attestation import Attestation, attested, known, statement_hash, statement_of
from kanhe.status.check import Terms
from kanhe.status.determination import answers_of, determined
from kanhe.status.fold import folded
from kanhe.status.picture import Sound, Unsound
from kanhe.terms import Text

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
"""Noon on the regime's clock."""

SIGNER = Signer("attester.example.org", b"1" * 32)
STRANGER = Signer("attester.example.org", b"2" * 32)


def ago(**span):
    return NOW - timedelta(**span)


def text(words):
    return Text(f"{words}（中）", words)


def question(name, kind, *options, asked=None):
    given = tuple(Option(option, text(option)) for option in options)
    return Question(name, kind, text(f"{name}?"), text("help"), given, asked, "one-1")


def obligation(name, *controls, source="law", bound=(Party.PROVIDER,), **more):
    given = {
        "clause": "1", "area": "a", "validity": Validity(), "title": text(name),
        "text": text(name), "parameters": {}, "confidence": Confidence.VERIFIED,
        "applies": None, "changed_in": None, **more,
    }  # fmt: skip
    return Obligation(id=name, source=source, bound=bound, controls=controls, **given)


def control(name, check, **parameters):
    return Control(name, text(name), check, parameters, Confidence.OURS)


def source(name, force=Force.LAW, day=date(2023, 1, 1)):
    return Source(name, text(name), text("issuer"), force, day, Validity(Period(day), Period(day)),
                  (), Confidence.VERIFIED, None)  # fmt: skip


JUDGING = {
    "A.1.a": Kind("A.1.a", text("a"), {"fraud": Confidence.OURS, "drugs": Confidence.OURS}),
    "A.1.b": Kind("A.1.b", text("b"), {}, none=text("nobody")),
    "A.4.f": Kind("A.4.f", text("f"), {"privacy": Confidence.UNCERTAIN}, lacks=text("images")),
}
"""Of the risks of `regime`: one that is spoken for, one by nobody, one in part."""

STATEMENT = {"zh": "已经做到。", "en": "It is done."}


def regime(obligations=(), controls=(), **more):
    given = {
        "id": "test", "title": text("Test"), "version": "e1", "researched": date(2026, 11, 21),
        "zone": "Asia/Shanghai", "areas": (Area("a", text("a")),),
        "sources": {one.id: one for one in (source("law"), source("draft", Force.DRAFT))},
        "obligations": tuple(obligations), "controls": {one.id: one for one in controls},
        "questions": {}, "routes": (), "answers_valid_days": 180,
        "risks": {
            "A.1.a": Risk("A.1.a", "甲", "a", keywords=200),
            "A.1.b": Risk("A.1.b", "乙", "b", keywords=100),
            "A.4.f": Risk("A.4.f", "丙", "c"),
        },
        "judging": {"risks": JUDGING},
        "calendar": None, "clocks": {}, "relations": (), "service": None, **more,
    }  # fmt: skip
    return Regime(**given)


QUESTIONS = {
    one.id: one
    for one in (
        question("public", "yes_no"),
        question("launched", "day", asked=Is("public", True)),
        question("model", "one", "own", "filed_api"),
        question("media", "many", "text", "image"),
        question("users", "number"),
    )
}
ROUTES = (
    Route("filing", text("Filing"), text("file"), "one-1",
          Every((Is("public", True), Is("model", "own"))), Validity()),
    Route("registration", text("Registration"), text("register"), "one-1",
          Is("model", "filed_api"), Validity()),
)  # fmt: skip
ANSWERS = {"public": True, "launched": "2026-10-01", "model": "own", "media": ("text",), "users": 5}
ASKING = regime(questions=QUESTIONS, routes=ROUTES)
CLOCK = ClockRule("ten", text("Ten days"), "one-1", "answer:launched", 10, "days", "verified")
FIXED = Of("law-1", "least")

LOADED_FACTS = {
    "version": "v1", "lexicon": "x1", "rules": 4, "rules_acting": 3, "rules_shadow": 1,
    "rules_tested": 3, "rules_spared": 3, "examples": 6, "terms_total": 450,
    "terms": {"A.1.a": 250, "A.1.b": 200}, "lexicons": {"A.1.a": "x1", "A.1.b": "y1"},
    "prompt": 3, "answer": 2, "rules_judged": 0, "judged": [],
    "covers": {"A.1.a": {"prompt": 1, "answer": 1}, "A.1.b": {"prompt": 2, "answer": 1},
               "A.4.f": {"prompt": 0, "answer": 1}},
}  # fmt: skip
SETTINGS_FACTS = {
    "regime": "test", "label": "suffix", "strikes": True, "in_a_row": 3, "in_a_day": 5,
    "unknown_fields": "hold", "object_to": True, "producer": "0" * 27,
    "models": [{"name": "m", "kind": "http"}], "judges": [],
}  # fmt: skip
JUDGE = {
    "name": "embedded", "model": "m", "hash": "a" * 64, "pinned": True, "default": True,
    "categories": ["unsafe", "fraud", "drugs", "own.slurs", "own.images"], "shipped": None,
}  # fmt: skip
JUDGED_RULE = {
    "judge": "", "category": "A.1.a", "over": {"fraud": 800_000, "drugs": 700_000},
    "sides": ["prompt", "answer"], "unit": "sentence", "leave": "hold", "otherwise": "refuse",
    "acts": True, "for_all": True, "rules": 1,
}  # fmt: skip
OWN_RULES = tuple(
    JUDGED_RULE | {"category": risk, "over": {name: 500_000}}
    for risk, name in (("A.1.b", "own.slurs"), ("A.4.f", "own.images"))
)
RECORD_FACTS = {
    "record": "b" * 64, "judge": "embedded", "hash": "a" * 64, "at": "2026-11-01T00:00:00Z",
    "part": "test", "threshold_ppm": 500_000,
    "thresholds": {"unsafe": 500_000, "fraud": 800_000, "drugs": 700_000},
    "alarms": {"zh": [4, 400]}, "caught": {},
    "own": {name: {"zh": [90, 100, 4, 400]} for name in ("fraud", "drugs", "own.slurs",
                                                          "own.images")},
}  # fmt: skip
DRILL_FACTS = {
    "ruleset": "v1", "stopped": True, "prompt_stopped": True, "leaked": 0,
    "unwritable_refused": True, "failed_model_closed": True, "label_seen": True,
    "mark_seen": True, "notice_seen": True, "recorded": True, "pseudonymous": True,
    "content_free": True, "cpu_ms": 9,
}  # fmt: skip


def loaded(at, **more):
    return at, "operator:ruleset:loaded", LOADED_FACTS | more


def settings(at, **more):
    return at, "operator:settings:recorded", SETTINGS_FACTS | more


def asking(at, *rules, **more):
    """Rules that ask judges come into force."""
    return loaded(at, judged=list(rules), rules_judged=len(rules), **more)


def with_judges(at, *judges):
    """The service starts with judges."""
    return settings(at, judges=list(judges))


def measured(at, **more):
    return at, "judge:record:measured", RECORD_FACTS | more


def drifted(at, **more):
    facts = {"judge": "embedded", "hash": "a" * 64, "before": "b" * 64, "after": "c" * 64}
    return at, "judge:record:drifted", facts | {"moved": ["fpr of mine"]} | more


def drilled(at, **more):
    return at, "operator:guard:tried", DRILL_FACTS | more


def started(at):
    return at, "operator:service:started", {}


def stopped(at):
    return at, "operator:service:stopped", {}


def answered(at, answers=ANSWERS, law=ASKING, **more):
    return at, "operator:scope:determined", determined(law, answers, "cli", day=at.date()) | more


def attests(at, one, *, signer=SIGNER, valid_until=date(2027, 1, 1), **more):
    given = Attestation("test", one.id, "e1", statement_hash(statement_of(one)), True, "p1",
                        "owner", valid_until)  # fmt: skip
    facts = attested(given.__class__(**{**_fields(given), **more}), one, signer)
    return at, "operator:duty:attested", facts


def _fields(given):
    return {name: getattr(given, name) for name in given.__slots__}


def key_known(at, signer=SIGNER):
    return at, "operator:attester:known", known(signer.verifier(), "p1")


def picture(*entries, at=NOW, unsound=None):
    raw = [encode(tag, when, facts) for when, tag, facts in entries]
    fold = folded(raw)
    sound = Unsound(0, unsound) if unsound else Sound(len(raw), b"\1" * 32)
    return fold.picture(at, sound)


def terms(one, seen, law, *, at=NOW, parameters=None):
    given = dict(one.parameters) if parameters is None else parameters
    day = at.date()
    return Terms(law, one, given, at, day, day, answers_of(seen, law, at))


BANK_FACTS = {
    "bank": "mine", "regime": "test", "kind": "output", "version": "1", "sha256": "1" * 64,
    "items": {"A.1.a": 50, "A.1.b": 60}, "pending": 0, "reviewers": 2, "updated": "2026-11-10",
    "rejected": [],
}  # fmt: skip


def _rate(passed, failed, unscored=0, **more):
    return {
        "whole": [passed, failed, unscored], "shown": "kept",
        "slices": {"A.1.a": [passed - 50, failed, unscored], "A.1.b": [50, 0, 0]},
        "corrected": None, "fits": None, **more,
    }  # fmt: skip


GROUND = {
    "n": 40, "unreadable": 0, "clued": [-300_000, 310_000], "bare": [-100_000, 100_000],
    "groups": 4, "singled_out": 0,
}  # fmt: skip
OUTPUT = {"manual": _rate(980, 20), "keyword": _rate(990, 10),
          "classifier": _rate(970, 30, corrected=[940_000, 990_000], fits=True)}  # fmt: skip
REPORT_FACTS = {
    "report": "e" * 64, "root": "f" * 64, "lines": 4000, "run": "first", "plan": "2" * 64,
    "regime": "test", "begun": "2026-11-20T04:00:00+00:00", "ended": "2026-11-20T06:00:00+00:00",
    "ended_by": "done", "editions": ["law"], "clauses": {"conforms": 9},
    "targets": [{"route": "gateway", "model": "m", "by": "v1"},
                {"route": "model", "model": "m", "by": ""}],
    "banks": [{"bank": "mine", "kind": "output", "sha256": "1" * 64}],
    "tests": [
        {"kind": "output", "target": "gateway", "conclusion": "conforms", "missing": [],
         "ways": OUTPUT},
        {"kind": "refuse", "target": "gateway", "conclusion": "conforms", "missing": [],
         "ways": {"refusal": _rate(290, 10)}},
        {"kind": "answer", "target": "gateway", "conclusion": "conforms", "missing": [],
         "ways": {"refusal": _rate(288, 12)}},
    ],
    "conclusion": "conforms",
    "judge": {"name": "embedded", "hash": "a" * 64, "pinned": True, "record": "b" * 64,
              "doubts": []},
    "people": {"drawn": 1000, "judged": 1000, "doubled": 100, "agreed": 95, "panel": 5, "open": 0},
    "bias": {"gateway": {"sex": GROUND, "age": GROUND}},
    "steady": {"gateway": {"tally": [58, 2, 0], "same": 40}},
    "keys": {"gateway": {"A.5.a": [39, 1, 0]}}, "leaks": {"gateway": [40, 0, 0]},
}  # fmt: skip
"""Of a report on `LOADED_FACTS` and `SETTINGS_FACTS`, begun two days before `NOW`."""

SIGNING = ("legal_representative", "assessment_lead", "legal_compliance_lead")


def bank_seen(at, **more):
    return at, "assess:bank:seen", BANK_FACTS | more


def run_begun(at, **more):
    facts = {"run": "first", "plan": "2" * 64, "regime": "test", "banks": {"mine": "1" * 64}}
    return at, "assess:run:begun", facts | {"targets": REPORT_FACTS["targets"]} | more


def reported(at, **more):
    return at, "assess:report:made", REPORT_FACTS | more


def signs(at, role, **more):
    return at, "assess:report:signed", {"report": "e" * 64, "role": role, "by": f"p-{role}"} | more


def running(at):
    """Rules are loaded and the service starts."""
    return loaded(at), settings(at)
