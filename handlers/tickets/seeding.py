"""Tickets put in as they are given, for trials: number, chat, region, category, text and state are kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.door import safe_key
from bot.errors import UserFacingError
from bot.messages import Address, ChannelName
from bot.models import Conversation
from bot.transcript import add_conversation, where_of
from handlers.tickets.filing import Draft
from handlers.tickets.models import Ticket
from handlers.tickets.ticket import Category, Closing, Kind, State
from handlers.tickets.timeline import SYSTEM, EntryKind

if TYPE_CHECKING:
    from handlers.tickets.office import Office


class BadSeed(UserFacingError):
    """A row that cannot be put in. Data: row, why."""

    code = "bad_seed"


async def seed_tickets(
    session: AsyncSession,
    office: Office,
    rows: Sequence[Mapping[str, Any]],
    *,
    resolve: Callable[[str], str | None],
    now: datetime,
) -> list[dict[str, Any]]:
    """-> number, id and chat of each. Raises BadSeed; then none is put in."""
    made = []
    for place, row in enumerate(rows, start=1):
        try:
            category, state = Category(row.get("category", "general")), State(row.get("state", "waiting"))
            kind = Kind(row.get("kind", "request"))
        except ValueError as error:
            raise BadSeed(row=place, why=str(error)) from None
        region = row.get("region")
        code = resolve(str(region)) if region else None
        if region and code is None:
            raise BadSeed(row=place, why=f"{region} is no place")
        conversation = await _conversation(session, row, place, now=now) if row.get("chat") else None
        draft = Draft(
            kind=kind,
            category=category,
            about=str(row.get("about") or row.get("text", ""))[:60],
            text=str(row.get("text", "")),
            source="seed",
            region=code,
            urgent=bool(row.get("urgent")),
            is_group=bool(row.get("group")),
        )
        number = str(row["number"]) if row.get("number") else None
        if number is not None:
            if len(number) > 16 or await session.scalar(select(Ticket.id).where(Ticket.number == number)) is not None:
                raise BadSeed(row=place, why=f"the number {number} is there already, or too long")
            await office.cabinet.keep_number(session, number)
        ticket = await office.filing.open_ticket(
            session, draft, conversation_id=conversation, now=now, actor=SYSTEM, number=number
        )
        if state is not State.WAITING:
            data = {"move": "seed", "from": ticket.state, "to": str(state)}
            ticket.state, ticket.state_since = str(state), now
            _set_as_in(office, ticket, state, now)
            await office.cabinet.write(session, ticket, EntryKind.MOVED, actor=SYSTEM, now=now, data=data)
            await office.cabinet.settle(session, ticket)
        made.append({"number": ticket.number, "id": ticket.id, "chat": row.get("chat")})
    return made


def read_rows(text: str) -> list[dict[str, Any]]:
    """Lines of JSON, or one list of them. Raises ValueError with the line."""
    if text.lstrip().startswith("["):
        rows = json.loads(text)
    else:
        rows = []
        for place, line in enumerate(text.splitlines(), start=1):
            try:
                rows += [json.loads(line)] if line.strip() else []
            except ValueError as error:
                raise ValueError(f"line {place}: {error}") from None
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("each ticket is an object: number, chat, region, category, text, state")
    return list(rows)


def _set_as_in(office: Office, ticket: Ticket, state: State, now: datetime) -> None:
    """What a ticket in this state has behind it."""
    if state not in (State.WITHDRAWN, State.MERGED, State.REJECTED, State.RETURNED):
        ticket.accepted_at = now
    if state in (State.ANSWERED, State.HEARD, State.ARCHIVED):
        ticket.contacted_at = ticket.answered_at = now
        ticket.closing = str(Closing.SOLVED)
    if state in (State.HEARD, State.ARCHIVED):
        ticket.solved, ticket.heard_at = True, now
    if state is State.SUPPLEMENT:
        office.cabinet.clockwork.pause(ticket, now)
    if state is State.EXTENDING:
        ticket.extension_minutes = office.cabinet.clockwork.most_extension(ticket)


async def _conversation(session: AsyncSession, row: Mapping[str, Any], place: int, *, now: datetime) -> int:
    """The chat it was filed in, made if it is not there: of the terminal unless a channel is named."""
    try:
        channel = ChannelName(row.get("channel", "terminal"))
    except ValueError as error:
        raise BadSeed(row=place, why=str(error)) from None
    address = Address(channel, safe_key(str(row["chat"])), str(row.get("bot", "")))
    await add_conversation(session, address, now=now)
    found = await session.scalar(select(Conversation.id).filter_by(**where_of(address)))
    assert found is not None
    return found
