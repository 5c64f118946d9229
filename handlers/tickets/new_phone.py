"""Somebody's phone is another now: in their open tickets, too, and whoever works on one is told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.door import hide_mobiles
from bot.sealing import Sealer
from handlers.tickets.cabinet import Cabinet
from handlers.tickets.telling import Telling
from handlers.tickets.timeline import PERSON, EntryKind


class NewPhone:
    def __init__(self, cabinet: Cabinet, telling: Telling, sealer: Sealer) -> None:
        self._cabinet = cabinet
        self._telling = telling
        self._sealer = sealer

    async def follow(self, session: AsyncSession, conversation_id: int, phone: str, now: datetime) -> None:
        """Of those that were filed in this chat and hold a phone.

        It supplements nothing that was asked for, and whoever has a call to make makes it, to the new number.
        """
        for seen in await self._cabinet.of_conversation(session, conversation_id, only_open=True):
            if seen.conversation_id != conversation_id or seen.phone is None:
                continue
            ticket = await self._cabinet.lock(session, seen.id)
            ticket.phone = self._sealer.seal(phone, "ticket.phone")
            ticket.phone_digest = self._sealer.digest(phone)
            await self._cabinet.write(
                session,
                ticket,
                EntryKind.HEARD,
                actor=PERSON,
                now=now,
                data={"phone": "told"},
                text=hide_mobiles(phone),
            )
            await self._cabinet.settle(session, ticket)
            await self._telling.handler_of(session, ticket, "heard", now=now)
