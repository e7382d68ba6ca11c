import pytest

from kanhe.adapters.ledger_keys import load_or_create, load_verifier
from kanhe.errors import LedgerError
from ledgers import KEY

ORIGIN = "ledger.example/kanhe"


def test_a_first_run_makes_a_key_only_its_owner_can_read_and_asks_to_back_it_up(tmp_path):
    path = tmp_path / "data" / "ledger.key"
    keys = load_or_create(path, ORIGIN)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "Back it up now" in keys.warning
    assert str(path) in keys.warning
    assert str(keys.signer.verifier()) in keys.warning
    assert keys.signer.text not in keys.warning


def test_later_runs_use_the_same_key_and_say_nothing(tmp_path):
    path = tmp_path / "ledger.key"
    first = load_or_create(path, ORIGIN).signer
    again = load_or_create(path, ORIGIN)
    assert (again.signer, again.warning) == (first, "")


def test_no_two_keys_are_the_same(tmp_path):
    made = {load_or_create(tmp_path / name, ORIGIN).signer for name in ("a", "b")}
    assert len(made) == 2


def test_a_first_run_that_was_cut_off_is_made_again(tmp_path):
    (tmp_path / "ledger.key.new").write_text("PRIVATE+KEY+half")
    load_or_create(tmp_path / "ledger.key", ORIGIN)
    assert not (tmp_path / "ledger.key.new").exists()


def test_a_key_that_others_can_read_is_refused(tmp_path):
    path = tmp_path / "ledger.key"
    load_or_create(path, ORIGIN)
    path.chmod(0o640)
    with pytest.raises(LedgerError, match="can be read by others") as caught:
        load_or_create(path, ORIGIN)
    assert "chmod 600" in caught.value.advice


def test_a_key_of_another_log_is_refused(tmp_path):
    path = tmp_path / "ledger.key"
    load_or_create(path, ORIGIN)
    with pytest.raises(LedgerError, match="signs for"):
        load_or_create(path, "other.example")


def test_a_place_where_no_key_can_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="cannot be read or made"):
        load_or_create(tmp_path / "file" / "ledger.key", ORIGIN)


def test_a_public_key_is_read_from_text_or_file(tmp_path):
    path = tmp_path / "verifier.key"
    path.write_text(f"{KEY}\n")
    assert load_verifier(str(KEY)) == load_verifier(str(path)) == KEY


def test_a_file_that_holds_no_key_is_refused(tmp_path):
    path = tmp_path / "verifier.key"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(LedgerError, match="cannot be read"):
        load_verifier(str(path))
    with pytest.raises(LedgerError, match="no key"):
        load_verifier(str(tmp_path / "absent+00000000+AAAA"))
