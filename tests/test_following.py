"""Following a log against the whole verification: they agree on what is sound and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.errors import LedgerBroken
from kanhe.ledger.checkpoint import Checkpoint
from kanhe.ledger.following import Following, roots_between
from kanhe.ledger.frontier import Edge
from kanhe.ledger.tile import WIDTH
from kanhe.ledger.verification import verify
from ledgers import entry, mth


class Files(dict):
    """A log in memory, its files by their names; `grow` writes as the publisher does."""

    def __init__(self):
        super().__init__()
        self.edge, self.entries = Edge(), []

    def grow(self, count):
        new = [entry(len(self.entries) + n) for n in range(count)]
        self.entries += new
        for file in [*self.edge.push(new), *self.edge.partials()]:
            self[file.at.name] = file.content
        return Checkpoint("log.example", len(self.entries), self.edge.tree.root())


def follow(files, following, signed, elsewhere=None):
    taken = {}
    for _ in following.follow(signed, lambda first, some: taken.update(
            enumerate(some, first)), elsewhere):  # fmt: skip
        pass
    return taken


@given(st.lists(st.integers(0, 700), min_size=1, max_size=4))
def test_what_is_handed_over_is_the_log_however_it_grew(steps):
    """The oracle of the root is RFC 9162's recursion, that of the entries the list itself."""
    files, taken = Files(), {}
    following = Following(files.get)
    for step in steps:
        signed = files.grow(step)
        assert signed.root == mth(files.entries)
        taken |= follow(files, following, signed)
    assert [taken[at] for at in sorted(taken)] == files.entries


@given(st.integers(1, 70_000 // WIDTH), st.data())
def test_whatever_file_is_altered_both_refuse(bundles, data):
    files = Files()
    signed = files.grow(bundles % 5 * WIDTH + 17)
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[name]) - 1))
    raw = bytearray(files[name])
    raw[at] ^= data.draw(st.integers(1, 255))
    files[name] = bytes(raw)
    with pytest.raises(LedgerBroken):
        verify(files.get, signed, progress=lambda _: None)
    with pytest.raises(LedgerBroken):
        follow(files, Following(files.get), signed)


def test_a_tile_high_up_is_held_against_its_entries():
    files = Files()
    signed = files.grow(WIDTH * WIDTH + 1)
    name = "tile/1/000"
    good, files[name] = files[name], b"x" * len(files[name])
    with pytest.raises(LedgerBroken, match=name):
        follow(files, Following(files.get), signed)
    files[name] = good
    following = Following(files.get)
    assert len(follow(files, following, signed)) == WIDTH * WIDTH + 1


def test_a_checkpoint_with_another_root_is_refused():
    files = Files()
    signed = files.grow(300)
    with pytest.raises(LedgerBroken, match="root"):
        follow(files, Following(files.get), Checkpoint("log.example", 300, bytes(32)))
    with pytest.raises(LedgerBroken):
        follow(files, Following(files.get), Checkpoint("log.example", 299, signed.root))


def test_work_done_elsewhere_counts_like_our_own_and_its_refusal_too():
    files = Files()
    signed = files.grow(1500)

    def other(start, stop):
        return start + 2, lambda: roots_between(files.get, start + 2, stop)

    assert len(follow(files, Following(files.get), signed, other)) == 1500
    files["tile/entries/004"] = files["tile/entries/003"]
    with pytest.raises(LedgerBroken):
        follow(files, Following(files.get), signed, other)
