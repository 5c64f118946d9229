"""A chat that goes on under another id: a Telegram group that became a supergroup.

Its conversation, what waits to be sent there and what services noted of it go along. What was sent before stays where
it was: the new chat counts its messages anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import transcript
from bot.database import insert_or_ignore
from bot.messages import Address
from bot.models import Conversation, Delivery, MovedChat

Follow = Callable[[AsyncSession, str, str], Awaitable[None]]
"""A service notes that a chat has another id: session, the old one, the new one."""


async def follow_nothing(_session: AsyncSession, _old: str, _new: str) -> None:
    """No service knows chats."""


async def move_chat(session: AsyncSession, old: Address, new: str, *, now: datetime, follow: Follow) -> None:
    """Doing it again changes nothing."""
    there = replace(old, key=new)
    here = transcript.where_of(old)
    await insert_or_ignore(session, MovedChat, {**here, "moved_to": new, "at": now})
    if await session.scalar(select(Conversation.id).filter_by(**transcript.where_of(there))) is None:
        await session.execute(
            update(Conversation).filter_by(**here).values(chat=new).execution_options(synchronize_session=False)
        )
    await session.execute(
        update(Delivery).filter_by(**here, state="wait").values(chat=new).execution_options(synchronize_session=False)
    )
    await follow(session, old.key, new)


async def where_now(session: AsyncSession, address: Address) -> Address:
    """The same chat under the id that it has now."""
    moved_to = await session.scalar(select(MovedChat.moved_to).filter_by(**transcript.where_of(address)))
    return replace(address, key=moved_to) if moved_to else address
