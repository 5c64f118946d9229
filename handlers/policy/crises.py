"""People in danger: recorded, the staff chat alerted at once (reference, place, time; no words), listed, taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation import make_reference
from bot.errors import UserFacingError
from bot.messages import Address, Reply
from handlers.policy.models import Crisis

AGAIN_AFTER = timedelta(hours=1)
"""The same danger in the same conversation is alerted once within so long."""


@dataclass(frozen=True)
class CrisisAlert(Reply):
    """For the staff chat: enough to look, nothing that tells who."""

    template: ClassVar[str] = "policy/crisis_alert"
    reference: str
    place: str
    """Empty if it is not known."""
    at: str
    kind: str

    @classmethod
    def sample(cls) -> CrisisAlert:
        return cls("K7Q2MD", "洪湖市", "2026-03-02T09:00:00+08:00", "self_harm")


class Alerting(Protocol):
    """The part of the outbox that is needed."""

    async def alert(self, session: AsyncSession, address: Address, reply: Reply, *, purpose: str = "") -> None: ...


class NoSuchCrisis(UserFacingError):
    code = "internal"


class Crises:
    def __init__(self, outbox: Alerting, staff_chat: Address | None, place_name: Callable[[str], str]) -> None:
        self._outbox = outbox
        self.staff_chat = staff_chat
        self._place_name = place_name

    async def record(
        self,
        session: AsyncSession,
        conversation_id: int,
        *,
        region: str | None,
        route: str,
        kind: str,
        now: datetime,
    ) -> str | None:
        """Write it down and alert the staff chat. -> the reference; None if that was done a short while ago"""
        lately = await session.scalar(
            select(Crisis.id).where(
                Crisis.conversation_id == conversation_id,
                Crisis.kind == kind,
                Crisis.at > now - AGAIN_AFTER,
                Crisis.taken_at.is_(None),
            )
        )
        if lately is not None:
            return None
        reference = make_reference()
        session.add(
            Crisis(reference=reference, at=now, region=region, route=route, kind=kind, conversation_id=conversation_id)
        )
        await session.flush()
        if self.staff_chat is not None:
            place = self._place_name(region) if region else ""
            alert = CrisisAlert(reference, place, now.isoformat(), kind)
            await self._outbox.alert(session, self.staff_chat, alert, purpose=f"crisis:{reference}")
        return reference


async def list_crises(session: AsyncSession, *, taken: bool = False) -> Sequence[Crisis]:
    """Open ones, oldest first; with `taken` all, newest first."""
    wanted = select(Crisis)
    if taken:
        wanted = wanted.order_by(Crisis.at.desc()).limit(200)
    else:
        wanted = wanted.where(Crisis.taken_at.is_(None)).order_by(Crisis.at)
    return (await session.scalars(wanted)).all()


async def take_crisis(session: AsyncSession, reference: str, *, by: str, now: datetime) -> Crisis:
    """Say that somebody looks after it. Who was first stays."""
    await session.execute(
        update(Crisis)
        .where(Crisis.reference == reference.strip().upper(), Crisis.taken_at.is_(None))
        .values(taken_at=now, taken_by=by)
        .execution_options(synchronize_session=False)
    )
    found = await session.scalar(select(Crisis).where(Crisis.reference == reference.strip().upper()))
    if found is None:
        raise NoSuchCrisis(reference=reference)
    return found


async def erase_crises(session: AsyncSession, conversation_id: int) -> None:
    """The record is kept, as the law asks; the way to the person is cut."""
    await session.execute(
        update(Crisis)
        .where(Crisis.conversation_id == conversation_id)
        .values(conversation_id=None)
        .execution_options(synchronize_session=False)
    )
