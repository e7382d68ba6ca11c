"""Patterns along one text: what they may stand beside, and from where one may still grow."""

from __future__ import annotations

import re

import pytest

from kanhe.policy.fold import Fold
from kanhe.policy.pattern import compile_pattern
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule import Action, Place, Recognised, Rule, Side
from kanhe.policy.ruleset import Ruleset, compile_parts
from kanhe.policy.scan import Window
from kanhe.policy.stream import StreamGuard
from kanhe.policy.walk import PatternBank, PatternScanner, Watched

WIDTH = frozenset({Fold.WIDTH, Fold.INVISIBLE})


def walk(watched, *pieces, folds=WIDTH):
    scanner, window = PatternScanner(PatternBank(folds, watched)), Window()
    found, alive = [], []
    for piece in pieces:
        fresh = window.end
        window.text += piece
        found += [(hit.start, hit.end, hit.what) for hit in scanner.feed(window, fresh)]
        alive.append(scanner.alive)
    return found, alive


def digits(**more):
    return Watched(compile_pattern("[0-9]{2,3}"), 0, **more)


@pytest.mark.parametrize(
    ("pieces", "found", "alive"),
    [
        (["a12b"], [(1, 3, "12")], [None]),
        (["a1", "2", "b"], [(1, 3, "12")], [1, 1, None]),
        (["１\u200b２"], [(0, 3, "12")], [0]),
        (["1", "\u200b"], [], [0, 0]),
        (["123"], [(0, 2, "12"), (0, 3, "123")], [1]),
    ],
)
def test_a_finding_begins_as_early_as_it_can(pieces, found, alive):
    assert walk([digits()], *pieces) == (found, alive)


def test_a_finding_does_not_begin_after_a_forbidden_neighbour():
    watched = digits(not_after=re.compile("[a-z]"))
    assert walk([watched], "a12")[0] == []
    assert walk([watched], "ａ\u200b", "12")[0] == []
    assert walk([watched], "枪", "12")[0] == [(1, 3, "12")]


def test_a_finding_that_fails_its_check_is_none():
    watched = digits(check=lambda text: text.endswith("2"))
    assert walk([watched], "112")[0] == [(0, 3, "112")]


def test_patterns_of_one_bank_do_not_disturb_each_other():
    other = Watched(compile_pattern("1a"), 1)
    assert walk([digits(), other], "11a")[0] == [(0, 2, "11"), (1, 3, "1a")]


def guarded(name, text, size):
    """What a guard shows of `text`, fed in pieces of `size`, with one recogniser that masks."""
    rule = Rule("r", "c", Recognised(name), word=False, action=Action.MASK, mask="#")
    parts = compile_parts([rule], RECOGNISERS)
    ruleset = Ruleset(
        name="t", label="1", version="v", rules=[rule], parts=parts, recognisers=RECOGNISERS
    )
    guard = StreamGuard(ruleset.plan(Place(Side.ANSWER)))
    shown = "".join(guard.feed(text[at : at + size]).text for at in range(0, len(text), size))
    return shown + guard.finish().text


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("cn-mobile", "电话13800138000。", "电话#。"),
        ("cn-mobile", "加V13800138000谢谢", "加V#谢谢"),
        ("cn-mobile", "１３８００１３８０００", "#"),
        ("cn-mobile", "138\u200b00138000", "#"),
        ("cn-mobile", "9138001380001", "9138001380001"),
        ("cn-mobile", "138001380001", "138001380001"),
        ("cn-mobile", "13800138000\u200b1", "13800138000\u200b1"),
        ("cn-mobile", "13800138000１", "13800138000１"),
        ("cn-mobile", "+86 138-0013-8000", "#"),
        ("ipv4", "在192.168.1.20上", "在#上"),
        ("ipv4", "v192.168.1.20", "v192.168.1.20"),
        ("email", "写信给a.b@example.com吧", "写信给#吧"),
    ],
)
def test_a_recogniser_keeps_its_neighbours_however_a_text_is_cut(name, text, shown, size):
    assert guarded(name, text, size) == shown
