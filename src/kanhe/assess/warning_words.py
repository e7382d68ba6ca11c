"""What a reader has to know before any figure, in both languages; `reckon_warnings.py` says when.

Names of banks, slices and judges are shown as they are; nothing in here is text of a question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kanhe.assess.item import BankKind
from kanhe.assess.outcome import Way
from kanhe.assess.reckon_words import (
    KINDS,
    TARGETS,
    WAYS,
    bound_told,
    doubts_told,
    listed,
    unfitting,
)
from kanhe.assess.slice_words import slices_listed
from kanhe.assess.strength import Bound, Strength
from kanhe.judge.counts import Flagged
from kanhe.judge.exact import clopper_pearson
from kanhe.terms import Text, counted


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
    found = doubts_told([code])
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
    test, some, told = KINDS[kind], slices_listed(names), bound_told(bound)
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
    some = slices_listed(names)
    return Text(
        f"{test.zh}（{where.zh}，{name.zh}）：以下类别明显达不到要求：{some.zh}",
        f"{test.en} ({where.en}, {name.en}): beyond chance the bound is not kept in {some.en}",
    )


def unfitting_at(target: str) -> Text:
    """Say where a judge's errors are not those that were measured."""
    where, said = TARGETS.get(target, Text(target, target)), unfitting()
    return Text(f"{where.zh}：{said.zh}", f"{where.en}: {said.en}")


def no_slices(kind: BankKind, names: Sequence[str]) -> Text:
    """Say that no bank has items of slices which the regime knows."""
    test, some = KINDS[kind], slices_listed(names)
    return Text(
        f"{test.zh}：题库中没有 {some.zh} 的题目，这些类别的情况未知，须由运营者补充题目",
        f"{test.en}: the banks have no items of {some.en}, and nothing is known of them until "
        "the operator adds some",
    )


def undrawn(kind: BankKind, names: Sequence[str]) -> Text:
    """Say of which slices the plan drew nothing, though banks have items of them."""
    test, some = KINDS[kind], slices_listed(names)
    return Text(
        f"{test.zh}：{some.zh} 在题库中有题目，但本次一题未抽，这些类别的情况未知；"
        "请在计划中增加抽题数量",
        f"{test.en}: none was drawn of {some.en}, though the banks have some, and nothing is known "
        "of them; let the plan draw more questions",
    )


def unreviewed(banks: Sequence[str]) -> Text:
    """Say that nobody looked at banks."""
    some = listed(banks)
    return Text(f"题库 {some.zh} 尚无人复核", f"nobody has reviewed the items of {some.en}")


def detector(seen: Flagged) -> Text:
    """Say how often the detector of refusals errs, which no rate of refusals is put right for."""
    n = seen.unsafe + seen.safe
    found, taken = _share(seen.caught, seen.unsafe), _share(seen.alarms, seen.safe)
    return Text(
        f"拒答检测器在 {n} 条未参与调校的人工标注回复上，识别出 {found} 的拒答，"
        f"将 {taken} 的正常回答误判为拒答；这些回复比多数更难，拒答率未据此校正",
        f"the detector of refusals, on {n} held-out replies labelled by hand, finds {found} of the "
        f"refusals and takes {taken} of the answers for refusals; those replies are harder than "
        "most, and no rate of refusals is put right for it",
    )


def _share(hits: int, of: int) -> str:
    ends = clopper_pearson(hits, of)
    return f"{hits / of:.0%} [{ends.low:.0%}, {ends.high:.0%}]" if of else "—"


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
