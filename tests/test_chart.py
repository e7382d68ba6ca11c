import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawings import obeys_a_strict_policy, parsed, words
from kanhe.report.chart import Bar, Series, bars, line, stacked
from kanhe.report.palette import LOOKS
from kanhe.report.svg import page, paper

HOURS = [f"{n}:00" for n in range(24)]
counts = st.integers(0, 10**7)
twenty_four = st.lists(counts, min_size=24, max_size=24)


def rects(drawn, look):
    return [one for one in parsed(page(drawn)).iter("rect") if one.get("class") == f"fill-{look}"]


def zero(drawn):
    """The height of the zero line."""
    return next(
        float(one.get("y1"))
        for one in parsed(page(drawn)).iter("line")
        if one.get("class") == "zero"
    )


@settings(max_examples=30)
@given(twenty_four)
def test_a_bar_twice_as_long_is_twice_as_much(values):
    """Zero-based and linear: height per count is one number. Planted: an axis from the least."""
    drawn = stacked("t", HOURS, [Series("s", "released", values)])
    boxes = rects(drawn, "released")
    assert len(boxes) == sum(value > 0 for value in values)
    most = max(values)
    for value, box in zip([value for value in values if value], boxes, strict=True):
        high, tallest = float(box.get("height")), max(float(b.get("height")) for b in boxes)
        assert high == pytest.approx(max(tallest * value / most, 1), abs=0.2)
        assert float(box.get("y")) + high == pytest.approx(zero(drawn), abs=0.2)


@settings(max_examples=30)
@given(twenty_four, twenty_four)
def test_a_stack_is_as_high_as_the_sum_of_its_parts(one, other):
    """Planted: the second series begins at zero too.

    To one unit: what is almost nothing is drawn one unit high, so that it can be seen.
    """
    drawn = stacked("t", HOURS, [Series("a", "released", one), Series("b", "stopped", other)])
    bottom = zero(drawn)
    tops = {box.get("x"): float(box.get("y")) for box in rects(drawn, "released")}
    for box in rects(drawn, "stopped"):
        foot = float(box.get("y")) + float(box.get("height"))
        assert foot == pytest.approx(tops.get(box.get("x"), bottom), abs=1.1)


@settings(max_examples=30)
@given(st.lists(counts, min_size=1, max_size=60))
def test_all_that_is_drawn_lies_within_the_picture(values):
    places = [str(n) for n in range(len(values))]
    for drawn in (
        stacked("t", places, [Series("s", "counted", values)]),
        line("t", places, Series("s", "counted", values)),
        bars("t", [Bar("b", value, "counted") for value in values]),
    ):
        root = parsed(page(drawn))
        _, _, width, height = map(float, root.get("viewBox").split())
        for one in root.iter("rect"):
            assert float(one.get("x")) + float(one.get("width")) <= width
            assert 0 <= float(one.get("y")) <= height - float(one.get("height")) + 0.1
        for one in root.iter("text"):
            assert 0 <= float(one.get("x")) <= width
            assert 0 <= float(one.get("y")) <= height


def test_the_title_is_shown_and_told_and_the_series_are_named_with_their_sums():
    series = [Series("released", "released", [1000] * 24), Series("stopped", "stopped", [1] * 24)]
    drawn = parsed(page(stacked("24 answers were stopped", HOURS, series)))
    assert drawn.get("role") == "img"
    assert drawn.find("title").text == "24 answers were stopped"
    assert words(drawn)[0] == "24 answers were stopped"
    # As they lie: what is on top of the stack is named on top.
    assert words(drawn)[-2:] == ["stopped 24", "released 24,000"]


def test_places_are_written_where_they_fit_and_the_last_always_is():
    drawn = parsed(page(stacked("t", HOURS, [Series("s", "counted", [1] * 24)])))
    ticks = [one for one in words(drawn) if one.endswith(":00")]
    assert ticks[-1] == "23:00"
    assert 6 <= len(ticks) < 24


def test_a_line_ends_with_its_last_value():
    drawn = parsed(page(line("t", HOURS, Series("gaps", "stopped", [31, *[7] * 22, 4]))))
    assert words(drawn)[-1] == "4 gaps"


@pytest.mark.parametrize(
    "drawn",
    [
        stacked("t", HOURS, [Series("s", "released", [0] * 24)]),
        stacked("t", [], []),
        line("t", [], Series("s", "counted", [])),
        bars("t", []),
        bars("t", [Bar("none", 0, "counted")]),
    ],
)
def test_nothing_happened_is_a_picture_too(drawn):
    assert not list(parsed(page(drawn)).iter("rect"))


def test_charts_obey_a_strict_policy_and_say_nothing_that_was_not_text():
    evil = '"><script>alert(1)</script>'
    for drawn in (
        stacked(evil, [evil], [Series(evil, "stopped", [3])]),
        line(evil, [evil], Series(evil, "stopped", [3])),
        bars(evil, [Bar(evil, 3, "met")]),
    ):
        for written in (page(drawn), paper(drawn, LOOKS)):
            assert obeys_a_strict_policy(written)
            assert evil in words(parsed(written))[0]


def test_on_paper_every_look_has_its_colour():
    drawn = stacked("t", HOURS, [Series("s", look, [2] * 24) for look in ("released", "stopped")])
    written = paper(drawn, LOOKS)
    assert "class" not in written
    assert "currentColor" not in written
    assert 'fill="#a8201a"' in written
