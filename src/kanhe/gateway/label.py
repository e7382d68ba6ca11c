"""The marks of generated text: one that people read, one that machines read.

Text that is a document for a machine (a JSON answer, the arguments of a tool) carries the
machine's mark only: a sentence in it would break it.
"""

from __future__ import annotations

from dataclasses import dataclass

from kanhe.gateway.step import Frame
from kanhe.gateway.wire import Json
from kanhe.policy.rule import Text

PREFIX, SUFFIX, HEADER = "prefix", "suffix", "header"


@dataclass(frozen=True, slots=True)
class Label:
    """What the regime and the operator ask of marks.

    `place` is `prefix`, `suffix` or `header` (no text, only the response's header and metadata);
    `keys` are the names of the metadata fields in their order, the first four being the mark, who
    produced it, the number of this content, and the producer's integrity data.
    """

    place: str
    before: Text
    after: Text
    keys: tuple[str, ...]
    producer: str

    def metadata(self, decision: str) -> dict[str, str]:
        """Give the implicit mark of one answer; fields that we cannot fill are empty."""
        known = ("1", self.producer, decision)
        return dict(zip(self.keys, (*known, *[""] * len(self.keys)), strict=False))

    def frame(self, decision: str, language: str, *, prose: bool) -> Frame:
        """Give what is added to an answer; `prose` says that people read it as it is."""
        before, after = self.words(language) if prose else ("", "")
        return Frame({"AIGC": self.metadata(decision)}, before, after)

    def words(self, language: str) -> tuple[str, str]:
        """Give what is said before and after the text."""
        before = self.before.en if language == "en" else self.before.zh
        after = self.after.en if language == "en" else self.after.zh
        return (before if self.place == PREFIX else ""), (after if self.place == SUFFIX else "")

    def unlabelled(self, body: Json) -> None:
        """Take our own label off earlier answers in a request: it is no part of what was said."""
        messages = body.get("messages")
        for message in messages if isinstance(messages, list) else ():
            if not isinstance(message, dict) or message.get("role") != "assistant":
                continue
            if isinstance(content := message.get("content"), str):
                message["content"] = self._without(content)

    def _without(self, content: str) -> str:
        for text in (self.after.zh, self.after.en):
            content = content.removesuffix(text)
        for text in (self.before.zh, self.before.en):
            content = content.removeprefix(text)
        return content


def is_prose(body: Json) -> bool:
    """Say whether an answer to `body` is read by people: not where JSON was asked for."""
    form = body.get("response_format")
    return not isinstance(form, dict) or form.get("type") == "text"
