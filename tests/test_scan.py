"""One lexicon along one text: what is complete, and where something may still grow."""

from __future__ import annotations

import pytest

from kanhe.policy.fold import ALL, DEFAULT, Fold
from kanhe.policy.lexicon import Entry, compile_lexicon
from kanhe.policy.scan import LexiconScanner, Window
from kanhe.policy.spelling import view_of


def scan(terms, *pieces, folds=DEFAULT, word=True):
    """The (start, end) found, and after each piece the position from which something may grow."""
    view = view_of(terms[0], frozenset(folds), fold_min=2, word=word)
    lexicon = compile_lexicon(view, [Entry(term, 0, False) for term in terms])
    scanner, window, found, alive = LexiconScanner(lexicon), Window(), [], []
    for piece in pieces:
        fresh = window.end
        window.text += piece
        found += [(hit.start, hit.end) for hit in scanner.feed(window, fresh)]
        alive.append(scanner.alive)
    return sorted(set(found)), alive


@pytest.mark.parametrize(
    ("terms", "pieces", "found", "alive"),
    [
        (["炸弹"], ["炸", "弹"], [(0, 2)], [0, None]),
        (["炸弹", "弹药"], ["炸弹", "药"], [(0, 2), (1, 3)], [1, None]),
        (["炸弹", "炸弹人偶"], ["炸弹", "人", "x"], [(0, 2)], [0, 0, None]),
        (["枪"], ["枪枪"], [(0, 1), (1, 2)], [None]),
        (["炸弹"], ["炸", " ", "\u200b", "弹"], [(0, 4)], [0, 0, 0, None]),
        (["炸弹"], ["炸", "x"], [], [0, None]),
        (["abc"], ["xab", "c"], [], [None, None]),
        (["abc"], ["x ab", "c"], [(2, 5)], [2, None]),
        (["株式会社"], ["㍿"], [(0, 1)], [None]),
        (["会社"], ["㍿"], [], [None]),
        (["株式会社長"], ["㍿", "長"], [(0, 2)], [0, None]),
        (["株式"], ["㍿"], [], [None]),
        (["a株式会"], ["a", "㍿"], [], [0, None]),
    ],
)
def test_terms_are_found_when_complete_and_watched_until_then(terms, pieces, found, alive):
    assert scan(terms, *pieces) == (found, alive)


COSTLY = ALL - {Fold.TONES}


@pytest.mark.parametrize(
    ("pieces", "found", "alive"),
    [
        (["zha", "dan"], [(0, 6)], [0, None]),
        (["炸", "d", "an"], [(0, 4)], [0, 0, None]),
        (["诈", "dan"], [(0, 4)], [0, None]),
        (["zha", "弹"], [(0, 4)], [0, None]),
        (["zha", "x"], [], [0, None]),
        (["zha", "蛋"], [(0, 4)], [0, None]),
        (["zha", "单"], [], [0, None]),
        (["炸", "x"], [], [0, None]),
        (["xzha", "dan"], [], [None, None]),
        (["炸", "弹"], [(0, 2)], [0, None]),
    ],
)
def test_letters_and_characters_may_stand_for_each_other(pieces, found, alive):
    assert scan(["炸弹"], *pieces, folds=COSTLY) == (found, alive)


def test_many_candidates_are_taken_for_one_that_goes_on():
    """Beyond 32 terms that begin so, none is looked at: text is held, never shown too early."""
    terms = [f"炸弹{chr(0x4E00 + at)}" for at in range(60)]
    _, alive = scan(terms, "炸d", folds=COSTLY)
    assert alive == [0]


def test_bare_digits_are_no_term():
    found, _ = scan(["bob"], "808 8o8", folds=DEFAULT | {Fold.DIGITS})
    assert found == [(4, 7)]


def test_a_window_knows_its_neighbours():
    window = Window("a\u200bb \u200b", origin=10)
    assert (window.end, window.cut(10, 12)) == (15, "a\u200b")
    assert (window.before(12), window.before(10)) == ("a", "")
    assert (window.after(11), window.after(14)) == ("b", "")
    assert window.splits_word(11)
    assert not window.splits_word(13)
    assert window.begins_inside(12)
    assert not window.begins_inside(11)
    assert window.ends_word(13)
    assert not window.ends_word(10)
