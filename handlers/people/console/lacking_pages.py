"""服务没到位: who lacks which services this year, by village, and as a sheet."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.database import Database
from bot.errors import UserFacingError
from bot.sheets import SheetWriter, send_xlsx
from bot.staff import audit
from bot.staff.roles import Permission
from bot.web.bodies import read_number
from bot.web.console import NavLink, Page, Section, Visit
from bot.web.exporting import ReasonNeeded, read_unmasking
from handlers.people.console.asking import read_region
from handlers.people.ledger.desk import Ledgers
from handlers.people.ledger.labels import word, words_of
from handlers.people.ledger.lacking import Lacking, Served, Sought, Standing
from handlers.people.ledger.privacy import Masked
from handlers.people.ledger.service_rules import ServiceKind, Target, say_done
from handlers.people.ledger.towns import towns_in

READ = Permission.READ_PEOPLE
PAGE = 30


@dataclass(frozen=True)
class Row:
    id: int
    name: str
    place: str
    village: str
    done: str
    lacks: Mapping[str, int]


class LackingPages:
    def __init__(self, database: Database, ledgers: Ledgers) -> None:
        self._database = database
        self._ledgers = ledgers
        self._lacking = Lacking()
        self._masked = Masked(ledgers.sealer)

    def section(self) -> Section:
        return Section(
            pages=(
                Page("GET", "/staff/lacking", self.show, READ),
                Page("POST", "/staff/lacking/export", self.export, Permission.EXPORT),
            ),
            links=(NavLink("people", "lacking", "/staff/lacking", "list", READ),),
        )

    async def show(self, visit: Visit) -> web.Response:
        return await self._draw(visit, read_sought(visit.request.query, visit))

    async def _draw(self, visit: Visit, sought: Sought, *, fault: UserFacingError | None = None) -> web.Response:
        page = max(1, read_number(visit.request.query.get("page")) or 1)
        async with self._database.reading() as session:
            owed, lacking = await self._lacking.count(session, sought)
            found = await self._lacking.matching(session, sought)
            pages = max(1, -(-found // PAGE))
            page = min(page, pages)
            served = await self._lacking.page(session, sought, limit=PAGE, offset=PAGE * (page - 1))
            villages = await self._lacking.villages(session, sought)
        regions = self._ledgers.regions
        return await visit.page(
            "people/lacking",
            here="lacking",
            status=200 if fault is None else 422,
            fault=visit.pages.say_error(fault.code, fault.data) if fault else "",
            reason=visit.form.get("text", ""),
            sought=sought,
            link="/staff/lacking?" + urlencode({**query_of(sought), "page": ""}).removesuffix("page="),
            fields=query_of(sought),
            years=range(visit.now.astimezone(LOCAL).year, visit.now.astimezone(LOCAL).year - 4, -1),
            targets=[(regions.whole_name(one.region), one) for one in self._targets(sought)],
            owed=owed,
            lacking=lacking,
            found=found,
            page=page,
            pages=pages,
            rows=[self._row(one, sought.year) for one in served],
            villages=[(regions.name(one.region or ""), one) for one in villages if one.lacking],
            towns=towns_in(regions, visit.staff.scope),
            kinds=list(ServiceKind),
            standings=list(Standing),
            word=word,
        )

    def _targets(self, sought: Sought) -> list[Target]:
        return self._lacking.targets_in(sought.scope, sought.year)

    def _row(self, one: Served, year: int) -> Row:
        target = self._lacking.target_of(one.region, year)
        lacks = {str(kind): count for kind, count in target.lacking(one.given).items()} if target else {}
        place = self._ledgers.regions.name(one.region or "")
        return Row(one.id, self._masked.name(one.name), place, one.village, say_done(one.given), lacks)

    async def export(self, visit: Visit) -> web.StreamResponse:
        sought = read_sought(visit.form, visit)
        try:
            unmasked, reason = read_unmasking(visit)
        except ReasonNeeded as fault:
            return await self._draw(visit, sought, fault=fault)
        with tempfile.TemporaryFile() as file:
            async with self._database.reading() as session:
                count = await self._write(session, sought, file, unmasked=unmasked)
            async with self._database.transaction() as session:
                data = {"rows": count, "year": sought.year, **({"unmasked": True} if unmasked else {})}
                await audit.append(
                    session,
                    audit.AuditAction.EXPORTED,
                    actor=visit.actor,
                    subject=audit.Subject("ledger", "lacking"),
                    at=visit.now,
                    reason=reason,
                    data=data,
                )
            name = word("file", "lacking").format(year=sought.year)
            return await send_xlsx(visit.request, file, name=name, plain_name=f"lacking-{sought.year}.xlsx")

    async def _write(self, session: AsyncSession, sought: Sought, file: BinaryIO, *, unmasked: bool) -> int:
        """-> how many rows"""
        sheet, number = SheetWriter(str(sought.year), words_of("lacking_columns")), 0
        say = Masked(self._ledgers.sealer, unmasked=unmasked)
        try:
            async for batch in self._lacking.every(session, sought):
                for one in batch:
                    number += 1
                    row = self._row(one, sought.year)
                    lacks = "、".join(f"{word('service_short', kind)} {count}" for kind, count in row.lacks.items())
                    person = [number, say.name(one.name), say.phone(one.phone), row.place, one.village]
                    sheet.add([*person, *(one.given[kind] for kind in map(str, ServiceKind)), row.done, lacks])
            await asyncio.to_thread(sheet.save, file)
        finally:
            sheet.tidy()
        return number


def read_sought(query: Mapping[str, str], visit: Visit) -> Sought:
    """What is not understood is not asked; a place outside one's own is one's own."""
    year = query.get("year", "")
    kind, standing = query.get("kind", ""), query.get("standing", "")
    return Sought(
        visit.staff.scope,
        int(year) if year.isdecimal() and len(year) == 4 else visit.now.astimezone(LOCAL).year,
        read_region(query, visit.staff),
        query.get("village", "").strip()[:60],
        ServiceKind(kind) if kind in tuple(ServiceKind) else None,
        Standing(standing) if standing in tuple(Standing) else Standing.LACKING,
    )


def query_of(sought: Sought) -> dict[str, str]:
    """For addresses and hidden fields; what is as usual is left out."""
    found = {"year": str(sought.year), "region": sought.region, "village": sought.village}
    found |= {"kind": str(sought.kind or ""), "standing": str(sought.standing)}
    return {name: value for name, value in found.items() if value}
