import copy
import json
import pickle

import pytest

from kanhe.terms import Secret, counted

SECRET = Secret("planted-0123456789")


@pytest.mark.parametrize(
    "shown",
    [repr(SECRET), str(SECRET), f"{SECRET}", f"{SECRET:>30}", f"{SECRET!s}", "%s" % SECRET],  # noqa: UP031
)
def test_a_secret_shows_stars_however_it_is_shown(shown):
    assert shown.strip() == "***"


def test_a_secret_is_given_only_to_who_asks_for_it_by_name():
    assert SECRET.reveal() == "planted-0123456789"
    with pytest.raises(TypeError):
        vars(SECRET)


@pytest.mark.parametrize("write", [pickle.dumps, copy.deepcopy, json.dumps])
def test_a_secret_is_neither_copied_out_nor_written(write):
    with pytest.raises(TypeError):
        write(SECRET)


def test_secrets_compare_by_what_they_hide():
    assert Secret("planted-0123456789") == SECRET
    assert len({Secret("planted-0123456789"), SECRET}) == 1
    assert Secret("other") != SECRET
    assert SECRET != "planted-0123456789"
    assert not Secret("")


@pytest.mark.parametrize(
    ("number", "words", "told"),
    [
        (0, ("gap",), "0 gaps"),
        (1, ("gap",), "1 gap"),
        (2, ("gap",), "2 gaps"),
        (1, ("entry is", "entries are"), "1 entry is"),
        (1000, ("entry is", "entries are"), "1,000 entries are"),
    ],
)
def test_one_is_told_otherwise_than_many(number, words, told):
    assert counted(number, *words) == told
