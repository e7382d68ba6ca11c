"""Who a judge's model is: by what its server lists, or by the file of its weights."""

import hashlib

import pytest

from judges import Serving
from kanhe.adapters.judge_identity import ask_models, hash_weights
from kanhe.adapters.judge_server import Known
from kanhe.adapters.upstream import Timeouts, Upstream
from kanhe.errors import JudgeBusy, JudgeError, JudgeLate
from upstream import Scripted, on_loop, refusing_url

VLLM = {"id": "Qwen/Qwen3Guard-Gen-4B", "object": "model", "created": 1_750_000_000,
        "owned_by": "vllm", "root": "/models/q", "parent": None, "max_model_len": 32768,
        "permission": [{"id": "modelperm-9", "created": 1_750_000_000}]}  # fmt: skip
# As the server of llama.cpp sent it to a probe.
META = {"vocab_type": 2, "n_vocab": 49152, "n_ctx": 2048, "n_ctx_train": 8192, "n_embd": 576,
        "n_params": 134_515_008, "size": 96_576_768, "ftype": "Q4_1"}  # fmt: skip
LLAMA = {"id": "smollm2", "aliases": ["smollm2"], "tags": [], "object": "model",
         "created": 1_795_333_357, "owned_by": "llamacpp", "meta": META}  # fmt: skip


async def asked(listed, wanted="", status=200):
    body = listed if isinstance(listed, bytes) else {"object": "list", "data": listed}
    async with Serving(lambda *_: (status, body)) as server:
        return await ask_models(Upstream("guard", server.url), wanted)


@on_loop
async def test_what_a_server_says_is_kept_but_for_what_changes_at_each_start():
    first = await asked([VLLM])
    assert first.model == "Qwen/Qwen3Guard-Gen-4B"
    assert first.told["max_model_len"] == 32768
    again = await asked([VLLM | {"created": 1, "permission": []}])
    assert again == first
    other = await asked([VLLM | {"max_model_len": 4096}])
    assert other != first
    assert not first.weights


@on_loop
async def test_the_size_that_llama_cpp_tells_is_kept():
    found = await asked([LLAMA])
    assert found.told["meta.n_params"] == 134_515_008
    assert found.told["meta.ftype"] == "Q4_1"
    assert found == await asked([{**LLAMA, "created": 5}])


@on_loop
async def test_a_model_that_is_named_need_not_be_listed():
    assert (await asked([VLLM, LLAMA], "smollm2")).told["owned_by"] == "llamacpp"
    assert await asked([VLLM, LLAMA], "alias") == Known("alias", {"id": None})
    assert await asked(b"", "named", status=404) == Known("named")


@pytest.mark.parametrize(
    ("listed", "status", "what"),
    [
        ([VLLM, LLAMA], 200, "lists 2 models"),
        ([], 200, "lists 0 models"),
        (b"", 404, "lists no models"),
        (b"", 401, "status 401"),
        (b"", 302, "status 302"),
        (b"<html>", 200, "no list of models"),
        (b'{"data": 3}', 200, "no list of models"),
    ],
)
@on_loop
async def test_what_is_not_said_is_not_guessed(listed, status, what):
    with pytest.raises(JudgeError, match=what) as caught:
        await asked(listed, status=status)
    assert caught.value.advice


@on_loop
async def test_a_server_that_is_not_there_is_busy_and_one_that_hangs_is_late():
    with pytest.raises(JudgeBusy, match="Connection refused"):
        await ask_models(Upstream("guard", refusing_url()), "")
    async with Scripted("hangs_before_headers") as server:
        slow = Upstream("guard", server.url, timeouts=Timeouts(1.0, 0.05, 1.0))
        with pytest.raises(JudgeLate):
            await ask_models(slow, "")


@on_loop
async def test_weights_are_known_by_their_hash(tmp_path):
    file = tmp_path / "guard.gguf"
    file.write_bytes(b"GGUF planted")
    found = await hash_weights(file, "m")
    assert found.weights == hashlib.sha256(b"GGUF planted").hexdigest()
    assert found.told["runtime"].startswith("xllamacpp ")
    with pytest.raises(JudgeError, match="cannot be read"):
        await hash_weights(tmp_path / "none", "m")
