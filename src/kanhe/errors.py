"""Every error this project raises on purpose.

* KanheError
  + SettingsError        the operator wrote something we cannot run with
    - FaultySettings     all that is wrong with the settings, place by place
  + RulesetError         a policy file is wrong; nothing is loaded from it
    - FaultyRuleset      all that is wrong with it, place by place
  + FaultyRegime         all that is wrong with the files of a regime, place by place
    - NotReleased        it may not come into force so
  + ReportError          a report cannot be made here
  + NoCalendar           a deadline was asked for in a year whose calendar is not there
  + FaultyAnswers        all answers to a questionnaire that are none, question by question
  + RequestError         the caller asked for something we cannot serve
    - NotAuthenticated   no key, or one we do not know
    - TooLarge           a limit on size was passed
  + AccountError         accounts of the console do not allow it
  + UpstreamError        the model did not answer as agreed
    - UpstreamBusy       it is known to be down, or has no place for us: not even tried
    - UpstreamTimeout    it was late
  + JudgeError           a judge gave no opinion
    - JudgeBusy          it is known to be down, or its queue is full: not even asked
    - JudgeLate          it was late
  + WeightsError         the files of a judge are not there, or not what their sheet says
  + FaultyTemplate       all that is wrong with the template of a judge, place by place
  + FaultySet            all that is wrong with a labelled set, line by line
  + AssessError          an assessment cannot be made, or gone on with, so
    - TargetError        what is assessed did not answer; it can be asked again, or not
  + FaultyBank           all that is wrong with a bank of questions, line by line
  + FaultyPlan           all that is wrong with the plan of an assessment, place by place
  + LedgerError          something about the ledger that an operator has to look at
    - LedgerUnwritable   an entry could not be made durable: nothing may be released
    - LedgerBroken       the record was altered: stop, keep the files, call someone

`what` is a fact for the caller or the operator; `advice` is the next step, shown to operators.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class KanheError(Exception):
    """Say what happened, and what the reader can do about it.

    Args:
        what: One sentence, without a full stop: the fact, with the names and numbers at fault.
        advice: One sentence: the next thing to try.
    """

    status = 500
    """HTTP status when it reaches a route. A subclass that is the caller's fault sets its own."""

    code = "internal_error"
    """The `code` of the error object on the wire."""

    def __init__(self, what: str, *, advice: str) -> None:
        super().__init__(what)
        self.advice = advice


def _listed(whose: str, so: str, faults: Sequence[object]) -> str:
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return "\n".join([f"{whose} {count}; {so}", *map(str, faults)])


class SettingsError(KanheError):
    """The operator wrote something we cannot run with."""

    code = "settings_error"


@dataclass(frozen=True, slots=True)
class SettingFault:
    """One thing wrong with the settings: the line, variable or option; which setting; the rest.

    `what` never repeats a secret.
    """

    where: str
    setting: str
    what: str
    advice: str

    def __str__(self) -> str:
        setting = f"{self.setting}: " if self.setting else ""
        return f"{self.where}: {setting}{self.what}\n    {self.advice}"


class FaultySettings(SettingsError):
    """The settings have faults, and this tells all of them.

    Args:
        faults: At least one.
    """

    def __init__(self, faults: Sequence[SettingFault]) -> None:
        super().__init__(
            _listed("the settings have", "nothing was started", faults),
            advice="Mend what is named above; `kanhe serve --check` tells what is left.",
        )
        self.faults = tuple(faults)


class RulesetError(KanheError):
    """A policy file is wrong; nothing is loaded from it."""

    code = "ruleset_error"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a policy file: where, in which rule (empty: in none), what to write.

    In a regime `rule` is the id of an entry, and `kind` says what that is.
    """

    file: str
    line: int
    rule: str
    what: str
    advice: str
    kind: str = "rule"

    def __str__(self) -> str:
        rule = f"{self.kind} {self.rule}: " if self.rule else ""
        return f"{self.file}:{self.line}: {rule}{self.what}\n    {self.advice}"


class FaultyRuleset(RulesetError):
    """Policy files have faults, and this tells all of them.

    Args:
        faults: In the order of the files and lines; at least one.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            _listed("the ruleset has", "nothing of it was loaded", faults),
            advice="Mend what is named above; `kanhe rules check FILES` tells what is left.",
        )
        self.faults = tuple(faults)


class NotReleased(RulesetError):
    """Rules may not come into force in this way, or not by this person."""

    status = 409
    code = "not_released"


class ReportError(KanheError):
    """A report cannot be made on this machine, or as it was asked for."""

    code = "report_error"


class NoCalendar(KanheError):
    """A deadline needs working days of a year that the regime's calendar does not have."""

    code = "no_calendar"


class FaultyRegime(KanheError):
    """The files of a regime have faults, and this tells all of them.

    Args:
        faults: In the order of the files and lines; at least one.
    """

    code = "regime_error"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            _listed("the regime has", "nothing of it was loaded", faults),
            advice="Mend what is named above; `kanhe regime check FOLDER` tells what is left.",
        )
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class AnswerFault:
    """One answer to a questionnaire that cannot be taken: to which question, why, what to say.

    `where`: the file and line that it stands on, if it stands in one.
    """

    question: str
    what: str
    advice: str
    where: str = ""

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.where, self.question, f"{self.what}. {self.advice}")))


class FaultyAnswers(KanheError):
    """Answers to a questionnaire cannot be taken, and this tells all that is wrong with them.

    Args:
        faults: At least one.
    """

    status = 400
    code = "answers_error"

    def __init__(self, faults: Sequence[AnswerFault]) -> None:
        super().__init__(
            _listed("the answers have", "nothing was recorded", faults),
            advice="Mend what is named above and answer again.",
        )
        self.faults = tuple(faults)


class RequestError(KanheError):
    """The caller asked for something we cannot serve."""

    status = 400
    code = "invalid_request"

    def __init__(
        self, what: str, *, advice: str, status: int | None = None, code: str | None = None
    ) -> None:
        super().__init__(what, advice=advice)
        self.status = status or type(self).status
        self.code = code or type(self).code


class NotAuthenticated(RequestError):
    """No key, or one we do not know."""

    status = 401
    code = "invalid_api_key"


class TooLarge(RequestError):
    """A limit on the size of a request was passed."""

    status = 413
    code = "request_too_large"


class AccountError(KanheError):
    """Accounts of the console do not allow it, or cannot be used."""

    status = 409
    code = "account_error"


class UpstreamError(KanheError):
    """The model behind the gateway failed, was late, or broke its protocol."""

    status = 502
    code = "upstream_error"


class UpstreamBusy(UpstreamError):
    """The model is known to be down, or has no place for another request."""

    status = 503
    code = "upstream_unavailable"


class UpstreamTimeout(UpstreamError):
    """The model did not answer in the time it was given."""

    status = 504
    code = "upstream_timeout"


class JudgeError(KanheError):
    """A judge gave no opinion: what it was asked about counts as not looked at."""

    status = 503
    code = "judge_unavailable"


class JudgeBusy(JudgeError):
    """The judge is known to be down, or its queue is full; it was not asked."""

    code = "judge_busy"


class JudgeLate(JudgeError):
    """The judge did not answer within the time it had."""

    code = "judge_late"


class WeightsError(KanheError):
    """The files of a judge are missing, damaged, or not what their data sheet says."""

    code = "weights_error"


class FaultyTemplate(SettingsError):
    """The template of a judge has faults; this tells all of them, at least one, in order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            _listed("the template has", "it was not used", faults),
            advice="Mend what is named above; src/kanhe/judges/templates has patterns to follow.",
        )
        self.faults = tuple(faults)


class FaultySet(KanheError):
    """A labelled set has faults; this tells all of them, at least one, in order."""

    code = "labelled_set_faulty"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            _listed("the labelled set has", "none of it was used", faults),
            advice="Mend the lines named above.",
        )
        self.faults = tuple(faults)


class FaultyBank(KanheError):
    """A bank of questions has faults; this tells all of them, at least one, in order."""

    code = "bank_faulty"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            _listed("the bank has", "none of it was used", faults),
            advice="Mend the lines named above.",
        )
        self.faults = tuple(faults)


class FaultyPlan(KanheError):
    """The plan of an assessment has faults; this tells all of them, at least one, in order."""

    code = "plan_faulty"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            _listed("the plan has", "nothing was asked", faults),
            advice="Mend the places named above.",
        )
        self.faults = tuple(faults)


class AssessError(KanheError):
    """An assessment cannot be made, or gone on with, as it is described."""

    code = "assess_error"


class TargetError(AssessError):
    """What is assessed did not answer.

    Args:
        again: Whether it is worth asking again.
        code: In which way it failed, as evidence names it: `http-401`, `timeout`, `unreachable`…
    """

    code = "target_error"

    def __init__(self, what: str, *, advice: str, again: bool = True, code: str = "") -> None:
        super().__init__(what, advice=advice)
        self.again = again
        if code:
            self.code = code


class LedgerError(KanheError):
    """Something about the ledger that an operator has to look at."""

    code = "ledger_error"


class LedgerUnwritable(LedgerError):
    """An entry could not be made durable; until it can, nothing may be released."""

    status = 503
    code = "ledger_unwritable"


class LedgerBroken(LedgerError):
    """The record no longer follows from itself: it has been altered, cut or reordered.

    Args:
        index: The first entry that does not follow, counted from 0.
        why: What was expected there and what was found.
    """

    def __init__(self, index: int, why: str) -> None:
        super().__init__(
            f"ledger entry {index} does not follow: {why}",
            advice="Leave the files as they are and compare them with a witness's checkpoint.",
        )
        self.index = index
