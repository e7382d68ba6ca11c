"""The words of the printed report, in both languages; the law's own words come with the law."""

from __future__ import annotations

from collections.abc import Mapping

from kanhe.status.verdict import Standing
from kanhe.terms import Text

STANDINGS: Mapping[Standing, Text] = {
    Standing.MET: Text("已证实", "Met"),
    Standing.GAP: Text("未满足", "Gap"),
    Standing.STALE: Text("已过期", "Stale"),
    Standing.UNKNOWN: Text("待判断", "Unknown"),
    Standing.NOT_APPLICABLE: Text("不适用", "Not applicable"),
}

WORDS: Mapping[str, Text] = {
    "title": Text("合规状态报告", "Compliance status report"),
    "service": Text("服务", "Service"),
    "regime": Text("法规集", "Regime"),
    "edition": Text("法规集版本", "Edition"),
    "day": Text("所依法律之日", "Law of the day"),
    "known": Text("知悉截至", "As known on"),
    "as_if": Text("视同有效的草案", "Draft taken for law"),
    "routes": Text("应办手续", "To be filed"),
    "at": Text("状态时点", "Status at"),
    "entries": Text("账本条目数", "Ledger entries"),
    "root": Text("账本根哈希", "Ledger root"),
    "made": Text("报告生成于", "Report made"),
    "computed": Text(
        "本报告由账本逐条计算得出，没有任何一项为人工勾选。凡不能由账本看出的，一律写“待判断”。",
        "Everything here is computed from the ledger, entry by entry; nothing was ticked by hand. "
        "What the ledger cannot show is called unknown.",
    ),
    "unsound": Text(
        "账本未通过验证，不能据此得出任何结论：",
        "The ledger did not pass verification; nothing may be concluded from it: ",
    ),
    "board": Text("总览", "The board"),
    "board_note": Text(
        "每一枚勘合代表一项义务：左半为法律，右半为证据。右侧数字为已证实数与可能适用数。",
        "Each tally is one obligation: its left half is the law, its right half the evidence. The "
        "figures: proven, of those that apply or may apply.",
    ),
    "open": Text("待处理事项", "What is open"),
    "reason": Text("原因", "Why"),
    "next": Text("下一步", "Next"),
    "duties_of": Text("涉及义务", "Obligations"),
    "none": Text("无。", "None."),
    "due": Text("期限", "Deadlines"),
    "overdue": Text("已逾期", "overdue"),
    "provisional": Text("暂定", "provisional"),
    "how": Text("计算过程", "How it was counted"),
    "all": Text("全部义务", "All obligations"),
    "col_duty": Text("义务", "Obligation"),
    "col_source": Text("依据", "Source"),
    "col_standing": Text("状态", "Standing"),
    "col_since": Text("自", "Since"),
    "col_evidence": Text("证据（账本条目号）", "Evidence (ledger entries)"),
    "confidence": Text("出处可信度", "Source seen"),
    "confidence-verified": Text("已核对", "verified"),
    "confidence-from_memory": Text("未核对原文", "from memory"),
    "confidence-uncertain": Text("存疑", "uncertain"),
    "confidence-ours": Text("自定", "our choice"),
    "verify": Text("如何核验", "How to verify"),
    "verify_note": Text(
        "取得账本文件与公钥后，可独立核验上述根哈希与任一条目：",
        "With the files of the ledger and its public key, anybody can check the root above and "
        "every entry named here:",
    ),
    "sign": Text("签署", "Signatures"),
    "sign_note": Text(
        "签署人确认已阅读本报告。本报告不构成法律意见。",
        "Those who sign have read this report. It is no legal advice.",
    ),
    "sign_lead": Text("合规负责人", "Compliance lead"),
    "sign_service": Text("服务负责人", "Head of the service"),
    "sign_received": Text("接收人", "Received by"),
    "sign_name": Text("姓名", "Name"),
    "sign_signature": Text("签字（盖章）", "Signature"),
    "sign_date": Text("日期", "Date"),
    "page": Text("页", "Page"),
}
