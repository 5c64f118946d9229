"""Which days are worked and at what hours, by place: from `calendar.yaml` and the package chinese-calendar.

A year that neither knows: Monday to Friday less the holidays of fixed date, and whatever rests on it is provisional.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from bot.staff.roles import EVERYWHERE
from handlers.tickets.datafile import Faults, read_data
from handlers.tickets.worktime import Days, Season, Shift, WorkTime

FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""元旦, 劳动节, 国庆: on the same days every year (全国年节及纪念日放假办法 第二条, as of 2025)."""
NAME = "calendar.yaml"


@dataclass(frozen=True)
class HolidayTable:
    """Days off and days worked that differ from Monday to Friday."""

    years: frozenset[int] = frozenset()
    """Years that the table holds. Where the arrangement of a year is known beside it, its days go before that."""
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    whole: frozenset[int] = frozenset()
    """Years of which it holds all: nothing that is known beside it counts."""

    def is_working(self, day: date) -> bool:
        if day in self.holidays:
            return False
        if day in self.workdays:
            return True
        if day.year in self.whole:
            return day.weekday() < 5
        if (known := _known(day)) is not None:
            return known
        return day.weekday() < 5 and (day.year in self.years or (day.month, day.day) not in FIXED)

    def is_certain(self, day: date) -> bool:
        return day.year in self.years or _known(day) is not None

    def under(self, years: HolidayTable) -> HolidayTable:
        """The same with these years in the place of its own."""

        def kept(days: frozenset[date]) -> set[date]:
            return {day for day in days if day.year not in years.whole}

        return HolidayTable(
            self.years | years.years,
            frozenset(kept(self.holidays) | years.holidays),
            frozenset(kept(self.workdays) | years.workdays),
            self.whole | years.whole,
        )


@lru_cache(maxsize=4096)
def _known(day: date) -> bool | None:
    """What the published arrangement of that year says; None where the package has none."""
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


class Calendars:
    """The working time of every place; places with the same hours share one."""

    def __init__(self, table: Days, hours: Mapping[str, tuple[Season, ...]]) -> None:
        self.table = table
        self._hours = hours
        self._by_area = {area: WorkTime(table, seasons) for area, seasons in hours.items()}

    def on(self, table: Days) -> Calendars:
        """The same hours on other days."""
        return Calendars(table, self._hours)

    def of(self, region: str | None) -> WorkTime:
        """Of a division code: its own hours, else those of what lies above it, else the default."""
        for area in areas_above(region or EVERYWHERE):
            if area in self._by_area:
                return self._by_area[area]
        return self._by_area["default"]


def areas_above(region: str) -> list[str]:
    """A code, its county, its prefecture, its province."""
    return [region, region[:9], region[:6], region[:4] + "00", region[:2] + "0000"]


def load_calendars(data_dir: Path | None = None) -> Calendars:
    """The data folder's table where there is one, else ours. Raises StartupError naming every fault with its line."""
    data, faults = read_data(NAME, data_dir)
    reading = _Reading(faults)
    faults.allow(data, {"years", "hours"})
    hours = reading.hours(faults.table(data, "hours"))
    if "default" not in hours:
        ours, no_faults = read_data(NAME, None)
        hours["default"] = _Reading(no_faults).hours(ours["hours"])["default"]
    calendars = Calendars(reading.table(faults.table(data, "years")), hours)
    faults.stop_if_any()
    return calendars


@dataclass
class _Reading:
    faults: Faults
    seen: set[date] = field(default_factory=set)

    def table(self, years: Mapping[Any, Any]) -> HolidayTable:
        holidays: set[date] = set()
        workdays: set[date] = set()
        for year, lists in years.items():
            if not isinstance(year, int) or not isinstance(lists, Mapping):
                self.faults.add(str(year), "a year with `holidays` and `workdays`")
                continue
            for name, days in (("holidays", holidays), ("workdays", workdays)):
                for words in self.faults.as_list(lists.get(name), name):
                    days.update(self._days(str(words), year))
            self.faults.allow(lists, {"holidays", "workdays"})
        for day in sorted(holidays & workdays):
            self.faults.add(day.isoformat(), "both a holiday and a workday")
        return HolidayTable(
            frozenset(year for year in years if isinstance(year, int)), frozenset(holidays), frozenset(workdays)
        )

    def _days(self, words: str, year: int) -> list[date]:
        """`2027-01-01`, or first and last with a blank between."""
        try:
            ends = [date.fromisoformat(word) for word in words.split()]
        except ValueError:
            ends = []
        if len(ends) not in (1, 2) or ends[0] > ends[-1] or any(end.year != year for end in ends):
            self.faults.add(words, f"a day of {year}, or first and last")
            return []
        return [ends[0] + timedelta(days=n) for n in range((ends[-1] - ends[0]).days + 1)]

    def hours(self, areas: Mapping[Any, Any]) -> dict[str, tuple[Season, ...]]:
        found: dict[str, tuple[Season, ...]] = {}
        for area, seasons in areas.items():
            if str(area) != "default" and not re.fullmatch(r"\d{6}(\d{3}){0,2}", str(area)):
                self.faults.add(str(area), "a division code of 6, 9 or 12 digits, in quotes")
            listed = self.faults.as_list(seasons, str(area))
            read = tuple(season for one in listed if (season := self._season(one)) is not None)
            if not read:
                self.faults.add(str(area), "no season with shifts")
                continue
            if len({season.begins for season in read}) < len(read):
                self.faults.add(str(area), "two seasons that begin on the same day")
            found[str(area)] = read
        return found

    def _season(self, one: Any) -> Season | None:
        words = one if isinstance(one, Mapping) else {}
        begin = re.fullmatch(r"(\d\d)-(\d\d)", str(words.get("from", "")))
        try:
            if begin is None:
                raise ValueError
            date(2028, int(begin[1]), int(begin[2]))
            given = words.get("shifts")
            shifts = tuple(_shift(str(shift)) for shift in given) if isinstance(given, list) else ()
        except ValueError:
            self.faults.add(str(words.get("from", one)), "a season: {from: MM-DD, shifts: [HH:MM-HH:MM, …]}")
            return None
        if not shifts or any(a.closes > b.opens for a, b in pairwise(shifts)):
            self.faults.add(str(words.get("from")), "shifts in order, none into the next")
            return None
        return Season((int(begin[1]), int(begin[2])), shifts)


def _shift(words: str) -> Shift:
    if re.fullmatch(r"\d\d:\d\d-\d\d:\d\d", words) is None:
        raise ValueError(words)
    opens, _, closes = words.partition("-")
    return Shift(time.fromisoformat(opens), time.fromisoformat(closes))
