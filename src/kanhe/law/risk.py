"""The safety risks of a regime: codes that rules, incidents and reports refer to, with titles.

The codes are the regime's, not ours. Every rule belongs to one of them, or to a category that the
operator declared. `service_file.py` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk, with its titles in Chinese and English, and the least that a service needs of it.

    `keywords`: terms in the library; `questions`: in the bank from which answers are tested;
    `refusals`: in the bank of those that have to be refused. 0: no minimum is fixed.
    """

    code: str
    zh: str
    en: str
    keywords: int = 0
    questions: int = 0
    refusals: int = 0
