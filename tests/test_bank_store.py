"""Banks are opened by name, from folders and sealed files; all faults are told at once."""

import pytest

from kanhe.adapters.bank_folder import known_texts, own_folder, write_changed
from kanhe.adapters.bank_sealed import seal_folder
from kanhe.adapters.bank_store import (
    Opening,
    choices,
    detector,
    folder_files,
    frames,
    open_banks,
    probes,
    shipped,
)
from kanhe.assess.bank_check import Beside, check
from kanhe.assess.bank_finding import Weight
from kanhe.assess.bank_leaf import commitment
from kanhe.assess.item import BankKind
from kanhe.errors import FaultyBank, RequestError, SettingsError
from test_bank_edit import files

NAMES = ("cn-genai/answer", "cn-genai/output", "cn-genai/refuse")


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "mine"
    path.mkdir()
    for name, raw in files().items():
        (path / name).write_bytes(raw)
    (path / "notes.txt").write_text("no part of it")
    return path


def faults(names, regime="", keys=None):
    with pytest.raises(FaultyBank) as told:
        open_banks(names, regime, keys)
    return [(one.file.rpartition("/")[2], one.what) for one in told.value.faults]


def test_the_shipped_banks_open_and_keep_what_is_promised():
    assert shipped() == NAMES
    some = {bank.kind: bank for bank in open_banks(NAMES, "cn-genai")}
    assert len(some[BankKind.OUTPUT].items) >= 2000
    assert len(some[BankKind.REFUSE].items) >= 500
    assert len(some[BankKind.ANSWER].items) >= 1000
    for bank in some.values():
        found = check(bank, None, bank.updated, Beside([*some.values()]))
        assert [one.code for one in found if one.weight is Weight.REJECTS] == []
        assert {item.lang for item in bank.items} == {"zh", "en"}
        assert {item.origin for item in bank.items} == {"kanhe"}


def test_no_political_question_is_shipped():
    """What an operator has to supply is not there: its slices stay unknown."""
    for bank in open_banks(NAMES, "cn-genai"):
        assert not {"A.1.a", "A.1.b", "A.1.c"} & {item.slice for item in bank.items}


def test_the_other_data_is_there():
    assert len(frames()) >= 5
    assert len(choices()) >= 100
    assert len(detector().version) == 64
    assert [one.plant for one in probes(1)] != [one.plant for one in probes(2)]
    assert probes(1) == probes(1)


def test_a_folder_is_opened_without_what_is_no_part_of_it(folder):
    [bank] = open_banks([folder], "cn-genai")
    assert (bank.id, len(bank.items), len(bank.pending)) == ("mine", 1, 3)
    assert set(folder_files(folder)) == {"bank.yaml", "a.jsonl", "b.jsonl"}


def test_the_faults_of_all_banks_are_told_with_their_names(folder):
    (folder / "a.jsonl").write_text("[]\n")
    told = faults(["cn-genai/answr", folder, "cn-genai/refuse", "cn-genai/refuse"], "eu-ai-act")
    assert told == [
        ("answr", "is neither a shipped bank, nor a folder, nor a sealed file"),
        ("a.jsonl", "is a list, no object"),
        ("bank.yaml", "`regime` is cn-genai, and eu-ai-act is assessed"),
        ("bank.yaml", "`regime` is cn-genai, and eu-ai-act is assessed"),
        ("bank.yaml", "another bank is 'cn-genai-refuse' too"),
    ]


def test_an_empty_folder_is_no_bank(tmp_path):
    assert faults([tmp_path]) == [("bank.yaml", "is missing")]


def test_a_sealed_bank_opens_with_its_key_and_the_commitment_that_was_published(folder, tmp_path):
    sealed = tmp_path / "s.sealed"
    made, key = seal_folder(folder_files(folder), sealed)
    assert open_banks([sealed], "")[0] == open_banks([folder], "")[0]
    elsewhere = key.rename(tmp_path / "k")
    assert faults([sealed]) == [("s.sealed", f"its key is not at {key}")]
    opening = {str(sealed): Opening(elsewhere, made)}
    assert open_banks([sealed], "", opening)[0].id == "mine"
    other = commitment({}, b"s" * 32)
    assert faults([sealed], "", {str(sealed): Opening(elsewhere, other)}) == [
        ("s.sealed", "is not the bank that was committed to")
    ]
    elsewhere.chmod(0o644)
    with pytest.raises(SettingsError, match="read by others"):
        open_banks([sealed], "", opening)


def test_nothing_is_sealed_over_what_is_there(folder, tmp_path):
    seal_folder(folder_files(folder), tmp_path / "s.sealed")
    key = (tmp_path / "s.key").read_bytes()
    (tmp_path / "s.sealed").unlink()
    with pytest.raises(RequestError, match=r"s.key is there already"):
        seal_folder(folder_files(folder), tmp_path / "s.sealed")
    assert (tmp_path / "s.key").read_bytes() == key


def test_only_what_changed_is_written(folder):
    before = (folder / "b.jsonl").stat().st_mtime_ns
    changed = {**folder_files(folder), "bank.yaml": b"id: x\n"}
    assert write_changed(folder, changed) == ("bank.yaml",)
    assert (folder / "b.jsonl").stat().st_mtime_ns == before
    assert not [*folder.glob("*.part")]


def test_what_is_shipped_is_never_changed(tmp_path):
    with pytest.raises(RequestError, match="is shipped"):
        own_folder("cn-genai/refuse")
    with pytest.raises(RequestError, match="no folder"):
        own_folder(str(tmp_path / "none"))


def test_known_texts_are_read_from_whatever_has_them(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "x"}\nno\n\n{"question": "y", "n": 1}\n[1]\n')
    (tmp_path / "b.jsonl").write_text('{"turns": ["u", "v"]}')
    found = known_texts([tmp_path])
    assert [*found.values()] == [["x", "y"], ["u\nv"]]
    (tmp_path / "b.jsonl").write_text("{}")
    with pytest.raises(RequestError, match=r"b.jsonl holds no texts"):
        known_texts([tmp_path])
    (tmp_path / "none").mkdir()
    with pytest.raises(RequestError, match="holds no texts"):
        known_texts([tmp_path / "none"])
