"""YAML with lines: the fast reader and the one that tells faults see the same; none is led on.

Planted faults that these were seen to catch: lines counted from 0; references not counted; depth
that may grow a thousandfold.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kanhe import yaml_source
from kanhe.adapters import package_data
from kanhe.terms import Text
from kanhe.yaml_source import Faults, parse, parse_list

DATA = sorted(Path(package_data.__file__).parents[1].glob("r*/**/*.yaml"))


def tree(node):
    """Give what a reader takes from a node: kind, tag, line, whether it was quoted, content."""
    if isinstance(node, yaml.ScalarNode):
        inner = (node.value, bool(node.style))
    elif isinstance(node, yaml.SequenceNode):
        inner = [tree(one) for one in node.value]
    else:
        inner = [(tree(key), tree(value)) for key, value in node.value]
    return type(node), node.tag, node.start_mark.line, inner


def both(text):
    slow = yaml_source._compose(yaml_source._Composer, text, 0)
    return tree(yaml_source._compose(yaml_source._FAST, text, 0)), tree(slow)


@pytest.mark.parametrize("file", DATA, ids=lambda file: "/".join(file.parts[-2:]))
def test_both_readers_see_the_same_in_what_is_shipped(file):
    fast, slow = both(file.read_text(encoding="utf-8"))
    assert fast == slow


written = st.recursive(
    st.text("ab 1.:-'\"#\n中", max_size=6) | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc", min_size=1), written, min_size=1), st.booleans())
def test_both_readers_see_the_same_in_whatever_is_written(value, flow):
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, sort_keys=False)
    if "*" not in text:
        fast, slow = both(text)
        assert fast == slow


def read(text, aliases=0):
    faults = Faults("f.yaml")
    return parse(text.encode(), faults, aliases=aliases), faults.found


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
@pytest.mark.parametrize("depth", [30, 20_000])
def test_no_nesting_is_deep_enough_to_end_the_process(opening, depth):
    section, (fault,) = read(opening * depth)
    assert section is None
    assert "nesting" in fault.what


def test_values_that_multiply_by_reference_are_refused():
    bomb = "a: &a [x, x]\n" + "".join(f"{n}: &{n} [*{p}, *{p}]\n" for p, n in ("ab", "bc", "cd"))
    section, (fault,) = read(bomb)
    assert (section, fault.line) == (None, 2)
    assert "a reference" in fault.what
    section, (fault,) = read(bomb, aliases=4)
    assert (section, fault.line) == (None, 4)
    assert read(bomb, aliases=6)[1] == []


def test_without_the_fast_reader_all_is_read_the_same(monkeypatch):
    monkeypatch.setattr(yaml_source, "_FAST", yaml_source._Composer)
    section, found = read("a: {zh: 一, en: one}\nb: true\n")
    assert (section.pair("a"), section.flag("b"), found) == (Text("一", "one"), True, [])


def test_a_text_in_two_languages_needs_both():
    section, found = read("a: {zh: 一}\nb: {zh: 一, en: one, de: eins}\nc: one\n")
    assert [section.pair(key) for key in "abc"] == [None, Text("一", "one"), None]
    section.pair("d", needed=True)
    assert section.pair("e") is None
    assert [(fault.line, fault.what) for fault in found] == [
        (1, "`en` is missing"),
        (2, "unknown key `de`"),
        (3, "`c` is 'one'"),
        (1, "`d` is missing"),
    ]


@pytest.mark.parametrize("word", ["yes", "True", "'true'", "1", "~", "[]"])
def test_a_truth_is_written_true_or_false_and_no_other_way(word):
    section, found = read(f"a: {word}\nb: false\n")
    assert (section.flag("a"), section.flag("b"), section.flag("c")) == (False, False, False)
    assert [fault.line for fault in found] == [1]


def test_a_file_that_should_be_a_list_is_read_item_by_item():
    faults = Faults("f.yaml")
    found = parse_list(b"- a: x\n- y\n- a: z\n", faults, aliases=0, instead="things: `- a: …`")
    assert [section.text("a") for section in found] == ["x", "z"]
    assert [(fault.line, fault.what) for fault in faults.found] == [(2, "the file has 'y'")]
    assert parse_list(b"a: x\n", faults, aliases=0, instead="things") == []
    assert faults.found[-1].advice == "Write a list of things."


def test_a_fault_names_what_kind_of_entry_it_stands_in():
    faults = Faults("f.yaml", rule="x-1", kind="duty")
    faults.add(3, "is wrong", "Mend it.")
    assert str(faults.found[0]) == "f.yaml:3: duty x-1: is wrong\n    Mend it."
