"""工单台账: the ledger as xlsx (template T1 of the field), masked by default; for the command and the console.

Row by row into a temporary file, in a thread, so that a hundred thousand tickets take little memory and stop nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.sheets import SheetWriter
from bot.staff import audit
from bot.staff.models import Staff
from handlers.tickets.labels import label, ledger_columns
from handlers.tickets.ledger import hide, name_of, phone_of
from handlers.tickets.models import Entry, EntryContent, Queue, Ticket
from handlers.tickets.ticket import State
from handlers.tickets.timeline import EntryKind

if TYPE_CHECKING:
    from handlers.tickets.office import Office

BATCH = 500

Shows = Callable[[Ticket], bool]
"""Whether a ticket's person stands there unmasked."""
EVERYTHING = true()


@dataclass(frozen=True)
class Exported:
    rows: int
    revealed: tuple[str, ...]
    """Numbers of confidential tickets whose person stands there unmasked."""


async def write_ledger(
    session: AsyncSession, office: Office, file: Path, *, unmasked: bool, reason: str, now: datetime
) -> int:
    """For the command: everything. Unmasked it leaves an audit row with the reason. -> how many tickets"""
    with file.open("wb") as target:
        shows: Shows = (lambda ticket: not ticket.confidential) if unmasked else hides_all
        exported = await write_sheet(session, office, target, EVERYTHING, shows=shows)
    if unmasked:
        actor = audit.Actor(audit.ActorKind.COMMAND)
        await note_export(session, exported, actor=actor, unmasked=True, reason=reason, now=now)
    return exported.rows


def hides_all(_ticket: Ticket) -> bool:
    return False


async def note_export(
    session: AsyncSession,
    exported: Exported,
    *,
    actor: audit.Actor,
    unmasked: bool,
    reason: str,
    now: datetime,
    asked: Mapping[str, str] | None = None,
) -> None:
    """An audit row for the ledger, and one for each confidential ticket that it opened. `asked`: codes of filters."""
    data = {"rows": exported.rows, **({"unmasked": True} if unmasked else {}), **(asked or {})}
    subject = audit.Subject("ledger", "tickets")
    await audit.append(
        session, audit.AuditAction.EXPORTED, actor=actor, subject=subject, at=now, reason=reason, data=data
    )
    for number in exported.revealed:
        subject = audit.Subject("ticket", number)
        await audit.append(session, audit.AuditAction.UNSEALED, actor=actor, subject=subject, at=now, reason=reason)


async def write_sheet(
    session: AsyncSession, office: Office, file: BinaryIO, wanted: ColumnElement[bool], *, shows: Shows
) -> Exported:
    """All tickets that are wanted, in the order in which they came."""
    sheet = _Sheet(office, await _names(session), shows)
    last = 0
    try:
        while True:
            found = await session.scalars(
                select(Ticket).where(Ticket.id > last, wanted).order_by(Ticket.id).limit(BATCH)
            )
            batch = found.all()
            if not batch:
                break
            words = await _words_of(session, [ticket.id for ticket in batch])
            await asyncio.to_thread(sheet.add, batch, words)
            last = batch[-1].id
            session.expunge_all()
        await asyncio.to_thread(sheet.save, file)
    finally:
        sheet.tidy()
    return Exported(sheet.count, tuple(sheet.revealed))


@dataclass(frozen=True)
class _Names:
    staff: Mapping[int, str]
    queues: Mapping[int, str]


async def _names(session: AsyncSession) -> _Names:
    staff = await session.execute(select(Staff.id, Staff.display_name))
    queues = await session.execute(select(Queue.id, Queue.name))
    return _Names({row.id: row.display_name for row in staff}, {row.id: row.name for row in queues})


class _Sheet:
    """The ledger while it is written."""

    def __init__(self, office: Office, names: _Names, shows: Shows) -> None:
        self._office, self._names, self._shows = office, names, shows
        self._sheet = SheetWriter(label("ledger", "sheet"), ledger_columns())
        self.count = 0
        self.revealed: list[str] = []

    def add(self, batch: Sequence[Ticket], words: Mapping[int, Mapping[str, str]]) -> None:
        for ticket in batch:
            self.count += 1
            show = self._shows(ticket)
            if show and ticket.confidential:
                self.revealed.append(ticket.number)
            row = _row(self._office, ticket, words.get(ticket.id, {}), self._names, show=show)
            self._sheet.add([self.count, *row])

    def save(self, file: BinaryIO) -> None:
        self._sheet.save(file)

    def tidy(self) -> None:
        self._sheet.tidy()


async def _words_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """What was told first, the last answer and who heard the person, by ticket."""
    kinds = [str(EntryKind.OPENED), str(EntryKind.ANSWER), str(EntryKind.CONTACT)]
    rows = await session.execute(
        select(Entry.ticket_id, Entry.kind, EntryContent.text)
        .join(EntryContent, EntryContent.entry_id == Entry.id)
        .where(Entry.ticket_id.in_(ids), Entry.kind.in_(kinds))
        .order_by(Entry.ticket_id, Entry.seq)
    )
    found: dict[int, dict[str, str]] = {}
    for ticket_id, kind, text in rows:
        found.setdefault(ticket_id, {})[kind] = text
    return found


def _row(office: Office, ticket: Ticket, words: Mapping[str, str], names: _Names, *, show: bool) -> list[Any]:
    facts = ticket.facts
    town = office.viewer.place_name(ticket.region) if ticket.region and len(ticket.region) > 6 else ""
    name = name_of(office, ticket, masked=False)
    told = words.get("opened", "") if show or not ticket.confidential else ticket.about
    answer = words.get("answer", "")
    if not show:
        told, answer = (hide(text, [name] if name else []) for text in (told, answer))
    return [
        ticket.number,
        ticket.source,
        _local(ticket.opened_at),
        name_of(office, ticket, masked=not show),
        "、".join(facts.get("groups", ())),
        phone_of(office, ticket, masked=not show),
        town,
        ticket.village,
        label("kind", ticket.kind),
        label("category", ticket.category),
        told,
        facts.get("employer", ""),
        facts.get("amount", ""),
        facts.get("people", ""),
        _yes_or_no(ticket.confidential),
        label("ledger", "urgent" if ticket.priority == "urgent" else "normal"),
        names.queues.get(ticket.queue_id or 0, ""),
        names.staff.get(ticket.handler_id or 0, ""),
        "",
        _local(ticket.accepted_at),
        _local(ticket.answer_due),
        _local(ticket.contacted_at),
        label("staff_state", ticket.state),
        answer,
        label("closing", ticket.closing) if ticket.closing else "",
        _local(ticket.answered_at),
        _yes_or_no(ticket.breached_at is not None),
        1 if ticket.extended else 0,
        ticket.returns,
        ticket.supervision,
        _yes_or_no(ticket.solved),
        label("button", ticket.satisfaction) if ticket.satisfaction else "",
        _local(ticket.heard_at),
        "",
        ticket.number if ticket.state == str(State.ARCHIVED) else "",
        "",
    ]


def _yes_or_no(value: bool | None) -> str:
    return "" if value is None else label("ledger", "yes" if value else "no")


def _local(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if at else ""
