"""What an exchange writes down, as those who watch are told of it."""

import pytest

from fakes import MemoryLedger
from kanhe.errors import LedgerUnwritable
from kanhe.gateway.journal import Journal
from upstream import on_loop


@on_loop
async def test_a_stop_is_told_with_the_number_of_its_entry():
    journal = Journal(MemoryLedger())
    await journal.durable("gateway:answer:begun", {})
    await journal.durable("gateway:answer:stopped", {"decision": "d1"})
    (told,) = journal.told(0)
    assert (told.number, told.index, told.facts) == (1, 1, {"decision": "d1"})


@on_loop
async def test_nothing_is_told_twice_to_who_says_how_far_they_have_read():
    journal = Journal(MemoryLedger())
    for _ in range(3):
        await journal.durable("gateway:prompt:refused", {})
    assert [told.number for told in journal.told(1)] == [2, 3]
    assert journal.told(3) == ()


@on_loop
async def test_what_is_not_on_the_ledger_is_not_told():
    ledger = MemoryLedger()
    journal = Journal(ledger)
    ledger.unwritable = "the disk is full"
    with pytest.raises(LedgerUnwritable):
        await journal.durable("gateway:answer:stopped", {})
    assert journal.told(0) == ()
    assert journal.lost == 1


@on_loop
async def test_only_so_much_is_remembered():
    journal = Journal(MemoryLedger())
    for _ in range(250):
        await journal.durable("gateway:prompt:refused", {})
    assert [journal.told(0)[0].number, journal.told(0)[-1].number] == [51, 250]
