"""What README and tutorial tell a newcomer to type, typed: it does what they say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import pytest
from served import KANHE, ROOT, Served, content, environment, kanhe, until

from needs import absent

PORT = "127.0.0.1:8080"


@pytest.fixture(scope="module")
def home(upstream, tmp_path_factory):
    """A folder in which a gateway runs as the README starts it, with its default data."""
    place = tmp_path_factory.mktemp("newcomer")
    model = f'[[models]]\nname = "smollm2-135m"\nbase_url = "{upstream.url}"\n'
    served = Served(place, "--ruleset", "baseline", config=model, data=place / "kanhe-data")
    yield served
    served.stop()


@pytest.fixture(scope="module")
def key(home):
    """The key of the README's application."""
    return run(home, "app", "add", "demo").stdout.strip()


def run(home, *arguments):
    """A command in the newcomer's folder, as written there: nothing says where the data is."""
    return kanhe(*arguments, cwd=home.directory)


def snippets(page, language=""):
    """The code of a page's blocks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def typed(home, command, key):
    """A shell command of the docs, its address and path to our own."""
    if shutil.which("curl") is None:
        absent("no curl", "Install curl.")
    command = command.replace(PORT, f"127.0.0.1:{home.port}").replace(".venv/bin/kanhe", str(KANHE))
    done = subprocess.run(  # noqa: S602 # the point: what the page says
        command,
        shell=True,
        capture_output=True,
        cwd=home.directory,
        env=environment(KANHE_KEY=key),
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md"])
def test_the_first_stream_arrives(home, key, upstream, page):
    upstream.say("The sea is ", "wide.")
    curl = next(code for code in snippets(page) if "curl -N" in code and "export" not in code)
    assert content(typed(home, curl, key)).startswith("The sea is wide.")


def test_the_readmes_program_runs(home, key, upstream):
    upstream.say("The sea is ", "wide.")
    (program,) = (code for code in snippets("README.md", "python") if "OpenAI(" in code)
    program = program.replace(PORT, f"127.0.0.1:{home.port}")
    for said, shown in ((("The sea is ", "wide."), "wide."), (("气枪现货", "包邮"), "(stopped)")):
        upstream.say(*said)
        done = subprocess.run(  # noqa: S603 # the point: what the page says
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            env=environment(KANHE_KEY=key),
            timeout=60,
            check=True,
        )
        assert shown in done.stdout


def test_the_tutorials_request_is_stopped_before_a_model_is_asked(home, key, upstream):
    before = len(upstream.visits)
    curl = next(code for code in snippets("docs/tutorial.md") if "pipe bomb" in code)
    answer = json.loads(typed(home, curl, key))
    assert answer["choices"][0]["finish_reason"] == "content_filter"
    assert answer["kanhe"]["category"] == "A.1.f"
    assert answer["kanhe"]["decision"] in answer["choices"][0]["message"]["content"]
    assert len(upstream.visits) == before
    explain = next(code for code in snippets("docs/tutorial.md") if "rules explain" in code)
    assert "weapons" in typed(home, explain, key).decode()


def test_the_tutorials_rule_checks_and_tests_itself(home, key):
    (rule,) = snippets("docs/how-to/write-a-rule.md", "yaml")
    (home.directory / "library.yaml").write_text(rule, encoding="utf-8")
    commands = next(code for code in snippets("docs/tutorial.md") if "rules check" in code)
    typed(home, commands, key)
    explained = run(home, "rules", "explain", "伪 造 借 书 章", "--ruleset", "library.yaml")
    assert "stamp-forgery" in explained.stdout
    bad = rule.replace("action: block", "action: blocc")
    (home.directory / "bad.yaml").write_text(bad, encoding="utf-8")
    checked = run(home, "rules", "check", "bad.yaml")
    assert checked.returncode == 1
    assert re.search(r"bad\.yaml:\d+: rule stamp-forgery: .*blocc", checked.stderr + checked.stdout)


def test_the_ledger_verifies_and_a_forged_copy_does_not(home, key, upstream):
    upstream.say("hello")
    home.chat(model="smollm2-135m")
    until(lambda: list((home.data / "ledger/tile/entries").rglob("*")), "something is published")
    assert run(home, "ledger", "tail").stdout.count("gateway:")
    assert run(home, "ledger", "verify").returncode == 0
    copy = home.directory / "forged"
    shutil.copytree(home.data / "ledger", copy)
    bundles = [path for path in (copy / "tile/entries").rglob("*") if path.is_file()]
    bundle = max(bundles, key=lambda path: path.stat().st_size)
    bundle.write_bytes(bundle.read_bytes().replace(b"operator", b"operatox", 1))
    forged = run(home, "ledger", "verify", "forged")
    assert forged.returncode == 1
    assert "entry 0" in forged.stderr


def test_there_is_no_service_without_a_key_or_with_a_wrong_or_a_revoked_one(home, upstream):
    upstream.say("hello")
    body = {"model": "smollm2-135m", "messages": [{"role": "user", "content": "hello"}]}

    def status(headers, key="none"):
        got, _, answer = home.post("/v1/chat/completions", body, headers, key=key)
        code = json.loads(answer).get("error", {}).get("code")
        assert (got == 401) == (code == "invalid_api_key")
        return got

    assert status({"Authorization": ""}) == 401
    assert status({"Authorization": "Basic a2FuaGU6a2FuaGU="}) == 401
    assert status({}, key="wrong") == 401
    added = run(home, "app", "add", "shop")
    assert "Keep it now" in added.stderr
    shop = added.stdout.strip()
    until(lambda: status({}, key=shop) == 200, "the new key is known")
    assert shop not in (home.data / "apps.json").read_text()
    assert "shop" in run(home, "app", "list").stdout
    assert run(home, "app", "add", "shop").returncode == 1
    assert run(home, "app", "revoke", "shop").returncode == 0
    until(lambda: status({}, key=shop) == 401, "the revoked key is worth nothing")
    for path in ("/v1/models", "/v1/models/smollm2-135m"):
        assert home.asked(path)[0] == 401


def test_the_health_of_the_service_needs_no_key_and_says_nothing_secret(home, key):
    ready = json.loads(home.get("/readyz"))
    assert ready["status"] == "ready"
    for path in ("/healthz", "/readyz", "/metrics"):
        assert key not in home.get(path).decode()
        assert "127.0.0.1" not in home.get(path).decode()
    assert home.asked("/admin/rules/reload")[0] in {404, 405}


def test_three_violations_in_a_row_suspend_a_user_and_nobody_else(home, key, upstream):
    upstream.say("hello")

    def ask(user, text):
        status, _, body = home.post("/v1/chat/completions", {
            "model": "smollm2-135m", "user": user, "messages": [{"role": "user", "content": text}],
        }, key=key)  # fmt: skip
        return status, json.loads(body)

    for _ in range(3):
        assert ask("mallory", "tell me of the forbidden kumquat")[0] == 200
    status, told = ask("mallory", "hello")
    assert (status, told["error"]["code"]) == (403, "user_suspended")
    assert told["kanhe"]["until"] in told["error"]["message"]
    assert ask("alice", "hello")[0] == 200
    (entry, *_) = home.entries("gateway:user:refused")
    assert "mallory" not in json.dumps(entry)
