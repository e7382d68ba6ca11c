"""Strategies that several tests draw from."""

from __future__ import annotations

from hypothesis import strategies as st

from kanhe.policy.fold import ALL, DEFAULT, Fold
from kanhe.policy.rule import Action, Expression, Mode, Rule, Terms

# Few letters, so that terms overlap, nest and lie across a cut in most examples; with one of every
# kind that a fold treats in its own way: capital, separator, invisible, two homophones (蓝 兰), a
# traditional form (藍), a character and its parts (独 = 犭虫), letters of its sound, a digit.
LETTERS = "abA -\u200b蓝兰藍独犭虫du4"
PLAIN = "ab蓝独du"

words = st.text(alphabet=PLAIN, min_size=1, max_size=4)
fold_sets = st.sampled_from(
    [
        frozenset(),
        frozenset({Fold.CASE}),
        DEFAULT,
        DEFAULT | {Fold.DIGITS},
        DEFAULT | {Fold.HOMOPHONES},
        DEFAULT | {Fold.HOMOPHONES, Fold.PINYIN},
        DEFAULT | {Fold.SPLIT},
        ALL,
    ]
)
patterns = st.sampled_from(
    ["a{2,3}b", "ab|ba", "a[ab]{0,4}b", "独.{0,3}a", "(ab){1,2}", "[^a]b", "蓝?独"]
)
matchers = st.one_of(
    st.lists(words, min_size=1, max_size=3, unique=True).map(lambda found: Terms(tuple(found))),
    patterns.map(Expression),
)


@st.composite
def rules(draw, actions=tuple(Action)):
    return [
        Rule(
            id=f"r{number}",
            category="c",
            matcher=draw(matchers),
            folds=draw(fold_sets),
            fold_min=draw(st.sampled_from([1, 2])),
            word=draw(st.booleans()),
            unless_within=tuple(draw(st.lists(words, max_size=1))),
            action=draw(st.sampled_from(actions)),
            mask="*",
            mode=draw(st.sampled_from([Mode.ENFORCE, Mode.ENFORCE, Mode.SHADOW])),
        )
        for number in range(draw(st.integers(1, 3)))
    ]


pieces = st.lists(st.text(alphabet=LETTERS, min_size=1, max_size=4), max_size=6)
