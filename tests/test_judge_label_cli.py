"""`kanhe judge label`, from a file of texts to a set that measures a judge."""

import json
from hashlib import sha256

import pytest
from click.testing import CliRunner

from fakes_judge import FakeJudge
from histories import data_directory
from kanhe.adapters.label_store import open_labels
from kanhe.adapters.ledger_directory import entries_from
from kanhe.cli import judge_label
from kanhe.cli.main import main
from kanhe.errors import LedgerError
from kanhe.judge.label_record import CLOSED, ERASED, OPENED
from kanhe.ledger.entry import decode
from ledgers import KEY
from test_labelling import say

TEXTS = [{"text": f"a planted text {n}", "lang": "en", "kind": "prompt", "source": "from here"}
         for n in range(4)]  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data_directory(tmp_path / "kanhe-data")
    (tmp_path / "texts.jsonl").write_text("\n".join(map(json.dumps, [*TEXTS, TEXTS[0]])))
    return tmp_path


@pytest.fixture
def run(place):
    def run(*words, code=0, language="en", **options):
        words = ("judge", *words, "--language", language)
        judge = FakeJudge(lambda asked: 0.9 if asked.text.endswith("1") else 0.1, "embedded")
        done = CliRunner().invoke(main, words, obj=lambda _: {"": judge}, **options)
        assert done.exit_code == code, done.output
        return done

    return run


@pytest.fixture
def opened(run):
    return run("label", "open", "spring", "--set", "texts.jsonl", "--category", "fraud")


def entries(place):
    return [decode(raw) for _, raw in entries_from(place / "kanhe-data" / "ledger", KEY, 0)]


def work(place):
    """Two label everything and differ on the last text; a third decides."""
    store = open_labels(place / "kanhe-data")
    for item in range(4):
        store.add("spring", say(item, "acct-a", "unsafe:fraud" if item in (1, 3) else "safe"))
        store.add("spring", say(item, "acct-b", "unsafe:fraud" if item == 1 else "safe"))
    store.add("spring", say(3, "acct-c", "safe", adjudicates=True))
    store.close()


def test_a_task_is_opened_and_the_ledger_has_numbers_of_it_and_no_text(opened, run, place):
    assert "4 texts, 100% of them" in opened.stdout
    assert "1 text stands twice" in opened.stderr
    [entry] = entries(place)
    assert entry.tag == OPENED
    assert entry.facts == {
        "task": "spring", "items": 4, "doubled_ppm": 1_000_000, "categories": 1,
        "set": sha256((place / "texts.jsonl").read_bytes()).hexdigest(),
    }  # fmt: skip
    [told] = json.loads(run("label", "list", "--json").stdout)
    assert told["counts"]["open"] == 4
    assert "spring  4 条" in run("label", "list", language="zh").stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--category", "politics"), "'politics' is no category; write one of hate, insult"),
        (("--category", "frauds"), "'frauds' is no category; did you mean fraud?"),
        (("--double", "1.5"), "1.5"),
    ],
)
def test_what_cannot_be_opened_is_told(run, words, told):
    done = run("label", "open", "spring", "--set", "texts.jsonl", *words, code=2)
    assert told in done.output


def test_a_name_that_is_taken_or_none_leaves_no_entry(opened, run, place):
    for name, told in (("spring", "spring"), ("Spring 1", "the first no hyphen.")):
        assert told in run("label", "open", name, "--set", "texts.jsonl", code=1).output
    assert len(entries(place)) == 1


def test_what_people_said_becomes_a_set_that_measures_a_judge(opened, run, place):
    work(place)
    told = json.loads(run("label", "progress", "spring", "--json").stdout)
    assert told["counts"] == {
        "open": 0, "disputed": 0, "alone": 0, "agreed": 3, "adjudicated": 1, "skipped": 0
    }  # fmt: skip
    assert told["same"]["value"] == 0.75
    assert "acct-b" in run("label", "progress", "spring").stdout
    out = run("label", "export", "spring", "-o", "out.jsonl").stdout
    digest = sha256((place / "out.jsonl").read_bytes()).hexdigest()
    assert digest in out
    run("label", "close", "spring")
    closed = entries(place)[-1]
    assert closed.tag == CLOSED
    assert closed.facts["exported"] == digest
    assert closed.facts["kappa_ppm"] == 500_000
    measure = ("measure", "--set", "out.jsonl", "--split", "all", "--no-bias", "--json")
    measured = json.loads(run(*measure).stdout)
    assert measured["sets"][0]["sha256"] == digest
    assert measured["figures"]["all"]["all"]["sensitivity"]["value"] == 1
    rows = [json.loads(line) for line in (place / "out.jsonl").read_text().splitlines()]
    assert [(row["label"], row["labels"], row["same"]) for row in rows] == [
        ("safe", 2, 2), ("unsafe", 2, 2), ("safe", 2, 2), ("safe", 3, 2),
    ]  # fmt: skip
    ledger = b"".join(raw for _, raw in entries_from(place / "kanhe-data" / "ledger", KEY, 0))
    for hidden in (b"planted", b"acct-", b"from here"):
        assert hidden not in ledger


def test_a_task_whose_closing_could_not_be_recorded_stays_open(opened, run, place, monkeypatch):
    def fails(*_):
        raise LedgerError("the disk is full", advice="Make room.")

    monkeypatch.setattr(judge_label, "record", fails)
    assert "the disk is full" in run("label", "close", "spring", code=1).output
    monkeypatch.undo()
    monkeypatch.chdir(place)
    run("label", "close", "spring")
    assert "closed already" in run("label", "close", "spring", code=1).output
    assert "[closed]" in run("label", "list").stdout


def test_texts_are_destroyed_after_a_question_and_figures_remain(opened, run, place):
    work(place)
    run("label", "erase", "spring", code=1, input="n\n")
    assert len(entries(place)) == 1
    told = run("label", "erase", "spring", input="y\n")
    assert "still open, with 0 disputes to be decided and 0 texts" in told.stderr
    assert entries(place)[-1].tag == ERASED
    assert "destroyed" in run("label", "export", "spring", "-o", "out.jsonl", code=1).output
    run("label", "close", "spring")
    assert entries(place)[-1].facts["exported"] is None
    assert entries(place)[-1].facts["kappa_ppm"] == 500_000


def test_nothing_settled_is_not_written_unless_somebody_wants_it(opened, run, place):
    done = run("label", "export", "spring", "-o", "out.jsonl", code=1)
    assert "no text of spring is settled" in done.output
    assert not (place / "out.jsonl").exists()
    run("label", "export", "spring", "-o", "out.jsonl", "--allow-empty")
    assert (place / "out.jsonl").read_bytes() == b""


def test_without_a_task_the_command_says_how_to_make_one(run):
    assert "kanhe judge label open" in run("label", "list").stdout
    assert "no labelling task" in run("label", "progress", "nobody", code=1).output


@pytest.mark.parametrize(
    ("words", "offered"),
    [("close s", ["plain,spring"]), ("open x --category fr", ["plain,fraud"])],
)
def test_a_shell_is_offered_tasks_and_categories(opened, words, offered):
    words = f"kanhe judge label {words}"
    env = {"_KANHE_COMPLETE": "bash_complete", "COMP_WORDS": words,
           "COMP_CWORD": str(len(words.split()) - 1)}  # fmt: skip
    done = CliRunner().invoke(main, [], prog_name="kanhe", env=env)
    assert done.output.split() == offered
