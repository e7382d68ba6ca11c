"""The marks of generated text: where they stand, and that they come off again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges import LABEL
from kanhe.gateway.label import HEADER, PREFIX, SUFFIX, is_prose


@pytest.mark.obligation("cn-ds-16-1")
@pytest.mark.obligation("eu-aia-50-1")
@pytest.mark.obligation("cn-gb45438-5-1")
@pytest.mark.parametrize(
    ("place", "words"),
    [(PREFIX, ("(AI-generated:) ", "")), (SUFFIX, ("", " (AI-generated)")), (HEADER, ("", ""))],
)
def test_the_readers_mark_stands_in_one_place(place, words):
    label = replace(LABEL, place=place)
    assert label.words("en") == words
    assert all("人工智能" in word for word in label.words("zh") if word)
    frame = label.frame("d1", "en", prose=True)
    assert (frame.before, frame.after) == words
    assert frame.fields["AIGC"]["Label"] == "1"


def test_what_is_no_prose_has_the_machines_mark_only():
    frame = LABEL.frame("d1", "zh", prose=False)
    assert (frame.before, frame.after) == ("", "")
    assert frame.fields["AIGC"]


@pytest.mark.obligation("eu-aia-50-2")
@pytest.mark.obligation("cn-gb45438-e")
def test_the_machines_mark_has_every_field_in_its_order():
    assert list(LABEL.metadata("d1").items()) == [
        ("Label", "1"), ("ContentProducer", "某公司"), ("ProduceID", "d1"), ("ReservedCode1", ""),
    ]  # fmt: skip


@given(st.sampled_from(["zh", "en"]), st.sampled_from([PREFIX, SUFFIX, HEADER]), st.text())
def test_our_own_label_comes_off_and_nothing_else_does(language, place, text):
    label = replace(LABEL, place=place)
    before, after = label.words(language)
    said = {"role": "assistant", "content": before + text + after}
    user = {"role": "user", "content": before + text + after}
    label.unlabelled({"messages": [said, user]})
    assert user["content"] == before + text + after
    assert text in (said["content"], before + text + after)
    assert said["content"] in text


@pytest.mark.parametrize(
    "messages",
    [None, 5, {"a": 1}, ["x"], [{"role": "assistant"}], [{"role": "assistant", "content": None}],
     [{"role": "assistant", "content": [{"text": "a"}]}]],
)  # fmt: skip
def test_other_shapes_are_left_as_they_are(messages):
    body = {"messages": messages}
    LABEL.unlabelled(body)
    assert body == {"messages": messages}


@pytest.mark.parametrize(
    ("form", "prose"),
    [(None, True), ("text", True), ({"type": "text"}, True), ({"type": "json_object"}, False),
     ({"type": "json_schema"}, False), ({}, False)],
)  # fmt: skip
def test_json_is_no_prose(form, prose):
    assert is_prose({"response_format": form}) is prose
