"""Ledgers that go out: 一人一档 as it came in (T2), 一村一册 with the services and contributions of a year; masked.

In full, the sheet of 一人一档 can be imported again and changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sealing import Sealer
from bot.sheets import SheetWriter
from bot.staff.models import Staff
from handlers.people.ledger.choosing import Choice, every_chosen
from handlers.people.ledger.columns import Columns, Field, Kind, Template, load_columns
from handlers.people.ledger.file_parts import say_yuan
from handlers.people.ledger.identity import Identity
from handlers.people.ledger.labels import say_value, word, words_of
from handlers.people.ledger.models import Contribution, ServiceRecord
from handlers.people.ledger.persons import ID_NUMBER, NAME, PHONE, open_ledger
from handlers.people.ledger.privacy import Masked
from handlers.people.ledger.service_rules import ServiceKind, say_done
from handlers.people.ledger.wishing import skills_of
from handlers.people.models import Person
from knowledge.regions import Regions

_NAMES = frozenset({"name", "householder"})
_PHONES = frozenset({"phone", "household_phone"})
_PRIVATE = frozenset({"address", "boat", "household_number", "person_number"})
"""Leads to somebody; left out while masked."""


class Book(StrEnum):
    """Which ledger goes out."""

    PERSONS = "persons"  # 一人一档
    VILLAGE = "village"  # 一村一册


@dataclass(frozen=True)
class Around:
    """What stands beside the persons of a batch."""

    services: Mapping[int, Mapping[str, int]]
    contributions: Mapping[int, Contribution]
    """The newest of each."""
    helpers: Mapping[int, str]


class Giving:
    def __init__(self, sealer: Sealer, regions: Regions) -> None:
        self._sealer = sealer
        self._regions = regions
        self._columns: Columns = load_columns()
        self._fields = [one for one in self._columns.fields[Template.T2].values() if one.kind is not Kind.SKIP]

    async def write(
        self, session: AsyncSession, choice: Choice, book: Book, file: BinaryIO, *, year: int, unmasked: bool
    ) -> int:
        """Persons whom the bureau's ledger names, village by village. -> how many"""
        say, count = Masked(self._sealer, unmasked=unmasked), 0
        fields = [one for one in self._fields if book is Book.PERSONS or not one.extra]
        more = words_of("village_columns") if book is Book.VILLAGE else []
        head = [word("amount", "number"), *(one.label for one in fields), *(name.format(year=year) for name in more)]
        sheet = SheetWriter(word("book", book), head)
        try:
            async for batch in every_chosen(session, choice, Person.ledger_at.is_not(None)):
                around = await self._around(session, batch, year)
                for person in batch:
                    count += 1
                    said = self.fields_of(person, around)
                    row = [self._cell(one, said.get(one.name), said, say) for one in fields]
                    sheet.add([count, *row, *(self._year(person.id, around) if more else ())])
            await asyncio.to_thread(sheet.save, file)
        finally:
            sheet.tidy()
        return count

    def fields_of(self, person: Person, around: Around) -> dict[str, Any]:
        """What the ledger says of somebody, with what staff have set right since."""
        said = open_ledger(self._sealer, person.ledger)
        if person.id_number is not None:
            identity = Identity(self._sealer.open(person.id_number, ID_NUMBER))
            said |= {"id_number": identity.number, "gender": identity.gender, "birth": identity.born.isoformat()}
        if person.name is not None:
            said["name"] = self._sealer.open(person.name, NAME)
        phone = self._sealer.open(person.phone, PHONE) if person.phone is not None else ""
        if phone and phone not in [*said.get("phone", ()), *said.get("household_phone", ())]:
            said["phone"] = [phone]
        if person.region and person.region != said.get("region"):
            said["town"] = self._regions.name(person.region) if len(person.region) > 6 else said.get("town", "")
        elif person.region and len(person.region) > 6:
            said.setdefault("town", self._regions.name(person.region))
        if person.village:
            said["village"] = person.village
        for name, value in (("employment", person.employment), ("work_form", person.work_form)):
            if value:
                said[name] = value
        if list(person.skills) != skills_of(said, self._columns):
            said["skills"] = "、".join(person.skills)
        if person.helper_id is not None:
            said["helper"] = around.helpers.get(person.helper_id, said.get("helper", ""))
        return said

    def _cell(self, one: Field, value: Any, said: Mapping[str, Any], say: Masked) -> Any:
        if value in (None, "", []):
            return ""
        if one.name in _NAMES:
            return say.say_name(str(value))
        if one.name in _PHONES:
            return "/".join(say.say_phone(phone) for phone in value)
        if one.kind is Kind.ID:
            return say.id_text(str(value))
        if one.kind in (Kind.CHOICE, Kind.GENDER):
            return say_value(one.name, str(value))
        if one.name == "birth":
            return say.birth(str(value))
        if one.name in _PRIVATE:
            return say.whole(str(value))
        if one.kind in (Kind.TEXT, Kind.YESNO):
            return say.words(str(value), (str(said.get("name", "")), str(said.get("householder", ""))))
        return str(value)

    def _year(self, person_id: int, around: Around) -> list[Any]:
        given = around.services.get(person_id, {})
        paid = around.contributions.get(person_id)
        found: list[Any] = [*(given.get(str(kind), 0) for kind in ServiceKind), say_done(given)]
        if paid is None:
            return [*found, "", "", "", "", ""]
        amounts = ["" if fen is None else say_yuan(fen) for fen in (paid.paid, paid.due, paid.given)]
        state = say_value("state", paid.state) if paid.state else ""
        return [*found, f"{paid.year} {say_value('insurance', paid.insurance)}", *amounts, state]

    async def _around(self, session: AsyncSession, batch: Sequence[Person], year: int) -> Around:
        ids = [person.id for person in batch]
        services: dict[int, dict[str, int]] = {}
        rows = await session.execute(
            select(ServiceRecord.person_id, ServiceRecord.kind).where(
                ServiceRecord.year == year, ServiceRecord.person_id.in_(ids)
            )
        )
        for person_id, kind in rows:
            counts = services.setdefault(person_id, {})
            counts[kind] = counts.get(kind, 0) + 1
        paid = await session.scalars(
            select(Contribution).where(Contribution.person_id.in_(ids)).order_by(Contribution.year, Contribution.id)
        )
        helpers = {person.helper_id for person in batch if person.helper_id is not None}
        names = await session.execute(select(Staff.id, Staff.display_name).where(Staff.id.in_(helpers)))
        return Around(services, {one.person_id: one for one in paid}, {row[0]: row[1] for row in names})
