"""The lunar calendar and the holidays that people date by, as days of the Gregorian one. Pure.

Lunar days come from `lunar_python`; its years 1900 to 2100 are enough, others raise ValueError.
"""

from __future__ import annotations

from datetime import date, timedelta

LAST_DAY = 30


def lunar_day(year: int, month: int, day: int, *, leap: bool = False) -> date:
    """A lunar date; the thirtieth of a month that has 29 days is its last. Raises ValueError for what is none."""
    from lunar_python import Lunar

    if not (1900 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= LAST_DAY):
        raise ValueError(f"no lunar date: {year}-{month}-{day}")
    try:
        found = Lunar.fromYmd(year, -month if leap else month, day).getSolar()
    except Exception as error:  # the library raises nothing narrower
        if day == LAST_DAY:
            return lunar_day(year, month, day - 1, leap=leap)
        raise ValueError(str(error)) from None
    return date(found.getYear(), found.getMonth(), found.getDay())


def lunar_year_of(day: date) -> tuple[int, int]:
    """The lunar year and month in which a day lies; a leap month counts as the one before it."""
    from lunar_python import Solar

    found = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return found.getYear(), abs(found.getMonth())


def next_lunar(month: int, day: int, today: date, *, leap: bool = False) -> date:
    """The next such lunar day, today counted."""
    year, _ = lunar_year_of(today)
    found = lunar_day(year, month, day, leap=leap)
    return found if found >= today else lunar_day(year + 1, month, day, leap=leap)


def whole_lunar(month: int, today: date) -> tuple[date, date]:
    """First and last day of the lunar month of that number that runs, or of the next."""
    year, _ = lunar_year_of(today)
    spans = [(lunar_day(one, month, 1), lunar_day(one, month, LAST_DAY)) for one in (year, year + 1)]
    return next((span for span in spans if span[1] >= today), spans[-1])


def qingming(year: int) -> date:
    from lunar_python import Lunar

    found = Lunar.fromYmd(year, 2, 1).getJieQiTable()["清明"]
    return date(found.getYear(), found.getMonth(), found.getDay())


FIXED = {
    "元旦": (1, 1, 1),
    "妇女节": (3, 8, 1),
    "三八": (3, 8, 1),
    "五一": (5, 1, 5),
    "劳动节": (5, 1, 5),
    "六一": (6, 1, 1),
    "七一": (7, 1, 1),
    "八一": (8, 1, 1),
    "教师节": (9, 10, 1),
    "国庆": (10, 1, 7),
    "十一": (10, 1, 7),
}
"""Name -> month, day, how many days people mean by it."""
LUNAR = {
    "春节": (1, 1, 7),
    "过年": (1, 1, 7),
    "元宵": (1, 15, 1),
    "端午": (5, 5, 1),
    "七夕": (7, 7, 1),
    "中秋": (8, 15, 1),
    "重阳": (9, 9, 1),
    "腊八": (12, 8, 1),
    "小年": (12, 23, 1),
    "除夕": (12, 30, 1),
    "年三十": (12, 30, 1),
}
SOLAR_TERM = "清明"
HOLIDAYS = (*LUNAR, *FIXED, SOLAR_TERM)


def next_holiday(name: str, today: date) -> tuple[date, date]:
    """First and last day of the next one, or of the one that goes on."""
    if name in LUNAR:
        month, day, days = LUNAR[name]
        year, _ = lunar_year_of(today)
        firsts = [lunar_day(one, month, day) for one in (year, year + 1)]
    elif name in FIXED:
        month, day, days = FIXED[name]
        firsts = [date(today.year + more, month, day) for more in (0, 1)]
    else:
        days = 1
        firsts = [qingming(today.year + more) for more in (0, 1)]
    spans = [(first, first + timedelta(days=days - 1)) for first in firsts]
    return next((span for span in spans if span[1] >= today), spans[-1])
