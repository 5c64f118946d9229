"""/staff/deadlines/holidays: which days of a year are off or worked, from the notice's own words; tried, then saved.

They are the same for the whole country, so only whoever manages all places changes them; others read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from bot.background import Timers
from bot.clock import LOCAL
from bot.database import Database
from bot.staff.bureau import SettingMoved
from bot.staff.roles import EVERYWHERE, NotPermitted, Permission
from bot.web.console import Page, Section, Visit
from handlers.tickets.calendar import HolidayTable
from handlers.tickets.holiday_notice import MOST_CHARACTERS, Fault, read_notice, write_lines
from handlers.tickets.holidays import Moved, count_moved
from handlers.tickets.office import Office

PATH = "/staff/deadlines/holidays"
YEARS = 3
"""This one and those after it."""


@dataclass(frozen=True)
class Change:
    """One day that would be another."""

    day: date
    works: bool


@dataclass(frozen=True)
class Preview:
    """What saving would come to."""

    lines: str
    """As they are kept; empty: the year is as it is without the console."""
    changes: Sequence[Change]
    off: int
    """Days off of the table, weekends among them."""
    work: int
    moved: Moved


class HolidayPages:
    def __init__(self, database: Database, timers: Timers, office: Office) -> None:
        self._database = database
        self._timers = timers
        self._office = office
        self._holidays = office.holidays

    def section(self) -> Section:
        may = Permission.MANAGE_SETTINGS
        return Section(
            pages=(
                Page("GET", PATH, self.show, may),
                Page("POST", f"{PATH}/preview", self.preview, may),
                Page("POST", PATH, self.save, may),
            )
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._draw(visit, self._year(visit, visit.request.query.get("year", "")))

    async def preview(self, visit: Visit) -> web.StreamResponse:
        """What it would come to; nothing is kept."""
        _check_everywhere(visit)
        year = self._year(visit, visit.form.get("year", ""))
        table, faults = _table(visit, year)
        if faults:
            return await self._draw(visit, year, faults=faults)
        after = self._holidays.with_year(year, table)
        changes = [Change(day, after.is_working(day)) for day in self._holidays.changed_days(year, after)]
        calendars, clockwork = self._office.calendars, self._office.cabinet.clockwork
        async with self._database.reading() as session:
            since = changes[0].day if changes else date(year, 1, 1)
            moved = await count_moved(session, calendars, clockwork, after, since)
        lines = write_lines(after, year) if table is not None else ""
        off, work = (len(table.holidays), len(table.workdays)) if table is not None else (0, 0)
        return await self._draw(visit, year, preview=Preview(lines, changes, off, work, moved))

    async def save(self, visit: Visit) -> web.StreamResponse:
        _check_everywhere(visit)
        year = self._year(visit, visit.form.get("year", ""))
        table, faults = _table(visit, year)
        if faults:
            return await self._draw(visit, year, faults=faults)
        try:
            async with self._database.transaction() as session:
                seen = visit.form.get("seen", "")
                is_new = await self._holidays.save(
                    session, self._timers, year, table, seen=seen, actor=visit.actor, now=visit.now
                )
        except SettingMoved as error:
            return await self._draw(visit, year, fault=visit.pages.say_error(error.code, error.data))
        return visit.go(f"{PATH}?year={year}", done="holidays_saved" if is_new else "limits_same")

    def _year(self, visit: Visit, words: str) -> int:
        """Of those that can be set, the one asked for; else the first that nobody knows yet."""
        years = _years(visit)
        if words in map(str, years):
            return int(words)
        return next((year for year in years if not self._is_known(year)), years[0])

    def _is_known(self, year: int) -> bool:
        return self._holidays.is_certain(date(year, 7, 1))

    async def _draw(
        self, visit: Visit, year: int, *, faults: Sequence[Fault] = (), fault: str = "", preview: Preview | None = None
    ) -> web.Response:
        kept = write_lines(self._holidays.table, year)
        posted = visit.form.get("lines") if visit.request.method == "POST" else None
        return await visit.page(
            "settings/holidays",
            here="deadlines",
            status=409 if fault else 422 if faults else 200,
            year=year,
            years=[(one, self._is_known(one)) for one in _years(visit)],
            is_own=self._holidays.is_own(year),
            kept=kept,
            lines=kept if posted is None or visit.form.get("reset") else posted[:MOST_CHARACTERS],
            most=MOST_CHARACTERS,
            may_change=visit.staff.region == EVERYWHERE,
            seen=self._holidays.mark,
            faults=faults,
            fault=fault,
            preview=preview,
        )


def _years(visit: Visit) -> list[int]:
    this = visit.now.astimezone(LOCAL).year
    return list(range(this, this + YEARS))


def _check_everywhere(visit: Visit) -> None:
    """Raises NotPermitted."""
    if visit.staff.region != EVERYWHERE:
        raise NotPermitted(role=str(visit.staff.role), permission=str(Permission.MANAGE_SETTINGS))


def _table(visit: Visit, year: int) -> tuple[HolidayTable | None, Sequence[Fault]]:
    """What was posted; None: nothing of the console's own."""
    if visit.form.get("reset") == "1":
        return None, ()
    notice = read_notice(visit.form.get("lines", "")[:MOST_CHARACTERS], year)
    return notice.table, notice.faults
