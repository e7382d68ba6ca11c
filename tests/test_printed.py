import json
from dataclasses import replace

import pytest

from kanhe.report.printed import Handed, printed, sentence
from kanhe.report.printed_words import WORDS
from kanhe.status.verdict import Standing
from statuses import NOW, status, unsound

STATUS = status()
HANDED = Handed("示例服务", NOW)


def cover(data):
    return dict(data["cover"])


def test_the_cover_names_service_regime_edition_day_and_the_head_of_the_ledger():
    said = cover(printed(STATUS, HANDED, "zh"))
    assert said["服务"] == "示例服务"
    assert said["法规集版本"] == STATUS.regime.version
    assert said["所依法律之日"] == "2026年11月22日（周日）"
    assert said["状态时点"] == "2026年11月22日（周日）14:05"
    assert said["账本条目数"] == "48,211"
    assert said["账本根哈希"] == bytes(range(32)).hex()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_duty_stands_in_the_board_and_in_the_table(language):
    data = printed(STATUS, HANDED, language)
    rows = [row for part in data["duties"] for row in part["rows"]]
    assert {row["id"] for row in rows} == {line.obligation.id for line in STATUS.lines}
    assert sum(len(row["marks"]) for row in data["board"]) == len(STATUS.lines)
    shown = {row["id"]: row["evidence"] for row in rows}
    for line in STATUS.lines:
        assert shown[line.obligation.id] == [f"{index:,}" for index in line.evidence]


def test_all_that_is_open_is_told_once_with_its_next_step():
    for part in printed(STATUS, HANDED, "en")["open"]:
        told = [duty[0] for group in part["groups"] for duty in group["duties"]]
        stands = [x.obligation.id for x in STATUS.lines if x.standing == part["standing"]]
        assert sorted(told) == sorted(stands)
        assert all(group["reasons"] for group in part["groups"])


def test_the_sentence_counts_what_applies():
    """Planted: what does not apply counted as open."""
    count = STATUS.counts
    open_ = count[Standing.MET] + count[Standing.GAP] + count[Standing.STALE]
    applying = open_ + count[Standing.UNKNOWN]
    assert f"{applying}项义务" in sentence(STATUS).zh
    assert sentence(STATUS).en.startswith(f"Of {applying} obligations")


def test_deadlines_say_how_they_were_counted():
    first, second, third = printed(STATUS, HANDED, "zh")["due"]
    assert (first["overdue"], second["overdue"], third["provisional"]) == (True, False, True)
    assert all(one["how"] for one in (first, second, third))


def test_an_unsound_ledger_is_the_first_thing_to_be_read():
    data = printed(unsound(), HANDED, "en")
    assert data["sound"] is False
    assert "entry 31337" in data["unsound"]
    assert cover(data)["Ledger root"] == "—"


def test_a_draft_taken_for_law_is_named_on_the_cover():
    draft = next(one for one in STATUS.regime.sources.values() if not one.force.binds)
    data = printed(replace(STATUS, as_if=draft.id), HANDED, "en")
    assert cover(data)["Draft taken for law"] == draft.title.en


def test_all_of_it_is_data_and_every_word_has_two_languages():
    assert json.loads(json.dumps(printed(STATUS, HANDED, "zh")))
    assert all(text.zh and text.en for text in WORDS.values())
