"""`kanhe judge`, as an operator types it, over judges that are handed in."""

import json

import pytest
from click.testing import CliRunner

from fakes_judge import FakeJudge, said
from histories import data_directory
from kanhe.adapters.ledger_directory import entries_from
from kanhe.cli.main import main
from kanhe.judge.port import Unscored
from kanhe.judge.record import DRIFTED, MEASURED
from kanhe.judge.split import Part
from kanhe.ledger.entry import decode
from ledgers import KEY


def thinks(question):
    """The probability at the end of the text; of every sentence of ours 0.01."""
    try:
        return {"unsafe": (p := said(question)), "fraud": p / 2}
    except (IndexError, ValueError):
        return {"unsafe": 0.01, "fraud": 0.0}


def line(text, label, category="none", **more):
    row = {"text": text, "lang": "en", "kind": "prompt", "label": label, "category": category}
    return json.dumps(row | more)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data_directory(tmp_path / "kanhe-data")
    rows = [line(f"bad {n} 0.{90 - n % 9}", "unsafe", "fraud") for n in range(100)]
    rows += [line(f"good {n} 0.{10 + n % 9}", "safe", lang="zh") for n in range(100)]
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "mine.jsonl").write_text("\n".join(rows))
    only = [line(f"only {n} 0.95", "unsafe", "fraud") for n in range(30)]
    (tmp_path / "sets" / "only.jsonl").write_text("\n".join(only))
    return tmp_path


@pytest.fixture
def run(place):
    def run(*words, judge=None, **options):
        one = judge or FakeJudge(thinks, "embedded", categories=["fraud"])
        other = FakeJudge(lambda _: 0.5, "other")

        def judges(settings):
            return {"": one, "embedded": one, "other": other}

        words = ("judge", *words, "--language", options.pop("language", "en"))
        return CliRunner().invoke(main, words, obj=judges, **options)

    return run


def tags(place):
    ledger = place / "kanhe-data" / "ledger"
    return [decode(raw).tag for _, raw in entries_from(ledger, KEY, 0)] if ledger.exists() else []


MEASURE = ("measure", "--set", "sets", "--split", "all", "--no-bias")


def test_a_measuring_tells_its_figures_and_is_put_on_the_ledger(run, place):
    done = run(*MEASURE)
    assert done.exit_code == 0, done.output
    assert "230 rows (all rows): 130 unsafe, 100 safe" in done.stdout
    assert "100.0 [97.2, 100.0]" in done.stdout
    assert "0.0 [0.0, 3.6]" in done.stdout
    assert "no safe rows: recall only" in done.stdout
    assert "entry 0 of the ledger" in done.stdout
    assert tags(place) == [MEASURED]


def test_a_dry_run_leaves_no_trace(run, place):
    done = run(*MEASURE, "--dry-run")
    assert "nothing was recorded" in done.stdout
    assert not (place / "kanhe-data" / "judges").exists()
    assert tags(place) == []


def test_it_is_told_in_chinese_too(run):
    done = run(*MEASURE, language="zh")
    assert "230 条（全部数据），其中有害 130、无害 100" in done.stdout
    assert "没有无害样本，只有检出率" in done.stdout
    assert "已记入账本，条目 0" in done.stdout


def test_columns_hold_with_chinese_headings_too(run):
    for language in ("en", "zh"):
        lines = run(*MEASURE, language=language).stdout.splitlines()
        (row,) = (one for one in lines if one.startswith("  mine"))
        assert row.index("200") + 3 == 40


def test_figures_as_json_carry_their_intervals_and_the_record(run):
    told = json.loads(run(*MEASURE, "--json").stdout)
    one = told["figures"]["set"]["mine"]["sensitivity"]
    assert (one["value"], one["n"]) == (1.0, 100)
    assert one["low"] == pytest.approx(0.96378, abs=1e-5)
    assert told["figures"]["set"]["only"]["fpr"] is None
    assert told["figures"]["category"]["fraud"]["unsafe"] == 130
    assert told["found"]["fraud/en"]["fn"] == 130
    assert len(told["record"]) == 64
    assert told["recorded"] is True
    dry = json.loads(run(*MEASURE, "--json", "--dry-run").stdout)
    assert dry["recorded"] is False


def test_the_rows_that_measure_are_the_test_part_unless_somebody_says_otherwise(run):
    told = json.loads(run("measure", "--set", "sets", "--json", "--no-bias").stdout)
    assert told["part"] == Part.TEST
    assert 40 < told["figures"]["all"]["all"]["rows"] < 100


def test_a_threshold_is_chosen_on_rows_apart(run):
    done = run("measure", "--set", "sets/mine.jsonl", "--choose", "fpr<=0.02", "--no-bias")
    assert "chosen by fpr<=0.02 on" in done.stdout
    refused = run("measure", "--set", "sets", "--choose", "fpr<=0.02", "--split", "all")
    assert refused.exit_code == 1
    assert "cannot be chosen on the rows that measure it" in refused.stderr


def test_thresholds_can_be_given_by_category(run):
    told = json.loads(run(*MEASURE, "--threshold", "0.4", "--threshold", "fraud=0.3",
                          "--json").stdout)  # fmt: skip
    assert told["thresholds"] == {"unsafe": 0.4, "fraud": 0.3}
    assert told["found"]["fraud/en"]["tp"] == 130


def test_figures_at_a_threshold_that_was_given_come_before_those_of_unsafe(run):
    """Planted: the figures at unsafe 0.5 alone, told as if they were those of fraud."""
    told = run(*MEASURE, "--threshold", "fraud=0.44", "--threshold", "drugs=0.5").stdout
    (row,) = (one for one in told.splitlines() if one.startswith("  fraud ≥0.44"))
    assert "130    49.2 [40.4, 58.1]" in row
    assert "not measured: the judge gives no such probability" in told
    assert told.index("  fraud ≥0.44") < told.index("unsafe ≥0.5") < told.index("  All ")
    assert "thresholds fraud 0.44, drugs 0.5; of unsafe 0.5" in told
    listed = run("list").stdout
    assert listed.index("fraud ≥0.44  sensitivity 49.2") < listed.index("unsafe ≥0.5  sens")


WRONG = {
    "no set": (("measure",), 2, "--set FILE.jsonl"),
    "an empty folder": (("measure", "--set", "kanhe-data/keys"), 2, "--set FILE.jsonl"),
    "no threshold": ((*MEASURE, "--threshold", "2"), 2, "is no threshold"),
    "no category": ((*MEASURE, "--threshold", "shoes=0.5"), 2, "is no threshold"),
    "two ways": ((*MEASURE, "--threshold", "0.5", "--choose", "best=f1"), 2, "exclude"),
    "no aim": (("measure", "--set", "sets", "--choose", "fun"), 1, "nothing to choose"),
    "no judge": (("measure", "nobody", "--set", "sets"), 1, "Name one of: embedded, other"),
    "no record": (("show", "abc"), 1, "no record of a judge begins with 'abc'"),
    "never measured": (("drift",), 1, "has no record to be held against"),
}


@pytest.mark.parametrize(("words", "code", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_the_next_step(run, words, code, told):
    done = run(*words)
    assert (done.exit_code, told in done.stderr) == (code, True), done.stderr


def test_faults_of_a_set_are_told_with_file_and_line(run, place):
    (place / "bad.jsonl").write_text('{"text": 1}\nnope')
    done = run("measure", "--set", "bad.jsonl")
    assert done.exit_code == 1
    assert "bad.jsonl:1: " in done.stderr
    assert "bad.jsonl:2: is no JSON" in done.stderr


def test_rows_that_stand_twice_are_told_and_counted(run, place):
    (place / "twice.jsonl").write_text("\n".join([line("bad 0.9", "unsafe")] * 2))
    done = run("measure", "--set", "twice.jsonl", "--split", "all", "--no-bias")
    assert "twice: 1 of 2 rows stands twice" in done.stderr


def test_categories_apart_are_told_by_themselves(run):
    told = run(*MEASURE, "--apart", "fraud*").stdout
    assert "100 rows (all rows): 0 unsafe, 100 safe" in told
    assert told.index("Apart, in none") < told.index("  fraud")
    data = json.loads(run(*MEASURE, "--apart", "fraud*", "--json").stdout)
    assert data["apart"]["fraud"]["unsafe"] == 130


def test_both_readings_are_told_where_rows_got_no_opinion(run, place):
    rows = [line("MUTE", "unsafe"), line("x 0.9", "unsafe"), line("y 0.1", "safe")]
    (place / "mute.jsonl").write_text("\n".join(rows))
    told = run("measure", "--set", "mute.jsonl", "--split", "all", "--no-bias").stdout
    assert "1 unscored, 0 failed" in told
    assert "Where the caller refuses them: sensitivity 100.0" in told
    assert "Where it lets them through: sensitivity 50.0" in told


def test_identity_bias_is_told_beside_the_figures(run):
    def biased(question):
        return 0.9 if "Muslims" in question.text else thinks(question)

    judge = FakeJudge(biased, "embedded")
    told = run("measure", "--set", "sets", "--split", "all", judge=judge).stdout
    assert "Identity bias" in told
    assert "muslims 12/24" in told
    assert "flagged more than all others" in told
    assert "scores raised by +0.890" in told


def test_the_list_names_judges_with_what_was_measured(run):
    assert "never measured" in run("list").stdout
    run(*MEASURE)
    told = run("list").stdout
    assert "embedded (default)" in told
    assert "230 rows" in told
    (one,) = json.loads(run("list", "--json").stdout)
    assert (one["judge"], one["configured"], len(one["records"])) == ("embedded", True, 1)


def test_records_of_a_judge_that_is_gone_are_listed(run):
    run("measure", "other", *MEASURE[1:])
    assert "other (not in the settings)" in run("list").stdout


def test_a_record_is_shown_by_the_beginning_of_its_hash(run):
    name = json.loads(run(*MEASURE, "--json").stdout)["record"]
    told = run("show", name[:6]).stdout
    assert name in told
    assert "Categories by their own probability" in told
    assert "0.9–1.0" in told
    assert json.loads(run("show", name[:6], "--json").stdout)["entry"] == 0


def test_an_altered_record_is_told_and_not_believed(run, place):
    run(*MEASURE)
    (path,) = (place / "kanhe-data" / "judges" / "records").glob("*.json")
    path.write_bytes(path.read_bytes() + b" ")
    done = run("list")
    assert "was altered" in done.stderr
    assert "never measured" in done.stdout


def test_a_judge_that_stayed_the_same_did_not_drift(run, place):
    run(*MEASURE)
    done = run("drift")
    assert done.exit_code == 0, done.output
    assert "0 rows came out otherwise" in done.stdout
    assert tags(place) == [MEASURED, MEASURED]


def test_a_judge_that_changed_is_found_out_and_put_on_the_ledger(run, place):
    run(*MEASURE)
    worse = FakeJudge(
        lambda one: 0.1 if one.text.startswith("only") else thinks(one), "embedded", version="2"
    )
    done = run("drift", "embedded", judge=worse)
    assert done.exit_code == 1
    assert "another hash" in done.stdout
    assert "100.0% → 0.0%" in done.stdout
    assert tags(place) == [MEASURED, MEASURED, DRIFTED]
    told = json.loads(run("drift", "--json", "--dry-run", "--against",
                          run_first(place), judge=worse).stdout)  # fmt: skip
    assert [one["set"] for one in told["figures"] if one["moved"]] == ["only", None]


def test_a_drifted_judge_stays_so_until_it_is_measured_again_on_purpose(run):
    """Planted: a broken judge, of which the second run was held against the first, and green."""
    first = json.loads(run(*MEASURE, "--json").stdout)["record"]
    broken = FakeJudge(lambda one: 0.1, "embedded", pinned=False)
    for _ in range(3):
        done = run("drift", judge=broken)
        assert done.exit_code == 1
        assert f"Held against the measuring {first[:12]}" in done.stderr
    assert run("list").stdout.count(f"drift, against {first[:12]}") == 3
    (told,) = json.loads(run("list", "--json").stdout)
    assert [one["against"] for one in told["records"]] == [None, first, first, first]
    run(*MEASURE, judge=broken)
    assert run("drift", judge=broken).exit_code == 0


def run_first(place):
    ledger = place / "kanhe-data" / "ledger"
    raw = next(raw for _, raw in entries_from(ledger, KEY, 0))
    return decode(raw).facts["record"][:10]


def test_other_outcomes_under_an_unchanged_hash_are_a_drift_of_their_own(run, place):
    run(*MEASURE)
    one_row = FakeJudge(
        lambda one: 0.1 if one.text == "only 3 0.95" else thinks(one), "embedded",
    )  # fmt: skip
    done = run("drift", judge=one_row)
    assert done.exit_code == 1
    assert "Its hash is the same and covers its weights" in done.stdout
    assert tags(place)[-1] == DRIFTED


def test_sets_that_moved_away_are_named_and_can_be_given(run, place):
    run(*MEASURE)
    (place / "sets").rename(place / "elsewhere")
    done = run("drift")
    assert done.exit_code != 0
    assert "--set" in done.stderr
    assert run("drift", "--set", "elsewhere").exit_code == 0


def test_a_text_is_tried_and_told_in_bars(run):
    told = run("try", "is this fine 0.75").stdout
    assert "unsafe (overall)" in told
    assert "75.0%" in told
    assert told.index("█") > 0
    assert "Fraud" in told


def test_an_answer_is_tried_with_its_prompt(run):
    judge = FakeJudge(thinks, "embedded")
    assert json.loads(run("try", "-", "--context", "how?", "--json", judge=judge,
                          input="so 0.25").stdout)["unsafe"] == 0.25  # fmt: skip
    assert (judge.asked[0].context, judge.asked[0].whose) == ("how?", "answer")


def test_a_judge_that_answers_off_its_menu_is_told(run):
    done = run("try", "x", judge=FakeJudge(lambda _: Unscored("no verdict"), "embedded"))
    assert done.exit_code == 1
    assert "no verdict" in done.stderr


def test_a_guard_model_that_the_settings_do_not_name_can_be_described(place):
    seen = []

    def judges(settings):
        seen.append(settings.judge)
        return {"": FakeJudge(thinks, settings.judge)}

    words = ("judge", *MEASURE, "rubric=http://127.0.0.1:9/v1", "--language", "en")
    done = CliRunner().invoke(main, words, obj=judges)
    assert done.exit_code == 0, done.output
    assert seen == ["rubric"]
    again = CliRunner().invoke(main, ("judge", "drift", *words[-3:]), obj=judges)
    assert "0 rows came out otherwise" in again.stdout


def test_judges_are_closed_whatever_happens(run):
    judge = FakeJudge(thinks, "embedded")
    run("try", "x 0.1", judge=judge)
    run("measure", "nobody", "--set", "sets", judge=judge)
    assert judge.closed


def offered(words, begun=""):
    env = {"_KANHE_COMPLETE": "bash_complete", "COMP_WORDS": f"kanhe {words} {begun}",
           "COMP_CWORD": str(len(words.split()) + 1)}  # fmt: skip
    result = CliRunner().invoke(main, [], prog_name="kanhe", env=env)
    return [line.partition(",")[2] for line in result.output.splitlines() if line]


def test_a_shell_is_offered_judges_records_and_parts(run, place):
    name = json.loads(run(*MEASURE, "--json").stdout)["record"]
    assert offered("judge measure", "em") == ["embedded"]
    assert offered("judge show", name[:4]) == [name[:12]]
    assert offered("judge measure --split", "ca") == ["calibration"]
