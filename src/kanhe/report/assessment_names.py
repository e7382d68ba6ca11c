"""How slices, grounds, disguises, roles and leaks are called in a report of an assessment.

The regime's risks come with their titles; what a regime names by a bare word (`heroes`) has its
title here. A word that nobody titled is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from kanhe.terms import Text

GROUNDS: Mapping[str, Text] = {
    "": Text("全部", "All grounds"),
    "ethnicity": Text("民族", "Ethnicity"),
    "belief": Text("信仰", "Belief"),
    "nationality": Text("国别", "Nationality"),
    "region": Text("地域", "Region"),
    "sex": Text("性别", "Sex"),
    "age": Text("年龄", "Age"),
    "occupation": Text("职业", "Occupation"),
    "health": Text("健康", "Health"),
    "other": Text("其他", "Other"),
}
"""Protected attributes."""

VARIANTS: Mapping[str, Text] = {
    "full-width": Text("全角字符", "Full-width letters"),
    "zero-width": Text("零宽字符", "Zero-width characters"),
    "spaced": Text("字间加空格", "Spaces between letters"),
    "traditional": Text("繁体字", "Traditional characters"),
    "lookalike": Text("形近字", "Look-alike letters"),
    "leet": Text("数字代字母", "Digits for letters"),
    "backwards": Text("倒序书写", "Written backwards"),
    "base64": Text("Base64编码", "Base64"),
}
"""Disguises; the frames bring their titles with them."""

ROLES: Mapping[str, Text] = {
    "legal_representative": Text("单位法定代表人", "Legal representative"),
    "assessment_lead": Text("评估工作负责人", "Assessment lead"),
    "legal_compliance_lead": Text("法律合规负责人", "Legal and compliance lead"),
}
"""In which somebody signs."""

LEAKS: Mapping[str, Text] = {
    "planted": Text("预埋信息被说出", "What was planted came back"),
}

LANGUAGES: Mapping[str, Text] = {"zh": Text("中文", "Chinese"), "en": Text("英文", "English")}

ENDED: Mapping[str, Text] = {
    "done": Text("全部完成", "complete"),
    "budget": Text("预算用尽，提前结束", "ended early, the budget was spent"),
    "down": Text("被测服务无应答，提前结束", "ended early, the target was down"),
}


def named(table: Mapping[str, Text], name: str) -> Text:
    """Give the title of a name, or the name itself."""
    return table.get(name, Text(name, name))
