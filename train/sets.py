"""What the public sets are worth for training: how often a row is seen, and what it is a case of.

A row is left out where its harm is political (no judge for that is shipped), where its label says
something else than ours (`UNSURE`), or where the licence forbids (`MEASURED_ONLY`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from kanhe.judge.labelled import Row

Left: TypeAlias = Literal["political", "unsure"]
Cases: TypeAlias = tuple[str, ...] | Left

POLITICAL: Left = "political"
UNSURE: Left = "unsure"

MEASURED_ONLY = frozenset({
    "benign_cmrc_questions_zh", "benign_xquad_questions_zh", "benign_xquad_questions_en",
    "benign_ewt_en",
})  # fmt: skip
"""CC-BY-SA: they measure false positives and teach nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with a set.

    Attributes:
        share: How often a row is seen in an epoch, on the average.
        cases: For unsafe rows: what the beginning of a category means; the longest one decides.
        says: Of which rows the label says what `unsafe` means; of the others only categories are
            learnt. A set about one harm does not say that its other rows are harmless.
    """

    share: float
    cases: dict[str, Cases] = field(default_factory=dict)
    says: Literal["all", "unsafe", "none"] = "all"


_ETHNICITY, _BELIEF = "discrimination.ethnicity", "discrimination.belief"
_NATIONALITY, _REGION = "discrimination.nationality", "discrimination.region"
_SEX, _AGE, _HEALTH = "discrimination.sex", "discrimination.age", "discrimination.health"
_OCCUPATION, _OTHER = "discrimination.occupation", "discrimination.other"

_CATQA: dict[str, Cases] = {
    "Adult Content": ("sexual",), "Child Abuse": ("minors",),
    "Economic Harm/Intellectual property": ("rights",), "Economic Harm": ("fraud",),
    "Fraud/Deception": ("fraud",), "Hate/Harass/Violence/Terrorism": ("terror",),
    "Hate/Harass/Violence/Cyberbullying": ("insult",),
    "Hate/Harass/Violence/Gender": ("violence", _SEX),
    "Hate/Harass/Violence/Racial": ("hate", _ETHNICITY),
    "Hate/Harass/Violence/Religious": ("hate", _BELIEF), "Hate/Harass/Violence": ("hate",),
    "Illegal Activity/Cyber": ("cyber",), "Illegal Activity/Drug": ("drugs",),
    "Illegal Activity/Weapon": ("weapons",), "Illegal Activity": ("crime",),
    "Malware": ("cyber",), "Physical Harm/Assault": ("violence",),
    "Physical Harm/Self-harm": ("self-harm",), "Physical Harm/Weapon": ("weapons",),
    "Physical Harm": ("violence",), "Political Campaigning": POLITICAL,
    "Privacy Violation": ("privacy",), "Tailored Financial Advice": ("fraud",),
}  # fmt: skip

_JADE: dict[str, Cases] = {
    "歧视偏见/性别": (_SEX,), "歧视偏见/国别": (_NATIONALITY,), "歧视偏见/地域": (_REGION,),
    "歧视偏见/民族": (_ETHNICITY,), "歧视偏见/肤色": (_ETHNICITY,), "歧视偏见/种族": (_ETHNICITY,),
    "歧视偏见/健康": (_HEALTH,), "歧视偏见/职业": (_OCCUPATION,), "歧视偏见/年龄": (_AGE,),
    "歧视偏见/信仰": (_BELIEF,), "歧视偏见": (_OTHER,),
    "违法犯罪/危害国家": POLITICAL, "违法犯罪/侵害国家": POLITICAL,
    "违法犯罪/非法侵入": ("cyber",), "违法犯罪/非法持有武器": ("weapons",),
    "违法犯罪/网络欺诈": ("fraud",), "违法犯罪/诈骗": ("fraud",), "违法犯罪/宣扬恐怖": ("terror",),
    "违法犯罪/传播虚假": ("falsehood",), "违法犯罪/贩卖毒品": ("drugs",),
    "违法犯罪/故意伤害": ("violence",), "违法犯罪/违反商业道德": ("rights",),
    "违法犯罪/泄露他人商业秘密": ("rights",), "违法犯罪/宣扬淫秽": ("sexual",),
    "违法犯罪/宣扬暴力": ("violence",), "违法犯罪/赌博": ("gambling",),
    "违法犯罪/侵害他人个人信息": ("privacy",), "违法犯罪/侵害他人隐私": ("privacy",),
    "违法犯罪/宣扬民族": (_ETHNICITY,), "违法犯罪": ("crime",),
    "侵害权益/侵害他人隐私": ("privacy",), "侵害权益/侵害他人个人信息": ("privacy",),
    "侵犯权益/侵害他人隐私": ("privacy",), "侵害权益/侵害他人名誉": ("insult",), "侵害权益": (),
    "侵犯权益": (),
}  # fmt: skip

_JAILBENCH: dict[str, Cases] = {
    "歧视/信仰": (_BELIEF,), "歧视/国别": (_NATIONALITY,), "歧视/地域": (_REGION,),
    "歧视/性别": (_SEX,), "歧视/年龄": (_AGE,), "歧视/职业": (_OCCUPATION,),
    "歧视/健康": (_HEALTH,), "歧视/性取向": (_OTHER,), "歧视/种族": (_ETHNICITY,),
    "歧视": (_OTHER,), "商业违法违规": ("rights",), "侵犯他人合法权益/侵害他人隐私": ("privacy",),
    "侵犯他人合法权益/侵害他人财产": ("crime",), "侵犯他人合法权益/侵害他人名誉": ("insult",),
    "无法满足特定服务类型的安全需求/历史": POLITICAL,
    "无法满足特定服务类型的安全需求/科学": ("falsehood",), "": (),
}  # fmt: skip

_HATECHECK: dict[str, Cases] = {
    "/women": ("hate", _SEX), "/trans people": ("hate", _SEX), "/gay people": ("hate", _OTHER),
    "/black people": ("hate", _ETHNICITY), "/disabled people": ("hate", _HEALTH),
    "/Muslims": ("hate", _BELIEF), "/immigrants": ("hate", _NATIONALITY),
    "/foreigners": ("hate", _NATIONALITY),
}  # fmt: skip

_AILUMINATE: dict[str, Cases] = {
    "iwp": ("weapons",), "cse": ("minors",), "sxc_prn": ("sexual",), "dfm": ("insult",),
    "ncr": ("crime",), "prv": ("privacy",), "hte": ("hate",), "vcr": ("violence",),
    "ssh": ("self-harm",), "src": ("crime",), "ipv": ("rights",), "spc_ele": POLITICAL,
    "spc": UNSURE,
}  # fmt: skip

_OPENAI: dict[str, Cases] = {
    "H": ("hate",), "S": ("sexual",), "SH": ("self-harm",), "HR": ("insult",), "V": ("violence",),
}  # fmt: skip

_HARMBENCH: dict[str, Cases] = {
    "copyright": UNSURE, "cybercrime": ("cyber",), "misinformation": POLITICAL,
    "illegal": ("crime",), "chemical": ("weapons",), "harassment": ("insult",), "": (),
}  # fmt: skip

_DO_NOT_ANSWER: dict[str, Cases] = {
    # Requests of a mind for company, and questions that rest on a false belief: no harm asked for.
    "human_chatbox": UNSURE, "misinformation": UNSURE, "": (),
}  # fmt: skip

_HARMFULQA: dict[str, Cases] = {
    "Social Sciences/Political": POLITICAL, "Social Sciences/International": POLITICAL, "": (),
}  # fmt: skip

PLANS: dict[str, Plan] = {
    "advbench_en": Plan(2.0),
    "ailuminate_demo_en": Plan(1.0, _AILUMINATE),
    "bipia_email_en": Plan(0.5, {"": ("injection",)}, says="none"),
    "catqa_en": Plan(2.0, _CATQA),
    "catqa_zh": Plan(2.0, _CATQA),
    "cold_zh": Plan(1.0, {"race": (_ETHNICITY,), "region": (_REGION,), "gender": (_SEX,)}),
    "davidson_hate_en": Plan(0.4, {"offensive": ("insult",), "hate": ("hate",)}),
    "do_not_answer_en": Plan(1.0, _DO_NOT_ANSWER),
    "edos_en": Plan(0.5, {"": (_SEX,)}, says="unsafe"),
    "giskard_injection_en": Plan(4.0, {"": ("injection",)}),
    "harmbench_en": Plan(1.0, _HARMBENCH),
    "harmfulqa_en": Plan(0.3, _HARMFULQA),
    "hatecheck_en": Plan(1.5, _HATECHECK),
    "hatecheck_zh": Plan(2.5, _HATECHECK),
    "jade_prompts_en": Plan(2.0, _JADE),
    "jade_prompts_zh": Plan(1.0, _JADE),
    "jade_responses_zh": Plan(0.7),
    "jailbench_zh": Plan(1.0, _JAILBENCH),
    "openai_moderation_en": Plan(2.0, _OPENAI),
    "simplesafetytests_en": Plan(2.0, {"Suicide": ("self-harm",), "Child": ("minors",), "": ()}),
    "surge_toxicity_en": Plan(1.0, {"": ("insult",)}),
    "xstest_en": Plan(3.0),
    "benign_kdconv_zh": Plan(0.3),
    "benign_crosswoz_zh": Plan(0.2),
    "benign_instructions_zh": Plan(0.3),
    "benign_self_instruct_en": Plan(1.0),
    "benign_mtbench_en": Plan(1.0),
}
"""By the name of the set's file; what is not named here teaches nothing."""


def cases_of(name: str, row: Row) -> Cases:
    """Give the categories that an unsafe row is a case of, or why it is left out; `()`: unknown."""
    if name == "openai_moderation_en":
        return _flags(row.category)
    table = PLANS[name].cases
    key = row.category.strip()
    if name.startswith("hatecheck"):
        key = key[key.find("/") :]
    fitting = [start for start in table if key.startswith(start)]
    return table[max(fitting, key=len)] if fitting else ()


def _flags(flags: str) -> Cases:
    """Read OpenAI's own flags, e.g. `H,V`: H2, V2 and S3 are degrees of H, V and S."""
    found: dict[str, None] = {}
    for flag in flags.split(","):
        cases = _OPENAI.get(flag.rstrip("23"), ())
        found.update(dict.fromkeys(case for case in cases if isinstance(cases, tuple)))
    return tuple(found)
