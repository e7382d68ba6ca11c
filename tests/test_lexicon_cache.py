"""The cache of compiled lexicons: gives what was put, or nothing; never stands in anyone's way."""

from __future__ import annotations

import os
import time

import pytest

from kanhe.adapters.lexicon_cache import LexiconCache
from kanhe.policy.fold import ALL
from kanhe.policy.rule import Rule, Terms
from kanhe.policy.ruleset import compile_parts

MONTH_S = 31 * 24 * 3600


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_what_was_put_comes_back(tmp_path):
    cache = LexiconCache(tmp_path / "new" / "folder")
    assert cache.get("k") is None
    cache.put("k", b"value")
    cache.put("k", b"newer")
    assert cache.get("k") == b"newer"
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["k.lexicon"]


@pytest.mark.parametrize("damage", [b"", b"x", None])
def test_what_is_damaged_does_not_come_back(tmp_path, damage):
    cache = LexiconCache(tmp_path)
    cache.put("k", b"value")
    path = tmp_path / "k.lexicon"
    path.write_bytes(path.read_bytes()[:-1] + b"?" if damage is None else damage)
    assert cache.get("k") is None


def test_what_nobody_used_for_a_month_is_dropped(tmp_path):
    cache = LexiconCache(tmp_path)
    for key in ("old", "used", "other"):
        cache.put(key, b"value")
    (tmp_path / "left.new").write_bytes(b"")
    (tmp_path / "mine.txt").write_bytes(b"")
    for path in tmp_path.iterdir():
        age(path, MONTH_S)
    assert cache.get("used")
    cache.put("new", b"value")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "mine.txt",
        "new.lexicon",
        "used.lexicon",
    ]


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    cache = LexiconCache(tmp_path / "file")
    cache.put("k", b"value")
    assert cache.get("k") is None


def test_a_write_that_fails_half_way_leaves_nothing_behind(tmp_path):
    cache = LexiconCache(tmp_path)
    (tmp_path / "k.lexicon").mkdir()
    cache.put("k", b"value")
    assert [path.name for path in tmp_path.iterdir()] == ["k.lexicon"]


class Counting:
    """A cache that remembers what it was asked."""

    def __init__(self):
        self.kept, self.puts = {}, 0

    def get(self, key):
        return self.kept.get(key)

    def put(self, key, value):
        self.puts += 1
        self.kept[key] = value


def rules(*terms):
    some = [Rule("x", "c", Terms(("plain", "词")), folds=frozenset())]
    return [*some, *(Rule(term, "c", Terms((term,)), folds=ALL, fold_min=2) for term in terms)]


def test_a_second_start_compiles_nothing():
    cache = Counting()
    first = compile_parts(rules("炸弹"), {}, cache)
    puts = cache.puts
    second = compile_parts(rules("炸弹"), {}, cache)
    assert cache.puts == puts
    assert [(p.scope, p.acts, p.looks.view) for p in first] == [
        (p.scope, p.acts, p.looks.view) for p in second
    ]


def test_a_change_compiles_only_the_lexicon_it_concerns():
    cache = Counting()
    compile_parts(rules("炸弹"), {}, cache)
    puts = cache.puts
    compile_parts(rules("手枪"), {}, cache)
    assert cache.puts == puts + 2  # the lexicon, and which lexicons there are


def test_a_lexicon_that_is_gone_is_compiled_again():
    cache = Counting()
    compile_parts(rules("炸弹"), {}, cache)
    del cache.kept[next(iter(cache.kept))]
    assert len(compile_parts(rules("炸弹"), {}, cache)) == 2
