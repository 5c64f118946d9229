"""One offer: what it states, who is registered, check-in, closing and cancelling with a look at who is told."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.database import Database
from bot.errors import UserFacingError
from bot.sealing import mask_name, mask_phone
from bot.staff.roles import Permission
from bot.web.console import Page, Section, Visit
from handlers.offers.errors import CheckInRefused, NoSuchRegistration
from handlers.offers.labels import label
from handlers.offers.models import Offer, Registration
from handlers.offers.offer import COMING, MOVES, Move, Standing, State
from handlers.offers.office import Office
from handlers.offers.registrations import registered

ROWS = 100
"""Registrations of one page."""


@dataclass(frozen=True)
class Line:
    """One registration; name and phone half hidden."""

    number: int
    """Order of acceptance."""
    code: str
    state: str
    people: int
    whom: str
    name: str
    phone: str
    at: datetime
    came_at: datetime | None


class OfferPages:
    def __init__(self, database: Database, office: Office, certain: Callable[[date], bool]) -> None:
        """`certain`: whether it is known by now if a day is a holiday."""
        self._database = database
        self._office = office
        self._certain = certain

    def section(self) -> Section:
        read, manage, door = Permission.READ_OFFERS, Permission.MANAGE_OFFERS, Permission.CHECK_IN
        return Section(
            pages=(
                Page("GET", "/staff/offers/{code}", self.show, read),
                Page("POST", "/staff/offers/{code}/check-in", self.check_in, door),
                Page("GET", "/staff/offers/{code}/end", self.show_end, manage),
                Page("POST", "/staff/offers/{code}/close", self.close, manage),
                Page("POST", "/staff/offers/{code}/reopen", self.reopen, manage),
                Page("POST", "/staff/offers/{code}/cancel", self.cancel, manage),
            )
        )

    async def show(self, visit: Visit) -> web.Response:
        return await self._draw(visit)

    async def check_in(self, visit: Visit) -> web.Response:
        """By the number that somebody says at the door."""
        number = "".join(c for c in unicodedata.normalize("NFKC", visit.form.get("number", "")) if c.isdigit())
        try:
            async with self._database.transaction() as session:
                offer = await self._access(session, visit)
                taken = await self._office.counter.check_in(session, offer, number[:8], now=visit.now)
        except (NoSuchRegistration, CheckInRefused) as error:
            return await self._draw(visit, fault=error, number=number, status=422)
        return await self._draw(visit, came=self._line(taken.registration), again=taken.again)

    async def show_end(self, visit: Visit) -> web.Response:
        """Who would be told, before it is closed or cancelled."""
        async with self._database.reading() as session:
            offer = await self._access(session, visit, manage=True)
            told = await self._office.publishing.told_by(session, offer)
        return await visit.page(
            "offers/end",
            here="offers",
            one=self._office.viewer.of(offer),
            told=told,
            taken=offer.taken,
            may_close=self._may(offer, Move.CLOSE),
            may_cancel=self._may(offer, Move.CANCEL),
            word=label,
        )

    async def close(self, visit: Visit) -> web.Response:
        return await self._move(visit, self._office.publishing.close, "offer_closed")

    async def reopen(self, visit: Visit) -> web.Response:
        return await self._move(visit, self._office.publishing.reopen, "offer_reopened")

    async def cancel(self, visit: Visit) -> web.Response:
        return await self._move(visit, self._office.publishing.cancel, "offer_cancelled")

    async def _move(self, visit: Visit, act: Callable[..., Awaitable[Offer]], done: str) -> web.Response:
        code = visit.request.match_info["code"]
        async with self._database.transaction() as session:
            await act(session, code, actor=visit.actor, scope=visit.staff.scope, now=visit.now)
        return visit.go(f"/staff/offers/{code}", done=done)

    # -- drawing ------------------------------------------------------------------------------------------

    async def _access(self, session: AsyncSession, visit: Visit, *, manage: bool = False) -> Offer:
        code = visit.request.match_info["code"]
        return await self._office.publishing.access(session, code, visit.staff.scope, manage=manage)

    async def _draw(
        self,
        visit: Visit,
        *,
        fault: UserFacingError | None = None,
        number: str = "",
        came: Line | None = None,
        again: bool = False,
        status: int = 200,
    ) -> web.Response:
        page = visit.request.query.get("page", "1")
        at = max(1, int(page)) if page.isdecimal() and len(page) < 5 else 1
        async with self._database.reading() as session:
            offer = await self._access(session, visit)
            people = await registered(session, offer)
        counts = {str(state): sum(one.people for one in people if one.state == state) for state in Standing}
        shown = people[(at - 1) * ROWS : at * ROWS]
        return await visit.page(
            "offers/one",
            here="offers",
            status=status,
            offer=offer,
            one=self._office.viewer.of(offer),
            unsettled=self._unsettled(offer),
            lines=[self._line(row) for row in shown],
            many=counts,
            count=len(people),
            page=at,
            pages=-(-len(people) // ROWS),
            fault=visit.pages.say_error(fault.code, fault.data) if fault else "",
            number=number,
            came=came,
            again=again,
            may_manage=visit.may(Permission.MANAGE_OFFERS)
            and self._office.publishing.may_manage(offer, visit.staff.scope),
            may_check_in=visit.may(Permission.CHECK_IN) and offer.state != str(State.CANCELLED),
            may_end=self._may(offer, Move.CLOSE) or self._may(offer, Move.CANCEL),
            may_reopen=offer.state == str(State.CLOSED),
            word=label,
        )

    def _unsettled(self, offer: Offer) -> int | None:
        """The first year of its days whose holidays nobody has announced yet."""
        if State(offer.state) not in COMING:
            return None
        days = [at.astimezone(LOCAL).date() for at in (offer.starts, offer.ends) if at is not None]
        return next((day.year for day in days if not self._certain(day)), None)

    def _may(self, offer: Offer, move: Move) -> bool:
        return State(offer.state) in MOVES[move].origins

    def _line(self, one: Registration) -> Line:
        sealer = self._office.sealer
        return Line(
            one.seq,
            one.code,
            one.state,
            one.people,
            label("relation", one.relation) if one.relation else "",
            mask_name(sealer.open(one.name, "registration.name")) if one.name else "",
            mask_phone(sealer.open(one.phone, "registration.phone")) if one.phone else "",
            one.at.astimezone(LOCAL),
            one.came_at.astimezone(LOCAL) if one.came_at else None,
        )
