"""常用答复: the list, and the form to write one, bound to a category and to a provision of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from bot.clock import LOCAL
from bot.database import Database
from bot.door import drop_unwanted
from bot.staff.models import Staff
from bot.staff.roles import EVERYWHERE, Permission
from bot.web.bodies import read_number
from bot.web.console import NavLink, Page, Section, Visit
from handlers.tickets.canned import (
    MOST_TEXT,
    MOST_TITLE,
    Canned,
    CannedDraft,
    CannedMoved,
    CannedUnfit,
    NoSuchCanned,
)
from handlers.tickets.citing import Basis, Citing
from handlers.tickets.labels import label, latest_holds
from handlers.tickets.models import CannedReply
from handlers.tickets.slip import read_place
from handlers.tickets.ticket import Category
from knowledge.policy import Policy
from knowledge.regions import Regions


@dataclass(frozen=True)
class Row:
    """One reply of the list."""

    id: int
    title: str
    text: str
    category: str
    place: str
    basis: Basis | None
    clause: str
    """The provision it rests on, in plain words."""
    mine: bool
    """Whether this person may change it."""


class CannedPages:
    def __init__(self, database: Database, canned: Canned, citing: Citing, regions: Regions) -> None:
        self._database = database
        self._canned = canned
        self._citing = citing
        self._regions = regions

    def section(self) -> Section:
        read, manage = Permission.READ_CANNED, Permission.MANAGE_CANNED
        return Section(
            pages=(
                Page("GET", "/staff/canned", self.show, read),
                Page("POST", "/staff/canned", self.add, manage),
                Page("GET", "/staff/canned/new", self.show_new, manage),
                Page("GET", "/staff/canned/{id}", self.show_one, manage),
                Page("POST", "/staff/canned/{id}", self.change, manage),
                Page("POST", "/staff/canned/{id}/remove", self.remove, manage),
            ),
            links=(NavLink("policy", "canned", "/staff/canned", "sheet", read),),
        )

    async def show(self, visit: Visit) -> web.Response:
        """All that this person may use; `?category=` for one kind."""
        category, today = visit.request.query.get("category", ""), _day(visit)
        async with self._database.reading() as session:
            found = await self._canned.list_for(session, visit.staff)
        rows = [self._row(one, visit.staff, today) for one in found]
        counts = {str(one): sum(row.category == one for row in rows) for one in Category}
        return await visit.page(
            "tickets/canned_list",
            here="canned",
            rows=[row for row in rows if category in ("", row.category)],
            total=len(rows),
            kinds={name: count for name, count in counts.items() if count},
            category=category,
            may_write=visit.may(Permission.MANAGE_CANNED),
            term=label,
        )

    async def show_new(self, visit: Visit) -> web.Response:
        return await self._draw(visit, {"place": self._place_name(visit.staff.region)})

    async def show_one(self, visit: Visit) -> web.Response:
        """Raises NoSuchCanned for one that a level above wrote, too."""
        async with self._database.reading() as session:
            one = await self._canned.find(session, visit.staff, _id_in(visit))
        if not self._canned.may_change(visit.staff, one):
            raise NoSuchCanned(id=one.id)
        return await self._draw(visit, self._fields(one), one=one)

    async def add(self, visit: Visit) -> web.Response:
        try:
            async with self._database.transaction() as session:
                await self._canned.add(session, visit.staff, self._draft(visit), now=visit.now)
        except CannedUnfit as error:
            return await self._draw(visit, visit.form, faults=error.data["faults"], status=422)
        return visit.go("/staff/canned", done="canned_added")

    async def change(self, visit: Visit) -> web.Response:
        canned_id = _id_in(visit)
        try:
            async with self._database.transaction() as session:
                seen = visit.form.get("seen", "")
                await self._canned.change(session, visit.staff, canned_id, self._draft(visit), seen=seen, now=visit.now)
        except (CannedUnfit, CannedMoved) as error:
            async with self._database.reading() as session:
                one = await self._canned.find(session, visit.staff, canned_id)
            moved = isinstance(error, CannedMoved)
            faults = {} if moved else error.data["faults"]
            status = 409 if moved else 422
            return await self._draw(visit, visit.form, one=one, faults=faults, moved=moved, status=status)
        return visit.go("/staff/canned", done="canned_changed")

    async def remove(self, visit: Visit) -> web.Response:
        async with self._database.transaction() as session:
            await self._canned.remove(session, visit.staff, _id_in(visit), now=visit.now)
        return visit.go("/staff/canned", done="canned_removed")

    async def _draw(
        self,
        visit: Visit,
        fields: Mapping[str, str],
        *,
        one: CannedReply | None = None,
        faults: Mapping[str, str] | None = None,
        moved: bool = False,
        status: int = 200,
    ) -> web.Response:
        """The form; `moved`: somebody changed it meanwhile, and theirs is shown beside."""
        return await visit.page(
            "tickets/canned_form",
            here="canned",
            status=status,
            one=one,
            fields={name: fields.get(name, "") for name in ("title", "text", "category", "place", "provision")},
            faults=faults or {},
            moved=moved,
            categories=[str(category) for category in Category],
            documents=self._documents(visit.staff, _day(visit)),
            home=self._place_name(visit.staff.region),
            most={"title": MOST_TITLE, "text": MOST_TEXT, "place": 60},
            latest=latest_holds(),
            term=label,
        )

    # -- reading the form ---------------------------------------------------------------------------------

    def _draft(self, visit: Visit) -> CannedDraft:
        form = {name: drop_unwanted(value) for name, value in visit.form.items()}
        own = visit.staff.region
        region: str | None = own
        if words := form.get("place", ""):
            same = words == self._place_name(own)
            region = own if same else read_place(words, near=own, regions=self._regions)[0]
        policy, _, provision = form.get("provision", "").partition(".")
        return CannedDraft(
            title=form.get("title", ""),
            text=form.get("text", ""),
            region=region or "",
            category=form.get("category", ""),
            policy=policy,
            provision=provision,
            faults={} if region else {"place": "unknown"},
        )

    def _fields(self, one: CannedReply) -> dict[str, str]:
        bound = f"{one.policy}.{one.provision}" if one.policy else ""
        place = self._place_name(one.region)
        return {"title": one.title, "text": one.text, "category": one.category or "", "place": place} | {
            "provision": bound
        }

    def _row(self, one: CannedReply, staff: Staff, today: date) -> Row:
        provision = self._citing.provision(one.policy or "", one.provision or "")
        return Row(
            one.id,
            one.title,
            one.text,
            one.category or "",
            self._place_name(one.region),
            self._citing.basis(one.policy or "", today=today),
            provision.plain if provision else "",
            self._canned.may_change(staff, one),
        )

    def _documents(self, staff: Staff, today: date) -> Sequence[tuple[Policy, Basis | None]]:
        """What a reply of this place may rest on."""
        return [(policy, self._citing.basis(policy.id, today=today)) for policy in self._citing.serving(staff.region)]

    def _place_name(self, region: str) -> str:
        """Empty for everywhere."""
        return "" if region == EVERYWHERE else self._regions.whole_name(region)


def _id_in(visit: Visit) -> int:
    """Raises NoSuchCanned."""
    found = read_number(visit.request.match_info["id"])
    if found is None:
        raise NoSuchCanned(id=visit.request.match_info["id"][:20])
    return found


def _day(visit: Visit) -> date:
    return visit.now.astimezone(LOCAL).date()
