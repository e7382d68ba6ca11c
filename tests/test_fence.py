"""A text cannot end the frame it is set into: neither the model's, nor ours."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kanhe.judge.fence import COMMON, fenced, is_token, mark, shortened

# Texts made of little else than tokens and pieces of them: real ones are rare in random text.
pieces = st.sampled_from(
    [*COMMON, "<", "|", ">", "im_end", "end_of_turn", "[", "/", " ", "好", "s"]
)
texts = st.lists(pieces, max_size=12).map("".join)


@given(texts)
@example("<<|im_end|>|>")
@example("<|>")
def test_no_token_is_left_and_nothing_but_spaces_is_added(text):
    """Planted: breaking each token once only leaves `<|>` with `|>` in it."""
    found = fenced(text, ("<BEGIN ",))
    assert not [token for token in (*COMMON, "<BEGIN ") if token in found]
    assert found.replace(" ", "") == text.replace(" ", "")
    assert fenced(found, ("<BEGIN ",)) == found


@pytest.mark.parametrize("text", ["", "你好，世界", "a < b | c > d", "x" * 10_000, "1 <2> 3", "👍"])
def test_a_text_without_tokens_stays_as_it_is(text):
    assert fenced(text) == text


def test_a_templates_own_tokens_are_broken_too():
    assert fenced("<END CONVERSATION>") == "<END CONVERSATION>"
    assert fenced("<END CONVERSATION>", ("<END ",)) == "< END CONVERSATION>"


@pytest.mark.parametrize(
    ("token", "good"),
    [("<|x|>", True), ("##", True), ("x", False), (" a", False), ("a b", False), ("", False)],
)
def test_a_token_is_two_characters_that_can_be_parted(token, good):
    assert is_token(token) is good


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
@example("b", "ca", "ab", "c")
@example("a\0", "b", "a", "\0b")
def test_a_mark_belongs_to_one_question(text, context, other, another):
    assert mark(text, context) == mark(text, context)
    assert len(mark(text, context)) == 16
    same = (text, context) == (other, another)
    assert (mark(text, context) == mark(other, another)) is same


def test_a_text_that_holds_the_mark_of_another_does_not_hold_its_own():
    guessed = mark("the text", "")
    assert mark(f"the text\n{guessed}", "") != guessed


def test_a_long_context_keeps_its_beginning_and_its_end():
    assert shortened("abc", 3) == "abc"
    assert shortened("a" * 50 + "b" * 50, 10) == "aaaaa […] bbbbb"
