"""A streamed answer on its way through: events come in, events that may be shown go out.

Every event is taken apart, each of its texts goes through the guard of its own surface (every
choice, every tool call has its own), and what the guard releases is put back in its place; the rest
of the event passes as it came. Text that was held leaves with the next event of its surface.

Most events of an answer differ from the one before in one string only. Such events are recognised
by what surrounds that string, several in one network read are guarded as one text, and none of them
is parsed or written anew (`template`).
"""

from __future__ import annotations

from collections.abc import Iterable

from kanhe.errors import UpstreamError
from kanhe.gateway import surface as on
from kanhe.gateway.check import Noticed, PlanFor, guard_for
from kanhe.gateway.event import number_of, read_event, texts_beside
from kanhe.gateway.judging import Answered, Asked
from kanhe.gateway.jury import Jury, ends, halves, says_nothing
from kanhe.gateway.line import Line, Names
from kanhe.gateway.logprobs import Tokens
from kanhe.gateway.places import Key, Known, Unknown, garbage, places
from kanhe.gateway.step import NO_FRAME, Frame, Step, Stop
from kanhe.gateway.template import Template, learn
from kanhe.gateway.wire import DONE, NAMES, Json, encode
from kanhe.gateway.withheld import Withheld
from kanhe.policy.judged import Guard, JudgedGuard
from kanhe.policy.stream import Release


class Relay:
    """One streamed answer.

    Args:
        plan_for: Which plan looks at a surface.
        refuse_unknown: Whether an unknown field with text ends the answer; otherwise it is held to
            the end, looked at whole, and sent then.
        frame: What is added to the answer: fields of its first event, and what is said before and
            after the content of each choice.
        is_json: Whether the content was asked for as JSON.
        known_names: Names that are the operator's own words and need no look: the model's.
    """

    def __init__(
        self,
        plan_for: PlanFor,
        frame: Frame = NO_FRAME,
        *,
        refuse_unknown: bool = False,
        is_json: bool = False,
        known_names: Iterable[str] = (),
    ) -> None:
        self._is_json = is_json
        self._names = Names(plan_for, known_names)
        self._plan_for = plan_for
        self._frame = frame
        self._withheld = Withheld(plan_for(on.OTHER), refuse=refuse_unknown)
        self._spoke: set[int] = set()
        self._voice: dict[int, Line] = {}
        self._lines: dict[Key, Line] = {}
        self._templates: list[Template] = []
        self._tokens = Tokens(plan_for)
        self._jury = Jury(plan_for)
        self._end: dict[str, Json] | None = None
        """The end of a choice that waits for verdicts, and the events that came after it."""
        self._later: list[bytes] = []
        self._begun = False
        self._envelope: dict[str, Json] = {}
        self._finished: set[int] = set()
        self._named_calls: set[Key] = set()
        """Tool calls whose name is complete."""
        self._passed: list[tuple[int, Line, str]] = []
        """Texts of the event at hand that were released and not sent yet, with their choices."""
        self._ending: list[int] = []
        """Choices that the event at hand ends."""
        self.choices: set[int] = set()
        self.noticed: list[Noticed] = []
        self.usage: Json = None
        self.released = 0
        """Characters of answers that were released."""
        self.events = 0
        """Events with text that came from the model."""

    @property
    def envelope(self) -> dict[str, Json]:
        """The fields that every event of this answer has, without its choices."""
        return self._envelope

    @property
    def withheld(self) -> set[str]:
        """Names of the unknown fields that were held to the end."""
        return self._withheld.names

    @property
    def is_complete(self) -> bool:
        """Whether the end of every choice was told."""
        return bool(self.choices) and self.choices <= self._finished

    @property
    def open_choices(self) -> set[int]:
        """Choices whose end was not told yet; the first one where none has begun."""
        return (self.choices - self._finished) or {0}

    @property
    def waits(self) -> bool:
        """Whether the end of a choice waits for verdicts."""
        return self._end is not None

    def feed(self, events: list[bytes]) -> Step:
        """Take the events of one read; none, where answers have come.

        Where an event is not what the wire says it is, the step has an error, and `out` is what
        may be sent all the same.
        """
        step, at = Step(), 0
        if self._later:
            events, self._later = self._later + events, []
        try:
            self._go_on(step)
            while at < len(events) and not (step.stop or step.done or step.waits or self._end):
                if events[at] == DONE:
                    step.done = True
                else:
                    at += self._alike(events, at, step) or self._event(events[at], step)
        except UpstreamError as error:
            step.error = error
        if self._end:
            self._later = events[at:]
        if step.stop or step.error or step.waits:
            self._save(step)
        return step

    def asks(self) -> list[Asked]:
        """Give the questions for judges that have come up since the last call."""
        return self._jury.asks()

    def answer(self, answered: Answered) -> Step:
        """Take the answer to a question; `feed` goes on with what waited for it."""
        step = Step()
        guard = self._jury.guard(answered.key)
        if guard is None:
            return step
        release = guard.answer(answered.number, answered.given)
        line = self._lines.get(answered.key)
        if line is None:
            # An unknown field: it is sent at the end, or never.
            self.noticed += [Noticed(on.OTHER, finding) for finding in release.noticed]
            if release.stopped_by:
                step.stop = Stop(Noticed(on.OTHER, release.stopped_by))
            return step
        self._tell(answered.key, line, release, step)
        return step

    def conclude(self) -> Step:
        """Say that no event will come any more: the last sentences can be asked about."""
        step = Step()
        self._conclude(None, step)
        return step

    def _go_on(self, step: Step) -> None:
        """Tell an end that has waited, if it need not any more."""
        if self._end and all(self._jury.is_settled(one) for one in ends(self._end)):
            end, self._end = self._end, None
            self._parsed(end, step, b"")

    def _conclude(self, choice: int | None, step: Step) -> None:
        self._jury.ask_about(self._withheld.texts())
        for key, guard in list(self._jury.of(choice)):
            if line := self._lines.get(key):
                release = guard.conclude()
                self._tell(key, line, release, step)

    def _save(self, step: Step) -> None:
        """Send what was released of an event that cannot be sent, since it stops in the middle."""
        step.out += b"".join(self._alone(line.field(text)) for _, line, text in self._passed)
        self._finished.difference_update(self._ending)
        self._passed, self._ending = [], []

    def _alike(self, events: list[bytes], at: int, step: Step) -> int:
        """Pass as many events as fit one template; give how many."""
        for template in self._templates:
            middles, texts = template.take(events, at)
            if middles:
                self._same(template, middles, texts, step)
                return len(middles)
        return 0

    def finish(self) -> Step:
        """Say that no event will come any more; give what was held."""
        step = Step()
        for index in sorted(self.choices - self._finished):
            if not step.stop:
                self._finish_choice(index, step)
        if not step.stop:
            self._release_fields(step)
        return step

    def _same(self, template: Template, raw: list[bytes], texts: list[str], step: Step) -> None:
        """Pass events that differ in one string only, as one text."""
        line = self._lines[template.key]
        self.events += len(texts)
        carried = line.guard.held_text
        release = line.guard.feed("".join(texts))
        self._took(template.key, line, release, step)
        held = len(line.guard.held_text)
        whole = carried + "".join(texts)
        if not release.stopped_by and release.text == whole[: len(whole) - held]:
            step.out += template.spread(raw, texts, carried, held)
        else:
            step.out += template.event(release.text)

    def _tell(self, key: Key, line: Line, release: Release, step: Step) -> None:
        """Send what a guard released by itself, outside any event of the model's."""
        self._took(key, line, release, step)
        if release.text:
            step.out += self._alone(line.field(release.text))

    def _took(self, key: Key, line: Line, release: Release, step: Step) -> None:
        """Keep the books of what a guard released."""
        for finding in release.noticed:
            self.noticed.append(Noticed(line.surface, finding))
        self.released += len(release.text)
        if release.stopped_by:
            step.stop = Stop(Noticed(line.surface, release.stopped_by))
        elif isinstance(line.guard, JudgedGuard) and line.guard.is_stopping:
            step.waits = True
        if release.text and line.surface == on.CONTENT and key[0] not in self._spoke:
            self._spoke.add(key[0])
            self._voice[key[0]] = line
            if self._frame.before:
                step.out += self._alone(line.field(self._frame.before))

    def _event(self, data: bytes, step: Step) -> int:
        if data.strip() == DONE:
            step.done = True
            return 1
        event = read_event(data)
        self.events += 1
        ending = ends(event)
        if not ending:
            self._parsed(event, step, data)
            return 1
        said, self._end = halves(event)
        if not says_nothing(said):
            self._parsed(said, step, b"")
        if not (step.stop or step.waits):
            for choice in ending:
                self._conclude(choice, step)
            self._go_on(step)
        return 1

    def _parsed(self, event: dict[str, Json], step: Step, data: bytes) -> None:
        """Take an event apart; `data` is what it was read from, empty if it was made here."""
        if found := self._names.found(event):
            step.stop = Stop(Noticed(on.OTHER, found))
            return
        first, self._begun = not self._begun, True
        held = len(self._withheld)
        for name in texts_beside(event):
            value = event.pop(name)
            self._withheld.take((name,), value, {name: value, "choices": []})
        if first:
            self._envelope = {name: event[name] for name in event if name in NAMES}
        else:
            # What names the answer does not change, or it could spell something over events.
            event.update({name: self._envelope[name] for name in self._envelope if name in event})
        self.usage = event.get("usage") or self.usage
        for choice in event.get("choices") or []:
            self._choice(choice, step)
            if step.stop or step.waits:
                return
        self._send({**event, **self._frame.fields} if first else event, step)
        self._passed, self._ending = [], []
        if data and not first and held == len(self._withheld):
            self._learn(data, event)

    def _choice(self, choice: dict[str, Json], step: Step) -> None:
        index = number_of(choice)
        self.choices.add(index)
        spoken = self._look(index, choice, step)
        if step.stop or step.waits:
            return
        if choice.get("logprobs") is not None:
            # Tokens would spell what is held for a judge.
            looked = self._tokens.pass_on(index, choice["logprobs"], spoken)
            choice["logprobs"] = None if self._jury.holds else looked
        # Some servers send an empty reason with every event.
        if choice.get("finish_reason"):
            if len(self._withheld) and (found := self._withheld.found()):
                step.stop = Stop(found)  # before an end is told that would not be the true one
                return
            self._finish_choice(index, step)

    def _look(self, index: int, choice: dict[str, Json], step: Step) -> set[str]:
        """Pass the texts of a choice through their guards; give the surfaces that had any."""
        spoken = set()
        for place in places(index, choice):
            match place:
                case Known():
                    if place.surface == on.TOOL_ARGUMENTS:
                        self._end_name(index, place, step)
                    if place.holder[place.name] and not (step.stop or step.waits):
                        spoken.add(place.surface)
                        self._through(index, place, step)
                case Unknown(key, holder, name, wrap):
                    value = holder.pop(name)
                    self._withheld.take(key, value, {"choices": [wrap({name: value})]})
            if step.stop or step.waits:
                break
        return spoken

    def _through(self, index: int, place: Known, step: Step) -> None:
        """Put in place of a text what its guard releases."""
        if index in self._finished:
            # Its guard has decided that nothing follows; another one would not know what came.
            raise garbage("a choice goes on after its end")
        if place.key in self._named_calls:
            raise garbage("a tool's name goes on after its arguments have begun")
        line = self._line(place)
        release = line.guard.feed(place.holder[place.name])
        self._took(place.key, line, release, step)
        place.holder[place.name] = release.text
        if release.text:
            self._passed.append((index, line, release.text))

    def _end_name(self, index: int, arguments: Known, step: Step) -> None:
        """Give what is held of a tool's name once its arguments begin: clients act on the name."""
        key = (*arguments.key[:-1], "name")
        line = self._lines.pop(key, None)
        if line is None:
            return
        self._named_calls.add(key)
        release = line.guard.finish()
        self._took(key, line, release, step)
        if release.text and "name" in arguments.holder:
            arguments.holder["name"] += release.text
            self._passed.append((index, line, release.text))
        elif release.text:
            step.out += self._alone(line.field(release.text))

    def _line(self, place: Known) -> Line:
        line = self._lines.get(place.key)
        if line is None:
            escaped = place.escaped or (self._is_json and place.surface == on.CONTENT)
            plan = self._plan_for(place.surface)
            guard: Guard = guard_for(plan, escaped=escaped)
            if plan.judged:
                guard = JudgedGuard(guard, plan.judged)
                self._jury.seat(place.key, guard)
            line = self._lines[place.key] = Line(place.surface, guard, place.name, place.wrap)
        return line

    def _finish_choice(self, index: int, step: Step) -> None:
        """Give what the surfaces of a choice still hold, before its end is told."""
        self._templates = [one for one in self._templates if one.key[0] != index]
        for key in [key for key in self._lines if key[0] == index]:
            line = self._lines.pop(key)
            release = line.guard.finish()
            self._jury.leave(key)
            self._tell(key, line, release, step)
            if step.stop:
                return
        for tokens in self._tokens.finish(index) if not self._jury.holds else ():
            choice = {"index": index, "delta": {}, "logprobs": tokens, "finish_reason": None}
            step.out += self._alone(choice)
        step.out += self.close(index)
        self._finished.add(index)
        self._ending.append(index)

    def close(self, index: int) -> bytes:
        """Give what is said after the content of a choice, once, if it has said anything."""
        line = self._voice.pop(index, None)
        if line is None or not self._frame.after:
            return b""
        return self._alone(line.field(self._frame.after))

    def _release_fields(self, step: Step) -> None:
        """Look at the unknown fields as a whole, and send them if nothing is found."""
        if found := self._withheld.found():
            step.stop = Stop(found)
            return
        for document in self._withheld.release():
            self._send({**self._envelope, **document}, step)

    def _alone(self, choice: Json) -> bytes:
        return b"data: " + encode({**self._envelope, "choices": [choice]}) + b"\n\n"

    def _send(self, event: dict[str, Json], step: Step) -> None:
        step.out += b"data: " + encode(event) + b"\n\n"

    def _learn(self, data: bytes, event: dict[str, Json]) -> None:
        template = learn(data, event)
        if template and template.key in self._lines and len(self._templates) < 8:
            self._templates.append(template)
