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


def test_every_duty_is_in_the_catalog_and_what_applies_in_the_profile():
    groups = inner(FILES, "catalog.json")["groups"]
    ids = {control["id"] for group in groups for control in group["controls"]}
    assert ids == {line.obligation.id for line in STATUS.lines}
    chosen = inner(FILES, "profile.json")["imports"][0]["include-controls"][0]["with-ids"]
    assert set(chosen) == {
        x.obligation.id for x in STATUS.lines if x.standing is not Standing.NOT_APPLICABLE
    }


def test_only_what_is_met_is_satisfied():
    """Planted: unknown written as satisfied."""
    result = inner(FILES, "assessment-results.json")["results"][0]
    stands = {line.obligation.id: line.standing for line in STATUS.lines}
    for finding in result["findings"]:
        duty = finding["target"]["target-id"].removesuffix("_smt")
        satisfied = finding["target"]["status"]["state"] == "satisfied"
        assert satisfied is (stands[duty] is Standing.MET)
        assert {"name": "standing", "ns": "urn:kanhe:oscal", "value": stands[duty]} in finding[
            "props"
        ]


def test_the_plan_of_action_has_an_item_for_each_gap_and_what_is_stale():
    bad = {x.obligation.id for x in STATUS.lines if x.standing in {Standing.GAP, Standing.STALE}}
    items = inner(FILES, POAM)["poam-items"]
    assert {p["value"] for i in items for p in i["props"] if p["name"] == "obligation"} == bad


def test_where_nothing_is_to_be_done_there_is_no_plan_and_the_notes_say_so():
    files = exported(unsound())
    assert POAM not in files
    assert "The plan of action** is left out" in files[NOTES]


def test_an_empty_status_is_oscal_too():
    files = exported(replace(STATUS, lines=(), due=(), answers={}))
    check(files)


def test_the_notes_tell_what_was_lost_with_the_numbers_of_this_export():
    said = FILES[NOTES]
    for lost in ("Standings", "Two times", "Confidence", "Two languages", "Since", "Evidence"):
        assert f"**{lost}" in said
    assert re.search(rf"\b{STATUS.counts[Standing.UNKNOWN]} obligations of which nothing", said)
