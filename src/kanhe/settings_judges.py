"""The judges in the settings: tables of the file, and the one-line switch to another.

`judge` names the one that rules mean by `default`: `embedded`, or a table's `name`. In the
variable or on the command line it may also describe a guard model: TEMPLATE=URL, and its name at
the server after a `#` where the server holds several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from kanhe.errors import SettingFault, SettingsError
from kanhe.settings_source import (
    Given,
    base_url,
    known,
    meant,
    path,
    read_record,
    seconds,
    secret,
    text,
    told,
    whole,
    word,
)
from kanhe.terms import Secret

EMBEDDED: Final = "embedded"
"""The judge that is always there."""
_FILE = "the settings file"
_WAYS = ("api_key", "api_key_env", "api_key_file")


def template(given: Given) -> str | Path:
    """Read the name of a template that is shipped, or the path of a file of one's own."""
    name = text(given)
    own = "/" in name or name.endswith((".yaml", ".yml"))
    found = path(given) if own else name
    return found if isinstance(found, Path) else name


def templates() -> tuple[str, ...]:
    """Name the templates that are shipped."""
    folder = Path(str(files("kanhe"))) / "judges" / "templates"
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """One judge: what it is, where it is, and on which terms it is asked."""

    name: str = field(metadata=told("What rules call it.", text))
    kind: Literal["embedded", "guard", "moderations", "http"] | None = field(
        default=None,
        metadata=told("What is asked: the classifier inside this process; a guard model or a plain "
                      "one; a moderations API; any other service. Not set: as the template says.",
                      word("embedded", "guard", "moderations", "http")),
    )  # fmt: skip
    template: str | Path = field(
        default="",
        metadata=told("How it is asked: a template that is shipped, or the path of your own. "
                      "Empty: the one named as the judge is.", template),
    )  # fmt: skip
    base_url: str = field(
        default="", metadata=told("Where its API begins, e.g. http://127.0.0.1:8000/v1.", base_url)
    )
    model: str = field(
        default="", metadata=told("Its name at the server; empty: the only one there.", text)
    )
    weights: Path | None = field(
        default=None,
        metadata=told("What runs in this process instead: a GGUF file of a guard model, or, of "
                      "kind `embedded`, the folder of weights that you have trained.", path),
    )  # fmt: skip
    api_key: Secret | None = field(
        default=None, metadata=told("The server's key; better one of the next two.", secret)
    )
    api_key_env: str = field(
        default="", metadata=told("The environment variable that holds the server's key.", text)
    )
    api_key_file: Path | None = field(
        default=None, metadata=told("The file that holds the server's key.", path)
    )
    timeout_s: float = field(
        default=10.0, metadata=told("Seconds after which a call is given up.", seconds)
    )
    queue: int = field(
        default=1024,
        metadata=told("Questions that may wait; the next is refused.", whole(1, 1_000_000)),
    )
    cache: int = field(
        default=10_000, metadata=told("Opinions kept, without their texts.", whole(0, 10_000_000))
    )
    concurrency: int = field(
        default=4, metadata=told("Calls open at once; the embedded one has 1.", whole(1, 1000))
    )


def read_judges(
    written: object,
    given: Mapping[str, Given],
    environ: Mapping[str, str],
    faults: list[SettingFault],
) -> tuple[JudgeSettings, ...]:
    """Read the judges of the file, and the one that `judge` describes, if it does.

    Args:
        written: What stands under `judges` in the file; None if nothing does.
        given: Options and variables; `judge` and `judge_key` are looked at.
        environ: Where `api_key_env` finds keys.
        faults: Gains what is wrong.
    """
    reading = _Judges(environ, faults)
    tables = written or []
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        where = written.where if isinstance(written, Given) else _FILE
        reading.fault(where, "judges", "this is no list of tables", "Write [[judges]] above each.")
        return ()
    found = [reading.judge(table, f"judges[{n}].") for n, table in enumerate(tables)]
    judges = {one.name: one for one in found if one}
    # Of faulty ones, too: all that is wrong is told at once.
    written_names = [table.get("name") for table in tables]
    names = [str(one.value) for one in written_names if isinstance(one, Given)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        what = f"there are several judges named {name!r}"
        reading.fault(_FILE, "judges", what, "Give each a name of its own.")
    described = reading.described(given)
    if described:
        judges[described.name] = described
    reading.check_default(given, judges, described)
    return tuple(judges.values())


def default_judge(given: Given) -> str:
    """Read the name of the default judge; of a description, that of its template."""
    named = text(given).partition("=")[0].strip()
    return Path(named).stem if "/" in named else named


@dataclass(frozen=True, slots=True)
class _Judges:
    environ: Mapping[str, str]
    faults: list[SettingFault]

    def fault(self, where: str, setting: str, what: str, advice: str) -> None:
        self.faults.append(SettingFault(where, setting, what, advice))

    def described(self, given: Mapping[str, Given]) -> JudgeSettings | None:
        """Give the judge that TEMPLATE=URL#MODEL describes; its template is also its name."""
        here, key = given.get("judge"), given.get("judge_key")
        value = here.value if here and isinstance(here.value, str) else ""
        if here is None or "=" not in value:
            if key:
                self.fault(key.where, "judge_key", "there is no judge to which this belongs",
                           "Give KANHE_JUDGE=TEMPLATE=URL with it.")  # fmt: skip
            return None
        _, _, address = value.partition("=")
        url, _, model = address.strip().partition("#")
        parts = {"name": default_judge(here), "template": value.partition("=")[0].strip(),
                 "base_url": url, "model": model}  # fmt: skip
        table: dict[str, Given] = {
            part: Given(said, here.where, here.folder) for part, said in parts.items() if said
        }
        return self.judge(table | ({"api_key": key} if key else {}), "judge: ")

    def judge(self, table: Mapping[str, object], prefix: str) -> JudgeSettings | None:
        before = len(self.faults)
        given = known(table, [one.name for one in fields(JudgeSettings)], prefix, self.faults)
        found = read_record(JudgeSettings, given, self.faults, prefix)
        where = next((one.where for one in given.values()), _FILE)
        if "name" not in given:
            self.fault(where, f"{prefix}name", "it is missing", 'Write name = "…".')
        if found.get("name") == EMBEDDED:
            found.setdefault("kind", EMBEDDED)
        self.place(found, [way for way in ("base_url", "weights") if way in given], where, prefix)
        self.template(given, found, prefix)
        self.key(given, found, prefix)
        if len(self.faults) > before:
            return None
        return JudgeSettings(**{"template": found["name"]} | found)

    def template(self, given: Mapping[str, Given], found: Mapping[str, Any], prefix: str) -> None:
        """See that a template is shipped where none of one's own is named."""
        part = "template" if "template" in given else "name"
        name = found.get(part)
        if isinstance(name, str) and found.get("kind") != EMBEDDED and name not in templates():
            self.fault(given[part].where, prefix + part, f"there is no template {name!r}",
                       f"{meant(name, templates())} Or write template = with the path of a file "
                       "of your own.")  # fmt: skip

    def place(self, found: Mapping[str, Any], ways: Sequence[str], where: str, prefix: str) -> None:
        """See that a judge is somewhere, in one place, and that the shipped one keeps its name."""
        kind, name = found.get("kind"), found.get("name")
        if name == EMBEDDED and kind != EMBEDDED:
            self.fault(where, f"{prefix}name", f"{name!r} cannot be the name of this kind",
                       "The shipped judge is named `embedded`, and no other is.")  # fmt: skip
        if name == EMBEDDED and ways:
            self.fault(where, prefix + ways[0], "the embedded judge is in this process already",
                       "Leave it out, or give the judge another name.")  # fmt: skip
        elif kind == EMBEDDED != name and ways != ["weights"]:
            self.fault(where, f"{prefix}name", f"{name!r} cannot be the name of the shipped judge",
                       'Name it `embedded`, or add weights = "FOLDER" of your own.')  # fmt: skip
        elif kind == EMBEDDED:
            return
        elif kind != EMBEDDED and len(ways) != 1:
            self.fault(where, f"{prefix}base_url", "one of base_url and weights is needed",
                       'Write base_url = "http://…/v1", or weights = "….gguf".')  # fmt: skip

    def check_default(
        self,
        given: Mapping[str, Given],
        judges: Mapping[str, JudgeSettings],
        described: JudgeSettings | None,
    ) -> None:
        here = given.get("judge")
        if here is None or described or self.faults or not isinstance(here.value, str):
            return
        names = [EMBEDDED, *judges]
        if here.value.strip() not in names:
            advice = f"{meant(here.value, names)} Or describe one: qwen3guard=http://host:8000/v1."
            self.fault(here.where, "judge", f"there is no judge {here.value!r}", advice)

    def key(self, given: Mapping[str, Given], found: dict[str, Any], prefix: str) -> None:
        """Read the key from where the judge's settings say that it is."""
        ways = [way for way in _WAYS if way in found]
        if not ways or ways == ["api_key"]:
            return
        here = given[ways[-1]]
        if len(ways) > 1:
            what = f"both {' and '.join(ways)} are given"
            self.fault(here.where, prefix + ways[-1], what, "Keep one of them.")
            return
        try:
            found["api_key"] = secret(Given(self.plain_key(found), here.where, here.folder))
        except SettingsError as error:
            self.fault(here.where, prefix + ways[0], str(error), error.advice)

    def plain_key(self, found: Mapping[str, Any]) -> str:
        file, name = found.get("api_key_file"), found.get("api_key_env", "")
        try:
            raw = file.read_text() if isinstance(file, Path) else self.environ.get(name, "")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise SettingsError(
                f"the key cannot be read: {why}",
                advice="Check the path, and that the service's user may read it.",
            ) from error
        if not raw:
            what = f"the variable {name}" if name else f"the file {file}"
            raise SettingsError(
                f"{what} is not set, or is empty", advice="Set it before the start."
            )
        return raw
