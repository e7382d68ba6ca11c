"""The benchmark's tables say what was measured, and never more."""

import importlib
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parent.parent / "bench"


@pytest.fixture
def report(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    return importlib.import_module("report")


def outcome(**rounds):
    machine = {"busy_before": 0.0, "load_before": 0.1, "load_after": 0.2}
    return {
        "at": "2026-11-22 01:00 UTC",
        "commit": "abc",
        "machine": {"CPU": "one"},
        "titles": {name: name.title() for name in rounds},
        "rounds": {name: [machine | one for one in them] for name, them in rounds.items()},
        "checks": {name: {} for name in rounds},
    }


def streams(per_cpu_second):
    return {"stream200_c8": {"per_gw_cpu_s": per_cpu_second}}


def row(text, start):
    (found,) = [line for line in text.splitlines() if line.startswith(f"| {start}")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_a_figure_is_the_median_of_its_rounds_with_the_range(report):
    text = report.tables(outcome(kanhe=[streams(100.0), streams(300.0), streams(120.0)]))
    assert "| 120 (100 to 300) |" in text


def test_a_failed_round_gives_no_figure_even_if_it_left_one(report):
    failed = streams(9000.0) | {"failed": "no result"}
    them = outcome(kanhe=[streams(100.0), failed])
    assert report.median(them, "kanhe", report.STREAMS) == 100.0


def test_a_gateway_that_never_ran_is_told_as_failed_and_meets_no_target(report):
    text = report.tables(outcome(kanhe=[{"failed": "no result", "log": "/private/path"}]))
    assert "failed: no result" in text
    assert "| met" not in text
    assert "/private/path" not in text


def test_a_ratio_above_one_means_that_kanhe_is_better_both_ways(report):
    ours = streams(100.0) | {"rss_mib": 100}
    theirs = streams(50.0) | {"rss_mib": 400}
    text = report.tables(outcome(kanhe=[ours], litellm=[theirs]))
    ratios = text.partition("### How many times")[2].partition("### Targets")[0]
    assert row(ratios, "**200-chunk streams")[1] == "2×"
    assert row(ratios, "RSS")[1] == "4×"


def test_a_target_met_only_because_the_machine_is_fast_is_told(report):
    """120 streams meet 100; but the peer runs three times as fast as where the target was set."""
    text = report.tables(outcome(kanhe=[streams(120.0)], litellm=[streams(6.0)]))
    targets = text.partition("### Targets")[2]
    assert row(targets, "**200-chunk streams")[2:] == ["120", "met", "40, **missed**"]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"status": 200, "leak": True, "prefix_leak": True, "chars": 9}, "**passes**"),
        ({"status": 200, "leak": False, "prefix_leak": True}, "**first half passes**"),
        ({"status": 200, "leak": False, "chars": 0}, "nothing of this surface arrives"),
        ({"status": 200, "leak": False, "chars": 9}, "stopped"),
        ({"status": 200, "passed": True}, "**passes**"),
        ({"status": 446, "leak": True}, "stopped (446), **naming the phrase**"),
        ({"status": 400, "passed": False, "body": "no"}, "stopped (400)"),
        (
            {"status": 200, "passed": False, "body": "an internal error"},
            "an internal error is answered",
        ),
    ],
)
def test_a_surface_is_told_by_what_the_client_received(report, found, told):
    them = outcome(nemo=[streams(1.0)])
    them["checks"]["nemo"]["surface"] = {"prompt": found}
    assert row(report.tables(them), "prompt |")[1] == told


def test_a_leak_is_bold_and_counts_what_followed(report):
    them = outcome(nemo=[streams(1.0)])
    leak = {"status": 200, "banned_delivered": 5, "banned_len": 5, "chars_after_banned": 268}
    held = {"status": 200, "banned_delivered": 0, "banned_len": 5, "chars_after_banned": 0}
    them["checks"]["nemo"]["leak"] = {"leak": {"clean": held, "one": leak, "split2": held}}
    text = report.tables(them)
    assert row(text, "one |")[1] == "**5/5 + 268**"
    assert row(text, "split2 |")[1] == "0/5"


def test_prose_around_the_markers_survives_a_rewrite(report, tmp_path):
    document = tmp_path / "benchmarks.md"
    document.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
    report.write(document, "new")
    report.write(document, "newer")
    assert document.read_text(encoding="utf-8") == (
        f"before\n{report.BEGIN}\n\nnewer\n\n{report.END}\nafter\n"
    )


def test_a_document_without_markers_is_left_alone(report, tmp_path):
    document = tmp_path / "benchmarks.md"
    document.write_text("prose only\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no markers"):
        report.write(document, "new")
    assert document.read_text(encoding="utf-8") == "prose only\n"
