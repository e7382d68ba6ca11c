"""What a report of an assessment says: the conclusion first, its limits, and every figure of it."""

import re
from dataclasses import replace
from fractions import Fraction

import pytest

from assessments import TESTS, bare, report
from kanhe.assess.results import Conclusion
from kanhe.assess.strength import Tally, strength
from kanhe.report.assessment_clause_page import clause_pages
from kanhe.report.assessment_front import evidence, point
from kanhe.report.assessment_paper import paper
from kanhe.report.assessment_say import Say
from kanhe.report.document import (
    Box,
    Document,
    Drawing,
    Facts,
    Heading,
    Points,
    Signing,
    Table,
    Tone,
    Words,
)
from kanhe.terms import Text

WHOLE, BARE = report(), bare()
HAN = re.compile("[\u4e00-\u9fff]")


def texts(document: Document) -> list[str]:
    """Every text of a document, in order."""
    found: list[str] = []
    for block in (*document.cover, *document.blocks):
        match block:
            case Heading(_, _, text, _) | Words(text, _):
                found.append(text)
            case Points(items, _):
                found += items
            case Box(_, _, title, some):
                found += (title, *some)
            case Table(caption, columns, rows):
                found += (caption, *(one.title for one in columns))
                found += [said for row in rows for one in row for said in (one.text, one.below)]
            case Facts(rows):
                found += [said for name, one in rows for said in (name, one.text, one.below)]
            case Signing(places):
                found += [said for one in places for said in (one.role, *one.fields, *one.signed)]
            case _:
                pass
    return [one for one in found if one]


def chapter(document: Document, title: str):
    """The blocks of one chapter."""
    found, inside = [], False
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            inside = block.text == title
        elif inside:
            found.append(block)
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_conclusion_comes_first_and_its_limits_next(language):
    first = paper(WHOLE, language).headings[:2]
    assert [one.number for one in first] == ["1", "2"]
    assert [one.text for one in first] == (
        ["结论", "阅读前须知"] if language == "zh" else ["Conclusion", "What limits it"]
    )
    box = paper(WHOLE, language).blocks[1]
    assert isinstance(box, Box)
    assert box.tone is Tone.BAD


def test_both_languages_have_the_same_shape():
    """Planted: a chapter, a row or a drawing that only one language has."""

    def shape(document):
        return [
            (type(one).__name__, len(one.rows) if isinstance(one, Table | Facts) else 0)
            for one in document.blocks
        ]

    assert shape(paper(WHOLE, "zh")) == shape(paper(WHOLE, "en"))


def test_english_has_no_chinese_but_names():
    told = [one for one in texts(paper(replace(WHOLE, service="demo"), "en")) if HAN.search(one)]
    assert told == []


def test_chinese_sentences_end_as_chinese_ones():
    for block in paper(WHOLE, "zh").blocks:
        if isinstance(block, Words):
            assert block.text.endswith(("。", "：")), block.text
        if isinstance(block, Points):
            assert all(item.endswith("。") for item in block.items)


def test_every_warning_of_the_results_is_told():
    said = "\n".join(texts(paper(WHOLE, "zh")))
    assert WHOLE.results.warnings
    assert all(one.zh in said for one in WHOLE.results.warnings)


def test_every_reason_why_a_test_does_not_conform_is_told_at_the_front():
    front = "\n".join(texts_of(chapter(paper(WHOLE, "zh"), "结论")))
    for test in WHOLE.deciding:
        assert all(why.zh in front for why in test.why)


def texts_of(blocks):
    return texts(replace(paper(WHOLE, "zh"), cover=(), blocks=tuple(blocks)))


def test_every_slice_of_every_test_is_in_its_table_also_one_without_items():
    tables = [one for one in chapter(paper(WHOLE, "zh"), "抽检测试") if isinstance(one, Table)]
    said = [row[0].text for one in tables for row in one.rows]
    for test in WHOLE.results.tested:
        names = {name for rate in test.rates for name in rate.slices} | set(test.missing)
        for name in names:
            risk = WHOLE.regime.risks.get(name)
            assert not risk or said.count(f"{name} {risk.zh}") >= 1
    unknown = [row for one in tables for row in one.rows if "情况未知" in row[1].text]
    assert len(unknown) == sum(len(one.missing) for one in WHOLE.results.tested)


def test_what_was_not_looked_at_has_no_chapter_and_is_named():
    document = paper(BARE, "zh")
    names = {one.text for one in document.headings}
    assert not names & {"健壮性", "公平性", "个人信息保护", "网关与模型对照", "逐条核对"}
    said = "\n".join(texts(document))
    for word in ("健壮性", "公平性", "个人信息泄露", "分类模型判定", "人工判定", "逐条核对"):
        assert re.search(f"未.*{word}", said), word
    assert "预算用尽" in said


def test_a_report_without_clauses_never_conforms_as_a_whole():
    assert BARE.conclusion is not Conclusion.CONFORMS


def test_a_judge_is_told_with_its_errors_and_doubts():
    said = "\n".join(texts_of(chapter(paper(WHOLE, "zh"), "判定方式及其误差")))
    for part in ("90.4%", "95.4%", "95%的答复在1.9秒内返回", WHOLE.head.judge.hash, "0.71"):
        assert part in said


def test_figures_of_every_comparison_are_those_of_the_results():
    said = texts_of(chapter(paper(WHOLE, "zh"), "网关与模型对照"))
    for one in WHOLE.results.routes.values():
        assert f"+{len(one.gained):,} / −{len(one.lost):,}" in said
        assert f"{one.compared:,}" in said


def test_every_variant_ground_and_group_is_drawn_and_told():
    said = texts(paper(WHOLE, "en"))
    for name in ("Base64", "A scene of a novel", "people of Henan", "Region"):
        assert any(name in one for one in said)
    drawings = [one for one in paper(WHOLE, "en").blocks if isinstance(one, Drawing)]
    assert len(drawings) == len(WHOLE.results.tested) + 1 + 2 + 2 + 2
    assert all(one.said for one in drawings)


def test_whoever_signs_has_a_place_and_a_signature_is_shown_with_its_entry():
    place = next(one for one in paper(WHOLE, "zh").blocks if isinstance(one, Signing)).places
    assert [one.role for one in place] == ["单位法定代表人", "评估工作负责人", "法律合规负责人"]
    assert [bool(one.signed) for one in place] == [False, True, False]
    assert "账本条目48,212" in place[1].signed


SAY = Say("en", WHOLE.regime, {})
OUT = TESTS[0]


@pytest.mark.parametrize(
    ("tally", "rule", "strong"),
    [
        (Tally(1000, 0), "Met", "Shows it is kept"),
        (Tally(900, 100), "Met", "Leaves it open"),
        (Tally(899, 101), "Not met", "Leaves it open"),
        (Tally(800, 200), "Not met", "Shows it is not kept"),
        (Tally(20, 0), "Too few", "Leaves it open"),
        (Tally(0, 0, 10), "Not judged", "—"),
    ],
)
def test_the_point_rule_and_the_evidence_are_two_things(tally, rule, strong):
    """Planted: "met" where too few were asked, or where only the evidence is strong."""
    one = strength(tally, OUT.bound)
    assert point(one, OUT.questions, SAY).text == rule
    assert evidence(one, SAY).text == strong


def test_twenty_items_cannot_show_ninety_percent_and_the_cell_says_how_many_can():
    assert "29" in evidence(strength(Tally(20, 0), OUT.bound), SAY).below
    assert OUT.bound.share == Fraction(9, 10)


def test_of_many_reasons_the_first_are_told_and_how_many_more_there_are():
    """Planted: forty reasons in one cell, which ran over the foot of its page."""
    whole = report()
    many = tuple(Text(f"理由{n}", f"reason {n}") for n in range(40))
    clauses_ = tuple(replace(one, why=many) for one in whole.clauses[:1])
    for language, last in (("en", "and 35 more"), ("zh", "另有35项")):
        say = Say(language, whole.regime, whole.names)
        told = [
            cell.text
            for block in clause_pages(replace(whole, clauses=clauses_), say)
            if isinstance(block, Table)
            for row in block.rows
            for cell in row
            if last in cell.text
        ]
        assert told
        assert all("4" in one and "理由5" not in one and "reason 5" not in one for one in told)
