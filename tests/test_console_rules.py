"""The pages on rules, over rules that are really loaded, proposed and released."""

import asyncio
from types import SimpleNamespace

import pytest

from consoles import HOSTILE, account, client, served, words
from fakes import MemoryLedger
from kanhe.accounts.account import Role
from kanhe.adapters.live_rules import open_rules
from kanhe.adapters.rule_files import RuleFiles
from kanhe.console import rules as pages
from kanhe.status.picture import Seen

RULESET = """
name: ours
version: "{version}"
rules:
  - id: fruit
    category: A.1.h
    title: {{zh: 水果, en: "Fruit <b>"}}
    match: {{terms: {{list: [{terms}]}}}}
    notice: {{zh: 不谈水果, en: No fruit here}}
    examples: {{match: [a kumquat], miss: [harmless]}}
  - id: tried-out
    category: A.2.a
    match: {{terms: {{list: [shadowword]}}}}
    mode: shadow
"""


class System:
    """Rules from a folder, and what the ledger has kept about them."""

    def __init__(self, place, written="", grounds=None):
        self.file = place / "ours.yaml"
        self.ledger = MemoryLedger()
        self.write("kumquat")
        if written:
            self.file.write_text(written, encoding="utf-8")
        files = RuleFiles(
            [self.file],
            regime="cn-genai",
            surfaces=["content"],
            cache=None,
            archive=place / "rules",
            second_person=True,
            grounds=grounds,
        )
        self.rules = asyncio.run(open_rules(files, self.ledger))
        self.findings = {("fruit", "A.1.h", "block", "enforce", "answer"): 3}

    def write(self, *terms, version="1"):
        written = RULESET.format(version=version, terms=", ".join(terms))
        self.file.write_text(written, encoding="utf-8")

    def change(self, *terms):
        self.write(*terms, version="2")
        asyncio.run(self.rules.reload())
        return self.rules.candidate.ruleset.version

    async def kept(self, tag):
        return [
            Seen(index, entry.at, entry.tag, entry.facts)
            for index, entry in enumerate(self.ledger.entries)
            if entry.tag == tag
        ]

    def client(self, person=None):
        more = {name: getattr(self, name) for name in ("rules", "findings", "kept")}
        return client(served(judges=None, **more), pages, person=person)


@pytest.fixture
def system(tmp_path):
    return System(tmp_path)


def test_the_list_names_each_rule_with_what_it_does_and_what_it_has_found(system):
    with system.client() as browser:
        page = words(browser.get("/rules").text)
        data = browser.get("/rules.json").json()
    assert "2 rules in force" in page
    assert "ends with a notice" in page
    assert [one["id"] for one in data["rules"]] == ["fruit", "tried-out"]
    assert data["rules"][0]["found"] == {"prompt": 0, "answer": 3}


@pytest.mark.parametrize(
    ("query", "ids"),
    [("mode=shadow", ["tried-out"]), ("q=FRUIT", ["fruit"]), ("q=水果", ["fruit"]),
     ("side=prompt", ["fruit", "tried-out"]), ("q=nothing", [])],
)  # fmt: skip
def test_the_list_is_narrowed_by_what_stands_in_the_address(system, query, ids):
    with system.client() as browser:
        assert [one["id"] for one in browser.get(f"/rules.json?{query}").json()["rules"]] == ids
        assert browser.get(f"/rules?{query}").status_code == 200


def test_a_rule_is_told_whole_and_its_titles_as_text(system):
    with system.client() as browser:
        page = browser.get("/rules/rule/fruit").text
    assert "Fruit &lt;b&gt;" in page
    assert "Fruit <b>" not in page
    assert "kumquat" in page
    assert "不谈水果" in page


def test_a_rule_that_is_not_there_is_a_page_that_says_so(system):
    with system.client() as browser:
        assert browser.get("/rules/rule/nobody").status_code == 404
        assert browser.get("/rules/rule/nobody.json").json()["error"]["en"]


def test_a_change_waits_is_shown_proposed_by_one_and_released_by_another(system):
    version = system.change("kumquat", "tangerine")
    anna, ben = account(), account(name="acct-ben")
    with system.client(anna) as browser:
        assert "0 added, 0 removed, 1 changed" in words(browser.get("/rules").text)
        changes = browser.get("/rules/changes.json").json()["difference"]["changed"]
        assert changes[0]["terms_added"] == ["tangerine"]
        assert "tangerine" in browser.get("/rules/changes").text
        assert browser.post("/rules/propose", data={"version": version}).status_code == 303
        mine = browser.get("/rules").text
        assert "Release this version" not in mine
        assert browser.post("/rules/release", data={"version": version}).status_code == 409
    with system.client(ben) as browser:
        assert "Release this version" in browser.get("/rules").text
        assert browser.post("/rules/release", data={"version": version}).status_code == 303
        assert browser.get("/rules.json").json()["ruleset"]["version"] == version
        steps = browser.get("/rules/versions.json").json()["steps"]
    assert [step["step"] for step in steps] == ["loaded", "released", "proposed", "loaded"]
    assert {step["by"] for step in steps[1:3]} == {"acct-anna", "acct-ben"}


def test_a_proposal_is_withdrawn(system):
    version = system.change("tangerine kumquat", "a kumquat")
    with system.client() as browser:
        browser.post("/rules/propose", data={"version": version})
        assert browser.post("/rules/withdraw", data={"version": version}).status_code == 303
        assert "Nobody has proposed it yet" in browser.get("/rules").text


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.READER, "/rules"),
        (Role.AUDITOR, "/rules/propose"),
        (Role.REVIEWER, "/rules/propose"),
        (Role.AUDITOR, "/rules/release"),
    ],
)
def test_who_may_not_is_refused(system, role, path):
    with system.client(account(role)) as browser:
        send = browser.get if path == "/rules" else browser.post
        assert send(path).status_code == 403


@pytest.mark.parametrize("version", ["", "x" * 64, "../../keys", "0" * 64])
def test_a_version_that_is_none_is_refused_and_no_fault_of_ours(system, version):
    with system.client() as browser:
        for verb in ("propose", "withdraw", "release"):
            answer = browser.post(f"/rules/{verb}", data={"version": version})
            assert answer.status_code in (404, 409, 500)
            assert "Traceback" not in answer.text
        assert browser.get(f"/rules/changes?after={version or 'x'}").status_code == 404


def test_a_text_is_tried_on_rules_that_act_and_on_those_in_shadow(system):
    with system.client() as browser:
        tried = browser.post(
            "/rules/try", data={"text": "say kumquat, shadowword", "side": "answer"}
        )
    assert tried.status_code == 200
    told = words(tried.text)
    assert "2 findings" in told
    assert "Stopped by fruit" in told
    assert "tried-out" in told


def test_a_hostile_text_is_shown_as_text(system):
    with system.client() as browser:
        tried = browser.post("/rules/try", data={"text": f"{HOSTILE} kumquat", "side": "answer"})
    assert "<script>alert" not in tried.text
    assert "{{7*7}}" in tried.text


@pytest.mark.parametrize(
    "form", [{"text": " "}, {"text": "a" * 20_001}, {"text": "a", "side": "elsewhere"}]
)
def test_a_text_that_cannot_be_tried_is_told_at_its_field(system, form):
    with system.client() as browser:
        answer = browser.post("/rules/try", data={"side": "answer", **form})
    assert answer.status_code == 422
    assert 'id="text-fault"' in answer.text


def test_nothing_of_a_text_that_was_tried_is_kept(system):
    with system.client() as browser:
        browser.post("/rules/try", data={"text": "a secret kumquat", "side": "answer"})
    assert not any(b"secret" in raw for raw in system.ledger.raw)


JUDGED = """
name: judged
version: "1"
rules:
  - id: deceit
    category: A.1.h
    match: {judge: default, over: {fraud: 0.8, own.tickets: 0.5}, otherwise: pass}
"""


@pytest.fixture
def judged(tmp_path):
    known = SimpleNamespace(
        categories={"": frozenset({"fraud", "own.tickets"})}, require=lambda loaded: None
    )
    return System(tmp_path, JUDGED, known)


def test_a_judged_rule_opens_what_its_judge_looks_for_and_tells_nothing_that_means_nothing(judged):
    with judged.client() as browser:
        page = browser.get("/rules/rule/deceit", headers={"accept-language": "zh"}).text
    assert "<details open>" in page
    told = words(page)
    assert "诈骗 fraud 0.8" in told
    assert "0.8， own.tickets 0.5" in told
    for nothing in ("仅整词匹配", "可识破"):
        assert nothing not in told


def test_a_text_is_tried_on_a_judge_that_is_not_there_in_words(judged):
    with judged.client() as browser:
        page = browser.post("/rules/try", data={"text": "给我打钱。", "side": "prompt"}).text
    assert "no opinion: it could not be reached, or answered with an error" in words(page)
