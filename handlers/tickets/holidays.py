"""放假安排 as the console has set it, over the table of the file and the published years; and what a change moves.

It holds in every process from `HOLDS_AFTER` its saving on; then the deadlines of open tickets that it touches are
computed again, a batch at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Timers
from bot.clock import LOCAL
from bot.staff.audit import Actor
from bot.staff.bureau import BureauSettings
from handlers.tickets.calendar import Calendars, HolidayTable
from handlers.tickets.clockwork import Clockwork
from handlers.tickets.models import Ticket
from handlers.tickets.ticket import OPEN
from handlers.tickets.timetable import HOLDS_AFTER

KEY = "holidays"
TIMER = "ticket.holidays"
EXACTLY = 2_000
"""So many tickets are tried one by one for a preview; of more only how many could be touched is told."""


@dataclass(frozen=True)
class Moved:
    """How many tickets' deadlines a change moves."""

    count: int
    exact: bool
    """False: not more than so many."""


class BureauHolidays:
    """The days of the program: a `Days` that follows the console."""

    def __init__(self, base: HolidayTable, settings: BureauSettings) -> None:
        self._base = base
        self._settings = settings
        self._edition = -1
        self._table = base

    @property
    def table(self) -> HolidayTable:
        if self._edition != self._settings.edition:
            self._edition = self._settings.edition
            self._table = self._over(self._settings.get(KEY))
        return self._table

    def is_working(self, day: date) -> bool:
        return self.table.is_working(day)

    def is_certain(self, day: date) -> bool:
        return self.table.is_certain(day)

    def is_own(self, year: int) -> bool:
        """Whether the console has set this year."""
        return str(year) in self._settings.get(KEY).get("years", {})

    @property
    def mark(self) -> str:
        return self._settings.mark(KEY)

    def with_year(self, year: int, table: HolidayTable | None) -> HolidayTable:
        """What would hold with this year set so; None: as it is without the console."""
        return self._over(_put(self._settings.get(KEY), year, table))

    def changed_days(self, year: int, table: HolidayTable) -> list[date]:
        """Days around the year that are worked in one of both and not in the other."""
        begin = date(year, 1, 1) - timedelta(days=20)
        days = [begin + timedelta(days=n) for n in range(406)]
        return [day for day in days if self.is_working(day) != table.is_working(day)]

    async def save(
        self,
        session: AsyncSession,
        timers: Timers,
        year: int,
        table: HolidayTable | None,
        *,
        seen: str,
        actor: Actor,
        now: datetime,
    ) -> bool:
        """-> whether anything is different. Raises SettingMoved."""
        after = self.with_year(year, table)
        changed = self.changed_days(year, after)
        if not changed and self.is_own(year) is (table is not None):
            return False
        data = {"year": year, "days": [day.isoformat() for day in changed]}
        await self._settings.change(
            session, KEY, lambda value: _put(value, year, table), seen=seen, actor=actor, now=now, data=data
        )
        since = min(changed, default=date(year, 1, 1))
        when = {"since": datetime.combine(since, time(), LOCAL).isoformat(), "after": 0}
        await timers.set(session, TIMER, key=f"{TIMER}:{now.isoformat()}", at=now + HOLDS_AFTER, data=when)
        return True

    def _over(self, value: Mapping[str, Any]) -> HolidayTable:
        table = self._base
        for year, lists in value.get("years", {}).items():
            whole = frozenset({int(year)})
            days = {name: frozenset(map(date.fromisoformat, lists[name])) for name in ("holidays", "workdays")}
            table = table.under(HolidayTable(whole, days["holidays"], days["workdays"], whole))
        return table


def is_touched(since: datetime) -> ColumnElement[bool]:
    """Open tickets whose deadlines may move: due from then on, or resting on a year without a table."""
    open_ones = Ticket.state.in_([str(state) for state in OPEN])
    return open_ones & or_(Ticket.provisional, Ticket.answer_due >= since)


async def count_moved(
    session: AsyncSession, calendars: Calendars, clockwork: Clockwork, table: HolidayTable, since: date
) -> Moved:
    """How many open tickets would have another deadline on these days."""
    touched = is_touched(datetime.combine(since, time(), LOCAL))
    count = await session.scalar(select(func.count()).select_from(Ticket).where(touched)) or 0
    if count > EXACTLY:
        return Moved(count, exact=False)
    tickets = (await session.scalars(select(Ticket).where(touched))).all()
    session.expunge_all()
    hypothetical = clockwork.on(calendars.on(table))

    def tried() -> int:
        return sum(hypothetical.would_move(ticket) for ticket in tickets)

    return Moved(await asyncio.to_thread(tried), exact=True)


def _put(value: Mapping[str, Any], year: int, table: HolidayTable | None) -> dict[str, Any]:
    years = {name: lists for name, lists in value.get("years", {}).items() if name != str(year)}
    if table is not None:
        years[str(year)] = {
            "holidays": [day.isoformat() for day in sorted(table.holidays)],
            "workdays": [day.isoformat() for day in sorted(table.workdays)],
        }
    return {"years": years}
