"""A person whom staff write into the register by hand, as the bureau's ledger would; who may be there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.sealing import Sealer
from bot.staff import audit
from bot.staff.models import Staff, is_within
from handlers.people.files import Change, PersonFiles
from handlers.people.ledger.identity import Identity
from handlers.people.masking import half_hidden
from handlers.people.models import Person

MOST_LIKE = 5
"""Shown of those who may be the same."""


@dataclass(frozen=True)
class Like:
    """Somebody of the clerk's region who may be the same; masked."""

    id: int
    name: str
    phone: str
    region: str | None
    village: str


class PersonThere(UserFacingError):
    """The identity number has a file already; a second one must not come about. Data: id, 0 where it is not theirs."""

    code = "person_there"


class PersonDoubtful(UserFacingError):
    """The same phone, or the same name in the same village: to be looked at first. Data: like."""

    code = "person_doubtful"


class PersonAdding:
    def __init__(self, sealer: Sealer, files: PersonFiles) -> None:
        self._sealer = sealer
        self._files = files

    async def add(
        self, session: AsyncSession, staff: Staff, change: Change, *, number: str, confirmed: bool, now: datetime
    ) -> Person:
        """A file of the ledger, from now on counted among those who are owed services.

        `number`: a checked identity number, or empty. `confirmed`: that somebody looks the same was seen.
        Raises PersonThere, PersonDoubtful.
        """
        if number:
            await self._check_number(session, staff, number)
        if not confirmed and (like := await self._like(session, staff, change)):
            raise PersonDoubtful(like=like)
        person = Person(ledger_at=now, created_at=now, updated_at=now)
        if number:
            says = Identity(number)
            change = replace(
                change, birth_year=change.birth_year or says.born.year, gender=change.gender or says.gender
            )
            person.id_number = self._sealer.seal(number, "person.id_number")
            person.id_digest = self._sealer.digest(number)
        session.add(person)
        await session.flush()
        await self._files.fill(session, staff, person, change, now=now)
        await audit.append(
            session,
            audit.AuditAction.PERSON_ADDED,
            actor=audit.Actor(audit.ActorKind.STAFF, staff.id),
            subject=audit.Subject("person", str(person.id)),
            at=now,
        )
        return person

    async def _check_number(self, session: AsyncSession, staff: Staff, number: str) -> None:
        held = await session.scalar(select(Person).where(Person.id_digest == self._sealer.digest(number)))
        if held is not None:
            raise PersonThere(id=held.id if self._files.is_theirs(held, staff) else 0)

    async def _like(self, session: AsyncSession, staff: Staff, change: Change) -> Sequence[Like]:
        digest = self._sealer.digest
        same = (Person.name_digest == digest(change.name or "")) & (Person.village == (change.village or ""))
        if change.region:
            same &= Person.region == change.region
        if change.phone:
            same |= Person.phone_digest == digest(change.phone)
        wanted = select(Person).where(same, is_within(staff.scope, Person.region)).order_by(Person.id).limit(MOST_LIKE)
        return [self._say(person) for person in await session.scalars(wanted)]

    def _say(self, person: Person) -> Like:
        return Like(
            person.id,
            *half_hidden(self._sealer, person),
            person.region,
            person.village,
        )
