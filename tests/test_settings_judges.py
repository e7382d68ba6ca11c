"""Judges in the settings: where each is, the one-line switch, and what is refused."""

from pathlib import Path

import pytest

from kanhe.errors import FaultySettings
from kanhe.settings import read_settings
from kanhe.settings_judges import JudgeSettings
from kanhe.terms import Secret

URL = "http://127.0.0.1:8000/v1"
GUARD = f'[[judges]]\nname = "qwen3guard"\nbase_url = "{URL}"\n'


@pytest.fixture
def read(tmp_path):
    """Read settings from a file's text, variables and options, in a folder of their own."""

    def with_(toml=None, environ=None, **options):
        if toml is not None:
            (tmp_path / "kanhe.toml").write_text(toml, encoding="utf-8")
        return read_settings(options, environ=environ or {}, folder=tmp_path)

    return with_


def faults(read, *given, **options):
    with pytest.raises(FaultySettings) as caught:
        read(*given, **options)
    return caught.value.faults


def test_without_a_word_it_is_the_embedded_one(read):
    settings = read()
    assert (settings.judge, settings.judges) == ("embedded", ())


def test_a_table_is_one_judge_and_its_name_the_template(read):
    settings = read(f'judge = "qwen3guard"\n{GUARD}')
    assert settings.judge == "qwen3guard"
    assert settings.judges == (JudgeSettings("qwen3guard", template="qwen3guard", base_url=URL),)


def test_everything_can_be_said_of_one(read, tmp_path):
    (tmp_path / "key").write_text("planted-key\n")
    toml = f"""
[[judges]]
name = "own"
kind = "http"
template = "judges/own.yaml"
base_url = "{URL}/"
model = "m"
api_key_file = "key"
timeout_s = 3
queue = 7
cache = 0
concurrency = 2
"""
    (judge,) = read(toml).judges
    assert judge == JudgeSettings(
        "own", "http", tmp_path / "judges/own.yaml", URL, "m", None, Secret("planted-key"), "",
        tmp_path / "key", 3.0, 7, 0, 2,
    )  # fmt: skip
    assert "planted" not in repr(judge)


def test_a_guard_may_run_in_this_process(read, tmp_path):
    (judge,) = read('[[judges]]\nname = "g"\ntemplate = "rubric"\nweights = "g.gguf"').judges
    assert judge.weights == tmp_path / "g.gguf"


@pytest.mark.parametrize(
    ("line", "described"),
    [
        (f"qwen3guard={URL}", ("qwen3guard", "qwen3guard", "")),
        (f"qwen3guard={URL}/#Qwen/Q-Gen-4B", ("qwen3guard", "qwen3guard", "Qwen/Q-Gen-4B")),
        (f" rubric-zh = {URL} ", ("rubric-zh", "rubric-zh", "")),
        (f"./mine/own.yaml={URL}", ("own", Path("mine/own.yaml"), "")),
    ],
)
def test_one_line_describes_a_judge_and_makes_it_the_default(read, tmp_path, line, described):
    name, template, model = described
    environ = {"KANHE_JUDGE": line, "KANHE_JUDGE_KEY": "planted-key"}
    settings = read(None, environ)
    assert settings.judge == name
    (judge,) = settings.judges
    path = tmp_path / template if isinstance(template, Path) else template
    assert (judge.name, judge.template, judge.base_url, judge.model) == (name, path, URL, model)
    assert judge.api_key == Secret("planted-key")
    assert read(None, judge=line.strip()).judge == name


def test_the_line_replaces_a_table_of_its_name_and_leaves_the_others(read):
    toml = GUARD + '[[judges]]\nname = "other"\ntemplate = "rubric"\nbase_url = "http://o/v1"\n'
    settings = read(toml, {"KANHE_JUDGE": "qwen3guard=http://new/v1"})
    assert {one.name: one.base_url for one in settings.judges} == {
        "qwen3guard": "http://new/v1", "other": "http://o/v1",
    }  # fmt: skip


def test_a_name_alone_switches_between_those_there_are(read):
    assert read(GUARD, {"KANHE_JUDGE": "qwen3guard"}).judge == "qwen3guard"
    assert read(f'judge = "qwen3guard"\n{GUARD}', None, judge="embedded").judge == "embedded"


def test_the_embedded_one_may_be_given_other_terms(read):
    (judge,) = read('[[judges]]\nname = "embedded"\nqueue = 5').judges
    assert (judge.kind, judge.queue) == ("embedded", 5)


@pytest.mark.parametrize(
    ("toml", "what"),
    [
        ("judges = 3", "no list of tables"),
        ("[judges]\nname = 'a'", "no list of tables"),
        ("judges = [3]", "no list of tables"),
        ('[[judges]]\nname = "a"', "one of base_url and weights"),
        (GUARD + 'weights = "x.gguf"', "one of base_url and weights"),
        (f'[[judges]]\nbase_url = "{URL}"', "it is missing"),
        (GUARD + GUARD, "several judges named"),
        (GUARD + 'knd = "guard"', "there is no such setting"),
        (GUARD + 'kind = "oracle"', "none of its values"),
        (GUARD + 'kind = "embedded"', "cannot be the name"),
        ('[[judges]]\nname = "embedded"\nkind = "guard"\nbase_url = "http://a"', "cannot be"),
        (f'[[judges]]\nname = "embedded"\nbase_url = "{URL}"', "in this process already"),
        (GUARD + "queue = 0", "no whole number"),
        (GUARD + 'api_key = "a"\napi_key_env = "B"', "both api_key and api_key_env"),
        (GUARD + 'api_key_env = "NOT_SET"', "the variable NOT_SET is not set"),
        (GUARD + 'api_key_file = "none"', "the key cannot be read"),
        ('judge = "qwen3gard"\n' + GUARD, "there is no judge 'qwen3gard'"),
        ('judge = ""', "is no text"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(read, toml, what):
    found = faults(read, toml)
    assert any(what in fault.what for fault in found)
    assert all(fault.advice for fault in found)


def test_each_fault_is_told_once_and_all_at_once(read):
    """Planted: an address that cannot be read, told again as one that is missing."""
    toml = '[[judges]]\nname = "qwen3guard"\nbase_url = "ftp://x"\n'
    (only,) = faults(read, toml)
    assert "no plain http" in only.what
    both = faults(read, toml + toml + GUARD.replace("qwen3guard", "qwen3gard"))
    said = " ".join(fault.what for fault in both)
    assert "several judges named 'qwen3guard'" in said
    assert "there is no template 'qwen3gard'" in said
    assert any("Did you mean `qwen3guard`?" in fault.advice for fault in both)


@pytest.mark.parametrize(
    ("environ", "what"),
    [
        ({"KANHE_JUDGE": "qwen3guard="}, "one of base_url and weights"),
        ({"KANHE_JUDGE": "qwen3guard=ftp://x"}, "no plain http"),
        ({"KANHE_JUDGE": f"={URL}"}, "is missing"),
        ({"KANHE_JUDGE": f"embedded={URL}"}, "in this process already"),
        ({"KANHE_JUDGE": "nobody"}, "there is no judge"),
        ({"KANHE_JUDGE_KEY": "k"}, "no judge to which this belongs"),
        ({"KANHE_JUDGE": f"a={URL}", "KANHE_JUDGE_KEY": "k\nk"}, "this is no key"),
        ({"KANHE_JUGDE": "x"}, "no setting bears this name"),
    ],
)
def test_a_line_that_describes_nothing_is_refused(read, environ, what):
    found = faults(read, None, environ)
    assert any(what in fault.what for fault in found), found
    assert not any("k\nk" in str(fault) for fault in found)


def test_a_variable_that_holds_a_judges_key_may_bear_a_near_name(read):
    toml = GUARD + 'api_key_env = "KANHE_JUDGE_KEYS"'
    (judge,) = read(toml, {"KANHE_JUDGE_KEYS": "planted"}).judges
    assert judge.api_key == Secret("planted")
