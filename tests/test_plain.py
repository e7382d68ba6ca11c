import json

from kanhe.report.plain import document
from kanhe.status.verdict import Standing
from statuses import NOW, status, unsound

STATUS = status()


def words(line):
    return set(line.split())


DOCUMENT = json.loads(json.dumps(document(STATUS)))


def test_it_says_what_was_asked_and_what_was_looked_at():
    assert (DOCUMENT["format"], DOCUMENT["version"]) == ("kanhe-status", 1)
    assert DOCUMENT["regime"]["edition"] == STATUS.regime.version
    assert DOCUMENT["at"] == NOW.isoformat()
    assert DOCUMENT["ledger"] == {
        "entries": STATUS.size,
        "sound": True,
        "root": bytes(range(32)).hex(),
    }


def test_the_shape_is_the_one_that_was_promised():
    """Change this together with VERSION, or only by adding a key."""
    assert set(DOCUMENT) == words(
        "format version regime at day known as_if ledger answers answers_later "
        "routes counts obligations due"
    )
    assert set(DOCUMENT["obligations"][0]) == words(
        "id source clause area bound title text confidence changed_in standing since until reasons "
        "evidence changes actions controls"
    )
    assert {
        key for one in DOCUMENT["obligations"] for had in one["controls"] for key in had
    } == words("id title check confidence standing since until reasons evidence")
    assert set(DOCUMENT["due"][0]) == {"title", "at", "obligations", "how", "provisional"}


def test_nothing_is_lost():
    assert [one["id"] for one in DOCUMENT["obligations"]] == [
        line.obligation.id for line in STATUS.lines
    ]
    for line, said in zip(STATUS.lines, DOCUMENT["obligations"], strict=True):
        assert said["standing"] == line.standing
        assert said["evidence"] == list(line.evidence)
        assert len(said["reasons"]) == len(line.why)
        assert all(reason["zh"] and reason["en"] for reason in said["reasons"])
    assert DOCUMENT["counts"] == {standing: STATUS.counts[standing] for standing in Standing}


def test_an_unsound_ledger_is_told_with_the_entry():
    assert document(unsound())["ledger"] == {
        "entries": STATUS.size,
        "sound": False,
        "why": "entry 31337 has another hash than the tree says",
        "entry": 31337,
    }
