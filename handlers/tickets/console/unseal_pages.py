"""Asking a head to see who is behind a confidential ticket, from its page; and the head's yes or no, from 等您决定."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.database import Database
from bot.door import drop_unwanted
from bot.errors import UserFacingError
from bot.staff.roles import Permission
from bot.web.bodies import read_number
from bot.web.console import STATUS, Page, Section, Visit
from handlers.tickets.console.offers import Act
from handlers.tickets.console.ticket_acts import MOST_TEXT, TextTooLong
from handlers.tickets.console.ticket_pages import Again, TicketPages
from handlers.tickets.desk import NoSuchRequest
from handlers.tickets.office import Office

PATH = "/staff/tickets/{number}"


class UnsealPages:
    def __init__(self, database: Database, office: Office, pages: TicketPages) -> None:
        self._database = database
        self._office = office
        self._pages = pages

    def section(self) -> Section:
        return Section(
            pages=(
                Page("POST", f"{PATH}/unseal-ask", self.ask, Permission.WORK_TICKETS),
                Page("POST", f"{PATH}/unseal-grant", self._deciding(granted=True), Permission.UNSEAL),
                Page("POST", f"{PATH}/unseal-deny", self._deciding(granted=False), Permission.UNSEAL),
            )
        )

    async def ask(self, visit: Visit) -> web.StreamResponse:
        number = visit.request.match_info["number"]
        try:
            reason = _reason(visit)
            async with self._database.transaction() as session:
                await self._office.desk.ask_unseal(session, visit.staff, number, reason=reason, now=visit.now)
        except UserFacingError as error:
            if error.code in STATUS:
                raise
            again = Again(Act.UNSEAL, error, kept={"text": visit.form.get("text", "")})
            return await self._pages.draw(visit, number, again=again)
        return visit.go(f"/staff/tickets/{number}", done="unseal-asked")

    def _deciding(self, *, granted: bool) -> Callable[[Visit], Awaitable[web.StreamResponse]]:
        async def decide(visit: Visit) -> web.StreamResponse:
            number, request_id = visit.request.match_info["number"], read_number(visit.form.get("request"))
            if request_id is None:
                raise NoSuchRequest
            async with self._database.transaction() as session:
                await self._office.desk.decide_unseal(
                    session, visit.staff, number, request_id, granted=granted, reason=_reason(visit), now=visit.now
                )
            return visit.go("/staff/decisions", done="unseal-granted" if granted else "unseal-denied")

        return decide


def _reason(visit: Visit) -> str:
    """Raises TextTooLong."""
    text = drop_unwanted(visit.form.get("text", ""))
    if len(text) > MOST_TEXT:
        raise TextTooLong(most=MOST_TEXT)
    return text
