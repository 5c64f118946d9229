"""What staff do with a ticket, one method a thing they do at the counter. Telegram and the console both call these.

Every method is given the staff member and checks three things in this order: may they see it (`access_ticket`),
does the table hold the move (`Cabinet.move`), and what a table cannot say (a contact record before an answer, …).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.sealing import Sealer
from bot.staff import audit
from bot.staff.accounts import NoSuchAccount
from bot.staff.models import Staff
from bot.staff.roles import Permission, may
from handlers.tickets.cabinet import Cabinet, NoSuchTicket, Person, locked
from handlers.tickets.filing import ACCESS_FOR, digest_of_code, make_code
from handlers.tickets.models import Access, Complainant, Ticket
from handlers.tickets.queues import Queues
from handlers.tickets.reopening import Reopening
from handlers.tickets.tasks import TaskKind, Tasks
from handlers.tickets.telling import Telling
from handlers.tickets.ticket import (
    LEADERS,
    OPEN,
    Category,
    Closing,
    Move,
    MoveRefused,
    Priority,
    Role,
    State,
    Supervision,
    allowed_moves,
    check_move,
)
from handlers.tickets.timeline import Actor, EntryKind

CLAIMABLE = OPEN - {State.RETURNED}
"""Where somebody may take it; of what was returned a leader decides first."""


class AlreadyTaken(UserFacingError):
    """Somebody was first. Data: by, at."""

    code = "already_taken"


class AssigneeUnfit(UserFacingError):
    """Cannot be given work. Data: name, why (gone, away, elsewhere)."""

    code = "assignee_unfit"


class ContactMissing(UserFacingError):
    """A ticket is closed only after the person was heard."""

    code = "contact_missing"


class WordsMissing(UserFacingError):
    code = "words_missing"


class ReturnRefused(UserFacingError):
    """退单: once, within one working day."""

    code = "return_refused"


class ExtensionRefused(UserFacingError):
    """Once, before the deadline, and at most as long as the first time. Data: why."""

    code = "extension_refused"


class UnsealRefused(UserFacingError):
    code = "unseal_refused"


class Desk:
    def __init__(
        self,
        cabinet: Cabinet,
        queues: Queues,
        telling: Telling,
        tasks: Tasks,
        reopening: Reopening,
        sealer: Sealer,
    ) -> None:
        self._reopening = reopening
        self._cabinet = cabinet
        self._queues = queues
        self._telling = telling
        self._tasks = tasks
        self._sealer = sealer

    # -- the door -----------------------------------------------------------------------------------------

    async def access_ticket(self, session: AsyncSession, staff: Staff, number: str) -> Ticket:
        """A staff member's only door to a ticket, locked. Raises NoSuchTicket for what is not theirs, too."""
        ticket = await self._cabinet.find(session, number)
        if not await self.may_see(session, staff, ticket):
            raise NoSuchTicket(number=number)
        return ticket

    async def may_see(self, session: AsyncSession, staff: Staff, ticket: Ticket) -> bool:
        """In their region, or in a queue of theirs, in their hands, or written down by them."""
        if staff.id in (ticket.handler_id, ticket.filed_by):
            return True
        if ticket.queue_id is not None and await self._queues.has(session, ticket.queue_id, staff.id):
            return True
        leads = Role(staff.role) in {Role.SUPERVISOR, Role.HEAD, Role.AUDITOR}
        return leads and (ticket.region is None or staff.scope.covers(ticket.region))

    def allowed(self, staff: Staff, ticket: Ticket) -> tuple[Move, ...]:
        """What they may do now, as the table has it."""
        moves = allowed_moves(State(ticket.state), {Role(staff.role)})
        leads = Role(staff.role) in LEADERS
        barred = {Move.ANSWER: not _may_answer(staff, ticket), Move.REOPEN: not leads}
        return tuple(move for move in moves if not barred.get(move))

    def may_claim(self, staff: Staff, ticket: Ticket) -> bool:
        """Nobody has it, or it was given to them and they have not taken it yet."""
        free = ticket.handler_id is None or (ticket.handler_id == staff.id and ticket.accepted_at is None)
        return free and State(ticket.state) in CLAIMABLE and may(staff.as_role, Permission.WORK_TICKETS)

    def _check_working(self, staff: Staff, ticket: Ticket, what: str) -> None:
        """For what is no move of the table: only those who work tickets. Raises MoveRefused."""
        if not may(staff.as_role, Permission.WORK_TICKETS):
            raise MoveRefused(move=what, state=ticket.state, role=str(staff.role))

    # -- taking and giving --------------------------------------------------------------------------------

    async def claim(self, session: AsyncSession, staff: Staff, number: str, *, now: datetime) -> Ticket:
        """认领: the first one has it, and it counts as accepted."""
        ticket = await self.access_ticket(session, staff, number)
        actor = actor_of(staff)
        self._check_working(staff, ticket, "claim")
        if State(ticket.state) not in CLAIMABLE:
            raise MoveRefused(move="claim", state=ticket.state, role=str(staff.role))
        if ticket.handler_id is not None and ticket.handler_id != staff.id:
            since = await self._telling.name_of_staff(session, ticket.handler_id)
            raise AlreadyTaken(number=number, by=since, at=ticket.state_since.isoformat())
        await self._cabinet.assign(session, ticket, staff.id, actor=actor, now=now)
        if ticket.state == str(State.WAITING):
            await self._accept(session, ticket, actor, now)
        ticket.accepted_at = ticket.accepted_at or now
        await self._cabinet.settle(session, ticket)
        return ticket

    async def _accept(self, session: AsyncSession, ticket: Ticket, actor: Actor, now: datetime) -> None:
        await self._cabinet.move(session, ticket, Move.ACCEPT, actor=actor, now=now)
        ticket.accepted_at = now
        await self._telling.person(session, ticket, "accepted", now=now)

    async def assign(
        self, session: AsyncSession, staff: Staff, number: str, to: int | None, *, now: datetime
    ) -> Ticket:
        """派单 to somebody of the queue; None: whoever has least in hand. Leaders only."""
        ticket = await self.access_ticket(session, staff, number)
        if Role(staff.role) not in LEADERS or State(ticket.state) not in CLAIMABLE:
            raise MoveRefused(move="assign", state=ticket.state, role=str(staff.role))
        if to is not None:
            await self._check_able(session, to, ticket)
        elif ticket.queue_id is not None:
            to = await self._queues.next_in_turn(session, ticket.queue_id)
        await self._cabinet.assign(session, ticket, to, actor=actor_of(staff), now=now)
        if ticket.state == str(State.WAITING) and to is not None:
            await self._accept(session, ticket, actor_of(staff), now)
        await self._cabinet.settle(session, ticket)
        await self._telling.handler_of(session, ticket, "assigned", now=now)
        return ticket

    async def _check_able(self, session: AsyncSession, staff_id: int, ticket: Ticket) -> None:
        """There, working tickets, and of the queue or the place. Raises AssigneeUnfit."""
        found = await session.get(Staff, staff_id)
        if found is None or found.disabled_at is not None or not may(found.as_role, Permission.WORK_TICKETS):
            raise AssigneeUnfit(name=found.display_name if found else "", why="gone")
        if not found.on_duty:
            raise AssigneeUnfit(name=found.display_name, why="away")
        in_queue = ticket.queue_id is not None and await self._queues.has(session, ticket.queue_id, staff_id)
        if not in_queue and ticket.region is not None and not found.scope.covers(ticket.region):
            raise AssigneeUnfit(name=found.display_name, why="elsewhere")

    async def transfer(
        self,
        session: AsyncSession,
        staff: Staff,
        number: str,
        category: Category,
        *,
        reason: str,
        now: datetime,
        region: str | None = None,
    ) -> Ticket:
        """转办 to the queue of another category (or place); the clock goes on."""
        ticket = await self.access_ticket(session, staff, number)
        queue = await self._queues.route(session, region or ticket.region, category)
        data = {"queue_from": ticket.queue_id, "queue_to": queue.id}
        await self._cabinet.move(
            session, ticket, Move.TRANSFER, actor=actor_of(staff), now=now, reason=reason, data=data
        )
        ticket.category = str(category)
        self._cabinet.put_into(ticket, queue)
        await self._cabinet.settle(session, ticket)
        await self._telling.person(session, ticket, "transferred", now=now)
        await self._telling.of_new(session, ticket, queue, now=now, why="transferred")
        return ticket

    async def return_ticket(
        self, session: AsyncSession, staff: Staff, number: str, *, reason: str, now: datetime
    ) -> Ticket:
        """退单: not this queue's matter; a supervisor decides where it goes. Once, within one working day."""
        ticket = await self.access_ticket(session, staff, number)
        check_move(Move.RETURN, State(ticket.state), Role(staff.role), reason=reason)
        if ticket.returns or now > self._cabinet.clockwork.return_until(ticket):
            raise ReturnRefused(number=number, again=bool(ticket.returns))
        await self._cabinet.move(session, ticket, Move.RETURN, actor=actor_of(staff), now=now, reason=reason)
        ticket.returns += 1
        ticket.handler_id = None
        await self._cabinet.settle(session, ticket)
        await self._telling.leaders(session, ticket, "returned", now=now)
        return ticket

    async def reassign(
        self, session: AsyncSession, staff: Staff, number: str, category: Category, *, reason: str, now: datetime
    ) -> Ticket:
        """改派 of a returned ticket, by a leader."""
        ticket = await self.access_ticket(session, staff, number)
        queue = await self._queues.route(session, ticket.region, category)
        await self._cabinet.move(
            session, ticket, Move.REASSIGN, actor=actor_of(staff), now=now, reason=reason, data={"queue_to": queue.id}
        )
        ticket.category = str(category)
        self._cabinet.put_into(ticket, queue)
        await self._cabinet.settle(session, ticket)
        await self._telling.of_new(session, ticket, queue, now=now, why="reassigned")
        return ticket

    async def hand_over(
        self, session: AsyncSession, staff: Staff, leaver: int, to: int | None, *, now: datetime
    ) -> int:
        """All open tickets of somebody who leaves, to one colleague or shared out by their queues. -> how many

        Raises NoSuchAccount for a leaver of another region, as for one who is not there.
        """
        if Role(staff.role) not in LEADERS and Role(staff.role) is not Role.ADMINISTRATOR:
            raise MoveRefused(move="hand_over", state="", role=str(staff.role))
        account = await session.get(Staff, leaver)
        if account is None or not staff.scope.covers(account.region):
            raise NoSuchAccount(username=str(leaver))
        return await self.hand_over_all(session, leaver, to, actor=actor_of(staff), now=now)

    async def hand_over_all(
        self, session: AsyncSession, leaver: int, to: int | None, *, actor: Actor, now: datetime
    ) -> int:
        """The same for whoever may do it anyhow. Raises AssigneeUnfit. -> how many"""
        wanted = locked(Ticket.handler_id == leaver, Ticket.state.in_([*map(str, OPEN), str(State.ANSWERED)]))
        theirs = (await session.scalars(wanted.order_by(Ticket.id))).all()
        others = frozenset({leaver})
        for ticket in theirs:
            next_one = to
            if to is not None:
                await self._check_able(session, to, ticket)
            elif ticket.queue_id is not None:
                next_one = await self._queues.next_in_turn(session, ticket.queue_id, other_than=others)
            await self._cabinet.assign(session, ticket, next_one, actor=actor, now=now)
            await session.flush()
            await self._telling.handler_of(session, ticket, "assigned", now=now)
        await self._tasks.hand_over(session, leaver)
        return len(theirs)

    # -- working on it ------------------------------------------------------------------------------------

    async def reply(self, session: AsyncSession, staff: Staff, number: str, text: str, *, now: datetime) -> Ticket:
        """Words to the person, in the chat they came from; it counts as a contact."""
        ticket = await self._at_work(session, staff, number, text, now)
        await self._cabinet.write(session, ticket, EntryKind.TOLD, actor=actor_of(staff), now=now, text=text)
        told = await self._telling.words(session, ticket, text, staff_name=staff.display_name, now=now)
        if told:
            ticket.contacted_at = ticket.contacted_at or now
        await self._cabinet.settle(session, ticket)
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

    # -- ending -------------------------------------------------------------------------------------------

    async def submit(self, session: AsyncSession, staff: Staff, number: str, text: str, *, now: datetime) -> Ticket:
        """提交审核: the answer, for a leader to read first."""
        if not text.strip():
            raise WordsMissing(number=number)
        ticket = await self.access_ticket(session, staff, number)
        await self._cabinet.move(session, ticket, Move.SUBMIT, actor=actor_of(staff), now=now)
        await self._cabinet.write(
            session, ticket, EntryKind.ANSWER, actor=actor_of(staff), now=now, data={"draft": True}, text=text
        )
        await self._cabinet.settle(session, ticket)
        await self._telling.leaders(session, ticket, "review", now=now)
        return ticket

    async def send_back(
        self, session: AsyncSession, staff: Staff, number: str, *, reason: str, now: datetime
    ) -> Ticket:
        ticket = await self.access_ticket(session, staff, number)
        await self._cabinet.move(session, ticket, Move.SEND_BACK, actor=actor_of(staff), now=now, reason=reason)
        await self._cabinet.settle(session, ticket)
        await self._telling.handler_of(session, ticket, "sent_back", now=now)
        return ticket

    async def answer(
        self,
        session: AsyncSession,
        staff: Staff,
        number: str,
        text: str,
        *,
        closing: Closing,
        now: datetime,
    ) -> Ticket:
        """办结: an answer in plain words, after a recorded contact; the person says whether it is solved."""
        ticket = await self.access_ticket(session, staff, number)
        check_move(Move.ANSWER, State(ticket.state), Role(staff.role))
        if not _may_answer(staff, ticket):
            raise MoveRefused(move=str(Move.ANSWER), state=ticket.state, role=str(staff.role))
        if ticket.contacted_at is None:
            raise ContactMissing(number=number)
        if not text.strip():
            raise WordsMissing(number=number)
        await self._cabinet.move(
            session, ticket, Move.ANSWER, actor=actor_of(staff), now=now, data={"closing": str(closing)}
        )
        await self._cabinet.write(session, ticket, EntryKind.ANSWER, actor=actor_of(staff), now=now, text=text)
        ticket.answered_at, ticket.closing, ticket.asked_again = now, str(closing), 0
        await self._cabinet.settle(session, ticket)
        told = await self._telling.answered(session, ticket, text, now=now)
        if not told:
            await self._tasks.open(session, ticket, TaskKind.CALL, now=now)
        return ticket

    async def hear(
        self, session: AsyncSession, staff: Staff, number: str, text: str, *, solved: bool, now: datetime
    ) -> Ticket:
        """回访 by phone: what the person said of the answer. Not solved goes the way of `Filing.object`."""
        ticket = await self.access_ticket(session, staff, number)
        actor = actor_of(staff)
        check_move(Move.HEAR, State(ticket.state), Role(staff.role))
        data = {"how": "call"}
        await self._cabinet.write(session, ticket, EntryKind.CONTACT, actor=actor, now=now, data=data, text=text)
        await self._tasks.settle(session, ticket, TaskKind.CALL, actor=actor, now=now)
        if not solved:
            await self._reopening.object(session, ticket, text, actor=actor, now=now)
            return ticket
        await self._cabinet.move(session, ticket, Move.HEAR, actor=actor, now=now, data={"solved": True})
        ticket.solved, ticket.heard_at = True, now
        await self._cabinet.settle(session, ticket)
        return ticket

    async def reopen(self, session: AsyncSession, staff: Staff, number: str, *, reason: str, now: datetime) -> Ticket:
        """重办, as a leader decides: after a second "not solved", or an answer that is none."""
        ticket = await self.access_ticket(session, staff, number)
        check_move(Move.REOPEN, State(ticket.state), Role(staff.role), reason=reason)
        if Role(staff.role) not in LEADERS:
            raise MoveRefused(move=str(Move.REOPEN), state=ticket.state, role=str(staff.role))
        await self._reopening.open_again(session, ticket, actor=actor_of(staff), now=now, reason=reason)
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

    async def reject(
        self, session: AsyncSession, staff: Staff, number: str, *, reason: str, door: str, now: datetime
    ) -> Ticket:
        """不予受理: another body's matter; the person is told which door is the right one."""
        ticket = await self.access_ticket(session, staff, number)
        await self._cabinet.move(
            session, ticket, Move.REJECT, actor=actor_of(staff), now=now, reason=reason, data={"door": door}
        )
        await self._cabinet.settle(session, ticket)
        await self._telling.person(session, ticket, "rejected", now=now, text=reason, door=door)
        return ticket

    async def merge(
        self, session: AsyncSession, staff: Staff, number: str, into: str, *, reason: str, now: datetime
    ) -> Ticket:
        """并单: one matter, one ticket; its person is told the answer of the other. -> the one that goes on"""
        first, second = sorted((number, into))  # locked in one order, so that two clerks do not wait for each other
        found = {first: await self.access_ticket(session, staff, first)}
        if second == first:
            raise MoveRefused(move=str(Move.MERGE), state=found[first].state, role=str(staff.role))
        found[second] = await self.access_ticket(session, staff, second)
        ticket, target = found[number], found[into]
        if State(target.state) not in OPEN:
            raise MoveRefused(move=str(Move.MERGE), state=target.state, role=str(staff.role))
        await self._cabinet.move(
            session, ticket, Move.MERGE, actor=actor_of(staff), now=now, reason=reason, data={"into": target.number}
        )
        ticket.merged_into = target.id
        session.add(
            Complainant(
                ticket_id=target.id,
                conversation_id=ticket.conversation_id,
                name=ticket.name,
                phone=ticket.phone,
                phone_digest=ticket.phone_digest,
                relation="",
                at=now,
            )
        )
        # Those who had joined it go along: all are told the one answer.
        await session.execute(
            update(Complainant)
            .where(Complainant.ticket_id == ticket.id)
            .values(ticket_id=target.id)
            .execution_options(synchronize_session=False)
        )
        await self._cabinet.write(
            session, target, EntryKind.JOINED, actor=actor_of(staff), now=now, data={"from": ticket.number}
        )
        await self._cabinet.settle(session, ticket)
        await self._cabinet.settle(session, target)
        await self._telling.person(session, ticket, "merged", now=now, text=target.number)
        return target

    # -- what it is ---------------------------------------------------------------------------------------

    async def set_flags(
        self,
        session: AsyncSession,
        staff: Staff,
        number: str,
        *,
        reason: str,
        now: datetime,
        urgent: bool | None = None,
        is_group: bool | None = None,
        confidential: bool | None = None,
    ) -> Ticket:
        """加急, 群体, 保密; what is confidential stays so."""
        ticket = await self.access_ticket(session, staff, number)
        if not may(staff.as_role, Permission.WORK_TICKETS) or (confidential is False and ticket.confidential):
            raise MoveRefused(move="flags", state=ticket.state, role=str(staff.role))
        changes: dict[str, Any] = {}
        if urgent is not None:
            ticket.priority = str(Priority.URGENT if urgent else Priority.ORDINARY)
            changes["priority"] = ticket.priority
            if urgent and State(ticket.state) in OPEN:
                self._cabinet.clockwork.hurry(ticket)
        if is_group is not None:
            ticket.is_group = changes["is_group"] = is_group
        if confidential:
            ticket.confidential = changes["confidential"] = True
        await self._cabinet.write(
            session, ticket, EntryKind.FLAGS, actor=actor_of(staff), now=now, data=changes, text=reason
        )
        await self._cabinet.settle(session, ticket)
        return ticket

    async def supervise(
        self, session: AsyncSession, staff: Staff, number: str, level: Supervision, *, reason: str, now: datetime
    ) -> Ticket:
        """督办, raised or taken off by a leader."""
        ticket = await self.access_ticket(session, staff, number)
        if Role(staff.role) not in LEADERS:
            raise MoveRefused(move="supervise", state=ticket.state, role=str(staff.role))
        data = {"supervision": int(level), "before": ticket.supervision}
        ticket.supervision = int(level)
        await self._cabinet.write(
            session, ticket, EntryKind.FLAGS, actor=actor_of(staff), now=now, data=data, text=reason
        )
        await session.flush()
        await self._telling.handler_of(session, ticket, "supervised", now=now)
        return ticket

    async def change_facts(
        self,
        session: AsyncSession,
        staff: Staff,
        number: str,
        changes: Mapping[str, Any],
        *,
        reason: str,
        now: datetime,
    ) -> Ticket:
        """A fact read wrongly is put right, with a reason; what it was stays in the timeline."""
        if not reason.strip():
            raise WordsMissing(number=number)
        ticket = await self.access_ticket(session, staff, number)
        self._check_working(staff, ticket, "facts")
        before = {name: ticket.facts.get(name) for name in changes}
        ticket.facts = {**ticket.facts, **changes}
        await self._cabinet.write(
            session,
            ticket,
            EntryKind.FACTS,
            actor=actor_of(staff),
            now=now,
            data={"before": before, "after": dict(changes)},
            text=reason,
        )
        await session.flush()
        return ticket

    async def unseal(self, session: AsyncSession, staff: Staff, number: str, *, reason: str, now: datetime) -> Person:
        """Who it is. Of a confidential ticket only for head and auditor, and never for a member of its queue."""
        if not reason.strip():
            raise WordsMissing(number=number)
        ticket = await self.access_ticket(session, staff, number)
        if ticket.confidential:
            in_queue = ticket.queue_id is not None and await self._queues.has(session, ticket.queue_id, staff.id)
            allowed = may(staff.as_role, Permission.UNSEAL) and not in_queue
        else:
            allowed = may(staff.as_role, Permission.UNMASK) or may(staff.as_role, Permission.UNSEAL)
        if not allowed:
            raise UnsealRefused(number=number)
        await self._cabinet.write(session, ticket, EntryKind.UNSEALED, actor=actor_of(staff), now=now, text=reason)
        await session.flush()
        await audit.append(
            session,
            audit.AuditAction.UNSEALED if ticket.confidential else audit.AuditAction.UNMASKED,
            actor=audit.Actor(audit.ActorKind.STAFF, staff.id),
            subject=audit.Subject("ticket", number),
            reason=reason,
            at=now,
        )
        return Person(
            name=self._sealer.open(ticket.name, "ticket.name") if ticket.name else "",
            phone=self._sealer.open(ticket.phone, "ticket.phone") if ticket.phone else "",
        )

    async def give_code(self, session: AsyncSession, staff: Staff, number: str, *, now: datetime) -> str:
        """A code for the person's other device, valid for a day; said once, kept only as a digest."""
        ticket = await self.access_ticket(session, staff, number)
        self._check_working(staff, ticket, "code")
        code = make_code()
        await session.execute(
            insert(Access),
            {
                "ticket_id": ticket.id,
                "digest": digest_of_code(self._sealer, code),
                "until": now + ACCESS_FOR,
                "tries": 0,
                "conversation_id": None,
            },
        )
        await self._cabinet.write(session, ticket, EntryKind.ACCESS, actor=actor_of(staff), now=now)
        await session.flush()
        return code


def actor_of(staff: Staff) -> Actor:
    return Actor(Role(staff.role), staff.id)


def _may_answer(staff: Staff, ticket: Ticket) -> bool:
    """What waits for a leader's review is not answered past them."""
    return ticket.state != str(State.REVIEW) or Role(staff.role) in LEADERS
