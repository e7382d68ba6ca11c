"""Templates are found by name or by path, and a wrong name is told with what was meant."""

import re
from pathlib import Path

import pytest

from kanhe.adapters.judge_templates import open_template, shipped
from kanhe.errors import FaultyTemplate, SettingsError
from kanhe.judge.category import CATEGORIES
from kanhe.judge.template_file import load_template

MANUAL = Path(__file__).parent.parent / "docs" / "how-to" / "use-a-guard-model.md"


def test_an_operators_own_file_is_read(tmp_path):
    mine = tmp_path / "mine.yaml"
    from importlib.resources import files

    source = files("kanhe") / "judges" / "templates" / "rubric.yaml"
    mine.write_bytes(source.read_bytes())
    assert open_template(mine) == open_template("rubric")


def test_a_wrong_name_is_told_with_what_was_meant():
    with pytest.raises(SettingsError, match="no template 'qwen3gard'") as caught:
        open_template("qwen3gard")
    assert "qwen3guard" in caught.value.advice


@pytest.mark.parametrize("name", ["../identities", "..", ""])
def test_a_name_is_never_a_path(name):
    with pytest.raises(SettingsError):
        open_template(name)


def test_a_file_that_is_none_is_told(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        open_template(tmp_path / "none.yaml")
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (1 << 20) + b"x")
    with pytest.raises(SettingsError, match="more than"):
        open_template(large)
    (tmp_path / "bad.yaml").write_text("id: x\n")
    with pytest.raises(FaultyTemplate, match=r"bad\.yaml:1"):
        open_template(tmp_path / "bad.yaml")


def test_the_folder_of_templates_holds_nothing_else():
    for name in shipped():
        open_template(name)


def test_the_template_in_the_manual_can_be_read():
    (written,) = re.findall(r"^```yaml\n(.*?)^```$", MANUAL.read_text("utf-8"), re.M | re.S)
    found = load_template(written.encode(), "manual")
    assert found.looks_for == {"unsafe", "fraud", "hate", "insult"}


def test_the_manual_names_every_template_that_is_shipped():
    text = MANUAL.read_text("utf-8")
    assert [name for name in shipped() if f"`{name}`" not in text] == []


def test_the_page_names_the_categories_of_each_template():
    page = MANUAL.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \| ((?:`[a-z-]+` ?)+|none) \|$", page, re.M))
    assert len(rows) == 6
    for name, told in rows.items():
        assert {*re.findall("`(.+?)`", told)} == open_template(name).looks_for - {"unsafe"}
    for name in set(shipped()) - set(rows):
        assert open_template(name).looks_for == {"unsafe", *CATEGORIES}
