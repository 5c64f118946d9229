"""Tells a chat what happened to what it registered for: one message, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.outbox import Outbox
from handlers.offers.labels import button
from handlers.offers.models import Offer, Registration
from handlers.offers.offer import Standing
from handlers.offers.remembering import remember_one
from handlers.offers.replies import NewsReply
from handlers.offers.views import Mine, Viewer


class Posting:
    def __init__(self, outbox: Outbox, viewer: Viewer) -> None:
        self._outbox = outbox
        self._viewer = viewer

    async def news(
        self,
        session: AsyncSession,
        chat: int,
        offer: Offer,
        one: Registration,
        what: str,
        before: Mapping[str, Any],
        *,
        now: datetime,
    ) -> None:
        """`what`: moved_up, moved_back, changed, cancelled, day, hours; `before`: how it was, for `changed`."""
        line = await place_in_line(session, one) if one.state == str(Standing.WAITING) else 0
        leave = () if what == "cancelled" else (button("cancel", registration=one.id, quiet=True),)
        reply = NewsReply(
            what, self._viewer.of(offer), Mine.of(one, line), dict(before), now.astimezone(LOCAL), choices=leave
        )
        await self._outbox.post(session, chat, [reply], purpose=f"offer:{offer.code}")
        if what != "cancelled":
            await remember_one(session, chat, offer.code, now)


async def place_in_line(session: AsyncSession, one: Registration) -> int:
    """1 for who is next."""
    ahead = await session.scalar(
        select(func.count()).where(
            Registration.offer_id == one.offer_id,
            Registration.state == str(Standing.WAITING),
            Registration.seq < one.seq,
        )
    )
    return (ahead or 0) + 1
