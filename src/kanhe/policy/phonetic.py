"""How Chinese characters sound: the syllable, with or without its tone, as one matching character.

A character has one reading here, its most usual one; a term is spelled with its other usual
readings too (`spelling`), so that 校长 (xiàozhǎng) is caught in its homophones although 长 alone is
read cháng. Readings come from `pypinyin`, whose large phrase table is not loaded.
"""

from __future__ import annotations

import os
import unicodedata
from functools import cache
from itertools import chain

# Must stand before the import: the phrase table costs half a second and tens of megabytes.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
from pypinyin.constants import PINYIN_DICT

# A plane of private characters: no text can carry them by accident, since NFKC and every other
# fold leave them alone and a text that has them literally is treated like any unknown character.
_FIRST_TOKEN = 0x100000

POLYPHONES: dict[str, str] = {
    "长": "zhǎng",
    "行": "háng xíng",
    "重": "chóng zhòng",
    "乐": "yuè lè",
    "会": "kuài",
    "单": "shàn chán",
    "朝": "zhāo cháo",
    "传": "zhuàn chuán",
    "弹": "dàn tán",
    "调": "diào tiáo",
    "藏": "zàng cáng",
    "曾": "zēng céng",
    "参": "shēn cān",
    "差": "chāi chà chā",
    "率": "lǜ shuài",
    "数": "shù shǔ",
    "宿": "xiǔ sù",
    "血": "xiě xuè",
    "约": "yuē",
    "解": "jiě xiè",
    "角": "jué jiǎo",
    "觉": "jiào jué",
    "降": "xiáng jiàng",
    "强": "qiáng qiǎng",
    "奇": "jī qí",
    "系": "jì xì",
    "校": "jiào xiào",
    "折": "shé zhé",
    "着": "zháo zhe",
    "种": "zhǒng zhòng",
    "中": "zhòng zhōng",
    "转": "zhuǎn zhuàn",
    "作": "zuō zuò",
    "仇": "qiú chóu",
    "都": "dū dōu",
    "还": "huán hái",
    "得": "děi dé",
    "地": "de dì",
    "了": "liǎo le",
    "没": "mò méi",
    "便": "pián biàn",
    "处": "chǔ chù",
    "当": "dàng dāng",
    "度": "duó dù",
    "发": "fà fā",
    "分": "fèn fēn",
    "干": "gàn gān",
    "更": "gēng gèng",
    "好": "hào hǎo",
    "号": "háo hào",
    "和": "hè huó hé",
    "间": "jiàn jiān",
    "教": "jiāo jiào",
    "禁": "jīn jìn",
    "劲": "jìng jìn",
    "据": "jū jù",
    "看": "kān kàn",
    "空": "kòng kōng",
    "量": "liáng liàng",
    "落": "luò là",
    "难": "nàn nán",
    "炮": "bāo páo pào",
    "片": "piān piàn",
    "切": "qiē qiè",
    "曲": "qǔ qū",
    "散": "sǎn sàn",
    "色": "shǎi sè",
    "杀": "shā",
    "少": "shào shǎo",
    "舍": "shě shè",
    "石": "dàn shí",
    "提": "dī tí",
    "为": "wéi wèi",
    "相": "xiàng xiāng",
    "兴": "xīng xìng",
    "应": "yìng yīng",
    "与": "yù yǔ",
    "载": "zǎi zài",
    "只": "zhī zhǐ",
    "卜": "bo bǔ",
    "毒": "dú",
    "打": "dá dǎ",
    "大": "dài dà",
    "性": "xìng",
}
"""Characters with more than one usual reading, and those readings."""


def _plain(syllable: str) -> str:
    bare = "".join(
        c
        for c in unicodedata.normalize("NFD", syllable)
        # The two dots of ü are part of the sound; every other mark is a tone.
        if not unicodedata.combining(c) or c == "\u0308"
    )
    return bare.replace("u\u0308", "v")


@cache
def _token_numbers() -> dict[str, int]:
    read = {value.split(",")[0] for value in PINYIN_DICT.values()}
    spoken = read | set(chain.from_iterable(map(str.split, POLYPHONES.values())))
    every = sorted(spoken | {_plain(syllable) for syllable in spoken})
    return {syllable: number for number, syllable in enumerate(every)}


def _token(syllable: str) -> str:
    return chr(_FIRST_TOKEN + _token_numbers()[syllable])


@cache
def _reading(char: str) -> str | None:
    readings = PINYIN_DICT.get(ord(char))
    return readings.split(",")[0] if readings else None


def readings(char: str) -> tuple[str, ...]:
    """Give the usual readings of `char`, tone marks kept, the first one first; often none."""
    first = _reading(char)
    others = POLYPHONES.get(char, "").split()
    return tuple(dict.fromkeys([first, *others])) if first else ()


def sound(syllable: str, *, tones: bool) -> str:
    """Give the one matching character for a syllable; with `tones`, its tone counts too."""
    return _token(syllable if tones else _plain(syllable))


def letters(syllable: str) -> str:
    """Give a syllable as people type it: Latin letters, no tone, `v` for ü."""
    return _plain(syllable)


def heard(char: str, *, tones: bool) -> str:
    """Give what `char` sounds like as one matching character, or `char` where it has no reading."""
    syllable = _reading(char)
    return sound(syllable, tones=tones) if syllable else char


def spoken(char: str) -> str:
    """Give the Latin letters of the usual reading of `char`, or `char` where it has none."""
    syllable = _reading(char)
    return letters(syllable) if syllable else char
