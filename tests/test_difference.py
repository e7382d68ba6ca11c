"""What a person who releases rules is told of them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kanhe.policy.difference import Change, difference
from kanhe.policy.rule import Action, Expression, Mode, Rule, Terms

ONE = Rule("one", "A.1.h", Terms(("apple", "pear")))
TWO = Rule("two", "A.1.h", Expression("a[0-9]"))

rules = st.lists(
    st.builds(
        Rule,
        id=st.sampled_from("abc"),
        category=st.sampled_from(["A.1.h", "A.2.a"]),
        matcher=st.lists(st.sampled_from("xyz"), unique=True).map(lambda some: Terms(tuple(some))),
        action=st.sampled_from(Action),
    ),
    unique_by=lambda rule: rule.id,
    max_size=3,
)


def test_a_rule_that_came_and_one_that_went_are_told():
    told = difference([ONE], [TWO])
    assert (told.added, told.removed, told.changed, told.moved) == ((TWO,), (ONE,), (), False)


def test_what_changed_about_a_rule_is_told_by_the_name_of_the_field():
    (changed,) = difference([ONE], [replace(ONE, action=Action.FLAG, mode=Mode.SHADOW)]).changed
    assert changed.changes == (
        Change("action", "block", "flag"),
        Change("mode", "enforce", "shadow"),
    )


def test_terms_are_told_one_by_one_and_their_order_is_no_change():
    assert not difference([ONE], [replace(ONE, matcher=Terms(("pear", "apple")))])
    (changed,) = difference([ONE], [replace(ONE, matcher=Terms(("pear", "fig")))]).changed
    assert (changed.terms_added, changed.terms_removed) == (("fig",), ("apple",))


def test_another_kind_of_matcher_is_told():
    (changed,) = difference([TWO], [replace(TWO, matcher=Terms(("b",)))]).changed
    assert [change.what for change in changed.changes] == ["match"]
    assert changed.terms_added == ("b",)


def test_another_order_of_the_same_rules_is_told():
    assert difference([ONE, TWO], [TWO, ONE]).moved
    assert not difference([ONE, TWO], [TWO]).moved


@given(rules, rules)
def test_a_difference_applied_to_the_old_rules_gives_the_new_ones(before, after):
    """The oracle is the new set itself, rebuilt by id from what was told.

    Planted and caught: leaving out `removed`; comparing terms as tuples; skipping `action`.
    """
    told = difference(before, after)
    rebuilt = {rule.id: rule for rule in before}
    for rule in told.removed:
        del rebuilt[rule.id]
    for rule in told.added:
        rebuilt[rule.id] = rule
    for one in told.changed:
        old = rebuilt[one.rule.id]
        terms = (set(old.matcher.terms) - set(one.terms_removed)) | set(one.terms_added)
        changes = {change.what: change.after for change in one.changes}
        rebuilt[one.rule.id] = replace(
            old,
            category=changes.get("category", old.category),
            action=Action(changes.get("action", old.action)),
            matcher=Terms(tuple(terms)),
        )

    def plain(some):
        return {(r.id, r.category, r.action, frozenset(r.matcher.terms)) for r in some}

    assert plain(rebuilt.values()) == plain(after)
    assert bool(told) == (
        plain(before) != plain(after) or [r.id for r in before] != [r.id for r in after]
    )
