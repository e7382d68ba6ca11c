"""What the figures were measured on, and how busy it was: /proc read into plain values.

Linux only, like the bench itself.
"""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path


def description() -> dict[str, str]:
    """Return CPU, cores, memory, kernel and Python, as words for a table."""
    return {
        "CPU": f"{_field('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores",
        "memory": f"{int(_field('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.1f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
    }


def load() -> float:
    """Return the load average of the last minute; our own runs are in it."""
    return round(os.getloadavg()[0], 2)


def busy(seconds: float = 1.0) -> float:
    """Return the share of CPU time, 0 to 1, that others use while we do nothing for `seconds`.

    The load average remembers our own last run for minutes; this does not.
    """
    idle, total = _cpu_times()
    time.sleep(seconds)
    idle_after, total_after = _cpu_times()
    return round(1 - (idle_after - idle) / max(1, total_after - total), 2)


def _cpu_times() -> tuple[int, int]:
    first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    ticks = [int(word) for word in first.split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


def _field(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "0 unknown"
