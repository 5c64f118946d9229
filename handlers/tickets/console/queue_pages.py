"""The lists of the console: my work, my queues, unclaimed, due soon, overdue, group matters, all; and their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.staff.models import Staff
from bot.staff.roles import EVERYWHERE, Permission, Role
from bot.web.console import Alarm, Handler, NavLink, Page, Section, Visit
from handlers.tickets.console.lines import make_lines
from handlers.tickets.counting import Counting, list_rings, newest_entry
from handlers.tickets.labels import label
from handlers.tickets.listing import (
    MOST,
    TABS,
    Chosen,
    Flag,
    Listed,
    Tab,
    View,
    conditions,
    count_all,
    list_page,
    read_chosen,
    read_mark,
)
from handlers.tickets.office import Office
from handlers.tickets.seeing import Eyes, eyes_of
from handlers.tickets.ticket import OPEN, Category, State
from knowledge.regions import Regions

ICONS = {
    View.WORK: "tray",
    View.QUEUES: "list",
    View.UNCLAIMED: "plus",
    View.DUE: "bell",
    View.OVERDUE: "alert",
    View.GROUPS: "people",
    View.ALL: "search",
}
LOOK = (Permission.READ_TICKETS, Permission.RECORD_CONTACT)
"""The village helper too: what they filed, and what lies in their queues."""
SOURCES = ("webchat", "telegram", "phone", "window", "visit", "letter", "12345", "terminal")
"""来源; their words are in `templates/console/tickets/parts.html`."""
STATES = tuple(state for state in State if state in OPEN)


class QueuePages:
    def __init__(self, database: Database, office: Office, regions: Regions, counting: Counting) -> None:
        self._database = database
        self._office = office
        self._regions = regions
        self._counting = counting

    def section(self) -> Section:
        return Section(
            pages=(
                *(Page("GET", f"/staff/{view}", self._shows(view), LOOK) for view in View),
                Page("POST", "/staff/claim/{number}", self._claim, Permission.WORK_TICKETS),
            ),
            links=tuple(NavLink("cases", str(view), f"/staff/{view}", ICONS[view], LOOK) for view in View),
            counts=self._counting.count,
            alarms=self.ring,
            marker=newest_entry,
        )

    async def ring(self, session: AsyncSession, staff: Staff, _now: datetime) -> Sequence[Alarm]:
        """Bands above every page."""
        tickets, total = await list_rings(session, staff)
        return [
            Alarm(
                "tickets/ring",
                {
                    "number": ticket.number,
                    "about": ticket.about,
                    "place": self._office.viewer.place(ticket),
                    "at": ticket.opened_at,
                    "is_group": ticket.is_group,
                    "more": total - len(tickets) if place == len(tickets) else 0,
                },
            )
            for place, ticket in enumerate(tickets, start=1)
        ]

    async def _claim(self, visit: Visit) -> web.StreamResponse:
        """The button of a band leads to the ticket, the key of a list back to the list."""
        number, view = visit.request.match_info["number"], visit.form.get("view", "")
        async with self._database.transaction() as session:
            await self._office.desk.claim(session, visit.staff, number, now=visit.now)
        path = f"/staff/{view}" if view in set(View) else f"/staff/tickets/{number}"
        return visit.go(path, done="ring_claimed")

    def _shows(self, view: View) -> Handler:
        async def show(visit: Visit) -> web.StreamResponse:
            return await self._show(visit, view)

        return show

    async def _show(self, visit: Visit, view: View) -> web.Response:
        query, staff = visit.request.query, visit.staff
        tabs = TABS.get(view, (Tab.OPEN,))
        tab = Tab(query["tab"]) if query.get("tab") in set(tabs) else Tab.OPEN
        towns = self.towns(staff.region)
        chosen = read_chosen(query, towns=dict(towns), sources=SOURCES)
        async with self._database.reading() as session:
            eyes = await eyes_of(session, staff)
            wanted = [*conditions(view, tab, eyes, visit.now), *chosen.conditions()]
            listed = await list_page(
                session,
                wanted,
                tab=tab,
                after=read_mark(query.get("after", "")),
                before=read_mark(query.get("before", "")),
            )
            counts = await self._count_tabs(session, view, tabs, eyes, chosen, visit.now)
            lines = await make_lines(session, self._office, listed.tickets, reader=staff, now=visit.now)
        return await visit.page(
            "tickets/queue",
            here=str(view),
            view=str(view),
            tab=str(tab),
            tabs=[str(one) for one in tabs],
            totals=counts,
            most=MOST,
            lines=lines,
            queueless=not eyes.queues and visit.staff.as_role is Role.CLERK,
            picks=tab is Tab.OPEN and visit.may(Permission.WORK_TICKETS),
            listed=listed,
            chosen=chosen,
            towns=towns,
            sources=SOURCES,
            categories=[str(one) for one in Category],
            flags=[str(one) for one in Flag],
            states=[str(one) for one in STATES],
            say=label,
            addresses=_addresses(view, tab, chosen, listed),
        )

    async def _count_tabs(
        self, session: AsyncSession, view: View, tabs: tuple[Tab, ...], eyes: Eyes, chosen: Chosen, now: datetime
    ) -> dict[str, int]:
        """Those that are small by nature; what has ended is not counted."""
        counted = [tab for tab in tabs if tab is not Tab.ENDED]
        return await count_all(
            session, {str(tab): [*conditions(view, tab, eyes, now), *chosen.conditions()] for tab in counted}
        )

    @lru_cache(maxsize=64)  # noqa: B019  # lives as long as the program
    def towns(self, region: str) -> tuple[tuple[str, str], ...]:
        """The divisions one level below somebody's region: code and name."""
        names = self._regions.names
        if region == EVERYWHERE:
            return tuple((code, name) for code, name in names.items() if code.endswith("0000"))
        start = region[:6].rstrip("0") if region.endswith("00") else region[:6]
        start += "0" * (len(start) % 2)
        wanted = {2: (6, "00"), 4: (6, ""), 6: (9, "")}.get(len(start), (0, ""))
        return tuple(
            (code, name)
            for code, name in names.items()
            if code != region
            and len(code) == wanted[0]
            and code.startswith(start)
            and code.endswith(wanted[1])
            and len(region) == 6
        )


def _addresses(view: View, tab: Tab, chosen: Chosen, listed: Listed) -> dict[str, str]:
    """Of this list and its tabs, filters kept, and of the pages before and after."""
    kept = {name: str(value) for name, value in asdict(chosen).items() if value}

    def address(**more: str) -> str:
        query = urlencode({**more, **kept})
        return f"/staff/{view}?{query}" if query else f"/staff/{view}"

    own = {} if tab is Tab.OPEN else {"tab": str(tab)}
    found = {f"tab.{one}": address(**({} if one is Tab.OPEN else {"tab": str(one)})) for one in Tab}
    found["here"] = address(**own)
    if listed.before is not None:
        found["before"] = address(**own, before=str(listed.before))
    if listed.after is not None:
        found["after"] = address(**own, after=str(listed.after))
    return found
