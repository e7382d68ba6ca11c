"""The tree over the lines of an assessment, and the disclosure of one of them.

Its root stands in the head and on the ledger. Hashing is that of the ledger (RFC 9162 section
2.1.1); a leaf is a line with its salt, so that who is shown one line learns nothing of the others,
not even by trying out what they might say.

A disclosure is a line, its path to the root, and, if wanted, the texts themselves: what was asked
and what was answered, which are checked against the hashes in the line. Whoever checks one needs
the root from somewhere else, a report or a ledger: the one that it carries proves nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from kanhe.assess.item import Item
from kanhe.assess.line import Line
from kanhe.assess.line_file import read_line
from kanhe.assess.outcome import Answered
from kanhe.assess.plain_json import decoded, unreadable
from kanhe.errors import AssessError
from kanhe.ledger import tree
from kanhe.ledger.tree import HASH_BYTES

FORM = "kanhe-disclosure-1"
_WHAT = "the disclosure"
_MOST_STEPS = 64


class Tree:
    """The tree over some leaves, each row of complete pairs hashed once."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.size = len(leaves)
        row = [tree.leaf_hash(leaf) for leaf in leaves]
        self._rows = [row]
        while len(row) > 1:
            row = [tree.node_hash(*pair) for pair in zip(row[::2], row[1::2], strict=False)]
            self._rows.append(row)

    def root(self) -> bytes:
        """Give the root."""
        return tree.root_of(self.size, self._node)

    def path(self, index: int) -> tuple[bytes, ...]:
        """Give the proof that a leaf is in it.

        Raises:
            ValueError: There is no such leaf.
        """
        return tuple(tree.inclusion_proof(index, self.size, self._node))

    def _node(self, level: int, index: int) -> bytes:
        return self._rows[level][index]


def root_of(leaves: Sequence[bytes]) -> str:
    """Give the root over leaves, in hex, as a head has it."""
    return Tree(leaves).root().hex()


class Texts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was asked and answered, in words.

    Attributes:
        turns: What the user said, as the item has it: before any disguise.
        system: What stood before; empty: nothing.
        key: Facts any of which the answer must have.
        answer: What was answered; None: it is not shown, or there was none.
    """

    turns: tuple[str, ...]
    system: str = ""
    key: tuple[str, ...] = ()
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One line out of `size`, the path to the root, and the texts if they are shown."""

    run: str
    root: str
    size: int
    index: int
    leaf: bytes
    path: tuple[bytes, ...]
    texts: Texts | None = None

    def check(self, root: str, size: int) -> Line:
        """Give the line, once it is shown to be in the tree of that root and its texts are its own.

        Args:
            root: In hex, of a report or a ledger, and not of this disclosure.
            size: How many lines that tree has; a path alone fits trees of several sizes.

        Raises:
            AssessError: It is not in that tree, or a text is another one.
        """
        if (self.root, self.size) != (root, size):
            raise _false(
                f"it is about the tree {self.root[:16]}… of {self.size}, "
                f"and that of the report is {root[:16]}… of {size}"
            )
        leaf = tree.leaf_hash(self.leaf)
        if not tree.includes(self.index, self.size, leaf, self.path, bytes.fromhex(root)):
            raise _false(f"its path does not lead from line {self.index + 1} to the root")
        line = read_line(self.leaf, self.index + 1)
        if self.texts is not None:
            check_texts(line, self.texts)
        return line


def check_texts(line: Line, texts: Texts) -> None:
    """See that texts are those that a line is about.

    Raises:
        AssessError: One is not.
    """
    item = Item(
        line.id, line.kind, line.lang, texts.turns, line.slice, line.expect, texts.key,
        system=texts.system,
    )  # fmt: skip
    if item.digest != line.outcome.trial.item:
        raise _false("the question is not the one that was asked")
    reply = line.outcome.reply
    if texts.answer is None:
        return
    said = sha256(texts.answer.encode("utf-8", "surrogatepass")).hexdigest()
    if not isinstance(reply, Answered) or reply.answer != said:
        raise _false("the answer is not the one that was given")


def disclose(run: str, leaves: Sequence[bytes], index: int, texts: Texts | None) -> Disclosure:
    """Disclose one line of a run.

    Raises:
        ValueError: There is no such line.
        AssessError: The texts are not those of the line.
    """
    all_ = Tree(leaves)
    path = all_.path(index)
    if texts is not None:
        check_texts(read_line(leaves[index], index + 1), texts)
    return Disclosure(run, all_.root().hex(), all_.size, index, leaves[index], path, texts)


class _Written(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    form: str
    run: str
    root: str
    size: int
    index: int
    line: str
    path: list[str]
    texts: Texts | None = None


def write_disclosure(one: Disclosure) -> bytes:
    """Write a disclosure, as JSON.

    Raises:
        AssessError: A text holds half a character, as models can say and JSON cannot.
    """
    path = [base64.b64encode(step).decode() for step in one.path]
    written = _Written(
        FORM, one.run, one.root, one.size, one.index, one.leaf.decode(), path, one.texts
    )
    try:
        return msgspec.json.encode(written) + b"\n"
    except UnicodeEncodeError as error:
        raise AssessError(
            "the answer holds half a character and cannot be written down",
            advice="Disclose the item without its texts.",
        ) from error


def is_disclosure(raw: bytes) -> bool:
    """Say whether a file claims to be a disclosure."""
    return f'"{FORM}"'.encode() in raw[:200]


def read_disclosure(raw: bytes) -> Disclosure:
    """Read a disclosure; whether it is true, `Disclosure.check` says.

    Raises:
        AssessError: It is none.
    """
    try:
        found = msgspec.convert(decoded(raw, _WHAT), _Written)
        path = tuple(base64.b64decode(step, validate=True) for step in found.path)
        bytes.fromhex(found.root)
    except (msgspec.ValidationError, binascii.Error, ValueError) as error:
        raise unreadable(_WHAT, str(error)) from error
    if found.form != FORM or len(path) > _MOST_STEPS or any(len(p) != HASH_BYTES for p in path):
        raise unreadable(_WHAT, f"its form is not {FORM}")
    return Disclosure(
        found.run, found.root, found.size, found.index, found.line.encode(), path, found.texts
    )


def _false(why: str) -> AssessError:
    return AssessError(
        f"the disclosure does not hold: {why}",
        advice="Ask whoever made it for a new one; keep this one.",
    )
