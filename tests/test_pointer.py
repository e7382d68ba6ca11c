"""JSON pointers, by the examples of RFC 6901, and what is not there."""

import pytest

from kanhe.judge.pointer import at, is_pointer

DOCUMENT = {"foo": ["bar", "baz"], "a/b": 1, "m~n": 8, "": 0, 'k"l': 6, "deep": {"x": [{"y": 2}]}}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/a~1b", 1), ("/m~0n", 8), ("/", 0), ('/k"l', 6),
     ("/deep/x/0/y", 2)],
)  # fmt: skip
def test_a_pointer_finds_what_it_points_to(pointer, value):
    assert is_pointer(pointer)
    assert at(pointer, DOCUMENT) == value


@pytest.mark.parametrize("pointer", ["/foo/2", "/foo/-1", "/foo/00", "/foo/x", "/foo/0/1", "/none",
                                     "/a~1b/c"])  # fmt: skip
def test_what_is_not_there_is_none(pointer):
    assert at(pointer, DOCUMENT) is None


@pytest.mark.parametrize("text", ["", "foo", "foo/0", "/~2", "/a" * 21])
def test_what_is_no_pointer_is_known(text):
    assert not is_pointer(text)
