"""Expressions for replies: what could take long is refused, with the reason."""

import pytest

from kanhe.judge.expression import Unbounded, bounded


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        (r"\s{0,8}(safe|unsafe)\b", "\n\nunsafe\nS1", "unsafe"),
        (r"Categories:\s{0,4}([^\n]{1,400})", "Categories: A, B\nx", "A, B"),
        (r"(?:<score>\s{0,4})?([Yy]es|[Nn]o)", "<score> no </score>", "no"),
        (r"(a{2}b)", "aab", "aab"),
        (r"(?:ab){0,5}(c)", "ababc", "c"),
    ],
)
def test_a_bounded_expression_finds_its_group(source, text, found):
    assert bounded(source).search(text)[1] == found


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("(a*)", "no bound"),
        ("(a+?)", "no bound"),
        ("(a{3,})", "no bound"),
        ("(a{0,1001})", "no bound"),
        ("((?:a{0,5}){0,5})", "within a repeat"),
        ("(x(?:ab?){2,3})", "within a repeat"),
        ("((?:aa|b){0,9})", "choice"),
        (r"(a{0,400})(b{0,400})", "ways of matching"),
        (r"(a)\1", "looks around or back"),
        ("(?=a)(a)", "looks around or back"),
        ("safe", "no group"),
        ("(", "no regular expression"),
    ],
)
def test_what_could_take_long_is_refused(source, why):
    with pytest.raises(Unbounded, match=why):
        bounded(source)
