"""/staff/persons: the list of a region's persons, and 一人一档 with its parts; masked, in full with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.database import Database
from bot.staff.roles import EVERYWHERE, Permission
from bot.web.bodies import read_number
from bot.web.console import NavLink, Page, Section, Visit
from handlers.people.console.labels import names_of, term, trade_name
from handlers.people.files import File, NoSuchPerson, PersonFiles, ReasonMissing
from handlers.people.finding import MOST_COUNTED, PAGE, Chosen, Finder, read_chosen
from handlers.people.ledger.columns import Template, load_columns
from handlers.people.ledger.labels import say_value
from handlers.people.parts import PartAsked, PartPage
from handlers.people.pay import PAY_LEAST, PAY_MOST
from handlers.people.person import WishKind
from handlers.people.places import PlaceBook
from handlers.people.register import Register
from handlers.people.trades import ANY, load_trades
from knowledge.regions import Regions

HERE = "persons"
PATH = "/staff/persons"
PREVIEW = 5
"""Entries of each part on the first page of a file."""
ENTRIES = 30
"""On a page of one part."""
PARTS = ("services", "training", "insurance", "registrations", "notices", "tickets", "answers", "contacts")
"""In this order; a part is there once something gives its entries."""
LEDGER_PARTS: Mapping[str, tuple[str, ...]] = {
    "basic": (
        *("householder", "relation", "fisher_type", "boat", "retired_on", "education", "health", "labour"),
        *("hardship", "address", "hamlet", "people", "category", "household_phone", "helper", "visited_on", "note"),
    ),
    "work": ("employer", "work_place", "work_since", "income", "work_wish", "business_wish"),
    "training": ("skills", "training_wish"),
    "insurance": ("insurance", "insurance_state", "insurance_level", "benefit"),
}
"""Columns of the ledger (T2) under the part of the file that they belong to."""


class PersonPages:
    def __init__(
        self,
        database: Database,
        register: Register,
        files: PersonFiles,
        finder: Finder,
        regions: Regions,
    ) -> None:
        self._database = database
        self._register = register
        self._files = files
        self._finder = finder
        self._regions = regions
        self._places = PlaceBook(regions)
        self._column_names = {name: one.label for name, one in load_columns().fields[Template.T2].items()}

    def section(self) -> Section:
        read, record, one = Permission.READ_PEOPLE, Permission.RECORD_SERVICE, f"{PATH}/{{id}}"
        return Section(
            pages=(
                Page("GET", PATH, self.list_all, read),
                Page("GET", one, self.show, read),
                Page("POST", f"{one}/unmask", self.unmask, read),
                Page("POST", f"{one}/wishes", self.add_wish, record),
                Page("POST", f"{one}/wishes/{{wish}}/drop", self.drop_wish, record),
            ),
            links=(NavLink("people", HERE, PATH, "people", read),),
        )

    # -- the list -----------------------------------------------------------------------------------------

    async def list_all(self, visit: Visit) -> web.Response:
        query, staff = visit.request.query, visit.staff
        towns = self.towns(staff.region)
        chosen = read_chosen(query, towns=dict(towns))
        number = max(1, read_number(query.get("page", "")) or 1)
        async with self._database.reading() as session:
            found = await self._finder.list_page(session, staff, chosen, page=number)
        link = f"{PATH}?{urlencode(chosen.as_query())}&" if chosen.is_any else f"{PATH}?"
        return await visit.page(
            "people/persons",
            here=HERE,
            lines=found.lines,
            total=found.total,
            most=MOST_COUNTED,
            number=number,
            pages=max(1, -(-min(found.total, MOST_COUNTED) // PAGE)),
            chosen=chosen,
            towns=towns,
            groups=names_of("group"),
            states=names_of("employment"),
            sources=names_of("list_source"),
            link=link,
            place=self._place,
            is_part=_looks_like_part(chosen),
            term=term,
        )

    def towns(self, region: str) -> list[tuple[str, str]]:
        """What lies directly below somebody's region, by name."""
        if region == EVERYWHERE:
            return []
        length = 9 if len(region) == 6 and not region.endswith("00") else 6
        return [
            (code, name)
            for code, name in self._regions.names.items()
            if len(code) == length and code != region and self._regions.is_within(code, region)
        ]

    # -- one file -----------------------------------------------------------------------------------------

    async def show(self, visit: Visit) -> web.Response:
        person_id = id_in(visit)
        async with self._database.reading() as session:
            file = await self._files.view(session, visit.staff, person_id)
        return await self._draw(visit, file)

    async def unmask(self, visit: Visit) -> web.Response:
        person_id = id_in(visit)
        try:
            async with self._database.transaction() as session:
                file = await self._files.reveal(
                    session, visit.staff, person_id, reason=visit.form.get("text", ""), now=visit.now
                )
        except ReasonMissing as error:
            async with self._database.reading() as session:
                file = await self._files.view(session, visit.staff, person_id)
            return await self._draw(visit, file, fault=visit.pages.say_error(error.code, error.data), status=422)
        response = await self._draw(visit, file)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def add_wish(self, visit: Visit) -> web.Response:
        person_id, form = id_in(visit), visit.form
        trade, pay = form.get("trade", ""), read_number(form.get("pay", ""))
        faults = {}
        if trade not in (ANY, *load_trades().names):
            faults["trade"] = term("fault", "trade.unknown")
        if form.get("pay") and (pay is None or not PAY_LEAST <= pay <= PAY_MOST):
            faults["pay"] = term("fault", "pay.unfit")
        region = self._places.find(form["place"]) if form.get("place") else None
        if form.get("place") and region is None:
            faults["place"] = term("fault", "place.unknown")
        if faults or form.get("kind") not in set(WishKind):
            async with self._database.reading() as session:
                file = await self._files.view(session, visit.staff, person_id)
            return await self._draw(
                visit, file, wish_faults=faults or {"trade": term("fault", "trade.unknown")}, status=422
            )
        async with self._database.transaction() as session:
            await self._files.add_wish(
                session,
                visit.staff,
                person_id,
                kind=WishKind(form["kind"]),
                trade=trade,
                region=region,
                pay_from=pay,
                now=visit.now,
            )
        return visit.go(f"{PATH}/{person_id}#wishes", done="wish_added")

    async def drop_wish(self, visit: Visit) -> web.Response:
        person_id, wish = id_in(visit), read_number(visit.request.match_info["wish"])
        async with self._database.transaction() as session:
            await self._files.drop_wish(session, visit.staff, person_id, wish or 0, now=visit.now)
        return visit.go(f"{PATH}/{person_id}#wishes", done="wish_dropped")

    async def _draw(
        self,
        visit: Visit,
        file: File,
        *,
        fault: str = "",
        wish_faults: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> web.Response:
        query = visit.request.query
        part = query.get("part", "") if query.get("part") in self._register.parts else ""
        number = max(1, read_number(query.get("page", "")) or 1)
        async with self._database.reading() as session:
            if part:
                parts = {part: await self._read_part(session, visit, file, part, ENTRIES * (number - 1), ENTRIES)}
            else:
                parts = {
                    name: await self._read_part(session, visit, file, name, 0, PREVIEW)
                    for name in PARTS
                    if name in self._register.parts
                }
        shown = parts[part] if part else None
        return await visit.page(
            "people/part" if part else "people/person",
            here=HERE,
            status=status,
            file=file,
            person=file.person,
            parts=parts,
            part=part,
            page=shown,
            number=number,
            pages=max(1, -(-shown.total // ENTRIES)) if shown else 1,
            columns=self._all_columns(file),
            place=self._place(file.person.region),
            age=visit.now.astimezone(LOCAL).year - file.person.birth_year if file.person.birth_year else None,
            may_record=visit.may(Permission.RECORD_SERVICE),
            may_unmask=self._files.may_reveal(file.person, visit.staff),
            trades=[(ANY, ""), *load_trades().names.items()],
            trade_name=trade_name,
            region_name=self._regions.full_name,
            fault=fault,
            wish_faults=wish_faults or {},
            now=visit.now,
            term=term,
        )

    async def _read_part(
        self, session: AsyncSession, visit: Visit, file: File, name: str, offset: int, limit: int
    ) -> PartPage:
        person = file.person
        asked = PartAsked(
            person.id,
            await self._register.chats_of(session, person.id),
            person.phone_digest,
            visit.staff,
            visit.now,
            offset,
            limit,
        )
        return await self._register.parts[name](session, asked)

    def _all_columns(self, file: File) -> dict[str, list[tuple[str, str]]]:
        """By part; what the person can do stands before what the ledger says of it."""
        twice = {"helper"} if file.helper else set()  # their account stands there already
        found = {
            name: self._columns(file, tuple(one for one in names if one not in twice))
            for name, names in LEDGER_PARTS.items()
        }
        if file.person.skills:
            found["training"] = [(term("column", "skills_known"), "、".join(file.person.skills)), *found["training"]]
        return found

    def _columns(self, file: File, names: tuple[str, ...]) -> list[tuple[str, str]]:
        """Name and value of those columns of the ledger that hold something."""
        found = ((name, file.ledger.get(name)) for name in names if name in self._column_names)
        return [(self._column_names[name], _words(name, value)) for name, value in found if value not in (None, "", [])]

    def _place(self, region: str | None) -> str:
        return self._places.whole(region) if region else ""


def _words(column: str, value: object) -> str:
    values = value if isinstance(value, list) else [value]
    return "、".join(say_value(column, str(one)) for one in values)


def _looks_like_part(chosen: Chosen) -> bool:
    """Digits that are no whole phone or identity number: they find nothing, and the page says why."""
    digits = chosen.words.replace(" ", "").replace("-", "")
    return digits.isdigit() and len(digits) not in (11, 15, 18)


def id_in(visit: Visit) -> int:
    """Raises NoSuchPerson."""
    found = read_number(visit.request.match_info["id"])
    if found is None:
        raise NoSuchPerson(id=visit.request.match_info["id"][:20])
    return found
