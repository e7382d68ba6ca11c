"""Which disguises a finding had to be seen through, told after the fact."""

from __future__ import annotations

from kanhe.policy.fold import Fold, Folds, char_table
from kanhe.policy.lexicon import LATIN, spelled_by, token_table
from kanhe.policy.rule import Rule, Terms
from kanhe.policy.spelling import spellings, units, view_of


def folds_taken(rule: Rule, raw: str, term: str) -> tuple[str, ...]:
    """Name the folds without which `raw` would not have matched `term`, in the order of `Fold`.

    Of two that each would do (a traditional form that is also a homophone), the earlier one is
    named: it costs less precision.
    """
    if not isinstance(rule.matcher, Terms):
        return ()
    needed = rule.folds
    for fold in reversed(Fold):
        if fold in needed and _matches(rule, raw, term, needed - {fold}):
            needed -= {fold}
    return tuple(fold.value for fold in Fold if fold in needed)


def _matches(rule: Rule, raw: str, term: str, folds: Folds) -> bool:
    view = view_of(term, folds, fold_min=rule.fold_min, word=rule.word)
    seen = "".join(map(token_table(view).__getitem__, raw))
    if seen in spellings(term, view, split=Fold.SPLIT in folds):
        return True
    if not view.latin or not LATIN.search(raw) or not char_table(view.base).fold(raw):
        return False
    return any(spelled_by(raw, spelled, view) for spelled in units(term, view))
