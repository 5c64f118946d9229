"""Reads the holidays of a year from words: the State Council's notice as it was published, or one date a line. Pure.

二、春节：2月5日（农历除夕、周五）至11日（周四）放假调休，共7天。2月20日（周六）上班。
2027-02-05 至 2027-02-11 休
2027-02-20 班
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from handlers.tickets.calendar import FIXED, HolidayTable

MOST_CHARACTERS = 6_000
LONGEST = 20
"""Days of one holiday; more is a slip of the pen."""
_DATE = r"(?:(\d{4})[年./-])?(?:(\d{1,2})[月./-])?(\d{1,2})(?:日|号|(?=\s|$|[休班至到~—-]))"
_TOKENS = re.compile(
    rf"(?P<day>{_DATE}(?:\s*(?:至|到|~|—+|-)\s*{_DATE})?)|(?P<off>放假|公休|休息|调休|休)|(?P<work>上班|补班|班)"
    r"|共\s*(?P<count>\d{1,2})\s*天"
)
_ASIDE = re.compile(r"\([^()]*\)")


class Why(StrEnum):
    """What is wrong with a line; worded by `templates/console/settings/holidays.html`."""

    UNREAD = "unread"  # a day, but neither 休 nor 班
    NO_DAY = "no_day"  # there is no such day
    ELSEWHEN = "elsewhen"  # of another year
    LONG = "long"  # from a later day to an earlier one, or for weeks
    COUNT = "count"  # 共N天 says otherwise
    BOTH = "both"  # off and worked
    NOT_WEEKEND = "not_weekend"  # 调休上班 on a day that is worked anyhow
    MISSING = "missing"  # a holiday of fixed date is not in it
    EMPTY = "empty"


@dataclass(frozen=True)
class Fault:
    line: int
    """From 1; 0: of the whole."""
    why: Why
    words: str


@dataclass
class Notice:
    """What was read, and what could not be."""

    year: int
    holidays: set[date] = field(default_factory=set)
    workdays: set[date] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    @property
    def table(self) -> HolidayTable:
        whole = frozenset({self.year})
        return HolidayTable(whole, frozenset(self.holidays), frozenset(self.workdays), whole)


def read_notice(words: str, year: int) -> Notice:
    """Every fault at once; nothing is guessed."""
    notice = Notice(year)
    for number, line in enumerate(unicodedata.normalize("NFKC", words).splitlines(), start=1):
        _Line(notice, number, line).read()
    _check(notice)
    return notice


class _Line:
    def __init__(self, notice: Notice, number: int, line: str) -> None:
        self._notice = notice
        self._number = number
        self._line = line
        self._month: int | None = None
        self._waiting: list[date] = []
        """Days of which it is not said yet what they are."""
        self._last: list[date] = []
        """The days off that were said last."""

    def read(self) -> None:
        text = self._line
        while (plain := _ASIDE.sub("", text)) != text:
            text = plain
        for token in _TOKENS.finditer(text):
            if token["day"]:
                self._day(token)
            elif token["count"]:
                if self._last and int(token["count"]) != len(self._last):
                    self._fault(Why.COUNT, token[0])
            elif self._waiting:
                self._settle(is_off=token["off"] is not None)
        if any(day.year == self._notice.year for day in self._waiting):
            self._fault(Why.UNREAD, self._line.strip())

    def _day(self, token: re.Match[str]) -> None:
        groups = token.groups()[1:7]
        first = self._date(*groups[:3])
        last = self._date(*groups[3:], after=first) if groups[5] else first
        if first is None or last is None:
            self._fault(Why.NO_DAY, token[0])
        elif not timedelta() <= last - first < timedelta(days=LONGEST):
            self._fault(Why.LONG, token[0])
        else:
            self._waiting += [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def _date(self, year: str | None, month: str | None, day: str, *, after: date | None = None) -> date | None:
        self._month = int(month) if month else self._month
        if self._month is None:
            return None
        try:
            return date(int(year) if year else (after.year if after else self._notice.year), self._month, int(day))
        except ValueError:
            return None

    def _settle(self, *, is_off: bool) -> None:
        """What the days before it are."""
        for day in self._waiting:
            if abs(day - date(self._notice.year, 7, 1)) > timedelta(days=200):
                self._fault(Why.ELSEWHEN, day.isoformat())
        (self._notice.holidays if is_off else self._notice.workdays).update(self._waiting)
        self._last, self._waiting = (self._waiting if is_off else []), []

    def _fault(self, why: Why, words: str) -> None:
        self._notice.faults.append(Fault(self._number, why, words[:60]))


def _check(notice: Notice) -> None:
    """What no single line can say."""
    if not notice.holidays and not notice.workdays:
        if not notice.faults:
            notice.faults.append(Fault(0, Why.EMPTY, ""))
        return
    for day in sorted(notice.holidays & notice.workdays):
        notice.faults.append(Fault(0, Why.BOTH, day.isoformat()))
    for day in sorted(notice.workdays - notice.holidays):
        if day.weekday() < 5:
            notice.faults.append(Fault(0, Why.NOT_WEEKEND, day.isoformat()))
    for month, number in sorted(FIXED):
        if (day := date(notice.year, month, number)) not in notice.holidays:
            notice.faults.append(Fault(0, Why.MISSING, day.isoformat()))


def write_lines(table: HolidayTable, year: int) -> str:
    """A year as one line for each run of days, as `read_notice` reads it; empty for a year that nobody knows."""
    if not table.is_certain(date(year, 7, 1)):
        return ""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    off = [day for day in days if not table.is_working(day)]
    work = [day for day in days if table.is_working(day) and day.weekday() > 4]
    runs = [run for run in _runs(off) if any(day.weekday() < 5 for day in run) or _is_fixed(run)]
    said = [(run[0], f"{_span(run)} 休") for run in runs] + [(day, f"{day.isoformat()} 班") for day in work]
    return "\n".join(words for _, words in sorted(said))


def _runs(days: list[date]) -> list[list[date]]:
    """Days that follow each other."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _is_fixed(run: list[date]) -> bool:
    return any((day.month, day.day) in FIXED for day in run)


def _span(run: list[date]) -> str:
    return run[0].isoformat() if len(run) == 1 else f"{run[0].isoformat()} 至 {run[-1].isoformat()}"
