"""A request, read: what the gateway itself has to know of it. Everything else passes on."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from kanhe.errors import RequestError, TooLarge
from kanhe.gateway.refusal import CHAT, COMPLETIONS, EMBEDDINGS
from kanhe.gateway.wire import BadJson, Json, decode_strictly


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to a model.

    `body` is ours to change; `user` is what the application calls its user, empty if it does not.
    """

    path: str
    body: dict[str, Json]
    application: str
    user: str = ""
    accepted_language: str = ""

    @property
    def streamed(self) -> bool:
        """Say whether events are wanted."""
        return self.body.get("stream") is True and self.path != EMBEDDINGS

    @property
    def wants_usage(self) -> bool:
        """Say whether the stream is to end with the usage."""
        options = self.body.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True

    @property
    def last_words(self) -> str:
        """Give what the person said last: it tells the language, and what an answer is about."""
        messages = self.body.get("messages")
        for message in reversed(messages) if isinstance(messages, list) else ():
            user = isinstance(message, dict) and message.get("role") == "user"
            if user and (said := _said(message.get("content"))):
                return said
        prompt = self.body.get("prompt") or self.body.get("input")
        return prompt if isinstance(prompt, str) else ""


def _said(content: Json) -> str:
    """Give the text of a message, which may come in parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))


ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})

_WANTED = {CHAT: "messages", COMPLETIONS: "prompt", EMBEDDINGS: "input"}


def read_request(  # noqa: PLR0913 # what a request consists of
    path: str, data: bytes, *, application: str, user: str, language: str, most_turns: int
) -> Asked:
    """Read a request.

    Raises:
        RequestError: It is no JSON, or not what `path` takes.
        TooLarge: It has more turns than are allowed.
    """
    try:
        body = decode_strictly(data)
    except BadJson as error:
        raise RequestError(
            f"the body is no JSON that can be read in one way only: {error}",
            advice="Send one JSON object, UTF-8, without repeated keys.",
            code="invalid_json",
        ) from error
    if not isinstance(body, dict):
        raise _wrong(f"the body is {_kind(body)}, not an object", "Send a JSON object.")
    key = _WANTED[path]
    if key not in body:
        raise _wrong(f"the field {key!r} is missing", f"POST /v1{path} takes it.")
    if path == CHAT:
        _check_messages(body[key], most_turns)
    for name, kind in (("model", str), ("stream", bool), ("user", str)):
        if not isinstance(body.get(name), kind | None):
            raise _wrong(
                f"the field {name!r} is {_kind(body[name])}, not {kind.__name__}",
                "See the OpenAI API reference for its type.",
            )
    return Asked(path, body, application, _person(body, user), language)


def _person(body: dict[str, Json], header: str) -> str:
    """Give what the application calls its user; spaces and dresses of letters make nobody new."""
    named = body.get("user") or body.get("safety_identifier") or header
    return unicodedata.normalize("NFKC", named).strip() if isinstance(named, str) else ""


def _check_messages(messages: Json, most_turns: int) -> None:
    if not isinstance(messages, list) or not messages:
        raise _wrong("'messages' is no list with a message in it", "Send at least one message.")
    if len(messages) > most_turns:
        raise TooLarge(
            f"the conversation has {len(messages)} turns, more than {most_turns}",
            advice="Leave out the oldest turns, or raise limits.turns.",
            code="too_many_turns",
        )
    for number, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise _wrong(f"messages[{number}] has no role", "Each message is {role, content}.")
        if message["role"] not in ROLES:
            # A model reads the role, too: it is no place for text.
            raise _wrong(
                f"messages[{number}] has a role that is not known here",
                f"Use one of: {', '.join(sorted(ROLES))}.",
            )


def _wrong(what: str, advice: str) -> RequestError:
    return RequestError(what, advice=advice)


def _kind(value: Json) -> str:
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    return kinds.get(type(value), "null" if value is None else "a number")
