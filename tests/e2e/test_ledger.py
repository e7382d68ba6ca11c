"""The ledger after real traffic: proved by the command, by tools that are not ours, and silent.

Over HTTP it is read by the text of the specifications alone (C2SP tlog-tiles, signed-note), its
tree built by `pymerkle`, its signature checked by `cryptography`.
"""

from __future__ import annotations

import base64
import json
import urllib.error

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InmemoryTree
from scripted import said, whole
from served import KEY, Served, kanhe, until

PROMPT = "my planted question about heron-rookery-77"
ANSWER = "a planted answer about otter-holt-88"
USER = "planted-user-99@example.org"
SECRETS = (
    PROMPT, "heron-rookery", ANSWER, "otter-holt", USER, "planted-user", KEY,
    "蓝色独角兽", "kumquat",
)  # fmt: skip
REQUESTS = 150
BUNDLE = 256


@pytest.fixture(scope="module")
def gateway(upstream, tmp_path_factory):
    """A gateway that has served enough for more than one bundle of entries."""
    served = Served(tmp_path_factory.mktemp("ledger"), upstream=upstream)
    for number in range(REQUESTS):
        upstream.stream, upstream.answer = said(ANSWER[:9], ANSWER[9:]), whole(ANSWER)
        status, _, _ = served.chat(PROMPT, {"X-Kanhe-User": USER}, stream=number % 2 == 0)
        assert status == 200
    served.chat("tell me of the forbidden kumquat", user=USER)
    upstream.stream = said("Sure: ", "蓝色独", "角兽")
    served.chat(PROMPT, stream=True, user=USER)
    size = 2 * REQUESTS + 5
    until(lambda: checkpoint(served)[1] >= size, "all entries are published")
    yield served
    served.stop()


def checkpoint(served):
    """(signed text, size, root, signature lines) by the text of C2SP tlog-checkpoint."""
    text, _, signatures = served.get("/ledger/checkpoint").decode().rpartition("\n\n")
    _, size, root = text.split("\n")
    return f"{text}\n", int(size), base64.b64decode(root), signatures.splitlines()


def tiles(served, kind, size):
    """The bytes of one level of tiles: full ones, then the partial one."""
    full, rest = divmod(size, BUNDLE)
    names = [f"{n:03d}" for n in range(full)] + ([f"{full:03d}.p/{rest}"] if rest else [])
    return b"".join(served.get(f"/ledger/tile/{kind}/{name}") for name in names)


def entries(served, size):
    """C2SP tlog-tiles, "Log entries": big-endian uint16 length, then the entry."""
    data = tiles(served, "entries", size)
    while data:
        length = int.from_bytes(data[:2], "big")
        yield data[2 : 2 + length]
        data = data[2 + length :]


def theirs(served, size):
    tree = InmemoryTree(algorithm="sha256")
    for raw in entries(served, size):
        tree.append_entry(raw)
    return tree


@pytest.mark.obligation("cn-im-19-1")
def test_over_http_a_stranger_builds_the_tree_that_was_signed(gateway):
    text, size, root, (line,) = checkpoint(gateway)
    assert size > BUNDLE
    tree = theirs(gateway, size)
    assert tree.get_size() == size
    assert tree.get_root() == root
    leaves = tiles(gateway, "0", size)
    assert leaves == b"".join(tree.get_leaf(n + 1) for n in range(size))

    name, _, encoded = (gateway.data / "ledger/verifier.key").read_text().strip().split("+", 2)
    dash, signer, signature = line.split(" ")
    assert (dash, signer) == ("—", name)
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)[1:])
    public.verify(base64.b64decode(signature)[4:], text.encode())
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(signature)[4:], text.replace("\n", "\n1", 1).encode())


def test_a_later_checkpoint_extends_an_earlier_one(gateway, upstream):
    _, before, past, _ = checkpoint(gateway)
    upstream.say("more")
    gateway.chat()
    _, size, root, _ = until(
        lambda: (found := checkpoint(gateway))[1] > before and found, "the log has grown"
    )
    tree = theirs(gateway, size)
    tree.prove_consistency(before, size).verify(past, root)


def test_only_the_logs_own_files_are_served(gateway):
    for path in (
        "verifier.key", "lock", "journal/00000000000000000000", "tile/../lock",
        "../keys/ledger.key", "tile/0/%2e%2e/%2e%2e/lock", "tile/entries/000.p/999", "tile/0/0", "",
    ):  # fmt: skip
        with pytest.raises(urllib.error.HTTPError) as missing:
            gateway.get(f"/ledger/{path}")
        with missing.value:
            assert missing.value.code == 404


def test_the_command_verifies_shows_and_proves(gateway, tmp_path):
    ledger = gateway.data / "ledger"
    code, report = gateway.verify()
    assert (code, "are as signed" in report) == (0, True)
    shown = kanhe("ledger", "show", "--dir", ledger, "--tag", "gateway:answer:stopped")
    assert shown.stdout.count("rule=unicorn") == 1
    proof, public = tmp_path / "proof", tmp_path / "provider.key"
    proof.write_text(kanhe("ledger", "prove", 42, "--dir", ledger).stdout)
    public.write_bytes((ledger / "verifier.key").read_bytes())
    # With the page of text and the key alone: no ledger here.
    checked = kanhe("ledger", "prove", "--check", proof, "--key", public, cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert "is entry 42 of" in checked.stdout

    head, extra, rest = proof.read_text().partition("extra ")
    forged = base64.b64encode(base64.b64decode(rest.split("\n")[0]).replace(b"gateway", b"gatevay"))
    proof.write_text(head + extra + forged.decode() + rest[rest.index("\n") :])
    checked = kanhe("ledger", "prove", "--check", proof, "--key", public, cwd=tmp_path)
    assert checked.returncode == 1


@pytest.mark.obligation("cn-ds-10-1")
@pytest.mark.obligation("eu-aia-12-1")
def test_every_exchange_has_its_beginning_before_its_one_end(gateway):
    found = gateway.entries("gateway:*")
    begun = [e["decision"] for e in found if e["tag"] == "gateway:answer:begun"]
    ended = [e["decision"] for e in found if e["tag"] in END]
    assert len(begun) == len(set(begun)) >= REQUESTS
    assert sorted(begun) == sorted(ended)
    order = {e["decision"]: n for n, e in enumerate(found) if e["tag"] == "gateway:answer:begun"}
    assert all(order[e["decision"]] < n for n, e in enumerate(found) if e["tag"] in END)


END = {f"gateway:answer:{how}" for how in ("released", "stopped", "failed", "abandoned")}


@pytest.mark.obligation("cn-im-11-1")
def test_equal_prompts_have_unlike_commitments_and_one_user_one_pseudonym(gateway):
    begun = gateway.entries("gateway:answer:begun")
    assert len({e["prompt"] for e in begun}) == len(begun)
    assert len({e["user"] for e in begun if "user" in e}) == 1


@pytest.mark.obligation("cn-im-11-1")
@pytest.mark.obligation("cn-pipl-6-1")
@pytest.mark.parametrize("where", ["ledger", ".", "../log"])
def test_no_text_key_or_user_stands_in_the_ledger_the_data_or_the_log(gateway, where):
    place = gateway.data / where
    found = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
    # The cache holds the operator's own rules, compiled, and nothing of any caller.
    files = [path for path in found if path.parent.name != "cache"]
    assert files
    for path in files:
        data = path.read_bytes()
        for secret in SECRETS:
            for form in forms(secret):
                assert form not in data, (path, secret)


def forms(secret):
    """The spellings in which a text could stand in a file."""
    plain, escaped = secret.encode(), json.dumps(secret)[1:-1].encode()
    return plain, escaped, secret.encode("utf-16-le"), base64.b64encode(plain)[:-4]
