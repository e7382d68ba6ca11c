"""Regular expressions for short replies, none of which can take long.

A reply is a guard model's, but its model has read what an attacker wrote. So an expression has a
bound, or it is refused: no `*`, `+` and `{m,}`, no repeat or choice within a repeat, and few ways
of matching altogether. (The patterns of rules walk along a stream; these look once, at little.)
"""

from __future__ import annotations

import re
import re._constants as op
import re._parser as parser
from typing import Any

_LONGEST = 1000
_MOST_WAYS = 20_000
_REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
_FORBIDDEN = {op.GROUPREF, op.GROUPREF_EXISTS, op.ASSERT, op.ASSERT_NOT}


class Unbounded(ValueError):
    """An expression is refused; the text says why."""


def bounded(source: str) -> re.Pattern[str]:
    """Compile `source`, whose first group is what it finds.

    Raises:
        Unbounded: It is no regular expression, has no group, or could take long.
    """
    try:
        found = re.compile(source)
        parsed = parser.parse(source)
    except re.error as error:
        raise Unbounded(f"it is no regular expression: {error}") from None
    if found.groups < 1:
        raise Unbounded("it has no group in ( ) around what it finds")
    if (ways := _ways(parsed, repeated=False)) > _MOST_WAYS:
        raise Unbounded(f"it has {ways} ways of matching, and {_MOST_WAYS} is the most")
    return found


def _ways(node: Any, *, repeated: bool) -> int:  # noqa: ANN401 - the parse tree has no types
    """Multiply the choices of all repeats below `node`; raise where there is no bound."""
    ways = 1
    for kind, value in node:
        if kind in _FORBIDDEN:
            raise Unbounded("it looks around or back, which is not for replies")
        if kind in _REPEATS:
            least, most, inner = value
            if most > _LONGEST:
                raise Unbounded(f"a repeat has no bound, or one above {_LONGEST}: write {{0,40}}")
            if repeated and most > least:
                raise Unbounded("a repeat stands within a repeat")
            ways *= (most - least + 1) * _ways(inner, repeated=repeated or most > 1)
        elif kind is op.BRANCH and repeated:
            raise Unbounded("a choice stands within a repeat")
        else:
            for inner in _inner(value):
                ways *= _ways(inner, repeated=repeated)
    return ways


def _inner(value: Any) -> list[Any]:  # noqa: ANN401 - the parse tree has no types
    """Give the parts of a node that are patterns: of a group, of a choice."""
    if isinstance(value, parser.SubPattern):
        return [value]
    if isinstance(value, tuple | list):
        return [part for one in value for part in _inner(one)]
    return []
