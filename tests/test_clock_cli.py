import json

import pytest
from click.testing import CliRunner

from kanhe.cli.main import main


def run(*words):
    return CliRunner().invoke(main, ["clock", *words])


def test_every_clock_is_listed_with_its_clause():
    found = {one["id"]: one for one in json.loads(run("list", "--json").output)}
    filing = found["algorithm-filing"]
    assert (filing["amount"], filing["unit"], filing["clause"]) == (
        10,
        "working_days",
        "cn-alg-24-1",
    )
    assert run("list").output.count("\n") == len(found)
    assert "10 个工作日" in run("list", "--language", "zh").output


@pytest.mark.obligation("cn-alg-24-1")
def test_a_deadline_is_told_with_how_it_was_counted():
    told = run("due", "algorithm-filing", "--from", "2026-09-30T15:00", "--known", "2026-11-22")
    assert told.exit_code == 0
    assert told.output.startswith("File the algorithm: Tuesday 20 October 2026, 23:59")
    assert "10 October 2026: day of rest worked to make up for a holiday" in told.output


def test_an_instant_with_a_zone_is_taken_as_it_is_and_known_decides_the_calendar():
    words = ("due", "algorithm-filing", "--from", "2025-12-29T17:00Z", "--json", "--known")
    before = json.loads(run(*words, "2025-11-03").output)
    after = json.loads(run(*words, "2025-11-04").output)
    assert (before["at"], before["provisional"]) == ("2026-01-14T23:59:59+08:00", True)
    assert (after["at"], after["provisional"]) == ("2026-01-14T23:59:59+08:00", False)
    assert before["steps"] != after["steps"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("due", "nothing", "--from", "2026-09-30T15:00"), "`kanhe clock list` names them"),
        (("due", "algorithm-filing", "--from", "yesterday"), "2026-09-30T15:00"),
        (("due", "face-filing", "--from", "2027-12-20"), "has no year 2028"),
        (("list", "--regime", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_told_says_what_to_write(words, said):
    told = run(*words)
    assert told.exit_code != 0
    assert said in told.output


def test_a_year_that_is_not_in_the_data_names_those_that_are_and_how_to_add_it():
    told = run("due", "face-filing", "--from", "2028-03-01").output
    assert "has no year 2028; in the data: " in told
    assert "calendar.yaml" in told
    assert "--known" not in told, "no later knowledge helps"
