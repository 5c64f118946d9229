"""The form of an offer: to publish one and to change it; what is wrong, what is doubtful and what others changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.database import Database
from bot.door import drop_unwanted
from bot.staff.models import Staff
from bot.staff.roles import EVERYWHERE, Permission
from bot.web.console import Page, Section, Visit
from handlers.offers.drafting import read_draft
from handlers.offers.errors import OfferMoved, SeatsTaken
from handlers.offers.labels import label
from handlers.offers.models import Offer
from handlers.offers.offer import (
    DETAILS,
    MOST_EMPLOYER,
    MOST_PLACE,
    MOST_TITLE,
    MOST_WORDS,
    Draft,
    Kind,
    OfferDoubtful,
    OfferUnfit,
)
from handlers.offers.office import Office
from handlers.people.trades import load_trades
from knowledge.answers import PolicyBook
from knowledge.policy import Kind as ProvisionKind
from knowledge.policy import Policy, Provision

FIELDS = ("kind", "title", "region", "place", "starts", "ends", "closes", "seats", "trade", "employer", "pay_from")
ALL_FIELDS = (*FIELDS, "pay_to", "clause", *DETAILS)
PAID = frozenset({ProvisionKind.TRAINING, ProvisionKind.SUBSIDY, ProvisionKind.POST})
"""Provisions that an allowance may rest on."""
OF_KIND: Mapping[Kind, tuple[str, ...]] = {
    Kind.FAIR: ("employers", "transport", "bring", "contact", "more"),
    Kind.VACANCY: ("needs", "hours", "meals", "housing", "transport", "contact", "more"),
    Kind.COURSE: ("needs", "hours", "meals", "housing", "fee", "bring", "contact", "more"),
}
"""What is asked of each kind beside the columns, in the order of the form."""
MOST = {"title": MOST_TITLE, "place": MOST_PLACE, "employer": MOST_EMPLOYER}


class FormPages:
    def __init__(self, database: Database, office: Office, book: PolicyBook) -> None:
        self._database = database
        self._office = office
        self._book = book

    def section(self) -> Section:
        manage = Permission.MANAGE_OFFERS
        return Section(
            pages=(
                Page("GET", "/staff/offers/new", self.show_new, manage),
                Page("POST", "/staff/offers", self.add, manage),
                Page("GET", "/staff/offers/{code}/edit", self.show_edit, manage),
                Page("POST", "/staff/offers/{code}", self.change, manage),
            )
        )

    async def show_new(self, visit: Visit) -> web.Response:
        """`?kind=` chooses what it is; without it one is asked first."""
        kind = visit.request.query.get("kind", "")
        fields = {"kind": kind if kind in set(Kind) else "", "region": self._place_name(visit.staff.region)}
        return await self._draw(visit, fields)

    async def show_edit(self, visit: Visit) -> web.Response:
        async with self._database.reading() as session:
            offer = await self._access(session, visit)
        return await self._draw(visit, self._fields_of(offer), offer=offer)

    async def add(self, visit: Visit) -> web.Response:
        try:
            async with self._database.transaction() as session:
                offer = await self._office.publishing.add(
                    session,
                    self._draft(visit),
                    actor=visit.actor,
                    scope=visit.staff.scope,
                    now=visit.now,
                    confirmed=visit.form.get("confirmed") == "yes",
                    known=visit.form.get("same", ""),
                )
        except (OfferUnfit, OfferDoubtful) as error:
            return await self._draw(visit, visit.form, error=error, status=422)
        return visit.go(f"/staff/offers/{offer.code}", done="offer_added")

    async def change(self, visit: Visit) -> web.Response:
        code, form = visit.request.match_info["code"], visit.form
        async with self._database.reading() as session:
            offer = await self._access(session, visit)
        seen = form.get("version", "")
        try:
            async with self._database.transaction() as session:
                await self._office.publishing.change(
                    session,
                    code,
                    self._draft(visit, offer),
                    seen=int(seen) if seen.isdecimal() else 0,
                    actor=visit.actor,
                    scope=visit.staff.scope,
                    now=visit.now,
                    confirmed=form.get("confirmed") == "yes",
                    move_last=form.get("move_last") == "yes",
                )
        except (OfferUnfit, OfferDoubtful, SeatsTaken, OfferMoved) as error:
            status = 409 if isinstance(error, OfferMoved) else 422
            return await self._draw(visit, form, offer=offer, error=error, status=status)
        return visit.go(f"/staff/offers/{code}", done="offer_changed")

    async def _access(self, session: AsyncSession, visit: Visit) -> Offer:
        code = visit.request.match_info["code"]
        return await self._office.publishing.access(session, code, visit.staff.scope, manage=True)

    async def _draw(
        self,
        visit: Visit,
        fields: Mapping[str, str],
        *,
        offer: Offer | None = None,
        error: OfferUnfit | OfferDoubtful | SeatsTaken | OfferMoved | None = None,
        status: int = 200,
    ) -> web.Response:
        """The form, with what is wrong or doubtful; somebody else's version beside one's own."""
        kind = fields.get("kind", "")
        faults: dict[str, str] = error.data["faults"] if isinstance(error, OfferUnfit) else {}
        moved = self._fields_of(offer) if offer is not None and isinstance(error, OfferMoved) else {}
        return await visit.page(
            "offers/form",
            here="offers",
            status=status,
            offer=offer,
            kind=kind if kind in set(Kind) else "",
            fields={name: fields.get(name, "") for name in ALL_FIELDS},
            faults=faults,
            doubts=error.data if isinstance(error, OfferDoubtful) else None,
            taken=error.data if isinstance(error, SeatsTaken) else None,
            moved={name: now for name, now in moved.items() if now != fields.get(name, "")},
            is_moved=isinstance(error, OfferMoved),
            kinds=[str(one) for one in Kind],
            details=OF_KIND[Kind(kind)] if kind in set(Kind) else (),
            trades=sorted(load_trades().names.items(), key=lambda pair: pair[1]),
            clauses=self._clauses(visit.staff, visit.now),
            home=self._place_name(visit.staff.region),
            most={**MOST, **dict.fromkeys(DETAILS, MOST_WORDS)},
            word=label,
        )

    # -- reading ------------------------------------------------------------------------------------------

    def _draft(self, visit: Visit, offer: Offer | None = None) -> Draft:
        fields = {name: drop_unwanted(visit.form.get(name, "")) for name in ALL_FIELDS}
        own = visit.staff.region
        for region in (offer.region if offer else own, own):
            if fields["region"] == self._place_name(region):
                fields["region"] = region  # as we wrote it there
        home = "" if own == EVERYWHERE else own
        draft = read_draft(fields, regions=self._book.regions, home=home, now=visit.now)
        if offer is not None and offer.starts is not None and fields["starts"] == _moment(offer.starts, offer.timed):
            draft = replace(draft, starts=offer.starts)
        return draft

    def _fields_of(self, offer: Offer) -> dict[str, str]:
        clause = f"{offer.policy}.{offer.provision}" if offer.provision else ""
        return {
            "kind": offer.kind,
            "title": offer.title,
            "region": self._place_name(offer.region),
            "place": offer.place,
            "starts": _moment(offer.starts, offer.timed),
            "ends": _moment(offer.ends, offer.timed),
            "closes": _moment(offer.closes, timed=True),
            "seats": "" if offer.seats is None else str(offer.seats),
            "trade": offer.trade,
            "employer": offer.employer,
            "pay_from": str(offer.pay_from or ""),
            "pay_to": str(offer.pay_to or ""),
            "clause": clause,
            **{name: str(offer.details.get(name, "")) for name in DETAILS},
        }

    def _clauses(self, staff: Staff, now: datetime) -> Sequence[tuple[Policy, bool, Sequence[Provision]]]:
        """What an allowance of their place may rest on: document, whether it has ended, provisions."""
        today = now.astimezone(LOCAL).date()
        found = []
        for shelf in self._book.shelves:
            policy = shelf.policy
            region = policy.document.region
            if (
                staff.region == EVERYWHERE
                or self._book.regions.is_within(staff.region, region)
                or staff.scope.covers(region)
            ):
                provisions = [one for one in policy.provisions if one.kind in PAID]
                found.append((policy, policy.document.state(today) == "ended", provisions))
        return found

    def _place_name(self, region: str) -> str:
        """Empty for everywhere."""
        return "" if region == EVERYWHERE else self._office.viewer.place_name(region)


def _moment(at: datetime | None, timed: bool) -> str:
    """As the form shows it, and reads it again."""
    if at is None:
        return ""
    local = at.astimezone(LOCAL)
    whole = not timed or f"{local:%H:%M}" == "23:59"
    return f"{local:%Y-%m-%d}" if whole else f"{local:%Y-%m-%d %H:%M}"
