"""Offers from an xlsx table: it goes up, its rows are looked at, and those that fit are published."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

from aiohttp import web

from bot.database import Database
from bot.sheets import send_xlsx
from bot.staff.roles import EVERYWHERE, Permission
from bot.web.console import Page, Section, Visit
from handlers.offers.errors import SheetUnfit
from handlers.offers.importing import Sheet, add_rows, read_rows, read_sheet, rows_of, write_empty
from handlers.offers.labels import label
from handlers.offers.office import Office
from knowledge.regions import Regions

MOST_SHOWN = 100
"""Faults of one page."""


class ImportPages:
    def __init__(self, database: Database, office: Office, regions: Regions) -> None:
        self._database = database
        self._office = office
        self._regions = regions

    def section(self) -> Section:
        manage = Permission.MANAGE_OFFERS
        return Section(
            pages=(
                Page("GET", "/staff/offers/import", self.show, manage),
                Page("GET", "/staff/offers/import/empty", self.empty, manage),
                Page("POST", "/staff/offers/import", self.look, manage),
                Page("POST", "/staff/offers/import/add", self.add, manage),
            )
        )

    async def show(self, visit: Visit) -> web.Response:
        return await self._draw(visit)

    async def empty(self, visit: Visit) -> web.StreamResponse:
        file = io.BytesIO(await asyncio.to_thread(write_empty))
        return await send_xlsx(visit.request, file, name=label("sheet", "file"), plain_name="offers.xlsx")

    async def look(self, visit: Visit) -> web.Response:
        """What the table holds; nothing is kept yet but in the page itself."""
        content = next((file.content for file in visit.files if file.content), None)
        try:
            if content is None:
                raise SheetUnfit(why="empty")
            sheet = await asyncio.to_thread(
                read_sheet, content, regions=self._regions, home=self._home(visit), now=visit.now
            )
        except SheetUnfit as error:
            return await self._draw(visit, fault=visit.pages.say_error(error.code, error.data))
        return await self._preview(visit, sheet)

    async def add(self, visit: Visit) -> web.Response:
        """The rows of the page, read and checked anew. Rows with faults are left out."""
        try:
            sheet = read_rows(_rows_in(visit), regions=self._regions, home=self._home(visit), now=visit.now)
        except SheetUnfit as error:
            return await self._draw(visit, fault=visit.pages.say_error(error.code, error.data))
        async with self._database.transaction() as session:
            await add_rows(
                session,
                self._office.publishing,
                sheet,
                actor=visit.actor,
                scope=visit.staff.scope,
                now=visit.now,
                write=True,
            )
        return visit.go("/staff/offers", done="offers_imported")

    async def _preview(self, visit: Visit, sheet: Sheet) -> web.Response:
        async with self._database.reading() as session:
            looked = await add_rows(
                session,
                self._office.publishing,
                sheet,
                actor=visit.actor,
                scope=visit.staff.scope,
                now=visit.now,
                write=False,
            )
        return await visit.page(
            "offers/import_look",
            here="offers",
            looked=looked,
            faults=looked.faults[:MOST_SHOWN],
            doubts=looked.doubts[:MOST_SHOWN],
            rows=json.dumps(rows_of(sheet), ensure_ascii=False),
            word=label,
        )

    async def _draw(self, visit: Visit, *, fault: str = "") -> web.Response:
        return await visit.page("offers/import", here="offers", fault=fault, status=422 if fault else 200)

    def _home(self, visit: Visit) -> str:
        return "" if visit.staff.region == EVERYWHERE else visit.staff.region


def _rows_in(visit: Visit) -> list[dict[str, Any]]:
    """Raises SheetUnfit for what our page never held."""
    try:
        found = json.loads(visit.form.get("rows", ""))
        return [{str(name): value for name, value in row.items()} for row in found]
    except (ValueError, AttributeError, TypeError):
        raise SheetUnfit(why="empty") from None
