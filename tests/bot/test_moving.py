"""A chat that goes on under another id takes along its conversation and what waits for it; on both databases."""

from __future__ import annotations

import asyncio

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import App
from bot.clock import FixedClock
from bot.messages import Address, ChannelName
from bot.models import Conversation, Delivery
from bot.moving import Follow, follow_nothing, move_chat, where_now
from bot.outbox import Outgoing, SentResult
from tests.fakes import Said, sending

OLD = Address(ChannelName.TELEGRAM, "-5", "7")
NEW = Address(ChannelName.TELEGRAM, "-1005", "7")


async def move(app: App, clock: FixedClock, follow: Follow = follow_nothing) -> None:
    async with app.database.transaction() as session:
        await move_chat(session, OLD, NEW.key, now=clock.now(), follow=follow)


async def alert(app: App, words: str) -> None:
    async with app.database.transaction() as session:
        await app.outbox.alert(session, OLD, Said(words))


async def chats(app: App) -> tuple[list[str], list[str]]:
    """Of the conversations, and of what waits."""
    async with app.database.reading() as session:
        conversations = await session.scalars(select(Conversation.chat).order_by(Conversation.id))
        waiting = await session.scalars(select(Delivery.chat).where(Delivery.state == "wait").order_by(Delivery.id))
        return list(conversations), list(waiting)


async def test_conversation_and_waiting_messages_go_along_and_so_does_what_comes_later(
    app_on_each: App, clock: FixedClock
) -> None:
    await alert(app_on_each, "一")
    for _ in range(2):  # told twice, it moves once
        await move(app_on_each, clock)
    await alert(app_on_each, "二")
    assert await chats(app_on_each) == ([NEW.key], [NEW.key, NEW.key])
    async with app_on_each.database.reading() as session:
        assert await where_now(session, OLD) == NEW
        assert await where_now(session, NEW) == NEW


async def test_a_chat_that_is_known_under_its_new_id_already_stays(app_on_each: App, clock: FixedClock) -> None:
    await alert(app_on_each, "一")
    async with app_on_each.database.transaction() as session:
        await app_on_each.outbox.alert(session, NEW, Said("二"))
    await move(app_on_each, clock)
    assert await chats(app_on_each) == ([OLD.key, NEW.key], [NEW.key, NEW.key])


async def test_services_are_told(app_on_each: App, clock: FixedClock) -> None:
    told = []

    async def follow(_session: AsyncSession, old: str, new: str) -> None:
        told.append((old, new))

    await move(app_on_each, clock, follow)
    assert told == [(OLD.key, NEW.key)]


class MovingSender:
    """A platform that knows the chat under its new id."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def send(self, outgoing: Outgoing) -> SentResult:
        self.asked.append(outgoing.address.key)
        return SentResult(f"m{len(self.asked)}", NEW.key if outgoing.address == OLD else "")


async def references(app: App) -> dict[str | None, str]:
    """Of what was sent: its id, and the chat whose id that is."""
    async with app.database.reading() as session:
        rows = await session.execute(select(Delivery.reference, Delivery.chat).where(Delivery.state == "done"))
        return {row.reference: row.chat for row in rows}


async def test_a_sending_that_meets_the_new_id_moves_the_chat(app_on_each: App, clock: FixedClock) -> None:
    app, sender = app_on_each, MovingSender()
    app.courier.register(ChannelName.TELEGRAM, sender, bot="7", rate=0)
    await alert(app, "一")
    async with sending(app), asyncio.timeout(15):
        while len(await references(app)) < 1:  # noqa: ASYNC110  # the rows set no event
            await asyncio.sleep(0.02)
        await alert(app, "二")
        while len(await references(app)) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert sender.asked == [OLD.key, NEW.key]
    assert await references(app) == {"m1": NEW.key, "m2": NEW.key}
    assert await chats(app) == ([NEW.key], [])
