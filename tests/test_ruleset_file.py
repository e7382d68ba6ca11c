"""Rulesets as people write them: everything right is read, every fault is told with its place.

Planted faults that these were seen to catch: stopping at the first fault; lines counted from 0; a
key that stands twice taken silently; a term file read from outside the folder.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes_ruleset import KNOWN, load, source
from kanhe.errors import FaultyRuleset, RulesetError
from kanhe.policy.example import require_examples, try_examples
from kanhe.policy.fold import DEFAULT, Fold
from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule import (
    MASK,
    Action,
    Expression,
    Mode,
    Place,
    Recognised,
    Scope,
    Severity,
    Side,
    Terms,
    Text,
)
from kanhe.policy.ruleset import PATTERN_FOLDS
from kanhe.policy.ruleset_file import build, load_rulesets

FULL = """\
name: ours
version: "7"
categories:
  house: {zh: 自定, en: our own}
rules:
  - id: everything
    category: house
    title: {zh: 全部, en: all of it}
    on: [answer]
    surfaces: [content]
    models: ["gpt-*"]
    applications: [shop]
    match:
      terms: {files: [a.txt], list: [x y, off]}
    folds: [width, case]
    fold_min: 4
    boundary: none
    unless_within: [x yz]
    action: answer
    reply: {zh: 答, en: reply}
    severity: critical
    notice: {zh: 告, en: notice}
    mode: shadow
    examples: {match: [see x y], miss: [see z]}
  - id: a-pattern
    category: A.1.f
    match: {pattern: "a.{0,3}b"}
    folds: all
  - id: a-recogniser
    category: A.4.f
    match: {recogniser: cn-mobile}
    boundary: none
    action: mask
  - id: short
    category: A.1.a
    on: prompt
    match: {terms: {list: [abc]}}
    action: mask
    mask: "[-]"
"""


def test_everything_that_can_be_written_is_read():
    loaded = load(FULL, a_txt="\ufeff# remark\n\nterm one\r\n  二二  \n")
    whole, pattern, recogniser, short = loaded.rules
    assert (loaded.name, loaded.label) == ("ours", "7")
    assert loaded.categories == {"house": Text("自定", "our own")}
    assert whole.matcher == Terms(("term one", "二二", "x y", "off"))
    assert whole.title == Text("全部", "all of it")
    assert whole.scope == Scope(
        frozenset({Side.ANSWER}), frozenset({"content"}), ("gpt-*",), ("shop",)
    )
    assert whole.folds == {Fold.WIDTH, Fold.CASE}
    assert (whole.fold_min, whole.word, whole.unless_within) == (4, False, ("x yz",))
    assert (whole.action, whole.reply) == (Action.ANSWER, Text("答", "reply"))
    assert (whole.severity, whole.mode) == (Severity.CRITICAL, Mode.SHADOW)
    assert whole.notice == Text("告", "notice")
    assert pattern.matcher == Expression("a.{0,3}b")
    assert pattern.folds == PATTERN_FOLDS
    assert (pattern.action, pattern.title) == (Action.BLOCK, Text("a-pattern", "a-pattern"))
    assert recogniser.matcher == Recognised("cn-mobile")
    assert (recogniser.folds, recogniser.word) == (frozenset(), False)
    assert recogniser.mask == RECOGNISERS["cn-mobile"].masked
    assert (short.mask, whole.mask) == ("[-]", MASK)
    assert (short.scope.sides, short.folds, short.word) == ({Side.PROMPT}, DEFAULT, True)
    assert [(e.text, e.must_match, e.line) for e in loaded.examples] == [
        ("see x y", True, 24),
        ("see z", False, 24),
    ]


def test_the_version_is_the_hash_of_every_file():
    first = load(FULL, a_txt="one")
    assert first.version == load(FULL, a_txt="one").version
    assert first.version != load(FULL, a_txt="two").version
    assert first.version != load(FULL + "\n", a_txt="one").version


def test_the_order_of_the_rules_is_that_of_the_files():
    one = source(rule("- id: one\n    match: {pattern: a}"), "1.yaml")
    two = source(rule("- id: two\n    match: {pattern: b}"), "2.yaml")
    loaded = load_rulesets([two, one], KNOWN)
    assert [each.id for each in loaded.rules] == ["two", "one"]
    assert (loaded.name, loaded.label) == ("n+n", "1+1")


def rule(body, top=""):
    return f'name: n\nversion: "1"\n{top}rules:\n  {body}\n    category: A.1.a\n'


TOP = 'name: n\nversion: "1"\nrules:\n  '
R = "- id: r\n    "
T = "match: {terms: {list: [abc]}}"

# (rule or whole file, (line, rule), what, advice)
FAULTS = [
    # The file
    ("name: n\n\tversion: x", (2, ""), "is no YAML", "spaces"),
    ("name: [n", (1, ""), "is no YAML", "brackets"),
    ("name: n: m", (1, ""), "is no YAML", "quotes"),
    ("- a\n- b", (1, ""), "is no mapping", "Begin with"),
    ("", (1, ""), "is no mapping", "Begin with"),
    ("name: n\n---\nname: m", (2, ""), "is no YAML", "Compare"),
    ("name: n\nversion: a\x07b", (2, ""), "YAML forbids", "Delete"),
    (b"name: n\nversion: \xff", (2, ""), "not UTF-8 (byte 0xff)", "UTF-8"),
    ("a: " + "[" * 50 + "]" * 50, (1, ""), "too deep", "Write the values out"),
    ("a: &a x\nb: [" + "*a," * 300 + "]", (2, ""), "too many references", "Write the values"),
    ("[a]: b", (1, ""), "no plain word", "key: value"),
    # The top
    ('name: n\nversion: 1\nrules: [{id: r, category: A.1.a, match: {pattern: a}}]',
     (2, ""), "'1', not a text", '"1"'),
    ('name: n\nname: m\nversion: "1"\nrules: []', (2, ""), "first in line 1", "Keep one"),
    ('version: "1"\nrules: []', (1, ""), "`name` is missing", "Add `name"),
    ('name: ""\nversion: "1"\nrules: []', (1, ""), "`name` is empty", "Write it out"),
    ('name: n\nversion: "1"\nrules: []', (3, ""), "no rule", "at least one"),
    ('name: n\nversion: "1"\nrules: abc', (3, ""), "'abc'", "Write a list"),
    ('name: n\nversion: "1"', (1, ""), "`rules` is missing", "Write a list"),
    ('name: n\nversion: "1"\nrules:\n  - abc', (4, ""), "has 'abc'", "- id"),
    ('name: n\nversion: "1"\nrule: []', (3, ""), "unknown key `rule`", "mean `rules`"),
    (rule(R + T, "categories: {A.1.a: {zh: a, en: b}}\n"), (3, ""), "no name", "a-z"),
    (rule(R + T, "categories: {x: {zh: a}}\n"), (3, ""), "`en` is missing", "Add"),
    (rule(R + T, "categories: {x: abc}\n"), (3, ""), "`x` is 'abc'", "{zh: …, en: …}"),
    (rule(R + T, "categories: abc\n"), (3, ""), "'abc'", "my-category"),
    # One rule
    (R + T + "\n    folder: x", (6, "r"), "unknown key `folder`", "mean `folds`"),
    (R + T + "\n    xyz: x", (6, "r"), "unknown key `xyz`", "one of: id,"),
    ("- id: R_1\n    " + T, (4, "R_1"), "no id", "a-z"),
    ("- " + T, (4, ""), "`id` is missing", "Add `id"),
    (R + T + "\n    category: A.1.a\n  " + R + T, (7, "r"), "stands twice", "unique"),
    (R + T + "\n    title: {zh: a, en: b, c}", (6, "r"), "unknown key `c`", "comma"),
    (R + T + "\n    on: [prompts]", (6, "r"), "cannot be 'prompts'", "mean `prompt`"),
    (R + T + "\n    on: []", (6, "r"), "no side", "both"),
    (R + T + "\n    surfaces: [contents]", (6, "r"), "no surface", "mean `content`"),
    (R + T + "\n    action: deny", (6, "r"), "cannot be 'deny'", "block, answer"),
    (R + T + "\n    action: answer", (6, "r"), "needs a reply", "{zh: …, en: …}"),
    (R + T + "\n    severity: hihg", (6, "r"), "'hihg'", "mean `high`"),
    (R + T + "\n    mode: [shadow]", (6, "r"), "is a list", "Write a text"),
    (R + T + "\n    notice: text", (6, "r"), "`notice` is 'text'", "{zh: …, en: …}"),
    (R + T + "\n    fold_min: many", (6, "r"), "is 'many'", "from 1 to 20"),
    (R + T + "\n    fold_min: 0", (6, "r"), "is '0'", "from 1 to 20"),
    (R + T + '\n    fold_min: "3"', (6, "r"), "is '3'", "without quotes"),
    (R + T + "\n    folds: [homofones]", (6, "r"), "'homofones'", "mean `homophones`"),
    (R + T + "\n    boundary: words", (6, "r"), "'words'", "mean `word`"),
    (R + T + '\n    unless_within: [""]', (6, "r"), "empty", "Delete"),
    (R + T + "\n    mask: 3", (6, "r"), "not a text", '"3"'),
    (R + T + "\n    mask: !!python/name:os.system x", (6, "r"), "has the tag", "alone"),
    (R + T + "\n    examples: [a]", (6, "r"), "is a list", "{match: […], miss: […]}"),
    (R + T + "\n    examples: {matches: [a]}", (6, "r"), "`matches`", "mean `match`"),
    (R + T + "\n    examples: {match: [{a: b}]}", (6, "r"), "is a mapping", "Write a text"),
    # Its category
    (TOP + R + T, (4, "r"), "`category` is missing", "Add"),
    (TOP + R + "category: A.1.ff\n    " + T,
     (5, "r"), "'A.1.ff'", "mean `A.1.f`"),
    # What it looks for
    (R + "on: prompt", (4, "r"), "`match` is missing", "Add terms"),
    (R + "match: abc", (5, "r"), "`match` is 'abc'", "terms, a pattern"),
    (R + "match: {}", (5, "r"), "nothing to look for", "exactly one"),
    (R + "match: {pattern: a, terms: {}}", (5, "r"), "terms and pattern", "exactly one"),
    (R + "match: {regex: a}", (5, "r"), "unknown key `regex`", "one of: terms"),
    (R + "match: {terms: [abc]}", (5, "r"), "is a list", "{files: […], list: […]}"),
    (R + "match: {terms: {list: []}}", (5, "r"), "no term", "Add `files`"),
    (R + "match: {terms: {words: [a]}}", (5, "r"), "`words`", "one of: files, list"),
    (R + "match: {terms: {list: [1989]}}", (5, "r"), "'1989', not a text", '"1989"'),
    (R + "match: {terms: {list: [null]}}", (5, "r"), "not a text", '"null"'),
    (R + "match: {terms: {list: [a]}}", (5, "r"), "single sign or letter", "longer"),
    (R + 'match: {terms: {list: ["\\u200b"]}}', (5, "r"), "nothing is left", "fewer folds"),
    (R + 'match: {terms: {list: ["\\x00"]}}', (5, "r"), "control character", "Delete"),
    (R + "match: {terms: {files: [../a.txt]}}", (5, "r"), "leads out", "folder"),
    (R + "match: {terms: {files: [/etc/passwd]}}", (5, "r"), "leads out", "folder"),
    (R + "match: {terms: {files: [b.txt]}}", (5, "r"), "No such file", "relative"),
    (R + "match: {pattern: 'a*'}", (5, "r"), "no bound", "{0,n}"),
    (R + "match: {pattern: '(a'}", (5, "r"), "no regular expression", "Escape"),
    (R + "match: {pattern: ''}", (5, "r"), "`pattern` is empty", "Write it out"),
    (R + "match: {pattern: ab}\n    folds: [pinyin]", (6, "r"), "cannot have the fold", "width"),
    (R + "match: {pattern: ab}\n    fold_min: 3", (6, "r"), "is for terms", "Delete"),
    (R + "match: {recogniser: cn-mobil}", (5, "r"), "no recogniser", "mean `cn-mobile`"),
    (R + "match: {recogniser: ''}", (5, "r"), "is empty", "Write it out"),
    (R + "match: {recogniser: email}\n    folds: all", (6, "r"), "its own", "Delete"),
    (R + "match: {recogniser: email}\n    boundary: word", (6, "r"), "neighbours", "none"),
]  # fmt: skip
IN_TERM_FILES = [
    ("# ok\nabc\na\x00b", 3, "control character", "Delete"),
    ("abc\n\n\u200b\u2060", 3, "nothing is left", "fewer folds"),
    ("abc\nＸ", 2, "single sign or letter", "longer"),
    (b"abc\n\xe4\xb8", 2, "not UTF-8", "UTF-8"),
]


def whole(text):
    is_rule = (isinstance(text, str) and text.startswith("- id")) or text == "- " + T
    return rule(text) if is_rule else text


@pytest.mark.parametrize(("text", "place", "what", "advice"), FAULTS)
def test_a_fault_names_its_place_and_what_to_write(text, place, what, advice):
    with pytest.raises(FaultyRuleset) as faulty:
        load(whole(text))
    told = [
        fault
        for fault in faulty.value.faults
        if (fault.file, fault.line, fault.rule) == ("r.yaml", *place) and what in fault.what
    ]
    assert told, faulty.value.faults
    assert advice in told[0].advice


@pytest.mark.parametrize(("terms", "line", "what", "advice"), IN_TERM_FILES)
def test_a_fault_in_a_term_file_names_that_file(terms, line, what, advice):
    text = rule(R + "match: {terms: {files: [a.txt]}}")
    with pytest.raises(FaultyRuleset) as faulty:
        load_rulesets([source(text, "rules/r.yaml", a_txt=terms)], KNOWN)
    (fault,) = faulty.value.faults
    assert (fault.file, fault.line, fault.rule) == ("rules/a.txt", line, "r")
    assert what in fault.what
    assert advice in fault.advice


def test_all_faults_are_told_at_once_and_in_full():
    text = rule("- id: r\n    on: [nobody]\n    match: {pattern: 'a*'}\n    mode: of")
    with pytest.raises(FaultyRuleset) as faulty:
        load(text)
    assert [fault.line for fault in faulty.value.faults] == sorted([5, 5, 6, 7])
    assert "4 faults" in str(faulty.value)
    assert "r.yaml:6: rule r: pattern 'a*' has no bound" in str(faulty.value)
    assert "kanhe rules check" in faulty.value.advice


def test_ids_are_unique_over_all_files():
    with pytest.raises(FaultyRuleset, match=r"1\.yaml:4"):
        load_rulesets([source(rule(R + T), "1.yaml"), source(rule(R + T), "2.yaml")], KNOWN)


def test_own_categories_cannot_be_declared_twice():
    top = "categories: {x: {zh: a, en: b}}\n"
    one, two = source(rule(R + T, top), "1.yaml"), source(rule(R + T, top), "2.yaml")
    with pytest.raises(FaultyRuleset, match="a category 'x' already"):
        load_rulesets([one, two], KNOWN)


def test_no_ruleset_at_all_is_refused():
    with pytest.raises(RulesetError, match="no ruleset"):
        load_rulesets([], KNOWN)


def test_terms_that_stand_twice_are_a_warning():
    loaded = load(rule(R + "match: {terms: {files: [a.txt], list: [x1, x1]}}"), a_txt="abc\nabc")
    assert [(w.file, w.line, w.rule) for w in loaded.warnings] == [
        ("a.txt", 2, "r"),
        ("r.yaml", 5, "r"),
    ]
    assert loaded.rules[0].matcher == Terms(("abc", "x1"))


def test_words_that_yaml_takes_for_something_else_are_text():
    loaded = load(rule(R + "match: {terms: {list: [on, off, yes, no, 12:30, 2024-01-01, 1.2.3]}}"))
    assert loaded.rules[0].matcher == Terms(
        ("on", "off", "yes", "no", "12:30", "2024-01-01", "1.2.3")
    )


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_fall_over(text):
    """Garbage after a sound beginning: it loads, or it is refused in our own words."""
    for whole_text in (text, rule(R + T) + text, rule(R + "match: {terms: {list: [" + text)):
        lines = [1]
        try:
            load(whole_text)
        except FaultyRuleset as faulty:
            lines = [fault.line for fault in faulty.faults]
        assert min(lines) >= 1


def test_examples_are_tried_on_their_own_rule_whatever_it_does():
    text = rule(
        "- id: r\n    match: {terms: {list: [abc]}}\n    mode: shadow\n    on: [prompt]\n"
        "    examples: {match: [an abc, xyz], miss: [xyz, an abc]}"
    )
    loaded = load(text)
    ruleset = build(loaded, RECOGNISERS)
    tried = list(try_examples(loaded.examples, ruleset))
    assert [one.passed for one in tried] == [True, False, True, False]
    with pytest.raises(FaultyRuleset) as faulty:
        require_examples(loaded.examples, ruleset)
    assert ["and does not" in f.what for f in faulty.value.faults] == [True, False]
    require_examples(loaded.examples[:1], ruleset)


def test_what_was_loaded_looks_where_it_was_told_to():
    ruleset = build(load(FULL, a_txt="abc"), RECOGNISERS)
    everywhere = ruleset.plan(Place(Side.ANSWER))
    there = ruleset.plan(Place(Side.ANSWER, "content", "gpt-9", "shop"))
    assert len(there.watching) == len(everywhere.watching) + 1
    assert ruleset.plan(Place(Side.ANSWER)) is everywhere
