"""`kanhe status`, `scope` and `attest` as people type them, without a service."""

import json

import pytest
from click.testing import CliRunner

from histories import add, data_directory, requests
from kanhe.adapters.ledger_directory import entries_from
from kanhe.cli.main import main
from kanhe.ledger.entry import decode
from kanhe.ledger.proof import parse
from ledgers import KEY


@pytest.fixture
def data(tmp_path):
    return data_directory(tmp_path)


@pytest.fixture
def run(data, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))

    def run(*words, code=0, said=None):
        words = [*words, "--data", str(data), "--language", "en"]
        result = CliRunner().invoke(main, words, input=said)
        assert code is None or result.exit_code == code, result.output
        return result.output

    return run


def entries(data):
    return [decode(raw) for _, raw in entries_from(data / "ledger", KEY, 0)]


def control(run):
    return json.loads(run("attest", "list", "--json"))[0]["control"]


def a_gap(run):
    run("scope", "--set", "public=y")
    run("attest", control(run), "--yes", "--not-done")


def test_answers_decide_what_applies_and_are_recorded(run, data):
    told = run("scope", "--set", "public=y", "--set", "opinion=y")
    assert "By your answers" in told
    assert "Recorded as entry 0." in told
    assert entries(data)[0].facts["answers"] == {"public": True, "opinion": True}
    run("scope", "--set", "minors=n")
    assert entries(data)[1].facts["answers"] == {"public": True, "opinion": True, "minors": False}
    assert "minors" in run("scope", "--show")


def test_a_dry_run_records_nothing(run, data):
    told = json.loads(run("scope", "--set", "public=n", "--dry-run", "--json"))
    assert told["counts"]["not-applicable"] > 100
    assert told["entry"] is None
    assert not (data / "ledger").exists()


def test_answers_are_read_from_a_file(run, data, tmp_path):
    file = tmp_path / "answers.yaml"
    file.write_text("public: true\nlaunched: 2026-01-05\nmedia: [text, image]\nusers: 3\n")
    assert "no question 'users'" in run("scope", "--answers", str(file), code=1)
    file.write_text("public: true\nlaunched: 2026-01-05\nmedia: [text, image]\n")
    run("scope", "--answers", str(file))
    assert entries(data)[0].facts["answers"] == {
        "public": True, "launched": "2026-01-05", "media": ["text", "image"]
    }  # fmt: skip


def test_all_that_is_wrong_with_a_file_of_answers_is_told_at_once_with_its_line(
    run, data, tmp_path
):
    file = tmp_path / "answers.yaml"
    file.write_text(
        "launched: 2026-13-01\npublic: maybe\npublic: yes\nmedia: [text, smell]\n"
        "registered_users: -3\nnothing: 1\nopinion: {a: b}\n"
    )
    told = run("scope", "--answers", str(file), code=1).splitlines()
    found = [line.removeprefix(f"{file}:") for line in told if line.startswith(str(file))]
    assert [line.split(": ")[0] for line in found] == ["1", "2", "3", "4", "5", "6", "7"]
    assert "Give a day as 2026-11-22" in found[0]
    assert "stands twice" in found[2]
    assert "-3 is less than 0. Give a whole number, 0 or more." in found[4]
    assert "7 faults" in told[0]
    assert not (data / "ledger").exists()


@pytest.mark.parametrize("raw", [b"- public\n", b"", b"public: [\n", b"public: \xff\n"])
def test_a_file_without_answers_is_told_with_its_line(run, tmp_path, raw):
    file = tmp_path / "answers.yaml"
    file.write_bytes(raw)
    assert f"{file}:" in run("scope", "--answers", str(file), code=1)


def test_a_file_may_write_yes_and_numbers_as_the_terminal_reads_them(run, data, tmp_path):
    file = tmp_path / "answers.yaml"
    file.write_text("public: on\ncompanion: y\nminors: no\nregistered_users: 1_000\nmedia: text\n")
    run("scope", "--answers", str(file))
    facts = entries(data)[0].facts["answers"]
    assert (facts["public"], facts["companion"], facts["minors"]) == (True, True, False)
    assert facts["registered_users"] == 1000
    assert facts["media"] == ["text"]


def test_all_wrong_options_are_told_at_once_in_our_words(run):
    told = run("scope", "--set", "launched=tomorrow", "--set", "registered_users=-3", code=2)
    assert "isoformat" not in told
    assert "--set launched: 'tomorrow': give a day, e.g. 2026-11-22" in told
    assert "--set registered_users: -3 is less than 0: give a whole number, 0 or more" in told


def test_the_questions_are_put_one_after_the_other_and_a_wrong_answer_again(run, data):
    run("scope", said="perhaps\nn\n\n")
    assert entries(data)[0].facts["answers"]["public"] is False


@pytest.mark.parametrize("said", ["public=maybe", "public", "nothing=y", "launched=soon"])
def test_an_answer_that_is_none_is_a_fault_of_use(run, said):
    run("scope", "--set", said, code=2)


def test_the_status_tells_one_sentence_and_exits_by_what_it_finds(run):
    run("scope", "--set", "public=n")
    told = run("status")
    assert told.startswith("0 of ")
    run("status", "--strict", "--only", "unknown", code=0)
    a_gap(run)
    run("status", code=1)
    assert run("status", "--quiet", code=1) == ""
    run("status", "--area", "nowhere", code=2)
    run("status", "--only", "good", code=2)
    run("status", "no-duty", code=1)


def test_the_status_as_json_counts_what_it_lists(run):
    a_gap(run)
    told = json.loads(run("status", "--json", code=1))
    standings = [duty["standing"] for duty in told["obligations"]]
    assert {one: standings.count(one) for one in told["counts"]} == told["counts"]
    assert told["ledger"]["sound"]
    area = next(one["area"] for one in told["obligations"] if one["standing"] == "gap")
    some = json.loads(run("status", "--json", "--only", "gap", "--area", area, code=1))
    assert {duty["standing"] for duty in some["obligations"]} == {"gap"}
    assert {duty["area"] for duty in some["obligations"]} == {area}


def test_a_question_that_is_open_is_no_gap_and_lets_no_pipeline_pass(run):
    run("scope", "--set", "public=y")
    told = json.loads(run("status", "--json", code=1))
    assert told["counts"]["gap"] == 0
    assert "Not yet answered" in json.dumps(told["obligations"])


def test_an_earlier_day_and_a_draft_can_be_asked_for(run):
    run("scope", "--set", "public=y")
    then = json.loads(run("status", "--at", "2023-06-01", "--as-if", "cn-imd", "--json"))
    sources = {duty["source"]["id"] for duty in then["obligations"]}
    assert "cn-imd" in sources
    assert "cn-im" not in sources
    assert then["ledger"]["entries"] == 0
    assert "cn-imd" not in json.dumps(json.loads(run("status", "--json", code=1))["obligations"])


def test_a_draft_is_asked_about_with_the_answers_of_today_and_its_own_duties_come_first(run):
    run("scope", "--set", "public=y")
    told = run("status", "--at", "2023-05-01", "--as-if", "cn-imd")
    assert "What applies is decided by later answers: those of" in told
    assert told.index("Duties of the draft (") < told.index("It became: cn-im-")
    found = json.loads(run("status", "--at", "2023-05-01", "--as-if", "cn-imd", "--json"))
    assert found["answers"] == {"public": True}
    assert found["answers_later"]["entry"] == 0
    assert any(duty["changed_in"] for duty in found["obligations"])
    today = json.loads(run("status", "--json", code=1))
    assert today["answers_later"] is None
    assert "later answers" not in run("status", code=1)


def test_what_is_to_be_done_next_is_printed_as_it_is_typed(run, data):
    run("scope", "--set", "public=y")
    told = run("status", "--all", "--regime", "cn-genai", code=None)
    assert f"kanhe scope --data {data} --regime cn-genai\n" in told
    assert f"kanhe serve --data {data}\n" in told, "serve has no --regime"
    assert f": kanhe attest suitability-statement --data {data} --regime cn-genai\n" in told
    told = run("attest", "nobody", "--regime", "eu-ai-act", code=1)
    assert f"`kanhe attest list --data {data} --regime eu-ai-act` names those that are" in told


def test_an_option_that_was_not_given_is_not_printed(run, data, monkeypatch):
    run("scope", "--set", "public=y")
    monkeypatch.setenv("KANHE_DATA", str(data))
    told = CliRunner().invoke(main, ["status", "--language", "en"]).output
    assert "kanhe scope\n" in told


def test_where_nothing_was_judged_the_exit_code_is_1_and_a_line_says_so(run):
    run("scope", "--set", "public=n")
    run("status", "--quiet", code=0)
    run("status", "--known", "1900-01-01", "--quiet", "--strict", code=1)
    assert "nothing was judged" in run("status", "--known", "1900-01-01", code=1)
    assert "nothing was judged" not in run("status")


def test_a_day_before_anybody_answered_is_unanswered_but_as_if_a_draft_were_law(run):
    run("scope", "--set", "public=n")
    run("status", "--at", "2023-10-01", "--quiet", code=1)
    run("status", "--at", "2023-06-01", "--as-if", "cn-imd", "--quiet", code=0)


def test_one_gap_is_told_as_one(run):
    a_gap(run)
    duties = json.loads(run("status", "--json", code=1))["obligations"]
    gap = next(one["id"] for one in duties if one["standing"] == "gap")
    assert "    Gap · since" in run("status", gap, code=1)


def test_what_is_shown_does_not_decide_the_exit_code_and_the_areas_do(run):
    a_gap(run)
    duties = json.loads(run("status", "--json", code=1))["obligations"]
    gap = next(one for one in duties if one["standing"] == "gap")
    bad = {one["area"] for one in duties if one["standing"] == "gap"}
    clean = next(one["area"] for one in duties if one["area"] not in bad)
    run("status", "--only", "met", "--quiet", code=1)
    run("status", "--area", gap["area"], "--only", "met", "--quiet", code=1)
    run("status", "--area", clean, "--quiet", code=0)


def test_a_tampered_ledger_makes_everything_unknown_and_the_exit_code_says_so(run, data):
    run("scope", "--set", "public=y")
    add(data, requests(300))
    path = data / "ledger/tile/entries/001"
    path.write_bytes(path.read_bytes().replace(b'"characters":5', b'"characters":6', 1))
    told = run("status", code=1)
    assert "cannot be believed" in told
    found = json.loads(run("status", "--json", code=1))
    assert set(found["ledger"]) == {"entries", "sound", "why", "entry"}
    assert found["counts"]["met"] == found["counts"]["gap"] == 0


def test_a_duty_is_confirmed_for_a_time_and_proven(run, data, tmp_path):
    run("scope", "--set", "public=y")
    name, paper = control(run), tmp_path / "register.txt"
    paper.write_text("planted")
    told = run("attest", name, "--evidence", str(paper), said="y\n")
    assert "Signed and recorded as entry 2" in told
    facts = entries(data)[2].facts
    assert (facts["control"], facts["done"], len(facts["evidence"])) == (name, True, 1)
    assert (data / "keys/attester.key").stat().st_mode & 0o777 == 0o600
    duties = json.loads(run("status", "--json", code=1))["obligations"]
    duty = next(one for one in duties if any(c["id"] == name for c in one["controls"]))
    assert 2 in duty["evidence"]
    run("status", duty["id"], "--proof", str(tmp_path / "proofs"))
    proof = parse((tmp_path / "proofs" / "2.tlog-proof").read_bytes())
    assert proof.check(KEY).size == 3


def test_what_is_not_signed_is_not_recorded(run, data):
    run("scope", "--set", "public=y")
    run("attest", control(run), said="n\n", code=1)
    assert len(entries(data)) == 1


def test_a_confirmation_is_taken_back(run, data):
    run("scope", "--set", "public=y")
    name = control(run)
    run("attest", name, "--yes", "--not-done")
    run("attest", "withdraw", "2")
    row = json.loads(run("attest", "list", "--json"))[0]
    assert (row["control"], row["entry"]) == (name, None)
    run("attest", "withdraw", "0", code=1)


def test_a_duty_is_confirmed_no_longer_than_the_regime_allows(run):
    run("scope", "--set", "public=y")
    name = control(run)
    run("attest", name, "--yes", "--until", "2099-01-01", code=1)
    run("attest", name, "--yes", "--until", "2020-01-01", code=1)
    run("attest", "no-control", "--yes", code=1)


def test_an_altered_entry_that_is_no_entry_any_more_is_named_all_the_same(run, data):
    run("scope", "--set", "public=y")
    add(data, requests(300))
    path = data / "ledger/tile/entries/001"
    path.write_bytes(path.read_bytes().replace(b'"tag":"', b'"tag:""', 1))
    found = json.loads(run("status", "--json", code=1))
    assert found["ledger"]["entry"] == 256
