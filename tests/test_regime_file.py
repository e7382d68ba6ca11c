"""Regimes as people write them: everything right is read, every fault is told with its place.

Planted faults that these were seen to catch: ids that are not looked up; versions that overlap let
through; `known: {until: …}` without its source's beginning; a circle that is only looked for in
pairs; values by reference (`*name`) let through; nesting without a bound.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes_regime import (
    CALENDAR,
    CHECKS,
    CONTROLS,
    FILES,
    OBLIGATIONS,
    RELATIONS,
    SOURCES,
    FakeFiles,
    load,
)
from kanhe.errors import FaultyRegime
from kanhe.law.period import Period
from kanhe.law.regime import Confidence, Force, Of, Party, Relation
from kanhe.law.regime_file import load_regime
from kanhe.law.scope import AtLeast, Every, Is, Not, Some
from kanhe.terms import Text

# (file, text in it, what stands there instead, what the fault must say); the text begins on the
# line at which the fault has to be told, or one later for each "\n" that it begins with.
FAULTS = [
    ("regime.yaml", "id: xx", "id: yy", "the id is 'yy', and the folder's name 'xx'"),
    ("regime.yaml", "zone: Europe/Vienna", "zone: Europe/Wien", "no time zone 'Europe/Wien'"),
    ("regime.yaml", "researched: 2026-11-21\n", "", "`researched` is missing"),
    ("regime.yaml", "researched: 2026-11-21", "researched: 2026-11-31", "is no day"),
    ("regime.yaml", "researched: 2026", "odd: [&x 1, *x]\nresearched: 2026", "a reference (`*n"),
    ("regime.yaml", "zone:", "zune:", "unknown key `zune`"),
    ("sources.yaml", "force: law", "force: low", "`force` cannot be 'low'"),
    ("sources.yaml", "  force: law\n", "", "`force` is missing"),
    ("sources.yaml", "published: 2024-05-01", "published: 20240501", "'20240501', which is no day"),
    ("sources.yaml", "published: 2024-05-01", "published: 2024_05_01", "which is no day"),
    ("sources.yaml", "published: 2024-05-01", "published: 2024-5-1", "which is no day"),
    ("sources.yaml", "published: 2024-05-01", "published: 0024-05-01", "which is no day"),
    ("sources.yaml", "published: 2024-05-01", "published: 2024-05-01 00:00:00", "is no day"),
    ("sources.yaml", "published: 2024-05-01", "published: [2024]", "is a list, which is no day"),
    ("sources.yaml", "  published: 2023-05-01\n", "", "neither `published` nor `in_force`"),
    ("sources.yaml", "in_force: {from: 2025-01-01}", "in_force: 2025-01-01", "`in_force` is"),
    ("sources.yaml", "{from: 2025-01-01}", "{from: 2025-01-01, to: 2026-01-01}", "key `to`"),
    ("sources.yaml", "{from: 2025-01-01}", "{from: 2025-01-01, until: 2025-01-01}", "it ends on"),
    ("sources.yaml", "replaces: [xx-draft]", "replaces: [xx-graft]", "no source 'xx-graft'"),
    ("sources.yaml", "confidence: verified", "chapters: {1: Lamps}", "`1` is 'Lamps'"),
    ("sources.yaml", "replaces: [xx-draft]", "replaces: [xx-act]", "in a circle: xx-act replaces"),
    ("sources.yaml", "- id: xx-draft", "- id: xx-act", "there is a source 'xx-act' already"),
    (
        "sources.yaml",
        "title: {zh: 灯火法, en: Lights Act}",
        "title: {zh: 灯火法}",
        "`en` is missing",
    ),
    ("sources.yaml", "title: {zh: 灯火法, en: Lights Act}", "title: Lights", "`title` is 'Lights'"),
    ("sources.yaml", "  issuer: {zh: 议会, en: Parliament}\n", "", "`issuer` is missing"),
    ("sources.yaml", "confidence: verified", "confidence: sure", "`confidence` cannot be"),
    ("obligations/a.yaml", 'clause: "1"', 'clause: ""', "`clause` is empty"),
    ("obligations/a.yaml", 'clause: "1"', "clause: 1", "`clause` is '1', not a text"),
    ("obligations/a.yaml", '  clause: "1"\n', "", "`clause` is missing"),
    ("obligations/a.yaml", "source: xx-act", "source: xx-fact", "there is no source 'xx-fact'"),
    ("obligations/a.yaml", "area: safety", "area: comfort", "there is no area 'comfort'"),
    ("obligations/a.yaml", "[provider, platform]", "[provider, cat]", "`bound` cannot be 'cat'"),
    ("obligations/a.yaml", "[provider, platform]", "[]", "it binds nobody"),
    ("obligations/a.yaml", "known: {until: 2026-01-01}", "known: {until: 2026-01-02}", "too"),
    ("obligations/a.yaml", "known: {until: 2026-01-01}", "known: {until: 2024-01-01}", "known at"),
    ("obligations/a.yaml", "lamps: 3", "lamps: 3.5", "neither a text nor a whole number"),
    ("obligations/a.yaml", "lamps: 3", "lamps: yes", "neither a text nor a whole number"),
    ("obligations/a.yaml", "lamps: 3", "lamps: 12:30", "neither a text nor a whole number"),
    ("obligations/a.yaml", "lamps: 3", "lamps: 0x10", "neither a text nor a whole number"),
    ("obligations/a.yaml", "lamps: 3", "lamps: ", "neither a text nor a whole number"),
    ("obligations/a.yaml", "lamps: 3", "lamps: 2024-13-01", "neither a text nor a whole number"),
    ("obligations/a.yaml", "lamps: 3", "lamps: !!set {a}", "`a` is ''"),
    ("obligations/a.yaml", "lamps: 3", "lamps: !odd 3", "has the tag '!odd'"),
    ("obligations/a.yaml", "lamps: 3", "lamps: &x 3, lumps: *x", "a reference (`*name`)"),
    ("obligations/a.yaml", "lamps: 3", "lamps: 3, lamps: 4", "`lamps` stands twice"),
    ("obligations/a.yaml", "lamps: 3", f"lamps: {'[' * 30}{']' * 30}", "too deep a nesting"),
    ("obligations/a.yaml", "lamps: 3", f"lamps: {'[' * 9000}", "too deep a nesting"),
    ("obligations/a.yaml", "{open: true}", "{opan: true}", "there is no question 'opan'"),
    ("obligations/a.yaml", "{open: true}", "{open: inn}", "`open` is 'inn'"),
    ("obligations/a.yaml", "{open: true}", "{house: shed}", "cannot be answered with 'shed'"),
    ("obligations/a.yaml", "{open: true}", "{guests: 3}", "of kind `number`"),
    ("obligations/a.yaml", "{open: true}", "{open: true, house: inn}", "`is` names 2 questions"),
    ("obligations/a.yaml", "{guests: 10}", "{house: 10}", "of kind `one`, not `number`"),
    ("obligations/a.yaml", "{guests: 10}", "{guests: -1}", "`guests` is '-1'"),
    ("obligations/a.yaml", "{not: {at_least: {guests: 10}}}", "{nor: {}}", "unknown key `nor`"),
    ("obligations/a.yaml", "{not: {at_least: {guests: 10}}}", "{all: []}", "`all` holds nothing"),
    ("obligations/a.yaml", "{not: {at", "{not: {any: [], at", "a condition has one word, this has"),
    ("obligations/a.yaml", "controls: [lights]", "controls: [light]", "no control 'light'"),
    ("obligations/a.yaml", "controls: [lights]", "controls: []", "it has no control"),
    ("obligations/a.yaml", "controls: [lights]", "controls: [lights, lights]", "twice"),
    ("obligations/a.yaml", "controls: [lights]", "changed_in: xx-1", "`changed_in` is for drafts"),
    ("obligations/a.yaml", "changed_in: xx-1", "changed_in: xx-9", "no obligation 'xx-9'"),
    ("obligations/a.yaml", "- id: xx-d-1", "- id: xx-1", "which is of xx-draft as well"),
    ("controls/a.yaml", "check: lights_on", "check: lights_of", "there is no check 'lights_of'"),
    (
        "controls/a.yaml",
        "parameters: {least",
        "applies: {is: {opan: true}}\n  parameters: {least",
        "there is no question 'opan'",
    ),
    ("controls/a.yaml", "parameters: {least", "parameters: {most", "needs the parameter `least`"),
    ("controls/a.yaml", "of: xx-1", "of: xx-7", "there is no obligation 'xx-7'"),
    ("controls/a.yaml", "parameter: lamps", "parameter: lomps", "xx-1 fixes no 'lomps'"),
    ("controls/a.yaml", ", parameter: lamps", "", "`parameter` is missing"),
    ("controls/a.yaml", "valid_days: 365", "valid_days: 0", "`valid_days` is '0'"),
    ("controls/a.yaml", "evidence: {zh", "proof: {zh", "unknown key `proof`"),
    ("controls/a.yaml", "{capability: {", "{ability: {", "unknown key `ability`"),
    ("controls/a.yaml", "parameters: {capability", "remark: {capability", "unknown key `remark`"),
    ("controls/a.yaml", "- id: audit", "- id: register", "there is a control 'register' already"),
    ("questions.yaml", "kind: yes_no", "kind: maybe", "`kind` cannot be 'maybe'"),
    ("questions.yaml", "asked: {is: {open: true}}", "asked: {is: {house: inn}}", "does not stand"),
    ("questions.yaml", "asked: {is: {open: true}}", "asked: {is: {guests: 1}}", "does not stand"),
    ("questions.yaml", "asked: {is: {open: true}}", "asked: true", "`asked` is 'true'"),
    ("questions.yaml", "asked: {is: {open: true}}", "options: []", "has no options"),
    ("questions.yaml", "- {id: barn,", "- {id: inn,", "there is an option 'inn' already"),
    ("questions.yaml", "- id: house", "- id: open", "there is a question 'open' already"),
    ("questions.yaml", "house: inn", "house: hut", "cannot be answered with 'hut'"),
    ("questions.yaml", "valid_days: 180", "valid_days: soon", "`valid_days` is 'soon'"),
    ("questions.yaml", "clause: xx-1", "clause: xx-2", "there is no obligation 'xx-2'"),
    ("clocks.yaml", "answer:opened", "answer:open", "no question 'open' of kind `day`"),
    ("clocks.yaml", "answer:opened", "opened", "'opened' is no event"),
    ("clocks.yaml", "working_days", "weeks", "`unit` cannot be 'weeks'"),
    ("clocks.yaml", "amount: 10", "amount: 0", "`amount` is '0'"),
    ("clocks.yaml", "clause: xx-1", "clause: xx-0", "there is no obligation 'xx-0'"),
    ("calendar.yaml", "[2026-01-04]", "[2027-01-03]", "2027-01-03 lies outside the year 2026"),
    ("calendar.yaml", "[2026-01-04]", "[2026-01-05]", "is a working day anyway"),
    ("calendar.yaml", "[2026-01-04]", "[2026-01-02]", "is a holiday as well"),
    ("calendar.yaml", "[2026-01-04]", "[2026-01-04, 2026-01-04]", "stands twice"),
    ("calendar.yaml", "[2026-01-04]", "[soon]", "'soon' is no day"),
    ("calendar.yaml", "to: 2026-01-02", "to: 2025-12-30", "before it begins on 2025-12-31"),
    ("calendar.yaml", "to: 2026-01-02", "to: 2199-01-02", "days"),
    (
        "calendar.yaml",
        "from: 2025-12-31, to: 2026-01-02",
        "from: 2025-05-01, to: 2025-05-01",
        "lies",
    ),
    ("calendar.yaml", "[saturday, sunday]", "[saturday, sun]", "`rest` cannot be 'sun'"),
    ("calendar.yaml", "provisional: false", "provisional: no", "`provisional` is 'no'"),
    ("risks.yaml", "keywords: 20", "keywords: many", "`keywords` is 'many'"),
    ("risks.yaml", ", en: darkness", "", "`en` is missing"),
    ("judging.yaml", "  R.1:", "  R.2:", "there is no risk 'R.2'"),
    ("judging.yaml", "  R.1:", "  R.2:", "the risk R.1 is missing"),
    ("judging.yaml", "fraud: ours", "Fraud: ours", "judges know no category 'Fraud'"),
    ("judging.yaml", "fraud: ours", "fraud: verified", "`fraud` cannot be 'verified'"),
    ("judging.yaml", "crime: uncertain", "crime: ours", "every category is sure"),
    ("judging.yaml", ", lacks: {zh: 看不见, en: what is not seen}", "", "is not said"),
    ("judging.yaml", "none: {zh: 无从判断, en: nobody can tell}", "by: {}", "names no category"),
    ("judging.yaml", "none: {zh", "by: {drugs: ours}, none: {zh", "one of `by` and `none`"),
    ("judging.yaml", ", none: {zh: 无从判断, en: nobody can tell}", "", "one of `by` and `none`"),
    ("judging.yaml", "title: {zh: 醉客", "name: {zh: 醉客", "unknown key `name`"),
    ("judging.yaml", "R.1: {by", "R.1: {title: {zh: 一, en: a}, by", "unknown key `title`"),
    ("service.yaml", "in_a_row: {value: 3", "in_a_row: {value: 0", "`value` is '0'"),
    ("service.yaml", "in_a_row: {value: 3, confidence: verified}", "in_a_row: 3", "`in_a_row` is"),
    ("service.yaml", "  suspension_hours: {value: 24, confidence: ours}\n", "", "is missing"),
    ("service.yaml", "{value: Europe/Vienna", "{value: Europe/Wien", "no time zone 'Europe/Wien'"),
    ("service.yaml", "{value: suffix", "{value: middle", "`place` cannot be 'middle'"),
    ("service.yaml", "keys: [Label, Maker]", "keys: []", "there are no keys"),
    ("service.yaml", "field: MADE", "felt: MADE", "unknown key `felt`"),
    ("service.yaml", "clause: xx-1", "clause: xx-8", "there is no obligation 'xx-8'"),
    ("service.yaml", "zh: 未予处理, ", "", "`zh` is missing"),
    ("service.yaml", "notices:\n", "notes:\n", "unknown key `notes`"),
    ("service.yaml", 'label: "1"', "label: 1", "`label` is '1', not a text"),
    ("relations.yaml", "subset-of", "part-of", "`relation` cannot be 'part-of'"),
    ("relations.yaml", "here: xx-1", "here: xx-4", "there is no obligation 'xx-4'"),
    ("relations.yaml", "regime: yy, ", "", "`regime` is missing"),
]


def told(changes, checks=CHECKS):
    with pytest.raises(FaultyRegime) as caught:
        load(changes, checks)
    return caught.value.faults


@pytest.mark.parametrize(
    ("file", "text", "instead", "what"), FAULTS, ids=[f"{n}-{f[3]}" for n, f in enumerate(FAULTS)]
)
def test_a_fault_is_told_with_its_file_and_line(file, text, instead, what):
    before, found, after = FILES[file].partition(text)
    assert found, "the text is not in the file"
    faults = told({file: before + instead + after})
    where = {fault.line for fault in faults if what in fault.what and fault.file == f"xx/{file}"}
    assert where, [str(fault) for fault in faults]
    # What is missing is told where its entry begins, a version that overlaps at the later one.
    line = before.count("\n") + 1
    if "missing" in what or "neither `pub" in what:
        assert max(where) <= line
        assert max(where) >= line - 14
    elif what == "too":
        assert where == {2 + OBLIGATIONS[: OBLIGATIONS.rindex("- id: xx-1")].count("\n") - 1}
    else:
        assert line in where


def test_all_faults_of_all_files_are_told_at_once_in_their_order():
    faults = told(
        {
            "regime.yaml": "id: xx\n",
            "sources.yaml": SOURCES.replace("force: law", "force: low"),
            "controls/a.yaml": CONTROLS.replace("lights_on", "dark").replace("365", "none"),
            "calendar.yaml": "{",
        }
    )
    files = [fault.file for fault in faults]
    assert list(dict.fromkeys(files)) == [
        "xx/regime.yaml",
        "xx/sources.yaml",
        "xx/controls/a.yaml",
        "xx/calendar.yaml",
        "xx/obligations/a.yaml",
    ]
    lines = [fault.line for fault in faults if fault.file == "xx/controls/a.yaml"]
    assert lines == sorted(lines)
    assert "control lights: there is no check 'dark'" in "\n".join(map(str, faults))


@pytest.mark.parametrize("file", [name for name in FILES if name not in {"risks.yaml"}])
@pytest.mark.parametrize("content", [b"\xff", b"{", b"a: \x00", b"3", None, b"\t- a", b"[[1]]"])
def test_a_file_that_cannot_be_read_is_a_fault_and_not_an_end(file, content):
    assert f"xx/{file}" in {fault.file for fault in told({file: content})}


@pytest.mark.parametrize(
    "file", ["regime.yaml", "sources.yaml", "obligations/a.yaml", "controls/a.yaml"]
)
def test_a_file_that_has_to_be_there_is_missed(file):
    missed = [fault for fault in told({file: ""}) if fault.what == "is missing"]
    assert missed[0].file.startswith(f"xx/{file.partition('/')[0]}")


def test_a_file_with_a_name_nobody_reads_is_a_fault():
    (fault,) = told({"relation.yaml": "[]"})
    assert (fault.file, fault.advice) == ("xx/relation.yaml", "Did you mean `relations.yaml`?")
    load({"README.md": "# Nothing"})


def test_a_regime_needs_no_more_than_four_files():
    plain = OBLIGATIONS[: OBLIGATIONS.index("  applies:")] + "  controls: [lights]\n"
    files = {name: "" for name in FILES if "/" not in name and name[:3] not in {"reg", "sou"}}
    regime = load(files | {"obligations/a.yaml": plain})
    assert (regime.calendar, regime.service, regime.answers_valid_days) == (None, None, 0)
    assert (regime.routes, regime.relations, *regime.questions, *regime.risks) == ((), ())


def test_everything_that_can_be_written_is_read():
    regime = load()
    first, second, draft = regime.obligations
    assert (regime.id, regime.zone, regime.researched) == (
        "xx",
        "Europe/Vienna",
        date(2026, 11, 21),
    )
    assert first.bound == (Party.PROVIDER, Party.PLATFORM)
    assert first.applies == Every(
        (Is("open", True), Not(Every((Is("open", True), AtLeast("guests", 10)))))
    )
    assert first.parameters == {
        "lamps": 3,
        "since": "2025-01-01",
        "kinds": ("oil", "wax"),
        "named": {"a": True},
        "wide": "1.5",
    }
    assert (second.confidence, draft.changed_in) == (Confidence.UNCERTAIN, "xx-1")
    assert regime.sources["xx-draft"].force is Force.DRAFT
    assert regime.sources["xx-draft"].note == Text("征求意见", "for comment")
    assert regime.controls["lights"].parameters == {"least": Of("xx-1", "lamps"), "fresh_days": 7}
    assert regime.routes[0].condition == Some(
        (Is("house", "inn"), Every((Is("open", True), AtLeast("guests", 5))))
    )
    assert [option.id for option in regime.questions["house"].options] == ["inn", "barn"]
    assert regime.clocks["permit"].unit == "working_days"
    assert regime.calendar.rest == {5, 6}
    assert sorted(map(str, regime.calendar.years[0].holidays)) == [
        "2025-12-31",
        "2026-01-01",
        "2026-01-02",
    ]
    assert (regime.risks["R.1"].keywords, regime.risks["R.1"].refusals) == (20, 2)
    one = regime.judging["risks"]["R.1"]
    assert one.by == {"fraud": Confidence.OURS, "crime": Confidence.UNCERTAIN}
    assert (one.title, one.lacks) == (Text("黑暗", "darkness"), Text("看不见", "what is not seen"))
    assert regime.judging["guests"]["drunk"].none == Text("无从判断", "nobody can tell")
    assert regime.service.strikes.in_a_day == 5
    assert regime.service.strikes.suspension == timedelta(hours=24)
    assert (regime.service.label.place, regime.service.implicit.keys) == (
        "suffix",
        ("Label", "Maker"),
    )
    assert regime.service.notices.object_to == Text("掌柜", "the innkeeper")
    assert regime.relations[0].relation is Relation.SUBSET
    with pytest.raises(FrozenInstanceError):
        regime.id = "yy"


def test_what_an_obligation_does_not_say_is_as_in_its_source():
    first, second, draft = load().obligations
    assert first.validity.in_force == Period(date(2025, 1, 1))
    assert first.validity.known == Period(date(2024, 5, 1), date(2026, 1, 1))
    assert second.validity.in_force == Period(date(2026, 7, 1))
    assert draft.validity.in_force == draft.validity.known == Period(date(2023, 5, 1))


def test_a_duty_that_outlives_its_source_is_a_fault_unless_that_was_only_thought():
    ended = SOURCES.replace("{from: 2025-01-01}", "{from: 2025-01-01, until: 2027-01-01}")
    (fault,) = told({"sources.yaml": ended})
    assert "its source xx-act is in force until 2027-01-01" in fault.what
    assert fault.line == 2 + OBLIGATIONS[: OBLIGATIONS.rindex("- id: xx-1")].count("\n") - 1


def test_a_circle_of_relations_is_found_where_it_closes():
    chain = "".join(
        f"- {{here: xx-1, relation: {word}, regime: {regime}, there: {there}, confidence: ours}}\n"
        for word, regime, there in (
            ("subset-of", "yy", "yy-1"),
            ("superset-of", "yy", "yy-1"),
            ("intersects-with", "yy", "yy-1"),
        )
    )
    (fault,) = told({"relations.yaml": chain})
    assert fault.line == 2
    assert "xx-1 is a subset of yy-1 is a subset of xx-1" in fault.what.replace(
        "yy-1 is a subset of xx-1 is a subset of yy-1",
        "xx-1 is a subset of yy-1 is a subset of xx-1",
    )


def test_sources_that_replace_each_other_over_three_are_found():
    third = SOURCES + SOURCES.replace("xx-act", "xx-old").split("- id: xx-draft")[0].replace(
        "[xx-draft]", "[xx-act]"
    )
    circle = third.replace("note: {zh: 征求意见, en: for comment}", "replaces: [xx-old]")
    faults = told({"sources.yaml": circle})
    assert [fault.what for fault in faults] == [
        "it stands in a circle: xx-old replaces xx-act replaces xx-draft replaces xx-old"
    ]


def test_one_year_may_be_known_twice_but_not_on_one_day():
    year = CALENDAR[CALENDAR.index("  - year") :]
    (fault,) = told({"calendar.yaml": CALENDAR + year.replace("2025-11-04", "2026-11-04")})
    assert "the year 2026 stands twice" in fault.what
    earlier = year.replace("{from: 2025-11-04}", "{until: 2025-11-04}")
    assert len(load({"calendar.yaml": CALENDAR + earlier}).calendar.years) == 2


def test_any_check_will_do_where_nobody_says_which_there_are():
    load({"controls/a.yaml": CONTROLS.replace("lights_on", "anything")}, checks=None)


def test_the_version_follows_from_names_and_contents_alone():
    version = load().version
    assert version == load().version
    assert len(version) == 64
    moved = {"obligations/a.yaml": "", "obligations/b.yaml": OBLIGATIONS}
    others = [load({"relations.yaml": RELATIONS + "\n"}), load(moved), load({"relations.yaml": ""})]
    assert len({version, *(other.version for other in others)}) == 4
    assert load({"README.md": "# Nothing"}).version == version


LINES = {name: text.splitlines(keepends=True) for name, text in FILES.items()}
DAMAGE = st.sampled_from(
    [
        "",
        "- x\n",
        "  a: 1\n",
        "\t\n",
        "id: [\n",
        "  - id: xx-1\n",
        "*x\n",
        "? a\n",
        "a: !!binary x\n",
    ]
)


@st.composite
def damaged(draw):
    """One file of the small regime with a few of its lines gone, moved, or made nonsense."""
    name = draw(st.sampled_from(sorted(LINES)))
    lines = list(LINES[name])
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        lines[at] = draw(DAMAGE | st.sampled_from(lines) | st.just(lines[at].replace("{", "[")))
    return name, "".join(lines)


@given(damaged())
@settings(max_examples=150)
def test_a_damaged_file_is_refused_within_its_lines_or_loads(damage):
    """Nothing but FaultyRegime is ever raised, and it points into files that are there."""
    name, text = damage
    for fault in faults_in({name: text}):
        file = fault.file.removeprefix("xx/")
        written = text if file == name else FILES.get(file, "")
        assert 1 <= fault.line <= written.count("\n") + 2
        assert fault.what
        assert fault.advice


def faults_in(changes):
    try:
        load(changes)
    except FaultyRegime as error:
        return error.faults
    return ()


@pytest.mark.parametrize("file", ["sources.yaml", "questions.yaml", "regime.yaml",
                                  "obligations/a.yaml", "controls/a.yaml"])  # fmt: skip
def test_references_into_a_file_that_cannot_be_read_are_no_faults_of_their_own(file):
    """Fails where one broken file makes every file that refers to it faulty."""
    faults = told({file: "- {id: [\n"})
    assert {fault.file for fault in faults} == {f"xx/{file}"}, [str(fault) for fault in faults]
    assert [fault.what for fault in faults if "could not be checked" in fault.what], faults
    assert len(faults) == 2


def test_a_reference_into_files_that_were_read_is_checked_although_another_was_not():
    before = FILES["obligations/a.yaml"]
    changed = before.replace("source: xx-act", "source: xx-fact", 1)
    faults = told({"obligations/a.yaml": changed, "controls/a.yaml": "- {id: [\n"})
    assert [fault for fault in faults if "there is no source 'xx-fact'" in fault.what]


def test_a_category_that_no_judge_knows_is_refused_where_they_are_known():
    with pytest.raises(FaultyRegime, match="judges know no category 'crime'"):
        load_regime(FakeFiles(FILES), "xx", CHECKS, {"fraud"}.__contains__)
    load_regime(FakeFiles(FILES), "xx", CHECKS, {"fraud", "crime"}.__contains__)
