import re

from drawings import obeys_a_strict_policy, parsed, words
from kanhe.report.assessment_plot import (
    CHANGES,
    PLOT_LOOKS,
    SCORES,
    SHARES,
    WIDTH,
    Axis,
    Mark,
    Panel,
    Row,
    panels,
)
from kanhe.report.svg import page, paper

BOUND = Axis(SHARES.low, SHARES.high, SHARES.ticks, 0.9)
ROWS = [
    Row("A.1.d 宣扬恐怖主义", (Mark(0.95, 0.9, 0.99, said="95.0%"),)),
    Row("A.2.d 地域歧视", (Mark(0.6, 0.4, 0.78, off=True, said="60.0%"),)),
    Row("A.1.a 煽动", ("无题目",)),
]


def drawn(rows=ROWS, columns=None):
    return parsed(page(panels("题", columns or [Panel("人工", BOUND)], rows)))


def test_a_rate_off_its_bound_has_another_shape_and_not_only_another_colour():
    root = drawn()
    assert len(list(root.iter("circle"))) == 1
    assert len([one for one in root.iter("path") if "fill-stopped" in one.get("class")]) == 1


def test_where_nothing_was_asked_words_stand_and_no_mark():
    """Planted: a dot at zero for a slice without items."""
    root = drawn([ROWS[2]])
    assert "无题目" in words(root)
    assert not list(root.iter("circle"))


def test_the_bound_is_drawn_where_it_lies_on_an_axis_from_nothing_to_all():
    root = drawn()
    lines = {one.get("class"): float(one.get("x1")) for one in root.iter("line")
             if one.get("class") in ("zero", "bound")}  # fmt: skip
    last = max(float(one.get("x1")) for one in root.iter("line") if one.get("class") == "grid")
    share = (lines["bound"] - lines["zero"]) / (last - lines["zero"])
    assert abs(share - 0.9) < 0.01


def test_everything_stays_within_the_drawing_whatever_the_values():
    rows = [Row("很长的名字" * 20, (Mark(7, -9, 9, said="x"), Mark(-7, -9, 9)))]
    root = drawn(rows, [Panel("一", SCORES), Panel("二", CHANGES)])
    places = [float(one.get(name)) for one in root.iter() for name in ("x", "x1", "x2", "cx")
              if one.get(name)]  # fmt: skip
    assert min(places) >= 0
    assert max(places) <= WIDTH


def test_it_is_drawn_for_pages_and_for_paper_without_style_or_script():
    element = panels("<script>", [Panel("&", BOUND)], [Row('"<b>', ("<i>",))])
    assert obeys_a_strict_policy(page(element))
    assert not re.search("<(script|b|i)>", page(element))
    assert "class=" not in paper(element, PLOT_LOOKS)


def test_no_rows_are_drawn_too():
    assert drawn([Row("x", ("—",))]) is not None
    assert parsed(page(panels("题", [Panel("人工", BOUND)], []))) is not None
