"""A list of terms: one a line in UTF-8, `#` before remarks, empty lines free.

Refuses what would match everywhere or never: a term of which nothing is left after folding, a
single Latin letter, a character that no text carries on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kanhe.policy.fold import RISKY, Fold, Folds, char_table
from kanhe.policy.spelling import view_of
from kanhe.yaml_source import Faults, Line, decoded

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def lines_of(raw: bytes, faults: Faults) -> list[Line]:
    """Give the terms of a file as they stand there, without remarks; note what is wrong."""
    text = decoded(raw, faults)
    if text is None:
        return []
    # Not splitlines(): it also cuts at characters that a term may be disguised with.
    lines = text.replace("\r\n", "\n").split("\n")
    if _CONTROL.search(text):
        _complain(lines, faults)
    kept = ((line.strip(), number) for number, line in enumerate(lines, 1))
    return [Line(term, number) for term, number in kept if term and not term.startswith("#")]


def _complain(lines: Iterable[str], faults: Faults) -> None:
    for number, line in enumerate(lines, 1):
        if found := _CONTROL.search(line):
            faults.add(number, f"has a control character ({found[0]!r})", "Delete it.")


def usable(lines: Iterable[Line], folds: Folds, faults: Faults) -> Iterator[Line]:
    """Give the terms that can be looked for with `folds`; note those that cannot."""
    table = char_table(folds - RISKY - {Fold.DIGITS})
    for line in lines:
        # Two folded characters are enough for any view; a shorter one has to be looked at.
        if len(table.fold(line.text)) > 1 or _is_usable(line, folds, faults):
            yield line


def _is_usable(line: Line, folds: Folds, faults: Faults) -> bool:
    if found := _CONTROL.search(line.text):
        faults.add(line.number, f"a term has a control character ({found[0]!r})", "Delete it.")
        return False
    view = view_of(line.text, folds, fold_min=1, word=True)
    plain = char_table(view.base).fold(line.text)
    if not plain:
        advice = "Delete it, or give the rule fewer folds."
        faults.add(line.number, f"nothing is left of the term {line.text!r} after folding", advice)
    elif len(plain) == 1 and plain.isascii():
        what = f"the term {line.text!r} is a single sign or letter after folding"
        faults.add(line.number, what, "Write a longer term; this one stands in nearly every text.")
    else:
        return True
    return False


def distinct(lines: Iterable[Line], warnings: Faults) -> list[Line]:
    """Give each term once; tell of those that stand twice."""
    first: dict[str, int] = {}
    kept = []
    for line in lines:
        if line.text not in first:
            first[line.text] = line.number
            kept.append(line)
        else:
            what = f"the term {line.text!r} stands twice, first in line {first[line.text]}"
            warnings.add(line.number, what, "Delete one of them.")
    return kept
