"""A town for campaigns: persons with chats, groups and wishes, and a process whose sendings are kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from bot.app import App, Parts, Service, Services, build
from bot.background import supervise
from bot.channels.telegram.address import pace_of
from bot.clock import FixedClock
from bot.messages import Address, ChannelName, Incoming
from bot.models import Conversation, Delivery, Message
from bot.settings import Settings, load_settings
from bot.staff.models import Staff
from bot.staff.roles import Role
from bot.transcript import add_conversation, where_of
from handlers.notices.broadcast import By
from handlers.notices.campaign import Kind, Standing, State
from handlers.notices.drafts import Draft
from handlers.notices.limits import Limits
from handlers.notices.models import Campaign, Recipient
from handlers.notices.office import NoticeOffice, make_office
from handlers.notices.ports import Offers
from handlers.notices.previewing import Reach
from handlers.notices.progress import Progress, read_progress
from handlers.notices.replies import KINDS
from handlers.people.models import Consent, Person, PersonChat, PersonGroup, Wish
from handlers.people.person import Group, Purpose, WishKind
from handlers.people.register import Register
from tests.bureau import knowing
from tests.fakes import FakeSender, FakeUnderstood

BOT = "7"
HONGHU, TOWN, WUHAN = "421083", "421083100", "420100"
LIMITS = Limits(approve_above=500, recent_days=7, weekly_cap=2)
CLERK = By(name="赵科长")


class Town:
    def __init__(self, app: App, office: NoticeOffice, register: Register, clock: FixedClock) -> None:
        self.app, self.office, self.register, self.clock = app, office, register, clock
        self.sender = FakeSender()
        self._chats = 0

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def connect(self, *, rate: float = 0.0) -> None:
        """The process sends for our bot."""
        self.app.courier.register(ChannelName.TELEGRAM, self.sender, bot=BOT, rate=rate, pace_of=pace_of)

    # -- people -------------------------------------------------------------------------------------------

    async def person(
        self,
        *groups: Group,
        chats: Sequence[str | ChannelName] = (ChannelName.TELEGRAM,),
        consent: bool | None = True,
        region: str | None = TOWN,
        wishes: Sequence[tuple[WishKind, str]] = (),
        **more: Any,
    ) -> int:
        """-> id. `chats`: channels of their chats, the one they used last first; `blocked`: a Telegram chat that is."""
        async with self.app.database.transaction() as session:
            person = Person(created_at=self.now, updated_at=self.now, region=region, **more)
            session.add(person)
            await session.flush()
            for place, kind in enumerate(chats):
                self._chats += 1
                channel = ChannelName.TELEGRAM if kind == "blocked" else ChannelName(kind)
                bot = BOT if channel is ChannelName.TELEGRAM else ""
                address = Address(channel, str(1000 + self._chats), bot)
                await add_conversation(session, address, now=self.now, greeted=True)
                row = (await session.scalars(select(Conversation).filter_by(**where_of(address)))).one()
                row.updated_at = self.now.replace(minute=59 - place)
                row.unreachable_at = self.now if kind == "blocked" else None
                session.add(PersonChat(person_id=person.id, conversation_id=row.id, at=self.now))
            for group in groups:
                session.add(PersonGroup(person_id=person.id, name=str(group), source="said", at=self.now))
            for kind, trade in wishes:
                words = {"words": trade, "source": "said", "at": self.now}
                session.add(Wish(person_id=person.id, kind=str(kind), trade=trade, **words))
            if consent is not None:
                session.add(Consent(person_id=person.id, purpose=str(Purpose.NOTICES), given=consent, at=self.now))
            return person.id

    async def chat_of(self, person_id: int) -> str:
        """The Telegram id of their newest chat."""
        async with self.app.database.reading() as session:
            found = await session.scalar(
                select(Conversation.chat)
                .join(PersonChat, PersonChat.conversation_id == Conversation.id)
                .where(PersonChat.person_id == person_id)
                .order_by(Conversation.updated_at.desc())
            )
            return str(found)

    async def staff(self, name: str, role: Role = Role.CLERK, region: str = HONGHU, telegram: str = "") -> Staff:
        async with self.app.database.transaction() as session:
            row = Staff(
                username=name,
                login=name,
                display_name=name,
                role=str(role),
                region=region,
                telegram_id=telegram or None,
                password_hash="",
                created_at=self.now,
            )
            session.add(row)
            await session.flush()
            return row

    # -- campaigns ----------------------------------------------------------------------------------------

    async def campaign(
        self, audience: Any = None, *, text: str = "周六有招聘会", start: bool = True, **more: Any
    ) -> int:
        """Written, approved by somebody, and begun."""
        given = {"kind": Kind.FAIR, "title": "招聘会", "region": HONGHU, **more}
        draft = Draft(texts={"all": text}, audience=audience or {"region": HONGHU}, **given)
        async with self.app.database.transaction() as session:
            found = await self.office.broadcast.add(session, draft, CLERK, now=self.now)
        if start:
            await self.approve(found.id)
            await self.begin(found.id)
        return found.id

    async def approve(self, campaign_id: int, by: By = CLERK, size: int | None = None) -> None:
        if size is None:
            async with self.app.database.reading() as session:
                campaign = await self.office.broadcast.find(session, campaign_id)
            reach = await self.office.previewing.reach(self.office.reading.wanted(campaign), now=self.now)
        else:
            reach = Reach(size, 0)
        async with self.app.database.transaction() as session:
            await self.office.broadcast.approve(
                session, campaign_id, by, size=reach.size, in_person=reach.in_person, now=self.now
            )

    async def begin(self, campaign_id: int) -> None:
        async with self.app.database.transaction() as session:
            await self.office.broadcast.start(session, campaign_id, CLERK, now=self.now)

    async def act(self, times: int = 12) -> None:
        """What the loop does, so many times."""
        for _ in range(times):
            await self.office.feeding.act_once()

    async def progress(self, campaign_id: int) -> Progress:
        async with self.app.database.reading() as session:
            campaign = await session.get(Campaign, campaign_id)
            assert campaign is not None
            return await read_progress(session, campaign, now=self.now)

    async def counts(self, campaign_id: int) -> dict[Standing, int]:
        """Those that are not nothing."""
        progress = await self.progress(campaign_id)
        return {standing: count for standing, count in progress.counts.items() if count}

    async def until(self, condition: Callable[[Progress], bool], campaign_id: int, *, within: float = 20.0) -> Progress:
        async with asyncio.timeout(within):
            while not condition(found := await self.progress(campaign_id)):  # noqa: ASYNC110  # rows set no event
                await asyncio.sleep(0.02)
        return found

    async def pushed(self) -> int:
        """Messages in the outbox that wait."""
        async with self.app.database.reading() as session:
            return await session.scalar(select(func.count()).where(Delivery.state == "wait")) or 0

    async def standing(self, campaign_id: int, person_id: int) -> str:
        async with self.app.database.reading() as session:
            where = (Recipient.campaign_id == campaign_id, Recipient.person_id == person_id)
            return str(await session.scalar(select(Recipient.state).where(*where)))

    async def said_to(self, person_id: int) -> list[str]:
        """Templates of what stands in their chats."""
        async with self.app.database.reading() as session:
            found = await session.scalars(
                select(Message.template)
                .join(PersonChat, PersonChat.conversation_id == Message.conversation_id)
                .where(PersonChat.person_id == person_id, ~Message.forgotten)
                .order_by(Message.id)
            )
            return [template or "" for template in found]


def _recognise(_incoming: Incoming) -> FakeUnderstood:
    return FakeUnderstood("policy")


def settings_of(settings: Settings, **more: Any) -> Settings:
    """The same with a bot."""
    given = {"telegram_token": f"{BOT}:token", "telegram_rate": 0.0, **more}
    return load_settings(
        {},
        data_dir=settings.data_dir,
        http_port=0,
        database_url=settings.database_url.get_secret_value(),
        **given,
    )


@asynccontextmanager
async def open_town(
    settings: Settings, clock: FixedClock, *, offers: Offers | None = None, limits: Limits = LIMITS, **more: Any
) -> AsyncIterator[Town]:
    """One process of it; a second over the same settings is another."""
    made: list[tuple[NoticeOffice, Register]] = []

    def wire(parts: Parts) -> Services:
        register = Register()
        office = make_office(parts, knowing().book, register, offers, limits=limits)
        made.append((office, register))
        return Services(_recognise, (Service(replies=KINDS),))

    async with build(settings_of(settings, **more), clock=clock, wire=wire) as app:
        yield Town(app, *made[0], clock)


@asynccontextmanager
async def sending(*towns: Town) -> AsyncIterator[None]:
    """The background loops of these processes, as `serve` runs them."""
    loops = [
        loop for town in towns for loop in (town.app.courier.run, town.app.courier.settler.run, town.office.feeding.run)
    ]
    tasks = [asyncio.create_task(supervise("test", loop)) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def finished(town: Town, campaign: int) -> Progress:
    """Sent to its end."""
    async with sending(town):
        return await town.until(lambda found: found.state is State.DONE, campaign)
