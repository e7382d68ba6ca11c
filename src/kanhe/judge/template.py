"""How a question is put to a judge that is somebody else's, and how its answer is read: as data.

Three kinds: a guard model, which is given a frame with the text in it and replies in words; a
moderation service, which is given texts and tells scores; and any other service, by a request to
fill in and pointers into its answer. Nothing here reaches out; `template_file` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, Union

from kanhe.judge.category import UNSAFE
from kanhe.judge.fence import fenced, mark, shortened
from kanhe.judge.port import Opinion, Question
from kanhe.judge.reply import Menu, Verdict
from kanhe.terms import Text

Json: TypeAlias = Union[  # noqa: UP007 - `|` does not take the name of a type that is being made
    str, int, float, bool, Sequence["Json"], Mapping[str, "Json"], None
]
Ours: TypeAlias = Mapping[str, tuple[str, ...]]
"""Our categories, by what a judge calls them."""

PLACE = re.compile(r"\{([a-z_]+)\}")
"""A place in a frame that is filled in."""
PLACES = frozenset({"text", "context", "mark"})


class Wire(StrEnum):
    """What is spoken to a judge."""

    CHAT = "chat"
    """Messages, which the server puts into the model's own chat template."""
    COMPLETIONS = "completions"
    """The whole prompt, tokens of the format included, as it stands in the template."""
    MODERATIONS = "moderations"
    HTTP = "http"


@dataclass(frozen=True, slots=True)
class Head:
    """What a template says of itself.

    `sha256` is of its file: two judges with one template were asked in the same words.
    """

    id: str
    title: Text
    source: str
    license: str
    sha256: str
    most_chars: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a frame."""

    role: str
    text: str


Frame: TypeAlias = tuple[Message, ...]
"""Messages in their order; a raw prompt is one message without a role."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One call of a question: some models look for one thing at a time.

    Attributes:
        name: For people, and unique.
        words: Filled in where the frame names them.
        extra: Goes into the request as it stands.
        gives: Our categories whose probability this call's verdict is.
    """

    name: str
    words: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Json] = field(default_factory=dict)
    gives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guard:
    """The template of a guard model.

    Attributes:
        prompt: The frame in which a prompt is judged.
        answer: The frame in which an answer is judged, after what it answers to.
        no_context: Stands where an answer's prompt is not known.
        most_context: Characters of a prompt that are shown with an answer.
        tokens: By which this model's frames end, besides the common ones.
        most_tokens: Of a reply.
        categories: Ours, by the model's own words; a word that is not there says only `unsafe`.
    """

    head: Head
    wire: Wire
    prompt: Frame
    answer: Frame
    menu: Menu
    passes: tuple[Pass, ...]
    categories: Ours = field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)
    no_context: str = ""
    most_context: int = 4000
    most_tokens: int = 32

    @property
    def looks_for(self) -> frozenset[str]:
        """Our categories that its answers can name, `unsafe` included."""
        named = {ours for several in self.categories.values() for ours in several}
        return frozenset({UNSAFE, *named, *(ours for one in self.passes for ours in one.gives)})

    @property
    def puts_words_in_its_mouth(self) -> bool:
        """Whether the answer that is judged is shown as the model's own last message.

        A server that takes such a message for the beginning of its reply goes on with it: whoever
        wrote the answer would have written the verdict.
        """
        return self.wire is Wire.CHAT and self.answer[-1].role == "assistant"


@dataclass(frozen=True, slots=True)
class Scores:
    """The template of a service that speaks the moderations API: which of its scores are ours."""

    head: Head
    categories: Ours

    @property
    def looks_for(self) -> frozenset[str]:
        """Our categories that its answers can name, `unsafe` included."""
        return frozenset({UNSAFE, *(ours for several in self.categories.values()
                                    for ours in several)})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remote:
    """The template of any other service.

    Attributes:
        path: After the base URL.
        request: The JSON to send; `{text}`, `{context}` and `{whose}` in its texts are filled in.
        unsafe: Points to the verdict: a number, a truth, or one of the words of `verdicts`.
        verdicts: Probability of `unsafe` by word, lower case; of a truth, by `true` and `false`.
        scale: What a number is divided by; 100 where percentages are told.
        scores: Our categories, by the pointers to their numbers.
        labels: Points to a word or a list of words that name categories; empty: none are named.
        categories: Ours, by those words.
    """

    head: Head
    path: str
    request: Json
    unsafe: str
    verdicts: Mapping[str, float] = field(default_factory=dict)
    scale: float = 1.0
    scores: Ours = field(default_factory=dict)
    labels: str = ""
    categories: Ours = field(default_factory=dict)

    @property
    def looks_for(self) -> frozenset[str]:
        """Our categories that its answers can name, `unsafe` included."""
        maps = (self.scores, self.categories)
        return frozenset({UNSAFE, *(ours for one in maps for all_ in one.values()
                                    for ours in all_)})  # fmt: skip


Template: TypeAlias = Guard | Scores | Remote


def framed(guard: Guard, question: Question, one: Pass) -> Frame:
    """Give the frame of `question`, filled in at once: what is filled in is not filled again."""
    text = fenced(question.text, guard.tokens)
    context = fenced(shortened(question.context, guard.most_context), guard.tokens)
    known = {
        "text": text,
        "context": context or guard.no_context,
        "mark": mark(question.text, question.context),
        **one.words,
    }
    frame = guard.answer if question.whose == "answer" else guard.prompt
    return tuple(Message(said.role, filled(said.text, known)) for said in frame)


def filled(text: str, known: Mapping[str, str]) -> str:
    """Fill in the places of `text` that are known, once."""
    return PLACE.sub(lambda found: known.get(found[1], found[0]), text)


def filled_json(value: Json, known: Mapping[str, str]) -> Json:
    """Fill in the places of every text in `value`; keys stay."""
    match value:
        case str():
            return filled(value, known)
        case Mapping():
            return {key: filled_json(one, known) for key, one in value.items()}
        case Sequence():
            return [filled_json(one, known) for one in value]
        case _:
            return value


def opinion(guard: Guard, verdicts: Sequence[Verdict]) -> Opinion:
    """Make one opinion of the verdicts of all passes, in the order of `guard.passes`.

    The worst verdict is the opinion's. A category has the probability of the verdict that names it;
    one that was looked for and not named has that of the most harmless verdict, and not 0.
    """
    unsafe = max(verdict.unsafe for verdict in verdicts)
    found = {ours: min(unsafe, guard.menu.low) for ours in guard.looks_for if ours != UNSAFE}
    named: dict[str, float] = {}
    known = {word.casefold(): several for word, several in guard.categories.items()}
    for one, verdict in zip(guard.passes, verdicts, strict=True):
        several = [ours for word in verdict.named for ours in known.get(word.casefold(), ())]
        for ours in (*one.gives, *several):
            named[ours] = max(verdict.unsafe, named.get(ours, 0.0))
    return Opinion(unsafe, found | named)
