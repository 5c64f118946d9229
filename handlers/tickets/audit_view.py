"""The staff's audit as an auditor reads it: only what lies in their region, who is who by name, and whether it holds.

An entry is shown for its subject's place (an account, a ticket, a queue, a canned reply). What has no place is shown
for whoever did it; of strangers and commands only the kinds named here. Everything else is not there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.staff import audit
from bot.staff.accounts import login_of
from bot.staff.audit import ActorKind, AuditAction
from bot.staff.models import AuditEntry, Staff, is_within
from bot.staff.roles import EVERYWHERE
from handlers.tickets.figures import at_midnight
from handlers.tickets.models import CannedReply, Queue, Ticket
from handlers.tickets.number import NumberMisread, read_number
from handlers.tickets.timeline import Broken, Timeline

PAGE = 50
OF_NOBODY = ("ledger", "telegram")
"""Subjects without a place that concern everybody: a ledger of all written at the machine, strangers in a chat."""
WITH_PLACE = ("staff", "ticket", "queue", "canned")


@dataclass(frozen=True)
class Sought:
    """What the filters ask for."""

    who: int | None = None
    action: AuditAction | None = None
    subject: str = ""
    """A ticket's number, or the name that somebody signs in with."""
    day: date | None = None
    before: int | None = None
    """Entries older than this place in the chain."""


@dataclass(frozen=True)
class Read:
    """One page, the newest first."""

    entries: Sequence[AuditEntry]
    more: bool
    accounts: Mapping[int, tuple[str, str]]
    """Display name and role of those who did it or to whom it was done, within the region or not."""
    queues: Mapping[str, str]


async def read_audit(session: AsyncSession, staff: Staff, sought: Sought) -> Read:
    visible = await _visible(session, staff)
    wanted = select(AuditEntry).where(visible, await _matching(session, sought))
    rows = (await session.scalars(wanted.order_by(AuditEntry.seq.desc()).limit(PAGE + 1))).all()
    entries = rows[:PAGE]
    ids = {entry.actor_id for entry in entries if entry.actor_kind == str(ActorKind.STAFF)}
    ids |= {int(entry.subject_id) for entry in entries if entry.subject_kind == "staff"}
    accounts = await session.execute(select(Staff.id, Staff.display_name, Staff.role).where(Staff.id.in_(ids - {None})))
    queues = await session.execute(select(Queue.id, Queue.name).where(is_within(staff.scope, Queue.region)))
    return Read(
        entries,
        len(rows) > PAGE,
        {row.id: (row.display_name, row.role) for row in accounts},
        {str(row.id): row.name for row in queues},
    )


async def people_of(session: AsyncSession, staff: Staff) -> list[tuple[int, str]]:
    """Accounts of the region, to choose from."""
    rows = await session.execute(
        select(Staff.id, Staff.display_name).where(is_within(staff.scope, Staff.region)).order_by(Staff.id)
    )
    return [(row.id, row.display_name) for row in rows]


async def _visible(session: AsyncSession, staff: Staff) -> ColumnElement[bool]:
    if staff.region == EVERYWHERE:
        return true()
    accounts = list(await session.scalars(select(Staff.id).where(is_within(staff.scope, Staff.region))))
    queues = await session.scalars(select(Queue.id).where(is_within(staff.scope, Queue.region)))
    canned = await session.scalars(select(CannedReply.id).where(is_within(staff.scope, CannedReply.region)))
    tickets = select(Ticket.id).where(
        Ticket.number == AuditEntry.subject_id,
        or_(Ticket.region.is_(None), is_within(staff.scope, Ticket.region)),
    )
    by_ours = and_(AuditEntry.actor_kind == str(ActorKind.STAFF), AuditEntry.actor_id.in_(accounts))
    by_nobody = and_(AuditEntry.actor_kind != str(ActorKind.STAFF), AuditEntry.subject_kind.in_(OF_NOBODY))
    return or_(
        and_(AuditEntry.subject_kind == "staff", AuditEntry.subject_id.in_(list(map(str, accounts)))),
        and_(AuditEntry.subject_kind == "ticket", tickets.exists()),
        and_(AuditEntry.subject_kind == "queue", AuditEntry.subject_id.in_([str(one) for one in queues])),
        and_(AuditEntry.subject_kind == "canned", AuditEntry.subject_id.in_([str(one) for one in canned])),
        and_(AuditEntry.subject_kind.not_in(WITH_PLACE), or_(by_ours, by_nobody)),
    )


async def _matching(session: AsyncSession, sought: Sought) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [true()]
    if sought.who is not None:
        parts += [AuditEntry.actor_kind == str(ActorKind.STAFF), AuditEntry.actor_id == sought.who]
    if sought.action is not None:
        parts.append(AuditEntry.action == str(sought.action))
    if sought.subject:
        parts.append(await _about(session, sought.subject))
    if sought.day is not None:
        begin = at_midnight(sought.day)
        parts += [AuditEntry.at >= begin, AuditEntry.at < begin + timedelta(days=1)]
    if sought.before is not None:
        parts.append(AuditEntry.seq < sought.before)
    return and_(*parts)


async def _about(session: AsyncSession, subject: str) -> ColumnElement[bool]:
    """Of a ticket or an account, as either is written; nothing where it is neither."""
    try:
        number = read_number(subject) or subject.strip()
    except NumberMisread as error:
        number = str(error.data["number"])
    found = [and_(AuditEntry.subject_kind == "ticket", AuditEntry.subject_id == number)]
    login = login_of(subject)
    account = await session.scalar(select(Staff.id).where(Staff.login == login)) if login is not None else None
    if account is not None:
        found.append(and_(AuditEntry.subject_kind == "staff", AuditEntry.subject_id == str(account)))
    return or_(false(), *found)


# -- whether it holds -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verified:
    """What reading everything came to."""

    audit_broken_at: int | None
    tickets: tuple[Broken, ...]
    """Timelines of the region that do not hold."""
    elsewhere: int
    """How many do not hold that lie elsewhere, and daily anchors."""

    @property
    def holds(self) -> bool:
        return self.audit_broken_at is None and not self.tickets and not self.elsewhere


async def verify_apart(database: Database, timeline: Timeline, staff: Staff) -> Verified:
    """In a thread with a connection of its own: hashing everything takes long, and others go on working."""
    url = database.url.render_as_string(hide_password=False)
    return await asyncio.to_thread(lambda: asyncio.run(_verify(url, timeline, staff)))


async def _verify(url: str, timeline: Timeline, staff: Staff) -> Verified:
    database = Database(url, readers=1)
    try:
        async with database.snapshot() as connection, AsyncSession(connection) as session:
            place = await audit.verify(session)
            broken = [one async for one in timeline.verify(session)]
            numbers = [one.ticket for one in broken]
            ours = set(
                await session.scalars(
                    select(Ticket.number).where(
                        Ticket.number.in_(numbers),
                        or_(Ticket.region.is_(None), is_within(staff.scope, Ticket.region)),
                    )
                )
            )
    finally:
        await database.close()
    tickets = tuple(one for one in broken if one.ticket in ours)
    return Verified(place, tickets, len(broken) - len(tickets))
