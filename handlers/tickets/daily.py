"""What is done every night, whatever happens by day: anchoring the timelines, and deadlines whose holidays have come.

Timers with a cron line, so that they act once in any number of processes; `begin` makes them when a server starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Moment, TimerHandler, Timers
from bot.clock import LOCAL, Clock
from bot.database import Database
from handlers.tickets.cabinet import Cabinet
from handlers.tickets.holidays import TIMER as HOLIDAYS
from handlers.tickets.holidays import is_touched
from handlers.tickets.models import Ticket
from handlers.tickets.telling import Telling
from handlers.tickets.ticket import OPEN
from handlers.tickets.timeline import SYSTEM, EntryKind

ANCHOR = "ticket.anchor"
ANCHOR_AT = "0 2 * * *"
"""Two hours after what it covers, so that every transaction of the day has ended."""
CALENDAR = "ticket.calendar"
CALENDAR_AT = "0 3 * * *"
BATCH = 200


class Daily:
    def __init__(self, cabinet: Cabinet, telling: Telling, timers: Timers, database: Database, clock: Clock) -> None:
        self._cabinet = cabinet
        self._telling = telling
        self._timers = timers
        self._database = database
        self._clock = clock

    @property
    def handlers(self) -> Mapping[str, TimerHandler]:
        return {ANCHOR: self.on_anchor, CALENDAR: self.on_calendar, HOLIDAYS: self.on_holidays}

    async def begin(self) -> None:
        """At every start. A night that was missed is made up for; a new table of holidays holds at once."""
        now = self._clock.now()
        async with self._database.transaction() as session:
            await self._timers.keep(session, ANCHOR, key=ANCHOR, cron=ANCHOR_AT)
            await self._timers.set(session, CALENDAR, key=CALENDAR, at=now, cron=CALENDAR_AT)

    async def fill_search(self) -> None:
        """Tickets from before there was a search."""
        await self._cabinet.search.fill(self._database)

    async def on_anchor(self, session: AsyncSession, moment: Moment) -> None:
        """Everything before the last midnight."""
        today = moment.now.astimezone(LOCAL).date()
        midnight = datetime.combine(today, time(), LOCAL)
        await self._cabinet.timeline.anchor(session, today - timedelta(days=1), at=moment.now, before=midnight)

    async def on_calendar(self, session: AsyncSession, moment: Moment) -> None:
        """Deadlines that rested on a year without a table."""
        wanted = select(Ticket.id).where(Ticket.provisional, Ticket.state.in_([str(state) for state in OPEN]))
        for ticket_id in (await session.scalars(wanted.order_by(Ticket.id))).all():
            await self._recompute(session, ticket_id, moment.now)

    async def on_holidays(self, session: AsyncSession, moment: Moment) -> None:
        """The console has changed a year: a batch of the open tickets that it touches, then the next."""
        since, after = datetime.fromisoformat(moment.data["since"]), moment.data["after"]
        wanted = select(Ticket.id).where(is_touched(since), Ticket.id > after).order_by(Ticket.id).limit(BATCH)
        found = (await session.scalars(wanted)).all()
        for ticket_id in found:
            await self._recompute(session, ticket_id, moment.now)
        if len(found) == BATCH:
            data = {**moment.data, "after": found[-1]}
            await self._timers.set(session, HOLIDAYS, key=moment.key, at=moment.now, data=data)

    async def _recompute(self, session: AsyncSession, ticket_id: int, now: datetime) -> None:
        ticket = await self._cabinet.lock_now(session, ticket_id)
        before = ticket.answer_due
        if not self._cabinet.clockwork.recompute(ticket):
            return
        after = ticket.answer_due
        data = {"before": before.isoformat() if before else None, "due": after.isoformat() if after else None}
        await self._cabinet.write(session, ticket, EntryKind.CLOCK, actor=SYSTEM, now=now, data=data)
        await self._cabinet.settle(session, ticket)
        if after != before:
            await self._telling.person(session, ticket, "moved", now=now)
            await self._telling.handler_of(session, ticket, "moved", now=now)
