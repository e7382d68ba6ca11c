"""Recognisers, read by a matcher that tries every pair of ends and knows nothing of streams."""

import re
import string
from datetime import date, timedelta
from ipaddress import IPv4Address

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kanhe.policy.recogniser import RECOGNISERS, Confidence, Recogniser

LONGEST = 330  # characters: the longest mailbox

HAN = (
    "的一是在不了有和人这中大为上个我以要他时来用们生到作地于出就分对成会可年动说号码证件卡路街市区"
)
PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def find(recogniser: Recogniser, text: str) -> list[tuple[int, int]]:
    """Give every finding, leftmost first and longest of those, without overlaps."""
    pattern, found, start = re.compile(recogniser.pattern), [], 0
    while start < len(text):
        ends = range(min(len(text), start + LONGEST), start, -1)
        end = next((e for e in ends if _is_finding(recogniser, pattern, text, start, e)), None)
        if end:
            found.append((start, end))
        start = end or start + 1
    return found


def _is_finding(recogniser, pattern, text, start, end):
    return (
        pattern.fullmatch(text, start, end) is not None
        and not _is_in(recogniser.not_after, text[start - 1 : start] if start else "")
        and not _is_in(recogniser.not_before, text[end : end + 1])
        and recogniser.check(text[start:end])
    )


def _is_in(body, char):
    return bool(body and char and re.match(f"[{body}]", char))


def found(name: str, text: str) -> list[str]:
    return [text[start:end] for start, end in find(RECOGNISERS[name], text)]


# Strategies. Check characters are summed here, never taken from the code under test.

glue = st.text(HAN + "，。：（）", max_size=12)
digits = st.text(string.digits, min_size=1)


@st.composite
def resident_ids(draw):
    """Number by GB 11643, its check character by the defining congruence."""
    region = draw(st.sampled_from(["110105", "440524", "310104", "620102", "512501", "911840"]))
    day = date(1900, 1, 1) + timedelta(days=draw(st.integers(0, 45_000)))
    head = f"{region}{day:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    total = 0
    for digit in head:  # Horner's scheme for the sum of digits times powers of two, modulo 11
        total = (total + int(digit)) * 2 % 11
    return head + "0123456789X"[(12 - total) % 11]


def luhn_sum(number):
    doubled = [int(d) * (1 + (i % 2)) for i, d in enumerate(reversed(number))]
    return sum(d - 9 if d > 9 else d for d in doubled)


@st.composite
def bank_cards(draw):
    head, length = draw(
        st.sampled_from(
            [("622202", 19), ("621700", 16), ("436742", 16), ("955880", 19), ("51", 16)]
        )
    )
    rest = length - len(head) - 1
    body = head + draw(st.text(string.digits, min_size=rest, max_size=rest))
    card = body + str(-luhn_sum(body + "0") % 10)
    if draw(st.booleans()):
        return card
    return draw(st.sampled_from(" -")).join(card[i : i + 4] for i in range(0, length, 4))


@st.composite
def credit_codes(draw):
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = draw(st.sampled_from(["91110105", "52440300", "Y1110000", "91100000"])) + draw(
        st.text(alphabet, min_size=9, max_size=9)
    )
    # GB 32100: the sum of values times powers of three, with the check's own, is 0 modulo 31.
    total = sum(alphabet.index(char) * 3**place for place, char in enumerate(body))
    code = body + alphabet[-total % 31]
    assume(not code.isdigit())
    return code


@st.composite
def mobiles(draw):
    number = "1" + draw(st.text("3456789", min_size=1, max_size=1))
    number += draw(st.text(string.digits, min_size=9, max_size=9))
    separator = draw(st.sampled_from(["", " ", "-"]))
    prefix = draw(st.sampled_from(["", "+86", "86", "0086", "+86 ", "+86-"]))
    return prefix + separator.join([number[:3], number[3:7], number[7:]])


@st.composite
def plates(draw):
    serial = draw(
        st.one_of(
            st.from_regex(r"[A-HJ-NP-Z0-9]{4}[0-9]", fullmatch=True),
            st.from_regex(r"D[A-HJ-NP-Z0-9][0-9]{4}", fullmatch=True),
            st.from_regex(r"[0-9]{5}F", fullmatch=True),
            st.from_regex(r"[0-9]{4}[学警挂港澳]", fullmatch=True),
        )
    )
    province = draw(st.sampled_from("京沪浙粤川鄂鲁新云"))
    dot = draw(st.sampled_from(["", "·"]))
    return province + draw(st.sampled_from(PLATE_LETTERS)) + dot + serial


@st.composite
def emails(draw):
    word = st.from_regex(r"[a-z0-9]([a-z0-9_+-]{0,8}[a-z0-9])?", fullmatch=True)
    label = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
    local = ".".join(draw(st.lists(word, min_size=1, max_size=3)))
    domain = ".".join(draw(st.lists(label, min_size=1, max_size=3)))
    return f"{local}@{domain}.{draw(st.sampled_from(['cn', 'com', 'com.cn', 'org']))}"


ipv4s = st.integers(0x0B000000, 0x7EFFFFFF).map(lambda n: str(IPv4Address(n | 0x10)))
passports = st.from_regex(r"(E[0-9A-HJ-NP-Z][0-9]{7}|G[0-9]{8})", fullmatch=True)
wechat_ids = st.from_regex(r"wxid_[0-9a-z]{12,14}", fullmatch=True)


def joined(text):
    return text.replace(" ", "").replace("-", "")


GENERATED = {
    "cn-resident-id": resident_ids(),
    "bank-card": bank_cards(),
    "cn-uscc": credit_codes(),
    "cn-mobile": mobiles(),
    "cn-plate": plates(),
    "cn-passport": passports,
    "email": emails(),
    "ipv4": ipv4s,
    "wechat-id": wechat_ids,
}


@pytest.mark.parametrize("name", GENERATED)
def test_every_valid_one_glued_between_chinese_text_is_found_exactly(name):
    r"""Catches, planted: `\b` around the pattern, a neighbour class holding 一-龥 or a colon."""

    @given(GENERATED[name], glue, glue)
    def holds(valid, before, after):
        text = before + valid + after
        assert (len(before), len(before) + len(valid)) in find(RECOGNISERS[name], text)

    holds()


@pytest.mark.parametrize("name", ["cn-resident-id", "bank-card", "cn-uscc"])
def test_changing_any_one_digit_of_a_checked_number_loses_it(name):
    """Catches, planted: a check that is always true, weights shifted by one place."""

    # Written in fours, a card of 19 digits holds one of 16 that may pass: only joined digits here.
    @given(GENERATED[name].map(joined), st.data())
    def holds(valid, data):
        place = data.draw(st.sampled_from([i for i, c in enumerate(valid) if c.isdigit()]))
        other = data.draw(st.sampled_from(string.digits.replace(valid[place], "")))
        assert found(name, f"号码{valid[:place]}{other}{valid[place + 1 :]}已登记") == []

    holds()


@pytest.mark.parametrize("name", ["cn-resident-id", "bank-card", "cn-mobile", "cn-uscc", "ipv4"])
def test_a_number_inside_a_longer_run_of_digits_is_not_found(name):
    """Catches, planted: an empty `not_after` or `not_before`."""

    @given(GENERATED[name], digits, st.booleans())
    def holds(valid, more, in_front):
        text = more + valid if in_front else valid + more
        spans = find(RECOGNISERS[name], text)
        assert all(end - start != len(valid) or text[start:end] != valid for start, end in spans)
        for start, end in spans:  # whatever else is found does not end or begin inside a run
            assert not text[max(0, start - 1) : start].isdigit()
            assert not text[end : end + 1].isdigit()

    holds()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cn-mobile", "加V13812345678"),
        ("cn-mobile", "Tel.138 1234 5678,"),
        ("cn-resident-id", "身份证:11010519491231002X。"),
        ("cn-resident-id-15", "旧证110105491231002。"),
        ("cn-passport", "护照号EH5762565和"),
        ("cn-travel-permit", "通行证H1234567801，"),
        ("cn-travel-permit", "通行证C12345678，"),
        ("cn-plate", "车牌浙F·UCCHZ，"),
        ("email", "...someone@example.com."),
        ("email", "邮箱:someone@example.com.cn。"),
        ("ipv4", "来源IP203.0.113.253登录"),
        ("ipv4", "from 203.0.113.253."),
        ("ipv6", "地址:2001:db8::8a2e:370:7334,已记录"),
        ("ipv6", "fe80::1:"),
        ("cn-address", "昨天在浙江省杭州市西湖区人民街600号附近"),
        ("wechat-id", "微信wxid_8ob3du6hdp或者"),
    ],
)
def test_as_people_write_it_it_is_found_once(name, text):
    assert len(found(name, text)) == 1


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("cn-mobile", "订单113812345678", "a longer number"),
        ("cn-mobile", "圆周率3.14159265358979", "a decimal fraction"),
        ("bank-card", "比例0.6217000000000005", "a decimal fraction"),
        ("cn-resident-id-15", "SN110105491231002", "a serial number"),
        ("cn-passport", "型号KX-E12345678", "a product"),
        ("cn-passport", "E1234567", "a digit is missing"),
        ("cn-plate", "最新WECHAT", "a word"),
        ("cn-plate", "京AI2345", "no plate has the letter I"),
        ("cn-plate", "京A1234567", "too long"),
        ("email", "logo@2x.png", "a file"),
        ("ipv4", "版本号2024.10.15.1138", "a version"),
        ("ipv4", "v1.20.3.4", "a version"),
        ("ipv4", "1.20.3.400", "400 is no octet"),
        ("ipv4", "见第3.2.1.4节", "a heading"),
        ("ipv6", "std::vector<a::b>", "code"),
        ("ipv6", "12:30:45", "a time"),
        ("cn-address", "北京地铁10号线", "a line"),
        ("wechat-id", "wxid_", "nothing follows"),
    ],
)
def test_what_only_looks_like_it_is_not_found(name, text, why):
    assert found(name, text) == [], why


def test_the_longest_of_overlapping_findings_is_a_whole_domain():
    assert found("email", "a@example.com.cn") == ["a@example.com.cn"]


def test_every_recogniser_is_complete_and_stands_under_its_own_name():
    for name, recogniser in RECOGNISERS.items():
        assert name == recogniser.name
        assert recogniser.title_zh
        assert recogniser.title_en
        assert recogniser.masked.startswith("［")
        assert isinstance(recogniser.confidence, Confidence)


@pytest.mark.parametrize("name", RECOGNISERS)
def test_a_pattern_keeps_to_what_the_stream_engine_knows(name):
    pattern = RECOGNISERS[name].pattern
    outside_classes = re.sub(r"\[[^]]*\]", "", pattern)
    assert not re.search(r"[*+]|\\b|\(\?|\{\d*,\}|\\\d", outside_classes)


@pytest.mark.parametrize("name", RECOGNISERS)
def test_what_a_mask_writes_is_not_found_again(name):
    masked = RECOGNISERS[name].masked
    assert all(found(other, f"我的{masked}在") == [] for other in RECOGNISERS)
