"""A template is read whole or refused with all that is wrong with it, line by line."""

import contextlib

import pytest

from kanhe.errors import FaultyTemplate
from kanhe.judge.template import Guard, Message, Remote, Wire
from kanhe.judge.template_file import load_template

GOOD = """\
id: mine
title: {zh: 我的, en: Mine}
source: here
license: ours
wire: chat
prompt: [{role: user, text: "{text}"}]
answer: [{role: user, text: "{context}"}, {role: assistant, text: "{text}"}]
read: {verdict: '(yes|no)', verdicts: {"yes": 0.9, "no": 0.1}}
categories: {Bad: [hate, own.house-rule]}
"""
RAW = """\
id: raw
title: {zh: 原, en: Raw}
source: here
license: ours
wire: completions
prompt: "<|user|>{text}<|end|>"
answer: "<|user|>{context}<|end|><|model|>{text}<|end|>"
read: {verdict: '(yes|no)', verdicts: {"yes": 0.9, "no": 0.1}}
"""
HTTP = """\
id: web
title: {zh: 网, en: Web}
source: here
license: ours
wire: http
path: /check
request: {content: "{text}", list: [1, 2.5, true, null, "1"]}
unsafe: /score
scale: 100
verdicts: {block: 1}
"""


def load(text):
    return load_template(text.encode(), "mine.yaml")


def faults(text):
    with pytest.raises(FaultyTemplate) as caught:
        load(text)
    return caught.value.faults


def test_a_good_template_is_what_it_says():
    guard = load(GOOD)
    assert isinstance(guard, Guard)
    assert guard.wire is Wire.CHAT
    assert guard.prompt == (Message("user", "{text}"),)
    assert guard.looks_for == {"unsafe", "hate", "own.house-rule"}
    assert guard.puts_words_in_its_mouth
    assert len(guard.passes) == 1
    assert len(guard.head.sha256) == 64
    assert load(GOOD + "\n").head.sha256 != guard.head.sha256


def test_a_raw_prompt_is_one_message_without_a_role():
    guard = load(RAW)
    assert guard.answer == (Message("", "<|user|>{context}<|end|><|model|>{text}<|end|>"),)
    assert not guard.puts_words_in_its_mouth


def test_a_service_is_read_with_its_numbers():
    remote = load(HTTP)
    assert isinstance(remote, Remote)
    assert remote.request == {"content": "{text}", "list": [1, 2.5, True, None, "1"]}
    assert (remote.scale, remote.verdicts) == (100.0, {"block": 1.0})


def test_all_faults_are_told_at_once_each_with_its_line():
    text = GOOD.replace("{text}", "{txet}").replace("hate", "hatte").replace("0.9", "1.9")
    found = faults(text + "most_tokenz: 3\n")
    assert {(fault.line, fault.what) for fault in found} >= {
        (6, "`prompt` has no place for the text"),
        (6, "`prompt` has the place {txet}, which nothing fills"),
        (7, "`answer` has no place for the text"),
        (8, "`yes` has no probability"),
        (9, "'hatte' is no category"),
        (10, "unknown key `most_tokenz`"),
    }
    assert all(fault.file == "mine.yaml" and fault.rule == "mine" for fault in found)
    assert any("Did you mean `hate`?" in fault.advice for fault in found)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is no mapping"),
        ("a: [", "is no YAML"),
        (GOOD.replace("id: mine", "id: Mine!"), "is no id"),
        (GOOD.replace("wire: chat\n", ""), "`wire` is missing"),
        (GOOD.replace("wire: chat", "wire: fax"), "`wire` cannot be 'fax'"),
        (GOOD.replace("title: {zh: 我的, en: Mine}\n", ""), "`title` is missing"),
        (GOOD.replace("license: ours\n", ""), "`license` is missing"),
        (GOOD.replace("role: user", "role: boss"), "there is no role 'boss'"),
        (GOOD.replace("(yes|no)", "(yes|no)*"), "no bound"),
        (GOOD.replace("read:", "raed:"), "`read` is missing"),
        (GOOD.replace("verdicts:", "verdict_s:"), "`verdicts` is missing"),
        (GOOD.replace("[hate", "[unsafe"), "goes without saying"),
        (GOOD + "tokens: [x]\n", "no token that can be broken up"),
        (GOOD + "passes: [{name: a}, {name: a}]\n", "two passes are named 'a'"),
        (GOOD + "passes: [{name: a, words: {text: x}}]\n", "no word may be named 'text'"),
        (GOOD + "extra: 3\n", "`extra` is '3'"),
        (GOOD + "extra: {a: !mine x}\n", "which JSON has not"),
        (GOOD.replace('"{text}"}]\na', '"{text} {mrak}"}]\na'), "{mrak}"),
        (RAW.replace("{text}", ""), "no place for the text"),
        (HTTP.replace("path: /check", "path: check"), "is no path"),
        (HTTP.replace("/score", "score"), "is no JSON pointer"),
        (HTTP.replace("scale: 100", "scale: 0"), "`scale` is no number above 0"),
        (HTTP.replace('"{text}"', '"x"'), "`request` has no place for the text"),
        (HTTP + "read: {}\n", "unknown key `read`"),
        (HTTP + "scores: {x: [hate]}\n", "is no JSON pointer"),
    ],
)
def test_each_fault_has_its_words(text, what):
    assert any(what in fault.what for fault in faults(text))


@pytest.mark.parametrize("text", [GOOD, RAW, HTTP])
def test_a_template_cut_anywhere_is_refused_or_read_but_never_breaks(text):
    for end in range(len(text)):
        with contextlib.suppress(FaultyTemplate):
            assert load(text[:end]).head.id
