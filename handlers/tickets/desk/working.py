"""Working on it: words with the person, notes, what is missing, more time, tasks. Part of `Desk`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff import audit
from bot.staff.models import Staff
from handlers.tickets.desk.door import CLAIMABLE, Door, actor_of
from handlers.tickets.desk.refusals import ExtensionRefused, WordsMissing
from handlers.tickets.models import Attachment, Ticket
from handlers.tickets.tasks import TaskKind
from handlers.tickets.ticket import OPEN, Move, MoveRefused, Role, State, check_move
from handlers.tickets.timeline import EntryKind


class Working(Door):
    async def reply(
        self,
        session: AsyncSession,
        staff: Staff,
        number: str,
        text: str,
        *,
        files: Sequence[Attachment] = (),
        now: datetime,
    ) -> Ticket:
        """Words to the person, in the chat they came from, and files of the ticket; it counts as a contact."""
        ticket = await self._at_work(session, staff, number, text, now)
        data = {"files": [one.id for one in files]} if files else {}
        await self._cabinet.write(session, ticket, EntryKind.TOLD, actor=actor_of(staff), now=now, data=data, text=text)
        told = await self._telling.words(session, ticket, text, files=files, staff_name=staff.display_name, now=now)
        if told:
            ticket.contacted_at = ticket.contacted_at or now
        await self._holding.wrote(session, ticket, staff.id, now=now)
        await self._cabinet.settle(session, ticket)
        return ticket

    async def hold_chat(self, session: AsyncSession, staff: Staff, number: str, *, now: datetime) -> Ticket:
        """接待: the one who works it talks with the person now, and the bot keeps quiet."""
        ticket = await self.access_ticket(session, staff, number)
        self._check_working(staff, ticket, "hold")
        if ticket.handler_id != staff.id or State(ticket.state) not in OPEN:
            raise MoveRefused(move="hold", state=ticket.state, role=str(staff.role))
        await self._holding.take(session, ticket, actor_of(staff), now=now)
        await audit.append(
            session,
            audit.AuditAction.CHAT_HELD,
            actor=audit.Actor(audit.ActorKind.STAFF, staff.id),
            subject=audit.Subject("ticket", number),
            at=now,
        )
        return ticket

    async def release_chat(self, session: AsyncSession, staff: Staff, number: str, *, now: datetime) -> Ticket:
        """The bot answers there again."""
        ticket = await self.access_ticket(session, staff, number)
        self._check_working(staff, ticket, "release")
        await self._holding.give_back(session, ticket, actor_of(staff), now=now)
        return ticket

    async def record_contact(
        self, session: AsyncSession, staff: Staff, number: str, text: str, *, how: str, now: datetime
    ) -> Ticket:
        """联系记录: spoke with them by phone, at the window, at home."""
        ticket = await self._at_work(session, staff, number, text, now)
        ticket.contacted_at = ticket.contacted_at or now
        await self._cabinet.write(
            session, ticket, EntryKind.CONTACT, actor=actor_of(staff), now=now, data={"how": how}, text=text
        )
        await self._tasks.settle(session, ticket, TaskKind.CALL, actor=actor_of(staff), now=now)
        await self._cabinet.settle(session, ticket)
        return ticket

    async def note(self, session: AsyncSession, staff: Staff, number: str, text: str, *, now: datetime) -> Ticket:
        """内部备注: the person never sees it."""
        if not text.strip():
            raise WordsMissing(number=number)
        ticket = await self.access_ticket(session, staff, number)
        await self._cabinet.write(session, ticket, EntryKind.NOTE, actor=actor_of(staff), now=now, text=text)
        await session.flush()
        return ticket

    async def _at_work(self, session: AsyncSession, staff: Staff, number: str, text: str, now: datetime) -> Ticket:
        """Whoever speaks with the person has the ticket, and works on it."""
        if not text.strip():
            raise WordsMissing(number=number)
        ticket = await self.access_ticket(session, staff, number)
        self._check_working(staff, ticket, "reply")
        if ticket.handler_id is None and State(ticket.state) in CLAIMABLE:
            await self._cabinet.assign(session, ticket, staff.id, actor=actor_of(staff), now=now)
        if ticket.state == str(State.WAITING):
            await self._accept(session, ticket, actor_of(staff), now)
        if State(ticket.state) in CLAIMABLE:
            ticket.accepted_at = ticket.accepted_at or now
        if ticket.state == str(State.ACCEPTED):
            await self._cabinet.move(session, ticket, Move.START, actor=actor_of(staff), now=now)
        return ticket

    async def ask_supplement(
        self, session: AsyncSession, staff: Staff, number: str, text: str, *, now: datetime
    ) -> Ticket:
        """待补充: says what is missing; the clock rests until the person answers."""
        ticket = await self.access_ticket(session, staff, number)
        await self._cabinet.move(session, ticket, Move.ASK_SUPPLEMENT, actor=actor_of(staff), now=now, reason=text)
        self._cabinet.clockwork.pause(ticket, now)
        await self._cabinet.settle(session, ticket)
        if await self._telling.person(session, ticket, "supplement", now=now, text=text):
            ticket.contacted_at = ticket.contacted_at or now
        else:
            await self._tasks.open(session, ticket, TaskKind.CALL, now=now)
        return ticket

    async def supplemented(self, session: AsyncSession, staff: Staff, number: str, *, now: datetime) -> Ticket:
        """What was missing came another way."""
        ticket = await self.access_ticket(session, staff, number)
        await self._cabinet.move(session, ticket, Move.SUPPLEMENTED, actor=actor_of(staff), now=now)
        self._cabinet.clockwork.resume(ticket, now)
        await self._cabinet.settle(session, ticket)
        return ticket

    async def ask_extension(
        self, session: AsyncSession, staff: Staff, number: str, days: int, *, reason: str, now: datetime
    ) -> Ticket:
        """延期: once, before the deadline, at most as long as the first time; the clock goes on meanwhile."""
        ticket = await self.access_ticket(session, staff, number)
        check_move(Move.ASK_EXTENSION, State(ticket.state), Role(staff.role), reason=reason)
        if ticket.extended:
            raise ExtensionRefused(number=number, why="once")
        if ticket.answer_due is None or now >= ticket.answer_due:
            raise ExtensionRefused(number=number, why="late")
        minutes = self._cabinet.clockwork.extension_minutes(ticket, days)
        if not 0 < minutes <= self._cabinet.clockwork.most_extension(ticket):
            raise ExtensionRefused(number=number, why="long")
        await self._cabinet.move(
            session, ticket, Move.ASK_EXTENSION, actor=actor_of(staff), now=now, reason=reason, data={"days": days}
        )
        ticket.extension_minutes = minutes
        await self._cabinet.settle(session, ticket)
        await self._telling.leaders(session, ticket, "extension", now=now)
        return ticket

    async def decide_extension(
        self, session: AsyncSession, staff: Staff, number: str, *, granted: bool, reason: str = "", now: datetime
    ) -> Ticket:
        """批准 or not; granted, the deadline moves and the person is told why."""
        ticket = await self.access_ticket(session, staff, number)
        move = Move.GRANT_EXTENSION if granted else Move.DENY_EXTENSION
        await self._cabinet.move(session, ticket, move, actor=actor_of(staff), now=now, reason=reason)
        minutes, ticket.extension_minutes = ticket.extension_minutes, None
        if granted and minutes:
            self._cabinet.clockwork.extend(ticket, minutes)
            await self._telling.person(session, ticket, "extended", now=now, text=reason)
        await self._cabinet.settle(session, ticket)
        await self._telling.handler_of(session, ticket, "extension_decided", now=now)
        return ticket

    async def finish_task(
        self, session: AsyncSession, staff: Staff, number: str, kind: TaskKind, text: str, *, now: datetime
    ) -> Ticket:
        """What came of a task: why the person was not content, what the head decided. Raises NoSuchTask."""
        if not text.strip():
            raise WordsMissing(number=number)
        ticket = await self.access_ticket(session, staff, number)
        self._check_working(staff, ticket, "task")
        if kind is TaskKind.CALL:
            return await self.record_contact(session, staff, number, text, how="call", now=now)
        await self._tasks.done(session, ticket, kind, text, actor=actor_of(staff), now=now)
        return ticket
