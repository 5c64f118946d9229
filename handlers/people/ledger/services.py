"""Services that people were given: written down by staff, by other services and from ledgers, each once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.errors import UserFacingError
from bot.sealing import Sealer
from handlers.people.ledger.models import ServiceRecord
from handlers.people.ledger.service_rules import ServiceHow, ServiceKind
from handlers.people.ledger.writing import insert_new
from handlers.people.person import Source

CONTEXT = "service.row"
_RECORDS = ServiceRecord.metadata.tables["service_record"]


class ServiceUnfit(UserFacingError):
    """Cannot be written down so. Data: faults, field -> missing, ahead, long, unknown."""

    code = "service_unfit"


@dataclass(frozen=True)
class Given:
    """A service, as it is to be written down."""

    kind: ServiceKind
    held_on: date
    how: ServiceHow | None = None
    about: str = ""
    """内容."""
    offer: str = ""
    """岗位或班次."""
    result: str = ""
    officer: str = ""
    note: str = ""

    @property
    def row(self) -> dict[str, str]:
        words = {"about": self.about, "offer": self.offer, "result": self.result, "officer": self.officer}
        return {name: value for name, value in {**words, "note": self.note}.items() if value}

    @property
    def key(self) -> str:
        """The same service: what was done on that day, not how it is commented."""
        return "\n".join(
            [self.held_on.isoformat(), str(self.kind), *("".join(w.split()) for w in (self.about, self.offer))]
        )


def keyed_digest(sealer: Sealer, content: bytes) -> str:
    """Of any bytes; `Sealer.digest` alone reads numbers and names in what it is given, so it is given letters."""
    plain = hashlib.sha256(content).hexdigest()
    return sealer.digest(plain.translate(str.maketrans("0123456789", "ghijklmnop")))


class ServiceBook:
    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def digest(self, given: Given) -> str:
        return keyed_digest(self._sealer, given.key.encode())

    async def record(
        self,
        session: AsyncSession,
        person_ids: Collection[int],
        given: Given,
        *,
        source: Source,
        staff_id: int | None = None,
        now: datetime,
    ) -> int:
        """Write a service down for each of these persons, who must exist; who has it already has it once.

        For other services too: checking in at a course, an introduction to a job. -> for how many it is new.
        Raises ServiceUnfit for a day that is still to come.
        """
        if given.held_on > now.astimezone(LOCAL).date():
            raise ServiceUnfit(faults={"held_on": "ahead"})
        digest, wanted = self.digest(given), sorted(set(person_ids))
        found = await session.scalars(
            select(_RECORDS.c.person_id).where(_RECORDS.c.digest == digest, _RECORDS.c.person_id.in_(wanted))
        )
        have = set(found)
        new = [self.row_of(one, given, source, staff_id, now) for one in wanted if one not in have]
        await insert_new(session, _RECORDS, new)
        return len(new)

    def row_of(
        self, person_id: int, given: Given, source: Source, staff_id: int | None, now: datetime
    ) -> dict[str, Any]:
        return {
            "person_id": person_id,
            "year": given.held_on.year,
            "kind": str(given.kind),
            "held_on": given.held_on,
            "how": str(given.how or ""),
            "source": str(source),
            "staff_id": staff_id,
            "digest": self.digest(given),
            "row": self._sealer.seal(json.dumps(given.row, ensure_ascii=False, sort_keys=True), CONTEXT),
            "at": now,
        }

    def open_row(self, sealed: bytes) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._sealer.open(sealed, CONTEXT))
        return found

    async def count_of(self, session: AsyncSession, person_id: int, year: int) -> Mapping[str, int]:
        """`ServiceKind` -> how often in a year."""
        rows = await session.execute(
            select(ServiceRecord.kind, func.count())
            .where(ServiceRecord.person_id == person_id, ServiceRecord.year == year)
            .group_by(ServiceRecord.kind)
        )
        return {row[0]: row[1] for row in rows}
