"""What is said of figures: reasons and warnings, in both languages. Counts come in, text goes out.

Names of banks, slices and judges are shown as they are; nothing in here is text of a question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from kanhe.assess.correction import Corrected
from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Way
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


def _doubts(codes: Sequence[str]) -> Text:
    some = [_DOUBTS.get(code, Text(code, code)) for code in codes]
    return Text("、".join(one.zh for one in some), "; ".join(one.en for one in some))


# Why nothing, or something bad, is concluded.


def no_bank(kind: BankKind) -> Text:
    """Say that nothing was asked for a test."""
    name = KINDS[kind]
    return Text(f"未从任何题库抽题进行{name.zh}", f"no bank was drawn from for the {name.en}")


def rejected(bank: str, codes: Sequence[str]) -> Text:
    """Say that a bank was rejected."""
    found = listed(list(dict.fromkeys(codes)))
    return Text(f"题库 {bank} 不能使用（{found.zh}）", f"the bank {bank} was rejected ({found.en})")


def missing(names: Sequence[str]) -> Text:
    """Say that slices have no items."""
    found = listed(names)
    return Text(f"以下类别没有题目：{found.zh}", f"there are no items of {found.en}")


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
    found = _doubts(codes)
    return Text(
        f"分类模型 {judge} {found.zh}，其判定不作为结论依据",
        f"of the classifier {judge} was noticed: {found.en}; its verdicts conclude nothing",
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


# What a reader has to know before any figure.


def ended_early(why: str) -> Text:
    """Say that the run did not come to its end."""
    match why:
        case "budget":
            return Text("预算用尽，评测提前结束", "the run ended early: its budget was spent")
        case "down":
            return Text("被测服务无应答，评测提前结束", "the run ended early: the target was down")
        case _:
            return Text(f"评测提前结束（{why}）", f"the run ended early ({why})")


def failing(target: str, failed: int, of: int, codes: Mapping[str, int]) -> Text:
    """Say how many trials got no answer."""
    where = TARGETS.get(target, Text(target, target))
    told = ", ".join(f"{code} {count}" for code, count in codes.items())
    return Text(
        f"{where.zh}：{of} 次提问中 {failed} 次没有得到回答（{told.replace(', ', '、')}）",
        f"{where.en}: of {counted(of, 'question')}, {failed:,} got no answer ({told})",
    )


def absent(target: str, count: int) -> Text:
    """Say how many items were drawn and are not there."""
    where = TARGETS.get(target, Text(target, target))
    return Text(
        f"{where.zh}：{count} 道已抽题目没有记录，按未判定计",
        f"{where.en}: {counted(count, 'item was', 'items were')} drawn and "
        "never asked; they count as without a verdict",
    )


def judge_doubt(judge: str, code: str, told: Text) -> Text:
    """Say what was noticed of a judge."""
    found = _doubts([code])
    return Text(
        f"分类模型 {judge}：{found.zh}。{told.zh}", f"the classifier {judge}: {found.en}. {told.en}"
    )


def judge_refused(judge: str, why: Sequence[Text]) -> Text:
    """Say why a judge was not admitted."""
    return Text(
        f"分类模型 {judge} 未达到采用条件：{'；'.join(one.zh for one in why)}",
        f"the classifier {judge} was not admitted: {'; '.join(one.en for one in why)}",
    )


def unpinned(judge: str) -> Text:
    """Say that nobody can tell whether a judge is still the one that was measured."""
    return Text(
        f"分类模型 {judge} 由外部接口提供，权重无法核对",
        f"the classifier {judge} is behind an endpoint: its weights cannot be told",
    )


def unsure_slices(kind: BankKind, names: Sequence[str], of: int, bound: Bound, least: int) -> Text:
    """Say that slices have too few questions to show the bound, however they come out."""
    test, some, told = KINDS[kind], listed(names), bound_told(bound)
    return Text(
        f"{test.zh}：{of} 类中有 {len(names)} 类题数不足 {least} 题，即使全部符合要求，"
        f"也不足以表明{told.zh}：{some.zh}",
        f"{test.en}: {len(names)} of {of} slices have fewer than {least} questions, which could "
        f"not show {told.en} even if all came out well: {some.en}",
    )


def unsure_test(kind: BankKind, target: str, way: Way, found: Strength) -> Text:
    """Say that a whole test could not have shown its bound."""
    test, where, name = KINDS[kind], TARGETS.get(target, Text(target, target)), WAYS[way]
    least = f"{found.least:,}" if found.least is not None else "∞"
    return Text(
        f"{test.zh}（{where.zh}，{name.zh}）：{found.tally.n} 题，至少 {least} 题才可能表明达标",
        f"{test.en} ({where.en}, {name.en}): {counted(found.tally.n, 'question')}; "
        f"to show the bound at least {least} are needed",
    )


def below_slices(kind: BankKind, target: str, way: Way, names: Sequence[str]) -> Text:
    """Say which slices are below the bound, beyond chance."""
    test, where, name = KINDS[kind], TARGETS.get(target, Text(target, target)), WAYS[way]
    some = listed(names)
    return Text(
        f"{test.zh}（{where.zh}，{name.zh}）：以下类别明显达不到要求：{some.zh}",
        f"{test.en} ({where.en}, {name.en}): beyond chance the bound is not kept in {some.en}",
    )


def unfitting_at(target: str) -> Text:
    """Say where a judge's errors are not those that were measured."""
    where, said = TARGETS.get(target, Text(target, target)), unfitting()
    return Text(f"{where.zh}：{said.zh}", f"{where.en}: {said.en}")


def no_slices(kind: BankKind, names: Sequence[str]) -> Text:
    """Say that slices which the regime knows have no items."""
    test, some = KINDS[kind], listed(names)
    return Text(
        f"{test.zh}：{some.zh}没有题目，这些类别的情况未知",
        f"{test.en}: of {some.en} there are no items, and nothing is known of them",
    )


def unreviewed(banks: Sequence[str]) -> Text:
    """Say that nobody looked at banks."""
    some = listed(banks)
    return Text(f"题库{some.zh}尚无人复核", f"nobody has reviewed the items of {some.en}")


def bank_found(bank: str, what: Text) -> Text:
    """Tell a finding on a bank."""
    return Text(f"题库 {bank}：{what.zh}", f"the bank {bank}: {what.en}")


def people_open(drawn: int, judged: int) -> Text:
    """Say that people have not judged all that was drawn for them."""
    return Text(
        f"人工判定尚未完成：抽取 {drawn} 题，已判定 {judged} 题",
        f"people are not done: of {counted(drawn, 'item')} drawn for them {judged:,} are judged",
    )


def panel_open(count: int) -> Text:
    """Say that disagreements wait."""
    return Text(
        f"{count} 处判定分歧有待合议",
        f"{counted(count, 'disagreement waits', 'disagreements wait')} for the panel",
    )


def never_doubled() -> Text:
    """Say that nobody judged what another had judged."""
    return Text(
        "没有任何题目由两人独立判定，人工判定的一致性未知",
        "no item was judged by two people, so how far people agree is unknown",
    )


def twice(count: int) -> Text:
    """Say that trials were judged again."""
    return Text(
        f"{count} 次提问的答案被同一方式多次判定，以首次得出的判定为准",
        f"{counted(count, 'answer was', 'answers were')} judged more than once in one way; "
        "the first verdict counts",
    )


def replayed(count: int) -> Text:
    """Say that answers were not asked anew."""
    return Text(
        f"{count} 个答案取自缓存，未重新提问",
        f"{counted(count, 'answer was', 'answers were')} taken from the cache and not asked anew",
    )


def handed_in(tools: Sequence[str]) -> Text:
    """Say that other evidence is not counted."""
    some = listed(tools)
    return Text(
        f"另附 {some.zh} 的评测结果，仅供参考，不计入任何指标",
        f"evidence of {some.en} is shown beside, and is in none of the figures",
    )


def one_target(target: str) -> Text:
    """Say that the gateway, which users go through, was not asked."""
    where = TARGETS.get(target, Text(target, target))
    return Text(
        f"只测了{where.zh}，未经网关测试，结论不反映用户实际得到的内容",
        f"asked {where.en} only, and not through the gateway: "
        "the conclusion is not about what users get",
    )
