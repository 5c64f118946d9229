"""A ticket's whole sheet for the clerk who works it: the card, the facts, what was said and done, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.outbox import Priority
from bot.sealing import Sealer, mask_name, mask_phone
from bot.staff.models import Staff
from handlers.tickets.desk import Desk
from handlers.tickets.models import Attachment, Entry, EntryContent, Ticket
from handlers.tickets.staff_replies import Line, SheetReply, sheet_choices
from handlers.tickets.telling import Posting
from handlers.tickets.ticket import Role
from handlers.tickets.timeline import EntryKind
from handlers.tickets.views import Viewer

SHOWN_FACTS = ("employer", "amount", "people", "since", "wish", "reachable")
MOST_LINES = 30
"""The newest entries of a long timeline; the console shows all."""


class Sheets:
    def __init__(self, desk: Desk, viewer: Viewer, sealer: Sealer, outbox: Posting) -> None:
        self._desk = desk
        self._viewer = viewer
        self._sealer = sealer
        self._outbox = outbox

    async def of(self, session: AsyncSession, staff: Staff, number: str, *, now: datetime) -> SheetReply:
        """Raises NoSuchTicket for what is not theirs."""
        ticket = await self._desk.access_ticket(session, staff, number)
        card = await self._viewer.card(session, ticket, now=now)
        attachments = await session.scalar(
            select(func.count()).select_from(Attachment).where(Attachment.ticket_id == ticket.id)
        )
        choices = sheet_choices(
            number,
            self._desk.allowed(staff, ticket),
            files=attachments or 0,
            takeable=self._desk.may_claim(staff, ticket),
        )
        return SheetReply(
            card,
            name=self._masked_name(ticket),
            phone=self._masked_phone(ticket),
            facts=tuple((name, str(ticket.facts[name])) for name in SHOWN_FACTS if ticket.facts.get(name)),
            lines=tuple(await self.timeline(session, ticket)),
            attachments=attachments or 0,
            choices=choices,
        )

    def _masked_name(self, ticket: Ticket) -> str:
        if ticket.name is None or ticket.confidential:
            return ""
        return mask_name(self._sealer.open(ticket.name, "ticket.name"))

    def _masked_phone(self, ticket: Ticket) -> str:
        if ticket.phone is None or ticket.confidential:
            return ""
        return mask_phone(self._sealer.open(ticket.phone, "ticket.phone"))

    async def send(
        self, session: AsyncSession, conversation_id: int, staff: Staff, number: str, *, now: datetime
    ) -> None:
        """Into the clerk's private chat."""
        sheet = await self.of(session, staff, number, now=now)
        await self._outbox.post(session, conversation_id, [sheet], priority=Priority.ALERT)

    async def draft(self, session: AsyncSession, ticket: Ticket) -> str:
        """The answer that was handed to a leader, the newest; empty without one."""
        found = await session.scalar(
            select(EntryContent.text)
            .join(Entry, Entry.id == EntryContent.entry_id)
            .where(Entry.ticket_id == ticket.id, Entry.kind == str(EntryKind.ANSWER))
            .order_by(Entry.seq.desc())
            .limit(1)
        )
        return found or ""

    async def timeline(self, session: AsyncSession, ticket: Ticket) -> Sequence[Line]:
        """What was said and done, the oldest of the newest first."""
        rows = await session.execute(
            select(Entry, EntryContent.text, Staff.display_name)
            .outerjoin(EntryContent, EntryContent.entry_id == Entry.id)
            .outerjoin(Staff, Staff.id == Entry.actor_id)
            .where(Entry.ticket_id == ticket.id)
            .order_by(Entry.seq.desc())
            .limit(MOST_LINES)
        )
        return [
            Line(entry.at, who_of(entry.role, name or ""), entry.kind, words or "", entry.data)
            for entry, words, name in reversed(rows.all())
        ]


def who_of(role: str, name: str) -> str:
    """A clerk by name; the person and the system by their role."""
    return role if role in (str(Role.PERSON), str(Role.SYSTEM)) else name
