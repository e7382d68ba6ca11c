"""Log probabilities spell the answer again, token by token: they may not run ahead of its text."""

from __future__ import annotations

from kanhe.gateway.wire import Json
from kanhe.policy.ruleset import Plan
from kanhe.policy.stream import StreamGuard


class TokenQueue:
    """Tokens of one choice, kept until the text they stand for was released.

    Alternatives that were not chosen are text that nobody would otherwise look at: each one is
    looked at alone, and left out if a rule finds anything in it.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._waiting: list[Json] = []

    def pass_on(self, logprobs: Json, held: str) -> Json:
        """Take the tokens of one event; give those whose text is out. `held` is what is not."""
        tokens = logprobs.get("content") if isinstance(logprobs, dict) else None
        if not isinstance(tokens, list) or not all(isinstance(token, dict) for token in tokens):
            return None  # another shape (legacy completions): its text cannot be told from the rest
        self._waiting += tokens
        back, owed = len(self._waiting), len(held.encode("utf-8", "surrogatepass"))
        while back and owed > 0:
            back -= 1
            owed -= _length(self._waiting[back])
        passed, self._waiting = self._waiting[:back], self._waiting[back:]
        return {"content": [self._clean(token) for token in passed]}

    def _clean(self, token: Json) -> Json:
        others = token.get("top_logprobs")
        if isinstance(others, list):
            token = {**token, "top_logprobs": [other for other in others if self._harmless(other)]}
        return {key: value for key, value in token.items() if key in _FIELDS}

    def _harmless(self, other: Json) -> bool:
        text = other.get("token") if isinstance(other, dict) else None
        if not isinstance(text, str) or set(other) - _FIELDS:
            return False
        guard = StreamGuard(self._plan)
        first = guard.feed(text)
        last = first if first.stopped_by else guard.finish()
        return not (last.stopped_by or first.noticed or last.noticed)


_FIELDS = frozenset({"token", "logprob", "bytes", "top_logprobs"})


def _length(token: Json) -> int:
    raw = token.get("bytes")
    if isinstance(raw, list):
        return len(raw)
    return len(str(token.get("token", "")).encode("utf-8", "surrogatepass"))
