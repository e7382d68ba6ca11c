"""The log on stderr: one line an event, as text or as JSON. No key, prompt, answer or matched word.

Whoever logs keeps to that; what is done here is to keep an event on its line.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime


class Lines(logging.Formatter):
    """Write an event as one line, with its time in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        facts = self._facts(record)
        said = " / ".join(part for part in facts["message"].splitlines() if part)
        line = f"{facts['at']} {facts['level']} {facts['logger']}: {said}"
        return f"{line} {facts['error']!r}" if "error" in facts else line

    def _facts(self, record: logging.LogRecord) -> dict[str, str]:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            facts["error"] = self.formatException(record.exc_info)
        return facts


class JsonLines(Lines):
    """Write an event as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        return json.dumps(self._facts(record), ensure_ascii=False)


def configure(level: str, *, as_json: bool) -> None:
    """Send the log of the whole process to stderr.

    Args:
        level: The least that is logged: `debug`, `info`, `warning` or `error`.
        as_json: Whether a line is a JSON object.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else Lines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # Theirs say at `info` what we say ourselves.
    for name in ("uvicorn.error", "asyncio", "aiohttp"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
