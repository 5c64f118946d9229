"""Sums of money in free words: 四千八, 1万5, 两千多, 每人八千; and which of several is the one complained of. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from handlers.tickets.facts import Money

SPOKEN = {word: n for n, word in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "两": 2, "俩": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
UNITS = {
    "十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000, "K": 1000, "万": 10_000,
    "萬": 10_000, "w": 10_000, "W": 10_000,
}  # fmt: skip
_FIGURE = re.compile(r"\d{1,3}(?:[,，]\d{3})+(?:\.\d{1,2})?(?!\d)|\d{1,9}(?:\.\d{1,2})?")
_CURRENCY = re.compile(r"\s*(?:块钱|元钱|块|元|圆|塊|人民币|RMB|rmb)(?:整|正)?")
_AFTER = re.compile(r"\s*(?:多|来|几|左右|上下|出头|有余|余|不到|的样子)")
_BEFORE = re.compile(r"(?:大概|大约|差不多|将近|接近|快|约|近|至少|起码|不下|不少于|超过|好像|估计|小)(?:是|有)?$")
_COUNTER = re.compile(
    r"\s*(?:多|来|几)?(?:个|名|位|人|户|家|口|年|月|天|日|号|岁|次|趟|回|遍|斤|亩|米|里|公里|分钟|小时|点|吨|期|组|队|栋|楼|层|条|"
    r"辆|台|件|双|包|平|字|课|节|周|星期|级|[%％度:：/\-])"
)
_TOTAL = re.compile(r"(?:一共|总共|共计|合计|加起来|拢共|统共|总计|共(?:是|有)?|累计)[^，。；！？]{0,8}$")
_TOTAL_AFTER = re.compile(r"^[^，。；]{0,2}(?:总共|一共)")
_RATE_BEFORE = re.compile(
    r"(?:一天|每天|日薪|一个月|每个?月|每年|一年|月薪|年薪|月工资|工资(?:是|标准|每月)|一小时|每小时|一亩|计件|时薪|底薪|一个工)"
    r"[^，。；]{0,5}$"
)
_RATE_AFTER = re.compile(r"^\s*(?:块钱?|元)?\s*(?:/|一|每|1)\s*(?:天|个?月|年|小时|个工|亩|工|斤)")
_EACH = re.compile(r"(?:每个?人|一个?人|1个?人|人均|每户|一户|每家|一家|各)[^，。；]{0,7}$")
_EACH_AFTER = re.compile(r"^\s*(?:/|一|每|1)\s*(?:个?人|户|家|位)")
_GOT = re.compile(
    r"(?:只|才|就|到手|已经|先|总共才|预支|给过|借支)(?:给|发|付|拿|结|有|到手|退|领)?[了过我到]*[^，。；]{0,2}$"
)
_PROMISED = re.compile(r"(?:说好|讲好|答应|承诺|说是|应该给|说给)[^，。；]{0,6}$")
_RIGHT = re.compile(r"(?:应该是|应是|改成|改为|其实是|实际是|是)$")
_SPENT = re.compile(r"(?:路费(?!补)|车费)[^，。；]{0,6}$")
_ASKED = re.compile(r"(?:要|贷|申请|退|讨|差额)[^，。；]{0,3}$")


@dataclass(frozen=True)
class Sum:
    """Money found in a text."""

    yuan: Decimal
    rough: bool
    start: int
    end: int
    currency: bool
    """Said with 块 or 元, or so large that it is money."""


def find_money(text: str, owed: re.Pattern[str]) -> Money | None:
    """The sum complained of: the total before a part, what is owed before what was paid or is earned a month.

    None if only such other sums are named. `text` is without long numbers.
    """
    best: tuple[float, int, Money] | None = None
    for found in sums_in(text):
        before, after = _clause(text, found)
        score = _score(found, before, after, owed)
        if score is None or score <= -3:
            continue
        money = Money(found.yuan, found.rough, bool(_EACH.search(before) or _EACH_AFTER.match(after)))
        if best is None or score > best[0]:
            best = (score, found.start, money)
    return best[2] if best else None


def sums_in(text: str) -> list[Sum]:
    """Every number that may be money, from left to right."""
    found: list[Sum] = []
    at = 0
    while at < len(text):
        parsed = read_sum(text, at)
        if parsed is None:
            at += 1
            continue
        yuan, rough, end, large = parsed
        currency = _CURRENCY.match(text, end)
        stop = currency.end() if currency else end
        if after := _AFTER.match(text, stop):
            rough, stop = True, after.end()
            if not currency and (currency := _CURRENCY.match(text, stop)):
                stop = currency.end()
        rough = rough or _BEFORE.search(text[max(0, at - 6) : at]) is not None
        counted = currency is None and _COUNTER.match(text, end) is not None
        month = text[max(0, at - 1) : at] in ("第", "满", "周")
        if not counted and not month and yuan > 0:
            found.append(Sum(yuan, rough, at, stop, currency is not None or large))
        at = max(end, at + 1)
    return found


def read_sum(text: str, at: int) -> tuple[Decimal, bool, int, bool] | None:
    """(yuan, rough, end, certainly large) of the number that begins here; None if none does."""
    if at and (text[at - 1] in SPOKEN or (text[at - 1].isdecimal() and text[at].isdecimal())):
        return None  # within a number; a Chinese numeral after figures begins another: 12333三次
    total = section = Decimal(0)
    last = 100_000
    rough, units, start = False, 0, at
    while at < len(text):
        zero = text[at] in "零〇" and bool(units)
        if zero:
            at += 1
        figure = _FIGURE.match(text, at)
        if figure:
            if units and figure.end() - at > 4:
                break
            number, end = Decimal(figure[0].replace(",", "").replace("，", "")), figure.end()
        elif text[at : at + 1] in SPOKEN and text[at : at + 1]:
            number, end = Decimal(SPOKEN[text[at]]), at + 1
            if text[end : end + 1] in SPOKEN and text[end + 1 : end + 2] in UNITS and text[end : end + 1]:
                rough, end = True, end + 1  # 三四千: three at least
        elif text[at : at + 1] in ("十", "拾") or (text[at : at + 1] in UNITS and text[at + 1 : at + 2] == "把"):
            number, end = Decimal(1), at
        else:
            break
        if text[end : end + 1] in ("多", "来", "几") and text[end + 1 : end + 2] in UNITS:
            rough, end = True, end + 1
        unit = UNITS.get(text[end : end + 1])
        if unit is None:
            # 四千八 is 4800, 1万3500 13500, 三千零五 3005; a lone digit is itself.
            if not units or zero or last == 10 or number >= 10:
                section += number
            else:
                section += number * last / 10
            at, last = end, 1
            break
        if unit >= last and not (unit == 10_000 and units):
            break
        end += 1
        if text[end : end + 1] == "把":
            rough, end = True, end + 1
        if unit == 10_000:
            total += (section + number) * unit
            section = Decimal(0)
        else:
            section += number * unit
        at, last, units = end, unit, units + 1
        # 十万 is ten times ten thousand: a bare 万 after 十 or 百 multiplies all before it.
        if text[at : at + 1] in ("多", "来", "几") and UNITS.get(text[at + 1 : at + 2]) == 10_000 and unit < 10_000:
            rough, at = True, at + 1
        if UNITS.get(text[at : at + 1]) == 10_000 and unit < 10_000:
            total, section, last, at = section * 10_000, Decimal(0), 10_000, at + 1
    if at == start:
        return None
    total += section
    if total == total.to_integral_value():
        total = Decimal(int(total))
    return total, rough, at, units > 0 and total >= 100


def _clause(text: str, found: Sum) -> tuple[str, str]:
    before = re.split(r"[，。；！？,;!?\n]", text[: found.start])[-1][-14:]
    return before, re.split(r"[，。；！？,;!?\n]", text[found.end :])[0][:14]


def _score(found: Sum, before: str, after: str, owed: re.Pattern[str]) -> float | None:
    about = owed.search(before) is not None
    ahead = owed.search(after) is not None
    total = _TOTAL.search(before) is not None or _TOTAL_AFTER.match(after) is not None
    if not found.currency and not (found.yuan >= 10 and (about or total or _RIGHT.search(before))):
        return None
    score = 0.0
    score += 6 * total + 4 * about + 3 * ahead + 1 * (_ASKED.search(before) is not None)
    score -= 4 * (_RATE_BEFORE.search(before) is not None and not about) + 4 * (_RATE_AFTER.match(after) is not None)
    score -= 3 * (_SPENT.search(before) is not None and not about)
    score -= 5 * (_GOT.search(before) is not None and not about) + 2 * (_PROMISED.search(before) is not None)
    return score
