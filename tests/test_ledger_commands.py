"""`kanhe ledger`, as an operator, an auditor and a script use it."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import UTC, datetime
from itertools import islice

import pytest
from click.testing import CliRunner

from kanhe.adapters.disk import Disk
from kanhe.adapters.ledger_files import open_ledger, take_up
from kanhe.cli.ledger import followed
from kanhe.cli.main import main
from kanhe.ledger.note import Kind, Signer
from ledgers import KEY, SIGNER, entry, write

SIZE = 300


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    place = tmp_path_factory.mktemp("ledger") / "ledger"
    write(place, 100)
    shutil.copy(place / "checkpoint", place.parent / "older")
    write(place, SIZE - 100)
    return place


@pytest.fixture
def directory(original, tmp_path):
    return shutil.copytree(original, tmp_path / "ledger")


def kanhe(*arguments, code=0):
    result = CliRunner().invoke(main, ["ledger", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


def change(directory, index):
    path = directory / "tile/entries/000"
    data = path.read_bytes()
    place = data.index(b'"n":%d}' % index)
    path.write_bytes(data[:place] + data[place:].replace(b'"n"', b'"m"', 1))


def test_verify_says_what_was_proved(original):
    said = kanhe("verify", original, "--key", KEY)
    assert "all 300 entries are as signed" in said
    assert "0 more durable in the journal" in said
    assert "compare it with your copy" not in said


def test_verify_takes_the_key_beside_the_log_and_says_that_this_proves_less(original):
    assert "from the ledger's own directory; compare it with your copy" in kanhe("verify", original)


def test_verify_counts_what_waits_in_the_journal(directory):
    journal, _ = take_up(directory, SIGNER, Disk())
    journal.append([entry(SIZE), entry(SIZE + 1)])
    journal.close()
    assert "2 more durable in the journal" in kanhe("verify", directory)


def test_verify_names_the_first_altered_entry_and_exits_1(directory):
    change(directory, 42)
    said = kanhe("verify", directory, code=1)
    assert "Error: ledger entry 42 does not follow" in said
    assert "compare them with a witness's checkpoint" in said


def test_verify_for_scripts(directory):
    report = json.loads(kanhe("verify", directory, "--json"))
    assert (report["ok"], report["size"], report["waiting"]) == (True, SIZE, 0)
    change(directory, 42)
    report = json.loads(kanhe("verify", directory, "--json", code=1))
    assert (report["ok"], report["index"]) == (False, 42)
    (directory / "checkpoint").unlink()
    report = json.loads(kanhe("verify", directory, "--json", code=1))
    assert (report["ok"], report["index"]) == (False, None)
    assert "no checkpoint" in report["error"]


def test_verify_holds_the_ledger_to_an_older_checkpoint(original, tmp_path):
    older = original.parent / "older"
    said = kanhe("verify", original, "--checkpoint", older)
    assert "The first 100 are those of the older checkpoint" in said
    assert (
        json.loads(kanhe("verify", original, "--checkpoint", older, "--json"))["older_size"] == 100
    )
    write(tmp_path / "cut", 50)
    said = kanhe("verify", tmp_path / "cut", "--checkpoint", older, code=1)
    assert "ledger entry 50 does not follow: it was cut off" in said


def test_verify_names_the_witnesses(directory):
    witness = Signer("witness.example/w1", b"\x05" * 32)
    text = (directory / "checkpoint").read_text()
    body = text.rpartition("\n\n")[0] + "\n"
    (directory / "checkpoint").write_text(text + witness.cosign(body, 1_790_000_000))
    said = kanhe("verify", directory, "--witness", witness.verifier(Kind.WITNESS))
    assert "Cosigned by witness.example/w1" in said


def test_verify_asks_for_the_witnesses_that_are_named(original):
    key = Signer("witness.example/w1", b"\x05" * 32).verifier(Kind.WITNESS)
    said = kanhe("verify", original, "--witness", key, code=1)
    assert "not cosigned by witness.example/w1" in said


def test_a_directory_that_is_no_ledger_is_told_with_advice(tmp_path):
    said = kanhe("verify", tmp_path, code=1)
    assert "holds no ledger" in said
    assert "Name the ledger's directory" in said


def test_a_wrong_key_is_refused(original):
    other = Signer(SIGNER.name, bytes(32)).verifier()
    assert "not signed by" in kanhe("verify", original, "--key", other, code=1)


def test_show_prints_one_entry_or_those_that_match(original):
    assert kanhe("show", 7, "--dir", original).split() == [
        "7", "2026-11-01", "08:30:00.123Z", "test:entry:made", "n=7",
    ]  # fmt: skip
    assert len(kanhe("show", "--dir", original).splitlines()) == SIZE
    assert len(kanhe("show", "--dir", original, "--tag", "test:*").splitlines()) == SIZE
    assert kanhe("show", "--dir", original, "--tag", "gateway:*") == ""
    assert kanhe("show", "--dir", original, "--since", "2026-11-02") == ""
    assert kanhe("show", "--dir", original, "--until", "2026-11-01") == ""
    assert len(kanhe("show", "--dir", original, "--since", "2026-11-01").splitlines()) == SIZE


def test_show_for_scripts_gives_the_bytes_that_are_hashed(original):
    line = kanhe("show", 7, "--dir", original, "--json").strip()
    assert line == f'{{"index":7,"entry":{entry(7).decode()}}}'
    assert json.loads(line)["entry"]["facts"] == {"n": 7}


def test_show_of_an_entry_that_is_not_there_says_how_to_find_the_last(original):
    said = kanhe("show", SIZE, "--dir", original, code=1)
    assert "there is no entry 300" in said
    assert "tail -n 1" in said


def test_nothing_is_printed_that_a_terminal_could_obey(tmp_path):
    async def run():
        ledger = open_ledger(tmp_path, SIGNER, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
        await ledger.append("a:b:c", {"x": "\x1b[31m\u202e\x9b", "k y": ["文", None], "b": True})
        await ledger.aclose()

    asyncio.run(run())
    said = kanhe("show", 0, "--dir", tmp_path).strip()
    assert said.isprintable()
    assert r'x="\u001b[31m\u202e\u009b"' in said
    assert '"k y"=["文",null]' in said
    assert "b=true" in said


def test_tail_prints_the_last_entries_published_or_not(directory):
    journal, _ = take_up(directory, SIGNER, Disk())
    journal.append([entry(SIZE)])
    journal.close()
    lines = kanhe("tail", "-n", 3, "--dir", directory).splitlines()
    assert [line.split()[0] for line in lines] == ["298", "299", "300"]
    assert len(kanhe("tail", "--dir", directory).splitlines()) == 10
    assert kanhe("tail", "-n", 0, "--dir", directory) == ""


def test_following_ends_quietly_when_interrupted(original, monkeypatch):
    def interrupt(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    assert len(kanhe("tail", "-n", 2, "-f", "--dir", original).splitlines()) == 2
    assert kanhe("tail", "-n", 0, "-f", "--dir", original) == ""


def test_following_gives_new_entries_as_they_are_made(directory):
    rounds = iter([1, 3])
    found = followed(directory, KEY, SIZE - 1, lambda: write(directory, next(rounds)))
    assert list(islice(found, 5)) == [(index, entry(index)) for index in range(299, 304)]


def test_a_proof_is_checked_without_the_ledger(original, tmp_path):
    page = tmp_path / "42.tlog-proof"
    page.write_text(kanhe("prove", 42, "--dir", original))
    assert page.read_text().startswith("c2sp.org/tlog-proof@v1\nextra ")
    said = kanhe("prove", "--check", page, "--key", KEY, "--dir", tmp_path / "nowhere")
    assert "n=42" in said
    assert "is entry 42 of the 300 that ledger.example/test has signed" in said
    page.write_text(page.read_text().replace("index 42", "index 43"))
    assert "does not lead" in kanhe("prove", "--check", page, "--key", KEY, code=1)


def test_a_proof_leads_to_an_older_checkpoint(original, tmp_path):
    older, page = original.parent / "older", tmp_path / "42.tlog-proof"
    page.write_text(kanhe("prove", 42, "--checkpoint", older, "--dir", original))
    assert "of the 100 that" in kanhe("prove", "--check", page, "--key", KEY)


def test_a_proof_to_a_size_wants_a_signed_checkpoint_from_whoever_checks_it(original, tmp_path):
    older, page = original.parent / "older", tmp_path / "42.tlog-proof"
    page.write_text(kanhe("prove", 42, "--size", 100, "--dir", original))
    said = kanhe("prove", "--check", page, "--key", KEY, code=1)
    assert "nobody signed" in said
    said = kanhe("prove", "--check", page, "--key", KEY, "--checkpoint", older)
    assert "is entry 42 of the 100" in said


@pytest.mark.parametrize("asked", [[SIZE], [42, "--size", SIZE + 1], [42, "--size", 42]])
def test_no_proof_is_given_of_what_is_not_published(original, asked):
    assert "no proof of entry" in kanhe("prove", *asked, "--dir", original, code=1)


def test_prove_without_an_index_says_what_it_wants(original):
    assert "Give the INDEX" in kanhe("prove", "--dir", original, code=2)


@pytest.mark.parametrize("command", ["verify", "show", "prove", "tail"])
def test_each_command_shows_an_example(command):
    assert "Example: kanhe ledger" in kanhe(command, "--help")
