"""Templates of judges: those that are shipped, and an operator's own files."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from kanhe.errors import SettingsError
from kanhe.judge.template import Template
from kanhe.judge.template_file import load_template
from kanhe.yaml_source import meant

_FOLDER = Path(str(files("kanhe"))) / "judges" / "templates"
_LARGEST = 1 << 20


def shipped() -> tuple[str, ...]:
    """Name the templates that are shipped."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def open_template(template: str | Path) -> Template:
    """Read a template: a shipped one by its name, another by its path.

    Raises:
        SettingsError: There is none by that name, or the file cannot be read.
        FaultyTemplate: It has faults; all of them are told.
    """
    if isinstance(template, Path):
        return load_template(_read(template), str(template))
    if template not in shipped():
        raise SettingsError(
            f"there is no template {template!r} of a judge",
            advice=f"{meant(template, shipped())} Or give the path of a file of your own.",
        )
    return load_template((_FOLDER / f"{template}.yaml").read_bytes(), f"{template}.yaml")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise SettingsError(
            f"the template {path} cannot be read: {error.strerror}",
            advice="Check `template` of the judge in the settings.",
        ) from error
    if len(raw) > _LARGEST:
        raise SettingsError(
            f"the template {path} has more than {_LARGEST} bytes",
            advice="This is another file; check `template` of the judge in the settings.",
        )
    return raw
