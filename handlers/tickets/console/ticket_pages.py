"""The page of one ticket: shown, and shown again with what was written where an act could not be done.

The acts themselves are in `ticket_acts`, files in `ticket_files`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from bot.database import Database
from bot.errors import UserFacingError
from bot.messages import Shown
from bot.staff.roles import NotPermitted, Permission
from bot.web.bodies import read_number
from bot.web.console import Page, Section, Visit
from bot.web.threads import Item, make_items
from handlers.tickets.cabinet import Person
from handlers.tickets.console.beside import Beside
from handlers.tickets.console.composing import Composing, put_by
from handlers.tickets.console.offers import Act
from handlers.tickets.console.ticket_choices import read_choices
from handlers.tickets.console.ticket_view import LINES, Gathering, Line, Sheet
from handlers.tickets.labels import label
from handlers.tickets.office import Office
from handlers.tickets.ticket import State
from handlers.tickets.timeline import EntryKind

TABS = (Act.REPLY, Act.NOTE, Act.CONTACT, Act.ANSWER)
"""What is written below the conversation; everything else has a form of its own above it."""
BESIDE = {Act.SUBMIT: Act.ANSWER}
"""Acts that share the form of another."""
KEPT = ("text", "cites", "how", "closing")
"""Fields of what is being written."""
INNER = frozenset({EntryKind.NOTE, EntryKind.CONTACT})
"""Entries that stand in the conversation, as the person never sees them."""
IN_PLACE = frozenset({EntryKind.OPENED, EntryKind.HEARD, EntryKind.TOLD, EntryKind.ANSWER})
"""What stands there instead of messages, where there is no chat."""


@dataclass(frozen=True)
class Again:
    """Why the page is shown again instead of led on from."""

    act: Act
    error: UserFacingError | None = None
    changes: Sequence[int] = ()
    """Entries that were written since the page was drawn, by seq."""
    kept: Mapping[str, str] = field(default_factory=dict)
    """What was posted."""
    lost: int = 0
    """Files that were posted: a browser does not let us put them back."""
    status: int = 422


@dataclass(frozen=True)
class Told:
    """What is shown once, and neither kept nor in an address."""

    person: Person | None = None
    code: str = ""


class TicketPages:
    def __init__(self, database: Database, office: Office, composing: Composing, beside: Beside) -> None:
        self._database = database
        self._office = office
        self.composing = composing
        self.beside = beside
        self.gathering = Gathering(office)

    def section(self) -> Section:
        return Section(
            pages=(
                Page("GET", "/staff/tickets/{number}", self.show),
                Page("POST", "/staff/tickets/{number}/compose", self.compose, Permission.WORK_TICKETS),
            )
        )

    async def show(self, visit: Visit) -> web.Response:
        return await self.draw(visit, visit.request.match_info["number"])

    async def compose(self, visit: Visit) -> web.Response:
        """The same page with something put into what is being written; nothing is sent."""
        act = next((act for act in TABS if str(act) == visit.form.get("write")), Act.REPLY)
        kept = {name: visit.form.get(name, "") for name in KEPT}
        again = Again(act, kept=kept, lost=len(visit.files), status=200)
        return await self.draw(visit, visit.request.match_info["number"], again=again, put=visit.form.get("put", ""))

    async def draw(
        self, visit: Visit, number: str, *, again: Again | None = None, told: Told | None = None, put: str = ""
    ) -> web.Response:
        """`again`: an act was not done, and what was written is kept; `put`: what is added to it."""
        check_may_read(visit)
        query = visit.request.query
        act = _act_named(query, again)
        async with self._database.reading() as session:
            sheet = await self.gathering.gather(
                session, visit.staff, number, now=visit.now, before=read_number(query.get("before"))
            )
            choices = await read_choices(session, self._office, visit.staff, sheet, act, into=query.get("into", ""))
            composer = await self.composing.gather(
                session,
                sheet.ticket,
                sheet.lines,
                visit.pages,
                kept=again.kept if again else {},
                put=put or put_by(query),
                now=visit.now,
            )
        self.beside.note(number, visit.staff)
        tab = _tab(sheet, query.get("write", ""), act)
        return await visit.page(
            "tickets/ticket",
            here="work",
            status=again.status if again else 200,
            t=sheet,
            ticket=sheet.ticket,
            items=_items(visit, sheet),
            lines=_page_of_lines(sheet, read_number(query.get("until"))),
            changes=[line for line in sheet.lines if again and line.seq in again.changes],
            fault=visit.pages.say_error(again.error.code, again.error.data) if again and again.error else "",
            kept=composer.kept,
            lost=again.lost if again else 0,
            composer=composer,
            tab=tab,
            doing=act if act is not None and act not in TABS else None,
            choices=choices,
            told=told or Told(),
            beside=self.beside.others(number, visit.staff),
            Act=Act,
            term=label,
            now=visit.now,
        )

    async def pieces(self, visit: Visit, number: str) -> dict[str, str]:
        """The newest of the conversation and of the timeline, for a page that is open already."""
        async with self._database.reading() as session:
            sheet = await self.gathering.gather(session, visit.staff, number, now=visit.now)
        context = {"t": sheet, "ticket": sheet.ticket, "term": label, "now": visit.now}
        return {
            "messages": visit.pages.piece("tickets/ticket_messages", items=_items(visit, sheet), **context),
            "lines": visit.pages.piece("tickets/ticket_lines", lines=_page_of_lines(sheet, None), **context),
        }

    def say_beside(self, visit: Visit, number: str) -> str:
        """Who else has it open, for a page that is open already."""
        return visit.pages.piece("tickets/ticket_beside", beside=self.beside.others(number, visit.staff))


def check_may_read(visit: Visit) -> None:
    """Who reads tickets, and whoever helps with them. Raises NotPermitted."""
    if not (visit.may(Permission.READ_TICKETS) or visit.may(Permission.RECORD_CONTACT)):
        raise NotPermitted(role=str(visit.staff.role), permission=str(Permission.READ_TICKETS))


def _act_named(query: Mapping[str, str], again: Again | None) -> Act | None:
    """Which form is open: the one that was just posted, else the one of the address."""
    if again is not None:
        return BESIDE.get(again.act, again.act)
    name = query.get("do", "")
    return Act(name) if name in {str(act) for act in Act} else None


def _tab(sheet: Sheet, asked: str, act: Act | None) -> Act:
    """What is being written: as asked for, else the first that can be."""
    if act in TABS:
        return act
    if asked in {str(tab) for tab in TABS}:
        return Act(asked)
    if sheet.ticket.state == str(State.REVIEW) and sheet.offers[Act.ANSWER].possible:
        return Act.ANSWER
    return next((tab for tab in (Act.REPLY, Act.CONTACT, Act.NOTE) if sheet.offers[tab].possible), Act.NOTE)


def _page_of_lines(sheet: Sheet, until: int | None) -> tuple[list[Line], int | None]:
    """The newest entries first. -> (them, before which entry there are more)"""
    found = [line for line in reversed(sheet.lines) if until is None or line.seq < until]
    page = found[:LINES]
    return page, page[-1].seq if len(found) > LINES else None


def _items(visit: Visit, sheet: Sheet) -> list[Item]:
    """Messages as the person saw them and what was written beside them, by time."""
    thread = sheet.thread
    if sheet.chat is None:
        beside = [line for line in sheet.lines if line.kind in INNER | IN_PLACE and not line.data.get("draft")]
    else:
        since = thread.shown[0].at if thread.shown and thread.older is not None else None
        until = None if thread.newest or not thread.shown else thread.shown[-1].at
        beside = [
            line
            for line in sheet.lines
            if line.kind in INNER and (since is None or line.at >= since) and (until is None or line.at <= until)
        ]
    beside = beside[-LINES:]
    shown: list[tuple[Shown | Line, object]] = [
        *zip(thread.shown, visit.pages.bubbles(thread.shown), strict=True),
        *((line, None) for line in beside),
    ]
    shown.sort(key=lambda pair: pair[0].at)
    return make_items((what.at, bubble, what if isinstance(what, Line) else None) for what, bubble in shown)
