"""Entries that the log's key should have signed by now, and has not: they prove nothing.

What is durable is signed about a second later. Until then a checksum is all that stands over it,
which anybody can compute who may write files; so whatever waits longer is not believed.
"""

from __future__ import annotations

from datetime import timedelta

from kanhe.status.check import SERVE, said
from kanhe.status.check_ledger import VERIFY
from kanhe.status.picture import Picture, Unsound
from kanhe.status.verdict import Standing, Verdict
from kanhe.terms import Text

_WAITS = timedelta(seconds=10)
"""Longer than a writer takes to sign what it has written; a choice of ours."""


def unsigned(picture: Picture) -> frozenset[int]:
    """Give the numbers of kept entries that have waited too long for a signature."""
    if isinstance(picture.soundness, Unsound):
        return frozenset()
    found = set()
    for entries in picture.kept.values():
        for seen in reversed(entries):
            if seen.index < picture.soundness.size:
                break
            if picture.at - seen.at >= _WAITS:
                found.add(seen.index)
    return frozenset(found)


def unproven(entry: int, *reasons: Text) -> Verdict:
    """Say that what `entry` seems to show is not known, for want of a signature."""
    why = Text(
        f"条目 {entry} 尚无签名，不予采信；服务启动后会签名，此前请核对它从何而来",
        f"Entry {entry} is not signed, so it shows nothing. A service that starts signs it; look "
        "first at where it comes from",
    )
    return said(Standing.UNKNOWN, *reasons, why, do=(VERIFY, SERVE))
