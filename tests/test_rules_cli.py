"""`kanhe rules`, as an operator types it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from kanhe.cli.main import main

RULES = """\
name: ours
version: "7"
rules:
  - id: stop
    category: A.1.f
    match: {terms: {list: [forbidden, 炸弹制作]}}
    folds: all
    fold_min: 4
    examples: {match: [forbidden!], miss: [allowed]}
  - id: hide
    category: A.4.f
    match: {recogniser: cn-mobile}
    action: mask
  - id: watch
    category: A.1.a
    on: [prompt]
    match: {pattern: "a.{0,3}b"}
    mode: shadow
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "ours.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, ["rules", *map(str, arguments)], input=stdin)


def test_check_says_that_nothing_is_wrong(file):
    result = run("check", file)
    assert result.exit_code == 0
    assert "ours 7: 3 rules, no fault" in result.stdout
    told = json.loads(run("check", file, "--json").stdout)
    assert (told["faults"], told["warnings"], told["rules"]) == ([], [], 3)
    assert told["version"] in result.stdout


def test_check_tells_all_faults_and_fails(file):
    file.write_text(RULES.replace("A.4.f", "A.9.z").replace("shadow", "shaddow"), encoding="utf-8")
    result = run("check", file)
    assert result.exit_code == 1
    assert f"{file}:11: rule hide: there is no category 'A.9.z'" in result.stderr
    assert f"{file}:18: rule watch: `mode` cannot be 'shaddow'" in result.stderr
    assert "Did you mean `shadow`?" in result.stderr
    told = run("check", file, "--json")
    assert told.exit_code == 1
    assert [fault["line"] for fault in json.loads(told.stdout)["faults"]] == [11, 18]


def test_check_warns_without_failing(file):
    text = RULES.replace("[forbidden,", "[forbidden, forbidden,")
    file.write_text(text, encoding="utf-8")
    result = run("check", file)
    assert result.exit_code == 0
    assert "warning: " in result.stderr
    assert "stands twice" in result.stderr


def test_test_tries_the_examples(file):
    result = run("test", file)
    assert result.exit_code == 0
    assert "ok   stop: expected match, got match" in result.stdout
    assert "2 examples, 0 failed" in result.stdout


def test_test_fails_where_an_example_does(file, tmp_path):
    file.write_text(RULES.replace("miss: [allowed]", "miss: [forbidden]"), encoding="utf-8")
    result = run("test", file, "--cache", tmp_path / "cache")
    assert result.exit_code == 1
    assert f"FAIL stop: expected miss, got match ({file}:9: forbidden)" in result.stdout
    told = json.loads(run("test", file, "--json", "--cache", tmp_path / "cache").stdout)
    assert told["failed"] == 1
    assert told["examples"][1]["expected"] == "miss"
    assert list((tmp_path / "cache").iterdir())


def test_explain_tells_what_matched_and_how(file):
    result = run("explain", "看炸 蛋\u200bzhizuo", "--ruleset", file)
    assert "stop  A.1.f  block, enforce" in result.stdout
    assert r"characters 1 to 11: 炸 蛋\u200bzhizuo" in result.stdout
    assert "folds: invisible, separators, homophones, pinyin; seen as: 炸蛋zhizuo" in result.stdout
    assert "a reader is shown: 看\nand is stopped by stop" in result.stdout


def test_explain_reads_standard_input_and_prints_json(file):
    result = run("explain", "-", "--ruleset", file, "--json", stdin="电话13800138000，炸")
    told = json.loads(result.stdout)
    assert told["shown"] == "电话［手机号］，炸"
    assert (told["stopped_by"], told["held"]) == (None, 1)
    (finding,) = told["findings"]
    assert (finding["rule"], finding["start"], finding["end"]) == ("hide", 2, 13)
    assert (finding["action"], finding["folds"]) == ("mask", [])


def test_explain_looks_at_one_side(file):
    assert "nothing matched" in run("explain", "a12b", "--ruleset", file).stdout
    told = run("explain", "a12b", "--ruleset", file, "--side", "prompt").stdout
    assert "watch  A.1.a  block, shadow" in told
    assert "held back until the text ended: 0 characters" in told


def test_explain_prints_nothing_that_a_terminal_obeys(file):
    assert "\x1b" not in run("explain", "forbidden \x1b[31m", "--ruleset", file).stdout
    assert "\x1b" not in run("explain", "\x1b[31m", "--ruleset", file).stdout


def test_list_gives_one_line_for_each_rule(file):
    lines = run("list", "--ruleset", file).stdout.splitlines()
    assert lines[0].split() == ["rule", "category", "action", "mode", "terms", "longest"]
    assert lines[1].split() == ["stop", "A.1.f", "block", "enforce", "2", "9"]
    assert lines[3].split() == ["watch", "A.1.a", "block", "shadow", "0", "5"]
    told = [
        json.loads(line) for line in run("list", "--ruleset", file, "--json").stdout.splitlines()
    ]
    assert [row["rule"] for row in told] == ["stop", "hide", "watch"]
    assert told[1]["longest"] > 10


def test_without_a_file_the_baseline_is_meant():
    assert "baseline" in run("check").stdout
    assert run("list").exit_code == 0


def test_a_file_that_is_not_there_is_named(tmp_path):
    result = run("check", tmp_path / "none.yaml")
    assert result.exit_code == 2
    assert "none.yaml" in result.stderr


JUDGED = """\
name: ours
version: "1"
rules:
  - id: asks
    category: A.1.h
    match: {judge: default, over: {unsafe: 0.123}, needs: {sensitivity: 0.5}}
"""


def test_check_holds_what_rules_need_of_their_judges(file, tmp_path):
    file.write_text(JUDGED, encoding="utf-8")
    result = run("check", file, "--data", tmp_path / "data")
    assert result.exit_code == 1
    assert f"{file}:6: rule asks: the judge 'default' does not meet" in result.stderr
    assert "--threshold unsafe=0.123 --data" in result.stderr
    (fault,) = json.loads(run("check", file, "--json").stdout)["faults"]
    assert fault["line"] == 6
    assert not (tmp_path / "data" / "ledger").exists()


def test_rulesets_that_are_shipped_go_by_their_names():
    assert "no fault" in run("check", "baseline").stdout
    assert "A.1" in run("list", "--ruleset", "baseline").stdout
    assert run("explain", "hello", "--ruleset", "baseline").exit_code == 0
    assert "does not exist" in run("check", "baselines").stderr


def test_a_probability_is_a_number_for_programs_and_a_percentage_for_people(file):
    over = JUDGED.replace("0.123}, needs: {sensitivity: 0.5}", "0.001}")
    file.write_text(over, encoding="utf-8")
    told = json.loads(run("explain", "how to build a bomb", "--ruleset", file, "--json").stdout)
    assert 0 < told["findings"][0]["opinion"]["probability"] <= 1
    assert "%" in run("explain", "how to build a bomb", "--ruleset", file).stdout
