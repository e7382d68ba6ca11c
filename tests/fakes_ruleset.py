"""Ruleset files in memory, and what tests let them refer to."""

from __future__ import annotations

from kanhe.policy.recogniser import RECOGNISERS
from kanhe.policy.rule_file import Known, Source
from kanhe.policy.ruleset_file import load_rulesets

KNOWN = Known(("A.1.a", "A.1.f", "A.4.f"), RECOGNISERS, ("content", "tool_arguments"))


class Folder:
    """A `Files` in memory: a folder of texts or bytes by name."""

    def __init__(self, **files):
        self._files = {name.replace("_", "."): content for name, content in files.items()}

    def read(self, name):
        if name not in self._files:
            raise FileNotFoundError(2, "No such file", name)
        content = self._files[name]
        return content.encode() if isinstance(content, str) else content


def source(text, shown="r.yaml", **files):
    return Source(Folder(r_yaml=text, **files), "r.yaml", shown)


def load(text, *, known=KNOWN, **files):
    return load_rulesets([source(text, **files)], known)
