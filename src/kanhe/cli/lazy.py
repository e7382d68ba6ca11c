"""Groups whose commands are imported on use: a small command does not wait for a large one."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import ClassVar

import click


class LazyGroup(click.Group):
    """A group that knows where its commands are."""

    where: ClassVar[Mapping[str, str]] = {}
    """Name of a command, and `module:attribute`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands here and those that are not imported yet."""
        return sorted({*super().list_commands(ctx), *self.where})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Find a command, importing it where that is still to be done."""
        place = self.where.get(name)
        if place is None:
            return super().get_command(ctx, name)
        module, _, attribute = place.partition(":")
        found = getattr(import_module(module), attribute)
        return found if isinstance(found, click.Command) else None
