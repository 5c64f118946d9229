"""What was said, for channels to show: history, news as it comes, what was seen. Part of `bot.conversation`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import models, transcript
from bot.database import Database
from bot.door import clean_address
from bot.followers import Followers
from bot.messages import Address, Shown

_CONVERSATIONS = models.Conversation.metadata.tables["conversation"]
_FIND = select(_CONVERSATIONS.c.id).where(
    _CONVERSATIONS.c.channel == bindparam("channel"),
    _CONVERSATIONS.c.bot == bindparam("bot"),
    _CONVERSATIONS.c.chat == bindparam("chat"),
)
POLL_SECONDS = 3.0
"""How often a waiting reader looks for messages that another process wrote."""


class Reading:
    def __init__(self, database: Database, followers: Followers) -> None:
        self._database = database
        self._followers = followers

    async def history(
        self, address: Address, after_seq: int = 0, *, before_seq: int | None = None, limit: int = 200
    ) -> list[Shown]:
        """What was said between two seqs, by all sides, oldest first; of more than `limit` the newest."""
        async with self._database.reading() as session:
            found = await self._find(session, clean_address(address))
            if found is None:
                return []
            return await transcript.read(session, found, after_seq=after_seq, before_seq=before_seq, limit=limit)

    async def follow(self, address: Address, after_seq: int = 0) -> AsyncIterator[list[Shown]]:
        """Yield what is new as it comes, for ever; in this process at once, from others within seconds."""
        address = clean_address(address)
        with self._followers.waiting(address) as event:
            while True:
                event.clear()  # before reading: what is committed while we read must wake us
                if news := await self.history(address, after_seq):
                    after_seq = news[-1].seq
                    yield news
                    continue
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await event.wait()

    async def mark_seen(self, address: Address, seq: int) -> None:
        """An asking channel has shown everything up to seq. Costs a write only if news was waiting."""
        address = clean_address(address)
        row = models.Conversation
        mine = (row.channel == str(address.channel), row.bot == address.bot, row.chat == address.key)
        unseen = (row.pushed_seq > row.seen_seq, row.seen_seq < seq)
        async with self._database.reading() as session:
            if await session.scalar(select(row.id).where(*mine, *unseen)) is None:
                return
        async with self._database.transaction() as session:
            await session.execute(
                update(row).where(*mine, *unseen).values(seen_seq=seq).execution_options(synchronize_session=False)
            )

    async def _find(self, session: AsyncSession, address: Address) -> int | None:
        where = {"channel": str(address.channel), "bot": address.bot, "chat": address.key}
        found: int | None = await session.scalar(_FIND, where)
        return found
