r"""Text inside text: what a guard sees of JSON escapes is what `json.loads` makes of them.

Planted faults that these properties were seen to catch: half an escape released at the end of a
piece; a pair of surrogates taken as two characters; `\\u` taken as an escape after a backslash that
is itself escaped; the raw pieces counted in decoded characters.
"""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kanhe.gateway.escapes import EscapedGuard
from kanhe.policy.rule import Action
from oracle import shown
from strategies import LETTERS, rules
from test_stream import plan_of, rule

ALPHABET = LETTERS + '"\\/\n\t\b\f\r𝕒'


@st.composite
def spelled(draw):
    """(text, its JSON spelling), each character spelled in any way that JSON has."""
    text = draw(st.text(alphabet=ALPHABET, max_size=14))
    raw = "".join(draw(st.sampled_from(ways(char))) for char in text)
    assert json.loads(f'"{raw}"') == text
    return text, raw


def ways(char):
    units = char.encode("utf-16-be").hex(" ", 2).split()
    escaped = "".join(f"\\u{unit}" for unit in units)
    found = [json.dumps(char, ensure_ascii=False)[1:-1], escaped, escaped.upper().replace("U", "u")]
    return [*found, "\\/"] if char == "/" else found


def cut(raw, places):
    edges = sorted({0, len(raw), *(place % (len(raw) + 1) for place in places)})
    return [raw[low:high] for low, high in pairwise(edges)]


def run(some, chunks):
    guard, out = EscapedGuard(plan_of(some)), ""
    taken = ""
    for chunk in [*chunks, None]:
        release = guard.finish() if chunk is None else guard.feed(chunk)
        out += release.text
        taken += chunk or ""
        if release.stopped_by:
            return out, True
        if chunk is not None and "*" not in out:
            assert out + guard.held_text == taken
    return out, False


places = st.lists(st.integers(0, 200), max_size=6)


@given(rules(), spelled(), places)
@example([rule("ab", word=False)], ("ab", "\\u0061\\u0062"), [3, 5, 8])
@example([rule("ab", word=False)], ("\\ab", "\\\\ab"), [1])
@example([rule("A", word=False, folds=frozenset())], ("\\u0041", "\\\\u0041"), [4])
def test_what_is_released_stands_for_what_the_oracle_allows(some, written, cuts):
    text, raw = written
    expected, stop = shown(some, text)
    out, stopped = run(some, cut(raw, cuts))
    assert json.loads(f'"{out}"') == expected
    assert stopped == bool(stop)


@given(spelled(), places)
def test_without_rules_the_spelling_is_unchanged(written, cuts):
    assert run([], cut(written[1], cuts)) == (written[1], False)


@given(st.text(alphabet='\\u0dD8cC"ab', max_size=20), places)
def test_what_is_no_json_passes_unchanged_too(raw, cuts):
    assert run([], cut(raw, cuts)) == (raw, False)


@pytest.mark.parametrize("raw", ["\\ud83d", "\\ud83dx", "\\ud83d\\n", "\\ude00", "\\", "\\u12"])
def test_half_a_pair_or_an_escape_is_no_character_and_is_not_lost(raw):
    assert run([rule("zz")], list(raw)) == (raw, False)


def test_a_mask_is_written_as_json():
    guard = EscapedGuard(plan_of([rule("ab", action=Action.MASK, mask='"\n"', word=False)]))
    first = guard.feed("x\\u0061by").text
    assert first + guard.finish().text == 'x\\"\\n\\"y'


def test_a_stop_in_what_was_kept_for_its_escape_ends_the_text():
    guard = EscapedGuard(plan_of([rule("\ufffd", word=False, folds=frozenset())]))
    assert guard.feed("a\\ud83d").stopped_by is None
    release = guard.finish()
    assert (release.text, bool(release.stopped_by)) == ("", True)
