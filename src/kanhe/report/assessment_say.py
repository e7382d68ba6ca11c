"""How a report of an assessment names things in one language: slices, ways, targets, instants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kanhe.assess.clause import Finding
from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Way
from kanhe.assess.reckon_words import KINDS, TARGETS, WAYS
from kanhe.assess.results import Conclusion
from kanhe.assess.slice_words import SLICES
from kanhe.assess.strength import Shown
from kanhe.law.day_text import instant_text
from kanhe.law.regime import Regime
from kanhe.report.assessment_names import VARIANTS, named
from kanhe.report.document import Cell, Tone
from kanhe.status.verdict import Standing
from kanhe.terms import Text

CONCLUSIONS: Mapping[Conclusion, tuple[Text, Tone, Standing]] = {
    Conclusion.CONFORMS: (Text("符合", "conforms"), Tone.GOOD, Standing.MET),
    Conclusion.FAILS: (Text("不符合", "does not conform"), Tone.BAD, Standing.GAP),
    Conclusion.OPEN: (Text("尚无结论", "not concluded"), Tone.OPEN, Standing.UNKNOWN),
}
FINDINGS: Mapping[Finding, tuple[Text, Tone, Standing]] = {
    Finding.CONFORMS: CONCLUSIONS[Conclusion.CONFORMS],
    Finding.FAILS: CONCLUSIONS[Conclusion.FAILS],
    Finding.OPEN: CONCLUSIONS[Conclusion.OPEN],
    Finding.NOT_APPLICABLE: (
        Text("不适用", "not applicable"), Tone.QUIET, Standing.NOT_APPLICABLE,
    ),
}  # fmt: skip
SHOWN: Mapping[Shown, tuple[Text, Tone]] = {
    Shown.KEPT: (Text("足以表明达标", "shows it is kept"), Tone.GOOD),
    Shown.OPEN: (Text("不足以判断", "leaves it open"), Tone.OPEN),
    Shown.BROKEN: (Text("表明不达标", "shows it is not kept"), Tone.BAD),
}


@dataclass(frozen=True, slots=True)
class Say:
    """Words in one language, instants on the clock of the regime."""

    language: str
    regime: Regime
    names: Mapping[str, Text]

    def __call__(self, text: Text) -> str:
        """Give a text in the language."""
        return text.zh if self.language == "zh" else text.en

    def of(self, zh: str, en: str) -> str:
        """Give one of two texts."""
        return zh if self.language == "zh" else en

    def instant(self, at: datetime) -> str:
        """Write an instant, to the minute."""
        return self(instant_text(at.astimezone(ZoneInfo(self.regime.zone)).replace(second=0)))

    def joined(self, texts: Iterable[str], between: str = "") -> str:
        """Put sentences one after the other, with one full stop at their end."""
        bare = [text.strip().rstrip("。.") for text in texts if text.strip()]
        stop = self.of("。", ".")
        return (between or self.of("；", "; ")).join(bare) + stop if bare else ""

    def listed(self, names: Iterable[str]) -> str:
        """List names, all of them."""
        return self.of("、", ", ").join(names)

    def stopped(self, text: Text | str) -> str:
        """Write a sentence as one: with a capital letter and a full stop."""
        bare = (text if isinstance(text, str) else self(text)).strip()
        if self.language == "zh":
            return bare if bare.endswith(("。", "！", "？")) else f"{bare}。"
        whole = bare if bare.endswith((".", "!", "?")) else f"{bare}."
        return whole[:1].upper() + whole[1:]

    def kind(self, kind: BankKind) -> str:
        """Name a test."""
        return self.capital(KINDS[kind])

    def target(self, route: str) -> str:
        """Name a target."""
        return self(named(TARGETS, route))

    def way(self, way: Way) -> str:
        """Name a way of judging."""
        return self.capital(WAYS[way])

    def capital(self, text: Text) -> str:
        """Write a text with a capital letter."""
        said = self(text)
        return said[:1].upper() + said[1:]

    def slice(self, code: str) -> str:
        """Name a slice: a risk by its code and title, an aspect by its title."""
        risk = self.regime.risks.get(code)
        if risk:
            return f"{code} {self.of(risk.zh, risk.en)}"
        return self(named(SLICES, code))

    def variant(self, name: str) -> str:
        """Name a disguise or a frame."""
        return self(self.names.get(name) or named(VARIANTS, name))

    def group(self, name: str) -> str:
        """Name a group of people."""
        return self(named(self.names, name))

    def conclusion(self, one: Conclusion) -> Cell:
        """Write a conclusion with its mark."""
        text, tone, standing = CONCLUSIONS[one]
        return Cell(self.capital(text), tone=tone, mark=standing)

    def shown(self, one: Shown, below: str = "") -> Cell:
        """Write what the evidence shows."""
        text, tone = SHOWN[one]
        return Cell(self.capital(text), below, tone)
