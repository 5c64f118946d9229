"""经过: the append-only timeline of a ticket, one hash chain a ticket, and the daily anchor over all of them.

`append` works under the ticket's row lock, which the caller holds. An entry's hash covers who, when, what and a keyed
digest of the words; the words lie apart, so that they can be erased and the chain still proves what happened.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.tickets.models import Anchor, Entry, EntryContent, Ticket
from handlers.tickets.ticket import Role

FIRST = "0" * 64
"""Before the first entry of a chain."""
BATCH = 2_000
_ENTRY, _CONTENT = Entry.__table__, EntryContent.__table__
"""Verified as rows: the ORM would take a quarter of the time."""
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


class EntryKind(StrEnum):
    OPENED = "opened"
    MOVED = "moved"
    ASSIGNED = "assigned"
    TOLD = "told"  # a message to the person
    HEARD = "heard"  # a message from the person
    NOTE = "note"  # inside only
    CONTACT = "contact"  # 联系记录
    ANSWER = "answer"  # 答复意见
    FACTS = "facts"  # a field was changed
    FLAGS = "flags"
    CLOCK = "clock"  # a deadline was set or moved
    WARNED = "warned"
    BREACHED = "breached"
    URGED = "urged"
    OBJECTED = "objected"
    RATED = "rated"
    ATTACHED = "attached"
    JOINED = "joined"  # one more complainant
    LEFT = "left"  # one complainant fewer
    LINKED = "linked"
    TASK = "task"
    UNSEALED = "unsealed"
    ACCESS = "access"
    ERASED = "erased"
    HELD = "held"  # a clerk took over the chat, or gave it back


@dataclass(frozen=True)
class Actor:
    """Who did it."""

    role: Role
    id: int | None = None
    """Staff id; None for the person and the system."""


SYSTEM = Actor(Role.SYSTEM)
PERSON = Actor(Role.PERSON)


@dataclass(frozen=True)
class Broken:
    """Where a chain does not hold."""

    ticket: str
    """Its number, or the day of an anchor."""
    seq: int
    reason: str
    """missing, changed, content, head or anchor."""


class Timeline:
    def __init__(self, key: bytes) -> None:
        self._key = key

    async def append(
        self,
        session: AsyncSession,
        ticket: Ticket,
        kind: EntryKind,
        *,
        actor: Actor,
        at: datetime,
        data: Mapping[str, Any] | None = None,
        text: str = "",
    ) -> int:
        """One more entry, chained to the last; the caller holds the ticket's row lock. -> its seq"""
        seq, previous = ticket.entries + 1, ticket.head or FIRST
        row: dict[str, Any] = {
            "ticket_id": ticket.id,
            "seq": seq,
            "at": at,
            "role": str(actor.role),
            "actor_id": actor.id,
            "kind": str(kind),
            "data": dict(data or {}),
            "digest": self.digest(text) if text else "",
            "previous": previous,
        }
        row["hash"] = hash_of(row)
        # Without autoflush: the ticket's row is written once, at the end.
        with session.no_autoflush:
            entry_id = await session.scalar(insert(Entry).returning(Entry.id), row)
            if text:
                await session.execute(insert(EntryContent), {"entry_id": entry_id, "text": text})
        ticket.entries, ticket.head = seq, row["hash"]
        return seq

    def digest(self, text: str) -> str:
        """Keyed, so that short words cannot be guessed from it."""
        return hmac.digest(self._key, text.encode(), "sha256").hex()

    async def erase_content(self, session: AsyncSession, ticket: Ticket, *, actor: Actor, at: datetime) -> int:
        """Delete what the person wrote; that it was deleted is an entry itself. -> how many entries lost their words"""
        theirs = select(Entry.id).where(
            Entry.ticket_id == ticket.id,
            # What they told first may have been written down by a clerk.
            or_(Entry.role == str(Role.PERSON), Entry.kind == str(EntryKind.OPENED)),
        )
        rows = await session.scalars(select(EntryContent).where(EntryContent.entry_id.in_(theirs)))
        found = rows.all()
        for row in found:
            await session.delete(row)
        await self.append(session, ticket, EntryKind.ERASED, actor=actor, at=at, data={"entries": len(found)})
        return len(found)

    async def anchor(self, session: AsyncSession, day: date, *, at: datetime, before: datetime) -> Anchor | None:
        """The day's anchor over the heads, as they were, of all that changed since the last. -> None if it has one"""
        last = await session.scalar(select(Anchor).order_by(Anchor.day.desc()).limit(1))
        if last is not None and last.day >= day:
            return None
        newest = select(Entry.id).where(Entry.at < before).order_by(Entry.id.desc()).limit(1)
        after = last.until if last else 0
        until = max(after, await session.scalar(newest) or 0)
        heads, tickets = await _digest_heads(session, after=after, until=until)
        previous = _hash_of_anchor(last) if last else FIRST
        anchor = Anchor(day=day, at=at, until=until, tickets=tickets, heads=heads, previous=previous)
        session.add(anchor)
        await session.flush()
        return anchor

    async def verify(self, session: AsyncSession) -> AsyncIterator[Broken]:
        """Read everything and name what does not hold; nothing when all is unbroken.

        The session must see one moment (`Database.reading_one_moment`): others go on.
        """
        async for broken in self._verify_chains(session):
            yield broken
        previous, after = FIRST, 0
        for anchor in (await session.scalars(select(Anchor).order_by(Anchor.day))).all():
            heads, tickets = await _digest_heads(session, after=after, until=anchor.until)
            if anchor.previous != previous or anchor.heads != heads or anchor.tickets != tickets:
                yield Broken(anchor.day.isoformat(), 0, "anchor")
            previous, after = _hash_of_anchor(anchor), anchor.until

    async def read(self, session: AsyncSession, ticket_id: int) -> tuple[list[RowMapping], Broken | None]:
        """One ticket's chain with its words, the oldest first, and where it does not hold."""
        entry, table = Entry.__table__.c, Entry.__table__
        # One statement, so one moment: others go on appending.
        found = await session.execute(
            select(*table.columns, EntryContent.text, Ticket.number, Ticket.entries, Ticket.head)
            .join(Ticket, Ticket.id == entry.ticket_id)
            .outerjoin(EntryContent, EntryContent.entry_id == entry.id)
            .where(entry.ticket_id == ticket_id)
            .order_by(entry.seq)
        )
        rows = list(found.mappings())
        if not rows:
            return [], None
        fault = self._fault(rows, rows[0]["entries"], rows[0]["head"])
        return rows, Broken(rows[0]["number"], *fault) if fault else None

    async def _verify_chains(self, session: AsyncSession) -> AsyncIterator[Broken]:
        last = 0
        while True:
            tickets = (
                await session.execute(
                    select(Ticket.id, Ticket.number, Ticket.entries, Ticket.head)
                    .where(Ticket.id > last)
                    .order_by(Ticket.id)
                    .limit(BATCH)
                )
            ).all()
            if not tickets:
                return
            chains: dict[int, list[Any]] = {ticket.id: [] for ticket in tickets}
            rows = await session.execute(
                select(*_ENTRY.columns, _CONTENT.c.text)
                .outerjoin(_CONTENT, _CONTENT.c.entry_id == _ENTRY.c.id)
                .where(_ENTRY.c.ticket_id.between(tickets[0].id, tickets[-1].id))
                .order_by(_ENTRY.c.ticket_id, _ENTRY.c.seq)
            )
            for row in rows.mappings():
                chains[row["ticket_id"]].append(row)
            for ticket in tickets:
                if reason := self._fault(chains[ticket.id], ticket.entries, ticket.head):
                    yield Broken(ticket.number, *reason)
            last = tickets[-1].id

    def _fault(self, chain: list[Any], entries: int, head: str) -> tuple[int, str] | None:
        previous = FIRST
        for place, row in enumerate(chain, start=1):
            if row["seq"] != place:
                return place, "missing"
            if row["previous"] != previous or row["hash"] != hash_of(row):
                return place, "changed"
            if row["text"] is not None and self.digest(row["text"]) != row["digest"]:
                return place, "content"
            previous = row["hash"]
        if len(chain) != entries or (head or FIRST) != previous:
            return len(chain), "head"
        return None


def hash_of(row: Mapping[str, Any]) -> str:
    """The hash of an entry over all that it says, its place in the chain and the entry before it."""
    at: datetime = row["at"]
    said = [
        row["ticket_id"],
        row["seq"],
        at.astimezone(UTC).isoformat(),
        row["role"],
        row["actor_id"],
        row["kind"],
        row["data"],
        row["digest"],
        row["previous"],
    ]
    return hashlib.sha256(_encode(said).encode()).hexdigest()


def _hash_of_anchor(anchor: Anchor) -> str:
    said = [anchor.day.isoformat(), anchor.until, anchor.tickets, anchor.heads, anchor.previous]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


async def _digest_heads(session: AsyncSession, *, after: int, until: int) -> tuple[str, int]:
    """One digest over the heads, as they were at entry `until`, of all tickets that changed after entry `after`."""
    entry = _ENTRY.c
    newest = (
        select(entry.ticket_id, func.max(entry.seq).label("seq"))
        .where(entry.id > after, entry.id <= until)
        .group_by(entry.ticket_id)
        .subquery()
    )
    rows = await session.stream(
        select(entry.ticket_id, entry.hash)
        .join(newest, (entry.ticket_id == newest.c.ticket_id) & (entry.seq == newest.c.seq))
        .order_by(entry.ticket_id)
    )
    digest, count = hashlib.sha256(), 0
    async for heads in rows.partitions(BATCH):
        digest.update("".join(f"{ticket_id}:{value}\n" for ticket_id, value in heads).encode())
        count += len(heads)
    return digest.hexdigest(), count
