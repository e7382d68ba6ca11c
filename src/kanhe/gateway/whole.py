"""An answer that comes in one piece: read, looked at, and passed on or cut."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kanhe.errors import UpstreamError, UpstreamTimeout
from kanhe.gateway import surface as on
from kanhe.gateway.check import Passed, PlanFor, Stopped, check_patiently, waits_for_judges
from kanhe.gateway.event import OURS
from kanhe.gateway.label import is_prose
from kanhe.gateway.logprobs import tokens_of
from kanhe.gateway.refusal import CHAT, EMBEDDINGS, FILTERED, Notice, error_body, event
from kanhe.gateway.surface import Spot, Unseen, answer_spots, other_spots, vector_spots
from kanhe.gateway.turn import Turn
from kanhe.gateway.wire import DONE, BadJson, Json, decode, encode
from kanhe.model import Reply
from kanhe.policy.rule import Side

_SEE_LOG = "See its own log."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Whole:
    """An answer that is complete: status and JSON body, with headers of ours."""

    status: int
    body: bytes
    headers: Mapping[str, str]


async def whole_answer(turn: Turn, reply: Reply) -> Whole:
    """Read an answer and look at all of it.

    Raises:
        UpstreamError: It did not arrive whole, or is not what the wire says it is.
    """
    try:
        data = await _read(reply, turn.conduct.most_answer_bytes, turn.conduct.answer_s)
        document = _document(data)
    except UpstreamError as error:
        turn.failed(error)
        raise
    if reply.status != 200:
        return await _upstream_error(turn, reply.status, document)
    if turn.asked.path == EMBEDDINGS:
        return await _vectors(turn, document)
    return await _looked_at(turn, document)


def as_stream(turn: Turn, answer: Whole) -> bytes:
    """Write an answer that came at once as the stream that was asked for."""
    document = decode(answer.body)
    choices, usage = document.pop("choices"), document.pop("usage", None)
    if str(document.get("object", "")) == "chat.completion":
        document["object"] = "chat.completion.chunk"
    out = b""
    for choice in choices:
        reason = choice.pop("finish_reason", None)
        if "message" in choice:
            choice["delta"] = _numbered(choice.pop("message"))
        over = {"index": choice.get("index", 0), "finish_reason": reason}
        over["delta" if "delta" in choice else "text"] = {} if "delta" in choice else ""
        out += event({**document, "choices": [{**choice, "finish_reason": None}]})
        out += event({**document, "choices": [over]})
    if turn.asked.wants_usage:
        out += event({**document, "choices": [], "usage": usage})
    return out + b"data: " + DONE + b"\n\n"


def _numbered(message: dict[str, Json]) -> dict[str, Json]:
    """Give each tool call of a message its number, as a delta has them."""
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        numbered = enumerate(call for call in calls if isinstance(call, dict))
        message["tool_calls"] = [{"index": number, **call} for number, call in numbered]
    return message


async def _read(reply: Reply, most: int, within_s: float) -> bytes:
    pieces, size = [], 0
    try:
        async with asyncio.timeout(within_s):
            async for chunk in reply.chunks():
                size += len(chunk)
                if size > most:
                    raise UpstreamError(
                        f"the model's answer has more than {most} bytes",
                        advice="Ask for a stream, which has no such limit.",
                    )
                pieces.append(chunk)
    except TimeoutError as error:
        raise UpstreamTimeout(
            f"the model's answer was not complete after {within_s:g} s",
            advice="Ask for a stream, or raise limits.answer_s.",
        ) from error
    finally:
        await reply.close()
    return b"".join(pieces)


def _document(data: bytes) -> dict[str, Json]:
    try:
        document = decode(data)
    except BadJson as error:
        document = error
    if not isinstance(document, dict):
        raise UpstreamError(
            "the model's answer is no JSON object",
            advice="Check that the upstream's base URL names an OpenAI-compatible server.",
        )
    return {name: value for name, value in document.items() if name not in OURS}


async def _upstream_error(turn: Turn, status: int, document: dict[str, Json]) -> Whole:
    """Pass an error of the model on, if nothing in its words is stopped."""
    error = UpstreamError(f"the model answered with status {status}", advice=_SEE_LOG)
    _log.warning("exchange %s: model %s: %s", turn.decision, turn.model, error)
    turn.failed(error)
    told = document.get("error")
    message = told.get("message") if isinstance(told, dict) else told
    spots = [Spot(on.OTHER, text, None) for text in [message] if isinstance(text, str)]
    clean = spots and not isinstance(await _checked(turn, spots), Stopped)
    words = f"{error}: {message[:500]}" if clean and isinstance(message, str) else str(error)
    # 401 and 403 are about our key: a caller would look for the fault in its own.
    known = status if 400 <= status < 600 and status not in (401, 403) else 502
    return Whole(known, error_body(words, "upstream_error", status=known), turn.headers)


async def _vectors(turn: Turn, document: dict[str, Json]) -> Whole:
    """Pass vectors on, and look at whatever else there is."""
    unseen = Unseen()
    known = _take_model(turn, document)
    verdict = await _checked(turn, vector_spots(document, unseen))
    document |= known
    if isinstance(verdict, Stopped) or verdict.changed:
        # Vectors have no place for a notice or a mask: text in them is a fault of the model.
        error = UpstreamError("the model's answer has text beside its vectors", advice=_SEE_LOG)
        turn.failed(error)
        raise error
    turn.released({"characters": 0, "unseen": sorted(unseen)}, verdict.noticed)
    return Whole(200, encode(document), turn.headers)


async def _looked_at(turn: Turn, document: dict[str, Json]) -> Whole:
    choices = document.get("choices")
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        error = UpstreamError("the model's answer has no choices", advice=_SEE_LOG)
        turn.failed(error)
        raise error
    plans, unseen = turn.plans(Side.ANSWER), Unseen()
    known = _take_model(turn, document)
    rest = await _checked(turn, other_spots(document))
    document |= known
    if isinstance(rest, Stopped):
        # Something beside the choices: nothing of the answer is left to send.
        notice = await turn.stopped(rest.by, {"released": 0}, rest.noticed)
        return Whole(200, encode(_emptied(turn, document, choices, notice)), turn.headers)
    verdicts = [await _checked(turn, answer_spots(choice, unseen)) for choice in choices]
    noticed = tuple(one for verdict in (rest, *verdicts) for one in verdict.noticed)
    stops = [verdict for verdict in verdicts if isinstance(verdict, Stopped)]
    if stops:
        # One answer is one violation, in however many of its choices it stands.
        passed = [
            one for one, v in zip(choices, verdicts, strict=True) if not isinstance(v, Stopped)
        ]
        released = sum(len(_kept(stop)) for stop in stops) + sum(map(_length, passed))
        told = (*noticed, *(stop.by for stop in stops[1:]))
        notice = await turn.stopped(stops[0].by, {"released": released}, told)
        document["kanhe"] = notice.fields()
    characters = 0
    for choice, verdict in zip(choices, verdicts, strict=True):
        if isinstance(verdict, Stopped):
            _cut(turn, choice, verdict, notice)
        elif choice.get("logprobs") is not None:
            untold = verdict.changed or waits_for_judges(plans)
            choice["logprobs"] = None if untold else _tokens(choice, plans)
        characters += _label(turn, choice)
    if not stops:
        facts: dict[str, Json] = {"characters": characters}
        turn.released(facts | ({"unseen": sorted(unseen)} if unseen else {}), noticed)
    document["AIGC"] = turn.conduct.label.metadata(turn.decision)
    return Whole(200, encode(document), turn.headers)


async def _checked(turn: Turn, spots: Iterable[Spot]) -> Passed | Stopped:
    """Look at texts of the answer, which do not come again."""
    inquiry = turn.inquiry(Side.ANSWER)
    return await check_patiently(spots, turn.plans(Side.ANSWER), inquiry, come_again=False)


def _take_model(turn: Turn, document: dict[str, Json]) -> dict[str, Json]:
    """Take the model's name out where it is the operator's own word, which needs no look."""
    model = document.get("model")
    if not isinstance(model, str) or model not in turn.names:
        return {}
    return {"model": document.pop("model")}


def _tokens(choice: dict[str, Json], plans: PlanFor) -> Json:
    """Give the log probabilities that may be shown: none where they may spell a tool call."""
    message = choice.get("message")
    if isinstance(message, dict) and (message.get("tool_calls") or message.get("function_call")):
        return None
    shown = choice["logprobs"]
    for surface in (on.CONTENT, on.REASONING):
        shown = tokens_of(shown, plans(surface))
    return shown


def _number(choice: dict[str, Json]) -> int:
    index = choice.get("index")
    return index if type(index) is int else 0


def _kept(stop: Stopped) -> str:
    """Give what a stopped choice still says: what stands before a finding in its content."""
    return stop.before if stop.spot.surface == on.CONTENT else ""


def _cut(turn: Turn, choice: dict[str, Json], verdict: Stopped, notice: Notice) -> None:
    """Leave of a choice what stands before the finding, on the finding's own surface."""
    before = _kept(verdict)
    if notice.reply:
        before += notice.said(turn.language)
    kept = {"index": _number(choice), "finish_reason": FILTERED, "logprobs": None}
    choice.clear()
    choice.update(kept)
    if turn.asked.path == CHAT:
        told = notice.words(turn.language)
        choice["message"] = {"role": "assistant", "content": before, "refusal": told}
    else:
        choice["text"] = before


def _emptied(
    turn: Turn, document: dict[str, Json], choices: list[Json], notice: Notice
) -> dict[str, Json]:
    told = notice.words(turn.language)
    for choice in choices:
        index = _number(choice)
        choice.clear()
        choice.update({"index": index, "finish_reason": FILTERED, "logprobs": None})
        if turn.asked.path == CHAT:
            choice["message"] = {"role": "assistant", "content": "", "refusal": told}
        else:
            choice["text"] = ""
    return {**turn.envelope(), "choices": choices, "kanhe": notice.fields()}


def _label(turn: Turn, choice: dict[str, Json]) -> int:
    """Put the label on what people read; give the characters of the answer."""
    length = _length(choice)
    if length and is_prose(turn.asked.body):
        place, key = _said(choice)
        before, after = turn.conduct.label.words(turn.language)
        place[key] = before + place[key] + after
    return length


def _length(choice: dict[str, Json]) -> int:
    place, key = _said(choice)
    text = place.get(key)
    return len(text) if isinstance(text, str) else 0


def _said(choice: dict[str, Json]) -> tuple[dict[str, Json], str]:
    """Find where a choice says what people read."""
    message = choice.get("message")
    return (message, "content") if isinstance(message, dict) else (choice, "text")
