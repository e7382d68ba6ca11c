"""Many keys as one tree of characters, in four flat arrays.

Nodes are numbered from the root outwards, level by level, so that the edge at place `i` leads to
node `i + 1` and the edges of one node stand side by side. Ten bytes a node: a list of 100,000 terms
with all its spellings takes a few megabytes, where lists of strings would take fifty. One step is a
search among the edges of one node, so its cost does not depend on how many keys there are.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise

ROOT = 0


class Trie:
    """Answers what follows a node, and which key ends there.

    Args:
        edges: The characters on the edges, in the order of the nodes they leave.
        first: For each node, and one past the last, the place of its first edge; unsigned ints.
        ends: For each node the number of the key that ends there, or -1; signed ints.
    """

    __slots__ = ("edges", "ends", "first", "heads")

    def __init__(self, edges: str, first: array[int], ends: array[int]) -> None:
        if not len(first) == len(ends) + 1 == len(edges) + 2:
            raise ValueError("edges and nodes of the trie do not pair up")
        self.edges = edges
        self.first = first
        self.ends = ends
        # The root alone has thousands of edges; every character of a text asks for one of them.
        self.heads = dict(map(self._head, range(first[ROOT], first[ROOT + 1])))
        """From the first character of a key to its node, and all that may follow there; None
        instead where that character is a key."""

    def _head(self, at: int) -> tuple[str, tuple[int, str | None]]:
        node = at + 1
        followers = self.edges[self.first[node] : self.first[node + 1]]
        return self.edges[at], (node, followers if self.ends[node] < 0 else None)

    def step(self, node: int, piece: str) -> int:
        """Give the node reached from `node` by the characters of `piece`, or -1."""
        for char in piece:
            at = self.edges.find(char, self.first[node], self.first[node + 1])
            if at < 0:
                return -1
            node = at + 1
        return node

    def grows(self, node: int) -> bool:
        """Say whether some key goes on after `node`."""
        return self.first[node] < self.first[node + 1]

    def below(self, node: int) -> Iterator[int]:
        """Give the numbers of the keys that go on after `node`, in no order."""
        todo = [node]
        while todo:
            at = todo.pop()
            if at != node and self.ends[at] >= 0:
                yield self.ends[at]
            todo += range(self.first[at] + 1, self.first[at + 1] + 1)


def plant(keys: Sequence[str]) -> Trie:
    """Build the trie of distinct keys, none of them empty; sorted, and numbered in that order."""
    edges: list[str] = []
    first, ends = array("I"), array("i")
    level = [(0, len(keys))]
    depth = 0
    while level:
        deeper: list[tuple[int, int]] = []
        for low, high in level:
            first.append(len(edges))
            is_key = low < high and len(keys[low]) == depth
            ends.append(low if is_key else -1)
            for begin, end in _branches(keys, depth, low + is_key, high):
                edges.append(keys[begin][depth])
                deeper.append((begin, end))
        level, depth = deeper, depth + 1
    first.append(len(edges))
    return Trie("".join(edges), first, ends)


def _branches(keys: Sequence[str], depth: int, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Give the ranges of keys within [low, high) that have the same character at `depth`."""
    if high - low == 1:
        yield low, high
        return
    cuts = [at for at in range(low + 1, high) if keys[at][depth] != keys[at - 1][depth]]
    if low < high:
        yield from pairwise([low, *cuts, high])
