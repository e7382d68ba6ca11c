"""Answers to a questionnaire as they stand in a file: `question: answer`, one a line.

Everything that is wrong with them is told at once, each with its line; nothing of it is taken then.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from kanhe.cli.scope_ask import read_answer
from kanhe.errors import AnswerFault, FaultyAnswers, SettingsError
from kanhe.law.regime import Regime
from kanhe.law.scope import Answer, Question
from kanhe.status.determination import faults_of
from kanhe.yaml_source import Faults, Section, parse, shown

_WHOLE = 16


def answers_in(file: Path, regime: Regime) -> dict[str, Answer]:
    """Read the answers in `file` to the questions of `regime`.

    Raises:
        SettingsError: The file cannot be read.
        FaultyAnswers: Some are none that can be given; it names all of them, with their lines.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"the answers in {file} cannot be read: {error.strerror}",
            advice="Write one `question: answer` a line.",
        ) from error
    faults = Faults(str(file))
    section = parse(raw, faults)
    found = _read(section, regime) if section else {}
    told = [(one.line, AnswerFault("", one.what, one.advice, f"{file}:{one.line}"))
            for one in faults.found]  # fmt: skip
    for fault in faults_of(regime, found):
        line = section.line_of(fault.question) if section else 1
        told.append((line, AnswerFault(fault.question, fault.what, fault.advice, f"{file}:{line}")))
    if told:
        raise FaultyAnswers([fault for _, fault in sorted(told, key=lambda one: one[0])])
    return found


def _read(section: Section, regime: Regime) -> dict[str, Answer]:
    known = regime.questions
    return {
        name: _plain(node, known[name]) if name in known else shown(node)
        for name, node in section.items()
    }


def _plain(node: yaml.Node, question: Question) -> Answer:
    """Give an answer, or what `faults_of` will refuse, as it was written."""
    if isinstance(node, yaml.SequenceNode):
        return tuple(
            one.value if isinstance(one, yaml.ScalarNode) else shown(one) for one in node.value
        )
    if not isinstance(node, yaml.ScalarNode):
        return shown(node)
    word = str(node.value).strip()
    if question.kind == "yes_no" and word.lower() in {"on", "off"}:
        return word.lower() == "on"  # so did YAML 1.1, in which older files of answers are written
    digits = word.removeprefix("-")
    if question.kind == "number" and digits.isdecimal() and len(digits) <= _WHOLE:
        return int(word)
    try:
        return read_answer(question, word)
    except ValueError:
        return word
