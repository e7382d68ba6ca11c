"""What the stream guard has to do, said without streams, automata or state.

Every pair of positions of the whole text is tried against every rule. Slow and plain on purpose:
it shares with the guard only what a fold does to one character and how a term is spelled.
"""

from __future__ import annotations

import re

from kanhe.policy.fold import DEFAULT, Fold, char_table, is_invisible, is_spelled_out, is_wordlike
from kanhe.policy.lexicon import LATIN, spelled_by, token_table
from kanhe.policy.rule import Action, Expression, Terms
from kanhe.policy.ruleset import PATTERN_FOLDS, view_has_length
from kanhe.policy.scan import FAR
from kanhe.policy.spelling import spellings, units, view_of


def findings(rules, text):
    """Every finding that counts, as (end, start, rule number), in the order in which they end."""
    return sorted(
        (end, start, number)
        for number, rule in enumerate(rules)
        for start in range(len(text))
        for end in range(start + 1, len(text) + 1)
        if matches(rule, text[start:end]) and counts(rule, text, start, end)
    )


def matches(rule, raw):
    match rule.matcher:
        case Terms(terms):
            return any(term_matches(rule, term, raw) for term in terms)
        case Expression(source):
            table = char_table(rule.folds & PATTERN_FOLDS)
            folded = "".join(map(table.__getitem__, raw))
            edges = table[raw[0]] and table[raw[-1]]
            return bool(edges and re.fullmatch(source, folded))


def term_matches(rule, term, raw):
    view = view_of(term, rule.folds, fold_min=rule.fold_min, word=rule.word)
    table = token_table(view)
    if not (table[raw[0]] and table[raw[-1]]):
        return False
    if Fold.DIGITS in view.base and not is_spelled_out(raw):
        return False
    split = Fold.SPLIT in rule.folds and view_has_length(term, rule, view)
    if "".join(map(table.__getitem__, raw)) in spellings(term, view, split=split):
        return True
    latin = view.latin and LATIN.search(raw)
    return bool(latin) and any(spelled_by(raw, spelled, view) for spelled in units(term, view))


def counts(rule, text, start, end):
    before = next(
        (c for c in reversed(text[max(start - FAR, 0) : start]) if not is_invisible(c)), ""
    )
    after = next((c for c in text[end : end + FAR] if not is_invisible(c)), "")
    last = next((c for c in reversed(text[:end]) if not is_invisible(c)), "")
    if rule.word and before and is_wordlike(before) and is_wordlike(text[start]):
        return False
    if rule.word and after and is_wordlike(last) and is_wordlike(after):
        return False
    table = char_table(DEFAULT - {Fold.SEPARATORS, Fold.INVISIBLE})
    return not any(
        table.fold(text[low : low + len(phrase)]) == table.fold(phrase)
        for phrase in rule.unless_within
        for low in range(max(0, end - len(phrase)), start + 1)
    )


def shown(rules, text):
    """What the reader gets, and the (start, end, rule number) that ended it, if one did."""
    every = findings(rules, text)
    acting = [(e, s, n) for e, s, n in every if rules[n].acts]
    stop = next(((e, s, n) for e, s, n in acting if rules[n].action is not Action.MASK), None)
    masks = []
    for item in acting:
        if item == stop:
            break
        end, start, number = item
        over = [m for m in masks if m[0] < end and start < m[1]]
        label = min([*over, (start, end, rules[number].mask)])[2]
        low, high = min([start, *(m[0] for m in over)]), max([end, *(m[1] for m in over)])
        masks = sorted([*(m for m in masks if m not in over), (low, high, label)])
    until = stop[1] if stop else len(text)
    out, at = "", 0
    for low, high, label in masks:
        if low >= until:
            break
        out, at = out + text[at:low] + label, min(high, until)
    return out + text[at:until], (stop[1], stop[0], stop[2]) if stop else None
