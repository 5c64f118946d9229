"""缴费补贴台账 (T3): one row for each person, year and insurance."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sealing import Sealer
from handlers.people.ledger.known import Knowing
from handlers.people.ledger.models import Contribution
from handlers.people.ledger.plans import Plan, Verdict
from handlers.people.ledger.rows import Record, jsonable

CONTEXT = "contribution.row"
AMOUNTS = ("paid", "due", "given")
_TABLE = Contribution.metadata.tables["contribution"]


class ContributionTaker:
    def __init__(self, sealer: Sealer, knowing: Knowing) -> None:
        self._sealer = sealer
        self._knowing = knowing

    def key(self, record: Record) -> tuple[Any, ...]:
        return (record.identity.number, record.fields["year"], record.fields["insurance"])

    async def compare(self, session: AsyncSession, records: Sequence[Record]) -> list[Plan]:
        known = await self._knowing.find(session, records)
        ids = {one.id for one in known if not isinstance(one, Plan)}
        columns = (_TABLE.c.id, _TABLE.c.person_id, _TABLE.c.year, _TABLE.c.insurance, _TABLE.c.row)
        rows = await session.execute(select(*columns).where(_TABLE.c.person_id.in_(ids)))
        old = {(row.person_id, row.year, row.insurance): (row.id, row.row) for row in rows}
        plans: list[Plan] = []
        for record, person in zip(records, known, strict=True):
            if isinstance(person, Plan):
                plans.append(person)
                continue
            found = old.get((person.id, record.fields["year"], record.fields["insurance"]))
            before = open_contribution(self._sealer, found[1]) if found else {}
            said = {name: value for name, value in jsonable(record.fields).items() if name != "name"}
            fields = {**before, **said}
            verdict = Verdict.ADDED if found is None else Verdict.SAME if fields == before else Verdict.CHANGED
            more = (found[0] if found else None, fields)
            plans.append(Plan(record, verdict, [], person.region, person.id, more))
        return plans

    async def write(self, session: AsyncSession, plans: Sequence[Plan], *, now: datetime) -> None:
        new = [self._row(plan, now) for plan in plans if plan.verdict is Verdict.ADDED]
        if new:
            await session.execute(insert(_TABLE), new)
        for plan in plans:
            if plan.verdict is Verdict.CHANGED:
                await session.execute(update(_TABLE).where(_TABLE.c.id == plan.more[0]).values(self._row(plan, now)))

    def _row(self, plan: Plan, now: datetime) -> dict[str, Any]:
        fields: Mapping[str, Any] = plan.more[1]
        return {
            "person_id": plan.person_id,
            "year": fields["year"],
            "insurance": fields["insurance"],
            "state": fields["state"] if fields.get("state") in ("waiting", "paid", "given", "returned") else "",
            **{name: fen(fields.get(name)) for name in AMOUNTS},
            "row": self._sealer.seal(json.dumps(fields, ensure_ascii=False, sort_keys=True), CONTEXT),
            "updated_at": now,
        }


def open_contribution(sealer: Sealer, sealed: bytes) -> dict[str, Any]:
    """The whole row: field of T3 -> value."""
    found: dict[str, Any] = json.loads(sealer.open(sealed, CONTEXT))
    return found


def fen(amount: str | None) -> int | None:
    """1200.50 -> 120050."""
    return None if amount is None else int(Decimal(amount) * 100)
