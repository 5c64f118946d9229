"""The conversation that belongs to one ticket: its filing form, what was handed over with it, and all since.

What the same person asked before, or told of another matter, is not the clerk's business and is left out. Names and
phones are half hidden here as everywhere. Called by `ticket_view`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import transcript
from bot.messages import Shown, Speaker
from bot.models import Message
from handlers.tickets.form_replies import CheckReply, DoorReply, FiledReply, FormAskReply, SameReply
from handlers.tickets.models import Ticket
from handlers.tickets.veiling import veil

PAGE = 30
"""Messages that a page shows; older ones are behind a link."""
CHUNK = 60
MOST_CHUNKS = 6
HANDED_OVER = 12
"""So many messages before the form are looked through for the question that was handed over with it."""
OF_FORMS = tuple(kind.template for kind in (FormAskReply, CheckReply, DoorReply, SameReply, FiledReply))


@dataclass(frozen=True)
class Telling:
    """One filing form in a conversation, from its first message to the last."""

    first: int
    last: int
    number: str = ""
    """What it was filed as, or the open ticket that it turned out to be about; empty if neither."""
    filed: bool = False


@dataclass(frozen=True)
class Extent:
    """Which messages of a conversation are a ticket's."""

    first: int
    filed: int
    """From here on everything is; before it only the form itself."""
    others: tuple[tuple[int, int], ...] = ()
    """Forms of other matters, first and last message."""

    def holds(self, seq: int) -> bool:
        return seq >= self.first and not any(first <= seq <= last for first, last in self.others)


@dataclass(frozen=True)
class Thread:
    """A piece of it, the oldest first."""

    shown: tuple[Shown, ...] = ()
    older: int | None = None
    """Before which message there is more."""
    newest: bool = True
    """Nothing of it is newer."""


async def read_thread(
    session: AsyncSession, ticket: Ticket, *, told: str, name: str, before: int | None = None
) -> Thread:
    """The newest messages before a seq. `told`: the words it was filed with; `name`: the person's, to be hidden."""
    if ticket.conversation_id is None:
        return Thread()
    extent = await find_extent(session, ticket, told)
    kept: list[Shown] = []
    later: Shown | None = None
    end, more = before, True
    for _ in range(MOST_CHUNKS):
        chunk = await transcript.read(
            session, ticket.conversation_id, after_seq=extent.first - 1, before_seq=end, limit=CHUNK
        )
        kept = [*_of_ticket(chunk, extent, ticket.number, later=later), *kept]
        more = len(chunk) == CHUNK
        if not more or len(kept) > PAGE:
            break
        end, later = chunk[0].seq, chunk[0]
    page = kept[-PAGE:]
    older = page[0].seq if page and (more or len(kept) > PAGE) else None
    return Thread(tuple(veil(page, name)), older, newest=before is None)


async def find_extent(session: AsyncSession, ticket: Ticket, told: str) -> Extent:
    """Where the ticket's part of its conversation begins, and what of it is of other matters."""
    rows = await session.execute(
        select(Message.seq, Message.turn, Message.template, Message.data)
        .where(Message.conversation_id == ticket.conversation_id, Message.template.in_(OF_FORMS))
        .order_by(Message.seq)
    )
    tellings = _tellings(rows)
    mine = next((telling for telling in tellings if telling.filed and telling.number == ticket.number), None)
    others = tuple((telling.first, telling.last) for telling in tellings if telling.number != ticket.number)
    if mine is not None:
        return Extent(await _handed_over(session, ticket, mine.first, told), mine.last, others)
    since = await session.scalar(
        select(func.min(Message.seq)).where(
            Message.conversation_id == ticket.conversation_id, Message.at >= ticket.opened_at
        )
    )
    begins = since or transcript.LAST
    return Extent(begins, begins, others)


def _tellings(rows: Iterable[Any]) -> list[Telling]:
    found: list[Telling] = []
    for seq, turn, template, data in rows:
        starts = template == FormAskReply.template and bool(data.get("opening"))
        if not found or found[-1].filed or starts:
            found.append(Telling(turn or seq, seq))
        number = _number_of(data) or found[-1].number
        found[-1] = replace(found[-1], last=seq, number=number, filed=template == FiledReply.template)
    return found


async def _handed_over(session: AsyncSession, ticket: Ticket, first: int, told: str) -> int:
    """The question that the form began with was asked before it: from there on."""
    question = told.partition("\n")[0]
    rows = await session.execute(
        select(Message.seq, Message.text)
        .where(
            Message.conversation_id == ticket.conversation_id,
            Message.seq < first,
            Message.speaker == str(Speaker.YOU),
            ~Message.forgotten,
        )
        .order_by(Message.seq.desc())
        .limit(HANDED_OVER)
    )
    return next((seq for seq, text in rows if len(text) > 3 and text in question), first)


def _of_ticket(shown: Sequence[Shown], extent: Extent, number: str, *, later: Shown | None) -> list[Shown]:
    """Without other matters, and while it was being filed without questions about something else."""
    kept: list[Shown] = []
    answer = later
    for message in reversed(shown):
        if message.speaker is not Speaker.YOU:
            answer = message
        is_of_it = answer is None or _number_of(answer.data) in ("", number)
        asks_else = answer is not None and (answer.template or "").startswith("policy/")
        if asks_else and extent.first < message.seq < extent.filed:
            is_of_it = _is_handed_over(message.seq, shown, extent)
        if is_of_it and extent.holds(message.seq):
            kept.append(message)
    return kept[::-1]


def _is_handed_over(seq: int, shown: Sequence[Shown], extent: Extent) -> bool:
    """Part of the first turn: the question itself and what was answered to it."""
    second = next(
        (message.seq for message in shown if message.speaker is Speaker.YOU and message.seq > extent.first),
        extent.filed,
    )
    return seq < second


def _number_of(data: Mapping[str, Any]) -> str:
    """Which ticket a message of ours is about; empty if it is about none, or several."""
    ticket = data.get("ticket")
    return str(ticket.get("number", "")) if isinstance(ticket, Mapping) else str(data.get("number") or "")
