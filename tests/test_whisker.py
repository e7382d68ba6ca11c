"""Rates with intervals lie where their numbers say, on axes that begin at nothing."""

from itertools import pairwise
from xml.etree import ElementTree

from kanhe.report import palette, svg
from kanhe.report.whisker import WIDTH, Dot, Tenth, reliability, whiskers

SVG = "{http://www.w3.org/2000/svg}"
ROWS = [Dot("all", 0.5, 0.25, 0.75, "50 %"), Dot("集" * 60 + "<b>", 1.0, 0.9, 1.0, "100 %")]


def drawn(element):
    return ElementTree.fromstring(svg.page(element))  # noqa: S314 # our own


def test_a_dot_lies_in_the_middle_of_its_axis_and_its_whisker_from_quarter_to_quarter():
    page = drawn(whiskers("Caught", ROWS))
    ticks = {one.text: float(one.get("x")) for one in page.iter(f"{SVG}text")
             if one.get("class") == "tick"}  # fmt: skip
    dots = [float(one.get("cx")) for one in page.iter(f"{SVG}circle")]
    lines = [one for one in page.iter(f"{SVG}line") if one.get("class") == "line-counted"]
    assert dots == [ticks["50%"], ticks["100%"]]
    assert [float(lines[0].get(name)) for name in ("x1", "x2")] == [ticks["25%"], ticks["75%"]]
    assert ticks["0%"] < ticks["25%"]


def test_long_and_hostile_names_stay_within_the_drawing_as_text():
    page = drawn(whiskers("<script>", ROWS))
    assert page.find(f"{SVG}title").text == "<script>"
    values = [one for one in page.iter(f"{SVG}text") if one.get("class") == "value"]
    assert values[2].text.endswith("…")
    assert all(0 <= float(one.get("x")) <= WIDTH for one in values)
    assert (values[1].get("x"), values[1].get("text-anchor")) == (str(WIDTH), "end")


def test_a_drawing_is_no_wider_than_a_telephone():
    """At 360 px a page has 328 px: what is drawn wider is shrunk until nobody can read it."""
    for one in (whiskers("a", ROWS), reliability("b", "c", [Tenth(0.5, 0.5, 0.4, 0.6)])):
        assert float(drawn(one).get("viewBox").split()[2]) <= 340


def test_calibration_that_means_what_it_says_lies_on_the_diagonal():
    tenths = [Tenth(p, p, p / 2, (1 + p) / 2) for p in (0.1, 0.5, 0.9)]
    page = drawn(reliability("Calibration", "probability", tenths))
    spots = [(float(c.get("cx")), float(c.get("cy"))) for c in page.iter(f"{SVG}circle")]
    steps = [(b[0] - a[0], a[1] - b[1]) for a, b in pairwise(spots)]
    assert all(abs(across - up) < 0.2 for across, up in steps)
    assert spots[0][1] > spots[2][1]


def test_both_can_be_printed():
    for one in (whiskers("a", ROWS), reliability("b", "c", [Tenth(0.5, 0.5, 0.4, 0.6)])):
        assert "class=" not in svg.paper(one, palette.LOOKS)
    assert drawn(whiskers("nothing", [])) is not None
