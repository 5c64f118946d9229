"""Tickets as rows for commands, and what of a person may be read in a list: masked by default."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.sealing import mask_id, mask_name, mask_phone
from bot.staff.models import Staff
from handlers.tickets.models import Entry, EntryContent, Ticket
from handlers.tickets.ticket import OPEN, State

if TYPE_CHECKING:
    from handlers.tickets.office import Office

_IDENTITY = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])")


async def describe(session: AsyncSession, office: Office, ticket: Ticket, *, now: datetime) -> dict[str, Any]:
    """One ticket as JSON, masked, with its timeline."""
    view = await office.viewer.of(session, ticket, now=now)
    lines = await session.execute(
        select(Entry, EntryContent.text, Staff.username)
        .outerjoin(EntryContent, EntryContent.entry_id == Entry.id)
        .outerjoin(Staff, Staff.id == Entry.actor_id)
        .where(Entry.ticket_id == ticket.id)
        .order_by(Entry.seq)
    )
    return {
        "number": ticket.number,
        "state": ticket.state,
        "kind": ticket.kind,
        "category": ticket.category,
        "about": ticket.about,
        "region": ticket.region,
        "place": view.place,
        "queue": view.queue,
        "handler": view.handler,
        "source": ticket.source,
        "priority": ticket.priority,
        "supervision": ticket.supervision,
        "level": ticket.level,
        "group": ticket.is_group,
        "confidential": ticket.confidential,
        "anonymous": ticket.anonymous,
        "facts": ticket.facts,
        "name": name_of(office, ticket),
        "phone": phone_of(office, ticket),
        "opened_at": _iso(ticket.opened_at),
        "accept_due": _iso(ticket.accept_due),
        "contact_due": _iso(ticket.contact_due),
        "answer_due": _iso(ticket.answer_due),
        "provisional": ticket.provisional,
        "accepted_at": _iso(ticket.accepted_at),
        "contacted_at": _iso(ticket.contacted_at),
        "answered_at": _iso(ticket.answered_at),
        "breached_at": _iso(ticket.breached_at),
        "extended": ticket.extended,
        "returns": ticket.returns,
        "urged": ticket.urged,
        "closing": ticket.closing,
        "solved": ticket.solved,
        "satisfaction": ticket.satisfaction,
        "timeline": [
            {
                "seq": entry.seq,
                "at": _iso(entry.at),
                "who": username or entry.role,
                "kind": entry.kind,
                "data": entry.data,
                "text": words or "",
            }
            for entry, words, username in lines
        ],
    }


async def list_rows(
    session: AsyncSession,
    *,
    state: State | None = None,
    overdue: bool = False,
    limit: int = 200,
    now: datetime,
) -> list[dict[str, Any]]:
    wanted = select(Ticket).order_by(Ticket.opened_at.desc(), Ticket.id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(Ticket.state == str(state))
    if overdue:
        wanted = wanted.where(Ticket.state.in_([str(one) for one in OPEN]), Ticket.answer_due < now)
    return [
        {
            "number": ticket.number,
            "state": ticket.state,
            "kind": ticket.kind,
            "category": ticket.category,
            "region": ticket.region,
            "priority": ticket.priority,
            "supervision": ticket.supervision,
            "handler_id": ticket.handler_id,
            "queue_id": ticket.queue_id,
            "opened_at": _iso(ticket.opened_at),
            "due": _iso(ticket.answer_due),
            "about": ticket.about,
        }
        for ticket in await session.scalars(wanted)
    ]


def hide_numbers(text: str) -> str:
    """Phones and identity numbers that stand in what was told."""
    text = _IDENTITY.sub(lambda found: mask_id(found[0]), text)
    return _MOBILE.sub(lambda found: mask_phone(found[0]), text)


def hide(text: str, names: Iterable[str]) -> str:
    """Words with these names, and phones and identity numbers, half hidden."""
    for name in names:
        text = text.replace(name, mask_name(name))
    return hide_numbers(text)


def name_of(office: Office, ticket: Ticket, *, masked: bool = True) -> str:
    """张*三; of a confidential ticket nothing while it is masked."""
    if ticket.name is None or (masked and ticket.confidential):
        return ""
    name = office.sealer.open(ticket.name, "ticket.name")
    return mask_name(name) if masked else name


def phone_of(office: Office, ticket: Ticket, *, masked: bool = True) -> str:
    """138****0000; of a confidential ticket nothing while it is masked."""
    if ticket.phone is None or (masked and ticket.confidential):
        return ""
    phone = office.sealer.open(ticket.phone, "ticket.phone")
    return mask_phone(phone) if masked else phone


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(LOCAL).isoformat(timespec="seconds") if at else None
