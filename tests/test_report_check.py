"""Whoever changes one figure, one verdict or one line of a report is found out, and told where."""

import contextlib
import json
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence import ANSWER, GOOD, OUTPUT, REFUSE, head, judge, line, lines_of, other_tool
from kanhe.assess.evidence_tree import root_of
from kanhe.assess.fact import made_facts
from kanhe.assess.item import BankKind
from kanhe.assess.line import Part
from kanhe.assess.line_file import leaves, write_lines
from kanhe.assess.outcome import Answered, Failed, Way
from kanhe.assess.plain_json import told
from kanhe.assess.reckon import results
from kanhe.assess.report_check import check_entry, check_report
from kanhe.assess.report_file import Written, read_report, write_report
from kanhe.assess.strength import Bound
from kanhe.errors import AssessError

OUT, REF, ANS = BankKind.OUTPUT, BankKind.REFUSE, BankKind.ANSWER


def made(lines, **more):
    """Make a report whose head has the root of its lines."""
    some = leaves(write_lines(lines))
    one = head(lines, root=root_of(some), **more)
    return Written(one, results(one, lines)), some


def all_parts():
    """Give lines that fill every figure there is."""
    lines = []
    for to in ("gateway", "model"):
        passed = 22 if to == "gateway" else 20
        lines += lines_of(OUT, passed, 24 - passed, 1, target=to)
        lines += lines_of(REF, passed, 24 - passed, target=to, slice_="A.3.b")
        lines += lines_of(ANS, passed + 1, 23 - passed, target=to)
        lines += [line(n, REF, part=Part.ROBUST, variant=how, target=to, said={Way.REFUSAL: n > 2})
                  for n in range(6) for how in ("base64", "role")]  # fmt: skip
        lines += [line(n, REF, part=Part.RELIABLE, repeat=1, target=to, said={Way.REFUSAL: n > 2})
                  for n in range(6)]  # fmt: skip
        lines += [line(n, part=Part.CHOICE, bank="choices", slice_="age", target=to,
                       form=f"choice:{right}", said={Way.CHOICE: right == chose},
                       whys={Way.CHOICE: chose})
                  for n, (right, chose) in enumerate([("with", "with"), ("unknown", "against"),
                                                      ("against", "with"), ("with", "against")])
                  ]  # fmt: skip
        lines += [line(n, ANS, part=Part.SWAP, bank="swaps", slice_="age", target=to, variant=who,
                       said={Way.REFUSAL: bool(n % 3) or who == ""})
                  for n in range(6) for who in ("", "old")]  # fmt: skip
        lines += [line(n, part=Part.LEAK, bank="probes", form=form, target=to,
                       said={Way.LEAK: n != 1}, whys={Way.LEAK: "" if n != 1 else "mobile"})
                  for form in ("leak:planted", "leak:open") for n in range(3)
                  if not (form == "leak:open" and n == 2)]  # fmt: skip
    lines = [replace(one, id=f"o{one.id}") if one.form == "leak:open" else one for one in lines]
    lines.append(
        line(900, part=Part.LEAK, bank="probes", form="leak:open", reply=Failed("late", 3))
    )
    return lines


LINES = all_parts()
REPORT, LEAVES = made(LINES, judge=judge(quality=GOOD), evidence=(other_tool(),))
BUILT = told(REPORT.results)


def places(json_, path=()):
    """Give the path of every single value."""
    pairs = json_.items() if isinstance(json_, dict) else enumerate(json_)
    for key, value in pairs:
        if isinstance(value, dict | list | tuple):
            yield from places(value, (*path, key))
        else:
            yield (*path, key)


PLACES = sorted(places(json.loads(json.dumps(BUILT))), key=str)


def changed(value, how):
    """Change one value a little, as somebody would who wants not to be seen."""
    match value:
        case bool():
            return not value
        case int():
            return value + how
        case float():
            return value + how * 1e-6 * max(abs(value), 1e-3)
        case str():
            return value + "x"
        case None:
            return 1


def test_an_honest_report_is_as_it_says():
    found = check_report(REPORT, LEAVES)
    assert found.differences == ()
    assert (found.root, len(found.lines)) == (REPORT.head.root, len(LINES))
    assert found.figures == len(PLACES) > 600
    back = read_report(write_report(REPORT))
    assert check_report(back, LEAVES).differences == ()


def test_no_kind_of_figure_is_missing_from_this_test():
    empty = [key for key, value in BUILT.items() if not value and key != "twice"]
    assert empty == []
    assert all(
        BUILT[key]["gateway"]
        for key in ("robust", "leaning", "swaps", "steady", "leaking", "failed")
    )


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from([-1, 1]))
def test_any_single_changed_value_is_found_and_named(place, how):
    """Planted fault caught: comparing conclusions and rates only, and not what they are made of."""
    whole = json.loads(write_report(REPORT))
    inner = whole["results"]
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = changed(inner[place[-1]], how)
    raw = json.dumps(whole).encode()
    try:
        forged = read_report(_spelt(raw))
    except AssessError:
        return  # what is no figure at all is not even read
    [found] = check_report(forged, LEAVES).differences
    assert found.path == _path(place)
    assert found.told != found.found


def _spelt(raw):
    """Spell JSON as reports are: a forger would."""
    return msgspec.json.format(msgspec.json.encode(msgspec.json.decode(raw)), indent=1) + b"\n"


def _path(place):
    told_ = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
    return f"results{told_}"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(LINES) - 1), st.randoms())
def test_any_changed_verdict_or_line_is_found(at, dice):
    """Planted fault caught: a root that is read from the head and not computed."""
    one = LINES[at]
    verdicts = one.outcome.verdicts
    if verdicts and dice.random() < 0.7:
        flipped = replace(verdicts[0], passed=not verdicts[0].passed)
        outcome = replace(one.outcome, verdicts=(flipped, *verdicts[1:]))
        other = replace(one, outcome=outcome)
    else:
        other = replace(one, salt="0" * 24)
    some = leaves(write_lines([*LINES[:at], other, *LINES[at + 1 :]]))
    assert "head.root" in [found.path for found in check_report(REPORT, some).differences]


@pytest.mark.parametrize(
    "change",
    [
        lambda some: some[:-1],
        lambda some: some[1:],
        lambda some: [*some, write_lines([line(901, part=Part.LEAK, bank="probes")])[:-1]],
        lambda some: [some[1], some[0], *some[2:]],
    ],
    ids=["cut off", "without the first", "one more", "in another order"],
)
def test_lines_that_were_left_out_added_or_moved_are_found(change):
    found = check_report(REPORT, change(LEAVES)).differences
    assert "head.root" in [one.path for one in found]


def test_whoever_rewrites_lines_and_root_still_has_the_wrong_figures():
    """A forger who turns failures into passes and mends the root, and not the figures."""
    better = []
    for one in LINES:
        verdicts = tuple(replace(v, passed=True) for v in one.outcome.verdicts)
        better.append(replace(one, outcome=replace(one.outcome, verdicts=verdicts)))
    some = leaves(write_lines(better))
    forged = replace(REPORT, head=replace(REPORT.head, root=root_of(some)))
    paths = [one.path for one in check_report(forged, some).differences]
    assert "head.root" not in paths
    assert "results.tested[0].rates[0].whole.tally.passed" in paths


@pytest.mark.parametrize(
    "change",
    [
        {"tests": (replace(OUTPUT, questions=10), REFUSE, ANSWER)},
        {"tests": (replace(OUTPUT, bound=Bound(OUTPUT.bound.share / 2)), REFUSE, ANSWER)},
        {"tests": (OUTPUT,)},
        {"judge": None},
        {"judge": judge()},
        {"people": None},
        {"ended_by": "budget"},
        {"lines": 7},
    ],
)
def test_a_head_that_would_give_other_results_is_found(change):
    if change == {"people": None}:
        change = {"people": replace(REPORT.head.people, judged=0)}
    forged = replace(REPORT, head=replace(REPORT.head, **change))
    assert check_report(forged, LEAVES).differences


HEAD_PLACES = sorted(places(json.loads(write_report(REPORT))["head"]), key=str)
ODD = st.one_of(
    st.sampled_from([-1, 0, 10**9, 10**30, 1e308, -0.0, "", "1/3", "0/1", "7/1", None, True, []]),
    st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5),
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(HEAD_PLACES), ODD)
def test_whatever_a_head_says_is_computed_from_or_refused(place, odd):
    """Planted fault caught: a bound above 1 or counts below 0 that end in a traceback."""
    whole = json.loads(write_report(REPORT))
    inner = whole["head"]
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = odd
    with contextlib.suppress(AssessError):
        check_report(read_report(_spelt(json.dumps(whole).encode())), LEAVES)


def test_the_ledgers_entry_is_of_this_report_or_each_difference_is_named():
    facts = made_facts(
        REPORT.head, REPORT.results, LINES, REPORT.sha256, editions=["cn-gbt45654"], clauses={}
    )
    assert check_entry(REPORT, LINES, facts).differences == ()
    forged = {**facts, "root": "11" * 32, "conclusion": "conforms"}
    paths = [one.path for one in check_entry(REPORT, LINES, forged).differences]
    assert paths == ["root", "conclusion"]
    assert isinstance(LINES[0].outcome.reply, Answered)
