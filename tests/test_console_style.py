"""Colours can be read, and the style sheets hold no more than they should."""

import re

import pytest

from kanhe.console.static_files import FOLDER
from kanhe.report import palette

TOKENS = (FOLDER / "tokens.css").read_text(encoding="utf-8")
SHEET = (FOLDER / "console.css").read_text(encoding="utf-8")
READ = ("ink", "quiet", "seal", "jade", "amber", "blue")
"""Colours of text; all of it has to be read on paper and on shade."""


def tokens(selector):
    block = TOKENS[TOKENS.index(selector) :]
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block[: block.index("}")]))


LIGHT, DARK = tokens(":root {"), tokens(':root[data-theme="dark"] {')


def luminance(colour):
    """Give the relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    low, mid, high = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * low + 0.7152 * mid + 0.0722 * high


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", READ)
def test_text_has_a_contrast_of_four_and_a_half(name, theme):
    """Absolute: black on white is 21:1; planted: the grey of lines is too faint for text."""
    assert round(contrast("#000000", "#ffffff"), 1) == 21
    assert contrast(LIGHT["line"], LIGHT["paper"]) < 4.5
    for ground in ("paper", "shade"):
        assert contrast(theme[name], theme[ground]) >= 4.5, ground


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_fields_have_a_contrast_of_three(theme):
    assert contrast(theme["edge"], theme["paper"]) >= 3


def test_both_ways_to_dark_say_the_same():
    system = TOKENS[TOKENS.index("@media") : TOKENS.index(':root[data-theme="dark"]')]
    assert dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", system)) == DARK


def test_light_says_the_same_as_paper():
    for name in ("paper", "ink", "line", "seal", "jade", "amber", "blue"):
        assert LIGHT[name] == getattr(palette, name.upper()), name


def test_colours_stand_in_tokens_only():
    outside = SHEET[: SHEET.index("@media print")]
    assert re.findall(r"#[0-9a-f]{3,8}\b", outside) == []


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.css")), ids=lambda file: file.name)
def test_a_sheet_loads_nothing_and_closes_what_it_opens(file):
    text = file.read_text(encoding="utf-8")
    assert text.count("{") == text.count("}")
    assert not re.search(r"url\(|@import|@font-face", text)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.js")), ids=lambda file: file.name)
def test_scripts_write_no_html(file):
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
