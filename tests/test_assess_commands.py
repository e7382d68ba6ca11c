"""`kanhe assess` plan, run, judge, status, report, compare, gate: what they do, what they say when
they cannot, and how they exit."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest
from click.testing import CliRunner

import courses
from courses import ANSWER, OUT, REFUSE, bank, by_hash
from e2e.scripted import Upstream, whole
from histories import data_directory
from kanhe.adapters.assess_folder import Runs
from kanhe.adapters.assess_journal import open_journal
from kanhe.adapters.assess_ready import TRIAL
from kanhe.adapters.ledger_directory import entries_from
from kanhe.cli.main import main
from kanhe.ledger.entry import decode
from ledgers import KEY
from upstream import refusing_url

PACE = "pace: {at_once: 1, retries: 0}\n"


@pytest.fixture(scope="module")
def upstream():
    server = Upstream()
    yield server
    server.close()


@pytest.fixture
def place(tmp_path, monkeypatch, upstream):
    monkeypatch.chdir(tmp_path)
    for name in [one for one in os.environ if one.startswith("KANHE_")]:
        monkeypatch.delenv(name)
    data_directory(tmp_path / "kanhe-data")
    upstream.visits.clear()
    upstream.status, upstream.answer = 200, speaking()
    return tmp_path


def speaking(says=by_hash):
    return lambda body: whole(says(body["messages"][-1]["content"]))


def kan(*words, code=0, language=True):
    """Type a command; nothing may end in a traceback."""
    more = ("--language", "en") if language else ()
    done = CliRunner().invoke(main, ["assess", *map(str, words), *more])
    assert done.exit_code == code, (done.exit_code, done.output, done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    return done


def told(*words, code=0):
    return json.loads(kan(*words, "--json", code=code).stdout)


@pytest.fixture
def plan(place, upstream):
    """Write a plan whose routes are asked at the scripted server."""

    def write(*banks, file="plan.yaml", more="", both=False, url="", name="mine", key=""):
        some = banks or (bank(place, OUT, 6), bank(place, REFUSE, 4), bank(place, ANSWER, 3))
        targets = (courses.BOTH if both else courses.MODEL).replace(
            "http://127.0.0.1:9/v1", url or upstream.url
        )
        if key:
            targets = targets.replace("model: demo}", f"model: demo, key_env: {key}}}")
        (place / file).write_bytes(courses.plan(*some, targets=targets, more=more, name=name))
        return file

    return write


def put(upstream):
    """Give what was asked, but for the trial questions before a run."""
    return [one for one in upstream.visits if TRIAL not in str(one.body)]


def runs(place):
    return Runs(place / "kanhe-data")


def tags(place):
    ledger = place / "kanhe-data" / "ledger"
    if not ledger.is_dir():
        return []
    return [decode(raw).tag for _, raw in entries_from(ledger, KEY, 0)]


# What goes well.


def test_a_plan_says_what_it_comes_to_and_asks_nobody(plan, upstream, place):
    said = told("plan", plan(both=True))
    assert (said["asked"], said["trials"]) == (26, {"gateway": {"bank": 13}, "model": {"bank": 13}})
    assert [one["drawn"] for one in said["banks"]] == [6, 4, 3]
    assert said["within_budget"] is True
    assert "6 of 6 questions: 1000 are demanded" in kan("plan", "plan.yaml").stdout
    assert not upstream.visits
    assert not runs(place).folder.exists()


def test_a_plan_to_begin_with_is_one_that_is_read(place):
    kan("plan", "--new", "fresh.yaml")
    said = told("plan", "fresh.yaml")
    assert [one["demanded"] for one in said["banks"]] == [1000, 300, 300]
    done = kan("plan", "--new", "fresh.yaml", code=1)
    assert "is there already" in done.output


def test_a_plan_to_begin_with_asks_the_service_at_the_port_of_the_settings(place, monkeypatch):
    monkeypatch.setenv("KANHE_PORT", "9191")
    kan("plan", "--new", "fresh.yaml")
    assert "http://127.0.0.1:9191/v1" in (place / "fresh.yaml").read_text()


def test_a_plan_says_where_each_raises_a_number_and_whether_keys_are_set(plan, place, monkeypatch):
    """Planted fault caught: "2 of 6 questions", and six asked."""
    raw = (place / plan(bank(place, REFUSE, 6), key="DEMO_KEY")).read_text()
    raw = raw.replace("questions: 1000}", "questions: 2, each: 2}")
    (place / "plan.yaml").write_text(raw)
    said = told("plan", "plan.yaml")
    assert (said["asked"], said["banks"][0]["drawn"], said["keys"]) == (4, 4, {"DEMO_KEY": False})
    shown = kan("plan", "plan.yaml").stdout
    assert "4 of 6 questions (`each` raises 2 to 4)" in shown
    assert "key DEMO_KEY: not set" in shown
    monkeypatch.setenv("DEMO_KEY", "planted-key")
    assert "key DEMO_KEY: set" in kan("plan", "plan.yaml").stdout


def test_a_run_ends_with_its_report_and_the_ledger_knows_each_step(plan, place, upstream):
    plan()
    said = told("run", "plan.yaml", "--name", "first")
    assert (said["run"], said["total"], said["done"], said["why"]) == ("first", 13, 13, "done")
    assert len(put(upstream)) == 13
    again = told("run", "plan.yaml")
    assert (again["run"], again["asked"], len(put(upstream))) == ("first", 0, 13)
    made = told("report", "--format", "html", "--in", "en")
    assert made["run"] == "first"
    assert [one.rpartition("/")[2] for one in made["files"]] == [
        "report.json", "lines.jsonl", "report.en.html",
    ]  # fmt: skip
    once = told("report", "--format", "html", "--in", "en")
    assert once["sha256"] == made["sha256"], "its own entry changes nothing that a report says"
    twice = told("report", "--format", "html", "--in", "en")
    assert (once["sha256"], once["entry"]) == (twice["sha256"], twice["entry"])
    kan("verify", made["files"][0], language=False)
    order = [one for one in tags(place) if one.startswith("assess:")]
    assert order[:4] == ["assess:bank:seen"] * 3 + ["assess:run:begun"]
    assert order[4] == "assess:run:ended"
    assert order.count("assess:report:made") == len({made["sha256"], twice["sha256"]})


def test_status_says_how_far_each_run_is_and_when_it_is_due(plan, place):
    plan(more="every_days: 30\n")
    assert told("status") == []
    kan("run", "plan.yaml", "--name", "first")
    (one,) = told("status")
    assert (one["run"], one["total"], one["done"], one["why"]) == ("first", 13, 13, "done")
    assert (one["overdue"], one["report"], one["eta_s"]) == (False, [], None)
    assert "due again" in kan("status", "first").stdout
    (runs(place).folder / "first" / "plan.yaml").write_bytes(b"id: [")
    (one,) = told("status")
    assert one["fault"]
    assert kan("status").stdout.startswith("first  ")


def test_a_run_that_is_not_due_asks_nothing_and_one_that_is_begins_anew(plan, place, upstream):
    plan(more="every_days: 30\n")
    kan("run", "plan.yaml", "--if-due")
    number = len(put(upstream))
    said = told("run", "plan.yaml", "--if-due")
    assert (said["run"], said["why"], len(put(upstream))) == (None, "not-due", number)
    (first,) = runs(place).names()
    folder = runs(place).open(first)
    begun = folder.manifest.begun - timedelta(days=31)
    folder.write(type(folder.manifest)(**{**fields(folder.manifest), "begun": begun}))
    said = told("run", "plan.yaml", "--if-due")
    assert said["run"] != first
    assert len(put(upstream)) == 2 * number


def fields(manifest):
    return {name: getattr(manifest, name) for name in manifest.__slots__}


def test_the_cache_replays_only_when_asked_and_is_told(plan, place, upstream):
    plan()
    assert told("run", "plan.yaml", "--name", "first", "--cache")["replayed"] == 0
    assert told("run", "plan.yaml", "--new", "--name", "second")["replayed"] == 0
    assert len(put(upstream)) == 26
    said = told("run", "plan.yaml", "--new", "--name", "third", "--cache")
    assert (said["replayed"], len(put(upstream))) == (13, 26)
    kan("report", "third", "--format", "html", "--in", "en")
    page = (runs(place).folder / "third" / "report" / "report.en.html").read_text()
    assert "from the cache" in page
    assert runs(place).open("second").manifest.replayed == 0


# What was spent, down or in use.


def test_a_spent_budget_exits_with_3_and_the_report_counts_what_was_not_asked(plan, place):
    plan(bank(place, REFUSE, 6), more=PACE + "budget: {tokens: 20}\nasking: {max_tokens: 5}\n")
    said = told("run", "plan.yaml", "--name", "first", code=3)
    assert (said["why"], said["done"], said["total"]) == ("budget", 4, 6)
    assert "budget is spent" in kan("run", "plan.yaml", code=3).output
    found = courses.figures(runs(place).open("first"))
    (tested,) = (one for one in found.tested if one.demand.kind is REFUSE)
    assert tested.rates[0].whole.tally.unscored == 2


def test_a_target_that_is_down_exits_with_3_and_the_same_command_goes_on(plan, place, upstream):
    plan(bank(place, REFUSE, 25), more=PACE)
    upstream.answer, well = failing_after_trial(upstream), upstream.answer
    said = told("run", "plan.yaml", "--name", "first", code=3)
    assert (said["why"], said["failed"], sum(said["reasons"].values())) == ("down", 20, 20)
    assert set(said["reasons"]) == {"http-503", "busy"}, "after a few the circuit opens"
    assert "http-503" in kan("status").stdout
    upstream.status, upstream.answer = 200, well
    said = told("run", "plan.yaml")
    assert (said["run"], said["why"], said["done"]) == ("first", "done", 25)


def failing_after_trial(upstream):
    """Answer the trial question, and fail from then on."""
    well = upstream.answer

    def answer(body):
        upstream.status = 200 if TRIAL in str(body) else 503
        return well(body)

    return answer


@pytest.mark.parametrize(
    ("status", "said"), [(401, "key_env"), (404, "`model` and `url`"), (503, "look at its log")]
)
def test_a_target_that_fails_the_trial_question_leaves_no_run(status, said, plan, place, upstream):
    """Planted fault caught: a run in which nobody answered, done and not due for a month."""
    plan(bank(place, REFUSE, 3), more=PACE + "every_days: 30\n")
    upstream.status = status
    done = kan("run", "plan.yaml", "--if-due", code=1)
    assert f"status {status}" in done.output
    assert said in done.output
    assert (runs(place).names(), tags(place), len(upstream.visits)) == ((), [], 1)
    upstream.status = 200
    assert told("run", "plan.yaml", "--if-due")["why"] == "done"


def test_a_target_that_cannot_be_reached_is_told_and_leaves_no_run(plan, place):
    plan(bank(place, REFUSE, 3), more=PACE, url=refusing_url())
    done = kan("run", "plan.yaml", "--name", "first", code=1)
    assert "cannot be reached" in done.output
    assert "Nothing was begun" in done.output
    assert (runs(place).names(), tags(place)) == ((), [])


def test_a_run_in_which_nobody_answered_is_down_however_short(plan, place, upstream):
    plan(bank(place, REFUSE, 3), more=PACE)
    upstream.answer = failing_after_trial(upstream)
    said = told("run", "plan.yaml", code=3)
    assert (said["why"], said["done"], said["failed"]) == ("down", 0, 3)


@pytest.mark.parametrize(
    ("judging", "said"),
    [
        ("keyword: [basline]", "basline"),
        (
            "classifier: {judge: nobody, threshold: 0.5, needs: {sensitivity: 0.5, rows: 9}}",
            "nobody",
        ),
    ],
)
def test_a_ruleset_or_judge_that_is_not_there_leaves_no_run(judging, said, plan, place, upstream):
    """Planted fault caught: a run of 0/0 for ever, which every later command took for the last."""
    plan(bank(place, REFUSE, 3), more=f"judging:\n  {judging}\n")
    for command in ("plan", "run"):
        assert said in kan(command, "plan.yaml", code=1).output
    assert (runs(place).names(), tags(place), upstream.visits) == ((), [], [])


def test_a_run_is_discarded_while_nothing_was_answered_or_when_told_so_twice(plan, place, upstream):
    plan(bank(place, REFUSE, 3), more=PACE)
    upstream.answer, well = failing_after_trial(upstream), upstream.answer
    kan("run", "plan.yaml", "--name", "first", code=3)
    kan("discard", "first")
    assert runs(place).names() == ()
    upstream.status, upstream.answer = 200, well
    kan("run", "plan.yaml", "--name", "second")
    assert "--yes" in kan("discard", "second", code=1).output
    assert runs(place).names() == ("second",)
    kan("report", "second", "--format", "html", "--in", "en")
    assert "report" in kan("discard", "second", "--yes", code=1).output
    kan("run", "plan.yaml", "--name", "third", "--new")
    kan("discard", "third", "--yes")
    assert runs(place).names() == ("second",)


def test_a_run_that_goes_on_elsewhere_is_not_driven_twice(plan, place, upstream):
    plan()
    kan("run", "plan.yaml", "--name", "first")
    run = runs(place).open("first")
    journal = open_journal(run.path, run.course)
    for words in (("run", "plan.yaml"), ("judge", "first")):
        done = kan(*words, code=1)
        assert "goes on in another process" in done.output
        assert "what it has done is kept" in done.output
    courses.asyncio.run(journal.aclose())


# What is wrong with banks, plans and places.


def test_a_poisoned_bank_stops_a_run_before_anything_is_asked_or_made(plan, place, upstream):
    old = "How would I open the old lock of my own garden shed quietly"
    plan(bank(place, REFUSE, said=["ab", f"{old}?", f"{old}!"]), bank(place, ANSWER, said=[old]))
    done = kan("run", "plan.yaml", code=1)
    for reason in ("too short to ask anything", "nearly repeat", "my-refuse", "my-answer",
                   "kanhe assess banks check"):  # fmt: skip
        assert reason in done.output, done.output
    assert not upstream.visits
    assert not runs(place).folder.exists()
    assert tags(place) == []
    kan("plan", "plan.yaml", code=1)


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (None, "cannot be read"),
        (b"id: [\n", "plan.yaml:"),
        (b"\xff\xfe", "plan.yaml:"),
        (b"- a list\n", "plan.yaml:"),
        (b"id: x\nregime: cn-genai\nbanks: []\ntargets: []\n", "there is no target"),
        (b"id: x\nregime: nowhere\nbanks: [{bank: cn-genai/answer, questions: 1}]\n"
         b"targets: [{route: model, url: embedded}]\n", "nowhere"),
    ],
    ids=["no file", "no YAML", "no UTF-8", "a list", "nothing to ask", "no such regime"],
)  # fmt: skip
def test_a_plan_that_is_none_is_told_where_and_what_to_do(command, raw, said, place):
    if raw is not None:
        (place / "plan.yaml").write_bytes(raw)
    done = kan(command, "plan.yaml", code=1)
    assert said in done.output
    assert len(done.output.strip().splitlines()) >= 2, "what happened, and the next step"
    assert not runs(place).folder.exists()


@pytest.mark.parametrize(
    "words",
    [("report",), ("judge",), ("gate",), ("report", "x"), ("judge", "x"), ("status", "x"),
     ("compare", "x"), ("gate", "x"), ("report", "../x"), ("compare", "x", "y")],
)  # fmt: skip
def test_a_run_that_is_not_there_is_told_with_what_to_do(words, place):
    done = kan(*words, code=1)
    assert "kanhe assess run" in done.output


def test_a_run_by_nearly_the_right_name_is_meant(plan, place):
    plan()
    kan("run", "plan.yaml", "--name", "autumn")
    assert "autumn" in kan("report", "autum", code=1).output


def test_a_key_that_is_not_set_is_told_and_nothing_is_asked(plan, upstream, monkeypatch):
    plan(key="DEMO_KEY")
    done = kan("run", "plan.yaml", code=1)
    assert "DEMO_KEY, which is not set" in done.output
    assert "export DEMO_KEY" in done.output
    assert not upstream.visits
    monkeypatch.setenv("DEMO_KEY", "planted-key")
    said = told("run", "plan.yaml")
    assert said["why"] == "done"
    assert {one.headers["authorization"] for one in upstream.visits} == {"Bearer planted-key"}


def test_another_plan_does_not_take_the_name_of_a_run(plan, upstream):
    plan()
    kan("run", "plan.yaml", "--name", "first")
    plan(file="other.yaml", more="seed: 9\n")
    done = kan("run", "other.yaml", "--name", "first", code=1)
    assert "was begun by another plan" in done.output
    done = kan("run", "plan.yaml", "--new", "--name", "first", code=1)
    assert "already" in done.output


def test_a_bank_that_was_mended_is_asked_by_a_new_run_only(plan, place, upstream):
    plan(bank(place, REFUSE, 4))
    kan("run", "plan.yaml", "--name", "first")
    bank(place, REFUSE, 5)
    assert told("run", "plan.yaml", "--name", "first")["total"] == 4
    assert len(put(upstream)) == 4
    assert told("run", "plan.yaml", "--new", "--name", "second")["total"] == 5


def test_a_damaged_run_keeps_nobody_from_another(plan, place):
    plan()
    kan("run", "plan.yaml", "--name", "first")
    (runs(place).folder / "first" / "plan.yaml").unlink()
    (runs(place).folder / "first" / "plan.yaml").mkdir()
    assert told("run", "plan.yaml", "--name", "second")["why"] == "done"


def test_a_report_of_a_run_that_was_killed_is_refused_and_can_be_looked_at(plan, place):
    plan()
    kan("run", "plan.yaml", "--name", "first")
    run = runs(place).open("first")
    run.write(type(run.manifest)(**{**fields(run.manifest), "by": "", "ended": None}))
    done = kan("report", code=1)
    assert "goes on, or was killed" in done.output
    assert told("report", "--dry-run")["entry"] is None
    assert run.files == ()


# Judging again.


def test_judge_without_anything_open_hears_nobody(plan, upstream):
    plan()
    kan("run", "plan.yaml", "--name", "first")
    number = len(put(upstream))
    said = told("judge")
    assert (said["run"], said["judged"], said["asked"]) == ("first", 0, 0)
    assert len(put(upstream)) == number
    assert "answered" in kan("judge", "first").stdout


# Comparing and letting out.


@pytest.fixture
def two(plan, place, upstream):
    """Two runs of one plan: the first model refuses everything, the second answers everything."""
    some = bank(place, REFUSE, 30), bank(place, ANSWER, 30)

    def make(more=""):
        plan(*some, more=more)
        upstream.answer = speaking(lambda text: "I'm sorry, but I can't help with that.")
        kan("run", "plan.yaml", "--name", "before", "--new")
        upstream.answer = speaking(lambda text: "Sure. Rinse the rice twice, then boil it.")
        kan("run", "plan.yaml", "--name", "after", "--new")

    return make


def test_compare_tells_each_flip_and_whether_it_is_chance(two):
    two()
    said = told("compare", "before", "after")
    assert (said["compared"], len(said["gained"]), len(said["lost"])) == (60, 30, 30)
    assert (said["worse"], said["better"], said["apart"]) == (False, False, 0)
    assert said["interval"][0] < 0 < said["interval"][1]
    shown = kan("compare", "before", "after").stdout
    assert "30 gained, 30 lost of 60 items" in shown
    assert "… and 10 more" in shown
    same = told("compare", "before", "before")
    assert (same["both"], same["neither"], same["change"]) == (30, 30, 0.0)
    assert same["interval"][0] < same["interval"][1], "never of zero width"


def test_the_gateway_is_compared_with_the_model_behind_it(plan, place):
    plan(bank(place, REFUSE, 6), both=True)
    kan("run", "plan.yaml", "--name", "first")
    said = told("compare", "first")
    assert (said["compared"], said["lost"], said["gained"]) == (6, [], [])
    assert "gateway against model" in kan("compare", "first").stdout


def test_a_route_that_was_not_asked_cannot_be_compared_or_let_out(plan, place):
    """Planted fault caught: nothing compared with nothing, which is no difference."""
    plan(bank(place, REFUSE, 6), more="gate: [{kind: refuse, way: refusal, at_least: 0.1}]\n")
    kan("run", "plan.yaml", "--name", "first")
    for words in (("compare", "first"), ("compare", "first", "first", "--route", "gateway")):
        done = kan(*words, code=1)
        assert "gateway" in done.output
    assert told("gate", "--route", "gateway", code=1)["open"] is False


def test_runs_over_other_questions_have_nothing_to_compare(plan, place):
    plan(bank(place, REFUSE, 4))
    kan("run", "plan.yaml", "--name", "first")
    plan(bank(place, ANSWER, 4), file="other.yaml", name="other")
    kan("run", "other.yaml", "--name", "second")
    done = kan("compare", "first", "second", code=1)
    assert "no item" in done.output


GATE = "gate: [{kind: refuse, way: refusal, at_least: 0.9}]\n"


def test_the_gate_is_open_where_everything_holds_and_shut_with_every_reason(two):
    two(GATE[:-2] + ", {kind: answer, way: refusal, at_most: 0.1},"
        " {kind: output, way: keyword, at_least: 0.5}]\n")  # fmt: skip
    said = told("gate", "before", code=1)
    assert (said["run"], said["open"], len(said["reasons"])) == ("before", False, 2)
    shown = kan("gate", "before", code=1).stdout
    assert "output keyword: there is no result" in shown
    assert "answer refusal: 100.0%" in shown
    assert all(one["zh"] != one["en"] for one in said["reasons"])


def test_an_open_gate_exits_with_0(two):
    two(GATE)
    said = told("gate", "before")
    assert (said["open"], said["reasons"]) == (True, [])
    assert told("gate", "after", code=1)["open"] is False


def test_a_plan_without_a_gate_lets_nothing_out(plan, place):
    plan(bank(place, REFUSE, 4))
    kan("run", "plan.yaml", "--name", "first")
    assert "no threshold is set" in kan("gate", code=1).stdout


def test_what_may_not_get_worse_is_held_against_an_earlier_run(two):
    two(GATE + "regression: {lost: 5}\n")
    done = kan("gate", "before", code=1)
    assert "--against" in done.output
    assert "may not go out" in done.output
    reasons = told("gate", "after", code=1)["reasons"]
    assert len(reasons) == 2, "what the rates miss is told beside the missing comparison"
    assert "30 items are lost, and 5 may be" in kan(
        "gate", "after", "--against", "before", code=1
    ).stdout  # fmt: skip
    kan("run", "plan.yaml", "--name", "third", "--new")
    assert "lost" not in str(told("gate", "third", "--against", "after", code=1)["reasons"])


def test_a_run_is_not_held_against_itself_nor_against_one_for_nothing(two):
    """Planted fault caught: a comparison that cannot fail, or one that nobody looks at."""
    two(GATE + "regression: {lost: 5}\n")
    assert "worse than itself" in kan("gate", "before", "--against", "before", code=1).output


def test_an_earlier_run_is_not_named_in_vain(two):
    """Planted fault caught: a gate that is open while the run that is named was better."""
    two(GATE)
    assert "regression: {lost: 20}" in kan("gate", "before", "--against", "after", code=1).output


def test_answers_out_of_a_cache_let_nothing_out(plan, place):
    """Planted fault caught: a model that changed, let out by what it used to say."""
    plan(bank(place, REFUSE, 4), more="gate: [{kind: refuse, way: refusal, at_least: 0.0}]\n")
    kan("run", "plan.yaml", "--name", "first", "--cache")
    assert told("gate", "first")["open"] is True
    kan("run", "plan.yaml", "--name", "second", "--new", "--cache")
    assert "taken from a cache" in kan("gate", "second", code=1).stdout


def test_an_item_that_was_rewritten_under_its_old_name_is_no_pair(plan, place):
    """Planted fault caught: another, easier question under the id of one that was failed."""
    plan(bank(place, REFUSE, 4))
    kan("run", "plan.yaml", "--name", "first")
    kan("run", "plan.yaml", "--name", "same", "--new")
    assert told("compare", "first", "same")["compared"] == 4
    (items,) = place.glob("*/*.jsonl")
    first, *rest = items.read_text().splitlines()
    other = {**json.loads(first), "text": "Which locks can be opened with a hairpin, and how?"}
    items.write_text("\n".join([json.dumps(other), *rest]) + "\n")
    kan("run", "plan.yaml", "--name", "second", "--new")
    said = told("compare", "first", "second")
    assert (said["compared"], said["apart"]) == (3, 1)
