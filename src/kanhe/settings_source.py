"""Where settings stand before they are settings: a line of a file, a variable, an option.

Each value is read by a small function that takes what was written and gives what is meant, or says
what to write instead. Nothing is guessed and nothing is skipped: all faults are gathered. The value
of a secret is never repeated, not even in a fault.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import Field, dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeAlias
from urllib.parse import urlsplit

from kanhe.errors import SettingFault, SettingsError
from kanhe.terms import Secret

BASELINE = "baseline"
MEANING = "meaning"
SHIPPED = (BASELINE, MEANING)
"""Rulesets that come with the package, by the words that name them."""
"""The word that stands for the ruleset that is shipped."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was written, where it stands, and the folder that its paths are relative to."""

    value: object
    where: str
    folder: Path


Reader: TypeAlias = Callable[[Given], object]
"""Turn what was written into what is meant, or raise SettingsError."""


class Record(Protocol):
    """A dataclass whose fields carry their readers as metadata, see `told`."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


def told(help: str, read: Reader, env: str = "") -> Mapping[str, object]:
    """Give the metadata of a field: what it means, how it is read, the variable that sets it."""
    return {"help": help, "read": read, "env": env}


def text(given: Given) -> str:
    """Read a text that is not empty."""
    if isinstance(given.value, str) and given.value.strip():
        return given.value.strip()
    raise SettingsError(f"{given.value!r} is no text", advice='Write it in quotes: "…".')


def word(*choices: str) -> Reader:
    """Read one of a few words."""

    def read(given: Given) -> str:
        if isinstance(given.value, str) and given.value in choices:
            return given.value
        raise SettingsError(
            f"{given.value!r} is none of its values", advice=meant(str(given.value), choices)
        )

    return read


def whole(low: int, high: int) -> Reader:
    """Read a whole number, both ends included; a variable may write it as text."""

    def read(given: Given) -> int:
        value = given.value
        if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9_]{1,20}", value.strip()):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise SettingsError(
            f"{given.value!r} is no whole number in its range",
            advice=f"Write a whole number from {low} to {high}.",
        )

    return read


def seconds(given: Given) -> float:
    """Read a time in seconds, above 0 and at most a day."""
    value = given.value
    try:
        number = float(value) if isinstance(value, str | int | float) else 0.0
    except ValueError:
        number = 0.0
    if 0 < number <= 86_400 and not isinstance(value, bool):
        return number
    raise SettingsError(
        f"{value!r} is no time in seconds", advice="Write a number above 0, at most 86400."
    )


def switch(given: Given) -> bool:
    """Read on or off."""
    known = {"on": True, "true": True, "yes": True, "1": True}
    known |= {"off": False, "false": False, "no": False, "0": False}
    value = given.value
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in known:
        return known[value.lower()]
    raise SettingsError(f"{value!r} is neither on nor off", advice="Write true or false.")


def path(given: Given) -> Path:
    """Read a path; a relative one begins in the folder of the file in which it stands."""
    if isinstance(given.value, str | Path) and str(given.value).strip():
        return given.folder / Path(given.value).expanduser()
    raise SettingsError(f"{given.value!r} is no path", advice='Write it in quotes: "…".')


def ruleset(given: Given) -> Path | str:
    """Read the path of a ruleset, or the name of one that is shipped."""
    return str(given.value) if given.value in SHIPPED else path(given)


def secret(given: Given) -> Secret:
    """Read a secret that an HTTP header can carry."""
    value = given.value
    if isinstance(value, Secret):
        return value
    bare = value.strip() if isinstance(value, str) else ""
    if bare and bare.isascii() and bare.isprintable() and " " not in bare:
        return Secret(bare)
    raise SettingsError(
        "this is no key: it is empty, or has characters that no HTTP header can carry",
        advice="Look for a line break, a space or a quotation mark too many.",
    )


def header(given: Given) -> str:
    """Read the name of an HTTP header, lower case."""
    name = text(given).lower()
    if re.fullmatch(r"[a-z0-9!#$%&'*+.^_`|~-]+", name):
        return name
    raise SettingsError(f"{name!r} is no name of a header", advice="Write e.g. x-kanhe-user.")


def printable(given: Given) -> str:
    """Read a code of the characters that metadata of files can hold (GB 45438-2025, Annex E)."""
    code = text(given)
    if re.fullmatch(r"[!#-\[\]-~]+", code):
        return code
    raise SettingsError(
        f"{code!r} has characters that the label cannot hold",
        advice="Write the provider's code; a Chinese name does not fit there.",
    )


def base_url(given: Given) -> str:
    """Read the address of an API."""
    value = text(given)
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        good = good and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        good = False
    if good:
        return value.rstrip("/")
    # Not repeated: what stands before an "@" or after a "?" is often a key.
    raise SettingsError(
        "this is no plain http:// or https:// address",
        advice="Write scheme, host and path only, e.g. http://127.0.0.1:8000/v1; keys go into "
        "the key setting.",
    )


def many(read: Reader) -> Reader:
    """Read a list; in a variable its items stand between commas."""

    def read_all(given: Given) -> tuple[object, ...]:
        value = given.value
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list | tuple) or not value:
            raise SettingsError("this is no list, or an empty one", advice='Write ["…", "…"].')
        return tuple(read(Given(item, given.where, given.folder)) for item in value)

    return read_all


def meant(written: str, known: Collection[str]) -> str:
    """Guess which of the `known` words was meant; name all of them where none is near."""
    near = get_close_matches(written.lower(), known, n=1)
    return f"Did you mean `{near[0]}`?" if near else f"Write one of: {', '.join(known)}."


def read_record(
    record: type[Record],
    given: Mapping[str, Given],
    faults: list[SettingFault],
    prefix: str = "",
) -> dict[str, Any]:
    """Read the fields of `record` that were given; what is wrong with one goes to `faults`."""
    found: dict[str, Any] = {}
    for field in fields(record):
        here = given.get(field.name)
        if here is None or "read" not in field.metadata:
            continue
        try:
            found[field.name] = field.metadata["read"](here)
        except SettingsError as error:
            faults.append(SettingFault(here.where, prefix + field.name, str(error), error.advice))
    return found


def known(
    table: Mapping[str, Any], names: Collection[str], prefix: str, faults: list[SettingFault]
) -> dict[str, Given]:
    """Give the values of a table whose keys are among `names`; the others are faults."""
    found = {}
    for key, value in table.items():
        where = value.where if isinstance(value, Given) else "the settings file"
        if key not in names:
            what = "there is no such setting"
            faults.append(SettingFault(where, prefix + key, what, meant(key, names)))
        elif isinstance(value, Given):
            found[key] = value
        else:
            what = "this is a table, and no value"
            faults.append(SettingFault(where, prefix + key, what, f"Write {key} = …"))
    return found


def from_toml(file: Path, faults: list[SettingFault]) -> dict[str, Any]:
    """Read a file; every value that is no table is a `Given` with its line.

    Raises:
        SettingsError: The file cannot be read. A file that is no TOML is a fault.
    """
    try:
        raw = file.read_bytes().decode()
        written = tomllib.loads(raw)
    except OSError as error:
        raise SettingsError(
            f"the settings file {file} cannot be read: {error.strerror}",
            advice="Check the path given with --config or KANHE_CONFIG.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(SettingFault(str(file), "", f"this is no TOML: {error}", "Mend the line."))
        return {}
    return _placed(written, "", _lines(raw), file)


def _placed(
    table: Mapping[str, Any], prefix: str, lines: Mapping[str, int], file: Path
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = prefix + key
        line = lines.get(name) or lines.get(name.partition("[")[0].partition(".")[0], 1)
        match value:
            case dict():
                found[key] = _placed(value, f"{name}.", lines, file)
            case [dict(), *_]:
                tables = enumerate(value)
                found[key] = [_placed(one, f"{name}[{n}].", lines, file) for n, one in tables]
            case _:
                found[key] = Given(value, f"{file}:{line}", file.parent)
    return found


def _lines(raw: str) -> dict[str, int]:
    """Say on which line each key stands. tomllib does not; a key within a string may mislead us."""
    found: dict[str, int] = {}
    count: dict[str, int] = {}
    table = ""
    for number, line in enumerate(raw.splitlines(), 1):
        if many_of := re.match(r"\s*\[\[\s*([\w.-]+)\s*\]\]", line):
            name = many_of[1]
            count[name] = count.get(name, -1) + 1
            table = f"{name}[{count[name]}]."
            found.setdefault(name, number)
        elif one := re.match(r"\s*\[\s*([\w.-]+)\s*\]", line):
            table = f"{one[1]}."
            found.setdefault(one[1], number)
        elif key := re.match(r"\s*([\w.-]+)\s*=", line):
            found.setdefault(table + key[1], number)
    return found
