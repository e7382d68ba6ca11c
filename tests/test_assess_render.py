"""The files of a report: whatever stands in a title is shown and never run, in every form."""

import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from xml.etree import ElementTree

import pytest
from docx import Document as opened

from assessments import bare, report
from drawings import obeys_a_strict_policy
from kanhe.adapters import typst_pdf
from kanhe.adapters.assess_render import Format, render, style
from kanhe.assess.clause import Clause
from kanhe.errors import ReportError
from kanhe.report.assessment_paper import paper
from kanhe.report.document import Drawing, visible
from kanhe.report.document_data import drawing
from kanhe.report.document_html import html, looks, policy
from kanhe.report.svg import page
from kanhe.terms import Text
from needs import absent

WHOLE = report()
EVIL = (
    '<script>alert(1)</script><img src=x onerror=alert(1)> #panic("x") $ * _ ` @none \\ '
    "</style>{{7*7}} =cmd \u202egnp.exe \u0000\u0007\ud800"
)


@pytest.fixture(scope="module")
def cjk():
    try:
        typst_pdf._fonts()
    except ReportError as error:
        absent(str(error), error.advice)


def hostile():
    """A report in which everything that people or models name is an attack."""
    evil = Text(EVIL, EVIL)
    clause: Clause = replace(WHOLE.clauses[0], title=evil, why=(evil,))
    target = replace(WHOLE.head.targets[0], model=EVIL)
    evidence = replace(WHOLE.head.evidence[0], title=EVIL, rows=((EVIL, 1, 2),))
    judge = replace(WHOLE.head.judge, name=EVIL, doubts=(("slow", evil),))
    banks = (replace(WHOLE.head.banks[0], title=evil, id=EVIL), *WHOLE.head.banks[1:])
    head = replace(WHOLE.head, title=evil, targets=(target, *WHOLE.head.targets[1:]), banks=banks,
                   evidence=(evidence,), judge=judge)  # fmt: skip
    results = replace(WHOLE.results, warnings=(evil,))
    names = {name: evil for name in WHOLE.names}
    signed = (replace(WHOLE.signatures[0], by=EVIL),)
    return replace(WHOLE, head=head, results=results, clauses=(clause, *WHOLE.clauses[1:]),
                   service=EVIL, names=names, signatures=signed)  # fmt: skip


class Tags(HTMLParser):
    """Counts elements and attributes of a page, and keeps what is inside its style."""

    def __init__(self):
        super().__init__()
        self.tags, self.names, self.style, self.inside = set(), set(), "", ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.inside = tag

    def handle_data(self, data):
        if self.inside == "style":
            self.style += data


def test_a_page_needs_no_script_and_no_other_file():
    read = Tags()
    written = html(paper(WHOLE, "zh"), style())
    read.feed(written)
    assert not read.tags & {"script", "img", "link", "iframe", "object", "form", "base"}
    assert "style" not in read.names
    assert not {name for name in read.names if name.startswith("on")}
    outside = re.sub(r"http://www\.w3\.org/2000/svg", "", written)
    assert "://" not in outside


def test_the_policy_of_the_page_lets_its_own_style_through_and_nothing_else():
    """Planted: a hash of the sheet without the looks; the page then has no style at all."""
    read = Tags()
    written = html(paper(WHOLE, "en"), style())
    read.feed(written)
    assert f'content="{policy(read.style)}"' in written
    assert "default-src 'none'" in policy("") and "unsafe" not in policy("")  # noqa: PT018


def test_what_people_named_is_text_on_the_page():
    """Each of these would run, end the style, or turn the line around."""
    calm, evil = Tags(), Tags()
    calm.feed(html(paper(WHOLE, "zh"), style()))
    written = html(paper(hostile(), "zh"), style())
    evil.feed(written)
    assert evil.tags == calm.tags
    assert evil.names == calm.names
    assert "\u202e" not in written
    assert "⟨U+202E⟩" in written
    written.encode()


@pytest.mark.usefixtures("cjk")
def test_what_people_named_is_no_command_of_the_typesetter_and_no_fault_in_a_file():
    made = render(hostile(), ["zh"])
    assert made["report.zh.pdf"].startswith(b"%PDF-")
    said = "\n".join(one.text for one in opened(BytesIO(made["report.zh.docx"])).paragraphs)
    assert "<script>alert(1)</script>" in said


@pytest.mark.usefixtures("cjk")
def test_the_same_report_is_the_same_bytes_in_every_form():
    """Planted: the clock of the machine in a file."""
    assert render(bare()) == render(bare())


@pytest.mark.usefixtures("cjk")
def test_only_what_is_asked_for_is_written():
    assert set(render(bare(), ["en"], [Format.HTML])) == {"report.en.html"}
    assert set(render(bare())) == {
        f"report.{one}.{form}" for one in ("zh", "en") for form in ("html", "pdf", "docx")
    }


@pytest.fixture(scope="module")
def word(cjk):
    return render(WHOLE, ["zh"], [Format.DOCX])["report.zh.docx"]


def test_a_word_file_has_real_headings_tables_and_pictures_with_words(word):
    document, said = opened(BytesIO(word)), paper(WHOLE, "zh")
    heads = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert heads == [f"{one.number}  {one.text}" for one in said.headings]
    drawn = [one for one in said.blocks if isinstance(one, Drawing)]
    assert len(document.inline_shapes) == len(drawn)
    told = [one._inline.docPr.get("descr") for one in document.inline_shapes]
    assert told == [one.said for one in drawn]
    assert document.core_properties.title == "安全评估报告"
    assert len(document.tables) > 20


def test_a_word_file_has_nothing_that_runs_and_nothing_from_outside(word):
    with zipfile.ZipFile(BytesIO(word)) as had:
        names = had.namelist()
        relations = [had.read(name).decode() for name in names if name.endswith(".rels")]
        for name in names:
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(had.read(name))  # noqa: S314 # our own
    assert not [name for name in names if "vba" in name.lower() or name.endswith(".bin")]
    assert not any('TargetMode="External"' in one for one in relations)


def test_borders_of_a_word_table_stand_where_the_schema_has_them(word):
    """Planted: the borders after the layout; a word processor then calls the file damaged."""
    order = ["tblStyle", "tblW", "jc", "tblBorders", "tblLayout", "tblLook"]
    for table in opened(BytesIO(word)).tables:
        tags = [one.tag.rpartition("}")[2] for one in table._tbl.tblPr]
        assert tags == sorted(tags, key=order.index)


def test_drawings_keep_to_a_strict_policy_and_all_their_looks_are_known():
    for one in paper(WHOLE, "en").blocks:
        if isinstance(one, Drawing):
            assert obeys_a_strict_policy(page(one.element))
            assert "class=" not in drawing(one)
    assert "url(" not in looks()


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [("a\u202eb", "a⟨U+202E⟩b"), ("\u200b", "⟨U+200B⟩"), ("\x00", "⟨U+0000⟩"),
     ("\ud800", "⟨U+D800⟩"), ("行\n列\t", "行\n列\t"), ("é 🙂", "é 🙂")],
)  # fmt: skip
def test_no_character_hides(hidden, shown):
    assert visible(hidden) == shown
