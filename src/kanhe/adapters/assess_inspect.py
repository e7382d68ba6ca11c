"""An export for Inspect on disk: what every one of them holds, and a new folder of its files.

Refused: a folder in which something lies already. Half an export, or one mixed with an older one,
would be run without anybody noticing.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from kanhe.assess.inspect_export import Parts
from kanhe.errors import AssessError

_ROOT = Path(str(files("kanhe")))


def export_parts() -> Parts:
    """Read what is shipped: the task, the detector's own source, its words."""
    return Parts(
        (_ROOT / "banks" / "inspect_task.txt").read_bytes(),
        (_ROOT / "assess" / "refusal.py").read_bytes(),
        (_ROOT / "banks" / "refusals.yaml").read_bytes(),
    )


def write_export(folder: Path, made: Mapping[str, bytes]) -> None:
    """Write the files into a new or empty folder.

    Raises:
        AssessError: Something lies there, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise AssessError(
                f"{folder} is not empty", advice="Name another folder with --out, or empty it."
            )
        for name, content in made.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise AssessError(
            f"{folder} cannot be written: {error.strerror}", advice="Name another one with --out."
        ) from error
