"""A bureau with staff in Telegram: who works there, their group, and how a matter gets there. For the staff tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from bot.app import App, Parts, Services
from bot.clock import Clock
from bot.database import Database
from bot.pacing import ChatPace
from bot.settings import Settings
from bot.staff import audit
from bot.staff.accounts import add_account
from bot.staff.passwords import NewPassword
from bot.staff.roles import Role
from handlers.tickets import desk_queues
from handlers.tickets.models import Attachment, Ticket
from handlers.tickets.ticket import Category
from tests.bureau import knowing, wire_bureau
from tests.telegram.methods import Sent
from tests.telegram.server import FakeTelegram
from tests.telegram.serving import serving, settings_for
from tests.telegram.users import User

GROUP = -100777
ZHOU, LI, SUN, WU, CHEN, STRANGER = 901, 902, 903, 904, 905, 999
"""Two clerks, their supervisor, the head; a clerk of another county; somebody who is not of the staff."""
FISHER = 11
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 100
Wire = Callable[[Parts], Services]
PASSWORD = NewPassword("x", "x", must_change=False)


class Member(User):
    """One of the staff in the group."""

    def __init__(self, server: FakeTelegram, user_id: int, *, group: int = GROUP) -> None:
        super().__init__(server, group)
        self.user_id = user_id

    @property
    def person(self) -> dict[str, Any]:
        return {"id": self.user_id, "is_bot": False, "first_name": f"staff{self.user_id}"}

    @property
    def chat(self) -> dict[str, Any]:
        return {"id": self.chat_id, "type": "supergroup", "title": "社保补贴"}


@asynccontextmanager
async def bureau_at(settings: Settings, clock: Clock, *, wire: Wire = wire_bureau) -> AsyncIterator[App]:
    """The real services at the local server; chats keep no distance, so that tests are quick."""
    for shelf in knowing().book.shelves:
        shelf.learn()  # a first question on new documents takes long, and here the server waits in the same loop
    no_gap = ChatPace(gap=0.0)
    async with serving(settings, wire=wire, clock=clock, pace_of=lambda _chat: no_gap) as (app, _channel):
        yield app


def quick_settings(server: FakeTelegram, folder: Path, database_url: str = "") -> Settings:
    return settings_for(server, folder, database_url=SecretStr(database_url), telegram_rate=0, quiet_hours="")


async def employ(app: App, now: datetime) -> None:
    async with app.database.transaction() as session:
        for name, role, telegram, region in (
            ("zhou", Role.CLERK, ZHOU, "421083"),
            ("li", Role.CLERK, LI, "421083"),
            ("sun", Role.SUPERVISOR, SUN, "421083"),
            ("wu", Role.HEAD, WU, "421083"),
            ("chen", Role.CLERK, CHEN, "420104"),
        ):
            await add_account(
                session,
                name,
                role=role,
                region=region,
                password=PASSWORD,
                actor=audit.SYSTEM,
                now=now,
                telegram_id=str(telegram),
            )
        for category in (Category.INSURANCE, Category.LABOUR):
            await desk_queues.add_queue(
                session, f"{category}", region="421083", category=category, telegram_chat=str(GROUP)
            )
        for category in (Category.INSURANCE, Category.LABOUR):
            await desk_queues.assign_staff(session, desk_queues.keeper(), str(category), ["zhou", "li", "sun"])


async def files(server: FakeTelegram, *lines: str) -> str:
    """The fisher tells it and hands it in. -> its number"""
    fisher = server.user(FISHER)
    for line in lines:
        count = len(server.texts(FISHER))
        fisher.sends(line)
        await server.until(lambda count=count: len(server.texts(FISHER)) > count)
    await server.expect_message(FISHER, "登记好了")
    text = next(text for text in server.texts(FISHER) if "登记好了" in text)
    return text.partition("编号 ")[2][:12]


UNPAID = (
    "我是洪湖的，养老保险补贴去年的一直没给我",
    "新堤街道",
    "给我补上",
    "张水生 13800138000",
    "可以告诉",
    "没错，交上去",
)


async def state_of(app: App, number: str) -> Ticket:
    async with app.database.reading() as session:
        return (await session.scalars(select(Ticket).where(Ticket.number == number))).one()


async def until_fetched(database: Database) -> Attachment:
    """The only attachment, once it is no longer to be fetched."""
    async with asyncio.timeout(60):
        while True:
            async with database.reading() as session:
                found = await session.scalar(select(Attachment))
            if found is not None and not found.reference:
                return found
            await asyncio.sleep(0.02)


def card_of(server: FakeTelegram, number: str) -> Sent:
    return next(sent for sent in reversed(server.sent) if sent.chat_id == GROUP and number in sent.text)


def card_of_first(server: FakeTelegram, number: str) -> Sent:
    return next(sent for sent in server.sent if sent.chat_id == GROUP and number in sent.text and sent.buttons)


async def begins_a_chat(server: FakeTelegram, *people: int) -> None:
    """They write to the bot, which may write to them from then on."""
    for person in people:
        server.user(person).sends("/start")
        await server.expect_message(person)


async def opens_privately(server: FakeTelegram, number: str, who: int) -> Sent:
    """The sheet in the clerk's own chat."""
    Member(server, who).presses("打开看", message=card_of_first(server, number))
    return await server.expect_message(who, "经过")
