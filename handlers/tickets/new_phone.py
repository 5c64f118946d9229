"""Somebody's phone is another now: in their open tickets, too, and whoever works on one is told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.tickets.cabinet import Cabinet
from handlers.tickets.filing import Filing


class NewPhone:
    def __init__(self, cabinet: Cabinet, filing: Filing) -> None:
        self._cabinet = cabinet
        self._filing = filing

    async def follow(self, session: AsyncSession, conversation_id: int, phone: str, now: datetime) -> None:
        """Of those that were filed in this chat and hold a phone."""
        for seen in await self._cabinet.of_conversation(session, conversation_id, only_open=True):
            if seen.conversation_id == conversation_id and seen.phone is not None:
                ticket = await self._cabinet.lock(session, seen.id)
                await self._filing.add_words(session, ticket, phone, now=now, phone=phone)
