"""Every string of a document is accounted for: looked at, named unseen, or a name.

The oracle walks the document in its own way and knows nothing of surfaces. Planted faults that
these properties were seen to catch: a field skipped whatever it holds; only the first item of a
list looked at; a key that is text passed over.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanhe.gateway.surface import (
    Unseen,
    answer_spots,
    other_spots,
    prompt_spots,
    vector_spots,
)

NAME = re.compile(r"[A-Za-z0-9_.:/@+=-]{0,256}")
WIRE = [
    "messages", "role", "content", "text", "tool_calls", "function_call", "function", "custom",
    "name", "arguments", "input", "reasoning_content", "refusal", "type", "id", "tools", "prompt",
    "model", "user", "audio", "data", "transcript", "image_url", "message", "logprobs", "choices",
    "index", "finish_reason", "usage", "system_fingerprint", "embedding", "safety_identifier",
]  # fmt: skip
# Each text is unlike every name and every other word, so that it is found where it stands.
texts = st.text(alphabet="蓝色 独角兽!", min_size=2, max_size=5)
keys = st.sampled_from(WIRE) | texts
values = st.recursive(
    texts | st.integers() | st.none() | st.sampled_from(["system", "assistant", "tool", "text"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
documents = st.dictionaries(keys, values, max_size=5)


def some_of(**fields):
    """A document with some of these fields, each of its shape or of none."""
    return st.fixed_dictionaries({}, optional={key: one | values for key, one in fields.items()})


CALLED = some_of(name=texts, arguments=texts, input=texts)
CALL = some_of(id=texts, function=CALLED, custom=CALLED, index=st.integers(0, 3))
PART = some_of(type=texts, text=texts, image_url=documents, thinking=texts)
MESSAGE = some_of(
    role=st.sampled_from(["system", "assistant", "tool", "user"]),
    content=texts | st.lists(PART | texts, max_size=3),
    reasoning_content=texts,
    tool_calls=st.lists(CALL | texts, max_size=2),
    function_call=CALLED,
    audio=some_of(data=texts, transcript=texts),
)
REQUEST = some_of(
    messages=st.lists(MESSAGE | texts, max_size=3), prompt=st.lists(values, max_size=3),
    tools=st.lists(documents, max_size=2), model=texts, user=texts,
)  # fmt: skip
CHOICE = some_of(message=MESSAGE, text=texts, logprobs=values, index=st.integers(0, 3))


def texts_of(value, skipped=()):
    """Every string that is no name: values, and keys of objects."""
    if isinstance(value, str):
        yield from () if NAME.fullmatch(value) else (value,)
    for key, item in value.items() if isinstance(value, dict) else ():
        if key not in skipped:
            yield from texts_of(key)
            yield from texts_of(item, skipped)
    for item in value if isinstance(value, list) else ():
        yield from texts_of(item, skipped)


def accounted(document, spots, skipped=()):
    seen = "\n".join(spot.text for spot in spots)
    return [text for text in texts_of(document, skipped) if text not in seen]


BINARY = ("image_url", "data")
CALLERS = ("model", "user", "safety_identifier")


@given(documents | REQUEST)
def test_every_text_of_a_request_is_looked_at(body):
    unseen = Unseen()
    spots = list(prompt_spots(body, unseen))
    missing = accounted({k: v for k, v in body.items() if k not in CALLERS}, spots)
    hidden = list(texts_of(find(body, BINARY)))
    assert set(missing) <= set(hidden) if unseen else not missing
    for name in CALLERS:
        if not isinstance(body.get(name), str | None):
            assert not accounted({name: body[name]}, spots)


@given(documents | CHOICE)
def test_every_text_of_a_choice_is_looked_at(choice):
    unseen = Unseen()
    spots = list(answer_spots(choice, unseen))
    missing = accounted({k: v for k, v in choice.items() if k != "logprobs"}, spots)
    assert set(missing) <= set(texts_of(find(choice, BINARY))) if unseen else not missing


@given(documents)
def test_every_text_beside_the_choices_is_looked_at(document):
    top = {key: value for key, value in document.items() if key != "choices"}
    assert not accounted(top, list(other_spots(document)))


@given(documents, st.lists(documents, max_size=3))
def test_every_text_beside_the_vectors_is_looked_at(document, items):
    whole = {**{k: v for k, v in document.items() if k != "choices"}, "data": items}
    rest = [{k: v for k, v in item.items() if k not in ("embedding", "choices")} for item in items]
    unseen = Unseen()
    spots = list(vector_spots(whole, unseen))
    assert not accounted({**whole, "data": rest}, spots)
    assert ("embedding" in unseen) == any("embedding" in item for item in items)


def find(value, names):
    """Every value that stands under one of `names`, anywhere."""
    found = []
    for key, item in value.items() if isinstance(value, dict) else ():
        found += [item] if key in names else []
        found += find(item, names)
    for item in value if isinstance(value, list) else ():
        found += find(item, names)
    return found


def surfaces(spots):
    return [(spot.surface, spot.text) for spot in spots]


def test_each_text_of_a_conversation_has_its_surface():
    body = {
        "model": "secret name",
        "messages": [
            {"role": "developer", "content": "a a"},
            {"role": "user", "name": "b b", "content": [{"type": "text", "text": "c "},
                                                        {"type": "image_url", "image_url": {}},
                                                        {"type": "text", "text": "d"}]},
            {"role": "assistant", "content": "e e", "reasoning_content": "f f", "refusal": "g g",
             "tool_calls": [{"id": "1", "type": "function",
                             "function": {"name": "h h", "arguments": "{}"}},
                            {"type": "custom", "custom": {"name": "i i", "input": "j"}}]},
            {"role": "tool", "content": "k k", "tool_call_id": "1"},
        ],
        "tools": [{"type": "function", "function": {"description": "l l"}}],
        "metadata": {"m": "n n"},
    }  # fmt: skip
    unseen = Unseen()
    assert surfaces(prompt_spots(body, unseen)) == [
        ("system", "a a"), ("other", "b b"), ("content", "c d"), ("assistant", "e e"),
        ("reasoning", "f f"), ("refusal", "g g"), ("other", "1"), ("tool_name", "h h"),
        ("tool_arguments", "{}"), ("tool_name", "i i"), ("tool_arguments", "j"), ("tool", "k k"),
        ("other", "1"), ("tools", "type"),
        ("tools", "function"), ("tools", "description"), ("tools", "l l"), ("other", "m"),
        ("other", "n n"),
    ]  # fmt: skip
    assert unseen == {"image"}


def test_only_what_is_json_is_read_as_json():
    calls = [{"function": {"arguments": "a"}}, {"custom": {"input": "b"}}]
    spots = prompt_spots({"messages": [{"role": "assistant", "tool_calls": calls}]}, Unseen())
    assert [(spot.text, spot.escaped) for spot in spots] == [("a", True), ("b", False)]


@pytest.mark.parametrize(
    ("value", "looked_at", "unseen"),
    [
        ("a b", ["a b"], set()),
        (["a b", "c"], ["a b", "c"], set()),
        ([1, 2], [], {"tokens"}),
        ([[1, 2], [3]], [], {"tokens"}),
        ([["a b"], {"c": "d"}], ["a b", "c", "d"], set()),
        ({"a": "b c"}, ["a", "b c"], set()),
    ],
)
def test_a_prompt_has_every_shape_that_the_wire_has(value, looked_at, unseen):
    for key in ("prompt", "input"):
        names = Unseen()
        assert [spot.text for spot in prompt_spots({key: value}, names)] == looked_at
        assert names == unseen


def test_what_is_written_back_stands_where_the_text_stood():
    body = {
        "messages": [
            {"role": "user", "content": [{"text": "a"}, {"text": "b"}]},
            {"role": "user", "content": "c", "tool_calls": [{"function": {"arguments": "d"}}]},
        ],
        "prompt": ["e"],
        "input": "f",
        "metadata": {"k": ["g h"]},
    }
    for spot in prompt_spots(body, Unseen()):
        if spot.replace:
            spot.replace(spot.text.upper())
    assert body == {
        "messages": [
            {"role": "user", "content": [{"text": "AB"}, {"text": ""}]},
            {"role": "user", "content": "C", "tool_calls": [{"function": {"arguments": "D"}}]},
        ],
        "prompt": ["E"],
        "input": "F",
        "metadata": {"k": ["G H"]},
    }


def test_text_cut_over_the_items_of_an_unknown_list_is_put_together():
    choice = {"message": {"reasoning_details": [{"text": "独"}, {"text": "角兽"}]}}
    assert ("other", "独角兽") in surfaces(answer_spots(choice, Unseen()))


def test_sound_is_named_unseen_and_its_transcript_looked_at():
    choice = {"message": {"audio": {"id": "a", "data": "UklG", "transcript": "a b"}}}
    unseen = Unseen()
    assert ("other", "a b") in surfaces(answer_spots(choice, unseen))
    assert unseen == {"audio"}
