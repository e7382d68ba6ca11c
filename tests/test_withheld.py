"""Unknown fields are read in every way a reader may put them together, and told by name at most.

Planted faults that these tests were seen to catch: pieces joined over all choices only; items of a
list read alone; a name that is text told in the error.
"""

from __future__ import annotations

import pytest

from kanhe.errors import UpstreamError
from kanhe.gateway.withheld import Withheld
from kanhe.policy.rule import Action
from test_stream import plan_of, rule

TERM = [rule("独角兽", word=False, folds=frozenset())]


def found(*taken, some=TERM):
    withheld = Withheld(plan_of(some), refuse=False)
    for key, value in taken:
        withheld.take(key, value, {"choices": []})
    return withheld.found()


@pytest.mark.parametrize(
    "taken",
    [
        [((0, "thoughts"), "独角兽")],
        [((0, "thoughts"), "独"), ((1, "thoughts"), "x"), ((0, "thoughts"), "角兽")],
        [((0, "t"), {"a": "独", "b": "x"}), ((0, "t"), {"a": "角兽", "b": "y"})],
        [((0, "t"), [{"text": "独"}, {"text": "角兽"}])],
        [((0, "t"), [{"k": "x", "text": "独"}]), ((0, "t"), [{"k": "y"}, {"text": "角兽"}])],
        [((0, "t"), [{"k": "p", "text": "独"}, {"k": "q", "text": "角兽"}])],
        [((0, "t"), [{"text": "独"}, {"text": "x"}]), ((0, "t"), [{"text": "角兽"}])],
        [((0, "t"), [{"k": "x", "text": "独"}]), ((0, "t"), [{}, {"k": "y", "text": "角"}]),
         ((0, "t"), [{"k": "z", "text": "兽"}])],
        [((0, "t"), {"p1": "独"}), ((0, "t"), {"p2": "角兽"})],
        [((0, "t"), {"独角兽": 1})],
        [((0, "独角兽"), 1)],
        [(("t",), [["独"], ["角"], ["兽"]])],
    ],
    ids=["whole", "choices apart", "fields apart", "items", "items over events", "side by side",
         "items in turn", "items as they come", "fields that follow", "a key", "its name",
         "lists in lists"],
)  # fmt: skip
def test_a_term_is_found_however_its_pieces_lie(taken):
    assert found(*taken).surface == "other"


def test_what_is_only_flagged_is_sent():
    flagged = [rule("独角兽", action=Action.FLAG)]
    assert found(((0, "t"), "独角兽"), some=flagged) is None


def test_what_would_be_masked_stops():
    masked = [rule("独角兽", action=Action.MASK)]
    assert found(((0, "t"), "独角兽"), some=masked).finding.rule.action is Action.MASK


def test_documents_come_back_once_in_their_order():
    withheld = Withheld(plan_of([]), refuse=False)
    withheld.take((0, "a"), "x", {"n": 1})
    withheld.take((0, "b c"), "y", {"n": 2})
    assert len(withheld) == 2
    assert withheld.names == {"a", ""}
    assert withheld.release() == [{"n": 1}, {"n": 2}]
    assert withheld.release() == []


@pytest.mark.parametrize(("name", "shown"), [("thoughts", "'thoughts'"), ("独角兽", "''"),
                                             ("x" * 65, "''"), ("a b", "''")])  # fmt: skip
def test_a_refusal_tells_a_name_only_where_it_is_one(name, shown):
    withheld = Withheld(plan_of([]), refuse=True)
    with pytest.raises(UpstreamError) as caught:
        withheld.take((0, name), "secret", {})
    assert str(caught.value).endswith(shown)
