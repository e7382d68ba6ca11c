"""Rules that come into force only when a second person has released them."""

import pytest

from fakes import MemoryLedger
from kanhe.adapters.live_rules import open_rules
from kanhe.adapters.rule_files import RuleFiles
from kanhe.errors import LedgerUnwritable, NotReleased, RulesetError
from test_live_rules import Folder, stops
from upstream import on_loop

ANNA, BEN = "acct-anna", "acct-ben"


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


@pytest.fixture
def ledger():
    return MemoryLedger()


def files(folder, *, second_person=True):
    return RuleFiles(
        [folder.ruleset],
        regime="cn-genai",
        surfaces=["content"],
        cache=None,
        archive=folder.ruleset.parent / "rules",
        second_person=second_person,
    )


async def changed(folder, ledger):
    """Rules in force that stop `kumquat`, and a candidate that stops `tangerine`."""
    rules = await open_rules(files(folder), ledger)
    folder.write("tangerine", "2")
    assert await rules.reload() is False
    return rules


@on_loop
async def test_changed_files_wait_and_the_rules_in_force_stay(folder, ledger):
    rules = await changed(folder, ledger)
    assert stops(rules.current, "a kumquat")
    assert not stops(rules.current, "a tangerine")
    assert stops(rules.candidate.ruleset, "a tangerine")
    assert ledger.tags == ["operator:ruleset:loaded", "operator:ruleset:waiting"]


@on_loop
async def test_one_proposes_and_another_releases(folder, ledger):
    rules = await changed(folder, ledger)
    version = rules.candidate.ruleset.version
    await rules.propose(version, ANNA)
    await rules.release(version, BEN)
    assert stops(rules.current, "a tangerine")
    assert rules.candidate is None
    released = ledger.entries[-2]
    assert (released.tag, released.facts) == (
        "operator:ruleset:released",
        {"version": version, "by": BEN, "proposed_by": ANNA},
    )
    assert ledger.tags[-1] == "operator:ruleset:loaded"


@on_loop
async def test_nobody_releases_what_they_proposed_themselves(folder, ledger):
    rules = await changed(folder, ledger)
    version = rules.candidate.ruleset.version
    await rules.propose(version, ANNA)
    with pytest.raises(NotReleased, match="who has proposed"):
        await rules.release(version, ANNA)
    assert stops(rules.current, "a kumquat")


@on_loop
async def test_what_nobody_proposed_is_not_released(folder, ledger):
    rules = await changed(folder, ledger)
    with pytest.raises(NotReleased, match="not proposed"):
        await rules.release(rules.candidate.ruleset.version, BEN)


@on_loop
async def test_files_that_change_after_the_proposal_have_to_be_proposed_anew(folder, ledger):
    """The second person releases what was shown, never what has been put in its place since."""
    rules = await changed(folder, ledger)
    version = rules.candidate.ruleset.version
    await rules.propose(version, ANNA)
    folder.write("satsuma", "3")
    await rules.reload()
    with pytest.raises(NotReleased):
        await rules.release(version, BEN)
    with pytest.raises(NotReleased):
        await rules.release(rules.candidate.ruleset.version, BEN)
    assert stops(rules.current, "a kumquat")


@on_loop
async def test_a_proposal_that_was_withdrawn_is_not_released(folder, ledger):
    rules = await changed(folder, ledger)
    version = rules.candidate.ruleset.version
    await rules.propose(version, ANNA)
    await rules.withdraw(version, ANNA)
    with pytest.raises(NotReleased):
        await rules.release(version, BEN)
    assert rules.candidate.proposed_by is None


@on_loop
async def test_a_restart_begins_with_what_was_released_and_not_with_the_files(folder, ledger):
    await changed(folder, ledger)
    again = await open_rules(files(folder), ledger)
    assert stops(again.current, "a kumquat")
    assert stops(again.candidate.ruleset, "a tangerine")


@on_loop
async def test_a_restart_after_a_release_begins_with_the_new_rules(folder, ledger):
    rules = await changed(folder, ledger)
    version = rules.candidate.ruleset.version
    await rules.propose(version, ANNA)
    await rules.release(version, BEN)
    again = await open_rules(files(folder), ledger)
    assert (again.current.version, again.candidate) == (version, None)


@on_loop
async def test_faulty_files_at_a_restart_do_not_keep_the_released_rules_from_force(folder, ledger):
    await changed(folder, ledger)
    folder.ruleset.write_text("rules: [", encoding="utf-8")
    again = await open_rules(files(folder), ledger)
    assert stops(again.current, "a kumquat")
    assert again.candidate is None


@on_loop
async def test_an_earlier_version_is_proposed_from_the_archive(folder, ledger):
    rules = await changed(folder, ledger)
    first, second = rules.current.version, rules.candidate.ruleset.version
    await rules.propose(second, ANNA)
    await rules.release(second, BEN)
    await rules.propose(first, BEN)
    await rules.release(first, ANNA)
    assert stops(rules.current, "a kumquat")


@on_loop
async def test_a_version_that_was_never_kept_is_not_proposed(folder, ledger):
    rules = await changed(folder, ledger)
    with pytest.raises(RulesetError, match="never kept"):
        await rules.propose("f" * 64, ANNA)


@on_loop
async def test_an_archive_that_was_altered_is_not_started_with(folder, ledger):
    """Planted: another ruleset under the released version's name."""
    rules = await changed(folder, ledger)
    archive = folder.ruleset.parent / "rules"
    (archive / f"{rules.current.version}.zip").write_bytes(
        (archive / f"{rules.candidate.ruleset.version}.zip").read_bytes()
    )
    with pytest.raises(RulesetError, match="holds version"):
        await open_rules(files(folder), ledger)


@on_loop
async def test_a_release_that_cannot_be_recorded_does_not_happen(folder, ledger):
    rules = await changed(folder, ledger)
    version = rules.candidate.ruleset.version
    await rules.propose(version, ANNA)
    ledger.unwritable = "the disk is full"
    with pytest.raises(LedgerUnwritable):
        await rules.release(version, BEN)
    assert stops(rules.current, "a kumquat")


@on_loop
async def test_where_rules_come_into_force_at_once_nothing_is_proposed(folder, ledger):
    rules = await open_rules(files(folder, second_person=False), ledger)
    folder.write("tangerine", "2")
    assert await rules.reload() is True
    with pytest.raises(NotReleased, match="as soon as"):
        await rules.propose(rules.current.version, ANNA)
    assert len(rules.files.archive.versions()) == 2


@on_loop
async def test_what_has_to_follow_a_change_is_done_before_the_change_is_told(folder, ledger):
    rules = await open_rules(files(folder, second_person=False), ledger)
    seen = []

    async def then():
        seen.append((ledger.tags[-1], stops(rules.current, "a tangerine")))

    rules.then = then
    folder.write("tangerine", "2")
    await rules.reload()
    assert seen == [("operator:ruleset:loaded", True)]
