"""The pages on labelling, over a store with texts: blind, for who may, with figures at the end."""

import re

import pytest

from consoles import HOSTILE, NOW, account, client, served, words
from kanhe.accounts.account import Role
from kanhe.adapters.label_store import open_labels
from kanhe.console import labels as pages
from kanhe.judge.label_set import Item
from test_labelling import say, task

HIDDEN = "where it is from"
TEXTS = [f"text number {n} {HOSTILE}" for n in range(3)]


@pytest.fixture
def store(tmp_path):
    opened = open_labels(tmp_path)
    items = [Item(text, "the context", "en", "response", {"source": HIDDEN}) for text in TEXTS]
    opened.open(task(3), tuple(items))
    yield opened
    opened.close()


@pytest.fixture
def sit(store):
    """Somebody at the console, by the name of their account."""

    def sit(name="acct-anna", role=Role.REVIEWER):
        return client(served(labels=store), pages, person=account(role, name))

    return sit


def shown(browser, path="/label/mine"):
    return browser.get(f"{path}.json").json()


def tell(browser, said, path="/label/mine", **more):
    item = shown(browser, path)["item"]["number"]
    data = {"said": said, "item": item, "shown": int(NOW.timestamp()) - 9, **more}
    answer = browser.post(path, data=data)
    assert answer.status_code == 303, answer.text
    return item


def test_a_text_is_shown_with_its_question_and_nothing_else(sit):
    with sit() as browser:
        page, data = browser.get("/label/mine").text, shown(browser)
    assert data["item"]["text"] in TEXTS
    assert set(data["item"]) == {"number", "text", "context", "lang", "kind"}
    assert "Is it unsafe?" in page
    assert "0 of 3" in words(page)
    assert "an answer of a model" in page
    assert "the context" in page
    for hidden in (HIDDEN, "<script>alert", "seed"):
        assert hidden not in page
        assert hidden not in str({k: v for k, v in data.items() if k != "item"})


def test_nothing_of_what_others_said_reaches_who_labels(sit, store):
    """Planted: another's label of every text; the page and its data are as if there was none."""
    with sit() as browser:
        before = (browser.get("/label/mine").text, shown(browser))
        for item in range(3):
            store.add("mine", say(item, "acct-ben", "unsafe:fraud", seconds=77))
        assert (browser.get("/label/mine").text, shown(browser)) == before


def test_labels_are_kept_with_how_sure_and_how_long(sit, store):
    with sit() as browser:
        first = tell(browser, "unsafe:fraud", unsure="yes")
        second = tell(browser, "skip")
        assert browser.get("/label.json").json()["tasks"][0]["done"] == 2
    kept = store.history("mine")
    assert [(one.item, one.value, one.sure, one.by) for one in kept] == [
        (first, "unsafe:fraud", False, "acct-anna"), (second, "skip", True, "acct-anna"),
    ]  # fmt: skip
    assert [one.seconds for one in kept] == [9, 9]
    assert kept[0].at == NOW


@pytest.mark.parametrize("began", ["", "x", "99999999999999999999", "-5"])
def test_a_time_that_cannot_be_is_none(sit, store, began):
    with sit() as browser:
        tell(browser, "safe", shown=began)
    assert store.history("mine")[0].seconds in (0, 3600)


def test_the_last_one_is_taken_back_and_comes_again(sit, store):
    with sit() as browser:
        assert "Take the last one back" not in browser.get("/label/mine").text
        tell(browser, "safe")
        item = tell(browser, "safe")
        back = browser.post("/label/mine/undo")
        assert back.headers["location"] == "/label/mine?note=back"
        assert "Taken back" in browser.get(back.headers["location"]).text
        assert shown(browser)["item"]["number"] == item
        assert browser.post("/label/mine/undo").headers["location"] == "/label/mine"
    assert [one.said for one in store.history("mine")] == ["safe", "safe", "withdrawn"]


@pytest.mark.parametrize("said", ["", "yes", "withdrawn", "safe:x:y", "unsafe"])
def test_what_is_no_answer_is_told_and_not_kept(sit, store, said):
    with sit() as browser:
        data = {"said": said, "item": "0"}
        answer = browser.post("/label/mine", data=data)
    assert answer.status_code == 422
    assert store.history("mine") == ()


@pytest.mark.parametrize("item", ["", "-1", "x", "９"])
def test_an_item_that_is_none_is_told(sit, item):
    with sit() as browser:
        assert browser.post("/label/mine", data={"said": "safe", "item": item}).status_code == 422


def test_pressed_twice_is_said_once_and_leads_on(sit, store):
    with sit() as browser:
        item = tell(browser, "safe")
        again = browser.post("/label/mine", data={"said": "safe", "item": item})
        assert again.headers["location"] == "/label/mine?note=late"
        assert "labelled already" in browser.get(again.headers["location"]).text
    assert len(store.history("mine")) == 1


def all_of_it(browser, value="safe", path="/label/mine"):
    while shown(browser, path)["item"]:
        tell(browser, value, path)


def test_two_differ_and_a_third_decides_without_knowing_what_they_said(sit, store):
    for name in ("acct-anna", "acct-ben"):
        with sit(name) as browser:
            for _ in range(3):
                text = shown(browser)["item"]["number"]
                differs = name == "acct-ben" and text == 1
                tell(browser, "unsafe:fraud" if differs else "safe")
            assert "Nothing is left for you" in browser.get("/label/mine").text
            assert shown(browser, "/label/mine/adjudicate")["item"] is None
            assert "for somebody else" in browser.get("/label/mine/adjudicate").text
    with sit("acct-cleo") as browser:
        assert "Decide 1 dispute" in browser.get("/label").text
        assert "Decide 1 dispute" in browser.get("/label/mine/agreement").text
        page = browser.get("/label/mine/adjudicate").text
        assert "fraud" not in re.sub(r"<fieldset>.*?</fieldset>", "", page, flags=re.DOTALL)
        assert tell(browser, "unsafe:fraud", "/label/mine/adjudicate") == 1
        assert store.desk("mine").result(1).standing == "adjudicated"
        again = browser.post("/label/mine/adjudicate", data={"said": "safe", "item": "1"})
        assert again.headers["location"] == "/label/mine/adjudicate?note=late"
        assert browser.post("/label/mine/undo").headers["location"] == "/label/mine"


def test_agreement_is_told_with_intervals_and_without_names(sit, store):
    for name in ("acct-anna", "acct-ben"):
        with sit(name) as browser:
            all_of_it(browser, "safe" if name == "acct-anna" else "unsafe:drugs")
            page = browser.get("/label/mine/agreement").text
            found = browser.get("/label/mine/agreement.json").json()["found"]
    assert found["counts"]["disputed"] == 3
    assert found["same"]["value"] == "0.000"
    assert float(found["same"]["high"]) > 0.5
    assert [(one["first"], one["second"]) for one in found["pairs"]] == [("A", "B")]
    assert found["table"]["rows"][0]["met"] == [0, 3]
    assert "Cohen’s kappa of A and B" in page
    for hidden in ("acct-", "text number"):
        assert hidden not in page
        assert hidden not in str(found)


def test_who_is_in_the_middle_of_it_sees_no_figures(sit, store):
    for item in range(3):
        store.add("mine", say(item, "acct-ben", "unsafe:fraud"))
    with sit() as browser:
        tell(browser, "safe")
        assert browser.get("/label/mine/agreement.json").json()["found"] is None
        assert "in the middle of it" in browser.get("/label/mine/agreement").text
        all_of_it(browser)
        assert browser.get("/label/mine/agreement.json").json()["found"]


def test_who_only_reads_the_rules_sees_figures_and_no_texts(sit):
    with sit("acct-dora", Role.AUDITOR) as browser:
        assert browser.get("/label/mine/agreement").status_code == 200
        for path in ("/label", "/label/mine", "/label/mine/adjudicate"):
            assert browser.get(path).status_code == 403
        assert browser.post("/label/mine", data={"said": "safe", "item": 0}).status_code == 403


def test_without_scripts_every_answer_is_a_button_of_the_form(sit):
    with sit() as browser:
        page = browser.get("/label/mine").text
    assert re.findall(r'name="said" value="([^"]*)"', page) == [
        "safe", "unsafe:fraud", "unsafe:drugs", "skip"
    ]  # fmt: skip


def test_where_no_category_is_asked_for_one_button_says_unsafe(sit, store):
    from dataclasses import replace

    plain = replace(task(1, categories=()), name="plain")
    store.open(plain, (Item("a text", "", "zh", "post", {}),))
    with sit() as browser:
        page = browser.get("/label/plain").text
        assert re.findall(r'name="said" value="([^"]*)"', page) == ["safe", "unsafe", "skip"]
        assert 'lang="zh"' in page
        tell(browser, "unsafe", "/label/plain")
    assert store.history("plain")[0].value == "unsafe"


def test_closed_and_destroyed_tasks_say_so(sit, store):
    store.end("mine", NOW)
    with sit() as browser:
        assert "This task is closed" in browser.get("/label/mine").text
        assert "closed" in words(browser.get("/label").text)
        store.erase("mine", NOW)
        assert "were destroyed" in browser.get("/label/mine").text
        assert "texts destroyed" in words(browser.get("/label").text)
        late = browser.post("/label/mine", data={"said": "safe", "item": "0"})
        assert late.status_code == 303


def test_a_task_that_is_not_there_is_a_page_that_says_so(sit):
    with sit() as browser:
        for path in ("/label/nobody", "/label/nobody/agreement", "/label/nobody/adjudicate"):
            assert browser.get(path).status_code == 404
        assert browser.post("/label/nobody", data={"said": "safe"}).status_code == 404
        assert browser.post("/label/nobody/undo").status_code == 404


def test_without_a_task_the_page_says_how_to_open_one(tmp_path):
    store = open_labels(tmp_path)
    with client(served(labels=store), pages) as browser:
        assert "kanhe judge label open" in browser.get("/label").text
    store.close()
