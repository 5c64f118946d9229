"""What happens to offers by itself: they close, they are past, those who registered are reminded and told.

Each is a timer that acts in a transaction of its own. Those of one offer are told in batches, each once: a
registration holds what it was told last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Moment, TimerHandler, Timers
from bot.models import Conversation, Timer
from bot.quiet import QuietHours
from handlers.offers.locking import lock_now
from handlers.offers.models import Offer, Registration
from handlers.offers.offer import ACTIVE, COMING, TAKING, Kind, Move, Standing, State, check_move, closes_at, over_at
from handlers.offers.posting import Posting
from handlers.offers.reminding import Reminder, reminders
from handlers.people.models import Consent, PersonChat
from handlers.people.person import Purpose

CLOCK, REMIND, TELL, TELL_ONE = "offer.clock", "offer.remind", "offer.tell", "offer.tell_one"
BATCH = 50
"""People told in one transaction."""
JUST = timedelta(hours=1)
SOON, NEAR = timedelta(hours=3), timedelta(hours=24)
"""Whoever is told so shortly before it begins that they moved up needs no reminder of two hours, of a day, any more."""


class Moments:
    def __init__(self, timers: Timers, posting: Posting, quiet: QuietHours) -> None:
        self._timers = timers
        self._posting = posting
        self._quiet = quiet

    @property
    def handlers(self) -> Mapping[str, TimerHandler]:
        return {CLOCK: self.on_clock, REMIND: self.on_remind, TELL: self.on_tell, TELL_ONE: self.on_tell_one}

    # -- setting ------------------------------------------------------------------------------------------

    async def wind(self, session: AsyncSession, offer: Offer, *, now: datetime) -> None:
        """Called at the end of everything that changes an offer's times or state: its clock and its reminders."""
        key = f"{CLOCK}:{offer.id}"
        if (at := next_moment(offer)) is None:
            await self._timers.drop(session, key)
        else:
            await self._timers.set(session, CLOCK, key=key, at=at, data={"offer": offer.id})
        due = {}
        comes_to = Kind(offer.kind) is not Kind.VACANCY  # to a vacancy nobody comes at an hour
        if comes_to and offer.starts is not None and State(offer.state) in COMING and offer.starts > now:
            due = reminders(offer.starts, timed=offer.timed, quiet=self._quiet.end_after)
        for which in Reminder:
            key = f"{REMIND}:{offer.id}:{which}"
            if which in due and due[which] > now:
                data = {"offer": offer.id, "which": str(which), "starts": offer.starts.isoformat()}  # type: ignore[union-attr]
                await self._timers.set(session, REMIND, key=key, at=due[which], data=data)
            else:
                await self._timers.drop(session, key)

    async def tell_one(
        self, session: AsyncSession, offer: Offer, one: Registration, what: str, *, now: datetime
    ) -> None:
        """News for one of them: `moved_up`, `moved_back`."""
        data = {"registration": one.id, "what": what}
        at = self._when(offer, now)
        await self._timers.set(session, TELL_ONE, key=f"{TELL_ONE}:{one.id}", at=at, data=data)

    async def tell_all(
        self, session: AsyncSession, offer: Offer, what: str, *, now: datetime, data: Mapping[str, Any] | None = None
    ) -> None:
        """News for everybody in and waiting: `changed`, `cancelled`."""
        more = {"offer": offer.id, "what": what, "version": offer.version, "after": 0, **(data or {})}
        key = f"{TELL}:{offer.id}:{offer.version}"
        await self._timers.set(session, TELL, key=key, at=self._when(offer, now), data=more)

    def _when(self, offer: Offer, now: datetime) -> datetime:
        end = self._quiet.end_after(now)
        if end is None or (offer.starts is not None and now < offer.starts <= end):
            return now  # it begins before anybody is up: nothing else would be of use
        return end

    # -- acting -------------------------------------------------------------------------------------------

    async def on_clock(self, session: AsyncSession, moment: Moment) -> None:
        """It closes, or it is past."""
        offer = await lock_now(session, moment.data["offer"])
        if offer is None:
            return
        over, state = over_at(offer.starts, offer.ends), State(offer.state)
        if over is not None and over <= moment.now and state in COMING:
            offer.state = str(check_move(Move.PASS, state))
        elif state in TAKING and (at := next_moment(offer)) is not None and at <= moment.now:
            offer.state = str(check_move(Move.CLOSE, state))
        await session.flush()
        await self.wind(session, offer, now=moment.now)

    async def on_remind(self, session: AsyncSession, moment: Moment) -> None:
        """Those who are in, and had not this reminder yet."""
        offer, which = await session.get(Offer, moment.data["offer"]), Reminder(moment.data["which"])
        if offer is None or offer.starts is None or State(offer.state) not in COMING or offer.starts <= moment.now:
            return
        if offer.starts != datetime.fromisoformat(moment.data["starts"]):
            return  # it was moved, and has a reminder of its own
        wanted = (
            Registration.state == str(Standing.IN),
            Registration.reminded != str(which),
            Registration.at < moment.now - JUST,  # whoever has just registered knows
            ~_stopped(),
            ~_waits_to_hear(),
        )
        found = await self._batch(session, offer, moment, wanted)
        for one in found:
            one.reminded = str(which)
        await self._tell(session, offer, found, str(which), {}, now=moment.now)
        await self._go_on(session, moment, found)

    async def on_tell(self, session: AsyncSession, moment: Moment) -> None:
        """Those who have not heard of this change."""
        offer, what = await session.get(Offer, moment.data["offer"]), moment.data["what"]
        version = moment.data["version"]
        if offer is None or (what == "changed" and version < offer.told_version):
            return  # a later change says it all
        wanted = (Registration.state.in_([str(state) for state in ACTIVE]), Registration.told_version < version)
        found = await self._batch(session, offer, moment, wanted)
        for one in found:
            one.told_version = version
        await self._tell(session, offer, found, what, moment.data.get("before", {}), now=moment.now)
        await self._go_on(session, moment, found)

    async def on_tell_one(self, session: AsyncSession, moment: Moment) -> None:
        one = await session.get(Registration, moment.data["registration"])
        if one is None or one.state != str(Standing.IN if moment.data["what"] == "moved_up" else Standing.WAITING):
            return  # they cancelled meanwhile, or stand where they stood
        offer = await session.get_one(Offer, one.offer_id)
        if State(offer.state) in COMING:
            left = offer.starts - moment.now if offer.starts is not None else None
            if left is not None and left <= NEAR:
                one.reminded = str(Reminder.HOURS if left <= SOON else Reminder.DAY)
            await self._tell(session, offer, [one], moment.data["what"], {}, now=moment.now)

    async def _batch(
        self, session: AsyncSession, offer: Offer, moment: Moment, wanted: Sequence[ColumnElement[bool]]
    ) -> Sequence[Registration]:
        found = await session.scalars(
            select(Registration)
            .where(
                Registration.offer_id == offer.id,
                Registration.id > moment.data.get("after", 0),
                Registration.conversation_id.is_not(None),
                *wanted,
            )
            .order_by(Registration.id)
            .limit(BATCH)
        )
        return found.all()

    async def _go_on(self, session: AsyncSession, moment: Moment, told: Sequence[Registration]) -> None:
        """The next batch, in a transaction of its own."""
        if len(told) == BATCH:
            data = {**moment.data, "after": told[-1].id}
            await self._timers.set(session, moment.kind, key=moment.key, at=moment.now, data=data)

    async def _tell(
        self,
        session: AsyncSession,
        offer: Offer,
        told: Sequence[Registration],
        what: str,
        before: Mapping[str, Any],
        *,
        now: datetime,
    ) -> None:
        chats = {one.conversation_id: one for one in told if one.conversation_id is not None}
        # In the order of their rows, as everybody locks them.
        reachable = await session.scalars(
            select(Conversation.id).where(Conversation.id.in_(chats)).order_by(Conversation.id)
        )
        for chat in reachable.all():
            for one in (one for one in told if one.conversation_id == chat):
                await self._posting.news(session, chat, offer, one, what, before, now=now)


def _stopped() -> ColumnElement[bool]:
    """They said stop to all messages after they had registered; another registration asks for reminders anew."""
    return exists().where(
        PersonChat.conversation_id == Registration.conversation_id,
        Consent.person_id == PersonChat.person_id,
        Consent.purpose == str(Purpose.REMINDERS),
        ~Consent.given,
        Consent.at >= Registration.at,
    )


def _waits_to_hear() -> ColumnElement[bool]:
    """They moved up in the night, and are told in the morning: that tells all."""
    return exists().where(Timer.key == literal(f"{TELL_ONE}:") + cast(Registration.id, String))


def next_moment(offer: Offer) -> datetime | None:
    """When its clock has to look at it again."""
    state = State(offer.state)
    if state not in COMING:
        return None
    over = over_at(offer.starts, offer.ends)
    closes = closes_at(Kind(offer.kind), offer.starts, offer.ends, offer.closes) if state in TAKING else None
    return min((at for at in (over, closes) if at is not None), default=None)


def is_shown(now: datetime) -> ColumnElement[bool]:
    """An offer that people may find: open or full, and its last day to register has not passed."""
    return (
        Offer.state.in_([str(state) for state in TAKING])
        & or_(Offer.closes.is_(None), Offer.closes > now)
        & or_(Offer.ends.is_(None), Offer.ends > now)
    )
