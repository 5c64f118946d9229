"""Messages to send through pushing channels: rows, sent at least once, in order per chat, at the bot's rate."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot import models
from bot.messages import Shown


class Outbox:
    async def enqueue_replies(
        self, session: AsyncSession, conversation: models.Conversation, shown: Sequence[Shown]
    ) -> None: ...
