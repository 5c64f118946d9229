"""Check-ins and tasks in a person's file (一人一档)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.people.console.labels import term
from handlers.people.models import CheckIn, PersonTask
from handlers.people.parts import PartAsked, PartPage, PartRow

CHECK_IN, TASK = "check_in", "task"


async def read_contacts(session: AsyncSession, asked: PartAsked) -> PartPage:
    """Both together, the newest first."""
    both = union_all(
        select(CheckIn.id, CheckIn.asked_at.label("at"), literal(CHECK_IN).label("kind")).where(
            CheckIn.person_id == asked.person_id
        ),
        select(PersonTask.id, PersonTask.created_at.label("at"), literal(TASK).label("kind")).where(
            PersonTask.person_id == asked.person_id
        ),
    ).subquery()
    total = await session.scalar(select(func.count()).select_from(both)) or 0
    page = (
        await session.execute(
            select(both.c.kind, both.c.id)
            .order_by(both.c.at.desc(), both.c.id.desc())
            .offset(asked.offset)
            .limit(asked.limit)
        )
    ).all()
    check_ins = await session.scalars(select(CheckIn).where(CheckIn.id.in_(_ids(page, CHECK_IN))))
    tasks = await session.scalars(select(PersonTask).where(PersonTask.id.in_(_ids(page, TASK))))
    rows = {(CHECK_IN, row.id): _check_in_row(row) for row in check_ins}
    rows |= {(TASK, row.id): _task_row(row) for row in tasks}
    return PartPage([rows[kind, entry] for kind, entry in page], total)


def _ids(page: Sequence[Any], kind: str) -> list[int]:
    return [row.id for row in page if row.kind == kind]


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
