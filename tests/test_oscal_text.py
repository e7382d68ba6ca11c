"""Held to GitHub's reader of Markdown and the standard library's reader of XML."""

import warnings
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.report.oscal_text import markup, plain

with warnings.catch_warnings():
    # Theirs, at import.
    warnings.simplefilter("ignore")
    import cmarkgfm


def html(words):
    return cmarkgfm.github_flavored_markdown_to_html(words).strip()


def expected(words):
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        words = words.replace(sign, entity)
    return f"<p>{words}</p>"


SIGNS = st.text(st.sampled_from("ab1 .)\\`*_~^<>[]{}()&|#+-=!\"'\n\t\x00\ud800#中"), max_size=30)


@pytest.mark.parametrize("sign", "\\`*_~^<>[]{}&|")
def test_each_sign_that_oscal_or_markdown_may_read_is_escaped(sign):
    assert markup(f"a{sign}b") == f"a\\{sign}b"
    assert plain(f"a{sign}b") == f"a{sign}b"


def test_an_entity_stays_the_letters_that_were_written():
    assert html(markup("&lt;b&gt; &#42;")) == expected("&lt;b&gt; &#42;")


@given(SIGNS)
def test_a_reader_of_markdown_shows_what_was_written(words):
    """Against GitHub's reader of Markdown.

    Planted, each of them found: the backslash, the backtick, `*`, `_`, `~`, `>`, `#`, `+`, `-` or
    the number of a list left as it is. Other signs only OSCAL reads, or only two of them together.
    """
    assert html(markup(words)) == expected(plain(words))


@given(st.text())
def test_plain_words_are_what_xml_can_carry_on_one_line(words):
    said = plain(words)
    assert said == " ".join(said.split()) != ""
    assert ElementTree.fromstring(f"<a b='{escaped(said)}'/>").get("b") == said  # noqa: S314


def escaped(words):
    return "".join(f"&#{ord(sign)};" for sign in words)
