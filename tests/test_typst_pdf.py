import re
from dataclasses import replace
from datetime import timedelta

import pytest

from kanhe.adapters import typst_pdf
from kanhe.adapters.typst_pdf import CJK, pages, pdf, require_cjk
from kanhe.errors import ReportError
from kanhe.report.printed import Handed, printed
from kanhe.terms import Text
from needs import absent
from statuses import NOW, status, unsound

STATUS = status()
HANDED = Handed("示例服务", NOW)


@pytest.fixture(autouse=True)
def cjk():
    try:
        typst_pdf._fonts()
    except ReportError as error:
        absent(str(error), error.advice)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_status_becomes_a_pdf_with_its_fonts_inside(language):
    made = pdf(printed(STATUS, HANDED, language), NOW)
    assert made.startswith(b"%PDF-")
    assert re.search(rb"/BaseFont */[A-Z]{6}\+NotoSansCJK", made) or b"NotoSansCJK" in made
    assert len(made) < 2_000_000


def test_the_same_status_becomes_the_same_bytes():
    """Planted: the clock of the machine in the file."""
    data = printed(STATUS, HANDED, "en")
    assert pdf(data, NOW) == pdf(data, NOW)
    assert pdf(data, NOW) != pdf(data, NOW + timedelta(days=1))


def test_what_is_data_is_never_a_command_of_the_typesetter():
    """Each of these would end the compilation, or the page, were it read as markup."""
    evil = '#panic("read") ")) #panic() $ * _ ` < > \\ @none // [ ] #let x = \n = head \u0000'
    first = STATUS.lines[0]
    duty = replace(first.obligation, title=Text(evil, evil))
    hostile = replace(STATUS, lines=(replace(first, obligation=duty, reasons=(Text(evil, evil),)),))
    assert pdf(printed(hostile, Handed(evil, NOW), "en"), NOW).startswith(b"%PDF-")


def test_an_unsound_ledger_and_an_empty_status_are_set_too():
    assert pdf(printed(unsound(), HANDED, "zh"), NOW)
    assert pdf(printed(replace(STATUS, lines=(), due=()), HANDED, "zh"), NOW)


def test_pages_are_pictures():
    found = pages(printed(STATUS, HANDED, "zh"), ppi=20)
    assert len(found) > 3
    assert all(page.startswith(b"\x89PNG") for page in found)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_board_ends_on_the_first_page(language):
    """Planted: two rows of it on a page that is empty else, as the English report once had."""
    data = printed(STATUS, HANDED, language)
    one_row = data | {"board": data["board"][:1]}
    assert len(pages(data, ppi=10)) == len(pages(one_row, ppi=10))


def test_a_report_that_has_less_than_it_needs_is_a_fault_of_ours():
    with pytest.raises(ReportError, match="typst did not set"):
        pdf({"words": {}}, NOW)


def test_without_chinese_characters_it_says_what_to_install():
    require_cjk(["DejaVu Sans", CJK[0]])
    with pytest.raises(ReportError) as raised:
        require_cjk(["DejaVu Sans"])
    assert "fonts-noto-cjk" in raised.value.advice
