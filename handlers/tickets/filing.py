"""What a person does with a matter of theirs: files it, adds to it, hurries it, takes it back, says how it ended.

Each works inside the turn's transaction; who is told of it is decided in `telling`.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.door import hide_mobiles
from bot.errors import UserFacingError
from bot.sealing import Sealer
from handlers.tickets.cabinet import Cabinet, Person
from handlers.tickets.models import Access, Attachment, Complainant, Ticket
from handlers.tickets.queues import Queues
from handlers.tickets.reopening import Objection, Reopening
from handlers.tickets.tasks import TaskKind, Tasks
from handlers.tickets.telling import Telling
from handlers.tickets.ticket import (
    OPEN,
    Category,
    Kind,
    Move,
    MoveRefused,
    Priority,
    Role,
    Satisfaction,
    State,
)
from handlers.tickets.timeline import PERSON, SYSTEM, Actor, EntryKind

ACCESS_FOR = timedelta(hours=24)
ACCESS_TRIES = 5


class WrongCode(UserFacingError):
    """Number, phone and code do not fit together; which of them is not said."""

    code = "wrong_access_code"


NOBODY = Person()


@dataclass(frozen=True)
class Draft:
    """A matter as it was told and confirmed."""

    kind: Kind
    category: Category
    about: str
    """A few words without persons' names or numbers."""
    text: str
    """All that was told, in the person's own words."""
    source: str
    region: str | None = None
    village: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    person: Person = NOBODY
    others: tuple[Person, ...] = ()
    """More complainants (联名)."""
    urgent: bool = False
    is_group: bool = False
    confidential: bool = False
    anonymous: bool = False


class Filing:
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

    # -- opening ------------------------------------------------------------------------------------------

    async def open_ticket(
        self,
        session: AsyncSession,
        draft: Draft,
        *,
        conversation_id: int | None,
        now: datetime,
        actor: Actor = PERSON,
        number: str | None = None,
        follows: Ticket | None = None,
    ) -> Ticket:
        """A ticket with its number, clock, queue and timer, all in the caller's transaction."""
        queue = await self._queues.route(session, draft.region, draft.category)
        person = Person() if draft.anonymous else draft.person
        ticket = Ticket(
            number=number or await self._cabinet.next_number(session, now),
            kind=str(draft.kind),
            category=str(draft.category),
            state=str(State.WAITING),
            priority=str(Priority.URGENT if draft.urgent else Priority.ORDINARY),
            supervision=0,
            level=0,
            is_group=draft.is_group,
            confidential=draft.confidential,
            anonymous=draft.anonymous,
            region=draft.region,
            village=draft.village,
            source=draft.source,
            about=draft.about[:120],
            facts=dict(draft.facts),
            conversation_id=conversation_id,
            queue_id=queue.id,
            follows=follows.id if follows else None,
            opened_at=now,
            state_since=now,
            clock_from=now,
            returns=0,
            urged=0,
            asked_again=0,
            entries=0,
            head="",
            **self._sealed(person),
        )
        self._cabinet.clockwork.begin(ticket, now)
        session.add(ticket)
        await session.flush()
        opened = {"kind": ticket.kind, "category": ticket.category, "queue": queue.id, "source": draft.source}
        await self._cabinet.write(session, ticket, EntryKind.OPENED, actor=actor, now=now, data=opened, text=draft.text)
        for other in draft.others:
            await self._add_complainant(session, ticket, other, None, now=now)
        if conversation_id is not None:
            await session.execute(
                update(Attachment)
                .where(Attachment.conversation_id == conversation_id, Attachment.ticket_id.is_(None))
                .values(ticket_id=ticket.id)
                .execution_options(synchronize_session=False)
            )
        if queue.shares and (handler := await self._queues.next_in_turn(session, queue.id)):
            await self._cabinet.assign(session, ticket, handler, actor=SYSTEM, now=now)
        await self._cabinet.settle(session, ticket)
        await self._telling.of_new(session, ticket, queue, now=now)
        return ticket

    def _sealed(self, person: Person) -> dict[str, Any]:
        return {
            "name": self._sealer.seal(person.name, "ticket.name") if person.name else None,
            "name_digest": self._sealer.digest(person.name) if person.name else None,
            "phone": self._sealer.seal(person.phone, "ticket.phone") if person.phone else None,
            "phone_digest": self._sealer.digest(person.phone) if person.phone else None,
        }

    async def _add_complainant(
        self, session: AsyncSession, ticket: Ticket, person: Person, conversation_id: int | None, *, now: datetime
    ) -> None:
        sealed = self._sealed(person)
        del sealed["name_digest"]
        await session.execute(
            insert(Complainant),
            {
                "ticket_id": ticket.id,
                "conversation_id": conversation_id,
                "relation": person.relation,
                "at": now,
                **sealed,
            },
        )

    async def find_same_matter(
        self, session: AsyncSession, conversation_id: int, category: Category, employer: str
    ) -> Ticket | None:
        """An open ticket of this person on the same matter: of the category, and not of another employer."""
        for ticket in await self._cabinet.of_conversation(session, conversation_id, only_open=True):
            other = str(ticket.facts.get("employer") or "")
            if ticket.category == str(category) and (not employer or not other or employer == other):
                return ticket
        return None

    # -- while it is open ---------------------------------------------------------------------------------

    async def add_words(
        self,
        session: AsyncSession,
        ticket: Ticket,
        text: str,
        *,
        now: datetime,
        phone: str = "",
        taken_by: Actor = PERSON,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """More facts; what was asked for in 待补充 sets the clock going again.

        A `phone` to reach them at is kept sealed, as at the filing; in the words it is half hidden. `taken_by`: who
        wrote it down, where they did not write it themselves.
        """
        told = bool(phone) and not ticket.anonymous
        if told:
            ticket.phone = self._sealer.seal(phone, "ticket.phone")
            ticket.phone_digest = self._sealer.digest(phone)
        data = {**(data or {}), **({"phone": "told"} if told else {})}
        await self.hear(session, ticket, text, now=now, data=data, taken_by=taken_by)
        await self._telling.handler_of(session, ticket, "heard", now=now)

    async def hear(
        self,
        session: AsyncSession,
        ticket: Ticket,
        text: str,
        *,
        now: datetime,
        data: Mapping[str, Any] | None = None,
        taken_by: Actor = PERSON,
    ) -> None:
        """The same, where whoever works on it is told another way."""
        await self._cabinet.write(
            session, ticket, EntryKind.HEARD, actor=taken_by, now=now, data=data, text=hide_mobiles(text)
        )
        if ticket.state == str(State.SUPPLEMENT):
            self._cabinet.clockwork.resume(ticket, now)
            await self._cabinet.move(session, ticket, Move.SUPPLEMENTED, actor=PERSON, now=now)
        if ticket.state != str(State.ANSWERED):  # of an answer they must still say whether it is solved
            await self._tasks.settle(session, ticket, TaskKind.CALL, actor=PERSON, now=now)
        await self._cabinet.settle(session, ticket)

    async def attach(self, session: AsyncSession, ticket: Ticket, attachment_id: int, *, now: datetime) -> None:
        data = {"attachment": attachment_id}
        await self._cabinet.write(session, ticket, EntryKind.ATTACHED, actor=PERSON, now=now, data=data)

    async def urge(self, session: AsyncSession, ticket: Ticket, *, now: datetime) -> int:
        """催办. -> how often by now"""
        if State(ticket.state) not in OPEN:
            raise MoveRefused(move="urge", state=ticket.state, role=str(Role.PERSON))
        ticket.urged += 1
        await self._cabinet.write(session, ticket, EntryKind.URGED, actor=PERSON, now=now, data={"times": ticket.urged})
        await self._telling.handler_of(session, ticket, "urged", now=now)
        await session.flush()
        return ticket.urged

    async def withdraw(self, session: AsyncSession, ticket: Ticket, *, now: datetime, reason: str = "") -> None:
        await self._cabinet.move(session, ticket, Move.WITHDRAW, actor=PERSON, now=now, reason=reason)
        await self._cabinet.settle(session, ticket)
        await self._telling.handler_of(session, ticket, "withdrawn", now=now)

    async def join(
        self, session: AsyncSession, ticket: Ticket, person: Person, conversation_id: int | None, *, now: datetime
    ) -> None:
        """One more complainant (联名)."""
        await self._add_complainant(session, ticket, person, conversation_id, now=now)
        ticket.is_group = True
        await self._cabinet.write(session, ticket, EntryKind.JOINED, actor=PERSON, now=now)
        await session.flush()

    async def join_group(
        self, session: AsyncSession, number: str, person: Person, conversation_id: int, *, now: datetime
    ) -> bool:
        """算我一个: a group matter that is open takes whoever names its number. -> False for any other"""
        found = await self._cabinet.look_up(session, number)
        if found is None or not found.is_group or found.confidential or State(found.state) not in OPEN:
            return False
        ticket = await self._cabinet.lock(session, found.id)
        await self.join(session, ticket, person, conversation_id, now=now)
        return True

    async def leave(self, session: AsyncSession, ticket: Ticket, conversation_id: int, *, now: datetime) -> None:
        """我不参加了: one complainant fewer; for the others it goes on. Nothing where they had not joined."""
        gone = await session.scalars(
            delete(Complainant)
            .where(Complainant.ticket_id == ticket.id, Complainant.conversation_id == conversation_id)
            .returning(Complainant.id)
        )
        if gone.first() is None:
            return
        await self._cabinet.write(session, ticket, EntryKind.LEFT, actor=PERSON, now=now)
        await session.flush()
        await self._telling.handler_of(session, ticket, "left", now=now)

    # -- how it ended -------------------------------------------------------------------------------------

    async def confirm_solved(self, session: AsyncSession, ticket: Ticket, *, now: datetime) -> None:
        await self._cabinet.move(session, ticket, Move.HEAR, actor=PERSON, now=now, data={"solved": True})
        ticket.solved, ticket.heard_at = True, now
        await self._tasks.settle(session, ticket, TaskKind.CALL, actor=PERSON, now=now)
        await self._cabinet.settle(session, ticket)

    async def object(
        self, session: AsyncSession, ticket: Ticket, words: str, *, now: datetime, chat: int | None = None
    ) -> Objection:
        """Not solved, or it came back; said in `chat`, which is answered in the same turn."""
        return await self._reopening.object(session, ticket, words, actor=PERSON, now=now, chat=chat)

    async def rate(self, session: AsyncSession, ticket: Ticket, satisfaction: Satisfaction, *, now: datetime) -> None:
        """A bad rating is looked into within one working day."""
        if State(ticket.state) not in (State.HEARD, State.ARCHIVED, State.ANSWERED):
            raise MoveRefused(move="rate", state=ticket.state, role=str(Role.PERSON))
        ticket.satisfaction = str(satisfaction)
        await self._cabinet.write(
            session, ticket, EntryKind.RATED, actor=PERSON, now=now, data={"satisfaction": str(satisfaction)}
        )
        if satisfaction is Satisfaction.DISSATISFIED:
            await self._tasks.open(session, ticket, TaskKind.BAD_RATING, now=now)
        await session.flush()

    # -- from another device, and forgetting --------------------------------------------------------------

    async def use_code(
        self, session: AsyncSession, conversation_id: int, number: str, phone: str, code: str, *, now: datetime
    ) -> Ticket | None:
        """Number and phone, and the code that staff gave: the ticket is seen here from now on.

        None if they do not fit together (raising would roll the counting of tries back); tell the person WrongCode.
        """
        ticket = await session.scalar(select(Ticket).where(Ticket.number == number).with_for_update())
        if ticket is None or not phone or ticket.phone_digest != self._sealer.digest(phone):
            return None
        access = await session.scalar(
            select(Access)
            .where(Access.ticket_id == ticket.id, Access.until > now, Access.conversation_id.is_(None))
            .order_by(Access.id.desc())
            .limit(1)
        )
        if access is None or access.tries >= ACCESS_TRIES:
            return None
        access.tries += 1
        if not hmac.compare_digest(access.digest, digest_of_code(self._sealer, code)):
            await session.flush()
            return None
        access.conversation_id = conversation_id
        await self._cabinet.write(session, ticket, EntryKind.ACCESS, actor=PERSON, now=now)
        await session.flush()
        return ticket

    async def erase(self, session: AsyncSession, conversation_id: int, *, now: datetime) -> None:
        """删除我的资料: names, phones and the link go at once; the matter itself is kept, as the office must."""
        for seen in await self._cabinet.of_conversation(session, conversation_id):
            if seen.conversation_id != conversation_id:
                continue
            ticket = await self._cabinet.lock(session, seen.id)
            ticket.conversation_id = None
            ticket.name = ticket.name_digest = ticket.phone = ticket.phone_digest = None
            if State(ticket.state) in OPEN:
                data = {"entries": 0, "person": True}
                await self._cabinet.write(session, ticket, EntryKind.ERASED, actor=PERSON, now=now, data=data)
                await self._cabinet.search.keep(session, ticket)
            else:
                await self._cabinet.erase_words(session, ticket, actor=PERSON, now=now)
        await session.execute(delete(Access).where(Access.conversation_id == conversation_id))
        await session.execute(
            update(Complainant)
            .where(Complainant.conversation_id == conversation_id)
            .values(conversation_id=None, name=None, phone=None, phone_digest=None)
            .execution_options(synchronize_session=False)
        )
        await session.execute(
            delete(Attachment).where(Attachment.conversation_id == conversation_id, Attachment.ticket_id.is_(None))
        )
        await session.flush()


def digest_of_code(sealer: Sealer, code: str) -> str:
    return sealer.digest(f"access:{code.strip()}")


def make_code() -> str:
    """Six digits, read out or written on a slip."""
    return f"{secrets.randbelow(10**6):06d}"
