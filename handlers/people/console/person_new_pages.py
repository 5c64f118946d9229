"""/staff/persons/new: a person who stands in no ledger yet and has written in no chat is added by hand."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Mapping, Sequence

from aiohttp import web

from bot.clock import LOCAL
from bot.database import Database
from bot.staff.roles import EVERYWHERE, Permission
from bot.web.console import Page, Section, Visit
from handlers.people.adding import Like, PersonAdding, PersonDoubtful, PersonThere
from handlers.people.console.labels import names_of, term
from handlers.people.console.person_form import FIELDS, choose_helpers, read_form
from handlers.people.console.person_pages import HERE, PATH
from handlers.people.files import PersonFiles
from handlers.people.ledger.identity import BadIdentity, read_identity
from handlers.people.person import Group
from handlers.people.places import PlaceBook
from knowledge.regions import Regions

NUMBER = "id_number"


class PersonNewPages:
    def __init__(self, database: Database, files: PersonFiles, adding: PersonAdding, regions: Regions) -> None:
        self._database = database
        self._files = files
        self._adding = adding
        self._places = PlaceBook(regions)

    def section(self) -> Section:
        record, path = Permission.RECORD_SERVICE, f"{PATH}/new"
        return Section(pages=(Page("GET", path, self.show, record), Page("POST", path, self.add, record)))

    async def show(self, visit: Visit) -> web.Response:
        own = "" if visit.staff.region == EVERYWHERE else self._places.whole(visit.staff.region)
        return await self._draw(visit, {"place": own})

    async def add(self, visit: Visit) -> web.Response:
        form, today = visit.form, visit.now.astimezone(LOCAL).date()
        helpers = await self._helpers(visit)
        read = await asyncio.to_thread(
            read_form,
            form,
            visit.all("group"),
            visit.staff,
            places=self._places,
            helpers=None if helpers is None else [one for one, _ in helpers],
            today=today,
            new=True,
        )
        faults, number = dict(read.faults), ""
        if typed := "".join(unicodedata.normalize("NFKC", form.get(NUMBER, "")).split()).upper():
            try:
                number = read_identity(typed, today=today).number
            except BadIdentity:
                faults[NUMBER] = f"{NUMBER}.unfit"
        if faults:
            return await self._draw(visit, form, faults=faults)
        try:
            async with self._database.transaction() as session:
                person = await self._adding.add(
                    session,
                    visit.staff,
                    read.change,
                    number=number,
                    confirmed=form.get("confirmed") == "yes",
                    now=visit.now,
                )
                added = person.id
        except PersonThere as error:
            return await self._draw(visit, form, there=error.data["id"])
        except PersonDoubtful as error:
            return await self._draw(visit, form, like=error.data["like"])
        return visit.go(f"{PATH}/{added}", done="person_added")

    async def _helpers(self, visit: Visit) -> Sequence[tuple[int, str]] | None:
        async with self._database.reading() as session:
            return await choose_helpers(self._files, session, visit.staff)

    async def _draw(
        self,
        visit: Visit,
        fields: Mapping[str, str],
        *,
        faults: Mapping[str, str] | None = None,
        there: int | None = None,
        like: Sequence[Like] = (),
    ) -> web.Response:
        """`there`: whose file has this number, 0 where it is not theirs to see; `like`: who may be the same."""
        return await visit.page(
            "people/person_new",
            here=HERE,
            status=422 if faults or like or there is not None else 200,
            fields={name: fields.get(name, "") for name in (*FIELDS, NUMBER)},
            faults={name: term("fault", code) for name, code in (faults or {}).items()},
            there=there,
            like=like,
            chosen=set(visit.all("group")),
            groups=[(str(group), term("group", group)) for group in Group],
            states=names_of("employment"),
            forms=names_of("work_form"),
            genders=names_of("gender"),
            helpers=await self._helpers(visit),
            place=self._places.whole,
        )
