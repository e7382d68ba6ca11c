"""The projection of decisions against a plain search through all of them."""

import shutil
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from histories import START, add, begun, data_directory, ended, requests
from kanhe.adapters import decision_search
from kanhe.adapters.ledger_directory import entries_from
from kanhe.adapters.ledger_view import VIEWS, open_view
from kanhe.gateway.decision import ENDS, DecisionQuery, Kind, joined, record
from ledgers import KEY

USERS = ("", "hmac-sha256:aa", "hmac-sha256:bb")
OPINIONS = (
    {"judge": "default", "category": "fraud", "permille": 812},
    {"judge": "a guard", "category": "fraud", "permille": 500},
    {"judge": "default", "why": "late"},
    {"judge": "a guard", "why": "unscored"},
)


class Plain(list):
    def __repr__(self):
        return "all decisions"


def history():
    """Give 600 exchanges of all kinds, some of them woven into each other."""
    made, later = [], []
    for n in range(600):
        number = f"{n * 2654435761 % 2**32:024x}"
        user = {"user": USERS[n % 3]} if n % 3 else {}
        rule = {
            "rule": f"r{n % 4}",
            "category": f"A.{n % 3}",
            "surface": ("content", "system")[n % 2],
            "folds": ["case", "width"][: n % 3],
        }
        if n % 11 == 0:
            made.append(("gateway:prompt:refused", {**begun(number, **user)[1], **rule}))
            continue
        if n % 13 == 0:
            made.append(
                ("gateway:user:refused", {"decision": number, "user": USERS[1], "until": "x"})
            )
            continue
        if n % 3 == 0:
            rule["judged"] = OPINIONS[n // 3 % 4]
        passed = {"judged": OPINIONS[n // 7 % 4]} if n % 2 else {}
        noticed = (
            {"noticed": [{"rule": "shadow", "mode": "shadow", **passed}]} if n % 7 == 0 else {}
        )
        made.append(
            begun(number, app=("shop", "desk")[n % 2], model=f"m{n % 3}", **user, **noticed)
        )
        kind = ("released", "stopped", "abandoned", "failed")[n % 4]
        end = ended(number, kind, **(rule if kind == "stopped" else {}))
        if n % 5 == 0:
            later.append(end)
        elif n % 17:
            made.append(end)
        if n % 50 == 0:
            made, later = [*made, *later, ("operator:test:made", {})], []
    return made + later


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    place = data_directory(tmp_path_factory.mktemp("decisions"))
    add(place, history())
    return place


@pytest.fixture(scope="module")
def view(data):
    view = open_view(data)
    view.catch_up()
    while view.index(97):  # so that beginnings and ends fall into different batches
        pass
    yield view
    view.close()


@pytest.fixture(scope="module")
def plain(data):
    """Every decision, newest first, joined by plain means: the oracle."""
    first, last = {}, {}
    for index, raw in entries_from(data / "ledger", KEY, 0):
        if b'"tag":"gateway:' in raw:
            one = record(raw)
            (last if one.tag in ENDS else first)[one.facts.decision] = index, one
    found = [joined(*first[n], *last.get(n, (None, None))) for n in first]
    return Plain(sorted(found, key=lambda one: -one.begun))


def fits(one, query):
    noticed = {found.rule for found in one.noticed}
    pairs = [(query.category, one.category), (query.app, one.app), (query.model, one.model),
             (query.surface, one.surface), (query.user, one.user)]  # fmt: skip
    said = [each for each in (one.judged, *(found.judged for found in one.noticed)) if each]
    return (
        one.number.startswith(query.number)
        and (not (query.judge or query.opinion) or any(says(each, query) for each in said))
        and (not query.kinds or one.kind in query.kinds)
        and (not query.rule or query.rule == one.rule or query.rule in noticed)
        and (not query.fold or query.fold in one.folds)
        and all(not want or want == have for want, have in pairs)
        and (query.since is None or one.at >= query.since)
        and (query.until is None or one.at < query.until)
        and (query.before is None or one.begun < query.before)
    )


def says(opinion, query):
    wanted = (
        "", opinion.category or opinion.why, *(["none"] if opinion.why else []),
    )  # fmt: skip
    return query.judge in ("", opinion.judge) and query.opinion in wanted


instants = st.none() | st.integers(-100, 1400).map(lambda s: START + timedelta(seconds=s))
queries = st.builds(
    DecisionQuery,
    number=st.sampled_from(["", "", "", "0", "00", "0000000000000000", "f", "x"]),
    kinds=st.lists(st.sampled_from(list(Kind)), max_size=2).map(tuple),
    rule=st.sampled_from(["", "", "r1", "shadow", "none"]),
    category=st.sampled_from(["", "", "A.1"]),
    app=st.sampled_from(["", "", "desk", "nobody"]),
    model=st.sampled_from(["", "", "m2"]),
    surface=st.sampled_from(["", "", "system"]),
    fold=st.sampled_from(["", "", "width"]),
    user=st.sampled_from(["", "", "hmac-sha256:aa"]),
    judge=st.sampled_from(["", "", "", "default", "a guard"]),
    opinion=st.sampled_from(["", "", "", "fraud", "none", "late", "drugs"]),
    since=instants,
    until=instants,
    limit=st.integers(1, 40),
)


@settings(max_examples=300)
@given(queries)
def test_the_pages_of_a_query_are_what_fits_in_its_order(view, plain, query):
    """Against all decisions by plain means. Catches: a bound off by one, a shape left out."""
    expected, pages, before = [one for one in plain if fits(one, query)], [], None
    for _ in range(len(expected) + 2):
        page = view.decisions(replaced(query, before))
        pages += page.decisions
        before = page.next
        if before is None:
            break
    assert pages == expected
    if page.total is not None:
        assert page.total == len(expected)


def replaced(query, before):
    return DecisionQuery(
        **{name: getattr(query, name) for name in query.__slots__} | {"before": before}
    )


@pytest.mark.parametrize(("seek", "walk"), [(0, 50_000), (10**9, 50_000), (10**9, 3)])
def test_every_way_of_finding_gives_the_same(view, plain, monkeypatch, seek, walk):
    monkeypatch.setattr(decision_search, "_SEEK", seek)
    monkeypatch.setattr(decision_search, "_WALK", walk)
    query = DecisionQuery(kinds=(Kind.STOPPED,), rule="r1", limit=7)
    expected = [one for one in plain if fits(one, query)]
    page = view.decisions(query)
    assert list(page.decisions) == expected[:7]
    assert page.next == expected[6].begun


def test_a_walk_that_ends_early_says_where_to_go_on(view, plain, monkeypatch):
    monkeypatch.setattr(decision_search, "_WALK", 5)
    query, found, before = DecisionQuery(user="hmac-sha256:bb", rule="r1"), [], None
    while True:
        page = view.decisions(replaced(query, before))
        found += page.decisions
        before = page.next
        if before is None:
            break
    assert found == [one for one in plain if fits(one, query)]


def test_tallies_count_each_decision_once_by_its_kind(view, plain):
    tallies = view.tallies(START - timedelta(minutes=1), START + timedelta(hours=2), 5)
    expected = {}
    for one in plain:
        step = (one.at - (START - timedelta(minutes=1))) // timedelta(minutes=5)
        key = START - timedelta(minutes=1) + step * timedelta(minutes=5), one.kind
        expected[key] = expected.get(key, 0) + 1
    assert {(one.start, one.kind): one.number for one in tallies} == expected


def test_one_decision_is_found_by_its_whole_number_only(view, plain):
    assert view.decision(plain[3].number) == plain[3]
    assert view.decision(plain[3].number[:-1]) is None


@pytest.fixture
def own(tmp_path):
    add(data_directory(tmp_path), requests(50))
    return tmp_path


def numbers(data):
    view = open_view(data)
    found = [one.number for one in view.decisions(DecisionQuery(limit=500)).decisions]
    view.close()
    return found


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"no database"),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
    ],
    ids=["another file", "cut off", "empty", "gone"],
)
def test_a_damaged_projection_is_made_anew(own, damage):
    good = numbers(own)
    damage(own / VIEWS)
    assert numbers(own) == good


def test_the_projection_of_another_ledger_is_made_anew(own, tmp_path_factory):
    numbers(own)
    other = data_directory(tmp_path_factory.mktemp("other"))
    add(other, requests(60, 1000))
    shutil.copy(own / VIEWS, other / VIEWS)
    assert numbers(other) == [f"{n:024x}" for n in range(1059, 999, -1)]


def test_a_projection_goes_on_where_it_stood(own):
    numbers(own)
    add(own, requests(5, 900))
    assert numbers(own)[:5] == [f"{n:024x}" for n in range(904, 899, -1)]


def test_an_entry_that_is_not_in_the_gateways_form_is_nobodys_decision(own):
    add(own, [("gateway:answer:begun", {"decision": 7}), ("gateway:answer:begun", {})])
    assert len(numbers(own)) == 50
