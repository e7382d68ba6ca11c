"""The relay over whole streams: what arrives on each surface is what the oracle allows.

Planted faults that these tests were seen to catch: `spread` dropping the carried text; a template
learned from an event with a second text; text held at the end sent after the end; escapes in tool
arguments not decoded; held text of one choice given to another.
"""

from __future__ import annotations

import json
from collections import defaultdict

from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracle import shown
from strategies import pieces, rules
from test_stream import plan_of, rule

from kanhe.gateway.relay import Frame, Relay
from kanhe.gateway.sse import EventReader
from kanhe.policy.fold import ALL
from kanhe.policy.rule import Action


def chunk(fields, index=0, finish=None, **more):
    choice = {"index": index, "delta": fields, "finish_reason": finish}
    base = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**base, "choices": [choice], **more}


def sse(*events, ascii_only=True):
    return b"".join(
        b"data: " + json.dumps(event, ensure_ascii=ascii_only).encode() + b"\n\n" for event in events
    )


def call(arguments, name=None, number=0):
    function = {"arguments": arguments} | ({"name": name} if name else {})
    return {"tool_calls": [{"index": number, "function": function}]}


def relayed(some, reads, **more):
    """Everything that a relay sends for `reads`, as documents, and the relay."""
    relay = Relay(lambda surface: plan_of(some), **more)
    reader, out, stop = EventReader(), b"", None
    for read in reads:
        step = relay.feed(reader.feed(read))
        assert step.error is None, step.error
        out, stop = out + step.out, step.stop
        if stop:
            break
    if not stop:
        step = relay.finish()
        out, stop = out + step.out, step.stop
    events = [json.loads(data) for data in EventReader().feed(out)]
    return events, stop, relay


def told(events):
    """The text of each surface: (choice, field) or (choice, call number, field)."""
    texts = defaultdict(str)
    for event in events:
        for choice in event["choices"]:
            for key, value in (choice.get("delta") or {}).items():
                if key == "tool_calls":
                    for one in value:
                        for field, text in one["function"].items():
                            texts[choice["index"], one["index"], field] += text
                elif key != "role":
                    texts[choice["index"], key] += value
    return dict(texts)


def cut(data, places):
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[low:high] for low, high in zip(edges, edges[1:], strict=False)]


places = st.lists(st.integers(0, 10_000), max_size=8)


@settings(max_examples=300, deadline=None)
@given(rules(), pieces, places, st.booleans())
@example([rule("ab", folds=ALL, action=Action.MASK, mask="*", word=False)], ["aa", "bb"], [], True)
def test_content_arrives_as_far_as_the_rules_allow(some, chunks, cuts, ascii_only):
    events = [chunk({"role": "assistant", "content": ""})]
    events += [chunk({"content": text}) for text in chunks]
    events += [chunk({}, finish="stop")]
    reads = cut(sse(*events, ascii_only=ascii_only), cuts)
    got, stop, relay = relayed(some, reads)
    text, stopped = shown(some, "".join(chunks))
    assert told(got).get((0, "content"), "") == text
    assert bool(stop) == bool(stopped)
    if not stop:
        assert [e["choices"][0]["finish_reason"] for e in got].index("stop") == len(got) - 1
        assert relay.released == len(text)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1]),
            st.sampled_from(["content", "reasoning_content", "refusal", "arguments"]),
            st.text(alphabet="ab独\"\\\n", min_size=1, max_size=3),
        ),
        max_size=12,
    ),
    places,
)
def test_surfaces_do_not_mix_and_nothing_is_lost(said, cuts):
    some = [rule("zz"), rule("bbbbb", word=False), rule('"\\', word=False, folds=frozenset())]
    some = some[:1]
    events, expected = [], defaultdict(str)
    for index, field, text in said:
        body = json.dumps(text)[1:-1] if field == "arguments" else text
        key = (index, 0, field) if field == "arguments" else (index, field)
        expected[key] += body
        fields = call(body) if field == "arguments" else {field: body}
        events.append(chunk(fields, index))
    events += [chunk({}, index, "stop") for index in (0, 1)]
    got, stop, _ = relayed(some, cut(sse(*events), cuts))
    assert not stop
    assert {key: text for key, text in told(got).items() if text} == dict(expected)


def test_a_term_spelled_with_escapes_in_tool_arguments_is_stopped():
    some = [rule("蓝色独角兽")]
    events = [chunk(call('{"q": "', name="f")), chunk(call("\\u84dd\\u82")), chunk(call("72独角"))]
    got, stop, _ = relayed(some, [sse(event) for event in [*events, chunk(call("兽\"}"))]])
    assert stop
    assert stop.by.surface == "tool_arguments"
    assert told(got)[0, 0, "arguments"] == '{"q": "'


def test_a_mask_in_tool_arguments_leaves_them_json():
    some = [rule("secret", action=Action.MASK, mask='"*"')]
    got, _, _ = relayed(some, [sse(chunk(call('{"q": "a \\"secret\\" b"}')), chunk({}, finish="stop"))])
    assert json.loads(told(got)[0, 0, "arguments"]) == {"q": 'a ""*"" b'}


def test_the_second_choice_stops_on_its_own_text():
    some = [rule("独角兽")]
    events = [chunk({"content": "好"}), chunk({"content": "独角"}, 1), chunk({"content": "兽"}, 1)]
    got, stop, relay = relayed(some, [sse(*events)])
    assert stop
    assert told(got) == {(0, "content"): "好", (1, "content"): ""}
    assert relay.open_choices == {0, 1}


def test_an_unknown_text_field_is_held_to_the_end_and_then_looked_at():
    some = [rule("独角兽")]
    good = [chunk({"content": "a", "thoughts": "b"}), chunk({}, finish="stop")]
    got, stop, relay = relayed(some, [sse(*good)])
    assert not stop
    assert relay.withheld == {"thoughts"}
    assert got[-1]["choices"][0]["delta"] == {"thoughts": "b"}
    bad = [chunk({"thoughts": "独角"}), chunk({"thoughts": "兽"}), chunk({}, finish="stop")]
    got, stop, _ = relayed(some, [sse(*bad)])
    assert stop.by.surface == "other"
    assert "独" not in json.dumps(got, ensure_ascii=False)


def test_an_unknown_text_field_can_be_refused():
    relay = Relay(lambda surface: plan_of([]), refuse_unknown=True)
    step = relay.feed(EventReader().feed(sse(chunk({"thoughts": "b"}))))
    assert "thoughts" in str(step.error)


def test_a_name_that_is_no_name_is_text():
    some = [rule("独角兽")]
    got, stop, _ = relayed(some, [sse(chunk({"content": "a"}, system_fingerprint="独角兽"))])
    assert stop
    assert "独" not in json.dumps(got, ensure_ascii=False)


def test_usage_and_unknown_numbers_pass():
    last = {**chunk({}), "choices": [], "usage": {"total_tokens": 3}, "timings": {"ms": 1.5}}
    got, _, relay = relayed([], [sse(chunk({"content": "a"}), chunk({}, finish="stop"), last)])
    assert got[-1]["usage"] == {"total_tokens": 3}
    assert got[-1]["timings"] == {"ms": 1.5}
    assert relay.usage == {"total_tokens": 3}


def test_the_frame_stands_around_what_was_said_and_only_there():
    frame = Frame({"AIGC": {"Label": "1"}}, "<", ">")
    events = [chunk({"role": "assistant"}), chunk({"content": "a"}), chunk({}, finish="stop")]
    got, _, _ = relayed([], [sse(*events)], frame=frame)
    assert told(got)[0, "content"] == "<a>"
    assert got[0]["AIGC"] == {"Label": "1"}
    silent, _, _ = relayed([], [sse(chunk(call("{}")), chunk({}, finish="stop"))], frame=frame)
    assert (0, "content") not in told(silent)


def test_text_in_the_event_that_ends_a_choice_comes_before_what_was_held():
    some = [rule("xyz", word=False)]
    events = [chunk({"content": "a"}), chunk({"content": "bx"}, finish="stop")]
    got, _, _ = relayed(some, [sse(*events)])
    assert told(got)[0, "content"] == "abx"
    assert got[-1]["choices"][0]["finish_reason"] == "stop"
