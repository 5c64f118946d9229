"""Once a night: what was said in chats that are long silent is deleted; how much it was is written down."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import structlog
import yaml
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Moment, Timers
from bot.database import Database
from bot.messages import Speaker
from bot.models import Conversation, Message
from bot.staff import audit
from handlers.people.matching import forget_tries
from handlers.people.models import PersonChat
from handlers.people.register import Register

log = structlog.get_logger(__name__)

KIND = "people.retention"
EVERY_NIGHT = "20 3 * * *"
BATCH = 20
"""Chats in one transaction, so that nobody waits long behind it."""
YEAR = timedelta(days=365)


@cache
def silent_for() -> timedelta:
    """How long a chat may be silent before what is kept of it goes (`retention.yaml`)."""
    data = yaml.safe_load((files("handlers.people") / "retention.yaml").read_text("utf-8"))
    return YEAR * int(data["silent_years"])


class Retaining:
    def __init__(self, register: Register, timers: Timers, database: Database) -> None:
        self._register = register
        self._timers = timers
        self._database = database

    async def begin(self) -> None:
        """At every start: every night from now on; where that is settled already, it stays."""
        async with self._database.transaction() as session:
            await self._timers.keep(session, KIND, key=KIND, cron=EVERY_NIGHT)

    async def tidy(self, session: AsyncSession, moment: Moment) -> None:
        """Delete one batch; while there may be more, be called again at once."""
        await forget_tries(session, moment.now)
        chats = await self._silent(session, moment.now - silent_for())
        stayed = 0
        for conversation in chats:
            stayed += await self._register.erase(session, conversation)
        if not chats:
            return
        counts = {"chats": len(chats), "of_ledger": stayed}
        await audit.append(
            session,
            audit.AuditAction.PEOPLE_FORGOTTEN,
            actor=audit.SYSTEM,
            subject=audit.Subject("people", "retention"),
            at=moment.now,
            data=counts,
        )
        log.info("people_forgotten", **counts)
        if len(chats) == BATCH:
            await self._timers.set(session, KIND, key=KIND, at=moment.now, cron=EVERY_NIGHT)

    async def _silent(self, session: AsyncSession, before: datetime) -> list[int]:
        """Chats with a person in which nobody but us has written since; what we wrote is no sign of life."""
        said = (
            select(func.max(Message.at))
            .where(Message.conversation_id == PersonChat.conversation_id, Message.speaker == str(Speaker.YOU))
            .scalar_subquery()
        )
        found = await session.scalars(
            select(PersonChat.conversation_id)
            .join(Conversation, Conversation.id == PersonChat.conversation_id)
            .where(
                Conversation.created_at < before, PersonChat.at < before, func.coalesce(said, PersonChat.at) < before
            )
            .order_by(PersonChat.id)
            .limit(BATCH)
        )
        return list(found)
