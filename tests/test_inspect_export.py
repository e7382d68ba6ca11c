"""Exported tasks are whole, and judge as Kanhe does. tests/conformance runs them in Inspect itself.

Here the file runs against a stand-in for inspect_ai that only hands things through.
"""

import asyncio
import importlib.util
import json
import sys
from dataclasses import dataclass, field, replace
from types import ModuleType, SimpleNamespace

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from banks import bank, item
from kanhe.adapters.assess_inspect import export_parts, write_export
from kanhe.adapters.bank_store import detector, open_banks, shipped
from kanhe.assess.inspect_export import inspect_task
from kanhe.assess.item import BankKind, Expect
from kanhe.assess.verdicts import by_key, by_refusal
from kanhe.cli.assess_export import export_
from kanhe.errors import AssessError
from kanhe.terms import Text

REPLIES = [
    "对不起，我不能帮助您完成这个请求。", "Sure. It is 6岁, about 1,200 km.", "", "no",
    "I'm sorry, but I can't help with that.", "<think>我不能</think>可以，分三步。",
    "六 岁", "1200.5",
]  # fmt: skip


@dataclass
class Score:
    value: str | None = None
    answer: str = ""
    metadata: dict = field(default_factory=dict)

    @classmethod
    def unscored(cls, **more):
        return cls(None, **more)


class Items(list):
    def filter(self, wanted):
        return Items(filter(wanted, self))


def stand_in():
    """Give modules that look like inspect_ai from a task's side."""

    def same(*args, **kwargs):
        return args[0] if args and callable(args[0]) else lambda made: made

    def read(path):
        with open(path, encoding="utf-8") as lines:
            return Items(SimpleNamespace(**json.loads(line)) for line in lines)

    def message(role):
        return lambda content: SimpleNamespace(role=role, text=content)

    inside = {
        "": {"Task": SimpleNamespace, "task": same},
        ".dataset": {"json_dataset": read},
        ".model": {"ChatMessageSystem": message("system"), "ChatMessageUser": message("user"),
                   "get_model": None},
        ".scorer": {"CORRECT": "C", "INCORRECT": "I", "Score": Score, "accuracy": lambda: None,
                    "stderr": lambda: None, "scorer": same},
        ".solver": {"solver": same},
    }  # fmt: skip
    made = {}
    for name, things in inside.items():
        made[f"inspect_ai{name}"] = ModuleType(f"inspect_ai{name}")
        vars(made[f"inspect_ai{name}"]).update(things)
    return made


@pytest.fixture
def load(tmp_path, monkeypatch):
    def load(*banks):
        write_export(tmp_path / "out", inspect_task(banks, export_parts()))
        for name, module in stand_in().items():
            monkeypatch.setitem(sys.modules, name, module)
        # The export registers its copy of the detector; the test must not leave it behind.
        monkeypatch.setitem(sys.modules, "kanhe_export_refusal", ModuleType("x"))
        spec = importlib.util.spec_from_file_location("exported", tmp_path / "out" / "task.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


class Talk:
    """A conversation as Inspect has it, and a model that says the turns so far."""

    def __init__(self, one):
        self.metadata, self.input_text = one.metadata, one.input
        self.messages = [SimpleNamespace(role="user", text=one.input)]
        self.output = SimpleNamespace(completion="")
        self.store = {}

    async def generate(self, state):
        heard = " / ".join(f"{one.role}: {one.text}" for one in self.messages)
        self.output = SimpleNamespace(completion=f"<{heard}>")
        self.messages.append(SimpleNamespace(role="assistant", text="ok"))
        return self


class Store(dict):
    def set(self, key, value):
        self[key] = value


MINE = bank([
    item(1, text="一问", key=("6岁",)),
    item(2, lang="en", slice="b", turns=("first", "second"), system="Be brief."),
])  # fmt: skip


def test_every_item_is_in_the_export_with_what_its_result_depends_on(load):
    made = load(MINE).bank_my_refuse()
    assert [one.id for one in made.dataset] == [one.id for one in MINE.items]
    assert [one.metadata["digest"] for one in made.dataset] == [one.digest for one in MINE.items]
    assert [one.target for one in made.dataset] == [["6岁"], "refuse"]
    assert made.metadata == {
        "bank": "my-refuse", "sha256": MINE.sha256, "detector": detector().version,
    }  # fmt: skip


def test_what_waits_for_approval_is_not_handed_out(load):
    waiting = replace(MINE, items=MINE.items[:1], pending=MINE.items[1:])
    assert len(load(waiting).bank_my_refuse().dataset) == 1


def test_a_language_and_a_slice_can_be_asked_alone(load):
    task = load(MINE).bank_my_refuse
    assert [one.id for one in task(lang="en").dataset] == ["refuse-2"]
    assert [one.id for one in task(part="a").dataset] == ["refuse-1"]


def test_turns_are_put_one_after_the_answer_to_the_other(load):
    made = load(MINE).bank_my_refuse()
    talk = Talk(made.dataset[1])
    talk.store = Store()
    asyncio.run(made.solver(talk, talk.generate))
    assert talk.store["kanhe_said"] == (
        "<system: Be brief. / user: first>\n\n"
        "<system: Be brief. / user: first / assistant: ok / user: second>"
    )


def test_refusals_and_facts_are_judged_as_kanhe_does(load):
    """Oracle: assess/verdicts.py, over our own labelled replies too."""
    module = load(MINE)
    replies = [*REPLIES, *(one["reply"] for one in labelled())]
    assert module.DETECTOR.version == detector().version
    for expect in Expect:
        own = item(1, expect=expect)
        for reply in replies:
            wanted = by_refusal(own, reply, detector()).passed
            assert module.refuses(expect, reply) is wanted, reply


def labelled():
    raw = (export_root() / "refusals.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in raw.splitlines() if line]


def export_root():
    from kanhe.adapters.bank_store import folder_of

    return folder_of(shipped()[0]).parent.parent


texts = st.text(alphabet="6岁六 ,.1200'“a")


def test_facts_are_found_where_kanhe_finds_them(load):
    """Oracle: assess/verdicts.py."""
    module = load(MINE)

    @given(st.lists(texts, max_size=2), texts)
    @example(["1200"], "1,200")
    @example(["6岁"], "16岁")
    @example(["a"], "<think>a</think>")
    def same(keys, reply):
        verdict = by_key(item(1, key=tuple(keys)), reply)
        assert module.states(keys, reply) is (verdict and verdict.passed)

    same()


@pytest.mark.parametrize(
    ("letter", "value"), [("A", "C"), (" b. ", "I"), ("maybe", None), ("", None), ("AB", None)]
)
def test_a_grader_off_its_menu_gives_no_score(load, letter, value):
    safe = bank([item(1, BankKind.OUTPUT, text="{answer}")], BankKind.OUTPUT)
    module = load(safe)
    asked = []

    class Grader:
        async def generate(self, prompt):
            asked.append(prompt)
            return SimpleNamespace(completion=letter)

    module.get_model = lambda role: Grader()
    made = module.bank_my_output(grade=True)
    talk = Talk(made.dataset[0])
    talk.store = Store(kanhe_said="the reply")
    score = asyncio.run(made.scorer[-1](talk, None))
    assert score.value == value
    assert "the reply" in asked[0]


def test_banks_that_would_be_one_task_are_refused():
    other = replace(MINE, id="my.refuse")
    with pytest.raises(AssessError, match=r"'my\.refuse'"):
        inspect_task([MINE, other], export_parts())


@pytest.mark.parametrize("name", ['x"); import os #', "../x", ""])
def test_an_id_never_becomes_code_or_a_path(name):
    with pytest.raises(AssessError):
        inspect_task([replace(MINE, id=name)], export_parts())


def test_titles_are_shown_and_do_not_break_the_table():
    titled = replace(MINE, title=Text("一|二\n三", "a|b"))
    readme = inspect_task([titled], export_parts())["README.md"].decode()
    (row,) = [line for line in readme.splitlines() if line.startswith("| `bank_my_refuse`")]
    assert "一\\|二 三 / a\\|b" in row


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(AssessError, match="not empty"):
        write_export(tmp_path, {"task.py": b""})
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_command_exports_every_shipped_bank(tmp_path):
    out = tmp_path / "out"
    told = CliRunner().invoke(export_, [*shipped(), "--out", str(out)], catch_exceptions=False)
    assert "keep them out of training data" in told.output
    about = json.loads((out / "banks.json").read_bytes())
    for opened in open_banks(shipped(), ""):
        lines = (out / f"{opened.id}.jsonl").read_bytes().splitlines()
        assert len(lines) == about[opened.id]["items"] == len(opened.items)
