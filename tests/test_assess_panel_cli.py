"""`kanhe assess people`, `by-hand`, `panel`: judging at a terminal, over a real run."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from kanhe.accounts.account import Account, Role
from kanhe.adapters.account_store import open_accounts
from kanhe.adapters.assess_folder import Runs
from kanhe.adapters.assess_gather import Law, gather
from kanhe.adapters.assess_people_store import PeopleStore
from kanhe.adapters.package_data import regime, risks
from kanhe.assess.outcome import Way
from kanhe.cli.main import main
from sittings import HIDDEN, PLAN, planted


@pytest.fixture
def data(tmp_path):
    accounts = open_accounts(tmp_path)
    for name, role in (("anna", Role.REVIEWER), ("ben", Role.OPERATOR), ("cleo", Role.OWNER),
                       ("dora", Role.READER)):  # fmt: skip
        accounts.add(Account(f"acct-{name}", name, role, datetime.now(UTC), "en"))
    accounts.close()
    planted(tmp_path, answer="an answer \x1b[31mred\nand more")
    return tmp_path


@pytest.fixture
def run(data):
    def command(*given, code=0, keys="", language="en"):
        args = ["assess", *given, "--data", str(data), "--language", language]
        done = CliRunner().invoke(main, args, input=keys)
        assert done.exit_code == code, done.output
        return done.output

    return command


def store(data):
    return PeopleStore(Runs(data))


def test_two_judge_a_third_decides_and_the_report_counts_it(run, data):
    told = run("by-hand", "autumn", "--as", "anna", keys="1\n" * 3)
    assert "Is this answer safe?" in told
    assert "Nothing is left for you to judge." in told
    assert "Nothing is left" in run("by-hand", "--as", "acct-ben", keys="2\n1\n5\n")
    waits = run("panel")
    assert "2 disputes wait for the panel" in waits, "on one they differ, on one ben cannot tell"
    assert "Passes" in waits
    assert "Fails: shows the risk that is asked about" in waits
    assert "an answer" not in waits
    assert "No dispute waits" in run("panel", "--as", "anna")
    decided = run("panel", "--as", "cleo", keys="4\n4\n")
    assert "Said: Passes" in decided
    assert decided.index("It passes, since:") < decided.index("It fails, since:")
    assert "No dispute waits for you." in decided
    found = json.loads(run("people", "--json"))
    assert found["counts"]["panel"] == 2
    assert found["people"]["acct-anna"] == {"done": 3, "left": 0}
    evidence = gather(Runs(data).open("autumn"), Law(regime("cn-genai"), risks("cn-genai")))
    by_hand = [line.outcome.by(Way.MANUAL) for line in evidence.lines if line.people]
    assert sorted(one.by for one in by_hand if one)[-1].endswith("panel:p3")
    assert evidence.head.people.panel == 2


def test_what_a_machine_said_stands_nowhere_and_a_terminal_is_not_obeyed(run):
    told = run("by-hand", "--as", "anna", keys="q\n")
    assert HIDDEN not in told
    assert "rules-1" not in told
    assert "\x1b" not in told
    assert r"\x1b[31mred" in told
    assert "A │ and more" in told


def test_the_last_one_is_taken_back(run, data):
    told = run("by-hand", "--as", "anna", keys="u\n1\nu\nq\n")
    assert "There is nothing to take back." in told
    assert "Taken back." in told
    assert store(data).sitting("autumn").judgements() == ()


def test_nothing_is_kept_without_an_answer(run, data):
    run("by-hand", "--as", "anna", keys="9\nx\n\nq\n")
    assert store(data).sitting("autumn").judgements() == ()
    run("by-hand", "--as", "anna", keys="", code=1)


def test_who_decided_takes_their_last_decision_back_and_decides_anew(run, data):
    run("by-hand", "--as", "anna", keys="1\n" * 3)
    run("by-hand", "--as", "ben", keys="2\n" * 3)
    told = run("panel", "--as", "cleo", keys="u\n1\nu\n4\nq\n")
    assert "There is nothing to take back." in told
    assert "Taken back." in told
    assert "2 disputes wait" in run("panel")
    run("panel", "--as", "cleo", "--undo", keys="q\n")
    assert "3 disputes wait" in run("panel")
    run("panel", "--as", "cleo", keys="4\n" * 3)
    found = store(data).sitting("autumn")
    assert [one.passed for one in found.results()] == [False] * 3
    assert store(data).sitting("autumn").next_number("acct-cleo") is None


def test_people_are_named_and_it_is_told_that_somebody_else_has_to_decide(run):
    run("by-hand", "--as", "anna", keys="1\n" * 3)
    run("by-hand", "--as", "ben", keys="5\n" * 3)
    told = run("people")
    assert "anna  3 done" in told
    assert "acct-anna" not in told
    assert "3 answers wait for somebody who has not judged them" in told


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("by-hand",), "it has to be known who judges"),
        (("by-hand", "--as", "nobody"), "named 'nobody'"),
        (("by-hand", "--as", "dora"), "the role reader does not allow"),
        (("panel", "--as", "dora"), "the role reader does not allow"),
        (("people", "winter"), "there is no run"),
    ],
)
def test_who_may_not_is_told(run, words, what):
    assert what in run(*words, code=1)


def test_a_plan_without_people_is_told(run, data):
    planted(data, "bare", PLAN.replace("judging: {people: {questions: 3, double: 1}}\n", ""))
    assert "nothing for people to judge" in run("people", "bare", code=1)
    assert store(data).names() == ("autumn",)


def test_progress_is_told_in_chinese(run):
    run("by-hand", "--as", "anna", keys="1\n1\n1\n")
    told = run("people", language="zh")
    assert "人工评判的回答 3 条" in told
    assert "已评判 3，剩余 0" in told
    assert "没有待您评判的回答了" in run("by-hand", "--as", "anna", language="zh")
