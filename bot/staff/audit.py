"""审计: what staff did, as one hash chain. `append` works under the lock of the chain's head, in the caller's session.

An entry's hash covers all that it says, its place and the entry before it, so nothing can be changed, left out or
cut off without `verify` naming the place. Take the rows you change before you append: the head is everybody's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import insert_or_ignore
from bot.staff.models import AuditEntry, AuditHead

FIRST = "0" * 64
"""Before the first entry."""
BATCH = 1_000
_CHAIN = "staff"


class ActorKind(StrEnum):
    STAFF = "staff"
    COMMAND = "command"  # somebody at the machine; the id is the machine's user id
    SYSTEM = "system"
    STRANGER = "stranger"  # somebody without an account


class AuditAction(StrEnum):
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_LOCKED = "account_locked"
    ACCOUNT_UNLOCKED = "account_unlocked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # an action, no password
    PASSWORD_RESET = "password_reset"  # noqa: S105  # an action, no password
    TELEGRAM_LINKED = "telegram_linked"
    DUTY_CHANGED = "duty_changed"
    QUEUES_ASSIGNED = "queues_assigned"
    CRISIS_TAKEN = "crisis_taken"
    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    LOGGED_OUT = "logged_out"
    UNMASKED = "unmasked"
    UNSEALED = "unsealed"
    UNSEAL_ASKED = "unseal_asked"
    UNSEAL_GRANTED = "unseal_granted"
    UNSEAL_DENIED = "unseal_denied"
    EXPORTED = "exported"
    REFUSED = "refused"
    QUEUE_CHANGED = "queue_changed"
    CANNED_CHANGED = "canned_changed"
    SETTING_CHANGED = "setting_changed"
    CHAT_HELD = "chat_held"
    CHAT_READ = "chat_read"
    ACCOUNT_CHANGED = "account_changed"
    GAP_SETTLED = "gap_settled"
    PERSON_ADDED = "person_added"
    PERSON_CHANGED = "person_changed"
    TASK_DONE = "task_done"
    PEOPLE_FORGOTTEN = "people_forgotten"
    OFFER_CHANGED = "offer_changed"
    LEDGER_IMPORTED = "ledger_imported"
    SERVICE_RECORDED = "service_recorded"
    CAMPAIGN_CHANGED = "campaign_changed"


@dataclass(frozen=True)
class Actor:
    """Who did it."""

    kind: ActorKind
    id: int | None = None


SYSTEM = Actor(ActorKind.SYSTEM)


@dataclass(frozen=True)
class Subject:
    """To what it was done."""

    kind: str
    """`staff`, or a service's word, such as `ticket`."""
    id: str


async def hold(session: AsyncSession) -> tuple[int, str]:
    """Lock the chain until the transaction ends. -> length and hash of its newest entry"""
    head = select(AuditHead.length, AuditHead.hash).where(AuditHead.name == _CHAIN).with_for_update()
    found = (await session.execute(head)).one_or_none()
    if found is None:
        await insert_or_ignore(session, AuditHead, {"name": _CHAIN, "length": 0, "hash": FIRST})
        found = (await session.execute(head)).one()
    return found.length, found.hash


async def append(
    session: AsyncSession,
    action: AuditAction,
    *,
    actor: Actor,
    subject: Subject,
    at: datetime,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> int:
    """One more entry. `data` and `reason` hold no personal data. -> its seq"""
    length, previous = await hold(session)
    row = {
        "seq": length + 1,
        "at": at,
        "actor_kind": str(actor.kind),
        "actor_id": actor.id,
        "action": str(action),
        "subject_kind": subject.kind,
        "subject_id": subject.id,
        "reason": reason,
        "data": dict(data or {}),
        "previous": previous,
    }
    row["hash"] = _hash_of(row)
    await session.execute(insert(AuditEntry), row)
    await session.execute(
        update(AuditHead)
        .where(AuditHead.name == _CHAIN)
        .values(length=row["seq"], hash=row["hash"])
        .execution_options(synchronize_session=False)
    )
    return length + 1


async def note_refusal(session: AsyncSession, code: str, *, actor: Actor, path: str, at: datetime) -> None:
    """Somebody reached for what is not theirs, or not there."""
    subject = Subject("page", path[:64])
    await append(session, AuditAction.REFUSED, actor=actor, subject=subject, at=at, data={"code": code})


async def verify(session: AsyncSession) -> int | None:
    """Read the whole chain. -> the first place that does not hold; None when all is unbroken"""
    # One statement, so one moment: others go on appending.
    length, head, last = (
        await session.execute(
            select(
                select(AuditHead.length).where(AuditHead.name == _CHAIN).scalar_subquery(),
                select(AuditHead.hash).where(AuditHead.name == _CHAIN).scalar_subquery(),
                select(func.max(AuditEntry.seq)).scalar_subquery(),
            )
        )
    ).one()
    length, previous, at = length or 0, FIRST, 0
    while rows := await _read(session, after=at, until=length):
        for row in rows:
            at += 1
            if row["seq"] != at or row["previous"] != previous or row["hash"] != _hash_of(row):
                return at
            previous = row["hash"]
    if at < length or (last or 0) > length:
        return at + 1
    return None if (head or FIRST) == previous else max(at, 1)


async def list_entries(
    session: AsyncSession, *, subject: Subject | None = None, actor: Actor | None = None, limit: int = 100
) -> Sequence[AuditEntry]:
    """The newest first."""
    wanted = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
    if subject is not None:
        wanted = wanted.where(AuditEntry.subject_kind == subject.kind, AuditEntry.subject_id == subject.id)
    if actor is not None:
        wanted = wanted.where(AuditEntry.actor_kind == str(actor.kind), AuditEntry.actor_id == actor.id)
    return (await session.scalars(wanted)).all()


async def _read(session: AsyncSession, *, after: int, until: int) -> Sequence[RowMapping]:
    table = AuditEntry.__table__
    rows = await session.execute(
        select(*table.columns).where(table.c.seq > after, table.c.seq <= until).order_by(table.c.seq).limit(BATCH)
    )
    return rows.mappings().all()


def _hash_of(row: Mapping[str, Any] | RowMapping) -> str:
    at: datetime = row["at"]
    said = [
        row["seq"],
        at.astimezone(UTC).isoformat(),
        row["actor_kind"],
        row["actor_id"],
        row["action"],
        row["subject_kind"],
        row["subject_id"],
        row["reason"],
        row["data"],
        row["previous"],
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
