"""Numbers as people write and speak them -> digits: 两千块, 二十万, 一年半, 百分之十五, 0.5万, １０００."""

from __future__ import annotations

import re
import unicodedata

DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "俩": 2,
    "仨": 3,
    "幺": 1,
    "壹": 1,
    "贰": 2,
    "叁": 3,
}
UNITS = {"十": 10, "百": 100, "千": 1000}
CHINESE = "零一二三四五六七八九十百千两〇俩"
# A Chinese number counts as one only where it counts something, so that 一次性, 一定, 统一 and 一对一 stay words.
COUNTED = (
    r"(?=个|次(?!性)|回|趟|年|月|天|日|岁|元|块|毛|万|亿|成|名|人|户|家|项|样|"
    r"种|周|倍|几|多|来|点|号|条|级|期|份|张|亩|里|季|小时|分钟|以|之|起|$)"
)
SPOKEN = re.compile(rf"[{CHINESE}]+(?:(?:万|亿)[{CHINESE}]*)*{COUNTED}")
BIG_SPOKEN = re.compile(rf"[一二三四五六七八九两][十百千万][{CHINESE}万]*")


def value_of(words: str) -> int | None:
    """两千五 -> 2500, 二十万 -> 200000, 二〇二三 -> 2023; None if it is no number."""
    if not words:
        return None
    if all(c in DIGITS for c in words):
        return int("".join(str(DIGITS[c]) for c in words))
    total = section = number = 0
    last_unit = 1
    for c in words:
        if c in DIGITS:
            number = DIGITS[c]
        elif c in UNITS:
            section += (number or 1) * UNITS[c]
            last_unit, number = UNITS[c], 0
        elif c in "万亿":
            size = 10_000 if c == "万" else 100_000_000
            total += (section + number) * size if section + number else size
            section = number = 0
            last_unit = size
        else:
            return None
    if number and last_unit >= 100 and words[-1] in DIGITS and "零" not in words[-2:]:
        number *= last_unit // 10  # 两千五 is 2500, 三万二 is 32000
    return total + section + number


def to_digits(text: str) -> str:
    """Every spoken number that counts something as digits; 万 and 亿 after digits are kept as they are."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"百分之([一二三四五六七八九十百零两\d.]+)", lambda m: f"{_plain(m[1])}%", text)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    text = re.sub(r"([一二三四五六七八九])成(?![立为就果员长本功交绩熟都])", lambda m: f"{DIGITS[m[1]] * 10}%", text)
    text = BIG_SPOKEN.sub(lambda m: _plain(m[0]), text)
    text = SPOKEN.sub(lambda m: _plain(m[0]), text)
    text = text.replace("一年半", "18个月").replace("1年半", "18个月")
    return re.sub(r"(\d)块", r"\1元", text)


def _plain(words: str) -> str:
    number = value_of(words)
    if number is None:
        return words
    if number >= 10_000 and number % 10_000 == 0:
        return f"{number // 10_000}万"
    return str(number)


NUMBER = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*(万|亿|%)?")


def numbers_in(text: str) -> set[str]:
    """All numbers of a text in one spelling, for comparing what is said with what proves it."""
    found: set[str] = set()
    for amount, unit in NUMBER.findall(to_digits(re.sub(r"\s+", "", text))):
        number = float(amount) * {"万": 1e4, "亿": 1e8}.get(unit, 1)
        found.add(f"{number:g}%" if unit == "%" else f"{number:.10g}")
    return found
