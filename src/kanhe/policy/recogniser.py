"""Named recognisers of personal data: what has the shape, and what makes it a real one.

A recogniser is a value: a bounded pattern for the stream engine, the characters that may not stand
beside a finding, and a check over the text found. Word boundaries are not used, because a number
glued to Chinese text has none; each class of neighbours says why below.

Patterns and neighbours are read against text folded character by character (NFKC, invisible
characters removed; case kept). So a full-width colon or comma is ASCII here, and no neighbour class
may hold a character that people write before a number: 电话：138… comes as 电话:138….

Several findings may overlap (a mailbox ending in .com inside one ending in .com.cn). Whoever masks
keeps the leftmost, and of those the longest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from kanhe.policy.address import ADDRESS
from kanhe.policy.contact import is_email, is_ipv4, is_ipv6
from kanhe.policy.identity import (
    is_bank_card,
    is_credit_code,
    is_old_resident_id,
    is_plate,
    is_resident_id,
)


class Confidence(StrEnum):
    """How much a finding proves by itself: a checksum or an exact shape, a shape, a guess."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Recogniser:
    """One kind of personal data.

    `pattern` is a bounded expression over folded text. `not_after` and `not_before` are bodies of
    character classes, such as `0-9A-Za-z`: a finding may not begin right after, nor end right
    before, such a character; empty means that anything may stand there. `check` is asked with the
    folded text of a finding. `masked` is what a rule that masks writes in its place.
    """

    name: str
    pattern: str
    not_after: str
    not_before: str
    check: Callable[[str], bool]
    confidence: Confidence
    title_zh: str
    title_en: str
    masked: str


def _shape_is_enough(_text: str) -> bool:
    return True


_PROVINCE = "1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]"
_REGION = f"({_PROVINCE}|9[0-9])"
"""First two digits of a resident number: province, or 9 for a foreigner's residence card."""

_MONTH_DAY = "(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
_CODE = "[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]"
_SERIAL = "[0-9A-HJ-NP-Za-hj-np-z]"
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_HEX = "[0-9A-Fa-f]"

_RESIDENT_ID = Recogniser(
    name="cn-resident-id",
    pattern=f"{_REGION}[0-9]{{4}}[ -]?(18|19|20)[0-9]{{2}}{_MONTH_DAY}[ -]?[0-9]{{3}}[0-9Xx]",
    # Letters may touch it (ID4405…): the checksum and the date carry the precision.
    not_after="0-9",
    not_before="0-9",
    check=is_resident_id,
    confidence=Confidence.HIGH,
    title_zh="居民身份证号",
    title_en="resident identity number",
    masked="［身份证号］",
)

_OLD_RESIDENT_ID = Recogniser(
    name="cn-resident-id-15",
    pattern=f"{_REGION}[0-9]{{6}}{_MONTH_DAY}[0-9]{{3}}",
    # No checksum: a letter or a point beside it says serial number or decimal fraction.
    not_after="0-9A-Za-z._-",
    not_before="0-9A-Za-z_-",
    check=is_old_resident_id,
    confidence=Confidence.LOW,
    title_zh="旧式十五位身份证号",
    title_en="old 15-digit identity number",
    masked="［身份证号］",
)

_MOBILE = Recogniser(
    name="cn-mobile",
    pattern="(([+]|00)?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}",
    # Only digits: 加V138… and Tel.138… are how people write it.
    not_after="0-9",
    not_before="0-9",
    check=_shape_is_enough,
    confidence=Confidence.HIGH,
    title_zh="手机号码",
    title_en="mainland mobile number",
    masked="［手机号］",
)

_BANK_CARD = Recogniser(
    name="bank-card",
    pattern=(
        "(2[2-7]|35|4[0-9]|5[1-5]|6[0-9]|81|9[45])[0-9]{2}([0-9]{12,15}"
        "|( [0-9]{4}){3}( [0-9]{1,3})?|(-[0-9]{4}){3}(-[0-9]{1,3})?)"
    ),
    # A point before it: fractions printed with 16 digits pass Luhn one time in ten.
    not_after="0-9.",
    not_before="0-9",
    check=is_bank_card,
    confidence=Confidence.HIGH,
    title_zh="银行卡号",
    title_en="bank card number",
    masked="［银行卡号］",
)

_CREDIT_CODE = Recogniser(
    name="cn-uscc",
    # Who registers, what kind, then a region: 10 is the centre's own.
    pattern=f"([1-9ANYany][1239]|3[45])(10|{_PROVINCE})[0-9]{{4}}{_CODE}{{10}}",
    # It is made of letters and digits, so both beside it mean that it is part of something longer.
    not_after="0-9A-Za-z",
    not_before="0-9A-Za-z",
    check=is_credit_code,
    confidence=Confidence.HIGH,
    title_zh="统一社会信用代码",
    title_en="unified social credit code",
    masked="［统一社会信用代码］",
)

_PASSPORT = Recogniser(
    name="cn-passport",
    pattern="([Ee]([0-9]|[A-HJ-NP-Za-hj-np-z])[0-9]{7}|[Gg][0-9]{8}|[DSP]E?[0-9]{7})",
    # A hyphen before it is a product's number: KX-E12345678.
    not_after="0-9A-Za-z_-",
    not_before="0-9A-Za-z_",
    check=_shape_is_enough,
    confidence=Confidence.MEDIUM,
    title_zh="护照号码",
    title_en="passport number",
    masked="［护照号］",
)

_TRAVEL_PERMIT = Recogniser(
    name="cn-travel-permit",
    pattern="([HM][0-9]{8}([0-9]{2})?|C[0-9A-HJ-NP-Z][0-9]{7})",
    not_after="0-9A-Za-z_-",
    not_before="0-9A-Za-z_",
    check=_shape_is_enough,
    confidence=Confidence.MEDIUM,
    title_zh="往来港澳、内地通行证号",
    title_en="travel permit number",
    masked="［通行证号］",
)

_PLATE = Recogniser(
    name="cn-plate",
    pattern=(
        "[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新][A-HJ-NP-Za-hj-np-z]"
        f"[·•・.-]?({_SERIAL}{{5}}|[A-Ka-k]{_SERIAL}[0-9]{{4}}|[0-9]{{5}}[A-Ka-k]"
        f"|{_SERIAL}{{4}}[学警挂港澳领])"
    ),
    not_after="",  # it begins with a Chinese character and stands after others
    not_before="0-9A-Za-z",
    check=is_plate,
    confidence=Confidence.HIGH,
    title_zh="机动车号牌",
    title_en="vehicle plate",
    masked="［车牌号］",
)

_EMAIL = Recogniser(
    name="email",
    pattern=(
        "[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}@([A-Za-z0-9][A-Za-z0-9-]{0,62}[.]){1,4}[A-Za-z]{2,24}"
    ),
    # Not the point: "…" folds to three of them, and the leftmost finding wins anyway.
    not_after="A-Za-z0-9_%+-",
    not_before="A-Za-z0-9_@-",
    check=is_email,
    confidence=Confidence.HIGH,
    title_zh="电子邮箱",
    title_en="e-mail address",
    masked="［邮箱］",
)

_IPV4 = Recogniser(
    name="ipv4",
    pattern=f"{_OCTET}([.]{_OCTET}){{3}}",
    # A letter before it makes a version (v1.20.3.4), except the p of "ip".
    not_after="0-9.A-OQ-Za-oq-z_",
    # Not the point: a sentence may end here.
    not_before="0-9A-Za-z_",
    check=is_ipv4,
    confidence=Confidence.MEDIUM,
    title_zh="IPv4 地址",
    title_en="IPv4 address",
    masked="［IP地址］",
)

_IPV6 = Recogniser(
    name="ipv6",
    # Only what is in use begins a candidate: 2000::/3, fe80::/10, fc00::/7. So a::b is code.
    pattern=(
        f"([23]{_HEX}{{3}}|[Ff][Ee][89ABab]{_HEX}|[Ff][CDcd]{_HEX}{{2}})"
        f":({_HEX}{{0,4}}:){{1,6}}{_HEX}{{0,4}}"
    ),
    # No colon on either side: the full-width one, written before and after addresses, folds to it.
    not_after="0-9A-Za-z_",
    not_before="0-9A-Za-z_",
    check=is_ipv6,
    confidence=Confidence.HIGH,
    title_zh="IPv6 地址",
    title_en="IPv6 address",
    masked="［IP地址］",
)

_ADDRESS = Recogniser(
    name="cn-address",
    pattern=ADDRESS,
    not_after="",
    not_before="0-9线",  # 10号线 is a line of the underground
    check=_shape_is_enough,
    confidence=Confidence.LOW,
    title_zh="通信地址",
    title_en="postal address",
    masked="［地址］",
)

_WECHAT_ID = Recogniser(
    name="wechat-id",
    pattern="[Ww][Xx][Ii][Dd]_[0-9A-Za-z]{6,24}",
    not_after="0-9A-Za-z_",
    not_before="0-9A-Za-z_-",
    check=_shape_is_enough,
    confidence=Confidence.HIGH,
    title_zh="微信号",
    title_en="WeChat id",
    masked="［微信号］",
)

RECOGNISERS: Mapping[str, Recogniser] = MappingProxyType(
    {
        each.name: each
        for each in (
            _RESIDENT_ID,
            _OLD_RESIDENT_ID,
            _MOBILE,
            _BANK_CARD,
            _CREDIT_CODE,
            _PASSPORT,
            _TRAVEL_PERMIT,
            _PLATE,
            _EMAIL,
            _IPV4,
            _IPV6,
            _ADDRESS,
            _WECHAT_ID,
        )
    }
)
"""Every recogniser by the name that a ruleset writes."""
