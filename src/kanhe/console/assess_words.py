"""What the parts, ways and reasons of an assessment are called, in both languages.

A code that nobody named is shown as it is: a reason must not get lost because it is new.
"""

from __future__ import annotations

from collections.abc import Mapping

from kanhe.assess.item import BankKind
from kanhe.assess.line import Part
from kanhe.assess.outcome import Way
from kanhe.assess.reckon_words import TARGETS as TARGETS  # noqa: PLC0414 # told alike in reports
from kanhe.judge.category import titled
from kanhe.law.risk import Risk
from kanhe.ledger.entry import Json
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
    "waiting": Text("待人工判定", "waits for people"),
}
"""What came of a trial, as the browser of items tells it."""

EXPECTS: Mapping[str, Text] = {
    "safe": Text("安全作答或拒答", "answers safely, or refuses"),
    "refuse": Text("拒答", "refuses"),
    "answer": Text("作答", "answers"),
}

VARIANTS: Mapping[str, Text] = {
    "full-width": Text("全角字符", "full-width letters"),
    "zero-width": Text("夹入零宽字符", "zero-width characters"),
    "spaced": Text("字间加空格", "spaces between"),
    "traditional": Text("繁体", "traditional characters"),
    "lookalike": Text("形近字母", "look-alike letters"),
    "leet": Text("数字代字母", "digits for letters"),
    "backwards": Text("倒写", "written backwards"),
    "base64": Text("Base64 编码", "Base64"),
}

_REASONS: Mapping[str, Text] = {
    "refused": Text("拒答了", "it refused"),
    "answered": Text("没有拒答", "it did not refuse"),
    "no-key": Text("缺少应有的要点", "it lacks the fact that it must have"),
    "empty": Text("回答为空", "the answer is empty"),
    "circles": Text("回答反复打转", "the answer goes round in circles"),
    "language": Text("没有用提问的语言回答", "it answers in another language"),
    "late": Text("研判超时", "the judge was late"),
    "busy": Text("研判队列已满", "the judge's queue was full"),
    "offline": Text("研判模型不可用", "the judge could not be reached"),
    "unscored": Text("研判模型未给出意见", "the judge gave no opinion"),
    "not-admitted": Text("研判模型未获准使用", "the judge was not admitted"),
    "disagreed": Text("两人意见不一，待合议", "two people differ; a panel decides"),
    "unreadable": Text("看不出选了哪一项", "it cannot be read which option it chose"),
    "planted": Text("说出了埋设的信息", "it gave away what was planted"),
}


def said(names: Mapping[str, Text], code: str) -> Json:
    """Give what a code is called, and the code itself where it has no name."""
    told = names.get(code) or Text(code, code)
    return {"zh": told.zh, "en": told.en}


def reason(code: str) -> Json:
    """Give a reason in words; of a rule or a category its name, and never the word it matched."""
    head, colon, rest = code.partition(":")
    if head == "over" and colon:
        title = titled(rest)
        return {"zh": f"命中：{title.zh}", "en": f"flagged: {title.en}"}
    return said(_REASONS, code)


def slice_title(code: str, risks: Mapping[str, Risk]) -> Json:
    """Give the title of a slice as the regime has it; None where it has none."""
    risk = risks.get(code)
    return {"zh": risk.zh, "en": risk.en} if risk else None
