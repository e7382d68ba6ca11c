"""What a person is told when something was limited, in shapes that official SDKs accept.

A notice has a number, the category, a text in the person's language and where to object. It never
has the matched word or the rule's own text: who was stopped by mistake can say so with the number.
"""

from __future__ import annotations

from dataclasses import dataclass

from kanhe.gateway.wire import DONE, Json, encode
from kanhe.policy.rule import Text

FILTERED = "content_filter"

CHAT = "/chat/completions"
COMPLETIONS = "/completions"
EMBEDDINGS = "/embeddings"


@dataclass(frozen=True, slots=True)
class Notice:
    """One limit, as it is told.

    `reply` is what is said in place of an answer; `stated` is the notice proper.
    """

    decision: str
    category: str
    stated: Text
    object_to: str
    reply: Text | None = None

    def words(self, language: str) -> str:
        """Give the notice as a sentence in `language` (`zh` or `en`), number and address in it."""
        if language == "en":
            return f"{self.stated.en} (No. {self.decision}; to object: {self.object_to})"
        return f"{self.stated.zh}（编号：{self.decision}；申诉：{self.object_to}）"

    def said(self, language: str) -> str:
        """Give what stands in place of an answer: the prepared reply, or the notice."""
        if self.reply is None:
            return self.words(language)
        return self.reply.en if language == "en" else self.reply.zh

    def fields(self) -> Json:
        """Give the notice for machines, in both languages."""
        return {
            "decision": self.decision,
            "category": self.category,
            "notice": {"zh": self.stated.zh, "en": self.stated.en},
            "object_to": self.object_to,
        }


def language_of(setting: str, accepted: str, text: str) -> str:
    """Choose `zh` or `en`: the operator's setting, else what the client accepts, else the text's.

    Args:
        setting: `zh`, `en` or `auto`.
        accepted: The request's Accept-Language header; empty if there is none.
        text: Something the person wrote.
    """
    if setting != "auto":
        return setting
    for item in accepted.lower().split(","):
        if item.strip()[:2] in ("zh", "en"):
            return item.strip()[:2]
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"


def error_body(message: str, code: str, *, status: int, extra: Json = None) -> bytes:
    """Write an error in the shape of the OpenAI API."""
    kind = "invalid_request_error" if 400 <= status < 500 else "server_error"
    error = {"message": message, "type": kind, "param": None, "code": code}
    return encode({"error": error, **({"kanhe": extra} if extra else {})})


def refused_prompt(notice: Notice, language: str) -> bytes:
    """Write the error for a blocked prompt, where the operator wants one."""
    return error_body(notice.words(language), "content_policy", status=400, extra=notice.fields())


def whole_reply(path: str, envelope: Json, notice: Notice, language: str) -> bytes:
    """Write an answer that consists of a notice only."""
    said = notice.said(language)
    choice: Json = {"index": 0, "finish_reason": FILTERED, "logprobs": None}
    if path == CHAT:
        refusal = notice.words(language)
        choice["message"] = {"role": "assistant", "content": said, "refusal": refusal}
    else:
        choice["text"] = said
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    return encode({**envelope, "choices": [choice], "usage": usage, "kanhe": notice.fields()})


def streamed_reply(
    path: str, envelope: Json, notice: Notice, language: str, *, usage: bool
) -> bytes:
    """Write a stream that consists of a notice only."""
    said = notice.said(language)
    first: Json = (
        {"index": 0, "delta": {"role": "assistant", "content": said}, "finish_reason": None}
        if path == CHAT
        else {"index": 0, "text": said, "finish_reason": None}
    )
    tail = stopped_tail(path, envelope, {0}, notice, language, usage={} if usage else None)
    return event({**envelope, "choices": [first]}) + tail


def stopped_tail(  # noqa: PLR0913 # one wire form, all of its parts
    path: str,
    envelope: Json,
    choices: set[int],
    notice: Notice,
    language: str,
    *,
    usage: Json,
    reply: bool = False,
) -> bytes:
    """Write the end of a stream that a rule has stopped: reason, notice, usage and `[DONE]`.

    `choices` are the numbers of those that are open. `usage` is what the model said of it, `{}` if
    it said nothing, None if nobody asked. `reply` says that a prepared reply is said first.
    """
    out = b""
    told = notice.words(language)
    for index in sorted(choices):
        if path == CHAT:
            if reply:
                said = {"content": notice.said(language)}
                out += event(_open(envelope, index, {"delta": said}))
            out += event(_open(envelope, index, {"delta": {"refusal": told}}))
        elif reply:
            out += event(_open(envelope, index, {"text": notice.said(language)}))
        over: Json = {"index": index, "finish_reason": FILTERED, "logprobs": None}
        over["delta" if path == CHAT else "text"] = {} if path == CHAT else ""
        out += event({**envelope, "choices": [over], "kanhe": notice.fields()})
    if usage is not None:
        counted = usage or {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        out += event({**envelope, "choices": [], "usage": counted})
    return out + b"data: " + DONE + b"\n\n"


def _open(envelope: Json, index: int, fields: Json) -> Json:
    return {**envelope, "choices": [{"index": index, **fields, "finish_reason": None}]}


def event(document: Json) -> bytes:
    """Write one event."""
    return b"data: " + encode(document) + b"\n\n"


def broken_tail(message: str, code: str) -> bytes:
    """Write the end of a stream that failed: the error where SDKs look for it, and `[DONE]`."""
    error = error_body(message, code, status=502)
    return b"data: " + error + b"\n\ndata: " + DONE + b"\n\n"
