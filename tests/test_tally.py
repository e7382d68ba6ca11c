import re

import pytest

from drawings import obeys_a_strict_policy, parsed
from kanhe.report.palette import STANDING
from kanhe.report.tally import alone, logo, mark, symbols
from kanhe.status.verdict import Standing


def drawn(symbol):
    """What a reader who sees no colour sees."""
    hidden = ("fill", "stroke")
    return [
        {k: "none" if v == "none" else "ink" if k in hidden else v for k, v in one.attrib.items()}
        for one in symbol.iter("path")
    ]


def test_each_standing_has_a_shape_of_its_own_in_grey():
    """Planted: stale drawn as met in another colour."""
    found = {one.get("id"): drawn(one) for one in parsed(symbols()).iter("symbol")}
    assert set(found) == {f"t-{standing}" for standing in Standing}
    shapes = [repr(shape) for shape in found.values()]
    assert len(set(shapes)) == len(Standing)


def test_the_left_half_is_the_same_where_the_law_binds_and_the_halves_meet():
    found = {one.get("id"): drawn(one) for one in parsed(symbols()).iter("symbol")}
    assert found["t-met"][0] == found["t-gap"][0] == found["t-unknown"][0]
    assert len(found["t-gap"]) == 1
    assert "stroke-dasharray" in found["t-unknown"][1]


def test_every_shape_lies_within_its_box():
    """Absolute coordinates only in M, L, H, V: read off and compared with 22 by 20."""
    for one in parsed(symbols()).iter("path"):
        for command, rest in re.findall(r"([MLHVAZ])([^MLHVAZ]*)", one.get("d")):
            numbers = [float(n) for n in re.findall(r"[\d.]+", rest)]
            pairs = {"H": [(n, 0) for n in numbers], "V": [(0, n) for n in numbers]}
            ends = [numbers[-2:]] if command == "A" else zip(numbers[::2], numbers[1::2], strict=0)
            for x, y in pairs.get(command, ends):
                assert 0 <= x <= 22, one.get("d")
                assert 0 <= y <= 20, one.get("d")


def test_colours_come_from_the_text_around():
    assert set(re.findall(r'(?:fill|stroke)="([^"]*)"', symbols())) == {"currentColor", "none"}


@pytest.mark.parametrize("standing", Standing)
def test_a_mark_names_its_symbol_and_says_what_it_is_only_if_asked(standing):
    silent = parsed(mark(standing))
    assert silent[0].get("href") == f"#t-{standing}"
    assert silent.get("aria-hidden") == "true"
    told = parsed(mark(standing, 'a "gap" <b>', 16))
    assert (told.get("role"), told.get("height"), told.get("width")) == ("img", "16", "17.6")
    assert told[0].text == 'a "gap" <b>'
    assert told.get("class") == f"tally {standing}"


@pytest.mark.parametrize("standing", Standing)
def test_alone_it_carries_its_colour(standing):
    assert STANDING[standing] in alone(standing)
    assert "#123456" in alone(standing, "#123456")
    assert "currentColor" not in alone(standing)


def test_all_of_it_obeys_a_strict_policy():
    files = [symbols(), logo(), *map(mark, Standing), *map(alone, Standing)]
    assert all(map(obeys_a_strict_policy, files))
    assert len(logo()) < 500
