"""What the ledgers show in a person's file: services and trainings given, contributions and subsidies."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sealing import Sealer
from handlers.people.ledger.contributions import open_contribution
from handlers.people.ledger.labels import say_value, word
from handlers.people.ledger.models import Contribution, ServiceRecord
from handlers.people.ledger.privacy import Masked
from handlers.people.ledger.service_rules import ServiceKind
from handlers.people.ledger.services import ServiceBook
from handlers.people.parts import PartAsked, PartPage, PartReader, PartRow

TRAINING = (ServiceKind.TRAINING,)
OTHERS = tuple(kind for kind in ServiceKind if kind is not ServiceKind.TRAINING)


def read_services(book: ServiceBook, masked: Masked, kinds: Collection[ServiceKind]) -> PartReader:
    """Those of some kinds: 技能培训 has a place of its own in 一人一档."""
    names = [str(kind) for kind in kinds]

    async def read(session: AsyncSession, asked: PartAsked) -> PartPage:
        mine = (ServiceRecord.person_id == asked.person_id, ServiceRecord.kind.in_(names))
        total = await session.scalar(select(func.count()).select_from(ServiceRecord).where(*mine)) or 0
        found = await session.scalars(
            select(ServiceRecord)
            .where(*mine)
            .order_by(ServiceRecord.held_on.desc(), ServiceRecord.id.desc())
            .offset(asked.offset)
            .limit(asked.limit)
        )
        return PartPage([_service(book, masked, one) for one in found], total)

    return read


def _service(book: ServiceBook, masked: Masked, one: ServiceRecord) -> PartRow:
    row = book.open_row(one.row)
    said = [row.get(name, "") for name in ("about", "offer", "result")]
    how = word("service_how", one.how) if one.how else ""
    return PartRow(
        one.held_on, word("service_kind", one.kind), masked.words("；".join(part for part in said if part)), state=how
    )


def read_contributions(sealer: Sealer) -> PartReader:
    async def read(session: AsyncSession, asked: PartAsked) -> PartPage:
        mine = Contribution.person_id == asked.person_id
        total = await session.scalar(select(func.count()).select_from(Contribution).where(mine)) or 0
        found = await session.scalars(
            select(Contribution)
            .where(mine)
            .order_by(Contribution.year.desc(), Contribution.id.desc())
            .offset(asked.offset)
            .limit(asked.limit)
        )
        return PartPage([_contribution(sealer, one) for one in found], total)

    return read


def _contribution(sealer: Sealer, one: Contribution) -> PartRow:
    said = [
        word("amount", name).format(yuan=say_yuan(fen))
        for name, fen in (("paid", one.paid), ("due", one.due), ("given", one.given))
        if fen is not None
    ]
    batch = open_contribution(sealer, one.row).get("batch")
    title = word("amount", "title").format(year=one.year, insurance=say_value("insurance", one.insurance))
    state = say_value("state", one.state) if one.state else ""
    return PartRow(date(one.year, 12, 31), title, "，".join([*said, *([str(batch)] if batch else [])]), state=state)


def say_yuan(fen: int) -> str:
    """120050 -> 1200.5."""
    return f"{fen / 100:.2f}".rstrip("0").rstrip(".")
