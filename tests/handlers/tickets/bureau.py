"""A bureau for tests: staff, queues and people, worked through the use cases; each act is a transaction of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import App, Parts, Service, Services, build
from bot.background import is_due
from bot.clock import LOCAL, FixedClock
from bot.database import insert_or_ignore
from bot.messages import ChannelName
from bot.models import Conversation, Delivery, Message, Timer
from bot.settings import Settings, load_settings
from bot.staff.accounts import Duty, add_account, set_duty
from bot.staff.accounts import disable as disable_account
from bot.staff.audit import SYSTEM
from bot.staff.models import Staff
from bot.staff.passwords import NewPassword
from bot.staff.roles import Role
from handlers.tickets import desk_queues
from handlers.tickets.cabinet import Person
from handlers.tickets.filing import Draft
from handlers.tickets.models import Attachment, Entry, EntryContent, Task, Ticket
from handlers.tickets.office import Office, make_kinds, make_office
from handlers.tickets.ticket import Category, Kind
from handlers.tickets.timeline import Broken
from knowledge.regions import Regions, load_regions
from tests.fakes import recognise
from tests.kept import Kept

HONGHU, LUOZHUANG = "421083", "371311"
TOWN = "421083102"
PHONE = "13800001234"
BOT = "7"
DRAFT = Draft(
    kind=Kind.REQUEST,
    category=Category.INSURANCE,
    about="补贴没到账",
    text="缴费补贴没到账，我叫示例·张某",
    source="webchat",
    region=TOWN,
    person=Person("示例·张某", PHONE),
)
"""What a person of Honghu asks for, if the test says nothing else."""


@cache
def regions() -> Regions:
    return load_regions()


@dataclass
class Bureau:
    app: App
    office: Office
    clock: FixedClock
    ids: dict[str, int] = field(default_factory=dict)
    """Staff by name."""

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @asynccontextmanager
    async def work(self) -> AsyncIterator[AsyncSession]:
        async with self.app.database.transaction() as session:
            yield session

    # -- who and where ------------------------------------------------------------------------------------

    async def hire(
        self, name: str, role: Role = Role.CLERK, region: str = HONGHU, *queues: str, telegram: str | None = None
    ) -> None:
        async with self.work() as session:
            password = NewPassword("", "no hash", must_change=False)
            staff = await add_account(
                session,
                name,
                role=role,
                region=region,
                password=password,
                actor=SYSTEM,
                now=self.now,
                telegram_id=telegram,
            )
            self.ids[name] = staff.id
            for queue in queues:
                await self.office.queues.join(session, await self.office.queues.find(session, queue), staff.id)
        if telegram is not None:
            await self.chat(telegram, ChannelName.TELEGRAM)

    async def queue(self, name: str, region: str = HONGHU, category: Category = Category.INSURANCE, **more: Any) -> int:
        async with self.work() as session:
            made = await desk_queues.add_queue(session, name, region=region, category=category, **more)
            return int(made["id"])

    async def go(self, name: str, duty: Duty) -> None:
        async with self.work() as session:
            await set_duty(session, await self.staff(session, name), duty, actor=SYSTEM, now=self.now)

    async def dismiss(self, name: str) -> None:
        async with self.work() as session:
            await disable_account(session, await self.staff(session, name), actor=SYSTEM, now=self.now)

    async def staff(self, session: AsyncSession, name: str) -> Staff:
        return await session.get_one(Staff, self.ids[name])

    async def chat(self, key: str, channel: ChannelName = ChannelName.TERMINAL) -> int:
        """A conversation. -> its id"""
        where = {"channel": str(channel), "bot": BOT if channel is ChannelName.TELEGRAM else "", "chat": key}
        counts = dict.fromkeys(("last_seq", "choices_seq", "pushed_seq", "seen_seq"), 0)
        rest = {"created_at": self.now, "updated_at": self.now, "greeted": True, "states": {}, "running": []}
        async with self.work() as session:
            await insert_or_ignore(session, Conversation, {**where, **counts, **rest})
            found = await session.scalar(select(Conversation.id).filter_by(**where))
            assert found is not None
            return found

    # -- acting -------------------------------------------------------------------------------------------

    async def file(self, chat: str | None = "person", channel: ChannelName = ChannelName.TERMINAL, **more: Any) -> str:
        """A matter is told. -> its number"""
        conversation = await self.chat(chat, channel) if chat is not None else None
        async with self.work() as session:
            ticket = await self.office.filing.open_ticket(
                session, replace(DRAFT, **more), conversation_id=conversation, now=self.now
            )
            return ticket.number

    async def do(self, name: str, act: str, number: str, *words: Any, **more: Any) -> Any:
        """What a member of staff does: `do("zhou", "claim", number)`."""
        async with self.work() as session:
            staff = await self.staff(session, name)
            return await getattr(self.office.desk, act)(session, staff, number, *words, now=self.now, **more)

    async def say(self, act: str, number: str, *words: Any, chat: str = "person", **more: Any) -> Any:
        """What the person does: `say("urge", number)`."""
        conversation = await self.chat(chat)
        async with self.work() as session:
            ticket = await self.office.cabinet.access_own(session, conversation, number)
            return await getattr(self.office.filing, act)(session, ticket, *words, now=self.now, **more)

    async def solve(self, name: str, number: str, **more: Any) -> None:
        """Claimed, the person called, answered."""
        if (await self.ticket(number)).handler_id is None:
            await self.do(name, "claim", number)
        await self.do(name, "record_contact", number, "打过电话", how="phone")
        await self.do(name, "answer", number, "查清了", **{"closing": "solved", **more})

    # -- looking ------------------------------------------------------------------------------------------

    async def ticket(self, number: str) -> Ticket:
        async with self.app.database.reading() as session:
            return (await session.scalars(select(Ticket).where(Ticket.number == number))).one()

    async def entries(self, number: str) -> list[Entry]:
        async with self.app.database.reading() as session:
            wanted = select(Entry).join(Ticket).where(Ticket.number == number).order_by(Entry.seq)
            return list(await session.scalars(wanted))

    async def kinds(self, number: str) -> list[str]:
        return [entry.kind for entry in await self.entries(number)]

    async def words(self, number: str) -> list[str]:
        async with self.app.database.reading() as session:
            wanted = select(EntryContent.text).join(Entry).join(Ticket).where(Ticket.number == number)
            return list(await session.scalars(wanted.order_by(Entry.seq)))

    async def tasks(self, number: str) -> list[tuple[str, bool]]:
        """Kind, and whether it is done."""
        async with self.app.database.reading() as session:
            wanted = select(Task).join(Ticket).where(Ticket.number == number).order_by(Task.id)
            return [(task.kind, task.done_at is not None) for task in await session.scalars(wanted)]

    async def count_files(self, number: str) -> int:
        """How many attachments it has."""
        async with self.app.database.reading() as session:
            wanted = select(func.count()).select_from(Attachment).join(Ticket, Ticket.id == Attachment.ticket_id)
            return await session.scalar(wanted.where(Ticket.number == number)) or 0

    async def told(self, chat: str) -> list[str]:
        """What a chat was told, by what it was about: `news:accepted`, `card:answer_50`, `task:call`, `answered`."""
        async with self.app.database.reading() as session:
            rows = await session.scalars(
                select(Message).join(Conversation).where(Conversation.chat == chat).order_by(Message.seq)
            )
            return [_about(row) for row in rows]

    async def said(self, chat: str) -> list[str]:
        """The words that a chat was told."""
        async with self.app.database.reading() as session:
            wanted = select(Message.text).join(Conversation).where(Conversation.chat == chat).order_by(Message.seq)
            return list(await session.scalars(wanted))

    async def pushed(self, chat: str) -> int:
        """How many messages are in the outbox for it."""
        async with self.app.database.reading() as session:
            return await session.scalar(select(func.count()).where(Delivery.chat == chat)) or 0

    async def timers(self) -> dict[str, datetime]:
        async with self.app.database.reading() as session:
            return {row.key: row.due_at for row in await session.scalars(select(Timer))}

    async def broken(self) -> list[Broken]:
        async with self.app.database.reading() as session:
            return [found async for found in self.office.cabinet.timeline.verify(session)]

    # -- time ---------------------------------------------------------------------------------------------

    async def act(self) -> None:
        """Everything that is due."""
        while await self.app.timers.act_once():
            pass

    async def wait_until(self, at: datetime | str) -> None:
        """Time passes; whatever becomes due meanwhile is acted at when it does."""
        end = datetime.fromisoformat(at) if isinstance(at, str) else at
        end = end if end.tzinfo else end.replace(tzinfo=LOCAL)
        await self.act()
        while True:
            async with self.app.database.reading() as session:
                found = await session.scalar(select(func.min(Timer.due_at)).where(Timer.state == "wait"))
            if found is None or found > end:
                break
            self.clock.set(max(found, self.now))
            await self.act()
            async with self.app.database.reading() as session:
                left = await session.scalar(select(Timer.kind).where(is_due(Timer, self.clock)).limit(1))
            assert left is None, f"a timer of kind {left} failed"
        self.clock.set(end)

    async def wait(self, **by: float) -> None:
        await self.wait_until(self.now + timedelta(**by))


def _about(row: Message) -> str:
    template = (row.template or "").removeprefix("tickets/")
    detail = row.data.get("what") or row.data.get("why") or row.data.get("kind")
    if template == "task" and row.data.get("overdue"):
        detail = f"{detail}:overdue"
    return f"{template}:{detail}" if detail else template


def wire_office(parts: Parts) -> tuple[Services, Office]:
    office = make_office(parts, regions())
    service = Service(replies=make_kinds(), timers=office.timers, loops=office.loops)
    return Services(recognise, (service,)), office


def settings_of(settings: Settings, **more: Any) -> Settings:
    """The same with a bot, so that staff are told."""
    url = settings.database_url.get_secret_value()
    return load_settings(
        {},
        data_dir=settings.data_dir,
        http_port=0,
        database_url=url,
        telegram_token=f"{BOT}:token",
        **more,
    )


@asynccontextmanager
async def open_bureau(settings: Settings, clock: FixedClock, **more: Any) -> AsyncIterator[Bureau]:
    """One process of it; a second over the same settings is another."""
    made: list[Office] = []

    def wire(parts: Parts) -> Services:
        services, office = wire_office(parts)
        made.append(office)
        return services

    async with build(settings_of(settings, **more), clock=clock, wire=wire) as app:
        yield Bureau(app, made[0], clock)


_staffed: dict[datetime, tuple[Kept, dict[str, int]]] = {}
"""A staffed bureau by its time: rows, and the ids of its staff."""


async def staffed(bureau: Bureau) -> Bureau:
    """A queue of two clerks with their supervisor, a head, an auditor; and a clerk of another county.

    They come through the use cases once a process, and from then on as the rows that these wrote.
    """
    if (known := _staffed.get(bureau.now)) is not None:
        async with bureau.work() as session:
            await known[0].put(session)
        bureau.ids |= known[1]
        return bureau
    async with bureau.app.database.reading() as session:
        assert not (await Kept.take(session)).rows, "whoever comes first must come to an empty house"
    await _employ(bureau)
    async with bureau.app.database.reading() as session:
        _staffed[bureau.now] = await Kept.take(session), dict(bureau.ids)
    return bureau


async def _employ(bureau: Bureau) -> None:
    await bureau.queue("社保", telegram_chat="-100")
    await bureau.queue("综合", category=Category.GENERAL)
    await bureau.queue("监察", category=Category.LABOUR)
    await bureau.hire("zhou", Role.CLERK, HONGHU, "社保", telegram="101")
    await bureau.hire("li", Role.CLERK, HONGHU, "社保", telegram="102")
    await bureau.hire("sun", Role.SUPERVISOR, HONGHU, telegram="103")
    await bureau.hire("head", Role.HEAD, HONGHU, telegram="104")
    await bureau.hire("auditor", Role.AUDITOR, HONGHU)
    await bureau.hire("helper", Role.HELPER, TOWN, "社保")
    await bureau.queue("罗庄社保", LUOZHUANG)
    await bureau.hire("stranger", Role.CLERK, LUOZHUANG, "罗庄社保")
    await bureau.hire("boss", Role.SUPERVISOR, LUOZHUANG)
