"""Characters that look like others: letters of other scripts as Latin ones, and Chinese twins.

Written down by looking at them, for the disguises that people type; Unicode's own list of
confusables is far longer and folds letters that no reader would mistake. Accents are taken off
before this table is asked, and compatibility forms (full width, mathematical) are folded by NFKC.
"""

from __future__ import annotations

_LATIN = {
    "a": "аɑαᴀɐ",
    "b": "ЬьƄƅʙᏏвβ",
    "c": "сϲᴄⅽ",
    "d": "ԁɗᴅđ",
    "e": "еєɛᴇҽεэ",
    "f": "ƒꜰғ",
    "g": "ɡցɢ",
    "h": "һհнʜ",
    "i": "іıɩιɪ",
    "j": "јʝϳᴊ",
    "k": "кκᴋ",
    "l": "ӏⅼʟłƖ",
    "m": "мᴍⅿ",
    "n": "пηɴոŋ",
    "o": "оοօσᴏøө",
    "p": "рρᴘ",
    "q": "ԛգ",
    "r": "гᴦʀɾ",
    "s": "ѕꜱʂ",
    "t": "тτᴛ",
    "u": "υսᴜʋ",
    "v": "ѵνᴠⅴ",
    "w": "ԝшωᴡ",
    "x": "хχⅹ",
    "y": "уγʏү",
    "z": "ᴢʐ",
    "A": "АΑᎪ",
    "B": "ВΒᏴ",
    "C": "СϹᏟⅭ",
    "D": "ᎠⅮĐ",
    "E": "ЕΕᎬ",
    "F": "Ϝ",
    "G": "Ԍ",
    "H": "НΗᎻ",
    "I": "ІΙӀ",
    "J": "ЈᎫ",
    "K": "КΚᏦ",
    "L": "ᏞⅬŁ",
    "M": "МΜᎷⅯ",
    "N": "Ν",
    "O": "ОΟՕØ",
    "P": "РΡᏢ",
    "Q": "Ԛ",
    "S": "ЅՏᏚ",
    "T": "ТΤᎢ",
    "V": "ѴᏙⅤ",
    "W": "ԜᎳ",
    "X": "ХΧⅩ",
    "Y": "ҮΥ",
    "Z": "ΖᏃ",
}

# Only twins that differ by the length or the touch of one stroke.
_HAN_TWINS = {
    "日": "曰",
    "已": "己巳",
    "未": "末",
    "土": "士",
    "人": "入",
    "天": "夭",
    "干": "千",
    "戊": "戌戍",
    "贝": "见",
    "太": "犬",
    "侯": "候",
    "拔": "拨",
    "祟": "崇",
    "免": "兔",
    "历": "厉",
    "折": "拆",
    "晴": "睛",
    "冶": "治",
    "毫": "亳",
    "茶": "荼",
    "口": "囗",
}

LOOKALIKES: dict[str, str] = {
    twin: char for table in (_LATIN, _HAN_TWINS) for char, twins in table.items() for twin in twins
}
"""From a character to the one it is taken for."""
