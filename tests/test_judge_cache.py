"""The cache of opinions: bounded, of one judge, and without a text in it."""

import gc

from hypothesis import example, given
from hypothesis import strategies as st

from kanhe.adapters.judge_cache import OpinionCache, key
from kanhe.judge.port import Opinion, Question

short = st.text(alphabet="ab\0\ud800", max_size=3)
questions = st.builds(Question, short, short, st.sampled_from(["prompt", "answer"]))


@given(questions, questions)
@example(Question("ab", "c"), Question("a", "bc"))
@example(Question("a"), Question("a", whose="answer"))
def test_only_the_same_question_has_the_same_name(one, other):
    """Planted: without the lengths, ("ab", "c") and ("a", "bc") share one opinion."""
    assert (key(one) == key(other)) is (one == other)
    assert len(key(one)) == 32


def test_the_opinions_asked_for_last_are_kept():
    cache = OpinionCache(2)
    names = [key(Question(text)) for text in "abc"]
    for n, name in enumerate(names):
        cache.keep(name, Opinion(n / 10), "j")
        cache.get(names[0])
    assert len(cache) == 2
    assert [cache.get(name) for name in names] == [Opinion(0.0), None, Opinion(0.2)]


def test_another_judge_has_opinions_of_its_own():
    cache = OpinionCache(9)
    name = key(Question("a"))
    cache.keep(name, Opinion(0.1), "old")
    cache.keep(key(Question("b")), Opinion(0.9), "new")
    assert cache.get(name) is None


def test_a_cache_of_none_keeps_none():
    cache = OpinionCache(0)
    cache.keep(key(Question("a")), Opinion(0.1), "j")
    assert cache.get(key(Question("a"))) is None


def test_no_text_is_kept():
    cache = OpinionCache(9)
    cache.keep(key(Question("planted-text-7")), Opinion(0.1), "j")
    gc.collect()
    held = [one for one in gc.get_referents(cache) if isinstance(one, dict)]
    assert held
    assert "planted-text-7" not in repr(held)
