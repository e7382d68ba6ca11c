"""The settings: read once, checked whole, all faults told at once.

The command line wins over the environment, the environment over the file, the file over the
defaults. The file is the one named with --config or KANHE_CONFIG, else ./kanhe.toml if it is there.
Nothing else reads the environment. Refused: unknown keys, variables that nearly bear the name of a
setting, values out of their range. Keys of applications do not stand in a file: they are made with
`kanhe app add` and kept as hashes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeAlias

from kanhe.errors import FaultySettings, SettingFault
from kanhe.settings_console import ConsoleSettings, OidcSettings, check_oidc
from kanhe.settings_judges import EMBEDDED, JudgeSettings, default_judge, read_judges
from kanhe.settings_models import ModelSettings, read_models
from kanhe.settings_source import (
    BASELINE,
    Given,
    from_toml,
    header,
    known,
    many,
    meant,
    path,
    printable,
    read_record,
    ruleset,
    seconds,
    secret,
    switch,
    text,
    told,
    whole,
    word,
)
from kanhe.settings_webhooks import WebhookSettings, read_webhooks
from kanhe.terms import Secret

Place: TypeAlias = Literal["prefix", "suffix", "header"]
"""Where an answer says that it was generated; `header`: not in the text."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may use."""

    body_bytes: int = field(
        default=4 << 20,
        metadata=told("Bytes of a request.", whole(1024, 1 << 30), "KANHE_LIMITS_BODY_BYTES"),
    )
    turns: int = field(
        default=400,
        metadata=told("Messages of a request.", whole(1, 100_000), "KANHE_LIMITS_TURNS"),
    )
    request_s: float = field(
        default=30.0,
        metadata=told("Seconds in which a request has to arrive whole.", seconds,
                      "KANHE_LIMITS_REQUEST_S"),
    )  # fmt: skip
    answer_s: float = field(
        default=600.0,
        metadata=told("Seconds that an answer may last.", seconds, "KANHE_LIMITS_ANSWER_S"),
    )
    idle_s: float = field(
        default=60.0,
        metadata=told("Seconds in which neither side moves before an answer is cut.", seconds,
                      "KANHE_LIMITS_IDLE_S"),
    )  # fmt: skip
    event_bytes: int = field(
        default=1 << 20,
        metadata=told("Bytes of one event of a stream.", whole(1024, 1 << 28),
                      "KANHE_LIMITS_EVENT_BYTES"),
    )  # fmt: skip
    streams: int = field(
        default=5000,
        metadata=told("Requests served at once.", whole(1, 1_000_000), "KANHE_LIMITS_STREAMS"),
    )


_LIMITS, _CONSOLE, _OIDC = Limits(), ConsoleSettings(), OidcSettings()


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may set: on the command line, in the environment, in `kanhe.toml`."""

    data: Path = field(
        default=Path("kanhe-data"),
        metadata=told("Where ledger, keys, applications and caches are kept.", path, "KANHE_DATA"),
    )
    host: str = field(
        default="127.0.0.1", metadata=told("The address it listens on.", text, "KANHE_HOST")
    )
    port: int = field(
        default=8080,
        metadata=told("The port; 0 takes a free one.", whole(0, 65_535), "KANHE_PORT"),
    )
    rulesets: tuple[Path | str, ...] = field(
        default=(BASELINE,),
        metadata=told(
            "Files of the rulesets in force, in their order; the words `baseline` (characters) and "
            "`meaning` (judges) are those that are shipped.", many(ruleset), "KANHE_RULESETS"),
    )  # fmt: skip
    release: Literal["at-once", "second-person"] = field(
        default="at-once",
        metadata=told("Changed rules come into force at once, or when a second person has released "
                      "them in the console.", word("at-once", "second-person"), "KANHE_RELEASE"),
    )  # fmt: skip
    models: tuple[ModelSettings, ...] = field(
        default=(),
        metadata={"help": "The models; none: the embedded one. The variables (or --upstream URL "
                          "--model NAME) describe one model and replace the file's.",
                  "env": "KANHE_UPSTREAM, KANHE_MODEL, KANHE_UPSTREAM_KEY"},
    )  # fmt: skip
    default_model: str | None = field(
        default=None,
        metadata=told("Used where a request names no model; else the first.", text,
                      "KANHE_DEFAULT_MODEL"),
    )  # fmt: skip
    judge: str = field(
        default=EMBEDDED,
        metadata=told("The judge that rules mean by `default`: `embedded`, or a name under "
                      "`judges`. As variable or option also TEMPLATE=URL#MODEL, which describes "
                      "one, e.g. qwen3guard=http://127.0.0.1:8000/v1.", default_judge,
                      "KANHE_JUDGE"),
    )  # fmt: skip
    judges: tuple[JudgeSettings, ...] = field(
        default=(),
        metadata={"help": "Judges besides the embedded one; the variables may add one more.",
                  "env": "KANHE_JUDGE, KANHE_JUDGE_KEY"},
    )  # fmt: skip
    regime: str = field(
        default="cn-genai", metadata=told("Whose law is data here.", text, "KANHE_REGIME")
    )
    language: Literal["auto", "zh", "en"] = field(
        default="auto",
        metadata=told("Language of notices; `auto` follows the request.",
                      word("auto", "zh", "en"), "KANHE_LANGUAGE"),
    )  # fmt: skip
    blocked_prompt: Literal["reply", "error"] = field(
        default="reply",
        metadata=told("A blocked prompt gets a prepared reply with status 200, or an error 400.",
                      word("reply", "error"), "KANHE_BLOCKED_PROMPT"),
    )  # fmt: skip
    unknown_fields: Literal["hold", "refuse"] = field(
        default="hold",
        metadata=told("Text in a field nobody knows is held back, or ends the exchange.",
                      word("hold", "refuse"), "KANHE_UNKNOWN_FIELDS"),
    )  # fmt: skip
    label: Place | None = field(
        default=None,
        metadata=told("Where an answer says that it was generated: prefix, suffix, header; not "
                      "set: as the regime says.", word("prefix", "suffix", "header"),
                      "KANHE_LABEL"),
    )  # fmt: skip
    producer: str = field(
        default="unregistered",
        metadata=told("ContentProducer of the implicit label: the provider's code.", printable,
                      "KANHE_PRODUCER"),
    )  # fmt: skip
    object_to: str = field(
        default="",
        metadata=told("Where a user can object: an address; empty: the service's operator.", text,
                      "KANHE_OBJECT_TO"),
    )  # fmt: skip
    user_header: str = field(
        default="x-kanhe-user",
        metadata=told("Header that names the end user where `user` does not.", header,
                      "KANHE_USER_HEADER"),
    )  # fmt: skip
    strikes: bool = field(
        default=True,
        metadata=told("Whether repeated violations suspend an end user.", switch, "KANHE_STRIKES"),
    )
    ledger_name: str = field(
        default="kanhe.localhost/ledger",
        metadata=told("The name the ledger signs under, best with a domain of yours. It stays: set "
                      "it before the first start.", text, "KANHE_LEDGER_NAME"),
    )  # fmt: skip
    app_keys: tuple[Secret, ...] = field(
        default=(),
        metadata=told("Keys of applications, for tests; not in the file (`kanhe app add NAME`).",
                      many(secret), "KANHE_APP_KEYS"),
    )  # fmt: skip
    webhooks: tuple[WebhookSettings, ...] = field(
        default=(),
        metadata={"help": "Who is told of changes of the status, over HTTP (Standard Webhooks).",
                  "env": ""},
    )  # fmt: skip
    limits: Limits = field(default=_LIMITS, metadata={"help": "What one request may use."})
    console: ConsoleSettings = field(
        default=_CONSOLE, metadata={"help": "The pages for those who run the service."}
    )
    oidc: OidcSettings = field(
        default=_OIDC, metadata={"help": "An identity provider through which people sign in."}
    )


_KEYS = tuple(one.name for one in fields(Settings))
_TABLES: Mapping[str, type[Limits | ConsoleSettings | OidcSettings]] = {
    "limits": Limits, "console": ConsoleSettings, "oidc": OidcSettings,
}  # fmt: skip
_VARIABLES = {
    "KANHE_UPSTREAM": "upstream",
    "KANHE_MODEL": "model",
    "KANHE_UPSTREAM_KEY": "upstream_key",
    "KANHE_JUDGE_KEY": "judge_key",
    **{one.metadata["env"]: one.name for one in fields(Settings) if "read" in one.metadata},
    **{one.metadata["env"]: f"{table}.{one.name}" for table, record in _TABLES.items()
       for one in fields(record)},
}  # fmt: skip
_BASICS = ("data", "regime", "ledger_name", "language")
_OPTIONS = {"app_keys": "--app-key", "rulesets": "--ruleset"}


def read_settings(
    options: Mapping[str, object] | None = None,
    *,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Read the settings from everywhere.

    Args:
        options: The command line, by the name of the setting, and `upstream`, `model`; a value that
            is None or empty was not given.
        config: The settings file; else KANHE_CONFIG, else kanhe.toml where it exists.
        environ: The environment; that of the process if None.
        folder: What relative paths of options and variables begin in; the current one if None.

    Raises:
        FaultySettings: Something is wrong; it names all of it.
        SettingsError: The settings file cannot be read.
    """
    reading = _Reading(os.environ if environ is None else environ, folder or Path(), [])
    written = reading.file(config)
    models, webhooks = written.pop("models", None), written.pop("webhooks", None)
    judges = written.pop("judges", None)
    given = reading.flat(written) | reading.variables() | reading.options(options or {})
    found = read_record(Settings, given, reading.faults)
    for table, record in _TABLES.items():
        prefix = f"{table}."
        inner = {n.removeprefix(prefix): g for n, g in given.items() if n.startswith(prefix)}
        found[table] = record(**read_record(record, inner, reading.faults, prefix))
    found["models"] = read_models(models, given, reading.environ, reading.faults)
    found["judges"] = read_judges(judges, given, reading.environ, reading.faults)
    found["webhooks"] = read_webhooks(webhooks, reading.environ, reading.faults)
    reading.check_default(given, found["models"])
    check_oidc(found["oidc"], found["console"], reading.faults)
    keys = {one.api_key_env for one in (*found["models"], *found["judges"])}
    reading.refuse_near_misses(keys | {one.secret_env for one in found["webhooks"]})
    if reading.faults:
        raise FaultySettings(reading.faults)
    return Settings(**found)


def read_data(
    data: Path | None,
    *,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Path:
    """Read only where the data lies, for commands that must not fail for want of a model's key.

    Raises:
        FaultySettings: That setting, or the form of the file, is wrong.
        SettingsError: The settings file cannot be read.
    """
    reading = _Reading(os.environ if environ is None else environ, folder or Path(), [])
    return _read_few(("data",), reading, config, {"data": data}).data


def read_basics(
    data: Path | None = None, *, regime: str | None = None, config: Path | None = None
) -> Settings:
    """Read where the data lies, regime, ledger's name, language and the console's address only.

    Raises:
        FaultySettings: One of them, or the form of the file, is wrong.
        SettingsError: The settings file cannot be read.
    """
    reading = _Reading(os.environ, Path(), [])
    return _read_few(_BASICS, reading, config, {"data": data, "regime": regime})


def cache_folder(data: Path, environ: Mapping[str, str] | None = None) -> Path:
    """Give where a command may keep what it unpacks: with the data, if there are any.

    Else it is the user's own cache: to try a command leaves nothing in the folder one stands in.
    """
    found = os.environ if environ is None else environ
    home = Path(found.get("HOME", ""))
    given = Path(found.get("XDG_CACHE_HOME", ""))
    # As its specification has it: a relative path counts as none.
    user = given if given.is_absolute() else home / ".cache"
    return data / "cache" if data.is_dir() or not user.is_absolute() else user / "kanhe"


def _read_few(
    names: tuple[str, ...], reading: _Reading, config: Path | None, options: Mapping[str, object]
) -> Settings:
    written, faults = reading.file(config), list(reading.faults)
    given = {name: here for name in names if isinstance(here := written.get(name), Given)}
    given |= reading.variables() | reading.options(options)
    found = read_record(Settings, {name: given[name] for name in given if name in names}, faults)
    table = written.get("console")
    console = {"url": table["url"]} if isinstance(table, dict) and "url" in table else {}
    console |= {"url": given["console.url"]} if "console.url" in given else {}
    found["console"] = ConsoleSettings(**read_record(ConsoleSettings, console, faults, "console."))
    if faults:
        raise FaultySettings(faults)
    return Settings(**found)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading of the settings: where they may stand, and what was wrong so far."""

    environ: Mapping[str, str]
    folder: Path
    faults: list[SettingFault]

    def fault(self, where: str, setting: str, what: str, advice: str) -> None:
        self.faults.append(SettingFault(where, setting, what, advice))

    def file(self, config: Path | None) -> dict[str, Any]:
        named = config or self.environ.get("KANHE_CONFIG")
        if named:
            return from_toml(self.folder / named, self.faults)
        usual = self.folder / "kanhe.toml"
        return from_toml(usual, self.faults) if usual.is_file() else {}

    def flat(self, written: Mapping[str, Any]) -> dict[str, Given]:
        """Give the values of the file but those of the models, those of tables as `limits.…`."""
        top = {key: value for key, value in written.items() if key not in _TABLES}
        found = known(top, (*_KEYS, "models"), "", self.faults)
        for table, record in _TABLES.items():
            given = written.get(table, {})
            if isinstance(given, dict):
                names = [one.name for one in fields(record)]
                inner = known(given, names, f"{table}.", self.faults)
                found |= {f"{table}.{name}": value for name, value in inner.items()}
            else:
                self.fault(given.where, table, "this is no table", f"Write [{table}] above them.")
        keys = found.pop("app_keys", None)
        if keys is not None:
            what = "keys of applications do not stand in a file"
            self.fault(keys.where, "app_keys", what, "Make them with `kanhe app add NAME`.")
        return found

    def variables(self) -> dict[str, Given]:
        return {
            name: Given(self.environ[variable], variable, self.folder)
            for variable, name in _VARIABLES.items()
            if self.environ.get(variable)
        }

    def options(self, options: Mapping[str, object]) -> dict[str, Given]:
        return {
            name: Given(value, _OPTIONS.get(name, f"--{name.replace('_', '-')}"), self.folder)
            for name, value in options.items()
            if value not in (None, "", (), [])
        }

    def check_default(self, given: Mapping[str, Given], models: tuple[ModelSettings, ...]) -> None:
        default = given.get("default_model")
        names = [model.name for model in models]
        if default and models and not self.faults and default.value not in names:
            what = f"there is no model {default.value!r}"
            self.fault(default.where, "default_model", what, meant(str(default.value), names))

    def refuse_near_misses(self, named: set[str]) -> None:
        """Refuse a variable that nearly bears a setting's name; others are not ours to judge."""
        ours = [*_VARIABLES, "KANHE_CONFIG"]
        spared = {*ours, *named}
        bare = {name.removeprefix("KANHE_"): name for name in ours}
        for name in sorted(self.environ):
            if name.startswith("KANHE_") and name not in spared:
                near = get_close_matches(name.removeprefix("KANHE_"), bare, n=1, cutoff=0.8)
                if near:
                    self.fault(name, "", "no setting bears this name",
                               f"Did you mean `{bare[near[0]]}`?")  # fmt: skip


def variable(name: str) -> str:
    """Give a variable that a file names, such as a key's; empty where it is not set."""
    return os.environ.get(name, "")
