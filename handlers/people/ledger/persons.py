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
from handlers.people.ledger.grouping import groups_of
from handlers.people.ledger.others import is_another
from handlers.people.ledger.placing import Placed, Placing
from handlers.people.ledger.plans import Plan, Verdict
from handlers.people.ledger.rows import Record, jsonable
from handlers.people.ledger.villages import full_name, village_name
from handlers.people.ledger.wishing import skills_of, wishes_of
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
    _PERSONS.c.name,
    _PERSONS.c.phone,
    _PERSONS.c.village,
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

    def __init__(
        self,
        sealer: Sealer,
        columns: Columns,
        placing: Placing,
        scope: Scope,
        helpers: Mapping[str, int],
        villages: Mapping[str, set[str]],
    ):
        self._sealer = sealer
        self._columns = columns
        self._placing = placing
        self._scope = scope
        self._helpers = helpers
        """Accounts by their display name."""
        self._villages = {region: set(names) for region, names in villages.items()}
        """What villages of a division are called, in the register and so far in the file."""

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
        if placed.fault in ("outside_region", "place_contradicts"):
            return Plan(record, Verdict.REFUSED, [(placed.field, placed.fault)])
        faults = [(placed.field, placed.fault)] if placed.fault else []
        before = open_ledger(self._sealer, old["ledger"]) if old is not None else {}
        said: dict[str, Any] = {**jsonable(record.fields), "region": placed.region}
        said |= {"gender": record.identity.gender, "birth": record.identity.born.isoformat()}
        if placed.village:
            said["village"] = village_name(placed.village)[:60]
        said["region"] = _region(placed, before)
        if said.get("village"):
            said["village"] = self._village(said["village"], before, said["region"])
        fields = {**before, **{name: value for name, value in said.items() if value is not None}}
        if old is None:
            return Plan(record, Verdict.ADDED, faults, placed.region, None, Draft(digest, fields, {}, None))
        if old["region"] is not None and not self._scope.covers(old["region"]):
            return Plan(record, Verdict.REFUSED, [("id_number", "person_elsewhere")])
        if _left_village(said, before):
            # 中原村 of another township is another village.
            faults.append(("town" if record.fields.get("town") else "address", "village_dropped"))
            fields = {name: value for name, value in fields.items() if name not in ("village", "hamlet")}
        name = str(fields.get("name", ""))
        if old["name_digest"] is not None and name and self._sealer.digest(name) != old["name_digest"]:
            if name != before.get("name") and is_another(said, self._present(old, before)):
                return Plan(record, Verdict.REFUSED, [("id_number", "person_differs")])
            faults.append(("name", "name_changes"))
        verdict = Verdict.SAME if fields == before else Verdict.CHANGED
        region = fields.get("region") or old["region"]
        return Plan(record, verdict, faults, region, old["id"], Draft(digest, fields, before, old))

    def _present(self, old: RowMapping, before: Mapping[str, Any]) -> dict[str, Any]:
        """What the register has of a person, by the ledger or by staff."""
        phones = [self._sealer.open(old["phone"], PHONE)] if old["phone"] is not None else []
        row = {"name": self._sealer.open(old["name"], NAME), "village": old["village"], "region": old["region"]}
        return {**before, **row, "phone": [*phones, *before.get("phone", ())]}

    def _village(self, said: str, before: Mapping[str, Any], region: str | None) -> str:
        """中原 -> 中原村, where it is certain."""
        known = self._villages.setdefault(region or "", set())
        name = full_name(said, str(before.get("village", "")), known, self._columns.village_ends)
        known.add(name)
        return name

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
            "skills": skills_of(fields, self._columns),
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
            if plan.verdict is Verdict.CHANGED:
                touched = _GROUPS.c.person_id == plan.person_id
                own = _GROUPS.c.source == str(Source.LEDGER)
                # Also what an earlier reading made of the same words.
                await session.execute(delete(PersonGroup).where(touched, own, _GROUPS.c.name.not_in(after)))
                if after - before:
                    await session.execute(delete(PersonGroup).where(touched, _GROUPS.c.name.in_(after - before)))
            new += [{**mine, "name": name} for name in sorted(after - before)]
        await insert_new(session, _GROUPS, new)

    async def _write_wishes(self, session: AsyncSession, plans: Sequence[Plan], now: datetime) -> None:
        new: list[dict[str, Any]] = []
        for plan in plans:
            after = wishes_of(plan.more.fields, self._columns)
            before = wishes_of(plan.more.old_fields, self._columns)
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


def _region(placed: Placed, before: Mapping[str, Any]) -> str | None:
    """A ledger that names no township, or the county alone, leaves a person in the township that is known."""
    old = before.get("region")
    if old and (not placed.stated or (placed.region and Scope(placed.region).covers(old))):
        return str(old)
    return placed.region


def _left_village(said: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether the person has come to another township, and the ledger names no village there."""
    new, old = said.get("region"), before.get("region")
    if said.get("village") or not before.get("village") or not new or not old:
        return False
    return not Scope(old).covers(new) and not Scope(new).covers(old)


async def villages_of(session: AsyncSession, scope: Scope) -> dict[str, set[str]]:
    """Names of the villages that the register has in a place, by division."""
    wanted = select(_PERSONS.c.region, _PERSONS.c.village).where(_PERSONS.c.village != "").distinct()
    if scope.prefix is None or scope.prefix:
        wanted = wanted.where(_PERSONS.c.region.startswith(scope.prefix or scope.region, autoescape=True))
    found: dict[str, set[str]] = {}
    for region, village in await session.execute(wanted):
        found.setdefault(region or "", set()).add(village)
    return found


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
