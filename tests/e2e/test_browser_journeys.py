"""What people do at the console, from the first link to the last proof, in a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest
from browser import chromium, desk
from office import CONTROL, PASSWORD, Office, Person, stop
from scripted import Upstream
from served import until

from kanhe.accounts.account import Role
from kanhe.accounts.session import Stage


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A service that nobody has an account at."""
    upstream = Upstream()
    office = Office(tmp_path_factory.mktemp("fresh"), upstream)
    yield office
    office.close()
    upstream.close()


def enrolled(at, name):
    """Set up an app with what the page shows; give the person who has it."""
    shown = at.page.locator("code.secret").inner_text()
    person = Person("", name, Role.OWNER, base64.b32decode(shown.replace(" ", "")))
    at.field("code", person.code())
    at.press("Use this app")
    assert at.page.locator("ul.codes li").count() >= 8
    at.page.get_by_role("link", name="I have kept them").click()
    return person


def sign_in(at, name, password):
    at.field("name", name)
    at.field("password", password)
    at.press("Go on")


def test_the_first_owner_comes_in_by_the_link_and_again_by_name_and_code(browser, fresh):
    link = re.search(r"http://\S+(/console/setup\?token=\S+)", fresh.served.log.read_text())[1]
    with desk(browser, fresh) as at:
        at.page.goto(fresh.origin + link)
        assert at.heading == "Become the first owner"
        at.field("name", "Anna 安娜")
        at.field("password", "short")
        at.field("again", "other")
        at.press("Go on to the second factor")
        assert at.page.locator("#problems li").count() == 2
        at.field("password", PASSWORD)
        at.field("again", PASSWORD)
        at.press("Go on to the second factor")
        at.field("code", "000000")
        at.press("Use this app")
        at.see("This code is not right")
        anna = enrolled(at, "Anna 安娜")
        assert "obligations proven" in at.heading
        at.page.goto(fresh.origin + link)
        at.see("This link has been used")
        at.go("account")
        at.press("Sign out")
        sign_in(at, anna.name, "not the password")
        at.see("The name or the password is not right.")
        sign_in(at, anna.name, PASSWORD)
        assert at.heading == "Second factor"
        at.field("code", "123456")
        at.press("Sign in")
        at.see("This code is not right, or has been used.")
        at.go("ledger")
        assert at.heading == "Second factor", "a password alone opens nothing"
        at.field("code", anna.code())
        at.press("Sign in")
        assert at.page.locator(".own .person").inner_text().startswith("Anna 安娜")
    tags = [one["tag"].rpartition(":")[2] for one in fresh.served.entries("operator:account:*")]
    assert [tags.count(one) for one in ("added", "signed-in", "refused")] == [1, 2, 2]


def test_signing_in_needs_no_script_and_leads_where_one_wanted_to_go(browser, office):
    person = office.person(Role.AUDITOR)
    with desk(browser, office, java_script_enabled=False) as at:
        at.go("decisions?kind=stopped")
        sign_in(at, person.name, PASSWORD)
        at.field("code", person.code())
        at.press("Sign in")
        assert at.page.url.endswith("/console/decisions?kind=stopped")
        at.page.get_by_role("button", name="中文").click()
        assert at.page.locator("html").get_attribute("lang") == "zh-Hans"
        assert at.page.url.endswith("/console/decisions?kind=stopped")
        at.page.get_by_role("button", name="深色").click()
        assert at.page.locator("html").get_attribute("data-theme") == "dark"


def test_a_passkey_is_made_and_opens_the_account(browser, office):
    person = office.person(app=False)
    with desk(browser, office) as at:
        at.cookie("kanhe_session", office.session(person, Stage.ENROL))
        device = at.context.new_cdp_session(at.page)
        device.send("WebAuthn.enable")
        device.send("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": True,
            "automaticPresenceSimulation": True}})  # fmt: skip
        at.go("enrol")
        at.page.locator("#label").fill("<b>laptop</b>")
        at.press("Make a passkey")
        assert at.heading == "My account"
        at.see("<b>laptop</b>")
        at.press("Sign out")
        at.press("Sign in with a passkey")
        assert at.page.locator(".own .person").inner_text().startswith(person.name)


# --- what is told, and what is done about it ---------------------------------------------------


def counts(office):
    return json.loads(office.visitor(office.person()).get("/index.json").text)["counts"]


def test_answering_what_the_service_is_changes_what_binds_it(browser, office):
    person, before = office.person(Role.OPERATOR), counts(office)
    with desk(browser, office, person) as at:
        at.go("scope")
        at.field("people_in_data", "many")
        for name, value in (("public", "yes"), ("opinion", "yes"), ("model", "own"),
                            ("companion", "no"), ("personal_information", "yes")):  # fmt: skip
            at.page.check(f"input[name={name}][value={value}]")
        at.press("Preview what follows")
        assert at.page.locator("#people_in_data").get_attribute("aria-invalid") == "true"
        at.field("people_in_data", "12000")
        at.press("Preview what follows")
        told = at.page.locator("#preview").inner_text()
        assert counts(office) == before, "a preview records nothing"
        at.press("Record these answers")
        at.see("Answers on record")
    after = counts(office)
    assert after != before
    applying = sum(after.values()) - after["not-applicable"]
    assert f"{applying} obligations apply" in told, "what was shown before is what came"
    [*_, entry] = office.served.entries("operator:scope:determined")
    assert entry["by"] == person.account
    assert entry["answers"]["people_in_data"] == 12000
    assert entry["answers"]["model"] == "own"


def test_a_duty_is_signed_with_the_hash_of_a_paper_that_stays_here(browser, office):
    person, control = office.person(Role.OPERATOR), CONTROL
    paper = b"minutes of the meeting, \x00\xff and a seal"
    digest = hashlib.sha256(paper).hexdigest()
    with desk(browser, office, person) as at:
        sent = []
        at.page.on("request", lambda request: sent.append(request.post_data_buffer or b""))
        at.go(f"attest/{control}")
        file = {"name": "机密 minutes.pdf", "mimeType": "application/pdf", "buffer": paper}
        at.page.locator("#pick").set_input_files(file)
        at.page.wait_for_function("() => document.getElementById('papers').value")
        assert at.page.locator("#papers").input_value() == f"{digest}  机密 minutes.pdf"
        at.page.check("input[name=done][value=yes]")
        at.field("code", "000000")
        at.press("Sign and record")
        at.see("This code is wrong or used.")
        at.page.check("input[name=done][value=yes]")
        at.field("code", person.code())
        at.press("Sign and record")
        at.see("On record: entry")
        assert not any(b"seal" in one for one in sent), "the paper itself is never sent"
    [*_, entry] = office.served.entries("operator:duty:attested")
    assert (entry["control"], entry["by"], entry["evidence"]) == (control, person.account, [digest])
    assert "机密" not in str(entry)


def test_rules_come_into_force_when_a_second_person_releases_them(browser, office):
    served = office.served
    owner, reviewer = office.person(), office.person(Role.REVIEWER)
    text = served.rules.read_text("utf-8")
    served.rules.write_text(text.replace("蓝色独角兽,", "蓝色独角兽, 紫色独角兽,"), "utf-8")
    look = office.visitor(owner)
    until(lambda: json.loads(look.get("/rules.json").text)["candidate"], "they wait")
    assert not refused(office, "紫色独角兽")
    with desk(browser, office, reviewer) as second, desk(browser, office, owner) as first:
        second.go("rules")
        assert second.page.get_by_role("button", name="version").count() == 0, "none is proposed"
        first.go("rules/changes")
        first.see("1 term added")
        first.press("Propose this version")
        first.go("rules")
        first.see("Somebody else has to release it.")
        assert first.page.get_by_role("button", name="Release").count() == 0
        second.go("rules")
        second.press("Release this version")
        assert second.page.get_by_role("button", name="version").count() == 0
        assert refused(office, "紫色独角兽")
    [*_, released] = served.entries("operator:ruleset:released")
    assert (released["proposed_by"], released["by"]) == (owner.account, reviewer.account)


def refused(office, prompt):
    before = len(office.upstream.visits)
    office.upstream.say("fine")
    office.served.chat(prompt, user="erna")
    return len(office.upstream.visits) == before


def test_a_decision_is_explained_and_its_proof_holds_in_the_page(browser, office):
    with desk(browser, office, office.person(Role.REVIEWER)) as at:
        at.go("decisions?kind=stopped")
        at.page.locator("tbody th a").first.click()
        at.see("None of the violation reached the reader.")
        told = at.page.locator("main").inner_text()
        assert "unicorn" in told
        assert "forbidden kumquat" not in told, "the word that matched is not shown"
        at.page.get_by_role("link", name="proof").first.click()
        at.page.get_by_role("button", name="Verify in this browser").click()
        at.page.locator("output.met").wait_for()
        assert "signature" in at.page.locator("output").inner_text()


def test_a_page_that_lies_about_an_entry_is_found_out_by_the_browser(browser, office):
    def lie(route):
        told = route.fetch()
        raw = re.search(r'data-raw="([^"]*)"', told.text())[1]
        other = base64.b64encode(b"!" + base64.b64decode(raw)[1:]).decode()
        route.fulfill(response=told, body=told.text().replace(raw, other))

    with desk(browser, office, office.person()) as at:
        at.page.route("**/console/ledger/5", lie)
        at.go("ledger/5")
        at.page.get_by_role("button", name="Verify in this browser").click()
        at.see("Your browser has computed another root: do not believe this page.")


def test_a_stop_appears_on_the_open_page_as_it_happens(browser, office):
    with desk(browser, office, office.person(Role.REVIEWER)) as at:
        at.go()
        at.see("Nothing has been stopped since this page was opened.")
        stop(office)
        line = at.page.locator("#live li").first
        line.wait_for()
        assert "stopped unicorn" in line.inner_text()
        line.locator("a").click()
        at.see("None of the violation reached the reader.")


def test_a_reader_is_told_of_no_single_stop(browser, office):
    with desk(browser, office, office.person(Role.READER)) as at:
        at.go()
        at.page.locator("#live-counts").wait_for()
        before = at.page.locator("#live-counts").inner_text()
        stop(office)
        at.page.wait_for_function(
            "(before) => document.getElementById('live-counts').innerText !== before", arg=before
        )
        assert at.page.locator("#live li").count() == 0
        pages = at.page.locator("nav.side a").all_inner_texts()
        assert pages == ["Overview", "Obligations", "Scope"]


def test_what_is_exported_is_what_is_shown(browser, office):
    with desk(browser, office, office.person()) as at:
        at.go("obligations")
        with at.page.expect_download() as caught:
            at.page.get_by_role("link", name="CSV").click()
        rows = caught.value.path().read_text("utf-8-sig").splitlines()
        assert rows[0].startswith("id,title,area,source,clause,standing")
        assert len(rows) - 1 >= sum(counts(office).values())
        at.go("ledger/5")
        with at.page.expect_download() as caught:
            at.page.get_by_role("link", name="Download the proof").click()
        assert caught.value.suggested_filename == "entry-5.tlog-proof"
        assert caught.value.path().read_text().startswith("c2sp.org/tlog-proof@v1")


def test_every_form_of_the_status_is_given_as_a_file(browser, office):
    with desk(browser, office, office.person(Role.AUDITOR)) as at:
        at.go("export")
        links = [one.get_attribute("href") for one in at.page.locator("main a[download]").all()]
        assert len(links) >= 4
        for link in links:
            file = at.context.request.get(office.origin + link)
            assert file.status == 200, link
            assert file.headers["content-disposition"].startswith("attachment; filename="), link
            assert len(file.body()) > 1000, link


def test_what_the_gateway_did_is_found_again(browser, office):
    with desk(browser, office, office.person(Role.AUDITOR)) as at:
        for kind, told in (("turned-away", "The user was suspended and was turned away."),
                           ("refused", "The prompt was refused. No model was asked."),
                           ("released", "The whole answer was released.")):  # fmt: skip
            at.go("decisions")
            at.page.locator("#kind").select_option(kind)
            at.press("Search")
            at.page.locator("tbody th a").first.click()
            at.see(told)
        at.go("rules?mode=shadow")
        row = at.page.locator("tbody tr", has_text="tried-out")
        assert int(row.locator("td").last.inner_text()) >= 1, "what it would have found is counted"


def test_an_invited_reviewer_sees_what_a_reviewer_may(browser, office):
    with desk(browser, office, office.person()) as owner, desk(browser, office) as guest:
        owner.go("accounts")
        owner.field("name", "Reviewer 复核")
        owner.page.locator("form.column select[name=role]").select_option("reviewer")
        owner.press("Add, and show the link")
        link = owner.page.locator("section.preview code").inner_text()
        guest.page.goto(link)
        guest.field("password", PASSWORD)
        guest.field("again", PASSWORD)
        guest.press("Go on to the second factor")
        enrolled(guest, "Reviewer 复核")
        pages = guest.page.locator("nav.side a").all_inner_texts()
        assert "Decisions" in pages
        assert "Settings" not in pages
        for path in ("settings", "accounts"):
            assert guest.go(path).status == 403
            guest.see("Your role does not allow this")
        guest.go("account")
        assert guest.page.get_by_role("link", name="Accounts of others").count() == 0


def test_a_ledger_that_was_tampered_with_is_shown_as_such_everywhere(browser, fresh):
    # The last one at this service: nothing is well there while it runs.
    tiles = (fresh.served.data / "ledger" / "tile" / "entries").rglob("*")
    whole = {tile: tile.read_bytes() for tile in tiles if tile.is_file()}
    with desk(browser, fresh, fresh.person()) as at:
        at.go("ledger/1")
        at.page.get_by_role("button", name="Verify in this browser").wait_for()
        for tile, kept in whole.items():
            tile.write_bytes(kept.replace(b"operator:settings", b"operator:settinks"))
        try:
            at.go("ledger/1")
            at.see("The proof does not hold")
            assert at.page.locator("[data-proof]").count() == 0
            at.go("ledger")
            at.see("The ledger is not as it was signed")
            at.see("The first entry that does not follow is 1.")
            at.go()
            assert at.heading == "Nothing can be said: the ledger does not add up."
            assert at.page.locator(".tile.met").count() == 0
        finally:
            for tile, kept in whole.items():
                tile.write_bytes(kept)
