"""Offers as staff publish them: added, changed, closed, cancelled. Each use case works in the caller's transaction.

Whoever is registered is told of another time or place once, and of a cancelling; the counter moves people up and back.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.staff import audit
from bot.staff.roles import Scope
from handlers.offers.counter import Counter, weigh
from handlers.offers.errors import NoSuchOffer, OfferMoved, SeatsTaken
from handlers.offers.likeness import columns_of, same_as
from handlers.offers.limits import load_limits
from handlers.offers.locking import lock_by_code
from handlers.offers.models import Offer, Registration
from handlers.offers.moments import Moments
from handlers.offers.offer import (
    ACTIVE,
    COMING,
    Draft,
    Limit,
    Move,
    OfferDoubtful,
    OfferUnfit,
    State,
    check_move,
    code_digits,
    faults_of,
    limits_in,
    missing_of,
)
from handlers.offers.registrations import remind_anew

Serves = Callable[[str, str, str], bool]
"""Whether a clause (policy, provision) holds in a region."""
Above = Callable[[str], Sequence[str]]
"""A division -> itself and all above it."""
TOLD = ("starts", "ends", "timed", "place")
"""Another of these is told to whoever is registered."""


class Publishing:
    def __init__(
        self, counter: Counter, moments: Moments, serves: Serves, above: Above, *, chance: random.Random
    ) -> None:
        self._above = above
        self._counter = counter
        self._moments = moments
        self._serves = serves
        self._chance = chance

    # -- reading ------------------------------------------------------------------------------------------

    def seen_by(self, scope: Scope) -> ColumnElement[bool]:
        """What staff of a place may look at, and check people in for: theirs, and what a level above offers them."""
        return or_(in_scope(scope), Offer.region.in_(self._above(scope.region.partition("-")[0])))

    def may_manage(self, offer: Offer, scope: Scope) -> bool:
        """What a level above offers is not theirs to change."""
        return scope.covers(offer.region)

    async def access(self, session: AsyncSession, code: str, scope: Scope, *, manage: bool = False) -> Offer:
        """To be read by staff, or to be changed. Raises NoSuchOffer for one of another place, too."""
        found = await session.scalar(select(Offer).where(Offer.code == code, self.seen_by(scope)))
        if found is None or (manage and not self.may_manage(found, scope)):
            raise NoSuchOffer(number=code)
        return found

    def check(
        self, draft: Draft, *, scope: Scope, now: datetime, known_start: datetime | None = None
    ) -> tuple[dict[str, str], tuple[str, ...], tuple[Limit, ...]]:
        """-> faults, what is left open, forbidden limits"""
        faults = faults_of(draft, now=now, known_start=known_start)
        if draft.region and "region" not in faults and not scope.covers(draft.region):
            faults["region"] = "outside"
        if (draft.policy or draft.provision) and not self._serves(draft.policy, draft.provision, draft.region):
            faults["clause"] = "unknown"
        return faults, missing_of(draft), limits_in(draft, load_limits())

    # -- writing ------------------------------------------------------------------------------------------

    async def add(
        self,
        session: AsyncSession,
        draft: Draft,
        *,
        actor: audit.Actor,
        scope: Scope,
        now: datetime,
        confirmed: bool = False,
        known: str | None = None,
    ) -> Offer:
        """`known`: the number of one that says the same, as far as it was seen; None: it does not matter.

        Raises OfferUnfit; OfferDoubtful unless `confirmed`, and for another like it that was not seen.
        """
        same = "" if known is None else await same_as(session, draft)
        self._examine(
            draft, scope=scope, now=now, confirmed=confirmed, known_start=None, same="" if same == known else same
        )
        offer = Offer(
            code=await self._new_code(session),
            state=str(State.OPEN),
            created_at=now,
            updated_at=now,
            taken=0,
            waiting=0,
            last_seq=0,
            version=1,
            told_version=1,
            **columns_of(draft),
        )
        session.add(offer)
        await session.flush()
        await self._moments.wind(session, offer, now=now)
        await _audit(session, offer, "added", actor, now)
        return offer

    async def change(
        self,
        session: AsyncSession,
        code: str,
        draft: Draft,
        *,
        seen: int,
        actor: audit.Actor,
        scope: Scope,
        now: datetime,
        confirmed: bool = False,
        move_last: bool = False,
    ) -> Offer:
        """`seen`: the version that the form showed. `move_last`: whoever came last waits, if seats are too few.

        Raises NoSuchOffer, OfferMoved, OfferUnfit, OfferDoubtful, SeatsTaken.
        """
        offer = await self._lock(session, code, scope)
        if offer.version != seen:
            raise OfferMoved(number=code)
        self._examine(draft, scope=scope, now=now, confirmed=confirmed, known_start=offer.starts)
        if draft.seats is not None and draft.seats < offer.taken and not move_last:
            raise SeatsTaken(seats=draft.seats, taken=offer.taken)
        before = _as_told(offer)
        for name, value in columns_of(draft).items():
            setattr(offer, name, value)
        await self._settle(session, offer, now=now)
        if offer.seats is not None and offer.taken > offer.seats:
            await self._counter.move_back(session, offer, now=now)
        else:
            await self._counter.move_up(session, offer, now=now)
        after = _as_told(offer)
        changed = {name: before[name] for name in TOLD if before[name] != after[name]}
        if changed and State(offer.state) in COMING:
            offer.told_version = offer.version
            if changed.keys() & {"starts", "ends", "timed"}:
                changed |= {name: before[name] for name in ("starts", "ends", "timed")}
                await remind_anew(session, offer)
            await self._moments.tell_all(session, offer, "changed", now=now, data={"before": changed})
        await self._finish(session, offer, "changed", actor, now)
        return offer

    async def close(
        self, session: AsyncSession, code: str, *, actor: audit.Actor, scope: Scope, now: datetime
    ) -> Offer:
        """Nobody comes in any more; who is in or waits stays so. Raises NoSuchOffer, OfferMoveRefused."""
        return await self._move(session, code, Move.CLOSE, actor=actor, scope=scope, now=now)

    async def reopen(
        self, session: AsyncSession, code: str, *, actor: audit.Actor, scope: Scope, now: datetime
    ) -> Offer:
        return await self._move(session, code, Move.REOPEN, actor=actor, scope=scope, now=now)

    async def cancel(
        self, session: AsyncSession, code: str, *, actor: audit.Actor, scope: Scope, now: datetime
    ) -> Offer:
        """It does not take place: everybody registered is told. Raises NoSuchOffer, OfferMoveRefused."""
        return await self._move(session, code, Move.CANCEL, actor=actor, scope=scope, now=now)

    async def _move(
        self, session: AsyncSession, code: str, move: Move, *, actor: audit.Actor, scope: Scope, now: datetime
    ) -> Offer:
        offer = await self._lock(session, code, scope)
        offer.state = str(check_move(move, State(offer.state)))
        offer.version += 1
        offer.updated_at = now
        if move is Move.REOPEN:
            if offer.closes is not None and offer.closes <= now:
                offer.closes = None  # else it would close again at once
            weigh(offer)
            await self._counter.move_up(session, offer, now=now)
        if move is Move.CANCEL:
            offer.told_version = offer.version
            await self._moments.tell_all(session, offer, "cancelled", now=now)
        await self._finish(session, offer, str(move), actor, now)
        return offer

    async def _settle(self, session: AsyncSession, offer: Offer, *, now: datetime) -> None:
        """Its state after a change: what was past or had closed by itself may lie ahead again."""
        offer.version += 1
        offer.updated_at = now
        over = offer.ends or offer.starts
        if offer.state == str(State.PAST) and over is not None and over > now:
            offer.state = str(check_move(Move.REOPEN, State.PAST))
        weigh(offer)
        await session.flush()

    async def _finish(self, session: AsyncSession, offer: Offer, act: str, actor: audit.Actor, now: datetime) -> None:
        await session.flush()
        await self._moments.wind(session, offer, now=now)
        await _audit(session, offer, act, actor, now)

    async def _lock(self, session: AsyncSession, code: str, scope: Scope) -> Offer:
        offer = await lock_by_code(session, code)
        if not scope.covers(offer.region):
            raise NoSuchOffer(number=code)
        return offer

    def _examine(
        self,
        draft: Draft,
        *,
        scope: Scope,
        now: datetime,
        confirmed: bool,
        known_start: datetime | None,
        same: str = "",
    ) -> None:
        faults, missing, limits = self.check(draft, scope=scope, now=now, known_start=known_start)
        if faults:
            raise OfferUnfit(faults=faults)
        if same or ((missing or limits or draft.misspelt) and not confirmed):
            raise OfferDoubtful(missing=missing, limits=limits, misspelt=draft.misspelt, same=same)

    async def _new_code(self, session: AsyncSession) -> str:
        """A number that no other has; a race for the same is settled by the unique column."""
        digits = code_digits(await session.scalar(select(func.count()).select_from(Offer)) or 0)
        while True:
            code = str(self._chance.randrange(10 ** (digits - 1), 10**digits))
            if await session.scalar(select(Offer.id).where(Offer.code == code)) is None:
                return code

    async def told_by(self, session: AsyncSession, offer: Offer) -> int:
        """How many chats a change or a cancelling is told to."""
        found = await session.scalar(
            select(func.count(func.distinct(Registration.conversation_id))).where(
                Registration.offer_id == offer.id, Registration.state.in_([str(one) for one in ACTIVE])
            )
        )
        return found or 0


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """The offers of a region and all below it."""
    prefix = scope.prefix
    if prefix is None:
        return Offer.region == scope.region
    return Offer.region.startswith(prefix) if prefix else true()


def _as_told(offer: Offer) -> dict[str, Any]:
    """As JSON, in local time."""
    times = {
        name: at.astimezone(LOCAL).isoformat() if at else None
        for name, at in (("starts", offer.starts), ("ends", offer.ends))
    }
    return {**times, "timed": offer.timed, "place": offer.place}


async def _audit(session: AsyncSession, offer: Offer, act: str, actor: audit.Actor, now: datetime) -> None:
    await audit.append(
        session,
        audit.AuditAction.OFFER_CHANGED,
        actor=actor,
        subject=audit.Subject("offer", offer.code),
        at=now,
        data={"act": act, "kind": offer.kind, "region": offer.region},
    )
