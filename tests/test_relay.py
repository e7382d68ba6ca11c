"""The relay over whole streams: what arrives on each surface is what the oracle allows.

Planted faults that these tests were seen to catch: `spread` dropping the carried text; a template
learned from an event with a second text; text held at the end sent after the end; escapes in tool
arguments not decoded; held text of one choice given to another.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kanhe.gateway.relay import Frame, Relay
from kanhe.gateway.sse import EventReader
from kanhe.policy.fold import ALL
from kanhe.policy.rule import Action
from oracle import shown
from strategies import pieces, rules
from test_stream import plan_of, rule


def chunk(fields, index=0, finish=None, **more):
    choice = {"index": index, "delta": fields, "finish_reason": finish}
    base = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**base, "choices": [choice], **more}


def sse(*events, ascii_only=True):
    return b"".join(
        b"data: " + json.dumps(event, ensure_ascii=ascii_only).encode() + b"\n\n"
        for event in events
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
    return [data[low:high] for low, high in pairwise(edges)]


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
            st.text(alphabet='ab独"\\\n', min_size=1, max_size=3),
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
    got, stop, _ = relayed(some, [sse(event) for event in [*events, chunk(call('兽"}'))]])
    assert stop
    assert stop.by.surface == "tool_arguments"
    assert told(got)[0, 0, "arguments"] == '{"q": "'


def test_a_mask_in_tool_arguments_leaves_them_json():
    some = [rule("secret", action=Action.MASK, mask='"*"')]
    got, _, _ = relayed(
        some, [sse(chunk(call('{"q": "a \\"secret\\" b"}')), chunk({}, finish="stop"))]
    )
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


# Fields as they are, as they are not, and as nobody has ever sent them; texts that make a term.
PARTS = st.sampled_from(["独", "角", "兽", "独角", "角兽", "独角兽", "a", "", "stop"])
NAMED = st.sampled_from(
    ["content", "text", "reasoning_content", "refusal", "message", "delta", "role", "name", "id",
     "thoughts", "logprobs", "finish_reason", "usage", "choices", "tool_calls", "function_call",
     "index", "error", "独角兽", "角兽", "type", "audio"]
)  # fmt: skip
VALUES = st.recursive(
    PARTS | st.none() | st.integers(0, 2) | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMED, inner, max_size=3),
    max_leaves=5,
)
CALLED = st.fixed_dictionaries(
    {},
    optional={
        "index": st.integers(0, 1) | VALUES,
        "function": st.fixed_dictionaries({}, optional={"name": PARTS, "arguments": PARTS}),
        "custom": st.fixed_dictionaries({}, optional={"name": PARTS, "input": PARTS}),
        "id": VALUES,
    },
)
DELTAS = st.fixed_dictionaries(
    {},
    optional={
        "content": PARTS | VALUES,
        "reasoning_content": PARTS,
        "tool_calls": st.lists(CALLED, max_size=2),
        "thoughts": VALUES,
        "message": VALUES,
        "role": VALUES,
        "独角": VALUES,
    },
)
TOKENS = st.fixed_dictionaries(
    {"content": st.lists(st.fixed_dictionaries({"token": PARTS, "top_logprobs": st.just([])}))}
)
CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "index": st.integers(0, 1) | VALUES,
        "delta": DELTAS | VALUES,
        "text": PARTS,
        "message": VALUES,
        "finish_reason": st.sampled_from([None, None, None, "stop", ""]) | VALUES,
        "logprobs": TOKENS | VALUES,
    },
)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "choices": st.lists(CHOICES, max_size=3) | VALUES,
        "id": VALUES,
        "usage": VALUES,
        "message": VALUES,
        "thoughts": VALUES,
        "独角兽": VALUES,
    },
)


def read_by_a_client(events):
    """Every text a client can put together: by its place, choices and calls by their numbers."""
    texts = defaultdict(str)

    def walk(path, value):
        if isinstance(value, str):
            texts[path] += value
        for key, item in value.items() if isinstance(value, dict) else ():
            texts[*path, "key"] += key + "\n"
            walk((*path, key), item)
        for at, item in enumerate(value) if isinstance(value, list) else ():
            number = item.get("index", at) if isinstance(item, dict) else at
            walk((*path, str(number)), item)

    for event in events:
        for choice in event.get("choices") or []:
            tokens = (choice.get("logprobs") or {}).get("content") or []
            texts[choice.get("index"), "tokens"] += "".join(one["token"] for one in tokens)
        walk((), event)
    return texts


def tell(relay, reads):
    out = b""
    for read in reads:
        step = relay.feed(EventReader().feed(read))
        out += step.out
        if step.stop or step.error or step.done:
            break
    if not (step.stop or step.error):
        step = relay.finish()
        out += step.out
    return [json.loads(data) for data in EventReader().feed(out)], step


@settings(max_examples=500)
@given(st.lists(EVENTS, min_size=1, max_size=6), st.booleans(), st.sampled_from(list(Action)))
@example([chunk({"content": "独角"}, finish="stop"), chunk({"content": "兽"})], True, Action.BLOCK)
@example([{"独角兽": 1}], True, Action.MASK)
def test_whatever_the_model_sends_no_client_can_put_the_term_together(events, at_once, action):
    some = [rule("独角兽", word=False, folds=frozenset(), action=action, mask="*")]
    if action is Action.FLAG:
        some = []
    relay = Relay(lambda surface: plan_of(some))
    reads = [sse(*events)] if at_once else [sse(event) for event in events]
    got, step = tell(relay, reads)
    if some:
        for path, text in read_by_a_client(got).items():
            assert "独角兽" not in text, path
    if step.error:
        assert "独" not in str(step.error)


@given(st.binary(max_size=30) | st.lists(EVENTS | VALUES, max_size=3).map(json.dumps))
def test_what_is_no_event_is_an_error_and_nothing_leaves(raw):
    data = raw if isinstance(raw, bytes) else raw.encode()
    step = Relay(lambda surface: plan_of([])).feed([data])
    assert step.done or step.error
    assert not step.out


@pytest.mark.parametrize(
    "event",
    [
        {"choices": [{"index": True, "delta": {"content": "a"}}]},
        {"choices": [{"index": "0", "delta": {"content": "a"}}]},
        {"choices": [{"index": None, "delta": {"content": "a"}}]},
        {"choices": [{"index": 1.5, "delta": {"content": "a"}}]},
        {"choices": [{"index": {}, "delta": {"content": "a"}}]},
        {"choices": [{"delta": "a"}]},
        {"choices": ["a"]},
        {"choices": {"0": "a"}},
        {"choices": [{"delta": {"tool_calls": ["a"]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": "独"}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": [1]}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": True}]}}]},
        {"error": {"message": "text"}},
        {"error": "text"},
    ],
)
def test_an_event_whose_numbers_are_none_is_refused(event):
    step = Relay(lambda surface: plan_of([])).feed([json.dumps(event).encode()])
    assert step.error
    assert not step.out
    assert "text" not in str(step.error)


@pytest.mark.parametrize("number", [2**70, -5])
def test_a_number_of_any_size_is_a_number(number):
    got, _, relay = relayed([], [sse(chunk({"content": "a"}, number))])
    assert told(got) == {(number, "content"): "a"}
    assert relay.choices == {number}


@pytest.mark.parametrize(
    "after",
    [chunk({"content": "兽"}), chunk({"content": "兽"}, finish="stop"), chunk(call("x"))],
    ids=["more", "a second end", "a call"],
)
def test_a_choice_that_goes_on_after_its_end_is_refused(after):
    relay = Relay(lambda surface: plan_of([rule("独角兽")]))
    step = relay.feed(EventReader().feed(sse(chunk({"content": "独角"}, finish="stop"), after)))
    assert "after its end" in str(step.error)
    assert "兽" not in step.out.decode()


def test_an_empty_event_after_the_end_of_a_choice_passes():
    events = [chunk({"content": "a"}, finish="stop"), chunk({"content": ""}), chunk({})]
    got, stop, relay = relayed([], [sse(*events)])
    assert not stop
    assert relay.is_complete
    assert told(got)[0, "content"] == "a"


def test_an_empty_finish_reason_ends_nothing():
    some = [rule("独角兽")]
    events = [chunk({"content": "独角"}, finish=""), chunk({"content": "兽"}, finish="")]
    got, stop, _ = relayed(some, [sse(*events)])
    assert stop
    assert "独" not in json.dumps(got, ensure_ascii=False)


def several(*choices):
    whole = chunk({})
    whole["choices"] = [
        {"index": index, "delta": delta, "finish_reason": finish}
        for index, delta, finish in choices
    ]
    return whole


def test_texts_of_an_event_that_stops_in_the_middle_are_sent_and_counted():
    event = several((0, {"content": "ab"}, "stop"), (1, {"content": "c"}, None),
                    (2, {"content": "独角兽"}, None), (3, {"content": "d"}, None))  # fmt: skip
    got, stop, relay = relayed([rule("独角兽")], [sse(chunk({}), event)])
    assert stop
    assert told(got) == {(0, "content"): "ab", (1, "content"): "c"}
    assert relay.released == 3
    assert relay.open_choices == {0, 1, 2}


def test_a_finding_at_the_end_of_a_choice_leaves_that_choice_open():
    some = [rule("独角", unless_within=("独角兽",))]
    events = [several((0, {"content": "a"}, "stop"), (1, {"content": "独角"}, None)),
              several((1, {}, "stop"))]  # fmt: skip
    got, stop, relay = relayed(some, [sse(*events)])
    assert stop
    assert relay.open_choices == {1}
    assert told(got) == {(0, "content"): "a", (1, "content"): ""}


def test_the_same_choice_twice_in_one_event_has_one_guard():
    event = several((0, {"content": "独角"}, None), (0, {"content": "兽"}, None))
    got, stop, _ = relayed([rule("独角兽")], [sse(event)])
    assert stop
    assert "独" not in json.dumps(got, ensure_ascii=False)


def test_done_may_have_spaces_and_nothing_after_it_is_read():
    relay = Relay(lambda surface: plan_of([]))
    step = relay.feed([b"[DONE]  ", json.dumps(chunk({"content": "a"})).encode()])
    assert step.done
    assert not step.out


def test_only_the_first_event_carries_the_frame_even_without_a_name():
    frame = Frame({"AIGC": {"Label": "1"}})
    events = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in "abc"]
    got, _, _ = relayed([], [sse(event) for event in events], frame=frame)
    assert ["AIGC" in event for event in got] == [True, False, False]


def test_after_a_stop_what_is_owed_after_the_text_is_said_once():
    frame = Frame(before="<", after=">")
    some = [rule("独角兽")]
    got, stop, relay = relayed(some, [sse(chunk({"content": "a"}), chunk({"content": "独角兽"}))],
                               frame=frame)  # fmt: skip
    assert stop
    assert told(got)[0, "content"] == "<a"
    assert b">" in relay.close(0)
    assert relay.close(0) == b""
    assert relay.close(5) == b""


def test_tokens_come_once_and_never_before_their_text():
    def spelled(text, finish=None):
        event = chunk({"content": text}, finish=finish)
        event["choices"][0]["logprobs"] = {"content": [{"token": text, "logprob": 0.0}]}
        return event

    events = [spelled("好"), spelled("独"), spelled("角", "stop")]
    got, stop, _ = relayed([rule("独角兽")], [sse(event) for event in events])
    assert not stop
    tokens = [one["token"] for event in got for choice in event["choices"]
              for one in (choice.get("logprobs") or {}).get("content", [])]  # fmt: skip
    assert tokens == ["好", "独", "角"]
    got, stop, _ = relayed([rule("独角兽")], [sse(*events[:2], spelled("角兽"))])
    assert stop
    assert "独" not in json.dumps(got, ensure_ascii=False)


def test_a_mask_that_changes_events_alike_is_written_in_one():
    some = [rule("ab", action=Action.MASK, mask="*", word=False)]
    events = [chunk({"content": text}) for text in ["x", "y", "a", "b", "z"]]
    got, _, _ = relayed(some, [sse(*events[:2]), sse(*events[2:])])
    assert told(got)[0, "content"] == "xy*z"


def test_two_calls_in_the_old_form_and_the_new_are_guarded_apart():
    old = {"function_call": {"name": "f", "arguments": "独角"}}
    got, stop, _ = relayed([rule("独角兽")], [sse(chunk(old), chunk({}, finish="stop"))])
    assert not stop
    said = [event["choices"][0]["delta"].get("function_call") for event in got]
    assert "".join((one or {}).get("arguments", "") for one in said) == "独角"
    custom = {"tool_calls": [{"index": 0, "custom": {"name": "f", "input": "\\b独角兽"}}]}
    got, stop, _ = relayed([rule("b独角兽", word=False)], [sse(chunk(custom))])
    assert stop.by.surface == "tool_arguments"


def test_of_several_open_choices_the_first_to_stop_at_the_end_stops_all():
    some = [rule("独角", unless_within=("独角兽",))]
    events = [chunk({"content": "独角"}, index) for index in (0, 1)]
    got, stop, relay = relayed(some, [sse(*events)])
    assert stop
    assert relay.open_choices == {0, 1}
    assert "独" not in json.dumps(got, ensure_ascii=False)


def test_a_name_that_a_rule_forbids_is_no_way_out():
    some = [rule("forbidden-kumquat", word=False)]
    for more in ({"id": "forbidden-kumquat"}, {"system_fingerprint": "a:forbidden-kumquat"}):
        got, stop, _ = relayed(some, [sse({**chunk({"content": "a"}), **more})])
        assert stop.by.surface == "other"
        assert "kumquat" not in json.dumps(got)
    tool = {"tool_calls": [{"index": 0, "id": "forbidden-kumquat", "function": {"name": "f"}}]}
    got, stop, _ = relayed(some, [sse(chunk({"content": "a"}), chunk(tool))])
    assert stop
    assert "kumquat" not in json.dumps(got)


def test_the_models_own_name_needs_no_look():
    event = {**chunk({"content": "a"}), "model": "kumquat-7b"}
    got, stop, _ = relayed([rule("kumquat")], [sse(event)], known_names={"kumquat-7b"})
    assert not stop
    assert got[0]["model"] == "kumquat-7b"


def test_a_key_that_a_rule_forbids_is_no_way_out_either():
    some = [rule("forbiddenkumquat", word=False)]
    for delta in ({"x": {"forbiddenkumquat": 1}}, {"content": "a", "forbiddenkumquat": 1}):
        got, stop, _ = relayed(some, [sse(chunk(delta))])
        assert stop.by.surface == "other"
        assert "kumquat" not in json.dumps(got)


def test_an_answer_does_not_change_its_names():
    events = [{**chunk({"content": "a"}), "id": one} for one in ("forbidden", "kumquat")]
    got, _, _ = relayed([], [sse(*events)])
    assert {event["id"] for event in got} == {"forbidden"}


def test_a_tools_name_is_whole_when_its_arguments_begin():
    some = [rule("search engine")]
    together = [chunk(call("", name="search")), chunk(call('{"q":1}')), chunk({}, finish="stop")]
    got, stop, _ = relayed(some, [sse(event) for event in together])
    assert not stop
    assert got[0]["choices"][0]["delta"]["tool_calls"][0]["function"]["name"] == "search"
    first = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "search"}}]}
    got, _, _ = relayed(some, [sse(chunk(first)), sse(chunk(call("{}")))])
    texts = [list(event["choices"][0]["delta"]["tool_calls"][0]["function"]) for event in got]
    assert texts.index(["name"]) < texts.index(["arguments"])
    assert told(got)[0, 0, "name"] == "search"


def test_a_term_in_a_tools_name_is_stopped_at_its_end():
    some = [rule("search", word=True)]
    got, stop, _ = relayed(some, [sse(chunk(call("", name="search")), chunk(call("{}")))])
    assert stop.by.surface == "tool_name"
    assert "search" not in json.dumps(got)


def test_a_tools_name_does_not_go_on_after_its_arguments():
    relay = Relay(lambda surface: plan_of([]))
    events = [chunk(call("{", name="f")), chunk(call("", name="g"))]
    step = relay.feed(EventReader().feed(sse(*events)))
    assert "name goes on" in str(step.error)


def test_a_finding_in_an_unknown_field_is_told_before_the_end_of_the_choice():
    events = [chunk({"content": "a", "thoughts": "独角兽"}), chunk({}, finish="stop")]
    got, stop, relay = relayed([rule("独角兽")], [sse(*events)])
    assert stop.by.surface == "other"
    assert [event["choices"][0]["finish_reason"] for event in got] == [None]
    assert relay.open_choices == {0}
