"""Log probabilities spell the answer again, token by token: they may not run ahead of its text."""

from __future__ import annotations

import codecs

from kanhe.gateway.check import PlanFor
from kanhe.gateway.surface import CONTENT, REASONING, REFUSAL
from kanhe.gateway.wire import Json
from kanhe.policy.ruleset import Plan
from kanhe.policy.stream import Release, StreamGuard

_SPELLED = (CONTENT, REASONING, REFUSAL)
"""Surfaces that tokens spell as they stand; the arguments of a tool call are JSON."""


class TokenQueue:
    """Tokens of one text, kept until a guard of their own has released what they spell.

    Their own, because nothing but the model's word says that they spell the text beside them. A
    finding that changes anything ends them: a token cannot be masked.

    Alternatives that were not chosen are text that nobody would otherwise look at: each one is
    looked at alone, and left out if a rule finds anything in it.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._guard = StreamGuard(plan)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._waiting: list[tuple[int, Json]] = []
        """Tokens, each with the position in the text at which it is spelled out."""
        self._spelled = 0
        self._over = False

    def pass_on(self, logprobs: Json) -> Json:
        """Take the tokens of one event; give those whose text is out, or nothing."""
        if self._over or not isinstance(logprobs, dict):
            return None
        tokens = logprobs.get("content")
        if not isinstance(tokens, list):
            return None  # another shape (legacy completions): its text cannot be told from the rest
        for token in tokens:
            entry = _entry(token)
            if entry is None:
                self._over = True
                return None
            others = [_entry(other) for other in token.get("top_logprobs") or ()]
            entry["top_logprobs"] = [other for other in others if other and self._harmless(other)]
            text = self._decoder.decode(_spelling(entry))
            self._spelled += len(text)
            self._waiting.append((self._spelled, entry))
            if not self._goes_on(self._guard.feed(text)):
                return None
        return self._out()

    def finish(self) -> Json:
        """Say that the text is complete; give the tokens that were still kept, or nothing."""
        if self._over or not self._goes_on(self._guard.finish()):
            return None
        return self._out()

    def _goes_on(self, release: Release) -> bool:
        masked = any(finding.rule.acts for finding in release.noticed)
        self._over = masked or release.stopped_by is not None
        return not self._over

    def _out(self) -> Json:
        count = sum(1 for end, _ in self._waiting if end <= self._guard.released)
        passed, self._waiting = self._waiting[:count], self._waiting[count:]
        return {"content": [entry for _, entry in passed]}

    def _harmless(self, other: dict[str, Json]) -> bool:
        guard = StreamGuard(self._plan)
        first = guard.feed(other["token"])
        last = first if first.stopped_by else guard.finish()
        return not (last.stopped_by or first.noticed or last.noticed)


def tokens_of(logprobs: Json, plan: Plan) -> Json:
    """Give the log probabilities of a complete text as far as they may be shown, or nothing."""
    queue = TokenQueue(plan)
    first = queue.pass_on(logprobs)
    last = first and queue.finish()
    return first and last and {"content": first["content"] + last["content"]}


def _entry(token: Json) -> dict[str, Json] | None:
    """Write a token anew, of nothing but its text, number and bytes; nothing if it is no token."""
    if not isinstance(token, dict) or not isinstance(token.get("token"), str):
        return None
    number, raw = token.get("logprob"), token.get("bytes")
    if not isinstance(number, int | float | None):
        return None
    if raw is None:
        return {"token": token["token"], "logprob": number, "bytes": None}
    if not (isinstance(raw, list) and all(type(one) is int and 0 <= one < 256 for one in raw)):
        return None
    # Two spellings of one token may disagree: what is shown is what was looked at.
    return {"token": bytes(raw).decode("utf-8", "replace"), "logprob": number, "bytes": raw}


def _spelling(entry: dict[str, Json]) -> bytes:
    raw = entry["bytes"]
    return entry["token"].encode("utf-8") if raw is None else bytes(raw)


class Tokens:
    """The tokens of one stream: a queue for each text of each choice."""

    def __init__(self, plan_for: PlanFor) -> None:
        self._plan_for = plan_for
        self._queues: dict[tuple[int, str], TokenQueue] = {}

    def pass_on(self, index: int, logprobs: Json, spoken: set[str]) -> Json:
        """Give the tokens that may be shown of an event of choice `index` with texts on `spoken`.

        Nothing where it is not plain which text they spell.
        """
        if logprobs is None or len(spoken) > 1:
            return None
        surface = next(iter(spoken), CONTENT)
        if surface not in _SPELLED:
            return None
        queue = self._queues.get((index, surface))
        if queue is None:
            queue = self._queues[index, surface] = TokenQueue(self._plan_for(surface))
        return queue.pass_on(logprobs)

    def finish(self, index: int) -> list[Json]:
        """Say that choice `index` is complete; give the tokens that were still kept."""
        queues = [self._queues.pop(key) for key in list(self._queues) if key[0] == index]
        return [tokens for queue in queues if (tokens := queue.finish()) and tokens["content"]]
