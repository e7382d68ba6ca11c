"""Python's search for cyclic garbage, put off while very many values are made that all stay.

Each of its rounds walks through all of them again: of a report with a hundred thousand lines that
is two thirds of the time, and it finds nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Put the search off until the end of the block; within another such block, until its end."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()
