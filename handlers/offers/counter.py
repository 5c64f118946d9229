"""The counter of offers: who comes in, who waits, who came. Each use case works in the caller's transaction.

The offer's row is locked before its seats are counted, so they are exact under any load, and the order is the order
of acceptance. The waiting list moves up by itself; a group for which too few seats are free lets others pass.
Nobody is told from here: a timer of their own does it, so that no turn waits for another's conversation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.sealing import Sealer
from handlers.offers.errors import CheckInRefused, NoSuchOffer, NoSuchRegistration, OfferShut, TooManyTogether
from handlers.offers.locking import lock_by_code, lock_by_id
from handlers.offers.models import Offer, Registration
from handlers.offers.moments import Moments
from handlers.offers.offer import (
    ACTIVE,
    COMING,
    MOST_TOGETHER,
    TAKING,
    Kind,
    Move,
    Standing,
    State,
    check_in_code,
    check_move,
    closes_at,
)
from handlers.people.register import Register
from handlers.people.stand_ins import open_for


@dataclass(frozen=True)
class Came:
    """Somebody was there: what a service record needs to know."""

    person_id: int
    kind: Kind
    title: str
    code: str
    on: date


OnCame = Callable[[AsyncSession, Came, datetime], Awaitable[None]]


async def record_nothing(_session: AsyncSession, _came: Came, _now: datetime) -> None:
    """No service keeps records."""


@dataclass(frozen=True)
class Taken:
    """What a registration came to."""

    offer: Offer
    registration: Registration
    again: bool
    """They had it already."""


class Counter:
    def __init__(
        self, register: Register, moments: Moments, sealer: Sealer, *, on_came: OnCame = record_nothing
    ) -> None:
        self._register = register
        self._moments = moments
        self._sealer = sealer
        self._on_came = on_came

    # -- reading ------------------------------------------------------------------------------------------

    async def find(self, session: AsyncSession, code: str) -> Offer:
        """Raises NoSuchOffer."""
        found = await session.scalar(select(Offer).where(Offer.code == code))
        if found is None:
            raise NoSuchOffer(number=code)
        return found

    async def of_chat(
        self, session: AsyncSession, conversation_id: int, states: Sequence[Standing] = tuple(ACTIVE)
    ) -> list[tuple[Offer, Registration]]:
        """What a chat is registered for and lies ahead, the soonest first."""
        found = await session.execute(
            select(Offer, Registration)
            .join(Registration, Registration.offer_id == Offer.id)
            .where(
                Registration.conversation_id == conversation_id,
                Registration.state.in_([str(state) for state in states]),
                Offer.state.in_([str(state) for state in COMING]),
            )
            .order_by(Offer.starts.is_(None), Offer.starts, Registration.id)
        )
        return [(row[0], row[1]) for row in found]

    # -- coming in, going out -----------------------------------------------------------------------------

    async def register(
        self,
        session: AsyncSession,
        code: str,
        *,
        conversation_id: int,
        people: int = 1,
        relation: str = "",
        now: datetime,
    ) -> Taken:
        """In, or on the waiting list. Raises NoSuchOffer, OfferShut, TooManyTogether."""
        if not 1 <= people <= MOST_TOGETHER:
            raise TooManyTogether(people=people, most=MOST_TOGETHER)
        if relation:
            person = await open_for(session, conversation_id, relation, now=now)
        else:
            person = await self._register.open(session, conversation_id, now=now)
        offer = await lock_by_code(session, code)
        already = await session.scalar(
            select(Registration).where(
                Registration.offer_id == offer.id,
                Registration.conversation_id == conversation_id,
                Registration.relation == relation,
                Registration.state.in_([str(state) for state in (*ACTIVE, Standing.CAME)]),
            )
        )
        # A second neighbour is another one.
        if already is not None and (relation != "other" or already.name is None):
            return Taken(offer, already, again=True)
        closes = closes_at(Kind(offer.kind), offer.starts, offer.ends, offer.closes)
        if State(offer.state) not in TAKING or (closes is not None and closes <= now):
            raise OfferShut(title=offer.title, state=str(offer.state))
        offer.last_seq += 1
        comes_in = has_room(offer, people)
        registration = Registration(
            offer_id=offer.id,
            seq=offer.last_seq,
            state=str(Standing.IN if comes_in else Standing.WAITING),
            people=people,
            person_id=person.id,
            conversation_id=conversation_id,
            relation=relation,
            code=check_in_code(offer.id, offer.last_seq),
            at=now,
            told_version=offer.version,
        )
        session.add(registration)
        if comes_in:
            offer.taken += people
        else:
            offer.waiting += people
        weigh(offer)
        await session.flush()
        return Taken(offer, registration, again=False)

    async def cancel(
        self, session: AsyncSession, registration_id: int, *, conversation_id: int, now: datetime
    ) -> tuple[Offer, Registration]:
        """They do not come: the seat goes to who waits. Raises NoSuchRegistration for what is not theirs."""
        found = await session.get(Registration, registration_id)
        if found is None or found.conversation_id != conversation_id:
            raise NoSuchRegistration(number=str(registration_id))
        offer = await lock_by_id(session, found.offer_id)
        await session.refresh(found)
        if Standing(found.state) in ACTIVE:
            await self._leave(session, offer, found, now=now)
        return offer, found

    async def _leave(self, session: AsyncSession, offer: Offer, one: Registration, *, now: datetime) -> None:
        if one.state == str(Standing.IN):
            offer.taken -= one.people
        else:
            offer.waiting -= one.people
        one.state = str(Standing.CANCELLED)
        weigh(offer)
        await session.flush()
        await self.move_up(session, offer, now=now)

    async def move_up(self, session: AsyncSession, offer: Offer, *, now: datetime) -> list[Registration]:
        """Those who wait and for whom there is room now, in order. `offer` is locked."""
        begun = offer.starts is not None and offer.starts <= now
        if not offer.waiting or begun or State(offer.state) not in COMING or not has_room(offer, 1):
            return []
        waiting = await session.scalars(
            select(Registration)
            .where(Registration.offer_id == offer.id, Registration.state == str(Standing.WAITING))
            .order_by(Registration.seq)
        )
        moved = []
        for one in waiting:
            if not has_room(offer, 1):
                break
            if has_room(offer, one.people):
                one.state = str(Standing.IN)
                offer.taken += one.people
                offer.waiting -= one.people
                moved.append(one)
        weigh(offer)
        await session.flush()
        for one in moved:
            await self._moments.tell_one(session, offer, one, "moved_up", now=now)
        return moved

    async def move_back(self, session: AsyncSession, offer: Offer, *, now: datetime) -> list[Registration]:
        """There are fewer seats than are taken: the last who came in wait again, first in line. `offer` is locked."""
        assert offer.seats is not None
        found = await session.scalars(
            select(Registration)
            .where(Registration.offer_id == offer.id, Registration.state == str(Standing.IN))
            .order_by(Registration.seq.desc())
        )
        moved = []
        for one in found:
            if offer.taken <= offer.seats:
                break
            one.state = str(Standing.WAITING)
            offer.taken -= one.people
            offer.waiting += one.people
            moved.append(one)
        weigh(offer)
        await session.flush()
        for one in moved:
            await self._moments.tell_one(session, offer, one, "moved_back", now=now)
        return moved

    async def leave_contact(self, session: AsyncSession, one: Registration, *, name: str, phone: str) -> str:
        """Who they are, for the list at the door; what is empty stays as it was. -> the name that is kept"""
        if name:
            one.name = self._sealer.seal(name, "registration.name")
        if phone:
            one.phone = self._sealer.seal(phone, "registration.phone")
        await session.flush()
        return self._sealer.open(one.name, "registration.name") if one.name else ""

    async def change_phone(self, session: AsyncSession, conversation_id: int, phone: str, _now: datetime) -> None:
        """Their phone is another now: in what lies ahead and holds theirs."""
        for _, one in await self.of_chat(session, conversation_id):
            if one.phone is not None and not one.relation:
                one.phone = self._sealer.seal(phone, "registration.phone")
        await session.flush()

    # -- the door -----------------------------------------------------------------------------------------

    async def check_in(self, session: AsyncSession, offer: Offer, number: str, *, now: datetime) -> Taken:
        """They are there. Raises NoSuchRegistration, CheckInRefused."""
        offer = await lock_by_id(session, offer.id)
        found = await session.scalar(
            select(Registration).where(Registration.offer_id == offer.id, Registration.code == number)
        )
        if found is None:
            raise NoSuchRegistration(number=number)
        state = Standing(found.state)
        if state is Standing.CAME:
            return Taken(offer, found, again=True)
        if state is not Standing.IN or offer.state == str(State.CANCELLED):
            raise CheckInRefused(number=number, why="waiting" if state is Standing.WAITING else "cancelled")
        found.state, found.came_at = str(Standing.CAME), now
        await session.flush()
        if found.person_id is not None and not await self._is_askers(session, found):
            on = now.astimezone(LOCAL).date()
            await self._on_came(session, Came(found.person_id, Kind(offer.kind), offer.title, offer.code, on), now)
        return Taken(offer, found, again=False)

    async def _is_askers(self, session: AsyncSession, one: Registration) -> bool:
        """For another, and under the asker's own record: as it was before whoever comes had one of their own."""
        if not one.relation or one.conversation_id is None:
            return bool(one.relation)
        asker = await self._register.find(session, one.conversation_id)
        return asker is not None and asker.id == one.person_id

    async def move_person(self, session: AsyncSession, of: int, to: int) -> None:
        """Two records turned out to be of one person."""
        await session.execute(
            update(Registration)
            .where(Registration.person_id == of)
            .values(person_id=to)
            .execution_options(synchronize_session=False)
        )

    # -- having everything deleted ------------------------------------------------------------------------

    async def erase(self, session: AsyncSession, conversation_id: int, *, now: datetime) -> None:
        """Seats of a chat that is deleted are free; what is left of its registrations are numbers."""
        found = await session.execute(
            select(Registration.id, Registration.offer_id)
            .where(Registration.conversation_id == conversation_id)
            .order_by(Registration.offer_id)
        )
        for registration_id, offer_id in found.all():
            offer = await lock_by_id(session, offer_id)
            one = await session.get_one(Registration, registration_id, populate_existing=True)
            if Standing(one.state) in ACTIVE and State(offer.state) in COMING:
                await self._leave(session, offer, one, now=now)
            one.conversation_id = one.person_id = one.name = one.phone = None
        await session.flush()


def has_room(offer: Offer, people: int) -> bool:
    return offer.seats is None or offer.taken + people <= offer.seats


def weigh(offer: Offer) -> None:
    """Full or open, by what is taken; other states stay."""
    state, full = State(offer.state), not has_room(offer, 1)
    if state is State.OPEN and full:
        offer.state = str(check_move(Move.FILL, state))
    elif state is State.FULL and not full:
        offer.state = str(check_move(Move.FREE, state))
