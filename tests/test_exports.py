"""A status in the forms in which it leaves the house."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

import statuses
from consoles import account, client, served
from histories import add, data_directory, requests
from kanhe.accounts.account import Role
from kanhe.adapters.exports import FORMATS, export, file_name
from kanhe.cli.main import main
from kanhe.console import export as page
from kanhe.errors import RequestError
from kanhe.report.printed import Handed

HANDED = Handed("kanhe.example/ledger", datetime(2026, 11, 22, 6, 5, 4, 321_987, tzinfo=UTC))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", FORMATS)
def test_equal_status_gives_equal_bytes(name, language):
    first, second = (export(name, statuses.status(), HANDED, language) for _ in range(2))
    assert first == second


def test_each_form_is_what_its_name_says():
    made = {name: export(name, statuses.status(), HANDED, "en") for name in FORMATS}
    lines = len(statuses.status().lines)
    assert made["pdf"].startswith(b"%PDF-")
    assert len(json.loads(made["json"])["obligations"]) == lines
    assert len(list(csv.reader(io.StringIO(made["csv"].decode("utf-8-sig"))))) == lines + 1
    with zipfile.ZipFile(io.BytesIO(made["oscal"])) as archive:
        assert {"catalog.json", "assessment-results.json", "oscal-notes.md"} <= {
            *archive.namelist()
        }


def test_a_form_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(RequestError, match="no format") as caught:
        export("docx", statuses.status(), HANDED, "en")
    assert "pdf" in caught.value.advice


def test_a_file_is_named_by_regime_day_and_language():
    name = file_name("pdf", statuses.status(), "zh")
    assert name.isascii()
    assert name.endswith("-zh.pdf")


async def _status(asked):
    return statuses.status()


@pytest.fixture
def browser():
    with client(served(status=_status), page) as made:
        yield made


def test_the_page_names_every_form_and_each_can_be_downloaded(browser):
    told = browser.get("/export").text
    for name in FORMATS:
        assert f"/export/{name}" in told
        got = browser.get(f"/export/{name}?language=zh")
        assert got.status_code == 200
        assert got.headers["content-disposition"].startswith('attachment; filename="kanhe-')
        assert got.headers["content-type"].startswith(FORMATS[name].media_type.partition(";")[0])


@pytest.mark.parametrize("path", ["docx", "..%2fkeys", "pdf%0d%0ax:y", "PDF"])
def test_a_name_that_is_no_form_is_a_page_that_says_so(browser, path):
    assert browser.get(f"/export/{path}").status_code == 404


def test_a_question_that_cannot_be_read_gives_no_file(browser):
    assert browser.get("/export/json?at=tomorrow").status_code == 400


def test_who_may_not_export_gets_nothing():
    with client(served(status=_status), page, person=account(Role.READER)) as reader:
        assert reader.get("/export").status_code == 403
        assert reader.get("/export/json").status_code == 403


def test_the_command_writes_a_file_or_to_standard_output(tmp_path):
    data = data_directory(tmp_path)
    add(data, requests(3))
    run = CliRunner().invoke(main, ["export", "--format", "csv", "--data", str(data), "--out", "-"])
    assert run.exit_code == 0, run.output
    assert run.output.lstrip("\ufeff").startswith("obligation,")
    out = tmp_path / "status.json"
    run = CliRunner().invoke(
        main, ["export", "--format", "json", "--data", str(data), "--out", str(out)]
    )
    assert run.exit_code == 0, run.output
    assert json.loads(out.read_text())["format"] == "kanhe-status"


def test_a_file_that_cannot_be_written_is_told_with_the_next_step(tmp_path):
    data = data_directory(tmp_path)
    add(data, requests(3))
    out = str(tmp_path / "gone" / "report.csv")
    run = CliRunner().invoke(main, ["export", "--format", "csv", "--data", str(data), "--out", out])
    assert run.exit_code == 1
    assert "cannot be written" in run.output
