"""Check-ins and tasks in a person's file (一人一档)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.people.console.labels import term
from handlers.people.models import CheckIn, PersonTask
from handlers.people.parts import PartAsked, PartPage, PartRow


async def read_contacts(session: AsyncSession, asked: PartAsked) -> PartPage:
    """Both together, the newest first."""
    most = asked.offset + asked.limit
    check_ins = await session.scalars(
        select(CheckIn).where(CheckIn.person_id == asked.person_id).order_by(CheckIn.id.desc()).limit(most)
    )
    tasks = await session.scalars(
        select(PersonTask).where(PersonTask.person_id == asked.person_id).order_by(PersonTask.id.desc()).limit(most)
    )
    rows = [*map(_check_in_row, check_ins), *map(_task_row, tasks)]
    rows.sort(key=lambda row: row.at, reverse=True)
    counts = await session.execute(
        select(
            select(func.count()).select_from(CheckIn).where(CheckIn.person_id == asked.person_id).scalar_subquery(),
            select(func.count())
            .select_from(PersonTask)
            .where(PersonTask.person_id == asked.person_id)
            .scalar_subquery(),
        )
    )
    return PartPage(rows[asked.offset : most], sum(counts.one()))


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
