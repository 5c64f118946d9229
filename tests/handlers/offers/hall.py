"""A bureau with offers for tests: the whole program, its offers' parts, and people who talk with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import App, Parts, Services, build, wire_with
from bot.clock import FixedClock
from bot.models import Message
from bot.settings import Settings
from bot.staff import audit
from bot.staff.roles import ANYWHERE
from handlers.offers.counter import Came
from handlers.offers.drafting import read_draft
from handlers.offers.models import Offer, Registration
from handlers.offers.offer import Draft
from handlers.offers.office import Office, make_office
from handlers.offers.recording import Recording
from handlers.people.ledger.desk import make_ledgers
from handlers.people.register import Register
from tests.bureau import Person, knowing

HONGHU, TOWN, LUOZHUANG = "421083", "421083105", "371311"
COURSE: Mapping[str, Any] = {
    "kind": "course",
    "title": "叉车班",
    "region": "洪湖市",
    "place": "新堤街道办事处",
    "starts": "2026-12-08T09:00:00+08:00",
    "ends": "2026-12-12T16:00:00+08:00",
    "seats": 2,
    "bring": "身份证",
    "meals": "中午管一顿",
}
FAIR: Mapping[str, Any] = {
    "kind": "fair",
    "title": "冬季招聘会",
    "region": "洪湖市",
    "place": "洪湖市人才市场",
    "starts": "2026-12-05T09:00:00+08:00",
    "ends": "2026-12-05T16:00:00+08:00",
    "employers": "20家厂",
}
VACANCY: Mapping[str, Any] = {
    "kind": "vacancy",
    "title": "保洁员",
    "region": "洪湖市",
    "place": "新堤街道",
    "employer": "物业公司",
    "trade": "保洁",
    "pay_from": 2200,
    "seats": 3,
}


@dataclass
class Hall:
    app: App
    office: Office
    clock: FixedClock
    parts: Parts
    came: list[Came] = field(default_factory=list)

    def recording(self) -> Office:
        """The offers as they are wired: who comes has a service of the year."""
        services = make_ledgers(self.parts, knowing().book.regions).services
        return make_office(self.parts, knowing().book, Register(), on_came=Recording(services).came)

    def work(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self.app.database.transaction()

    def draft(self, fields: Mapping[str, Any]) -> Draft:
        return read_draft(fields, regions=knowing().book.regions, home=HONGHU, now=self.clock.now())

    async def add(self, fields: Mapping[str, Any] = COURSE, **more: Any) -> str:
        """-> its number"""
        async with self.work() as session:
            offer = await self.office.publishing.add(
                session,
                self.draft({**fields, **more}),
                actor=audit.SYSTEM,
                scope=ANYWHERE,
                now=self.clock.now(),
                confirmed=True,
            )
            return offer.code

    async def change(
        self, code: str, fields: Mapping[str, Any] = COURSE, *, move_last: bool = False, **more: Any
    ) -> None:
        async with self.work() as session:
            seen = (await self.office.counter.find(session, code)).version
            await self.office.publishing.change(
                session,
                code,
                self.draft({**fields, **more}),
                seen=seen,
                actor=audit.SYSTEM,
                scope=ANYWHERE,
                now=self.clock.now(),
                confirmed=True,
                move_last=move_last,
            )

    async def offer(self, code: str) -> Offer:
        async with self.app.database.reading() as session:
            return await self.office.counter.find(session, code)

    async def line(self, code: str) -> list[tuple[int, str]]:
        """Order and standing of all who registered."""
        async with self.app.database.reading() as session:
            found = await session.execute(
                select(Registration.seq, Registration.state)
                .join(Offer, Offer.id == Registration.offer_id)
                .where(Offer.code == code)
                .order_by(Registration.seq)
            )
            return [(row.seq, row.state) for row in found]

    async def act(self) -> None:
        """Everything that is due by now."""
        while await self.app.timers.act_once():
            pass

    async def told(self, what: str = "") -> list[str]:
        """What was pushed as news, of all chats: `what` of each."""
        async with self.app.database.reading() as session:
            found = await session.scalars(
                select(Message).where(Message.pushed, Message.template == "offers/news").order_by(Message.id)
            )
            kinds = [str(message.data["what"]) for message in found]
            return [kind for kind in kinds if what in ("", kind)]

    async def sign_up(self, code: str, name: str) -> Person:
        """Somebody of Honghu who registers by its number."""
        person = Person(self.app, name, region="洪湖市")
        await person.say(f"报名 {code}")
        return person


@asynccontextmanager
async def open_hall(settings: Settings, clock: FixedClock) -> AsyncIterator[Hall]:
    offices: list[tuple[Office, Parts]] = []
    came: list[Came] = []

    async def on_came(_session: AsyncSession, one: Came, _now: object) -> None:
        came.append(one)

    def wire(parts: Parts) -> Services:
        offices.append((make_office(parts, knowing().book, Register(), on_came=on_came), parts))
        return wire_with(parts, knowing())

    async with build(settings, clock=clock, wire=wire) as app:
        office, parts = offices.pop()
        yield Hall(app, office, clock, parts, came)
