"""The log: an event is a line."""

import json
import logging
import sys

from kanhe.cli.log_lines import JsonLines, Lines


def record(message, *arguments, error=None):
    made = logging.LogRecord("kanhe.x", logging.WARNING, "x.py", 1, message, arguments, error)
    made.created = 1_795_000_000.25
    return made


def raised():
    try:
        raise ValueError("two\nlines")
    except ValueError:
        return sys.exc_info()


def test_an_event_is_one_line_of_text():
    line = Lines().format(record("first\nsecond %s", 3))
    assert line == "2026-11-18T11:06:40.250Z warning kanhe.x: first / second 3"


def test_an_event_is_one_object():
    line = JsonLines().format(record("一\n二"))
    assert "\n" not in line
    assert json.loads(line) == {
        "at": "2026-11-18T11:06:40.250Z",
        "level": "warning",
        "logger": "kanhe.x",
        "message": "一\n二",
    }


def test_an_error_stays_on_its_line():
    for lines in (Lines(), JsonLines()):
        line = lines.format(record("failed", error=raised()))
        assert "\n" not in line
        assert "ValueError" in line
