"""Days in every form people write: 下周六, 腊月二十, 5月3号, 2026.12.5, 五一, 月底 -> first and last day. Pure.

A day without a year is the next one, today counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from handlers.offers.lunar import HOLIDAYS, lunar_year_of, next_holiday, next_lunar, whole_lunar

Days = tuple[date, date]
"""First and last."""

N = r"(?:\d{1,2}|[零〇一二两三四五六七八九十廿卅]{1,3})"
DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"〇": 0, "两": 2}
WEEKDAYS = {**{c: n for n, c in enumerate("一二三四五六日")}, "天": 6, **{str(n + 1): n for n in range(7)}}
AFTER = 30
"""Days that are meant by 五一后."""


def number(words: str) -> int:
    """十二 -> 12, 廿三 -> 23, 05 -> 5. Raises ValueError."""
    if words.isdigit():
        return int(words)
    words = words.replace("廿", "二十").replace("卅", "三十")
    tens, found, rest = words.partition("十")
    if not {tens, rest} <= {"", *DIGITS}:
        raise ValueError(words)
    if found:
        return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[rest] if rest else 0)
    if len(words) != 1 or words not in DIGITS:
        raise ValueError(words)
    return DIGITS[words]


def _one(day: date) -> Days:
    return day, day


def _next(month: int, day: int, today: date) -> date:
    found = date(today.year, month, day)
    return found if found >= today else date(today.year + 1, month, day)


def _month(first: date) -> Days:
    after = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first.replace(day=1), after - timedelta(days=1)


def _named_month(words: str, today: date) -> date:
    """The first of 下个月, 本月, 12月; of a month that is over, next year's."""
    if not words or words[0] in "这本当":
        return today.replace(day=1)
    if words[0] in "下上":
        step = 31 if words[0] == "下" else -1
        return (today.replace(day=1) + timedelta(days=step)).replace(day=1)
    found = date(today.year, number(words.rstrip("份").rstrip("月")), 1)
    return found if _month(found)[1] >= today else found.replace(year=today.year + 1)


def _year(words: str, today: date) -> int:
    named = {"今年": 0, "明年": 1, "后年": 2, "去年": -1}
    if words in named:
        return today.year + named[words]
    return int(words) if len(words) == 4 else 2000 + int(words)


def _full(m: re.Match[str], today: date) -> Days:
    return _one(date(_year(m[1], today), number(m[2]), number(m[3])))


def _lunar(m: re.Match[str], today: date) -> Days | None:
    named, leap, month, day = m[1], m[2], m[3], m[4]
    if not (named or month in "正冬腊" or day[0] in "初廿"):
        return None  # 十二月二十 alone is the Gregorian one
    months = {"正": 1, "冬": 11, "腊": 12}
    lunar_month = months[month] if month in months else number(month)
    return _one(next_lunar(lunar_month, number(day.strip("初日号")), today, leap=bool(leap)))


def _lunar_month(m: re.Match[str], today: date) -> Days:
    """腊月里, 正月: the whole month that runs, or the next; 腊月底 its last ten days."""
    month = {"正": 1, "冬": 11, "腊": 12}[m[1]]
    first, last = whole_lunar(month, today)
    part = m[2] or ""
    if part.startswith(("底", "末", "下旬")):
        return last - timedelta(days=9), last
    if part.startswith(("初", "上旬", "头")):
        return first, first + timedelta(days=9)
    return (first + timedelta(days=10), first + timedelta(days=19)) if part.startswith("中旬") else (first, last)


def _new_year(m: re.Match[str], today: date) -> Days:
    """初八: of the lunar month that runs, or the next; 大年初一 of the next first month."""
    day = number(m[2])
    if m[1]:
        return _one(next_lunar(1, day, today))
    _, month = lunar_year_of(today)
    days = [next_lunar(one, day, today) for one in (month, month % 12 + 1)]
    return _one(min(days))


def _holiday(m: re.Match[str], today: date) -> Days:
    return next_holiday(m[1], today)


def _month_day(m: re.Match[str], today: date) -> Days:
    if m[1]:
        return _one(_named_month(m[1], today).replace(day=number(m[3])))
    return _one(_next(number(m[2]), number(m[3]), today))


def _bare_day(m: re.Match[str], today: date) -> Days:
    day = number(m[1])
    first = today if day >= today.day else _month(today)[1] + timedelta(days=1)
    return _one(first.replace(day=day))


def _part_of_month(m: re.Match[str], today: date) -> Days:
    first, last = _month(_named_month(m[1] or "", today))
    at = {"初": (1, 10), "上": (1, 10), "中": (11, 20)}.get(m[2][0])
    found = (first.replace(day=at[0]), first.replace(day=at[1])) if at else (first.replace(day=21), last)
    if m[2] in ("底", "末"):
        found = last - timedelta(days=4), last
    return found if m[1] or found[1] >= today else _part_of_month_after(m[2], last)


def _part_of_month_after(part: str, last: date) -> Days:
    found = re.fullmatch(r"()(.+)", part)
    assert found is not None
    return _part_of_month(found, last + timedelta(days=1))


def _whole_month(m: re.Match[str], today: date) -> Days:
    return _month(_named_month(m[1], today))


def _week(m: re.Match[str], today: date) -> Days:
    which, day = (m[1] or "").replace("个", ""), m[2]
    weeks = {"下": 1, "下下": 2, "上": -1}.get(which, 0)
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
    if day in ("末", "尾"):
        if not which and today.weekday() == 6:
            return today, today + timedelta(days=7)  # said on a Sunday: today, or the one to come
        return monday + timedelta(days=5), monday + timedelta(days=6)
    found = monday + timedelta(days=WEEKDAYS[day])
    return _one(found if which or found >= today else found + timedelta(weeks=1))


def _whole_week(m: re.Match[str], today: date) -> Days:
    weeks = {"下": 1, "下下": 2, "上": -1}.get(m[1].replace("个", ""), 0)
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
    return monday, monday + timedelta(days=6)


def _named_day(m: re.Match[str], today: date) -> Days:
    step = {"今": 0, "明": 1, "后": 2, "昨": -1, "前": -2}[m[2]] + (1 if m[1] else 0)
    return _one(today + timedelta(days=step))


def _days_on(m: re.Match[str], today: date) -> Days:
    unit = 7 if m[2] != "天" else 1
    return _one(today + timedelta(days=number(m[1]) * unit))


def _year_end(m: re.Match[str], today: date) -> Days:
    """年前, 年后: before and after the spring festival; 年底 of the year of the calendar."""
    if m[1] == "年底":
        return date(today.year, 12, 16), date(today.year, 12, 31)
    first, last = next_holiday("春节", today)
    return (today, first - timedelta(days=1)) if "前" in m[1] else (last + timedelta(days=1), last + timedelta(AFTER))


WHICH_MONTH = rf"下个?月|[这本当]个?月|上个?月|{N}月份?"
HOLIDAY = "|".join(sorted(HOLIDAYS, key=len, reverse=True))
ENDS_THERE = r"(?=$|[前后之以里，,。 开办搞有没还的呢吗嘛吧哪么也都那这]|[^\u4e00-\u9fff])"
PART_OF_LUNAR = "底|末|初(?![一二三四五六七八九十\\d])|头|上旬|中旬|下旬"
NO_PLACE = r"(?!\s*(?:楼|线|门|厅|馆|窗|桌|院|店|厂|路|车间|会议|大厅))"
READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Days | None]], ...] = tuple(
    (re.compile(shape), reader)
    for shape, reader in (
        (rf"(?<!\d)(\d{{4}}|\d\d(?=年)|[今明后去]年)(?:年|[./-])?\s*({N})(?:月|[./-])\s*({N})(?:日|号)?(?!\d)", _full),
        (r"(?<!\d)(20\d\d)([01]\d)([0-3]\d)(?!\d)", _full),
        (rf"(农历|阴历|旧历|古历)?(闰)?([正冬腊]|{N})月(初{N}|廿{N}?|{N}(?:日|号)?)(?!月)", _lunar),
        (rf"(大年|正月)?初({N})(?!中|级|步|期)", _new_year),
        (r"(过完年|过了年|年过完|过年(?:以|之)?后|过年(?:以|之)?前)", _year_end),
        (rf"(?:大|过)?({HOLIDAY})(?:节|假期|放假)?(?!月|点|号|日|个|名|人)", _holiday),
        (rf"(下个?月|[这本当]个?月|上个?月)(?:的)?()({N})(?:日|号)", _month_day),
        (rf"()({N})月({N})(?:日|号)?(?![\d月])", _month_day),
        (r"()(?<![\d/.])(\d{1,2})[/](\d{1,2})(?![\d/])", _month_day),
        (r"()(?<![\d/.])(\d{1,2})\.(\d{1,2})(?![\d.]|\s*(?:元|万|千|块|%|小时|公里|米|个|折))", _month_day),
        (rf"(?<!\d)({N})(?:日|号){NO_PLACE}", _bare_day),
        (rf"({WHICH_MONTH})?(?:的)?月?(?<!半)(底|末|初|上旬|中旬|下旬){ENDS_THERE}", _part_of_month),
        (r"((?:下下|下|这|本|上)个?)?(?:周|星期|礼拜|拜)([一二三四五六日天末尾1-7])", _week),
        (r"((?:下下|下|这|本|上)个?)(?:周|星期|礼拜)", _whole_week),
        (r"(大)?([今明后昨前])(?:天|日|儿个?|(?=早|晚))", _named_day),
        (rf"({N})个?(天|周|星期|礼拜)(?:以|之|过)?后", _days_on),
        (rf"过({N})个?(天|周|星期|礼拜)", _days_on),
        (rf"({WHICH_MONTH})", _whole_month),
        (r"(年底|年前|年后)", _year_end),
        (rf"(?:农历|阴历)?([正冬腊])月({PART_OF_LUNAR})?", _lunar_month),
    )
)  # fmt: skip


def find_day(text: str, today: date, at: int = 0) -> tuple[Days, int, int] | None:
    """The leftmost day that is named, of those that begin there the first of the table. -> days, start, end"""
    hits = [
        (hit.start(), order, hit, reader)
        for order, (shape, reader) in enumerate(READERS)
        if (hit := shape.search(text, at)) is not None
    ]
    for _, _, hit, reader in sorted(hits, key=lambda one: one[:2]):
        try:
            found = reader(hit, today)
        except (ValueError, OverflowError):
            return None  # 13月5日, 2月30日: meant for a day, and none
        if found is not None:
            return found, hit.start(), hit.end()
    return None
