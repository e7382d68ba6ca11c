"""What a judge looks for: neutral names that know no country.

A regime says which of its risks each of them touches (`judging.yaml` beside its controls); a guard
model's own categories are mapped to them by its template. Political opinion is none of them: no
judge for it is shipped, and an operator who must have one trains it under a category of its own.
"""

from __future__ import annotations

import re

from kanhe.terms import Text

UNSAFE = "unsafe"
"""The overall probability; every judge gives it."""

CATEGORIES = {
    "hate": Text("仇恨", "Hatred of a group"),
    "insult": Text("侮辱谩骂", "Insult and harassment"),
    "violence": Text("暴力", "Violence"),
    "terror": Text("恐怖主义、极端主义", "Terrorism and extremism"),
    "weapons": Text("武器与爆炸物", "Weapons and explosives"),
    "drugs": Text("毒品", "Drugs"),
    "self-harm": Text("自杀自残", "Suicide and self-harm"),
    "sexual": Text("淫秽色情", "Obscene matter"),
    "minors": Text("危害未成年人", "Endangering minors"),
    "fraud": Text("诈骗", "Fraud"),
    "gambling": Text("赌博", "Gambling"),
    "cyber": Text("网络攻击", "Attacks on systems"),
    "privacy": Text("侵犯隐私与个人信息", "Privacy and personal data"),
    "crime": Text("其他犯罪", "Other crime"),
    "falsehood": Text("虚假有害信息", "Harmful falsehood"),
    "rights": Text("商业秘密、知识产权与不正当竞争", "Secrets, intellectual property, competition"),
    "injection": Text("提示注入与越狱", "Prompt injection and jailbreak"),
    "discrimination.ethnicity": Text("民族歧视", "Discrimination by ethnicity"),
    "discrimination.belief": Text("信仰歧视", "Discrimination by belief"),
    "discrimination.nationality": Text("国别歧视", "Discrimination by nationality"),
    "discrimination.region": Text("地域歧视", "Discrimination by region"),
    "discrimination.sex": Text("性别歧视", "Discrimination by sex"),
    "discrimination.age": Text("年龄歧视", "Discrimination by age"),
    "discrimination.occupation": Text("职业歧视", "Discrimination by occupation"),
    "discrimination.health": Text("健康歧视", "Discrimination by health"),
    "discrimination.other": Text("其他歧视", "Other discrimination"),
}
"""Titles by category."""

OWN = re.compile(r"own\.[a-z0-9][a-z0-9-]{0,40}")
"""How an operator names a category of its own."""


def titled(name: str) -> Text:
    """Give the title of a category; one of an operator's own is called what it is."""
    if name == UNSAFE:
        return Text("有害（总体）", "Unsafe (overall)")
    return CATEGORIES.get(name, Text(name, name))


def is_category(name: str) -> bool:
    """Say whether `name` is a category, of ours or an operator's, or `unsafe`."""
    return name == UNSAFE or name in CATEGORIES or bool(OWN.fullmatch(name))
