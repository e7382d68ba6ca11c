"""The words of the console, each with one meaning, and its keys."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanhe.console import shown
from kanhe.console.render import answer
from kanhe.console.route import ConsoleRoute
from kanhe.terms import Text

WORDS: tuple[tuple[str, Text, Text], ...] = (
    ("tally", Text("勘合", "tally"),
     Text("一剖为二的凭证：左半是法，右半是据。两半相合，即为已证实。",
          "A mark in two halves: the left one is the law, the right one its evidence. "
          "Where they meet, a duty is met.")),
    ("obligation", Text("义务", "obligation"),
     Text("法规、标准中的一项要求，注明条款与生效日期，以本项目自己的文字转述。",
          "One thing that a law or a standard asks, with its clause and its dates, in our own "
          "words.")),
    ("control", Text("核查项", "control"),
     Text("用来判断义务是否满足的检查，只看账本，不看配置。",
          "What is looked at to say whether a duty is met: the ledger, never a setting.")),
    ("evidence", Text("证据", "evidence"),
     Text("账本中的条目，按编号引用，任何人都可独立验证。",
          "Entries of the ledger, by number; anybody can verify them.")),
    ("met", Text("已证实", "met"),
     Text("账本中的记录证明已经做到。", "It is done, and entries of the ledger prove it.")),
    ("gap", Text("未满足", "gap"),
     Text("账本显示没有做到。", "The ledger shows that it is not done.")),
    ("stale", Text("已过期", "stale"),
     Text("曾经做到，但证据已超过有效期，需要更新。",
          "It was done, and the evidence has grown too old.")),
    ("unknown", Text("待判断", "unknown"),
     Text("从账本看不出是否做到；看不出，就不说已做到。",
          "It cannot be seen whether it is done; then it is never called met.")),
    ("not-applicable", Text("不适用", "not applicable"),
     Text("按适用范围的回答，该义务现在不约束本服务。",
          "By the answers on scope, it does not bind this service now.")),
    ("ledger", Text("账本", "ledger"),
     Text("只增不改的记录，任何改动、删除、调换都会被发现。",
          "A record that only grows; a change, a removal, an exchange is found out.")),
    ("witness", Text("见证", "witness"),
     Text("由第三方对账本末端联署。此后，运营者无法改写过去。",
          "Somebody else cosigns the end of the ledger; from then on the operator cannot rewrite "
          "its past.")),
    ("regime", Text("法规集", "regime"),
     Text("一地的法规、期限与日历，全部以数据形式提供。",
          "The laws, deadlines and calendars of one place, as data.")),
    ("edition", Text("版本", "edition"),
     Text("法规集文件的哈希，说明结论依据的是哪一版。",
          "The hash of a regime's files: which state of the law an answer rests on.")),
    ("known", Text("知悉日", "known on"),
     Text("以哪一天所知的法规来回答。改期公告之前与之后，答案可以不同。",
          "As one knew the law on which day; before and after a change was announced the answer "
          "can differ.")),
    ("determination", Text("适用认定", "determination"),
     Text("对适用范围各问题的回答，连同回答人的编号写入账本。",
          "The answers on scope, on the ledger under the id of who gave them.")),
    ("attestation", Text("声明", "attestation"),
     Text("只有人能确认的义务，由负责人确认，到期失效。",
          "A signed word of somebody responsible, for what only people can say; it expires.")),
    ("drill", Text("演练", "drill"),
     Text("服务定期用事先埋设的词和故障自测，只把结果写入账本。",
          "The service tries itself with a planted word and planted failures; only the outcome is "
          "on the ledger.")),
    ("route", Text("应办手续", "route"),
     Text("按适用范围的回答，需要办理的备案、登记、评估等。",
          "What has to be filed, registered or assessed, by the answers on scope.")),
    ("as-if", Text("视同有效", "as if"),
     Text("把草案当作已生效的法规来提问；草案本身不具约束力。",
          "A draft taken for law, to ask what it would have asked for; it never binds.")),
    ("provisional", Text("暂定", "provisional"),
     Text("所依据的放假通知尚未发布，期限可能变动。",
          "The notice on that year's holidays is not out yet, so a deadline may move.")),
    ("confidence", Text("可信度", "confidence"),
     Text("条文原文看到什么程度：已阅、凭记忆、存疑、本项目选定。",
          "How well the text was seen: read, from memory, uncertain, our choice.")),
    ("ruleset", Text("规则集", "ruleset"),
     Text("正在生效的拦截规则，以哈希标识版本。",
          "The rules in force, their version named by a hash.")),
    ("candidate", Text("候选版本", "candidate"),
     Text("改动后等待发布的规则：一人提出，另一人发布。",
          "Changed rules that wait: one person proposes them, another releases them.")),
    ("assessment", Text("安全评估", "assessment"),
     Text("按事先定好的方案向服务提问、判定回答，得出逐条可复核的报告。",
          "Questions put to the service by a plan, answers judged, and a report of which every "
          "figure can be computed anew.")),
    ("bank", Text("题库", "bank"),
     Text("同一类题目的集合，以哈希标识：应答、应拒，或用于检验生成内容。",
          "Questions of one kind, with a hash: to be answered, to be refused, or whose answers are "
          "tested.")),
    ("trial", Text("提问", "trial"),
     Text("对一个对象问一道题的一次，包括变体与重复。",
          "One asking of one question of one target; disguises and repetitions are trials, too.")),
    ("unscored", Text("未判定", "unscored"),
     Text("没有回答，或没有判定结果；计入总数，按未通过对待，从不猜测。",
          "There was no answer, or no verdict on it: it counts against the service and is never "
          "guessed.")),
    ("point-rule", Text("法定点规则", "point rule"),
     Text("法规的要求：抽多少题、多大比例符合。整数计算，不作舍入。",
          "What the law asks for: so many of those asked, in whole numbers.")),
    ("strength", Text("证据强度", "strength of evidence"),
     Text("不达标的服务有多大可能碰巧得到这样的结果。只作提示，不替代结论。",
          "Whether a service that does not keep the bound would have come out so well by chance; "
          "it concludes nothing.")),
    ("open", Text("尚无结论", "nothing is concluded"),
     Text("题目、判定方式或人工判定有缺，因此不说符合，也不说不符合。",
          "Questions, a way of judging or people's verdicts are missing; so it neither conforms "
          "nor fails.")),
    ("panel", Text("合议", "panel"),
     Text("两人判定不一致时，由没有判过该题的人说明理由后裁定。",
          "Where two who judged differ, somebody who did not judge decides, with a reason.")),
)  # fmt: skip
"""By anchor: the word, and what it means here."""

KEYS: tuple[tuple[str, Text], ...] = (
    ("/", Text("跳到搜索框", "go to the search field")),
    ("g o", Text("总览", "overview")),
    ("g b", Text("义务", "obligations")),
    ("g d", Text("期限", "deadlines")),
    ("g s", Text("适用范围", "scope")),
    ("g t", Text("设置", "settings")),
    ("← ↑ → ↓", Text("在勘合图上移动", "move on the board of tallies")),
    ("1 2 3 U", Text("标注文本；U 撤回上一条", "label a text; U takes the last one back")),
    ("?", Text("本页", "this page")),
)


async def glossary(request: Request) -> Response:
    """`GET /glossary`: words and keys."""
    data: shown.Data = {
        "words": [{"id": name, "word": shown.text(word), "meaning": shown.text(meaning)}
                  for name, word, meaning in WORDS],
        "keys": [{"keys": keys, "does": shown.text(does)} for keys, does in KEYS],
    }  # fmt: skip
    return answer(request, "glossary.html", data)


ROUTES = (ConsoleRoute("/glossary", glossary, "signed-in", twin=True),)
