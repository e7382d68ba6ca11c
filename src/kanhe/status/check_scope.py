"""Checks over the determination: are the questions answered, and what has to be filed."""

from __future__ import annotations

from collections.abc import Sequence

from kanhe.law.regime import Regime
from kanhe.law.scope import Answers, Question, decide, put
from kanhe.status.check import Terms, moment, said, unseen
from kanhe.status.determination import Determination, questions_hash, routes
from kanhe.status.picture import Picture
from kanhe.status.verdict import Action, Standing, Verdict
from kanhe.terms import Text, counted

ASK = Action(Text("回答适用性问卷", "Answer the questionnaire"), "kanhe scope", "scope")
_DETERMINATION = Text("适用性问卷的答复", "answers to the questionnaire")


def open_questions(regime: Regime, answers: Answers) -> tuple[Question, ...]:
    """Give the questions that are put and have no answer."""
    return tuple(one for one in put(regime.questions, answers) if one.id not in answers)


def scope_determined(picture: Picture, terms: Terms) -> Verdict:
    """Say whether all questions of today were answered, and not too long ago."""
    had = terms.determination
    if had is None:
        return unseen(_DETERMINATION, ASK)
    left = open_questions(terms.regime, had.answers)
    told = Text(
        f"{terms.zh(had.seen.at)} 已答复 {len(had.answers)} 个问题",
        f"{counted(len(had.answers), 'question was', 'questions were')} answered on "
        f"{terms.en(had.seen.at)}",
    )
    if _reworked(terms.regime, had):
        changed = Text("此后问卷已变更，须重新答复",
                       "The questions have changed since and are to be answered again")  # fmt: skip
        return said(Standing.STALE, told, changed, by=[had.seen], do=(ASK,))
    if left:
        return said(
            Standing.UNKNOWN, told, _left(left), by=[had.seen], since=had.seen.at, do=(ASK,)
        )
    if terms.at >= had.until:
        old = aged(had, terms.regime)
        return said(Standing.STALE, told, old, by=[had.seen], since=had.until, do=(ASK,))
    return said(Standing.MET, told, by=[had.seen], since=had.seen.at, until=had.until)


def _left(left: Sequence[Question]) -> Text:
    return Text(
        f"尚有 {len(left)} 个问题未答复：{''.join(one.title.zh for one in left)}",
        f"Not yet answered ({len(left)}): {' '.join(one.title.en for one in left)}",
    )


def aged(had: Determination, regime: Regime) -> Text:
    """Say until when answers counted."""
    age, until = (had.until - had.seen.at).days, moment(had.until, regime)
    return Text(
        f"答复有效期 {age} 天，已于 {until.zh} 届满",
        f"Answers count for {age} days; these did until {until.en}",
    )


def _reworked(regime: Regime, had: Determination) -> bool:
    return had.edition != regime.version and had.questions != questions_hash(regime)


def _open_of_routes(terms: Terms, answers: Answers) -> tuple[Question, ...]:
    """Give the open questions on which it depends whether some way of filing is one, too."""
    asked = {
        name
        for route in terms.regime.routes
        if route.validity.holds(terms.day, terms.known)
        and (decided := decide(route.condition, answers)).holds is None
        for name in decided.because
    }
    return tuple(one for one in open_questions(terms.regime, answers) if one.id in asked)


def filing_route(picture: Picture, terms: Terms) -> Verdict:
    """Say whether the way of filing that was determined is the one that the law of today gives."""
    had = terms.determination
    if had is None:
        return unseen(_DETERMINATION, ASK)
    now = routes(terms.regime, had.answers, terms.day, terms.known)
    names = Text(
        "、".join(one.title.zh for one in now) or "无须备案或登记",
        ", ".join(one.title.en for one in now) or "nothing has to be filed",
    )
    if not had.answers:
        return unseen(_DETERMINATION, ASK)
    if tuple(one.id for one in now) != had.routes:
        then = [one for one in terms.regime.routes if one.id in had.routes]
        changed = Text(
            f"答复时认定的途径为“{'、'.join(one.title.zh for one in then) or '无'}”，"
            f"按现行规定应为“{names.zh}”",
            f"When the questions were answered the way was: "
            f"{', '.join(one.title.en for one in then) or 'none'}; by the law of today it is: "
            f"{names.en}",
        )
        return said(Standing.STALE, changed, by=[had.seen], do=(ASK,))
    if left := _open_of_routes(terms, had.answers):
        return said(Standing.UNKNOWN, _left(left), by=[had.seen], do=(ASK,))
    good = Text(f"按答复认定的途径：{names.zh}", f"By the answers, the way is: {names.en}")
    return said(Standing.MET, good, by=[had.seen], since=had.seen.at)
