"""A small regime of a country that does not exist, in the format of docs/regime-format.md."""

from __future__ import annotations

from kanhe.law.regime_file import load_regime

CHECKS = {"lights_on": ("least",)}

REGIME = """\
id: xx
title: {zh: 某国规则, en: Rules of Nowhere}
researched: 2026-11-21
zone: Europe/Vienna
areas:
  - {id: safety, title: {zh: 安全, en: Safety}}
"""

SOURCES = """\
- id: xx-act
  title: {zh: 灯火法, en: Lights Act}
  issuer: {zh: 议会, en: Parliament}
  force: law
  published: 2024-05-01
  in_force: {from: 2025-01-01}
  replaces: [xx-draft]
  confidence: verified
- id: xx-draft
  title: {zh: 灯火法草案, en: Draft of the Lights Act}
  issuer: {zh: 议会, en: Parliament}
  force: draft
  published: 2023-05-01
  confidence: from_memory
  note: {zh: 征求意见, en: for comment}
"""

OBLIGATIONS = """\
- id: xx-1
  source: xx-act
  clause: "1"
  area: safety
  bound: [provider, platform]
  known: {until: 2026-01-01}
  title: {zh: 点灯, en: Light the lights}
  text: {zh: 夜间须点灯。, en: Lights are lit at night.}
  parameters: {lamps: 3, since: 2025-01-01, kinds: [oil, wax], named: {a: true}, wide: "1.5"}
  confidence: verified
  applies: {all: [{is: {open: true}}, {not: {at_least: {guests: 10}}}]}
  controls: [lights]
- id: xx-1
  source: xx-act
  clause: "1"
  area: safety
  bound: [provider]
  in_force: {from: 2026-07-01}
  known: {from: 2026-01-01}
  title: {zh: 点灯, en: Light the lights}
  text: {zh: 夜间须点灯。, en: Lights are lit at night.}
  parameters: {lamps: 5}
  confidence: uncertain
  controls: [lights, register]
- id: xx-d-1
  source: xx-draft
  clause: "1"
  area: safety
  bound: [user]
  title: {zh: 熄灯, en: Put out the lights}
  text: {zh: 夜间须熄灯。, en: Lights are put out at night.}
  confidence: ours
  controls: [audit]
  changed_in: xx-1
"""

CONTROLS = """\
- id: lights
  title: {zh: 灯, en: Lights}
  check: lights_on
  parameters: {least: {of: xx-1, parameter: lamps}, fresh_days: 7}
  confidence: ours
- id: register
  title: {zh: 登记簿, en: Register}
  check: attested
  parameters:
    valid_days: 365
    statement: {zh: 我们登记。, en: We keep a register.}
    evidence: {zh: 登记簿, en: the register}
  confidence: ours
- id: audit
  title: {zh: 审计, en: Audit}
  check: awaits
  parameters: {capability: {zh: 审计, en: the audit}}
  confidence: ours
"""

QUESTIONS = """\
questions:
  - id: open
    kind: yes_no
    title: {zh: 是否开门？, en: Are you open?}
    help: {zh: 看门。, en: Look at the door.}
    clause: xx-1
  - id: guests
    kind: number
    title: {zh: 客人几位？, en: How many guests?}
    help: {zh: 数一数。, en: Count them.}
    clause: xx-1
    asked: {is: {open: true}}
  - id: house
    kind: one
    title: {zh: 何种房屋？, en: What house?}
    help: {zh: 看屋。, en: Look at it.}
    clause: xx-1
    options:
      - {id: inn, title: {zh: 客栈, en: Inn}}
      - {id: barn, title: {zh: 谷仓, en: Barn}}
  - id: opened
    kind: day
    title: {zh: 何日开业？, en: Since when?}
    help: {zh: 查日历。, en: Look it up.}
    clause: xx-1
routes:
  - id: permit
    title: {zh: 许可, en: Permit}
    text: {zh: 须申请。, en: Apply.}
    clause: xx-1
    condition: {any: [{is: {house: inn}}, {at_least: {guests: 5}}]}
valid_days: 180
"""

CLOCKS = """\
- id: permit
  title: {zh: 许可, en: Permit}
  clause: xx-1
  starts: answer:opened
  amount: 10
  unit: working_days
  confidence: verified
"""

CALENDAR = """\
id: xx
zone: Europe/Vienna
rest: [saturday, sunday]
years:
  - year: 2026
    notice: Gazette 1/2026
    provisional: false
    known: {from: 2025-11-04}
    holidays:
      - {from: 2025-12-31, to: 2026-01-02, title: {zh: 元旦, en: New Year}}
    workdays: [2026-01-04]
"""

RISKS = "R.1: {zh: 黑暗, en: darkness, keywords: 20, questions: 5, refusals: 2}\n"

JUDGING = """\
risks:
  R.1: {by: {fraud: ours, crime: uncertain}, lacks: {zh: 看不见, en: what is not seen}}
guests:
  drunk: {title: {zh: 醉客, en: The drunk}, none: {zh: 无从判断, en: nobody can tell}}
"""

RELATIONS = """\
- {here: xx-1, relation: subset-of, regime: yy, there: yy-1, confidence: ours}
"""

SERVICE = """\
strikes:
  source: Lights Act, 1
  clause: xx-1
  in_a_row: {value: 3, confidence: verified}
  in_a_day: {value: 5, confidence: verified}
  suspension_hours: {value: 24, confidence: ours}
  zone: {value: Europe/Vienna, confidence: ours}
label:
  clause: xx-1
  confidence: verified
  place: {value: suffix, confidence: ours}
  after: {zh: （机器）, en: (machine)}
  before: {zh: （机器）, en: (machine)}
implicit:
  clause: xx-1
  confidence: verified
  field: MADE
  label: "1"
  keys: [Label, Maker]
notices:
  clause: xx-1
  confidence: ours
  blocked_prompt: {zh: 未予处理, en: not processed}
  stopped_answer: {zh: 已停止, en: stopped}
  suspended_user: {zh: 已暂停, en: suspended}
  unchecked: {zh: 无法检查, en: not checked}
  object_to: {zh: 掌柜, en: the innkeeper}
"""

FILES = {
    "regime.yaml": REGIME,
    "sources.yaml": SOURCES,
    "questions.yaml": QUESTIONS,
    "obligations/a.yaml": OBLIGATIONS,
    "controls/a.yaml": CONTROLS,
    "clocks.yaml": CLOCKS,
    "calendar.yaml": CALENDAR,
    "risks.yaml": RISKS,
    "judging.yaml": JUDGING,
    "relations.yaml": RELATIONS,
    "service.yaml": SERVICE,
}


class FakeFiles:
    """A folder in memory; a `None` is a file that cannot be read."""

    def __init__(self, files):
        self._files = files

    def names(self):
        return sorted(self._files)

    def read(self, name):
        content = self._files[name]
        if content is None:
            raise PermissionError(13, "Permission denied")
        return content if isinstance(content, bytes) else content.encode()


def load(changes=None, checks=CHECKS):
    """Load the small regime; `changes`: files to be taken instead, or away (an empty text)."""
    files = {name: text for name, text in {**FILES, **(changes or {})}.items() if text != ""}
    return load_regime(FakeFiles(files), "xx", checks)
