"""Runs in an environment that has inspect_ai: asks an exported bank of Inspect's mock model.

    python inspect_driver.py FOLDER TASK REPLIES.json LOGS eval|json

The mock says the replies round and round, each with a usage: without one Inspect counts tokens by a
vocabulary that it would have to download.
"""

import itertools
import json
import sys
from pathlib import Path

from inspect_ai import eval as run
from inspect_ai.model import ModelOutput, ModelUsage, get_model


def outputs(replies):
    for reply in itertools.cycle(replies):
        said = ModelOutput.from_content("mockllm/model", reply)
        said.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        yield said


def mock(replies):
    return get_model("mockllm/model", custom_outputs=outputs(replies), memoize=False)


folder, task, replies, logs, form = sys.argv[1:]
said, letters = json.loads(Path(replies).read_text(encoding="utf-8"))
(log,) = run(
    f"{folder}/task.py@{task}", model=mock(said), model_roles={"grader": mock(letters)},
    task_args={"grade": True}, log_dir=logs, log_format=form, display="none", max_connections=1,
)  # fmt: skip
print(json.dumps([log.status, log.location]))
