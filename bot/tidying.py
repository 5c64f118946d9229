"""Once a day what has long been settled is deleted: sent messages' rows, and send clocks that nobody uses.

What was said stays in the transcript; a row of the outbox only says that it was sent.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Moment, Timers
from bot.clock import Clock
from bot.models import Delivery
from bot.pacing import forget_clocks

KEPT = timedelta(days=30)
"""How long after its end a delivery can still be looked up."""
BATCH = 500
"""Rows in one transaction, so that nobody waits long behind it."""
KIND = "tidy"
EVERY_NIGHT = "40 3 * * *"


class Tidying:
    def __init__(self, timers: Timers, clock: Clock) -> None:
        self._timers, self._clock = timers, clock
        timers.register(KIND, self.tidy)

    async def begin(self, session: AsyncSession) -> None:
        """Every night from now on; where that is settled already, it stays."""
        await self._timers.keep(session, KIND, key=KIND, cron=EVERY_NIGHT)

    async def tidy(self, session: AsyncSession, moment: Moment) -> None:
        """Delete one batch; while there may be more, be called again at once."""
        old = (
            select(Delivery.id)
            .where(Delivery.state != "wait", Delivery.settled_at < moment.now - KEPT)
            .order_by(Delivery.id)
            .limit(BATCH)
        )
        gone = await session.scalars(
            delete(Delivery)
            .where(Delivery.id.in_((await session.scalars(old)).all()))
            .returning(Delivery.id)
            .execution_options(synchronize_session=False)
        )
        await forget_clocks(session, self._clock, seconds=timedelta(days=1).total_seconds())
        if len(gone.all()) == BATCH:
            await self._timers.set(session, KIND, key=KIND, at=moment.now, cron=EVERY_NIGHT)
