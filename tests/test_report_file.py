"""A report comes back as it was, and what no version writes is refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from evidence import GOOD, head, judge, line, other_tool, whole
from kanhe.assess.clause import Clause, Finding, Numbered, Signature
from kanhe.assess.head_file import head_json, read_head
from kanhe.assess.line import Part
from kanhe.assess.outcome import Way
from kanhe.assess.plain_json import differences, told
from kanhe.assess.reckon import results
from kanhe.assess.report_file import Written, read_report, write_report
from kanhe.errors import AssessError
from kanhe.terms import Text

SIGNED = Signature(
    "assessment_lead", "hmac-sha256:ab", datetime(2026, 11, 22, tzinfo=UTC), "0" * 64
)
CLAUSE = Clause(
    "cn-bsr-8-1", "cn-gbt45654", "8", (Numbered("cn-tc260-003", "8.1"),), Text("题", "title"),
    Text("文", "text"), Finding.OPEN, (Text("因", "why"),), (4,), True,
)  # fmt: skip


def report():
    lines = [
        *whole(), *whole("model"),
        line(1, part=Part.CHOICE, bank="choices", form="choice:with", slice_="age",
             said={Way.CHOICE: True}, whys={Way.CHOICE: "with"}),
        line(2, part=Part.SWAP, bank="swaps", slice_="age", said={Way.REFUSAL: True}),
        line(2, part=Part.SWAP, bank="swaps", slice_="age", variant="old",
             said={Way.REFUSAL: False}),
    ]  # fmt: skip
    made = head(lines, judge=judge(quality=GOOD), evidence=(other_tool(),))
    return Written(made, results(made, lines), (CLAUSE,), (), "示例", SIGNED.at)


def test_a_report_comes_back_as_it_was():
    one = report()
    assert read_report(write_report(one)) == one
    assert read_head(json.dumps(head_json(one.head)).encode()) == one.head


def test_signing_leaves_its_hash_as_it_was():
    one = report()
    assert one.sha256 == sha256(write_report(one)).hexdigest()
    assert replace(one, signatures=(SIGNED,)).sha256 == one.sha256
    assert replace(one, clauses=()).sha256 != one.sha256


def changed(change):
    whole = json.loads(write_report(report()))
    change(whole)
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"{", "truncated"),
        (b"[" * 100_000, "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"[]", "its form"),
        (changed(lambda one: one.update(form="kanhe-assessment-9")), "its form"),
        (changed(lambda one: one.update(more=1)), "`more`"),
        (changed(lambda one: one.pop("clauses")), "`clauses`"),
        (changed(lambda one: one["head"].pop("root")), "root"),
        (changed(lambda one: one.update(made="2026-11-22T00:00:00")), "time zone"),
        (changed(lambda one: one["head"].update(note="x")), "note"),
        (changed(lambda one: one["head"].update(begun="2026-11-20T08:00:00")), "time zone"),
        (changed(lambda one: one["head"]["tests"][0]["bound"].update(share="1/0")), "fraction"),
        (changed(lambda one: one["results"].update(conclusion="good")), "good"),
        (changed(lambda one: one["results"]["tested"][0]["rates"][0]["whole"]["tally"].update(
            passed=-1)), "less than nothing"),
        (changed(lambda one: None), "not spelt"),
    ],
)  # fmt: skip
def test_what_no_version_writes_is_refused(raw, said):
    with pytest.raises(AssessError, match="cannot be read") as refused:
        read_report(raw)
    assert said in str(refused.value)


def test_a_key_that_stands_twice_is_not_read_in_two_ways():
    """Planted fault caught: reading the last of them, where another program reads the first."""
    raw = write_report(report())
    twice = raw.replace(b'{\n "form"', b'{\n "form": "other",\n "form"', 1)
    with pytest.raises(AssessError, match="not spelt"):
        read_report(twice)


def test_differences_are_named_by_their_place():
    one = {"a": [1, {"b": 0.5}], "c": True, "d": "x"}
    other = {"a": [1, {"b": 0.5 + 1e-12}, 3], "c": 1, "e": None}
    assert [path for path, _, _ in differences(one, other)] == ["a[2]", "c", "d", "e"]
    assert not list(differences(told(report().head), told(report().head)))
