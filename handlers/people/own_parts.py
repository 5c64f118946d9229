"""What the ledgers and the follow-up show in a person's file: services, training, contributions, contacts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sealing import Sealer
from handlers.people.console.labels import term
from handlers.people.ledger.labels import say_value, word
from handlers.people.ledger.models import Contribution, ServiceRecord
from handlers.people.ledger.service_rules import ServiceKind
from handlers.people.models import CheckIn, PersonTask
from handlers.people.parts import PartAsked, PartPage, PartReader, PartRow


class OwnParts:
    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    @property
    def readers(self) -> dict[str, PartReader]:
        return {
            "services": self.services,
            "training": self.training,
            "insurance": self.insurance,
            "contacts": self.contacts,
        }

    async def services(self, session: AsyncSession, asked: PartAsked) -> PartPage:
        """Briefings, guidance, introductions; the newest first."""
        return await self._services(session, asked, ServiceRecord.kind != str(ServiceKind.TRAINING))

    async def training(self, session: AsyncSession, asked: PartAsked) -> PartPage:
        return await self._services(session, asked, ServiceRecord.kind == str(ServiceKind.TRAINING))

    async def _services(self, session: AsyncSession, asked: PartAsked, kinds: ColumnElement[bool]) -> PartPage:
        wanted = (ServiceRecord.person_id == asked.person_id, kinds)
        rows = await session.scalars(
            select(ServiceRecord)
            .where(*wanted)
            .order_by(ServiceRecord.held_on.desc(), ServiceRecord.id.desc())
            .offset(asked.offset)
            .limit(asked.limit)
        )
        return PartPage(
            [
                PartRow(
                    row.held_on,
                    word("service_kind", row.kind),
                    _joined(self._row(row.row, "service.row"), ("about", "offer", "result")),
                    word("service_how", row.how) if row.how else "",
                )
                for row in rows
            ],
            await _count(session, ServiceRecord, wanted),
        )

    async def insurance(self, session: AsyncSession, asked: PartAsked) -> PartPage:
        """Year by year; amounts in yuan."""
        wanted = (Contribution.person_id == asked.person_id,)
        rows = await session.scalars(
            select(Contribution)
            .where(*wanted)
            .order_by(Contribution.year.desc(), Contribution.id.desc())
            .offset(asked.offset)
            .limit(asked.limit)
        )
        return PartPage(
            [
                PartRow(
                    row.updated_at,
                    f"{row.year} {say_value('insurance', row.insurance)}",
                    _amounts(row),
                    say_value("state", row.state) if row.state else "",
                )
                for row in rows
            ],
            await _count(session, Contribution, wanted),
        )

    async def contacts(self, session: AsyncSession, asked: PartAsked) -> PartPage:
        """Check-ins and tasks together, the newest first."""
        check_ins = (CheckIn.person_id == asked.person_id,)
        tasks = (PersonTask.person_id == asked.person_id,)
        most = asked.offset + asked.limit
        rows = [
            *map(
                _check_in_row,
                await session.scalars(select(CheckIn).where(*check_ins).order_by(CheckIn.id.desc()).limit(most)),
            ),
            *map(
                _task_row,
                await session.scalars(select(PersonTask).where(*tasks).order_by(PersonTask.id.desc()).limit(most)),
            ),
        ]
        rows.sort(key=lambda row: row.at, reverse=True)
        total = await _count(session, CheckIn, check_ins) + await _count(session, PersonTask, tasks)
        return PartPage(rows[asked.offset : most], total)

    def _row(self, sealed: bytes, context: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._sealer.open(sealed, context))
        return found


def _check_in_row(row: CheckIn) -> PartRow:
    told = [
        term("employment", row.employment) if row.employment else "",
        term("income", row.income) if row.income else "",
        "" if row.training is None else term("training", "yes" if row.training else "no"),
    ]
    words = "，".join(one for one in told if one)
    return PartRow(row.asked_at, term("contact", "check_in"), words, term("check_in", row.state))


def _task_row(row: PersonTask) -> PartRow:
    return PartRow(row.created_at, term("reason", row.reason), row.words, term("task", row.state))


def _amounts(row: Contribution) -> str:
    named = (("paid", row.paid), ("due", row.due), ("given", row.given))
    return "，".join(f"{term('amount', name)} {fen / 100:g} 元" for name, fen in named if fen is not None)


def _joined(row: dict[str, Any], names: Sequence[str]) -> str:
    return "，".join(str(row[name]) for name in names if row.get(name))


async def _count(
    session: AsyncSession,
    table: type[ServiceRecord | Contribution | CheckIn | PersonTask],
    wanted: Sequence[ColumnElement[bool]],
) -> int:
    return await session.scalar(select(func.count()).select_from(table).where(*wanted)) or 0
