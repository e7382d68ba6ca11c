"""The whole report of an assessment as a document in one language: which chapters, in which order.

The conclusion comes first, then what limits it, then the clauses, the tests and everything else;
how it was made and how to verify it come last, before the signatures.
"""

from __future__ import annotations

from kanhe.report import assessment_beside as beside
from kanhe.report import assessment_end as end
from kanhe.report import assessment_front as front
from kanhe.report import assessment_made as made
from kanhe.report.assessment import Report
from kanhe.report.assessment_clause_page import clause_pages
from kanhe.report.assessment_say import Say
from kanhe.report.assessment_tests import tests
from kanhe.report.document import Document, numbered


def paper(report: Report, language: str) -> Document:
    """Compose the report; `language`: `zh` or `en`."""
    say = Say(language, report.regime, report.names)
    chapters = (
        (say.of("结论", "Conclusion"), front.conclusion(report, say)),
        (say.of("阅读前须知", "What limits it"), front.limits(report, say)),
        (say.of("逐条核对", "Clause by clause"), clause_pages(report, say)),
        (say.of("抽检测试", "The tests"), tests(report, say)),
        (say.of("网关与模型对照", "Gateway against model"), beside.routes(report, say)),
        (say.of("健壮性", "Robustness"), beside.robustness(report, say)),
        (say.of("公平性", "Fairness"), beside.fairness(report, say)),
        (say.of("个人信息保护", "Privacy"), beside.privacy(report, say)),
        (say.of("可靠性", "Reliability"), beside.reliability(report, say)),
        (say.of("题库", "Question banks"), made.banks(report, say)),
        (say.of("判定方式及其误差", "Judges and their errors"), made.judges(report, say)),
        (say.of("其他工具的结果", "Evidence of other tools"), made.handed(report, say)),
        (say.of("方法", "Method"), end.method(report, say)),
        (say.of("用语", "Words"), end.glossary(say)),
        (say.of("证据与核验", "Evidence, and how to verify it"), end.verify(report, say)),
        (say.of("签署", "Signatures"), end.signatures(report, say)),
    )
    return Document(
        language=language,
        title=say.of("安全评估报告", "Report of the security assessment"),
        subtitle=report.service,
        foot=f"{say.of('证据根哈希', 'Evidence root')} {report.head.root[:16]}",
        contents=say.of("目录", "Contents"),
        page=say.of("页", "Page"),
        made=report.made,
        cover=front.cover(report, say),
        blocks=tuple(numbered(chapters)),
    )
