"""Who was not given in a year what their place owes them: counted by the database, by village and by person."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, not_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from bot.staff.roles import EVERYWHERE, Scope
from handlers.people.ledger.models import ServiceRecord
from handlers.people.ledger.service_rules import ServiceKind, Target, load_targets
from handlers.people.models import Person, PersonGroup

BATCH = 500
MOST_VILLAGES = 300
_PERSONS = Person.metadata.tables["person"]
_GROUPS = PersonGroup.metadata.tables["person_group"]
_RECORDS = ServiceRecord.metadata.tables["service_record"]


class Standing(StrEnum):
    LACKING = "lacking"
    DONE = "done"
    ALL = "all"


@dataclass(frozen=True)
class Sought:
    """Whose services, of those that are owed any."""

    scope: Scope
    year: int
    region: str = ""
    """Only of this place within the scope."""
    village: str = ""
    kind: ServiceKind | None = None
    """Only those who lack this."""
    standing: Standing = Standing.LACKING


@dataclass(frozen=True)
class Served:
    """One person and what they were given in the year."""

    id: int
    name: bytes | None
    phone: bytes | None
    region: str | None
    village: str
    given: Mapping[str, int]


@dataclass(frozen=True)
class VillageCount:
    region: str | None
    village: str
    persons: int
    lacking: int


class Lacking:
    def __init__(self, targets: Sequence[Target] | None = None) -> None:
        self._targets = load_targets() if targets is None else targets

    def target_of(self, region: str | None, year: int) -> Target | None:
        return next((target for target in self._targets if target.holds(region, year)), None)

    def targets_in(self, scope: Scope, year: int) -> list[Target]:
        """Those that hold for some place within a scope."""
        return [
            target
            for target in self._targets
            if target.holds(target.region, year)
            and (scope.covers(target.region) or Scope(target.region).covers(scope.region))
        ]

    async def count(self, session: AsyncSession, sought: Sought) -> tuple[int, int]:
        """Persons who are owed services, and those of them who lack any, whatever is asked of their standing."""
        given = _given(sought.year)
        lack = self._lacks(given, sought.year)
        asked = select(func.count(), func.coalesce(func.sum(case((lack, 1), else_=0)), 0))
        row = (await session.execute(self._from(asked, given, sought))).one()
        return int(row[0]), int(row[1])

    async def villages(self, session: AsyncSession, sought: Sought) -> list[VillageCount]:
        """Those with most who lack something first."""
        given = _given(sought.year)
        lacking = func.sum(case((self._lacks(given, sought.year), 1), else_=0)).label("lacking")
        asked = select(_PERSONS.c.region, _PERSONS.c.village, func.count(), lacking)
        asked = self._from(asked, given, sought).group_by(_PERSONS.c.region, _PERSONS.c.village)
        rows = await session.execute(
            asked.order_by(lacking.desc(), _PERSONS.c.region, _PERSONS.c.village).limit(MOST_VILLAGES)
        )
        return [VillageCount(region, village, count, int(lack)) for region, village, count, lack in rows]

    async def matching(self, session: AsyncSession, sought: Sought) -> int:
        """How many `page` has in all."""
        given = _given(sought.year)
        asked = self._from(select(func.count()), given, sought).where(self._stands(given, sought))
        return await session.scalar(asked) or 0

    async def page(self, session: AsyncSession, sought: Sought, *, limit: int, offset: int) -> list[Served]:
        """By place and village."""
        given = _given(sought.year)
        asked = self._from(_columns(given), given, sought).where(self._stands(given, sought))
        order = (_PERSONS.c.region, _PERSONS.c.village, _PERSONS.c.id)
        rows = await session.execute(asked.order_by(*order).limit(limit).offset(offset))
        return [_served(row) for row in rows]

    async def every(self, session: AsyncSession, sought: Sought) -> AsyncIterator[list[Served]]:
        """All of them, in batches; for sheets."""
        given, last = _given(sought.year), 0
        asked = self._from(_columns(given), given, sought).where(self._stands(given, sought))
        while True:
            rows = await session.execute(asked.where(_PERSONS.c.id > last).order_by(_PERSONS.c.id).limit(BATCH))
            batch = [_served(row) for row in rows]
            if not batch:
                return
            yield batch
            last = batch[-1].id

    # -- conditions ---------------------------------------------------------------------------------------

    def _from(self, asked: Select[Any], given: Subquery, sought: Sought) -> Select[Any]:
        joined = asked.select_from(_PERSONS.outerjoin(given, given.c.person_id == _PERSONS.c.id))
        joined = joined.where(within(sought.scope), self._owed(sought.year))
        if sought.region:
            joined = joined.where(within(Scope(sought.region)))
        if sought.village:
            joined = joined.where(_PERSONS.c.village == sought.village)
        return joined

    def _each(self, year: int) -> list[tuple[Target, ColumnElement[bool]]]:
        """Each target with the condition that it is the one that holds for a person."""
        found: list[tuple[Target, ColumnElement[bool]]] = []
        nearer: list[ColumnElement[bool]] = []
        for target in self._targets:
            if not target.holds(target.region, year):
                continue
            here = within(Scope(target.region))
            member = exists().where(_GROUPS.c.person_id == _PERSONS.c.id, _GROUPS.c.name.in_(sorted(target.groups)))
            found.append((target, and_(here, not_(or_(*nearer)) if nearer else true(), member)))
            nearer.append(here)
        return found

    def _owed(self, year: int) -> ColumnElement[bool]:
        return or_(false(), *(owed for _, owed in self._each(year)))

    def _lacks(self, given: Subquery, year: int, kinds: Collection[ServiceKind] = tuple(ServiceKind)) -> Any:
        parts = [
            and_(
                owed,
                or_(false(), *(_count(given, kind) < least for kind, least in target.least.items() if kind in kinds)),
            )
            for target, owed in self._each(year)
        ]
        return or_(false(), *parts)

    def _stands(self, given: Subquery, sought: Sought) -> ColumnElement[bool]:
        lacks: ColumnElement[bool] = self._lacks(given, sought.year)
        if sought.kind is not None:
            lacks = self._lacks(given, sought.year, (sought.kind,))
        match sought.standing:
            case Standing.LACKING:
                return lacks
            case Standing.DONE:
                return not_(lacks)
        return true()


def within(scope: Scope) -> ColumnElement[bool]:
    """Persons whose place lies in a scope; who has no place lies only in the widest."""
    if scope.region == EVERYWHERE:
        return true()
    prefix = scope.prefix
    if prefix is None:
        return _PERSONS.c.region == scope.region
    # A range, not LIKE: every database uses its index for it.
    return and_(_PERSONS.c.region >= prefix, _PERSONS.c.region < _after(prefix))


def _after(prefix: str) -> str:
    """The first text that does not begin with it."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _given(year: int) -> Subquery:
    sums = [func.sum(case((_RECORDS.c.kind == str(kind), 1), else_=0)).label(str(kind)) for kind in ServiceKind]
    return select(_RECORDS.c.person_id, *sums).where(_RECORDS.c.year == year).group_by(_RECORDS.c.person_id).subquery()


def _count(given: Subquery, kind: ServiceKind) -> ColumnElement[int]:
    return func.coalesce(given.c[str(kind)], 0)


def _columns(given: Subquery) -> Select[Any]:
    person = (_PERSONS.c[name] for name in ("id", "name", "phone", "region", "village"))
    return select(*person, *(_count(given, kind) for kind in ServiceKind))


def _served(row: Any) -> Served:
    counts = dict(zip(map(str, ServiceKind), map(int, row[5:]), strict=True))
    return Served(row[0], row[1], row[2], row[3], row[4], counts)
