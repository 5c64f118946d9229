"""The holidays of a year read from words, and written again; every fault is named and nothing is guessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from handlers.tickets.calendar import HolidayTable
from handlers.tickets.holiday_notice import Why, read_notice, write_lines

NOTICE_2026 = """一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。
2025年11月4日"""
FIXED_2027 = "1月1日休\n5月1日至2日休\n10月1日至3日休\n"


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


def whys(words: str, year: int = 2027) -> list[tuple[int, Why]]:
    return [(fault.line, fault.why) for fault in read_notice(words, year).faults]


def test_the_published_notice_comes_to_the_published_days() -> None:
    """Held against the arrangement of 2026 as the package knows it."""
    notice = read_notice(NOTICE_2026, 2026)
    assert notice.faults == []
    known = HolidayTable()
    assert [day for day in days_of(2026) if notice.table.is_working(day) != known.is_working(day)] == []


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_what_is_written_is_read_again_as_the_same(year: int) -> None:
    known = HolidayTable()
    lines = write_lines(known, year)
    notice = read_notice(lines, year)
    assert notice.faults == []
    assert [day for day in days_of(year) if notice.table.is_working(day) != known.is_working(day)] == []
    assert write_lines(notice.table, year) == lines


def test_of_a_year_that_nobody_knows_nothing_is_written() -> None:
    assert write_lines(HolidayTable(), 2031) == ""


@pytest.mark.parametrize(
    ("line", "off", "work"),
    [
        ("2027-02-05 休", ["02-05"], []),
        ("2027-02-05 至 2027-02-07 休", ["02-05", "02-06", "02-07"], []),
        ("2027.2.5 休", ["02-05"], []),
        ("2027/2/20 班", [], ["02-20"]),
        ("2月5日~7日休", ["02-05", "02-06", "02-07"], []),
        ("２月５日 休", ["02-05"], []),
        ("2月27日至3月1日放假", ["02-27", "02-28", "03-01"], []),
        ("2月20日、21日补班", [], ["02-20", "02-21"]),
        ("春节：2027年2月5日放假1天，2月20日上班", ["02-05"], ["02-20"]),
    ],
)
def test_ways_to_write_a_line(line: str, off: list[str], work: list[str]) -> None:
    notice = read_notice(FIXED_2027 + line, 2027)
    assert notice.faults == []
    fixed = read_notice(FIXED_2027, 2027).holidays
    assert sorted(notice.holidays - fixed) == [date.fromisoformat(f"2027-{day}") for day in off]
    assert sorted(notice.workdays) == [date.fromisoformat(f"2027-{day}") for day in work]


def test_a_holiday_over_new_year_holds_in_both_years() -> None:
    notice = read_notice(FIXED_2027 + "2026年12月31日至2027年1月3日放假", 2027)
    assert notice.faults == []
    assert date(2026, 12, 31) in notice.holidays


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("2月5日", Why.UNREAD),
        ("2月30日 休", Why.NO_DAY),
        ("13月1日 休", Why.NO_DAY),
        ("5日 休", Why.NO_DAY),
        ("2025-02-05 休", Why.ELSEWHEN),
        ("2月11日至5日 休", Why.LONG),
        ("2月1日至3月5日 休", Why.LONG),
        ("2月5日至11日放假，共8天", Why.COUNT),
    ],
)
def test_a_line_that_cannot_be_is_named(line: str, why: Why) -> None:
    assert whys(FIXED_2027 + line) == [(4, why)]


def test_what_the_whole_lacks_or_contradicts_is_named() -> None:
    assert whys("") == [(0, Why.EMPTY)]
    assert whys("祝大家节日快乐") == [(0, Why.EMPTY)]
    assert whys(FIXED_2027.replace("5月1日至2日休\n", "")) == [(0, Why.MISSING)] * 2
    assert whys(FIXED_2027 + "10月3日班") == [(0, Why.BOTH)]
    assert whys(FIXED_2027 + "2月22日班") == [(0, Why.NOT_WEEKEND)]
