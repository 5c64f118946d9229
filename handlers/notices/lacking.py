"""Who has been given a service of the year less often than their place owes it, as a condition on `Person`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select

from bot.clock import LOCAL
from bot.staff.models import is_within
from bot.staff.roles import Scope
from handlers.people.ledger.models import ServiceRecord
from handlers.people.ledger.service_rules import ServiceKind, Target, load_targets
from handlers.people.models import Person, PersonGroup


def lacks(service: ServiceKind, *, now: datetime, targets: Sequence[Target] | None = None) -> ColumnElement[bool]:
    """By the nearest target of where they live; a place without one owes nothing."""
    year = now.astimezone(LOCAL).year
    found: list[ColumnElement[bool]] = []
    nearer: list[ColumnElement[bool]] = []
    for target in load_targets() if targets is None else targets:
        if not target.holds(target.region, year):
            continue
        lives = is_within(Scope(target.region), Person.region)
        if least := target.least.get(service, 0):
            member = select(1).where(PersonGroup.person_id == Person.id, PersonGroup.name.in_(sorted(target.groups)))
            given = select(func.count()).select_from(ServiceRecord).where(ServiceRecord.person_id == Person.id)
            count = given.where(ServiceRecord.year == year, ServiceRecord.kind == str(service))
            short = count.correlate(Person).scalar_subquery() < least
            here = and_(lives, *(not_(one) for one in nearer))
            found.append(and_(here, exists(member.correlate(Person)), short))
        nearer.append(lives)
    return or_(false(), *found)
