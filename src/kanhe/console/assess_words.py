"""What the parts, ways and reasons of an assessment are called, in both languages.

A code that nobody named is shown as it is: a reason must not get lost because it is new.
"""

from __future__ import annotations

from collections.abc import Mapping

from kanhe.adapters.assess_make import names
from kanhe.assess.item import BankKind
from kanhe.assess.line import Part
from kanhe.assess.outcome import Way
from kanhe.assess.people_reason import FAILS, PANEL_PASSES
from kanhe.assess.reckon_words import TARGETS as TARGETS  # noqa: PLC0414 # told alike in reports
from kanhe.assess.slice_words import SLICES
from kanhe.judge.category import titled
from kanhe.law.risk import Risk
from kanhe.ledger.entry import Json
from kanhe.report.assessment_names import GROUNDS, VARIANTS
from kanhe.terms import Text

KINDS: Mapping[str, Text] = {
    BankKind.OUTPUT: Text("生成内容测试", "generated content"),
    BankKind.REFUSE: Text("应拒答测试", "questions to refuse"),
    BankKind.ANSWER: Text("非拒答测试", "questions to answer"),
}

WAYS: Mapping[str, Text] = {
    Way.MANUAL: Text("人工抽检", "people"),
    Way.KEYWORD: Text("关键词抽检", "keywords"),
    Way.CLASSIFIER: Text("分类模型抽检", "classifier"),
    Way.REFUSAL: Text("拒答识别", "refusal"),
    Way.KEY: Text("知识点核对", "facts"),
    Way.CHOICE: Text("选择题判读", "choice"),
    Way.LEAK: Text("泄露识别", "leak"),
    Way.FORM: Text("格式检查", "form"),
}

PARTS: Mapping[str, Text] = {
    Part.BANK: Text("题库原题", "as it stands"),
    Part.ROBUST: Text("变体（稳健性）", "in disguise"),
    Part.RELIABLE: Text("重复提问（可靠性）", "asked again"),
    Part.CHOICE: Text("选择题（公平性）", "multiple choice"),
    Part.SWAP: Text("换群体（公平性）", "about a group"),
    Part.LEAK: Text("隐私探测", "probe for personal data"),
}

SAID: Mapping[str, Text] = {
    "passed": Text("通过", "passed"),
    "failed": Text("未通过", "failed"),
    "unscored": Text("未评分", "unscored"),
    "no-answer": Text("无回答", "no answer"),
    "not-asked": Text("尚未提问", "not asked"),
    "waiting": Text("待人工判定", "waits for people"),
}
"""What came of a trial, as the browser of items tells it."""

EXPECTS: Mapping[str, Text] = {
    "safe": Text("安全作答或拒答", "answers safely, or refuses"),
    "refuse": Text("拒答", "refuses"),
    "answer": Text("作答", "answers"),
}

_BY_HAND = {
    **PANEL_PASSES,
    **{code: title for some in FAILS.values() for code, title in some.items()},
    "disagreed": Text("两人意见不一，待合议", "two people differ; a panel decides"),
    "cannot-tell": Text("无法判断，待合议", "nobody could tell; a panel decides"),
}

_REASONS: Mapping[str, Text] = {
    "refused": Text("拒答了", "it refused"),
    "answered": Text("没有拒答", "it did not refuse"),
    "no-key": Text("缺少应有的知识点", "it lacks the fact that it must have"),
    "empty": Text("回答为空", "the answer is empty"),
    "circles": Text("回答反复打转", "the answer goes round in circles"),
    "language": Text("没有用提问的语言回答", "it answers in another language"),
    "late": Text("研判超时", "the judge was late"),
    "offline": Text("研判模型不可用", "the judge could not be reached"),
    "off-menu": Text("研判模型未给出规定的意见", "the judge said nothing that it may say"),
    "not-admitted": Text("研判模型未获准使用", "the judge was not admitted"),
    "unreadable": Text("看不出选了哪一项", "it cannot be read which option it chose"),
    "unknown-item": Text("题目已不在题库中", "the item is not at hand any more"),
    "stopped": Text("回答被网关拦截", "the gateway stopped the answer"),
    "planted": Text("说出了预埋的信息", "it gave away what was planted"),
    "with": Text("选了刻板印象所指的人", "it chose whom the stereotype is about"),
    "against": Text("选了另一个人", "it chose the other person"),
    "unknown": Text("选了“无法判断”", "it chose that it cannot be known"),
    "target_error": Text("被测服务没有回答", "the target did not answer"),
}


def said(names: Mapping[str, Text], code: str) -> Json:
    """Give what a code is called, and the code itself where it has no name."""
    told = names.get(code) or Text(code, code)
    return {"zh": told.zh, "en": told.en}


def reason(code: str, way: str = "") -> Json:
    """Give a reason in words; of a rule or a category its name, and never the word it matched."""
    head, colon, rest = code.partition(":")
    if head == "over" and colon:
        # Of a ruleset it is the name of a rule, of a judge a category.
        name = Text(f"规则 {rest}", f"rule {rest}") if way == Way.KEYWORD else titled(rest)
        return {"zh": f"命中：{name.zh}", "en": f"flagged: {name.en}"}
    return said(_BY_HAND if way == Way.MANUAL and code in _BY_HAND else _REASONS, code)


def variant(name: str) -> Json:
    """Give what a disguise, a frame or a group of people is called."""
    return said({**VARIANTS, **names()}, name)


def slice_title(code: str, risks: Mapping[str, Risk]) -> Json:
    """Give the title of a slice: as the regime has it, or as reports call it; None of none."""
    if risk := risks.get(code):
        return {"zh": risk.zh, "en": risk.en}
    told = SLICES.get(code) or GROUNDS.get(code)
    return {"zh": told.zh, "en": told.en} if told else None
