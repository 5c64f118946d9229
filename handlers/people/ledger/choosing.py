"""Persons of one's place by village, group or id: for whom a service is written down, who goes into a sheet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.roles import Scope
from handlers.people.files import NoSuchPerson
from handlers.people.ledger.lacking import BATCH, within
from handlers.people.models import Person, PersonGroup


@dataclass(frozen=True)
class Choice:
    """Which persons, all conditions together."""

    scope: Scope
    region: str = ""
    village: str = ""
    group: str = ""
    ids: tuple[int, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether nothing was asked, so that it would be everybody."""
        return not (self.region or self.village or self.group or self.ids)

    def conditions(self) -> list[ColumnElement[bool]]:
        found = [within(self.scope)]
        if self.region:
            found.append(within(Scope(self.region)))
        if self.village:
            found.append(Person.village == self.village)
        if self.group:
            found.append(exists().where(PersonGroup.person_id == Person.id, PersonGroup.name == self.group))
        if self.ids:
            found.append(Person.id.in_(self.ids))
        return found


async def count_chosen(session: AsyncSession, choice: Choice, *more: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).select_from(Person).where(*choice.conditions(), *more)) or 0


async def list_chosen(session: AsyncSession, choice: Choice, *, limit: int) -> Sequence[Person]:
    """By place and village."""
    order = (Person.region, Person.village, Person.id)
    return (await session.scalars(select(Person).where(*choice.conditions()).order_by(*order).limit(limit))).all()


async def every_chosen(
    session: AsyncSession, choice: Choice, *more: ColumnElement[bool]
) -> AsyncIterator[Sequence[Person]]:
    """All of them in batches, village by village within the order in which they came."""
    last: tuple[str, str, int] | None = None
    key = (func.coalesce(Person.region, ""), Person.village, Person.id)
    while True:
        wanted = select(Person).where(*choice.conditions(), *more).order_by(*key).limit(BATCH)
        if last is not None:
            region, village, after = last
            wanted = wanted.where(
                (key[0] > region)
                | ((key[0] == region) & (key[1] > village))
                | ((key[0] == region) & (key[1] == village) & (key[2] > after))
            )
        batch = (await session.scalars(wanted)).all()
        if not batch:
            return
        yield batch
        last = (batch[-1].region or "", batch[-1].village, batch[-1].id)
        session.expunge_all()


async def check_chosen(session: AsyncSession, scope: Scope, ids: Collection[int]) -> None:
    """Raises NoSuchPerson unless all of them are of this place."""
    wanted = set(ids)
    found = await session.scalar(select(func.count()).select_from(Person).where(Person.id.in_(wanted), within(scope)))
    if found != len(wanted):
        raise NoSuchPerson(id=0)
