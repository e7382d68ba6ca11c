"""A question to a guard model as an OpenAI-compatible server takes it, and its reply as it comes.

Odds are told in three forms: with the chat (OpenAI, vLLM, llama.cpp), the same with completions
(llama.cpp), and in the older form of completions (OpenAI, vLLM). A form that we do not know tells
no odds, which is no fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kanhe.judge.pointer import at
from kanhe.judge.port import Question
from kanhe.judge.reply import Odds, Reply
from kanhe.judge.template import Guard, Json, Pass, Wire, framed

_TOP_CHAT = 10
_TOP_COMPLETIONS = 5
"""How many tokens a place: what the servers give at most, or less."""


def request(guard: Guard, model: str, question: Question, one: Pass) -> tuple[str, Json]:
    """Give the path after the base URL and the JSON to send there."""
    frame = framed(guard, question, one)
    asked: dict[str, Json] = {
        "model": model,
        "temperature": 0,
        "max_tokens": guard.most_tokens,
        "stream": False,
    }
    if guard.wire is Wire.COMPLETIONS:
        asked["prompt"] = frame[0].text
        if guard.menu.tokens:
            asked["logprobs"] = _TOP_COMPLETIONS
        return "/completions", asked | {**guard.extra, **one.extra}
    asked["messages"] = [{"role": said.role, "content": said.text} for said in frame]
    if guard.menu.tokens:
        asked |= {"logprobs": True, "top_logprobs": _TOP_CHAT}
    return "/chat/completions", asked | {**guard.extra, **one.extra}


def reply(wire: Wire, answer: object) -> Reply | None:
    """Read the server's answer; None where it is none of this API."""
    choice = at("/choices/0", answer)
    if not isinstance(choice, Mapping):
        return None
    text = choice.get("text") if wire is Wire.COMPLETIONS else at("/message/content", choice)
    if text is None and (wire is Wire.COMPLETIONS or at("/message", choice) is None):
        return None
    # No content is what a model gives that spent all its tokens on thoughts.
    return Reply(
        text if isinstance(text, str) else "",
        choice.get("finish_reason") == "length",
        _odds(choice.get("logprobs")),
    )


def _odds(told: object) -> list[tuple[str, Odds]]:
    if not isinstance(told, Mapping):
        return []
    if isinstance(content := told.get("content"), list):
        places = [(place.get("token"), place) for place in content if isinstance(place, Mapping)]
        return [(token, _place(place)) for token, place in places if isinstance(token, str)]
    tokens, tops = told.get("tokens"), told.get("top_logprobs")
    if not isinstance(tokens, list) or not isinstance(tops, list):
        return []
    return [
        (token, _numbers(top.items()))
        for token, top in zip(tokens, tops, strict=False)
        if isinstance(token, str) and isinstance(top, Mapping)
    ]


def _place(place: Mapping[str, object]) -> Odds:
    top = place.get("top_logprobs")
    several = [one for one in top if isinstance(one, Mapping)] if isinstance(top, list) else []
    # The token that was taken is not always among the top ones.
    several.append(place)
    return _numbers([(one.get("token"), one.get("logprob")) for one in several])


def _numbers(pairs: Iterable[tuple[object, object]]) -> Odds:
    return {
        token: float(log)
        for token, log in pairs
        if isinstance(token, str) and isinstance(log, int | float)
    }
