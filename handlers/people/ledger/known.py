"""Persons whom a row of T3 or T4 names: they must be in the register, of this place, and called so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sealing import Sealer
from bot.staff.roles import Scope
from handlers.people.ledger.plans import Plan, Verdict
from handlers.people.ledger.rows import Record
from handlers.people.models import Person

_PERSONS = Person.metadata.tables["person"]


@dataclass(frozen=True)
class Known:
    id: int
    region: str | None
    name_digest: str | None


class Knowing:
    def __init__(self, sealer: Sealer, scope: Scope) -> None:
        self._sealer = sealer
        self._scope = scope

    async def find(self, session: AsyncSession, records: Sequence[Record]) -> list[Known | Plan]:
        """Of each record its person, or the plan that refuses it."""
        digests = [self._sealer.digest(record.identity.number) for record in records]
        columns = (_PERSONS.c.id_digest, _PERSONS.c.id, _PERSONS.c.region, _PERSONS.c.name_digest)
        rows = await session.execute(select(*columns).where(_PERSONS.c.id_digest.in_(set(digests))))
        known = {digest: Known(person_id, region, name) for digest, person_id, region, name in rows}
        return [self._check(record, digest, known) for record, digest in zip(records, digests, strict=True)]

    def _check(self, record: Record, digest: str, known: Mapping[str, Known]) -> Known | Plan:
        person = known.get(digest)
        if person is None:
            return Plan(record, Verdict.REFUSED, [("id_number", "no_such_person")])
        if person.region is not None and not self._scope.covers(person.region):
            # Of other places nothing is told, not even whether they have this person.
            return Plan(record, Verdict.REFUSED, [("id_number", "no_such_person")])
        name = str(record.fields.get("name", ""))
        if name and person.name_digest is not None and self._sealer.digest(name) != person.name_digest:
            return Plan(record, Verdict.REFUSED, [("name", "name_differs")])
        return person
