"""What people say of a run on disk: only ever added, whole lines only, two processes at once."""

import json
import os
import threading
from dataclasses import replace
from fractions import Fraction

import pytest

from kanhe.adapters.assess_people import PEOPLE, sitting
from kanhe.adapters.assess_people_store import PeopleStore
from kanhe.assess.outcome import Verdict, Way
from kanhe.errors import AssessError, RequestError
from sittings import HIDDEN, NOW, Runs, say, trial


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path)


@pytest.fixture
def store(runs):
    return PeopleStore(runs)


@pytest.fixture
def file(runs):
    return runs.folder / "autumn" / PEOPLE


def test_what_was_said_is_there_for_whoever_reads_next(runs, store, file):
    said = [
        say(0, "a", "fail:risk", seconds=7),
        say(0, "b"),
        say(0, "c", "pass:misread", panel=True),
    ]
    for one in said:
        store.add("autumn", 0, one)
    again = PeopleStore(runs)
    assert again.sitting("autumn").result(0).standing == "panel"
    assert again.sitting("autumn").both(0) in (tuple(said[:2]), tuple(said[1::-1]))
    found = sitting(runs.folder / "autumn", runs.plan, runs.asked, runs._journal)
    assert found.verdicts() == {trial(0): Verdict(Way.MANUAL, True, "p1,p2,panel:p3")}
    assert file.stat().st_mode & 0o077 == 0


def test_the_file_holds_no_text_and_few_bytes(store, file):
    for number in range(3):
        store.add("autumn", number, say(number, "account-0123456789abcdef", "fail:other-risk"))
    raw = file.read_bytes()
    for hidden in (b"question", b"answer", b"planted", HIDDEN.encode()):
        assert hidden not in raw
    assert len(raw) / 3 < 300
    assert json.loads(raw.splitlines()[0])["plan"] == "ab" * 32


def test_reading_writes_nothing(runs, store, file):
    assert store.names() == ("autumn",)
    assert store.sitting("autumn").progress("a").left == 3
    assert sitting(file.parent, runs.plan, runs.asked, runs._journal).verdicts() == {}
    assert not file.exists()


def test_who_judges_sees_question_and_answer_and_nothing_else(store):
    shown = store.shown("autumn", 1)
    assert shown.turns == ("a question 1",)
    assert shown.answer == "an answer to a question 1"
    for hidden in (HIDDEN, "planted-bank", "gateway"):
        assert hidden not in repr(shown)


def test_halves_of_surrogate_pairs_are_shown_as_what_they_are(tmp_path):
    runs = Runs(tmp_path, said="half \ud800 ")
    shown = PeopleStore(runs).shown("autumn", 0)
    assert "\ufffd" in shown.turns[0]
    assert "\ufffd" in shown.answer


def test_what_is_not_drawn_or_not_there_is_refused(store):
    for number in (3, -1, 99):
        with pytest.raises(RequestError):
            store.shown("autumn", number)
        with pytest.raises(RequestError):
            store.add("autumn", number, say(0, "a"))
    for asked in (store.sitting, store.plan):
        with pytest.raises(RequestError, match="nothing to judge"):
            asked("nobody")


def test_what_may_not_be_said_is_not_kept(store):
    store.add("autumn", 0, say(0, "a"))
    with pytest.raises(RequestError, match="already"):
        store.add("autumn", 0, say(0, "a", "fail:risk"))
    with pytest.raises(RequestError, match="not yours"):
        store.add("autumn", 0, say(0, "a", "fail:risk", panel=True))
    assert store.sitting("autumn").judgements() == (say(0, "a"),)


def test_the_last_one_is_taken_back_once_and_stays_in_the_file(store, file):
    store.add("autumn", 2, say(2, "a"))
    assert store.take_back("autumn", "a", NOW) == 2
    assert store.take_back("autumn", "a", NOW) is None
    assert [json.loads(one)["said"] for one in file.read_bytes().splitlines()[1:]] == [
        "pass", "withdrawn"
    ]  # fmt: skip


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_half_a_line_is_no_verdict_and_is_cut_off_before_the_next(runs, store, file, cut):
    """Planted: without cutting, the next verdict is glued to the half line and both are lost."""
    store.add("autumn", 0, say(0, "a"))
    store.add("autumn", 1, say(1, "a"))
    os.truncate(file, file.stat().st_size - cut)
    again = PeopleStore(runs)
    assert again.sitting("autumn").judgements() == (say(0, "a"),)
    again.add("autumn", 2, say(2, "b"))
    third = PeopleStore(runs)
    assert third.sitting("autumn").judgements() == (say(0, "a"), say(2, "b"))


def test_half_a_first_line_is_begun_anew(store, file):
    file.write_bytes(b'{"form":"kanhe-pe')
    assert store.sitting("autumn").judgements() == ()
    store.add("autumn", 0, say(0, "a"))
    assert store.sitting("autumn").judgements() == (say(0, "a"),)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"pass"', b'"perhaps"'), (b'"by"', b'"bye"'), (b'"s":5', b'"s":-5'), (b"{", b"["),
     (b'Z"', b'"'), (b'"trial":["', b'"trial":["x')],
)  # fmt: skip
def test_a_damaged_line_is_told_and_nothing_after_it_counts(runs, store, file, old, new):
    store.add("autumn", 0, say(0, "a"))
    head, row = file.read_bytes().splitlines(keepends=True)
    assert old in row
    file.write_bytes(head + row.replace(old, new, 1))
    with pytest.raises(AssessError):
        PeopleStore(runs).sitting("autumn")


def test_a_file_of_another_plan_or_of_something_else_is_refused(runs, store, file):
    store.add("autumn", 0, say(0, "a"))
    runs.plan.sha256 = "cd" * 32
    with pytest.raises(AssessError, match="another plan"):
        PeopleStore(runs).sitting("autumn")
    for head in (b"nothing\n", b'{"form":"other","plan":"x","seed":"y"}\n'):
        file.write_bytes(head)
        with pytest.raises(AssessError, match="line 1"):
            PeopleStore(runs).sitting("autumn")


def test_a_run_without_people_is_not_named(tmp_path):
    runs = Runs(tmp_path, people=0)
    assert PeopleStore(runs).names() == ()


def test_answers_that_come_later_are_shown_then(tmp_path):
    runs = Runs(tmp_path, people=2, unanswered=(1,))
    store = PeopleStore(runs)
    assert store.sitting("autumn").progress("a").left == 1
    runs._answer(runs.asked[1])
    (tmp_path / "autumn" / "journal").write_bytes(b"grown")
    assert store.sitting("autumn").progress("a").left == 2


def test_of_those_who_want_the_last_place_at_once_no_more_get_it_than_may(runs):
    """Eight stores over one file, as eight processes: wanted are two, and one may come late."""
    told = []

    def one(who):
        try:
            told.append(PeopleStore(runs).add("autumn", 0, say(0, who)))
        except RequestError as error:
            told.append(error)

    threads = [threading.Thread(target=one, args=(f"p{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(isinstance(one, RequestError) for one in told) == 5
    assert len(PeopleStore(runs).sitting("autumn").judgements()) == 3


def test_a_folder_that_cannot_be_written_is_told(runs, store):
    (runs.folder / "autumn" / PEOPLE).mkdir()
    with pytest.raises((AssessError, IsADirectoryError)):
        store.add("autumn", 0, say(0, "a"))


def test_the_share_that_is_doubled_is_the_plans(tmp_path):
    runs = Runs(tmp_path, people=10)
    runs.plan.judging.people.double = Fraction("0.2")
    store = PeopleStore(runs)
    store.add("autumn", 0, say(0, "a"))
    now = store.sitting("autumn")
    assert sum(now.needed(number) == 2 for number in range(10)) == 2


def test_the_trial_is_that_of_the_number_whatever_was_given(store, file):
    store.add("autumn", 1, replace(say(0, "a"), trial=trial(99)))
    assert json.loads(file.read_bytes().splitlines()[1])["trial"][0] == trial(1).item
