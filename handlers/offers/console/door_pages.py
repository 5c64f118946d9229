"""门口名单 as xlsx: masked for everybody at the door, in full only for whoever may, with a reason that is kept."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from aiohttp import web

from bot.database import Database
from bot.errors import UserFacingError
from bot.staff import audit
from bot.staff.roles import Permission
from bot.web.console import Page, Section, Visit
from bot.web.exporting import ReasonNeeded, read_unmasking
from handlers.offers.door_list import write_door_list
from handlers.offers.labels import label
from handlers.offers.office import Office
from handlers.offers.registrations import registered

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DoorPages:
    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self._office = office

    def section(self) -> Section:
        return Section(
            pages=(
                Page("GET", "/staff/offers/{code}/door", self.show, Permission.READ_OFFERS),
                Page("POST", "/staff/offers/{code}/door", self.export, Permission.READ_OFFERS),
            )
        )

    async def show(self, visit: Visit) -> web.Response:
        return await self._draw(visit)

    async def _draw(self, visit: Visit, *, fault: UserFacingError | None = None) -> web.Response:
        async with self._database.reading() as session:
            offer = await self._office.publishing.access(session, visit.request.match_info["code"], visit.staff.scope)
            people = await registered(session, offer)
        return await visit.page(
            "offers/door",
            here="offers",
            status=422 if fault else 200,
            one=self._office.viewer.of(offer),
            count=len(people),
            fault=visit.pages.say_error(fault.code, fault.data) if fault else "",
            may_unmask=visit.may(Permission.EXPORT_UNMASKED),
            word=label,
        )

    async def export(self, visit: Visit) -> web.Response:
        """Each is written down, in full with its reason."""
        try:
            unmasked, reason = read_unmasking(visit)
        except ReasonNeeded as fault:
            return await self._draw(visit, fault=fault)
        async with self._database.transaction() as session:
            offer = await self._office.publishing.access(session, visit.request.match_info["code"], visit.staff.scope)
            people = await registered(session, offer)
            await audit.append(
                session,
                audit.AuditAction.EXPORTED,
                actor=visit.actor,
                subject=audit.Subject("offer", offer.code),
                at=visit.now,
                reason=reason,
                data={"rows": len(people), **({"unmasked": True} if unmasked else {})},
            )
        body = await asyncio.to_thread(write_door_list, offer, people, self._office.sealer, unmasked=unmasked)
        name = quote(f"{offer.title}-{offer.code}.xlsx")
        disposition = f"attachment; filename=\"door-{offer.code}.xlsx\"; filename*=UTF-8''{name}"
        return web.Response(body=body, headers={"Content-Type": XLSX, "Content-Disposition": disposition})
