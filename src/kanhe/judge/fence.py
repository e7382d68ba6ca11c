"""A text set into a frame that it cannot end: for judges that are language models.

Whoever writes the text that is judged also writes to the judge. Two things are taken from them: the
tokens by which a model knows where a message ends, which are broken up, and the end of our own
frame, whose mark they cannot know before their text is finished. What is left to them is to plead
in plain words; how far that gets them is measured, not promised.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import blake2b

COMMON = (
    "<|", "|>", "<｜", "｜>", "<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>", "<pad>",
    "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<think>", "</think>",
)  # fmt: skip
"""Pieces of the tokens of the common chat formats; a template names those of its own besides."""


def is_token(token: str) -> bool:
    """Say whether `token` can be broken up: two characters at least, none of the first two white.

    One that began with a space would grow from the very spaces that break others.
    """
    return len(token) > 1 and token[:2].strip() == token[:2]


def fenced(text: str, tokens: Collection[str] = ()) -> str:
    """Break up every token in `text` by a space after its first character; change nothing else.

    A space and no invisible character: those are what tokenizers and filters like to drop.
    """
    alternatives = sorted({*COMMON, *tokens}, key=len, reverse=True)
    every = re.compile("|".join(map(re.escape, alternatives)))
    while every.search(text):
        # Again, until none is left: breaking one can lay bare another that overlaps it. It ends,
        # because each round parts two neighbours that were together and joins none.
        text = every.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
    return text


def mark(text: str, context: str) -> str:
    """Give the mark of a frame around these: 16 characters.

    It depends on all that stands within, so that nobody can write it into their own text: the text
    would have to hold its own hash. Equal questions have equal marks, and so equal answers.
    """
    whole = f"{len(text)}\0{text}\0{context}".encode("utf-8", "surrogatepass")
    return blake2b(whole, digest_size=8).hexdigest()


def shortened(text: str, most: int) -> str:
    """Leave out the middle of a text that is longer than `most` characters, and show where."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]} […] {text[-half:]}"
