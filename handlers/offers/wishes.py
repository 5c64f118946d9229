"""Wishes that are kept with a yes, and the news that keeps the promise: once a day, what is new and fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Moment, TimerHandler, Timers
from bot.database import Database
from bot.outbox import Outbox
from handlers.offers.labels import show_buttons
from handlers.offers.models import Offer
from handlers.offers.moments import is_shown
from handlers.offers.offer import Kind
from handlers.offers.remembering import remember_list
from handlers.offers.replies import FreshReply
from handlers.offers.views import Viewer
from handlers.offers.wanting import Sought
from handlers.people.consents import resume
from handlers.people.models import Consent, Person, PersonChat, Wish
from handlers.people.person import Purpose, Source, WishKind
from handlers.people.register import Register
from handlers.people.trades import ANY, OTHER
from knowledge.opting import Topic
from knowledge.regions import Regions

NEWS, NEWS_GO_ON = "offer.news", "offer.news_go_on"
NEWS_AT = "0 10 * * *"
"""At ten every day: never in the night, and at most one message a day."""
MOST_NEW, MOST_TOLD = 500, 4
BATCH = 50
KINDS = {WishKind.WORK: (Kind.VACANCY, Kind.FAIR), WishKind.TRAINING: (Kind.COURSE,)}
PURPOSES = {WishKind.WORK: Purpose.JOB_NOTICES, WishKind.TRAINING: Purpose.COURSE_NOTICES}
MOST_WORDS = 80


def purpose_of(sought: Sought) -> Purpose:
    """What somebody agrees to who wants to be told of such things."""
    return Purpose.COURSE_NOTICES if Kind.COURSE in sought.kinds else Purpose.JOB_NOTICES


class Wishes:
    def __init__(
        self,
        register: Register,
        regions: Regions,
        viewer: Viewer,
        outbox: Outbox,
        timers: Timers,
        database: Database,
    ) -> None:
        self._register = register
        self._regions = regions
        self._viewer = viewer
        self._outbox = outbox
        self._timers = timers
        self._database = database

    @property
    def handlers(self) -> Mapping[str, TimerHandler]:
        return {NEWS: self.on_news, NEWS_GO_ON: self.on_news}

    async def begin(self) -> None:
        """At every start."""
        async with self._database.transaction() as session:
            await self._timers.keep(session, NEWS, key=NEWS, cron=NEWS_AT)

    async def keep(self, session: AsyncSession, conversation_id: int, sought: Sought, *, now: datetime) -> None:
        """They said yes to being told: the consent, and what they look for."""
        topic = Topic.COURSES if Kind.COURSE in sought.kinds else Topic.JOBS
        await resume(self._register, session, conversation_id, {topic}, now=now)
        person = await self._register.open(session, conversation_id, now=now)
        kind = WishKind.TRAINING if Kind.COURSE in sought.kinds else WishKind.WORK
        kept = await session.scalars(select(Wish).where(Wish.person_id == person.id, Wish.kind == str(kind)))
        by_trade = {wish.trade: wish for wish in kept}
        for trade in sought.trades or ((OTHER,) if sought.other else (ANY,)):
            wish = by_trade.get(trade)
            if wish is None:
                wish = Wish(person_id=person.id, kind=str(kind), trade=trade, source=str(Source.SAID))
                session.add(wish)
            wish.words, wish.region = (sought.other or sought.words)[:MOST_WORDS], sought.place
            wish.pay_from, wish.at = sought.pay_from, now
        await session.flush()

    async def refuse(self, session: AsyncSession, conversation_id: int, sought: Sought, *, now: datetime) -> None:
        """No to this kind of news; it is not asked again."""
        await self._register.answer_consent(session, conversation_id, purpose_of(sought), given=False, now=now)

    # -- the news -----------------------------------------------------------------------------------------

    async def on_news(self, session: AsyncSession, moment: Moment) -> None:
        """A batch of those who wished and agreed; the last batch ends the news of these offers."""
        after = int(moment.data.get("after", 0))
        until = datetime.fromisoformat(moment.data["until"]) if "until" in moment.data else moment.now
        found = await session.scalars(
            select(Offer)
            .where(Offer.news_at.is_(None), Offer.created_at <= until, is_shown(moment.now))
            .order_by(Offer.id)
            .limit(MOST_NEW)
        )
        fresh = found.all()
        persons = await self._who_wished(session, after) if fresh else []
        for person, wishes in persons:
            fitting = [offer for offer in fresh if any(self._fits(wish, person, offer) for wish in wishes)]
            await self._tell(session, person, fitting[:MOST_TOLD], moment.now)
        if len(persons) == BATCH:
            data = {"after": persons[-1][0].id, "until": until.isoformat()}
            await self._timers.set(session, NEWS_GO_ON, key=NEWS_GO_ON, at=moment.now, data=data)
            return
        for offer in fresh:
            offer.news_at = moment.now
        await session.flush()

    async def _who_wished(self, session: AsyncSession, after: int) -> list[tuple[Person, list[Wish]]]:
        """The next who agreed to notices, with those wishes of which they want to hear."""
        wished = select(Wish.person_id)
        agreed = select(Consent.person_id).where(Consent.purpose == str(Purpose.NOTICES), Consent.given)
        persons = await session.scalars(
            select(Person)
            .where(Person.id > after, Person.id.in_(wished), Person.id.in_(agreed))
            .order_by(Person.id)
            .limit(BATCH)
        )
        batch = persons.all()
        ids = [person.id for person in batch]
        refused = await session.execute(
            select(Consent.person_id, Consent.purpose).where(Consent.person_id.in_(ids), ~Consent.given)
        )
        unwanted = {(row.person_id, row.purpose) for row in refused}
        by_person: dict[int, list[Wish]] = {}
        for wish in await session.scalars(select(Wish).where(Wish.person_id.in_(ids))):
            if (wish.person_id, str(PURPOSES[WishKind(wish.kind)])) not in unwanted:
                by_person.setdefault(wish.person_id, []).append(wish)
        return [(person, by_person.get(person.id, [])) for person in batch]

    def _fits(self, wish: Wish, person: Person, offer: Offer) -> bool:
        if Kind(offer.kind) not in KINDS[WishKind(wish.kind)]:
            return False
        of_trade = wish.words in offer.title if wish.trade == OTHER else wish.trade in (ANY, offer.trade)
        if not of_trade and offer.kind != str(Kind.FAIR):
            return False
        if wish.pay_from and offer.kind == str(Kind.VACANCY) and (offer.pay_to or offer.pay_from or 0) < wish.pay_from:
            return False
        if wish.region and offer.kind == str(Kind.VACANCY):
            return self._regions.is_within(offer.site, wish.region)
        return person.region is None or self._serves(offer.region, person.region)

    def _serves(self, region: str, home: str) -> bool:
        return self._regions.is_within(home, region) or self._regions.is_within(region, home[:6])

    async def _tell(self, session: AsyncSession, person: Person, offers: Sequence[Offer], now: datetime) -> None:
        if not offers:
            return
        chats = await session.scalars(
            select(PersonChat.conversation_id)
            .where(PersonChat.person_id == person.id)
            .order_by(PersonChat.at.desc())
            .limit(1)
        )
        for chat in chats.all():
            views = tuple(self._viewer.of(offer, person.region) for offer in offers)
            reply = FreshReply(views, choices=show_buttons(offers))
            await self._outbox.post(session, chat, [reply], purpose="offers")
            await remember_list(session, chat, [offer.code for offer in offers], _sought_in(offers), now)


def _sought_in(offers: Sequence[Offer]) -> Sought:
    """What the news stands for, where somebody goes on from it: 工资高点的有没有."""
    kinds, trades = (dict.fromkeys(getattr(offer, name) for offer in offers) for name in ("kind", "trade"))
    return Sought(tuple(map(Kind, kinds)), tuple(filter(None, trades)))
