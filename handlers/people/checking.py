"""Check-ins as rows and timers: who agreed is asked, an answer is waited for, silence and bad news make a task."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Protocol

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Moment, NotNow, TimerHandler, Timers
from bot.models import Conversation, Timer
from bot.outbox import Outbox, Priority
from bot.quiet import QuietHours
from handlers.people.check_replies import CheckInQuestion, check_in_choices
from handlers.people.following import (
    CheckInState,
    Income,
    Question,
    Schedule,
    TaskReason,
    TaskState,
    WorkHours,
    concern,
    is_silence,
    next_moment,
)
from handlers.people.intents import DIALOGUE
from handlers.people.models import CheckIn, Person, PersonTask
from handlers.people.person import Employment, Purpose
from handlers.people.register import Register
from handlers.people.talk import Memory, Step
from handlers.people.tasks import Tasks

ASK, SILENCE = "people.check_in", "people.silence"
"""Kinds of timers."""
LATER = timedelta(days=1)
"""When somebody of the staff talks there just now."""


class Calendars(Protocol):
    """The working time of every place."""

    def of(self, region: str | None) -> WorkHours: ...


@dataclass(frozen=True)
class Before:
    """How a check-in and its person stood before an answer, so that it can be taken back."""

    employment: str
    income: str
    training: bool | None
    of_person: str
    """The employment state in the person's record."""
    task: int | None
    """The task that the answer made."""


@cache
def load_schedule() -> Schedule:
    return Schedule(**yaml.safe_load((files("handlers.people") / "check_ins.yaml").read_text("utf-8")))


class CheckIns:
    def __init__(
        self,
        register: Register,
        timers: Timers,
        outbox: Outbox,
        tasks: Tasks,
        calendars: Calendars,
        quiet: QuietHours,
    ) -> None:
        self._register = register
        self._timers = timers
        self._outbox = outbox
        self._tasks = tasks
        self._calendars = calendars
        self._quiet = quiet
        self.schedule = load_schedule()

    @property
    def handlers(self) -> dict[str, TimerHandler]:
        return {ASK: self.ask, SILENCE: self.note_silence}

    async def follow_consent(
        self, session: AsyncSession, person_id: int, purpose: Purpose, *, given: bool, now: datetime
    ) -> None:
        """Their yes sets the first moment, their no drops it."""
        if purpose is not Purpose.CHECK_INS:
            return
        if not given:
            await self._timers.drop(session, f"{ASK}.{person_id}")
            return
        person = await session.get(Person, person_id)
        at = self._moment(person, now + timedelta(days=self.schedule.every))
        await self._timers.set_once(session, ASK, key=f"{ASK}.{person_id}", at=at, data={"person": person_id})

    async def move(self, session: AsyncSession, old: int, new: int) -> None:
        """Two records are one person now: the moment that was set goes along."""
        key = f"{ASK}.{old}"
        at = await session.scalar(select(Timer.due_at).where(Timer.key == key))
        if at is not None:
            await self._timers.drop(session, key)
            await self._timers.set_once(session, ASK, key=f"{ASK}.{new}", at=at, data={"person": new})

    async def ask(self, session: AsyncSession, moment: Moment) -> None:
        """The first question, in the chat they used last; in working hours, and never in the quiet ones."""
        person = await session.get(Person, int(moment.data["person"]))
        if person is None or not await self._agreed(session, person.id):
            return
        proper = self._moment(person, moment.now)
        if proper > moment.now:
            await self._timers.set(session, ASK, key=moment.key, at=proper, data=moment.data)
            return
        conversation = await self._chat_of(session, person.id)
        if conversation is None:
            return  # nowhere to ask; a new chat of theirs begins with a new yes
        if conversation.held_by is not None:
            await self._timers.set(session, ASK, key=moment.key, at=moment.now + LATER, data=moment.data)
            return
        row = CheckIn(person_id=person.id, asked_at=moment.now, state=str(CheckInState.ASKED))
        session.add(row)
        await session.flush()
        self._open_talk(conversation, row.id, moment.now)
        question = CheckInQuestion(
            str(Question.EMPLOYMENT), first=True, choices=check_in_choices(Question.EMPLOYMENT, row.id)
        )
        await self._outbox.post(session, conversation.id, [question], priority=Priority.NEWS, purpose=ASK)
        until = moment.now + timedelta(days=self.schedule.answer)
        await self._timers.set(session, SILENCE, key=f"{SILENCE}.{row.id}", at=until, data={"check_in": row.id})

    async def note_silence(self, session: AsyncSession, moment: Moment) -> None:
        """Nobody answered in time: asked again sooner, and after some silences somebody is to look."""
        row = await session.scalar(select(CheckIn).where(CheckIn.id == int(moment.data["check_in"])).with_for_update())
        if row is None or row.state != CheckInState.ASKED:
            return
        row.state = str(CheckInState.SILENT)
        await session.flush()
        person = await session.get(Person, row.person_id)
        assert person is not None
        newest = await session.scalars(
            select(CheckIn.state).where(CheckIn.person_id == person.id).order_by(CheckIn.id.desc()).limit(12)
        )
        wants_task = is_silence(list(newest), self.schedule.silences)
        if wants_task:
            await self._tasks.make(session, person, TaskReason.SILENT, now=moment.now)
        # Who did not answer twice is not written to all the time; the helper goes there.
        await self._set_next(session, person.id, self.schedule.every if wants_task else self.schedule.retry, moment.now)

    async def answer(
        self,
        session: AsyncSession,
        check_in: int,
        *,
        employment: Employment | None = None,
        income: Income | None = None,
        training: bool | None = None,
        in_trouble: bool = False,
        now: datetime,
    ) -> tuple[CheckIn, Before] | None:
        """One or more of the answers; what needs somebody makes a task at once. None for a check-in that is gone."""
        row = await session.scalar(select(CheckIn).where(CheckIn.id == check_in).with_for_update())
        if row is None:
            return None
        person = await session.get(Person, row.person_id)
        assert person is not None
        before = Before(row.employment, row.income, row.training, person.employment, None)
        if row.state != CheckInState.ANSWERED:
            row.state, row.answered_at = str(CheckInState.ANSWERED), now
            await self._timers.drop(session, f"{SILENCE}.{row.id}")
            await self._set_next(session, person.id, self.schedule.every, now)
        row.employment = str(employment or row.employment)
        row.income = str(income or row.income)
        row.training = row.training if training is None else training
        if employment is not None and employment != person.employment:
            person.employment = str(employment)
            person.version += 1
        reason = concern(before=before.of_person, employment=str(employment or ""), income=str(income or ""))
        reason = TaskReason.IN_TROUBLE if in_trouble else reason
        if reason is not None:
            before = replace(before, task=await self._tasks.make(session, person, reason, now=now))
        await session.flush()
        return row, before

    async def take_back(self, session: AsyncSession, check_in: int, before: Before) -> None:
        """The last answer was not meant: all is as it was before, and the task that it made is none."""
        row = await session.scalar(select(CheckIn).where(CheckIn.id == check_in).with_for_update())
        if row is None:
            return
        row.employment, row.income, row.training = before.employment, before.income, before.training
        person = await session.get(Person, row.person_id)
        assert person is not None
        if person.employment != before.of_person:
            person.employment = before.of_person
            person.version += 1
        if before.task is not None:
            await self._tasks.take_back(session, before.task)
        await session.flush()

    async def is_looked_after(self, session: AsyncSession, person_id: int) -> bool:
        """Whether a task of theirs is open."""
        wanted = select(PersonTask.id).where(PersonTask.person_id == person_id, PersonTask.state == str(TaskState.OPEN))
        return await session.scalar(wanted.limit(1)) is not None

    # -- small things -------------------------------------------------------------------------------------

    def _open_talk(self, conversation: Conversation, check_in: int, now: datetime) -> None:
        """Their next words are the answer, also where the chat was long silent."""
        memory = Memory(step=Step.CHECK_IN, check_in={"id": check_in, "question": str(Question.EMPLOYMENT)})
        before = conversation.states.get(DIALOGUE, {})
        conversation.states = {**conversation.states, DIALOGUE: {**_kept(before), **memory.to_state()}}
        conversation.running = [*(name for name in conversation.running if name != DIALOGUE), DIALOGUE]
        conversation.updated_at = now

    async def _set_next(self, session: AsyncSession, person_id: int, days: int, now: datetime) -> None:
        person = await session.get(Person, person_id)
        at = self._moment(person, now + timedelta(days=days))
        await self._timers.set(session, ASK, key=f"{ASK}.{person_id}", at=at, data={"person": person_id})

    def _moment(self, person: Person | None, at: datetime) -> datetime:
        return next_moment(at, self._calendars.of(person.region if person else None), self._quiet.end_after)

    async def _agreed(self, session: AsyncSession, person_id: int) -> bool:
        chats = await self._register.chats_of(session, person_id)
        if not chats:
            return False
        return (await self._register.read_profile(session, chats[0])).may(Purpose.CHECK_INS)

    async def _chat_of(self, session: AsyncSession, person_id: int) -> Conversation | None:
        """The chat they used last that can be reached; its row locked. Raises NotNow while a turn holds it."""
        chats = await self._register.chats_of(session, person_id)
        newest = await session.scalar(
            select(Conversation.id)
            .where(Conversation.id.in_(chats), Conversation.unreachable_at.is_(None))
            .order_by(Conversation.updated_at.desc())
            .limit(1)
        )
        if newest is None:
            return None
        found = await session.scalar(
            select(Conversation).where(Conversation.id == newest).with_for_update(skip_locked=True)
        )
        if found is None:
            raise NotNow
        return found


def _kept(state: dict[str, object]) -> dict[str, object]:
    """Of what the dialogue kept, what outlives a question."""
    return {name: value for name, value in state.items() if name == "asked_at"}
