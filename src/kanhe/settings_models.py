"""The models in the settings: tables of the file, or one from the command line or environment.

A key may stand in the file, in a variable of its own, or in a file of its own; in one of them only.
It is read here, once, and has no printable form afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kanhe.errors import SettingFault, SettingsError
from kanhe.settings_source import (
    Given,
    base_url,
    known,
    path,
    read_record,
    seconds,
    secret,
    text,
    told,
    whole,
)
from kanhe.terms import Secret

_FILE = "the settings file"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """One model and the server that holds it."""

    name: str = field(metadata=told("What callers ask for.", text))
    base_url: str = field(
        metadata=told("Where its API begins, e.g. http://127.0.0.1:8000/v1.", base_url)
    )
    upstream_model: str = field(
        default="", metadata=told("Its name at the server; empty: the same name.", text)
    )
    api_key: Secret | None = field(
        default=None, metadata=told("The server's key; better one of the next two.", secret)
    )
    api_key_env: str = field(
        default="", metadata=told("The environment variable that holds the server's key.", text)
    )
    api_key_file: Path | None = field(
        default=None, metadata=told("The file that holds the server's key.", path)
    )
    connect_s: float = field(
        default=5.0, metadata=told("Seconds to wait for a connection.", seconds)
    )
    first_byte_s: float = field(
        default=120.0,
        metadata=told("Seconds to wait for the beginning of an answer, or for a whole one that is "
                      "not streamed.", seconds),
    )  # fmt: skip
    idle_s: float = field(
        default=60.0, metadata=told("Longest silence inside an answer, in seconds.", seconds)
    )
    retries: int = field(
        default=2, metadata=told("Further tries before the first byte.", whole(0, 10))
    )
    most_calls: int = field(
        default=4096,
        metadata=told("Calls open at once; the next is refused.", whole(1, 100_000)),
    )


def read_models(
    written: object,
    given: Mapping[str, Given],
    environ: Mapping[str, str],
    faults: list[SettingFault],
) -> tuple[ModelSettings, ...]:
    """Read the models: the one that `given` describes, else those `written` in the file.

    Args:
        written: What stands under `models` in the file; None if nothing does.
        given: Options and variables; `upstream`, `model`, `upstream_key` are looked at.
        environ: Where `api_key_env` finds keys.
        faults: Gains what is wrong.
    """
    reading = _Models(environ, faults)
    tables = reading.shorthand(given) or written or []
    if not isinstance(tables, list):
        where = tables.where if isinstance(tables, Given) else _FILE
        reading.fault(where, "models", "this is no list of tables", "Write [[models]] above each.")
        return ()
    found = [reading.model(table, f"models[{n}].") for n, table in enumerate(tables)]
    models = tuple(model for model in found if model)
    names = [model.name for model in models]
    for name in sorted({name for name in names if names.count(name) > 1}):
        what = f"there are several models named {name!r}"
        reading.fault(_FILE, "models", what, "Give each a name of its own.")
    return models


@dataclass(frozen=True, slots=True)
class _Models:
    environ: Mapping[str, str]
    faults: list[SettingFault]

    def fault(self, where: str, setting: str, what: str, advice: str) -> None:
        self.faults.append(SettingFault(where, setting, what, advice))

    def shorthand(self, given: Mapping[str, Given]) -> list[dict[str, Given]]:
        """Give the model that `--upstream` and its fellows describe."""
        url, name, key = (given.get(part) for part in ("upstream", "model", "upstream_key"))
        if url and name:
            table = {"name": name, "base_url": url}
            return [table | {"api_key": key} if key else table]
        if url:
            self.fault(url.where, "upstream", "it is not said which model is there",
                       "Give --model NAME, or KANHE_MODEL.")  # fmt: skip
        elif here := name or key:
            self.fault(here.where, "model" if name else "upstream_key", "there is no upstream to "
                       "which this belongs", "Give --upstream URL, or KANHE_UPSTREAM.")  # fmt: skip
        return []

    def model(self, table: object, prefix: str) -> ModelSettings | None:
        if not isinstance(table, dict):
            self.fault(_FILE, prefix, "this is no table", "Write [[models]].")
            return None
        given = known(table, [one.name for one in fields(ModelSettings)], prefix, self.faults)
        before = len(self.faults)
        found = read_record(ModelSettings, given, self.faults, prefix)
        where = next((one.where for one in given.values()), _FILE)
        for needed in ("name", "base_url"):
            if needed not in given:
                self.fault(where, prefix + needed, "it is missing", f'Write {needed} = "…".')
        self.key(given, found, prefix)
        if len(self.faults) > before:
            return None
        return ModelSettings(**{"upstream_model": found["name"]} | found)

    def key(self, given: Mapping[str, Given], found: dict[str, Any], prefix: str) -> None:
        """Read the key from where the model's settings say that it is."""
        ways = [way for way in ("api_key", "api_key_env", "api_key_file") if way in found]
        if not ways or ways == ["api_key"]:
            return
        here = given[ways[-1]]
        if len(ways) > 1:
            what = f"both {' and '.join(ways)} are given"
            self.fault(here.where, prefix + ways[-1], what, "Keep one of them.")
            return
        try:
            if ways == ["api_key_env"]:
                raw = self.environ.get(found["api_key_env"], "")
                if not raw:
                    what = f"the variable {found['api_key_env']} is not set, or is empty"
                    self.fault(here.where, prefix + ways[0], what, "Set it before the start.")
                    return
            else:
                raw = found["api_key_file"].read_text()
            found["api_key"] = secret(Given(raw, here.where, here.folder))
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            self.fault(here.where, prefix + ways[0], f"the key cannot be read: {why}",
                       "Check the path, and that the service's user may read it.")  # fmt: skip
        except SettingsError as error:
            self.fault(here.where, prefix + ways[0], str(error), error.advice)
