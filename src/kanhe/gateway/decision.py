"""One decision as it is read back: the beginning and the end of an exchange, from their entries.

What stands here is what the ledger holds: rules, places, lengths, pseudonyms. No text of a prompt
or an answer is there to be shown. An entry whose facts are of another form than ours is refused
rather than half read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from kanhe.errors import LedgerError


class Kind(StrEnum):
    """How an exchange ended."""

    OPEN = "open"
    """It has begun; an end is not on record (yet)."""
    RELEASED = "released"
    STOPPED = "stopped"
    """A rule stopped the answer."""
    REFUSED = "refused"
    """A rule stopped the prompt; no model was asked."""
    TURNED_AWAY = "turned-away"
    """The user was suspended."""
    FAILED = "failed"
    ABANDONED = "abandoned"
    """The client left before the end."""


BEGUN = "gateway:answer:begun"

TAGS: Mapping[str, Kind] = {
    BEGUN: Kind.OPEN,
    "gateway:answer:released": Kind.RELEASED,
    "gateway:answer:stopped": Kind.STOPPED,
    "gateway:answer:failed": Kind.FAILED,
    "gateway:answer:abandoned": Kind.ABANDONED,
    "gateway:prompt:refused": Kind.REFUSED,
    "gateway:user:refused": Kind.TURNED_AWAY,
}
"""What an entry of the gateway says about its exchange."""

ENDS = frozenset(tag for tag in TAGS if tag.startswith("gateway:answer:")) - {BEGUN}
"""Entries that stand behind a beginning."""


class Opinion(msgspec.Struct, frozen=True):
    """What a judge said behind a finding: a category and its probability, or `why` it said nothing.

    `permille` is None where there is no opinion; `why` is `late`, `busy`, `unavailable` or
    `unscored`, and empty where there is one.
    """

    judge: str = ""
    category: str = ""
    permille: int | None = None
    why: str = ""


class Noticed(msgspec.Struct, frozen=True):
    """A finding that did not stop anything: a rule that masks, warns, or only watches."""

    rule: str = ""
    action: str = ""
    mode: str = ""
    surface: str = ""
    folds: tuple[str, ...] = ()
    side: str = ""
    """`prompt` or `answer`: known by the entry it stands in, so no entry says it."""
    judged: Opinion | None = None


class Facts(msgspec.Struct, frozen=True):
    """The facts of a gateway entry, those of all kinds together; what is not there is empty."""

    decision: str = ""
    app: str = ""
    model: str = ""
    path: str = ""
    prompt: str = ""
    ruleset: str = ""
    user: str = ""
    rule: str = ""
    category: str = ""
    severity: str = ""
    surface: str = ""
    folds: tuple[str, ...] = ()
    length: int | None = None
    characters: int | None = None
    released: int | None = None
    events: int | None = None
    code: str = ""
    until: str = ""
    suspended_until: str = ""
    tokens_saved_at_most: int | None = None
    noticed: tuple[Noticed, ...] = ()
    unseen: tuple[str, ...] = ()
    held_fields: tuple[str, ...] = ()
    judged: Opinion | None = None


class Record(msgspec.Struct, frozen=True):
    """A gateway entry."""

    at: datetime
    facts: Facts
    tag: str


_DECODER = msgspec.json.Decoder(Record)


@dataclass(frozen=True, slots=True)
class Decision:
    """One exchange. `begun` and `ended` are numbers of ledger entries; the same for a refusal."""

    number: str
    kind: Kind
    begun: int
    at: datetime
    ended: int | None
    ended_at: datetime | None
    app: str
    model: str
    path: str
    user: str
    """Pseudonym; empty where the application named nobody."""
    ruleset: str
    rule: str
    """What stopped it; empty if nothing did. Category, severity, surface and folds belong to it."""
    category: str
    severity: str
    surface: str
    folds: tuple[str, ...]
    length: int | None
    """Characters of the finding."""
    released: int | None
    """Characters that the client got."""
    noticed: tuple[Noticed, ...]
    code: str
    """Of the error that ended it."""
    suspended_until: str
    commitment: str
    """To the prompt."""
    tokens_saved: int | None
    unseen: tuple[str, ...]
    """Parts of the request that no rule can read."""
    judged: Opinion | None
    """The opinion behind what stopped it; None where no judge was asked."""

    @property
    def is_unchecked(self) -> bool:
        """Whether it ended because nobody could look, and not for anything that was found."""
        return bool(self.judged and self.judged.why)

    @property
    def entries(self) -> tuple[int, ...]:
        """Numbers of its entries."""
        return tuple(dict.fromkeys(at for at in (self.begun, self.ended) if at is not None))


@dataclass(frozen=True, slots=True)
class DecisionQuery:
    """Which decisions to show; what is empty does not matter.

    Args:
        number: The decision's number, or how it begins.
        kinds: One of them.
        rule: The rule that stopped it, or that noticed something in it.
        judge: The judge behind what stopped it, or behind something noticed in it.
        opinion: What that judge said: a category; or `none`, or why there is none, such as `late`.
        since: From this instant on (aware), by the beginning.
        until: Before this instant.
        before: Only what began before this entry: the `next` of the page before.
        limit: At most so many, 1 to 500.
    """

    number: str = ""
    kinds: tuple[Kind, ...] = ()
    rule: str = ""
    category: str = ""
    app: str = ""
    model: str = ""
    surface: str = ""
    fold: str = ""
    user: str = ""
    judge: str = ""
    opinion: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """Decisions, newest first.

    `next` is the `before` of the next page, None on the last one. `total` counts all that match,
    where that is known without looking at each: with no number, user or instant asked for.
    `covered`: how many entries of the ledger the projection has taken in.
    """

    decisions: tuple[Decision, ...]
    next: int | None
    total: int | None
    covered: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many decisions of a kind began from `start` on, within one step."""

    start: datetime
    kind: Kind
    number: int


def record(raw: bytes) -> Record:
    """Read a gateway entry.

    Raises:
        LedgerError: It is none.
    """
    try:
        return _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise LedgerError(
            f"this is no entry of the gateway: {error}",
            advice="Look at it with `kanhe ledger show INDEX`.",
        ) from error


def joined(begun: int, first: Record, ended: int | None, last: Record | None) -> Decision:
    """Make a decision of its first entry and its last one; a refusal has only one.

    Raises:
        LedgerError: They are of different exchanges.
    """
    end = last or first
    if end.facts.decision != first.facts.decision:
        raise LedgerError(
            f"entries {begun} and {ended} are not of one exchange",
            advice="Remove views.sqlite in the data directory: it is made anew from the ledger.",
        )
    a, b = first.facts, end.facts
    over = last is not None or first.tag != BEGUN
    return Decision(
        number=a.decision,
        kind=TAGS.get(end.tag, Kind.OPEN),
        begun=begun,
        at=first.at,
        ended=(begun if last is None else ended) if over else None,
        ended_at=end.at if over else None,
        app=a.app,
        model=a.model,
        path=a.path,
        user=a.user or b.user,
        ruleset=b.ruleset or a.ruleset,
        rule=b.rule,
        category=b.category,
        severity=b.severity,
        surface=b.surface,
        folds=b.folds,
        length=b.length,
        released=b.characters if b.characters is not None else b.released,
        noticed=(*_on(a.noticed, "prompt"), *(_on(b.noticed, "answer") if last else ())),
        code=b.code,
        suspended_until=b.suspended_until or b.until,
        commitment=a.prompt,
        tokens_saved=b.tokens_saved_at_most,
        unseen=tuple(dict.fromkeys((*a.unseen, *b.unseen))),
        judged=b.judged,
    )


def _on(noticed: tuple[Noticed, ...], side: str) -> tuple[Noticed, ...]:
    return tuple(msgspec.structs.replace(one, side=side) for one in noticed)
