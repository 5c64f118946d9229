"""1113服务记录 (T4): one row for each service that a person was given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.people.ledger.known import Knowing
from handlers.people.ledger.models import ServiceRecord
from handlers.people.ledger.plans import Plan, Verdict
from handlers.people.ledger.rows import Record
from handlers.people.ledger.service_rules import ServiceHow, ServiceKind
from handlers.people.ledger.services import Given, ServiceBook
from handlers.people.ledger.writing import insert_new
from handlers.people.person import Source

_RECORDS = ServiceRecord.metadata.tables["service_record"]


class ServiceTaker:
    """A row is there or is new: what was done on a day does not change, other words are another service."""

    def __init__(self, book: ServiceBook, knowing: Knowing) -> None:
        self._book = book
        self._knowing = knowing

    def key(self, record: Record) -> tuple[Any, ...]:
        return (record.identity.number, given_in(record).key)

    async def compare(self, session: AsyncSession, records: Sequence[Record]) -> list[Plan]:
        known = await self._knowing.find(session, records)
        given = [given_in(record) for record in records]
        digests = [self._book.digest(one) for one in given]
        ids = {one.id for one in known if not isinstance(one, Plan)}
        rows = await session.execute(
            select(_RECORDS.c.person_id, _RECORDS.c.digest).where(
                _RECORDS.c.person_id.in_(ids), _RECORDS.c.digest.in_(set(digests))
            )
        )
        have = {(person_id, digest) for person_id, digest in rows}
        plans: list[Plan] = []
        for record, person, one, digest in zip(records, known, given, digests, strict=True):
            if isinstance(person, Plan):
                plans.append(person)
                continue
            verdict = Verdict.SAME if (person.id, digest) in have else Verdict.ADDED
            plans.append(Plan(record, verdict, [], person.region, person.id, one))
        return plans

    async def write(self, session: AsyncSession, plans: Sequence[Plan], *, now: datetime) -> None:
        new = [
            self._book.row_of(plan.person_id, plan.more, Source.LEDGER, None, now)
            for plan in plans
            if plan.verdict is Verdict.ADDED and plan.person_id is not None
        ]
        await insert_new(session, _RECORDS, new)


def given_in(record: Record) -> Given:
    """The service of a row."""
    fields = record.fields
    how = str(fields.get("how", ""))
    known = how in tuple(ServiceHow)
    words = {name: str(fields.get(name, "")) for name in ("about", "offer", "result", "officer", "note")}
    if how and not known:
        words["note"] = "；".join(filter(None, (words["note"], how)))
    return Given(
        ServiceKind(fields["kind"]),
        date.fromisoformat(fields["held_on"]),
        ServiceHow(how) if known else None,
        **words,
    )
