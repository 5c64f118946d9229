"""Who was at a fair or a course has had a service of the year: written down when they check in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.offers.counter import Came
from handlers.offers.offer import Kind
from handlers.people.ledger.service_rules import ServiceHow, ServiceKind
from handlers.people.ledger.services import Given, ServiceBook
from handlers.people.person import Source

SERVICES: Mapping[Kind, ServiceKind] = {
    Kind.FAIR: ServiceKind.INTRODUCTION,
    Kind.VACANCY: ServiceKind.INTRODUCTION,
    Kind.COURSE: ServiceKind.TRAINING,
}


class Recording:
    def __init__(self, services: ServiceBook) -> None:
        self._services = services

    async def came(self, session: AsyncSession, came: Came, now: datetime) -> None:
        given = Given(SERVICES[came.kind], came.on, ServiceHow.ONSITE, offer=f"{came.title} {came.code}")
        await self._services.record(session, [came.person_id], given, source=Source.STAFF, now=now)
