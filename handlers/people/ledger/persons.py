"""一人一档 (T2) into the register: who is new, what changed, and what stays because the ledger says nothing of it.

What the ledger said last is kept beside the record, so the same file again changes nothing, not even what staff have
set right since; a word of the ledger that is new stands over what was said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sealing import Sealer
from bot.staff.models import Staff
from bot.staff.roles import Scope
from handlers.people.ledger.columns import Columns
from handlers.people.ledger.grouping import groups_of, skills_of, wishes_of
from handlers.people.ledger.placing import Placing
from handlers.people.ledger.plans import Plan, Verdict
from handlers.people.ledger.rows import Record, jsonable
from handlers.people.ledger.writing import insert_new
from handlers.people.models import Person, PersonGroup, Wish
from handlers.people.person import Source

LEDGER, NAME, PHONE, ID_NUMBER = "person.ledger", "person.name", "person.phone", "person.id_number"
"""Contexts of what is sealed in a person's row."""
_PERSONS = Person.metadata.tables["person"]
_GROUPS = Person.metadata.tables["person_group"]
_WISHES = Person.metadata.tables["wish"]
_OLD = select(
    _PERSONS.c.id,
    _PERSONS.c.id_digest,
    _PERSONS.c.region,
    _PERSONS.c.name_digest,
    _PERSONS.c.ledger,
    _PERSONS.c.version,
)


@dataclass(frozen=True)
class Draft:
    """What a person's row is to hold."""

    digest: str
    fields: Mapping[str, Any]
    """What the ledger says, the old and the new."""
    old_fields: Mapping[str, Any]
    old: RowMapping | None


class PersonTaker:
    """Makes no difference between a new person and one known from a chat without a number: only the number tells."""

    def __init__(self, sealer: Sealer, columns: Columns, placing: Placing, scope: Scope, helpers: Mapping[str, int]):
        self._sealer = sealer
        self._columns = columns
        self._placing = placing
        self._scope = scope
        self._helpers = helpers
        """Accounts by their display name."""

    def key(self, record: Record) -> tuple[Any, ...]:
        return (record.identity.number,)

    async def compare(self, session: AsyncSession, records: Sequence[Record]) -> list[Plan]:
        digests = [self._sealer.digest(record.identity.number) for record in records]
        rows = await session.execute(_OLD.where(_PERSONS.c.id_digest.in_(set(digests))))
        old = {row["id_digest"]: row for row in rows.mappings()}
        pairs = zip(records, digests, strict=True)
        return [self._plan(record, digest, old.get(digest)) for record, digest in pairs]

    def _plan(self, record: Record, digest: str, old: RowMapping | None) -> Plan:
        placed = self._placing.place(record.fields)
        if placed.fault == "outside_region":
            return Plan(record, Verdict.REFUSED, [(placed.field, placed.fault)])
        faults = [(placed.field, placed.fault)] if placed.fault else []
        before = open_ledger(self._sealer, old["ledger"]) if old is not None else {}
        said: dict[str, Any] = {**jsonable(record.fields), "region": placed.region}
        said |= {"gender": record.identity.gender, "birth": record.identity.born.isoformat()}
        if placed.village:
            said["village"] = placed.village[:60]
        if old is not None and not placed.stated and before.get("region"):
            said["region"] = before["region"]
        fields = {**before, **{name: value for name, value in said.items() if value is not None}}
        if old is None:
            return Plan(record, Verdict.ADDED, faults, placed.region, None, Draft(digest, fields, {}, None))
        if old["region"] is not None and not self._scope.covers(old["region"]):
            return Plan(record, Verdict.REFUSED, [("id_number", "person_elsewhere")])
        name = str(fields.get("name", ""))
        if old["name_digest"] is not None and name and self._sealer.digest(name) != old["name_digest"]:
            faults.append(("name", "name_changes"))
        verdict = Verdict.SAME if fields == before else Verdict.CHANGED
        region = fields.get("region") or old["region"]
        return Plan(record, verdict, faults, region, old["id"], Draft(digest, fields, before, old))

    async def write(self, session: AsyncSession, plans: Sequence[Plan], *, now: datetime) -> None:
        added = [plan for plan in plans if plan.verdict is Verdict.ADDED]
        changed = [plan for plan in plans if plan.verdict is Verdict.CHANGED]
        if added:
            await session.execute(insert(_PERSONS), [self._row(plan, now) for plan in added])
            digests = [plan.more.digest for plan in added]
            made = await session.execute(
                select(_PERSONS.c.id_digest, _PERSONS.c.id).where(_PERSONS.c.id_digest.in_(digests))
            )
            ids = {row.id_digest: row.id for row in made}
            for plan in added:
                plan.person_id = ids[plan.more.digest]
        for plan in changed:
            values = self._changes(plan, now)
            await session.execute(update(_PERSONS).where(_PERSONS.c.id == plan.person_id).values(values))
        await self._write_groups(session, [*added, *changed], now)
        await self._write_wishes(session, [*added, *changed], now)

    def _row(self, plan: Plan, now: datetime) -> dict[str, Any]:
        empty = {"age_band": "", "told": {}, "version": 1, "created_at": now}
        return {**empty, **self._columns_of(plan.more.fields, plan.record), **self._sealed(plan, now)}

    def _changes(self, plan: Plan, now: datetime) -> dict[str, Any]:
        """The columns of which the ledger says something new; the others may hold what staff know better."""
        draft: Draft = plan.more
        assert draft.old is not None
        new, old = self._columns_of(draft.fields, plan.record), self._columns_of(draft.old_fields, plan.record)
        said = {name: value for name, value in new.items() if name not in ("name", "phone") and value != old[name]}
        for name in ("name", "phone"):
            if f"{name}_digest" in said:
                said[name] = new[name]
        return {**said, **self._sealed(plan, now), "version": draft.old["version"] + 1}

    def _sealed(self, plan: Plan, now: datetime) -> dict[str, Any]:
        draft: Draft = plan.more
        words = json.dumps(draft.fields, ensure_ascii=False, sort_keys=True)
        return {
            "id_number": self._sealer.seal(plan.record.identity.number, ID_NUMBER),
            "id_digest": draft.digest,
            "ledger": self._sealer.seal(words, LEDGER),
            "ledger_at": now,
            "updated_at": now,
        }

    def _columns_of(self, fields: Mapping[str, Any], record: Record) -> dict[str, Any]:
        """The columns of a person's row that a ledger fills."""
        name = str(fields.get("name", ""))
        phones = fields.get("phone") or fields.get("household_phone") or [""]
        return {
            "region": fields.get("region"),
            "village": str(fields.get("village", ""))[:60],
            "name": self._sealer.seal(name, NAME) if name else None,
            "name_digest": self._sealer.digest(name) if name else None,
            "phone": self._sealer.seal(phones[0], PHONE) if phones[0] else None,
            "phone_digest": self._sealer.digest(phones[0]) if phones[0] else None,
            "gender": record.identity.gender if fields else "",
            "birth_year": record.identity.born.year if fields else None,
            "employment": self._closed("employment", fields),
            "work_form": self._closed("work_form", fields),
            "skills": skills_of(fields),
            "helper_id": self._helpers.get(str(fields.get("helper", ""))),
        }

    def _closed(self, name: str, fields: Mapping[str, Any]) -> str:
        """A word that is none of ours stays in the ledger alone."""
        value = str(fields.get(name, ""))
        return value if value in self._columns.values_of(name) else ""

    async def _write_groups(self, session: AsyncSession, plans: Sequence[Plan], now: datetime) -> None:
        """The ledger's word stands over what was said; what it takes back goes, if it was its own."""
        new: list[dict[str, Any]] = []
        for plan in plans:
            after = groups_of(plan.more.fields, self._columns)
            before = groups_of(plan.more.old_fields, self._columns)
            mine = {"person_id": plan.person_id, "source": str(Source.LEDGER), "at": now}
            if plan.verdict is Verdict.CHANGED and after != before:
                touched = _GROUPS.c.person_id == plan.person_id
                gone = before - after
                own = _GROUPS.c.source == str(Source.LEDGER)
                if gone:
                    await session.execute(delete(PersonGroup).where(touched, own, _GROUPS.c.name.in_(gone)))
                await session.execute(delete(PersonGroup).where(touched, _GROUPS.c.name.in_(after - before)))
            new += [{**mine, "name": name} for name in sorted(after - before)]
        await insert_new(session, _GROUPS, new)

    async def _write_wishes(self, session: AsyncSession, plans: Sequence[Plan], now: datetime) -> None:
        new: list[dict[str, Any]] = []
        for plan in plans:
            after, before = wishes_of(plan.more.fields), wishes_of(plan.more.old_fields)
            if after == before:
                continue
            if plan.verdict is Verdict.CHANGED:
                own = (_WISHES.c.person_id == plan.person_id, _WISHES.c.source == str(Source.LEDGER))
                await session.execute(delete(Wish).where(*own))
                said = await session.execute(
                    select(_WISHES.c.kind, _WISHES.c.trade).where(_WISHES.c.person_id == plan.person_id)
                )
                after = {key: words for key, words in after.items() if key not in {tuple(row) for row in said}}
            new += [
                {
                    "person_id": plan.person_id,
                    "kind": kind,
                    "trade": trade,
                    "words": words,
                    "region": None,
                    "pay_from": None,
                    "source": str(Source.LEDGER),
                    "at": now,
                }
                for (kind, trade), words in after.items()
            ]
        await insert_new(session, _WISHES, new)


def open_ledger(sealer: Sealer, sealed: bytes | None) -> dict[str, Any]:
    """What the ledger said last of a person: field of T2 -> value, and `region`; empty for who is in none."""
    if sealed is None:
        return {}
    found: dict[str, Any] = json.loads(sealer.open(sealed, LEDGER))
    return found


async def helpers_of(session: AsyncSession, scope: Scope) -> dict[str, int]:
    """Accounts that a ledger may name as 帮扶责任人; a name that two share names nobody."""
    found: dict[str, list[int]] = {}
    rows = await session.execute(select(Staff.id, Staff.display_name, Staff.region).where(Staff.disabled_at.is_(None)))
    for staff_id, name, region in rows:
        if scope.covers(region) or Scope(region).covers(scope.region):
            found.setdefault(name, []).append(staff_id)
    return {name: ids[0] for name, ids in found.items() if len(ids) == 1}
