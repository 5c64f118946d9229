"""接待: a clerk takes over the live chat of a ticket, and the bot keeps quiet there until they give it back.

Who holds it stands on the conversation's row, for which ticket in the state of the dialogue `reception`. It ends when
they give it back, when the ticket is no longer in their hands or open, and 30 minutes after they last wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Moment, NotNow, Timers
from bot.database import is_held
from bot.models import Conversation
from bot.talking import ChatHeld, NoChat
from handlers.tickets.cabinet import Cabinet
from handlers.tickets.models import Ticket
from handlers.tickets.replies import HeldReply
from handlers.tickets.telling import Posting, Telling
from handlers.tickets.ticket import OPEN, State
from handlers.tickets.timeline import SYSTEM, Actor, EntryKind

TIMER = "ticket.held"
RECEPTION = "reception"
"""The dialogue that takes what the person writes meanwhile."""
QUIET_FOR = timedelta(minutes=30)
"""The bot comes back so long after the clerk last wrote."""


def is_held_for(conversation: Conversation, ticket: Ticket) -> bool:
    """Whether the one who works the ticket talks in its chat now."""
    said: Mapping[str, Any] = conversation.states.get(RECEPTION, {})
    return (
        conversation.held_by is not None
        and said.get("ticket") == ticket.id
        and ticket.handler_id == conversation.held_by
        and State(ticket.state) in OPEN
    )


def about_of(conversation: Conversation) -> str:
    """For what other matter it is held, such as `crisis:K7Q2MD`; empty where it is a ticket's, or not held."""
    return str(conversation.states.get(RECEPTION, {}).get("about", ""))


class Holding:
    """Each inside the caller's transaction; the ticket's row is locked already, the conversation's is locked here."""

    def __init__(self, cabinet: Cabinet, telling: Telling, outbox: Posting, timers: Timers) -> None:
        self._cabinet = cabinet
        self._telling = telling
        self._outbox = outbox
        self._timers = timers

    async def take(self, session: AsyncSession, ticket: Ticket, actor: Actor, *, now: datetime) -> None:
        """From now on the bot says nothing there. Raises NoChat, ChatHeld."""
        conversation = await self._lock(session, ticket)
        if conversation is None:
            raise NoChat(number=ticket.number)
        if conversation.held_by is not None and await self.is_taken(session, conversation):
            by = await self._telling.name_of_staff(session, conversation.held_by)
            raise ChatHeld(number=ticket.number, by=by)
        assert actor.id is not None
        await self._cabinet.write(session, ticket, EntryKind.HELD, actor=actor, now=now, data={"state": "held"})
        await self.begin(session, conversation, actor.id, {"ticket": ticket.id}, now=now)

    async def give_back(self, session: AsyncSession, ticket: Ticket, actor: Actor, *, now: datetime) -> None:
        """The bot answers again, and the person is told so."""
        conversation = await self._lock(session, ticket)
        if conversation is None or not is_held_for(conversation, ticket):
            return
        await self.end(session, conversation)
        await self._cabinet.write(session, ticket, EntryKind.HELD, actor=actor, now=now, data={"state": "released"})
        await self._outbox.post(session, conversation.id, [HeldReply("back")])
        await session.flush()

    async def wrote(self, session: AsyncSession, ticket: Ticket, staff_id: int, *, now: datetime) -> None:
        """The one who holds the chat has written in it: the time begins anew."""
        conversation = await self._lock(session, ticket)
        if conversation is not None and conversation.held_by == staff_id:
            conversation.held_at = now
            await session.flush()

    async def end_if_over(self, session: AsyncSession, ticket: Ticket) -> None:
        """After a change of the ticket: closed, or in other hands."""
        if ticket.conversation_id is None:
            return
        held_by = select(Conversation.held_by).where(Conversation.id == ticket.conversation_id)
        if await session.scalar(held_by) is None:
            return
        conversation = await self._lock(session, ticket)
        assert conversation is not None
        if conversation.states.get(RECEPTION, {}).get("ticket") == ticket.id and not is_held_for(conversation, ticket):
            await self.end(session, conversation)

    async def ticket_of(self, session: AsyncSession, conversation: Conversation) -> Ticket | None:
        """The ticket for which a chat is held, locked; None, and the bot is back, where that is over."""
        ticket_id = conversation.states.get(RECEPTION, {}).get("ticket")
        found = await session.get(Ticket, ticket_id) if ticket_id is not None else None
        if found is None:
            await self.end(session, conversation)
            return None
        ticket = await self._cabinet.lock(session, found.id)
        if not is_held_for(conversation, ticket):
            await self.end(session, conversation)
            return None
        return ticket

    async def on_due(self, session: AsyncSession, moment: Moment) -> None:
        """Nobody has written for half an hour: the bot comes back, and says so."""
        conversation = await self._lock_now(session, moment.data["conversation"])
        if conversation is None or conversation.held_by is None or conversation.held_at is None:
            return
        until = conversation.held_at + QUIET_FOR
        if until > moment.now:
            await self._timers.set(session, TIMER, key=moment.key, at=until, data=moment.data)
            return
        if about_of(conversation):
            await self.end(session, conversation)
            await self._outbox.post(session, conversation.id, [HeldReply("left")])
            return
        ticket_id = conversation.states.get(RECEPTION, {}).get("ticket")
        ticket = await self._cabinet.lock_now(session, ticket_id) if ticket_id is not None else None
        told = ticket is not None and is_held_for(conversation, ticket)
        await self.end(session, conversation)
        if ticket is not None and told:
            data = {"state": "silent"}
            await self._cabinet.write(session, ticket, EntryKind.HELD, actor=SYSTEM, now=moment.now, data=data)
            await self._outbox.post(session, conversation.id, [HeldReply("back")])
            await session.flush()

    # -- the chat itself, whatever it is held for ---------------------------------------------------------

    async def is_taken(self, session: AsyncSession, conversation: Conversation) -> bool:
        """Whether a member of staff talks there now."""
        if conversation.held_by is None or about_of(conversation):
            return conversation.held_by is not None
        ticket_id = conversation.states.get(RECEPTION, {}).get("ticket")
        other = await session.get(Ticket, ticket_id) if ticket_id is not None else None
        return other is not None and is_held_for(conversation, other)

    async def begin(
        self,
        session: AsyncSession,
        conversation: Conversation,
        staff_id: int,
        what: Mapping[str, Any],
        *,
        now: datetime,
    ) -> None:
        """`what`: the ticket, or what it is about where there is none."""
        conversation.held_by, conversation.held_at = staff_id, now
        conversation.states = {**conversation.states, RECEPTION: dict(what)}
        data = {"conversation": conversation.id}
        await self._timers.set(session, TIMER, key=_key(conversation), at=now + QUIET_FOR, data=data)
        await session.flush()

    async def end(self, session: AsyncSession, conversation: Conversation) -> None:
        conversation.held_by = conversation.held_at = None
        conversation.states = {name: state for name, state in conversation.states.items() if name != RECEPTION}
        await self._timers.drop(session, _key(conversation))
        await session.flush()

    async def _lock(self, session: AsyncSession, ticket: Ticket) -> Conversation | None:
        return await self.lock(session, ticket.conversation_id) if ticket.conversation_id is not None else None

    async def lock(self, session: AsyncSession, conversation_id: int) -> Conversation | None:
        wanted = select(Conversation).where(Conversation.id == conversation_id).with_for_update()
        return await session.scalar(wanted.execution_options(populate_existing=True))

    async def _lock_now(self, session: AsyncSession, conversation_id: int) -> Conversation | None:
        """For a timer's handler, which must not wait. Raises NotNow."""
        wanted = select(Conversation).where(Conversation.id == conversation_id).with_for_update(nowait=True)
        try:
            return await session.scalar(wanted.execution_options(populate_existing=True))
        except DBAPIError as error:
            if is_held(error):
                raise NotNow from None
            raise


def _key(conversation: Conversation) -> str:
    return f"{TIMER}:{conversation.id}"
