"""Why something is concluded or nothing is, in both languages. Counts come in, text goes out.

Names of banks, slices and judges are shown as they are; nothing in here is text of a question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from kanhe.assess.correction import Corrected
from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Way
from kanhe.assess.slice_words import slices_listed
from kanhe.assess.strength import Bound, Strength, Tally
from kanhe.terms import Text, counted

_SHOWN = 6

KINDS = {
    BankKind.OUTPUT: Text("生成内容测试", "test of generated content"),
    BankKind.REFUSE: Text("应拒答测试", "test of what should be refused"),
    BankKind.ANSWER: Text("非拒答测试", "test of what should not be refused"),
}
"""How the regime's tests are called."""

WAYS = {
    Way.MANUAL: Text("人工抽检", "by people"),
    Way.KEYWORD: Text("关键词抽检", "by keywords"),
    Way.CLASSIFIER: Text("分类模型抽检", "by the classifier"),
    Way.REFUSAL: Text("拒答识别", "by the detector of refusals"),
    Way.KEY: Text("知识点核对", "by facts"),
    Way.CHOICE: Text("选择题判读", "by the option chosen"),
    Way.LEAK: Text("泄露识别", "by what is given away"),
    Way.FORM: Text("格式检查", "by form"),
}
"""How ways of judging are called; in English with the preposition."""

TARGETS: Mapping[str, Text] = {
    "gateway": Text("经网关", "through the gateway"),
    "model": Text("直连模型", "at the model"),
}
"""How targets are called."""

_DOUBTS = {
    "offline": Text("未应答", "it was offline"),
    "slow": Text("响应过慢", "it was slow"),
    "broken": Text("判定失效", "it is broken"),
    "biased": Text("对不同群体判定有偏", "it is biased"),
    "moved": Text("评测前后判定不一致", "it judged otherwise afterwards than before"),
    "silent": Text("多数答案未给出判定", "it left too many without a verdict"),
}


def listed(names: Sequence[str]) -> Text:
    """List names, the first of them if they are many."""
    zh, en = "、".join(names[:_SHOWN]), ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    return Text(f"{zh}等 {len(names)} 项", f"{en} and {more} more") if more > 0 else Text(zh, en)


def percent(share: Fraction | float) -> str:
    """Write a share as a percentage, without zeros at the end."""
    return f"{float(share) * 100:.4g}%"


def bound_told(bound: Bound) -> Text:
    """Tell a bound."""
    share = percent(bound.share)
    return Text(*((f"不高于 {share}", f"at most {share}") if bound.most else
                  (f"不低于 {share}", f"at least {share}")))  # fmt: skip


def doubts_told(codes: Sequence[str]) -> Text:
    """Tell what was noticed of a judge, by its codes."""
    some = [_DOUBTS.get(code, Text(code, code)) for code in codes]
    return Text("、".join(one.zh for one in some), "; ".join(one.en for one in some))


def no_bank(kind: BankKind) -> Text:
    """Say that nothing was asked for a test."""
    name = KINDS[kind]
    return Text(f"未从任何题库抽题进行{name.zh}", f"no bank was drawn from for the {name.en}")


def rejected(bank: str, codes: Sequence[str]) -> Text:
    """Say that a bank was rejected."""
    found = listed(list(dict.fromkeys(codes)))
    return Text(f"题库 {bank} 不能使用（{found.zh}）", f"the bank {bank} was rejected ({found.en})")


def missing(names: Sequence[str]) -> Text:
    """Say that no bank has items of some slices."""
    found = slices_listed(names)
    return Text(f"题库中没有以下类别的题目：{found.zh}", f"the banks have no items of {found.en}")


def undrawn(names: Sequence[str]) -> Text:
    """Say that of slices which banks do have items of the plan drew none."""
    found = slices_listed(names)
    return Text(
        f"以下类别题库中有题目，但本次一题未抽：{found.zh}",
        f"none was drawn of {found.en}, though there are some in the banks",
    )


def unused(way: Way) -> Text:
    """Say that a way gave no verdict at all."""
    name = WAYS[way]
    return Text(f"{name.zh}：没有任何判定结果", f"{name.en}, nothing was judged")


def unadmitted(judge: str) -> Text:
    """Say that a judge was not admitted; without a name, that there was none."""
    if not judge:
        return Text("未使用分类模型", "no classifier was used")
    return Text(
        f"分类模型 {judge} 未达到采用条件，其判定不作为结论依据",
        f"the classifier {judge} was not admitted, and its verdicts conclude nothing",
    )


def doubted(judge: str, codes: Sequence[str]) -> Text:
    """Say that a judge's verdicts conclude nothing because of what was noticed of it."""
    found = doubts_told(codes)
    return Text(
        f"分类模型 {judge} {found.zh}，其判定不作为结论依据",
        f"of the classifier {judge} was noticed: {found.en}; its verdicts conclude nothing",
    )


def another(judge: str, count: int) -> Text:
    """Say that another judge gave verdicts than the one that was admitted."""
    return Text(
        f"{count} 条回答由另一分类模型判定，而非达到采用条件的 {judge}，不作为结论依据",
        f"{counted(count, 'answer was', 'answers were')} classified by another judge than the "
        f"{judge} that was admitted: nothing is concluded from it",
    )


def replayed(count: int) -> Text:
    """Say that answers were not asked for."""
    return Text(
        f"{count} 条回答取自缓存，并非本次询问所得，据此不作结论",
        f"{counted(count, 'answer was', 'answers were')} taken from a cache and not asked for: "
        "nothing is concluded from such a run",
    )


def below(way: Way, found: Strength) -> Text:
    """Say that a bound is not kept."""
    name, told, tally = WAYS[way], bound_told(found.bound), found.tally
    rate = percent(found.rate or 0.0)
    return Text(
        f"{name.zh}：{rate}（{tally.passed}/{tally.n} 题符合要求），要求{told.zh}",
        f"{name.en}: {rate} ({tally.passed} of {tally.n} as they should be), "
        f"and it has to be {told.en}",
    )


def few(way: Way, asked: int, wanted: int) -> Text:
    """Say that too few were asked."""
    name = WAYS[way]
    return Text(
        f"{name.zh}：{asked} 题，要求不少于 {wanted} 题",
        f"{name.en}: {counted(asked, 'question')}, and at least {wanted:,} are asked for",
    )


def unscored(way: Way, tally: Tally) -> Text:
    """Say that those without a verdict decide."""
    name = WAYS[way]
    return Text(
        f"{name.zh}：{tally.unscored} 题没有判定结果，是否达标取决于这些题目",
        f"{name.en}: {counted(tally.unscored, 'answer has', 'answers have')} no verdict, "
        "and on these it depends",
    )


def unfitting() -> Text:
    """Say that the judge's errors cannot be those that were measured."""
    return Text(
        "分类模型的判定与其实测误差不相容：该模型对本次答案的表现不同于测量时",
        "what the classifier found cannot come of the errors that were measured of it: "
        "it does not judge these answers as it judged the labelled ones",
    )


def contradicted(found: Corrected, bound: Bound) -> Text:
    """Say that with the judge's errors taken out the bound is not kept."""
    told, (_, ends) = bound_told(bound), found.of(bound)
    reach = f"{percent(ends.low)}–{percent(ends.high)}"
    return Text(
        f"扣除分类模型自身误差后，实际比例在 {reach} 之间，不能满足{told.zh}的要求",
        f"with the classifier's own errors taken out the rate is {reach}, "
        f"and it has to be {told.en}",
    )
