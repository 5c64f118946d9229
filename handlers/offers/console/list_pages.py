"""招聘会和培训: all offers of a region, by kind, state, place and words, each in the address."""

from __future__ import annotations

from aiohttp import web

from bot.database import Database
from bot.staff.roles import EVERYWHERE, Permission
from bot.web.console import NavLink, Page, Section, Visit
from handlers.offers.labels import label
from handlers.offers.listing import PAGE, Wanted, list_offers
from handlers.offers.offer import Kind, State
from handlers.offers.office import Office
from knowledge.regions import Regions


class ListPages:
    def __init__(self, database: Database, office: Office, regions: Regions) -> None:
        self._database = database
        self._office = office
        self._regions = regions

    def section(self) -> Section:
        read = Permission.READ_OFFERS
        return Section(
            pages=(Page("GET", "/staff/offers", self.show, read),),
            links=(NavLink("people", "offers", "/staff/offers", "calendar", read),),
        )

    async def show(self, visit: Visit) -> web.Response:
        wanted = Wanted.read(visit.request.query)
        async with self._database.reading() as session:
            scope = visit.staff.scope
            found, count, kinds = await list_offers(session, scope, self._office.publishing.seen_by(scope), wanted)
        return await visit.page(
            "offers/list",
            here="offers",
            rows=[self._office.viewer.of(offer) for offer in found],
            taken={offer.code: offer.taken for offer in found},
            wanted=wanted,
            count=count,
            total=sum(kinds.values()),
            kinds={str(kind): kinds.get(str(kind), 0) for kind in Kind},
            states=[str(state) for state in State],
            areas=self._areas(visit.staff.region),
            pages=-(-count // PAGE),
            may_manage=visit.may(Permission.MANAGE_OFFERS),
            word=label,
        )

    def _areas(self, region: str) -> list[tuple[str, str]]:
        """The divisions right below theirs."""
        if region == EVERYWHERE:
            return []
        return [
            (code, name)
            for code, name in self._regions.names.items()
            if code != region and region in self._regions.ancestors(code)[1:2]
        ]
