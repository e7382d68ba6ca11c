"""Fields of a stream that nobody knows: kept to its end, looked at whole, and sent then, or not.

They are read in every way that a reader might put their pieces together; see `readings`.
"""

from __future__ import annotations

from kanhe.errors import UpstreamError
from kanhe.gateway.check import Noticed, found_in
from kanhe.gateway.readings import Path, Readings
from kanhe.gateway.surface import OTHER
from kanhe.gateway.wire import NAME, Json
from kanhe.policy.ruleset import Plan
from kanhe.policy.sentence import says_something

_MOST = 10_000


class Withheld:
    """The unknown fields of one stream.

    Args:
        plan: What looks at them.
        refuse: Whether one of them ends the answer instead.
    """

    def __init__(self, plan: Plan, *, refuse: bool) -> None:
        self._plan = plan
        self._refuse = refuse
        self._readings = Readings()
        self._documents: list[dict[str, Json]] = []
        self.names: set[str] = set()
        """Names of the fields, as they may be told; a name that is text is not repeated."""

    def __len__(self) -> int:
        return len(self._documents)

    def take(self, key: Path, value: Json, document: dict[str, Json]) -> None:
        """Keep `value`, which stood at `key` (its name comes last), and `document` that carries it.

        Raises:
            UpstreamError: Unknown fields are refused.
        """
        name = told(key[-1])
        self.names.add(name)
        if self._refuse:
            raise UpstreamError(
                f"the model sent text in a field that is not known here: {name!r}",
                advice='Set unknown_fields = "hold", or ask for the field to be supported.',
            )
        if len(self._documents) >= _MOST:
            raise UpstreamError(
                f"the model sent more than {_MOST} pieces of fields that are not known here",
                advice="See what it sends; ask for the fields to be supported.",
            )
        self._readings.add(key, value)
        self._documents.append(document)

    def found(self) -> Noticed | None:
        """Look at what was kept; give the first finding that changes anything."""
        for text in self._readings:
            # What was masked in one reading stands unmasked in another: it stops, too.
            if found := found_in(text, self._plan):
                return Noticed(OTHER, found)
        return None

    def texts(self) -> list[str]:
        """Give what was kept as a reader may put it together, each reading once."""
        return [text for text in dict.fromkeys(self._readings) if says_something(text)]

    def release(self) -> list[dict[str, Json]]:
        """Give the documents that were kept, in their order."""
        documents, self._documents = self._documents, []
        return documents


def told(name: str) -> str:
    """Give the name of a field as it may be told; empty if it is no name but text."""
    return name if len(name) <= 64 and NAME.fullmatch(name) else ""
