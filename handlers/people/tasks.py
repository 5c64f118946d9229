"""Tasks: somebody should look after a person. Made by check-ins, worked by the helper of the village."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.staff import audit
from bot.staff.models import Staff
from bot.staff.roles import EVERYWHERE, Role, Scope
from handlers.people.finding import within
from handlers.people.following import TaskReason, TaskState
from handlers.people.models import Person, PersonTask
from handlers.people.person import Employment

LONGEST = 1000
"""Characters of what a helper writes."""


class NoSuchTask(UserFacingError):
    """Not there, done already, or not theirs. Data: id."""

    code = "no_such_person_task"


class TaskWordsMissing(UserFacingError):
    """A task is done with a word on what was found. Data: id."""

    code = "task_words_missing"


@dataclass(frozen=True)
class Village:
    region: str | None
    village: str
    open: int


class Tasks:
    async def make(self, session: AsyncSession, person: Person, reason: TaskReason, *, now: datetime) -> int | None:
        """One open task for each reason; it is the helper's where the person has one. -> its id, if it is new"""
        found = await session.scalar(
            select(PersonTask.id).where(
                PersonTask.person_id == person.id,
                PersonTask.reason == str(reason),
                PersonTask.state == str(TaskState.OPEN),
            )
        )
        if found is not None:
            return None
        task = PersonTask(
            person_id=person.id,
            reason=str(reason),
            state=str(TaskState.OPEN),
            region=person.region,
            village=person.village,
            helper_id=person.helper_id,
            created_at=now,
        )
        session.add(task)
        await session.flush()
        return task.id

    async def take_back(self, session: AsyncSession, task_id: int) -> None:
        """What made it was not meant; where the helper was there already, it stays."""
        await session.execute(
            delete(PersonTask).where(PersonTask.id == task_id, PersonTask.state == str(TaskState.OPEN))
        )

    async def finish(
        self,
        session: AsyncSession,
        staff: Staff,
        task_id: int,
        *,
        words: str,
        employment: Employment | None,
        now: datetime,
    ) -> None:
        """What the helper found. Raises NoSuchTask, TaskWordsMissing."""
        task = await session.scalar(select(PersonTask).where(PersonTask.id == task_id).with_for_update())
        if task is None or task.state != TaskState.OPEN or not _is_theirs(staff, task):
            raise NoSuchTask(id=task_id)
        if not words.strip():
            raise TaskWordsMissing(id=task_id)
        task.state, task.words = str(TaskState.DONE), words.strip()[:LONGEST]
        task.done_at, task.done_by = now, staff.id
        if employment is not None:
            person = await session.get(Person, task.person_id)
            assert person is not None
            person.employment = str(employment)
            person.version += 1
        await session.flush()
        await audit.append(
            session,
            audit.AuditAction.TASK_DONE,
            actor=audit.Actor(audit.ActorKind.STAFF, staff.id),
            subject=audit.Subject("person", str(task.person_id)),
            at=now,
            data={"reason": task.reason},
        )

    async def list_open(
        self, session: AsyncSession, staff: Staff, *, village: tuple[str, str] | None, offset: int, limit: int
    ) -> Sequence[tuple[PersonTask, Person]]:
        """The oldest first. `village`: township and name; those of one alone."""
        wanted = _open_of(staff, village)
        rows = await session.execute(
            select(PersonTask, Person)
            .join(Person, Person.id == PersonTask.person_id)
            .where(*wanted)
            .order_by(PersonTask.id)
            .offset(offset)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in rows]

    async def count_open(self, session: AsyncSession, staff: Staff, *, village: tuple[str, str] | None = None) -> int:
        wanted = _open_of(staff, village)
        return await session.scalar(select(func.count()).select_from(PersonTask).where(*wanted)) or 0

    async def by_village(self, session: AsyncSession, staff: Staff) -> list[Village]:
        """How many are open in each village, the most first."""
        count = func.count()
        rows = await session.execute(
            select(PersonTask.region, PersonTask.village, count)
            .where(_theirs(staff), PersonTask.state == str(TaskState.OPEN))
            .group_by(PersonTask.region, PersonTask.village)
            .order_by(count.desc(), PersonTask.region, PersonTask.village)
        )
        return [Village(*row) for row in rows]


def _open_of(staff: Staff, village: tuple[str, str] | None) -> list[ColumnElement[bool]]:
    wanted = [_theirs(staff), PersonTask.state == str(TaskState.OPEN)]
    if village is not None:
        wanted += [PersonTask.region == village[0], PersonTask.village == village[1]]
    return wanted


def _theirs(staff: Staff) -> ColumnElement[bool]:
    """A helper has their own and those of their place that nobody has; others all of their region."""
    here = within(PersonTask.region, staff.region)
    if staff.role != Role.HELPER:
        return here
    return or_(PersonTask.helper_id == staff.id, PersonTask.helper_id.is_(None) & here)


def _is_theirs(staff: Staff, task: PersonTask) -> bool:
    here = staff.region == EVERYWHERE or Scope(staff.region).covers(task.region)
    if staff.role != Role.HELPER:
        return here
    return task.helper_id == staff.id or (task.helper_id is None and here)
