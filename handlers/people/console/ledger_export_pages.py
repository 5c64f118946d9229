"""导出台账: 一人一档 or 一村一册 of a place, a village, a group; masked, in full with a reason that is kept."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass

from aiohttp import web

from bot.clock import LOCAL
from bot.database import Database
from bot.errors import UserFacingError
from bot.sheets import send_xlsx
from bot.staff import audit
from bot.staff.roles import Permission
from bot.web.bodies import address_with
from bot.web.console import Page, Section, Visit
from bot.web.exporting import ExportBusy, ReasonNeeded, read_unmasking
from handlers.people.console.asking import read_choice
from handlers.people.ledger.choosing import Choice, count_chosen
from handlers.people.ledger.desk import Ledgers
from handlers.people.ledger.giving import Book
from handlers.people.ledger.labels import word
from handlers.people.ledger.towns import towns_in
from handlers.people.models import Person
from handlers.people.person import Group

ASKED = ("book", "region", "village", "group", "year")


@dataclass(frozen=True)
class Wanted:
    book: Book
    choice: Choice
    year: int


class LedgerExportPages:
    def __init__(self, database: Database, ledgers: Ledgers) -> None:
        self._database = database
        self._ledgers = ledgers
        self._one = asyncio.Lock()

    def section(self) -> Section:
        return Section(
            pages=(
                Page("GET", "/staff/ledgers/export", self.show, Permission.EXPORT),
                Page("POST", "/staff/ledgers/export", self.export, Permission.EXPORT),
            )
        )

    async def show(self, visit: Visit) -> web.Response:
        return await self._draw(visit, _wanted(visit))

    async def _draw(self, visit: Visit, wanted: Wanted, *, fault: UserFacingError | None = None) -> web.Response:
        async with self._database.reading() as session:
            count = await count_chosen(session, wanted.choice, Person.ledger_at.is_not(None))
        this_year = visit.now.astimezone(LOCAL).year
        return await visit.page(
            "people/ledger_export",
            here="ledgers",
            status=422 if fault is not None else 200,
            fault=visit.pages.say_error(fault.code, fault.data) if fault else "",
            wanted=wanted,
            count=count,
            unmasked=visit.form.get("unmasked") == "yes",
            reason=visit.form.get("text", ""),
            books=list(Book),
            groups=list(Group),
            towns=towns_in(self._ledgers.regions, visit.staff.scope),
            years=range(this_year, this_year - 4, -1),
            word=word,
        )

    async def export(self, visit: Visit) -> web.StreamResponse:
        """With `do=count` it is only counted."""
        if visit.form.get("do") == "count":
            return visit.go(address_with(visit.request.path, visit.form, ASKED))
        wanted = _wanted(visit)
        try:
            unmasked, reason = read_unmasking(visit)
        except ReasonNeeded as fault:
            return await self._draw(visit, wanted, fault=fault)
        if self._one.locked():
            return await self._draw(visit, wanted, fault=ExportBusy())
        # No name, gone with its last handle: what a ledger holds must not stay on the disk.
        with tempfile.TemporaryFile() as file:
            async with self._one, self._database.reading() as session:
                count = await self._ledgers.giving.write(
                    session, wanted.choice, wanted.book, file, year=wanted.year, unmasked=unmasked
                )
            async with self._database.transaction() as session:
                await audit.append(
                    session,
                    audit.AuditAction.EXPORTED,
                    actor=visit.actor,
                    subject=audit.Subject("ledger", str(wanted.book)),
                    at=visit.now,
                    reason=reason,
                    data={"rows": count, **({"unmasked": True} if unmasked else {}), "region": wanted.choice.region},
                )
            day = f"{visit.now.astimezone(LOCAL):%Y-%m-%d}"
            name = word("file", wanted.book).format(day=day)
            return await send_xlsx(visit.request, file, name=name, plain_name=f"{wanted.book}-{day}.xlsx")


def _wanted(visit: Visit) -> Wanted:
    """What is not understood is as usual."""
    query = visit.form if visit.request.method == "POST" else visit.request.query
    book, year = query.get("book", ""), query.get("year", "")
    this_year = visit.now.astimezone(LOCAL).year
    return Wanted(
        Book(book) if book in tuple(Book) else Book.VILLAGE,
        read_choice(query, visit.staff),
        int(year) if year.isdecimal() and len(year) == 4 else this_year,
    )
