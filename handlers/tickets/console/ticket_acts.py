"""Every act on the page of a ticket: a posted form -> one use case of the desk, in one transaction.

Two clerks on one ticket meet here, once for all acts: under the row's lock it is looked whether anything happened
since the page was drawn that they should have seen; then nothing is done and the page comes back with what happened.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database, is_passing
from bot.errors import UserFacingError
from bot.web.bodies import read_number
from bot.web.console import STATUS, Page, Section, Visit
from handlers.tickets.console.offers import RULES, Act
from handlers.tickets.console.ticket_pages import Again, TicketPages, Told
from handlers.tickets.console.ticket_work import Given, Work
from handlers.tickets.models import Entry, Ticket
from handlers.tickets.office import Office

MOST_TEXT = 5_000
"""Characters of one note, reply or answer."""
ATTEMPTS = 4
CONFLICTS = frozenset({"already_taken", "chat_held"})
"""Refusals that say: somebody was first."""


class Moved(UserFacingError):
    """Something happened since the page was drawn. Data: number, seqs."""

    code = "ticket_moved"


class TextTooLong(UserFacingError):
    """Data: most."""

    code = "text_too_long"


class TicketActs:
    def __init__(self, database: Database, office: Office, pages: TicketPages) -> None:
        self._database = database
        self._office = office
        self._pages = pages
        self._work = Work(office)

    def section(self) -> Section:
        return Section(
            pages=tuple(
                Page("POST", f"/staff/tickets/{{number}}/{act}", self._handler(act), rule.permission)
                for act, rule in RULES.items()
            )
        )

    def _handler(self, act: Act) -> Callable[[Visit], Awaitable[web.StreamResponse]]:
        async def handle(visit: Visit) -> web.StreamResponse:
            return await self.take(visit, act)

        return handle

    async def take(self, visit: Visit, act: Act) -> web.StreamResponse:
        number = visit.request.match_info["number"]
        try:
            came_to = await self._try(visit, act, number)
        except Moved as error:
            seqs, lost = error.data["seqs"], len(visit.files)
            again = Again(act, changes=seqs, kept=_kept(visit.form), lost=lost, status=409)
            return await self._pages.draw(visit, number, again=again)
        except UserFacingError as error:
            if error.code in STATUS:
                raise
            status = 409 if error.code in CONFLICTS else 422
            again = Again(act, error, kept=_kept(visit.form), lost=len(visit.files), status=status)
            return await self._pages.draw(visit, number, again=again)
        if came_to.told is not None:
            return await self._pages.draw(visit, number, told=came_to.told)
        return visit.go(came_to.path, done=came_to.done)

    async def _try(self, visit: Visit, act: Act, number: str) -> CameTo:
        """Two who wait for each other's rows: one of them begins again."""
        for attempt in range(ATTEMPTS):
            try:
                async with self._database.transaction() as session:
                    return await self._act(session, visit, act, number)
            except Exception as error:
                if not is_passing(error) or attempt == ATTEMPTS - 1:
                    raise
                await asyncio.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311  # not a secret
        raise AssertionError("unreachable")

    async def _act(self, session: AsyncSession, visit: Visit, act: Act, number: str) -> CameTo:
        ticket = await self._office.desk.access_ticket(session, visit.staff, number)
        await self._check_seen(session, ticket, act, read_number(visit.form.get("seen")))
        given = Given(visit.form, visit.files)
        if len(given.text) > MOST_TEXT:
            raise TextTooLong(most=MOST_TEXT)
        self._pages.composing.check(act, visit.form, now=visit.now)
        told = await self._work.do(act, session, visit.staff, ticket, given, now=visit.now)
        if told is not None:
            return CameTo(told=told)
        if visit.form.get("back") == "decisions":
            return CameTo("/staff/decisions", str(act))
        goes_on = given.into if act is Act.MERGE else number
        if act is not Act.MERGE and not await self._office.desk.may_see(session, visit.staff, ticket):
            return CameTo("/staff/work", str(act))
        return CameTo(f"/staff/tickets/{goes_on}", str(act))

    async def _check_seen(self, session: AsyncSession, ticket: Ticket, act: Act, seen: int | None) -> None:
        """Raises Moved. A form that does not say what was seen (a script's) leaves it to the desk."""
        heeds = RULES[act].heeds
        if seen is None or seen >= ticket.entries or not heeds:
            return
        found = await session.scalars(
            select(Entry.seq).where(Entry.ticket_id == ticket.id, Entry.seq > seen, Entry.kind.in_(map(str, heeds)))
        )
        if seqs := found.all():
            raise Moved(number=ticket.number, seqs=tuple(seqs))


class CameTo:
    """Where an act leads: to a page, or to what is shown once."""

    def __init__(self, path: str = "", done: str = "", *, told: Told | None = None) -> None:
        self.path, self.done, self.told = path, done, told


def _kept(form: Mapping[str, str]) -> dict[str, str]:
    return {name: value[:100_000] for name, value in form.items() if name not in {"csrf_token", "seen"}}
