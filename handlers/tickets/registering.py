"""代群众登记: a member of staff files what somebody told at the window, on the phone, in a letter. Used by the console.

The same form posted twice files once: its digest stands in the ticket under a unique index.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.messages import Attachment
from bot.sealing import Sealer
from bot.staff.models import Staff
from handlers.tickets.attachments import Attachments
from handlers.tickets.cabinet import Cabinet
from handlers.tickets.desk import Desk, actor_of
from handlers.tickets.filing import Draft, Filing
from handlers.tickets.models import Entry, Ticket
from handlers.tickets.ticket import OPEN, State
from handlers.tickets.timeline import EntryKind

STILL_TOLD = tuple(str(state) for state in (*OPEN, State.ANSWERED))
"""Where more can be added to a matter."""
MOST_SAME = 5


class FiledAlready(UserFacingError):
    """This form was taken before. Data: number."""

    code = "filed_already"


class Registering:
    def __init__(self, cabinet: Cabinet, filing: Filing, desk: Desk, attachments: Attachments, sealer: Sealer) -> None:
        self._cabinet = cabinet
        self._filing = filing
        self._desk = desk
        self._attachments = attachments
        self._sealer = sealer

    async def find_filed(self, session: AsyncSession, form: str) -> str | None:
        """The number that this form got; None if it was not taken yet."""
        return await session.scalar(select(Ticket.number).where(Ticket.form_digest == form)) if form else None

    async def find_same(self, session: AsyncSession, staff: Staff, draft: Draft) -> list[Ticket]:
        """Open tickets of the same phone and matter that they may see, the newest first."""
        if not draft.person.phone or draft.anonymous:
            return []
        found = await session.scalars(
            select(Ticket)
            .where(
                Ticket.phone_digest == self._sealer.digest(draft.person.phone),
                Ticket.category == str(draft.category),
                Ticket.state.in_(STILL_TOLD),
            )
            .order_by(Ticket.opened_at.desc(), Ticket.id.desc())
            .limit(MOST_SAME)
        )
        employer = str(draft.facts.get("employer") or "")
        same = [one for one in found if not employer or str(one.facts.get("employer") or "") in ("", employer)]
        return [one for one in same if await self._desk.may_see(session, staff, one)]

    async def file(
        self,
        session: AsyncSession,
        staff: Staff,
        draft: Draft,
        *,
        form: str,
        files: Sequence[Attachment] = (),
        now: datetime,
    ) -> Ticket:
        """A ticket as from the chat, with who wrote it down. Raises FiledAlready."""
        number = await self._cabinet.next_number(session, now)  # locked: of two posts one waits here for the other
        if (before := await self.find_filed(session, form)) is not None:
            raise FiledAlready(number=before)
        actor = actor_of(staff)
        ticket = await self._filing.open_ticket(
            session, draft, conversation_id=None, now=now, actor=actor, number=number
        )
        ticket.filed_by, ticket.form_digest = staff.id, form or None
        await self._attach(session, ticket, files, staff, now=now)
        await session.flush()
        return ticket

    async def add_to(
        self,
        session: AsyncSession,
        staff: Staff,
        same: Ticket,
        draft: Draft,
        *,
        form: str,
        files: Sequence[Attachment] = (),
        now: datetime,
    ) -> Ticket:
        """More words on a matter that is open already; `same` is one of `find_same`."""
        ticket = await self._cabinet.lock(session, same.id)
        if not await self._was_added(session, ticket, form):
            data = {"form": form, "source": draft.source}
            await self._filing.add_words(session, ticket, draft.text, now=now, taken_by=actor_of(staff), data=data)
            await self._attach(session, ticket, files, staff, now=now)
        return ticket

    async def _was_added(self, session: AsyncSession, ticket: Ticket, form: str) -> bool:
        last = await session.scalars(
            select(Entry)
            .where(Entry.ticket_id == ticket.id, Entry.kind == str(EntryKind.HEARD))
            .order_by(Entry.seq.desc())
            .limit(5)
        )
        return bool(form) and any(entry.data.get("form") == form for entry in last)

    async def _attach(
        self, session: AsyncSession, ticket: Ticket, files: Sequence[Attachment], staff: Staff, *, now: datetime
    ) -> None:
        for kept in await self._attachments.keep_with(session, ticket.id, files, now=now):
            data = {"attachment": kept.id}
            await self._cabinet.write(session, ticket, EntryKind.ATTACHED, actor=actor_of(staff), now=now, data=data)


def digest_of_form(staff: Staff, form_id: str) -> str:
    """One form of one member of staff; empty without an id."""
    return hashlib.sha256(f"{staff.id}:{form_id}".encode("utf-8", "replace")).hexdigest() if form_id else ""
