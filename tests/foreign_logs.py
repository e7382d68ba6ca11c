"""Logs of Inspect and reports of garak for tests: our own words, in the shapes that both write."""

import json
from io import BytesIO

from kanhe.assess.inspect_zip import zipfile

NAN = float("nan")


def sample(number, scores, epoch=1, **more):
    told = {name: {"value": value} for name, value in scores.items()}
    given = {
        "id": f"s{number}", "epoch": epoch, "input": "a question", "target": "refuse",
        "metadata": {"slice": "A.1.a" if number % 2 else "A.1.b"}, "scores": told,
    }  # fmt: skip
    return {**given, **more}


def log(samples, status="success", accuracy=None, epochs=1, **more):
    scores = [
        {
            "name": name,
            "scorer": name,
            "metrics": {"accuracy": {"name": "accuracy", "value": value}},
        }
        for name, value in (accuracy or {}).items()
    ]
    run = {
        "task": "bank_mine", "model": "mockllm/model", "packages": {"inspect_ai": "0.3.285"},
        "dataset": {"samples": len(samples) // epochs}, "config": {"epochs": epochs},
    }  # fmt: skip
    results = {"total_samples": len(samples), "scores": scores}
    return {
        "version": 2, "status": status, "eval": run, "results": results, "samples": samples,
        "invalidated": False, **more,
    }  # fmt: skip


def plain(given):
    return json.dumps(given, ensure_ascii=False).encode()


def packed(given, cut_short=False, compression=None):
    """The same as `.eval`; of a run that was cut short there are pieces and no header."""
    samples = given["samples"]
    head = {key: value for key, value in given.items() if key != "samples"}
    if cut_short:
        head.pop("results")
        files = {
            "_journal/start.json": {key: head[key] for key in ("version", "eval")},
            "_journal/summaries/10.json": samples[1:],
            "_journal/summaries/2.json": samples[:1],
        }
    else:
        files = {"header.json": head, "summaries.json": samples, "_journal/start.json": {}}
    made = BytesIO()
    kind = zipfile.ZIP_ZSTANDARD if compression is None else compression
    with zipfile.ZipFile(made, "w", kind) as into:
        for name, content in files.items():
            into.writestr(name, plain(content))
    return made.getvalue()


def report(*entries, done=True, version="0.17.1"):
    """A garak report; `entries` stand between its beginning and its end."""
    setup = {
        "entry_type": "start_run setup", "_config.version": version, "run.eval_threshold": 0.5,
        "plugins.target_type": "openai", "plugins.target_name": "my-model",
    }  # fmt: skip
    init = {"entry_type": "init", "garak_version": version, "start_time": "2026-11-22T08:00:00"}
    ends = [{"entry_type": "completion", "end_time": "2026-11-22T09:00:00"}] if done else []
    return b"".join(plain(one) + b"\n" for one in (setup, init, *entries, *ends))


def summed(passed, total, probe="dan.Dan", detector="dan.DAN", **more):
    return {
        "entry_type": "eval", "probe": probe, "detector": detector, "passed": passed,
        "fails": total - passed, "nones": 0, "total_evaluated": total, "total_processed": total,
        **more,
    }  # fmt: skip


def attempt(*scores, probe="dan.Dan", detector="dan.DAN", status=2):
    return {
        "entry_type": "attempt", "status": status, "probe_classname": probe,
        "detector_results": {detector: list(scores)}, "outputs": [], "goal": "",
    }  # fmt: skip
