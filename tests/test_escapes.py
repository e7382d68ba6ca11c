r"""Text inside text: what a guard sees of JSON escapes is what `json.loads` makes of them.

Planted faults that these properties were seen to catch: half an escape released at the end of a
piece; a pair of surrogates taken as two characters; the raw pieces counted in decoded characters.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
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


def run(some, chunks, *, is_json=True):
    guard, out = EscapedGuard(plan_of(some), json=is_json), ""
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
def test_what_is_released_stands_for_what_the_oracle_allows(some, written, cuts):
    text, raw = written
    # An escape within an escape is read as what it will stand for; see the test of nested JSON.
    assume(not re.search(r"\\u[0-9a-fA-F]{4}", text))
    expected, stop = shown(some, text)
    out, stopped = run(some, cut(raw, cuts))
    # Outside of any string, as here, a mask is written as one.
    assert json.loads('"' + out.replace('"*"', "*") + '"') == expected
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
    guard = EscapedGuard(
        plan_of([rule("ab", action=Action.MASK, mask='"\n"', word=False)]), json=True
    )
    first = guard.feed('"x\\u0061by"').text
    assert first + guard.finish().text == '"x\\"\\n\\"y"'


def test_a_stop_in_what_was_kept_for_its_escape_ends_the_text():
    guard = EscapedGuard(plan_of([rule("\ufffd", word=False, folds=frozenset())]), json=True)
    assert guard.feed("a\\ud83d").stopped_by is None
    release = guard.finish()
    assert (release.text, bool(release.stopped_by)) == ("", True)


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("is_json", [True, False])
def test_json_within_json_is_read_too(depth, is_json):
    raw = "蓝色独角兽"
    for _ in range(depth):
        raw = json.dumps({"a": raw})
    for size in (1, 5, len(raw)):
        pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
        out, stopped = run([rule("蓝色独角兽")], pieces, is_json=is_json)
        assert stopped
        assert "u84dd" not in out


@given(st.text(alphabet='\\u0dD8cC"abn', max_size=24), places, st.booleans())
def test_the_reading_does_not_depend_on_the_cut(raw, cuts, is_json):
    some = [rule("a", word=False, folds=frozenset()), rule("\n", word=False, folds=frozenset())]
    assert run(some, cut(raw, cuts), is_json=is_json) == run(some, [raw], is_json=is_json)


def test_a_mask_where_a_number_stood_is_a_string():
    some = [rule("138", action=Action.MASK, mask="[n]", word=False)]
    guard = EscapedGuard(plan_of(some), json=True)
    parts = [guard.feed('{"n":138,').text, guard.feed('"t":"a138"}').text, guard.finish().text]
    assert json.loads("".join(parts)) == {"n": "[n]", "t": "a[n]"}
