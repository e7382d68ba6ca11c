import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawings import parsed
from kanhe.report.svg import Element, number, page, paper, text


@given(st.text(), st.text())
def test_whatever_is_written_comes_back_as_text_and_nothing_else(words, name):
    """Planted: a `<` or a quote left as it is."""
    drawn = Element("g", {"id": name}, (text(0, 0, words, "value"),))
    root = parsed(page(drawn))
    kept = "".join(char for char in words if char >= " " or char in "\t\n")
    assert [child.tag for child in root] == ["text"]
    assert (root[0].text or "") == kept
    assert set(root.attrib) == {"id"}


def test_looks_are_classes_on_a_page_and_attributes_on_paper():
    drawn = Element("rect", {"x": 1}, look="bar loud")
    assert page(drawn) == '<rect x="1" class="bar loud"/>'
    looks = {"bar": {"fill": "#111", "rx": 1}, "loud": {"fill": "#f00"}}
    assert paper(drawn, looks) == '<rect x="1" fill="#f00" rx="1"/>'


def test_a_look_that_nobody_gave_colours_is_not_drawn_black_in_silence():
    with pytest.raises(KeyError, match="loud"):
        paper(Element("rect", look="loud"), {})


@pytest.mark.parametrize(
    ("value", "written"), [(0, "0"), (0.0, "0"), (10, "10"), (1.25, "1.2"), (100.04, "100")]
)
def test_coordinates_are_short(value, written):
    assert number(value) == written
