import pytest

from kanhe.errors import LedgerError
from kanhe.ledger import note
from kanhe.ledger.note import MOST_SIGNATURES, Kind, Signer, VerifierKey
from ledgers import KEY, SIGNER

TEXT = "ledger.example/test\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
LINE = SIGNER.sign(TEXT)
WITNESS = Signer("witness.example/w1", bytes(reversed(range(32))))
OTHER = Signer("ledger.example/test", b"\x07" * 32)


def read(text, *lines):
    return note.parse((text + "\n" + "".join(lines)).encode())


def test_a_note_opens_with_the_key_that_signed_it():
    assert note.opened(read(TEXT, LINE), [KEY]) == (KEY,)


def test_signatures_by_unknown_keys_are_passed_over():
    """Another key of the same name has another id: neither name nor id alone makes a key known."""
    assert note.opened(read(TEXT, OTHER.sign(TEXT), LINE), [KEY]) == (KEY,)
    with pytest.raises(LedgerError, match=r"not signed by ledger.example/test"):
        note.opened(read(TEXT, OTHER.sign(TEXT)), [KEY])


def test_a_wrong_signature_by_a_known_key_spoils_the_note():
    wrong = SIGNER.sign("another text\n")
    for lines in ([wrong], [LINE, wrong]):
        with pytest.raises(LedgerError, match=r"signature by ledger.example/test is wrong"):
            note.opened(read(TEXT, *lines), [KEY])


def test_a_changed_text_does_not_open():
    with pytest.raises(LedgerError, match="is wrong"):
        note.opened(read(TEXT.replace("0", "1", 1), LINE), [KEY])


def test_a_witness_cosigns_what_it_saw_and_when():
    key = WITNESS.verifier(Kind.WITNESS)
    line = WITNESS.cosign(TEXT, 1_790_000_000)
    assert note.opened(read(TEXT, LINE, line), [KEY, key]) == (KEY, key)
    (signature,) = read(TEXT, line).signatures
    moved = note.Signature(signature.name, signature.id, bytes(8) + signature.blob[8:])
    with pytest.raises(LedgerError, match=r"signature by witness.example/w1 is wrong"):
        note.opened(note.Note(TEXT, (moved,)), [key])


def test_a_log_signature_is_no_cosignature():
    """The same key as log and as witness has two ids, so one cannot be passed off as the other."""
    assert SIGNER.verifier().id != SIGNER.verifier(Kind.WITNESS).id


@pytest.mark.parametrize(
    "raw",
    [
        TEXT.encode(),
        TEXT.encode() + b"\n",
        (TEXT + "\n" + LINE[:-1]).encode(),
        (TEXT + LINE).encode(),
        b"\x01" + (TEXT + "\n" + LINE).encode(),
        b"\xff" + (TEXT + "\n" + LINE).encode(),
        (TEXT + "\n" + LINE + "Unexpected line.\n").encode(),
        (TEXT + "\n" + LINE.replace("— ", "- ")).encode(),
        (TEXT + "\n— name \n").encode(),
        (TEXT + "\n— name !!!!\n").encode(),
        (TEXT + "\n— name AAAA\n").encode(),
        (TEXT + "\n— name AAAAAAB=\n").encode(),
        (TEXT + "\n" + LINE * (MOST_SIGNATURES + 1)).encode(),
        b"",
    ],
)
def test_what_has_not_the_form_of_a_note_is_refused(raw):
    with pytest.raises(LedgerError, match="no note to be trusted"):
        note.parse(raw)


def test_as_many_signatures_are_read_as_the_format_asks_for():
    assert len(read(TEXT, *[LINE] * 16).signatures) == 16


def test_keys_read_back_from_their_text():
    assert VerifierKey.parse(str(KEY)) == KEY
    assert VerifierKey.parse(f"{KEY}\n") == KEY
    assert Signer.parse(SIGNER.text) == SIGNER


def test_a_private_key_is_never_shown():
    assert repr(SIGNER) == "Signer('ledger.example/test')"
    with pytest.raises(LedgerError) as caught:
        Signer.parse(SIGNER.text[:-4] + "AAAA")
    assert SIGNER.text[-20:-4] not in str(caught.value)


def test_every_mangling_of_a_verifier_key_is_refused():
    text = str(KEY)
    for place, char in enumerate(text):
        for mangled in (text[:place], text[:place] + chr(ord(char) + 1) + text[place + 1 :]):
            with pytest.raises(LedgerError):
                VerifierKey.parse(mangled)


def test_a_key_of_an_unknown_type_is_refused():
    strange = VerifierKey("x", 0x99, bytes(32))
    with pytest.raises(LedgerError, match="type 153 is not known"):
        VerifierKey.parse(str(strange))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u3000b", "a\x7fb"])
def test_a_name_that_no_key_can_have_is_refused(name):
    with pytest.raises(LedgerError, match="cannot name a key"):
        Signer(name, bytes(32))
