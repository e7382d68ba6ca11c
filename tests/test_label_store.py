"""Labels on disk: only ever added, texts that can be destroyed, two processes at once."""

import sqlite3
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from kanhe.adapters.label_store import LABELS, open_labels
from kanhe.errors import RequestError, SettingsError
from kanhe.judge.label_set import Item
from test_labelling import NOW, say, task

ITEMS = tuple(
    Item(f"a secret text {n}\ud800", "a secret context", "en", "prompt", {"source": "from here"})
    for n in range(3)
)


@pytest.fixture
def store(tmp_path):
    opened = open_labels(tmp_path)
    opened.open(task(3), ITEMS)
    yield opened
    opened.close()


def test_what_was_kept_is_there_after_it_was_closed(store, tmp_path):
    store.add("mine", say(0, "a", "unsafe:fraud", sure=False, seconds=7))
    store.add("mine", say(0, "b", "safe"))
    store.add("mine", say(0, "c", "safe", adjudicates=True))
    store.close()
    again = open_labels(tmp_path)
    assert again.tasks() == (task(3),)
    assert again.history("mine") == (
        say(0, "a", "unsafe:fraud", sure=False, seconds=7), say(0, "b", "safe"),
        say(0, "c", "safe", adjudicates=True),
    )  # fmt: skip
    assert again.desk("mine").result(0).standing == "adjudicated"
    assert again.items("mine") == ITEMS
    again.close()


def test_who_labels_sees_no_source(store):
    assert "from here" not in repr(store.shown("mine", 1))
    assert store.shown("mine", 1).text == ITEMS[1].text


def test_the_file_is_for_its_owner_only(store, tmp_path):
    assert (tmp_path / LABELS).stat().st_mode & 0o077 == 0


def test_what_the_desk_refuses_is_not_kept(store):
    store.add("mine", say(0, "a", "safe"))
    with pytest.raises(RequestError):
        store.add("mine", say(0, "a", "safe"))
    with pytest.raises(RequestError):
        store.add("mine", say(1, "a", "unsafe:none of these"))
    assert len(store.history("mine")) == 1


def test_a_label_taken_back_stays_in_the_history(store):
    store.add("mine", say(1, "a", "safe"))
    assert store.take_back("mine", "a", NOW) == 1
    assert store.take_back("mine", "a", NOW) is None
    assert [one.said for one in store.history("mine")] == ["safe", "withdrawn"]


@pytest.mark.parametrize("sql", ["UPDATE labels SET said = 'safe'", "DELETE FROM labels"])
def test_the_database_itself_refuses_to_alter_a_label(store, tmp_path, sql):
    store.add("mine", say(1, "a", "unsafe:fraud"))
    with sqlite3.connect(tmp_path / LABELS) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute(sql)
    other.close()
    assert store.history("mine")[0].said == "unsafe"


def test_destroyed_texts_are_in_no_file_and_their_labels_remain(store, tmp_path):
    """Planted: without overwriting, the bytes are still in the file."""
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"a secret text" in raw
    store.add("mine", say(0, "a", "safe"))
    store.erase("mine", NOW)
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"secret" not in raw
    assert b"from here" not in raw
    assert len(store.history("mine")) == 1
    for asked in (lambda: store.items("mine"), lambda: store.shown("mine", 0)):
        with pytest.raises(RequestError, match="destroyed"):
            asked()
    store.erase("mine", NOW + timedelta(days=1))
    assert store.tasks()[0].erased == NOW
    with pytest.raises(RequestError, match="closed"):
        store.add("mine", say(1, "a", "safe"))


def test_while_somebody_reads_the_file_traces_may_stay_and_that_is_told(store, tmp_path):
    store._db.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(tmp_path / LABELS, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM items").fetchone()
    with pytest.raises(RequestError, match="traces may stand in the file"):
        store.erase("mine", NOW)
    other.close()
    store.erase("mine", NOW)
    assert b"secret" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_task_is_closed_once(store):
    store.end("mine", NOW)
    assert store.tasks()[0].closed == NOW
    with pytest.raises(RequestError, match="closed already"):
        store.end("mine", NOW)
    store.end("mine", None)
    assert store.tasks()[0].is_open


def test_names_are_plain_and_there_once(store):
    with pytest.raises(RequestError, match="already"):
        store.open(task(3), ITEMS)
    for name in ("", "A", "../x", "x" * 41):
        with pytest.raises(RequestError, match="no name"):
            store.open(replace(task(3), name=name), ITEMS)
    with pytest.raises(RequestError, match="nothing to label"):
        store.open(replace(task(0), name="empty"), ())
    for asked in (store.desk, lambda name: store.shown(name, 0)):
        with pytest.raises(RequestError):
            asked("nobody")


def test_of_those_who_want_the_last_places_at_once_no_more_get_them_than_may(tmp_path):
    """Eight stores over one file, as eight processes: needed are two, and one may come late."""
    first = open_labels(tmp_path)
    first.open(task(1), ITEMS[:1])
    told = []

    def one(who):
        own = open_labels(tmp_path)
        try:
            told.append(own.add("mine", say(0, who, "safe")))
        except RequestError as error:
            told.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=one, args=(f"p{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(told) == 8
    assert len(first.history("mine")) == 3
    assert sum(isinstance(one, RequestError) for one in told) == 5
    first.close()


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / LABELS).write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(SettingsError, match="cannot be opened"):
        open_labels(tmp_path)
