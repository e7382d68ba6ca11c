"""The rules in force: loaded, refused whole, and exchanged without a restart."""

import pytest

from fakes import MemoryLedger
from kanhe.adapters.live_rules import open_rules
from kanhe.adapters.rule_files import RuleFiles
from kanhe.errors import FaultyRuleset, LedgerUnwritable
from kanhe.policy.rule import Place, Side
from kanhe.policy.stream import StreamGuard
from upstream import on_loop

RULESET = """
name: ours
version: "{version}"
rules:
  - id: one
    category: A.1.h
    match: {{terms: {{files: [terms.txt]}}}}
    examples: {{match: [{term}], miss: [harmless]}}
"""


class Folder:
    """A ruleset in a folder, to be changed."""

    def __init__(self, place):
        self.ruleset, self.terms = place / "ours.yaml", place / "terms.txt"
        self.write("kumquat")

    def write(self, term, version="1"):
        self.ruleset.write_text(RULESET.format(term=term, version=version), encoding="utf-8")
        self.terms.write_text(f"{term}\n", encoding="utf-8")

    def files(self, cache=None):
        return RuleFiles([self.ruleset], regime="cn-genai", surfaces=["content"], cache=cache)


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


@pytest.fixture
def ledger():
    return MemoryLedger()


def stops(ruleset, text):
    return StreamGuard(ruleset.plan(Place(Side.ANSWER))).feed(f"{text} ").stopped_by is not None


@on_loop
async def test_the_rules_in_force_are_on_the_ledger_with_their_version(folder, ledger):
    rules = await open_rules(folder.files(), ledger)
    (entry,) = ledger.entries
    assert entry.tag == "operator:ruleset:loaded"
    assert entry.facts == {
        "name": "ours",
        "label": "1",
        "version": rules.current.version,
        "rules": 1,
        "rules_acting": 1,
        "rules_shadow": 0,
        "rules_tested": 1,
        "rules_spared": 1,
        "rules_judged": 0,
        "judged": [],
        "examples": 2,
        "terms_total": 1,
        "terms": {"A.1.h": 1},
        "lexicon": rules.current.inventory.lexicon,
        "lexicons": dict(rules.current.inventory.lexicons),
        "covers": {"A.1.h": {"prompt": 1, "answer": 1}},
        "prompt": 1,
        "answer": 1,
    }
    assert stops(rules.current, "a kumquat")


@on_loop
async def test_the_same_content_again_does_nothing(folder, ledger):
    rules = await open_rules(folder.files(), ledger)
    before = rules.current
    folder.write("kumquat")
    assert await rules.reload() is False
    assert rules.current is before
    assert len(ledger.tags) == 1


@on_loop
async def test_a_change_replaces_the_rules_and_leaves_the_old_ones_as_they_were(folder, ledger):
    rules = await open_rules(folder.files(), ledger)
    old = rules.current
    folder.write("tangerine", "2")
    assert await rules.reload() is True
    assert stops(rules.current, "a tangerine")
    assert not stops(old, "a tangerine")
    assert stops(old, "a kumquat")
    entry = ledger.entries[-1]
    assert (entry.facts["label"], entry.facts["before"]) == ("2", old.version)


@on_loop
async def test_a_faulty_ruleset_is_refused_whole_and_recorded_without_its_text(folder, ledger):
    rules = await open_rules(folder.files(), ledger)
    old = rules.current
    folder.terms.write_text("tangerine\n")
    folder.ruleset.write_text(folder.ruleset.read_text().replace("category: A.1.h", "categry: x"))
    with pytest.raises(FaultyRuleset):
        await rules.reload()
    assert rules.current is old
    entry = ledger.entries[-1]
    assert entry.tag == "operator:ruleset:refused"
    assert entry.facts["kept"] == old.version
    assert entry.facts["faults"] == len(entry.facts["places"]) > 0
    assert set(entry.facts["places"][0]) == {"file", "line", "rule"}
    assert b"tangerine" not in b"".join(ledger.raw)


@on_loop
async def test_faulty_rules_at_the_start_are_refused_and_recorded(folder, ledger):
    folder.ruleset.write_text("name: x")
    with pytest.raises(FaultyRuleset):
        await open_rules(folder.files(), ledger)
    assert ledger.tags == ["operator:ruleset:refused"]
    assert ledger.entries[0].facts["kept"] is None


@on_loop
async def test_rules_that_cannot_be_recorded_do_not_come_into_force(folder, ledger):
    rules = await open_rules(folder.files(), ledger)
    old = rules.current
    folder.write("tangerine")
    ledger.unwritable = "disk full"
    with pytest.raises(LedgerUnwritable):
        await rules.reload()
    assert rules.current is old
    ledger.unwritable = None
    assert await rules.reload() is True


@pytest.mark.parametrize("changed", ["ruleset", "terms"])
@on_loop
async def test_a_changed_file_is_loaded_once_it_is_at_rest(folder, ledger, changed):
    rules = await open_rules(folder.files(), ledger)
    assert await rules.look() is False
    file = getattr(folder, changed)
    file.write_text(file.read_text() + "\n# changed\n")
    assert [await rules.look() for _ in range(3)] == [False, True, False]


@on_loop
async def test_a_faulty_change_is_tried_once_and_its_mending_is_seen(folder, ledger):
    rules = await open_rules(folder.files(), ledger)
    good = folder.ruleset.read_text()
    folder.ruleset.write_text("name: x")
    assert [await rules.look() for _ in range(4)] == [False] * 4
    assert ledger.tags.count("operator:ruleset:refused") == 1
    folder.ruleset.write_text(good + "\n# mended\n")
    assert [await rules.look() for _ in range(2)] == [False, True]


@on_loop
async def test_a_file_that_goes_and_comes_back_is_no_change(folder, ledger):
    rules = await open_rules(folder.files(), ledger)
    old = rules.current
    aside = folder.terms.rename(folder.terms.with_name("aside"))
    assert [await rules.look() for _ in range(3)] == [False] * 3
    aside.rename(folder.terms)
    assert [await rules.look() for _ in range(3)] == [False] * 3
    assert rules.current is old


@on_loop
async def test_a_signal_loads_in_the_background_and_survives_a_fault(folder, ledger):
    rules = await open_rules(folder.files(), ledger)
    folder.ruleset.write_text("name: x")
    assert await rules.reload_soon() is False
    assert ledger.tags[-1] == "operator:ruleset:refused"
    folder.write("tangerine")
    assert await rules.reload_soon() is True
    assert stops(rules.current, "a tangerine")


@on_loop
async def test_the_watch_ends_with_the_rules(folder, ledger):
    rules = await open_rules(folder.files(), ledger)
    rules.watch()
    await rules.aclose()
    await rules.aclose()


@on_loop
async def test_compiled_lexicons_are_kept_between_runs(folder, ledger, tmp_path):
    cache = tmp_path / "cache"
    await open_rules(folder.files(cache), ledger)
    kept = list(cache.iterdir())
    rules = await open_rules(folder.files(cache), ledger)
    assert kept
    assert list(cache.iterdir()) == kept
    assert stops(rules.current, "a kumquat")


@on_loop
async def test_the_shipped_ruleset_loads_beside_ours(folder, ledger):
    files = RuleFiles(
        ["baseline", folder.ruleset], regime="cn-genai", surfaces=["content"], cache=None
    )
    loaded = files.read()
    assert loaded.name.endswith("+ours")
    assert len(loaded.rules) > 10


@on_loop
async def test_rules_whose_examples_do_not_come_out_are_no_rules(folder, ledger):
    rules = await open_rules(folder.files(), ledger)
    in_force = rules.current.version
    # The terms say another word than the example that they must match.
    folder.terms.write_text("quince\n", encoding="utf-8")
    with pytest.raises(FaultyRuleset, match="1 fault") as caught:
        await rules.reload()
    assert "must match, and does not" in str(caught.value.faults[0])
    assert rules.current.version == in_force
    with pytest.raises(FaultyRuleset):
        await open_rules(folder.files(), MemoryLedger())
    await rules.aclose()
