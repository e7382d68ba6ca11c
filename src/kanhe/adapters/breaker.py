"""The circuit breaker of one upstream, as values: `step(circuit, state, event, now)` gives a state.

It spares a model that is down the calls that would fail, and their callers the wait. It knows no
socket and no clock: `now` is whatever monotonic number of seconds the caller counts with.

An answer that begins does not forgive what failed before it, only one that is complete does: a
model that begins every answer and cuts every one would else never be found out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

DOWN_STATUSES = frozenset({502, 503, 504})
"""Answers that count as failures. 500 is not among them: many servers answer it to one bad request,
and one caller could then close the door for all."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """The terms: how many failures in a row open the circuit, and how long it then rests."""

    failures: int = 5
    rest_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Closed:
    """Calls go through; `failures` of them failed in a row."""

    failures: int = 0


@dataclass(frozen=True, slots=True)
class Open:
    """No call is tried before `until`."""

    until: float


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """One call is out to see whether the model is back; the others wait for what it finds."""


State = Closed | Open | HalfOpen


class Event(Enum):
    """What happened to a call."""

    ASKED = auto()
    """It is about to be sent; `admits` said yes."""
    BEGAN = auto()
    """Its answer began, with a status that speaks for a living model."""
    COMPLETED = auto()
    """Its answer is whole."""
    FAILED = auto()
    """It got no answer, or its answer broke off."""
    ABANDONED = auto()
    """Its caller went away before anything could be learnt."""


FRESH = Closed()


def admits(state: State, now: float) -> bool:
    """Say whether a call may be tried at `now`."""
    match state:
        case Closed():
            return True
        case Open(until):
            return now >= until
        case HalfOpen():
            return False
        case _:
            assert_never(state)


def step(circuit: Circuit, state: State, event: Event, now: float) -> State:
    """Give the state after `event`. Events of calls that began before a change may come late."""
    match state:
        case Closed():
            return _from_closed(circuit, state, event, now)
        case Open(until):
            # Only the probe speaks for the model: calls that were on their way when the circuit
            # opened neither close it early nor lengthen the rest.
            return HalfOpen() if event is Event.ASKED and now >= until else state
        case HalfOpen():
            return _from_half_open(circuit, event, now)
        case _:
            assert_never(state)


def _from_closed(circuit: Circuit, state: Closed, event: Event, now: float) -> State:
    if event is Event.COMPLETED:
        return FRESH
    if event is not Event.FAILED:
        return state
    failures = state.failures + 1
    return Closed(failures) if failures < circuit.failures else Open(now + circuit.rest_s)


def _from_half_open(circuit: Circuit, event: Event, now: float) -> State:
    match event:
        case Event.BEGAN | Event.COMPLETED:
            return FRESH
        case Event.FAILED:
            return Open(now + circuit.rest_s)
        case Event.ABANDONED:
            # Nothing was learnt: the next call is the probe. A state that stayed half-open here
            # would refuse every call for ever.
            return Open(now)
        case Event.ASKED:
            return HalfOpen()
        case _:
            assert_never(event)
