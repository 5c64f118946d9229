"""People in danger: recorded, alerted in the staff chat until somebody takes them, listed, taken.

An alert holds reference, place, kind and time, and no words. It is told again every ten minutes until it is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Moment, TimerHandler, Timers
from bot.changes import Changes
from bot.conversation import make_reference
from bot.errors import UserFacingError
from bot.messages import Address, Choice, Reply
from bot.staff import audit
from bot.staff.chats import REPEAT_EVERY
from bot.staff.models import Staff, is_within
from bot.staff.roles import Permission, Scope, check_may
from handlers.policy.labels import label
from handlers.policy.models import Crisis

AGAIN_AFTER = timedelta(hours=1)
"""The same danger in the same conversation is recorded once within so long."""
TIMER = "crisis.unclaimed"
TAKE = "crises:take"
"""What the button of an alert does; the dialogue of this name is in `crisis_desk`."""


@dataclass(frozen=True)
class CrisisAlert(Reply):
    """For the staff chat: enough to look, nothing that tells who."""

    template: ClassVar[str] = "policy/crisis_alert"
    reference: str
    place: str
    """Empty if it is not known."""
    at: datetime
    kind: str
    repeated: bool
    """Nobody has taken it since it was told before."""

    @classmethod
    def of(cls, crisis: Crisis, place: str, *, repeated: bool = False) -> CrisisAlert:
        take = Choice(label("take_crisis"), TAKE, {"reference": crisis.reference})
        return cls(crisis.reference, place, crisis.at, crisis.kind, repeated, choices=(take,))

    @classmethod
    def sample(cls) -> CrisisAlert:
        at = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
        return cls.of(Crisis(reference="K7Q2MD", at=at, kind="self_harm"), "洪湖市", repeated=True)


class Alerting(Protocol):
    """The part of the outbox that is needed."""

    async def alert(self, session: AsyncSession, address: Address, reply: Reply, *, purpose: str = "") -> None: ...

    async def cancel(self, session: AsyncSession, purpose: str) -> int: ...


class NoSuchCrisis(UserFacingError):
    """Not there, or in another region: the same error. Data: reference."""

    code = "no_such_crisis"


class CrisisTaken(UserFacingError):
    """Somebody was first. Data: reference, by, at."""

    code = "crisis_taken"


class Crises:
    def __init__(
        self,
        outbox: Alerting,
        timers: Timers,
        staff_chat: Address | None,
        place_name: Callable[[str], str],
        changes: Changes,
    ) -> None:
        self._outbox = outbox
        self._timers = timers
        self._staff_chat = staff_chat
        self._place_name = place_name
        self._changes = changes

    @property
    def handlers(self) -> Mapping[str, TimerHandler]:
        return {TIMER: self.on_unclaimed}

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
        crisis = Crisis(
            reference=reference, at=now, region=region, route=route, kind=kind, conversation_id=conversation_id
        )
        session.add(crisis)
        await session.flush()
        self._changes.tell_after(session)
        await self._alert(session, crisis, now=now)
        return reference

    async def on_unclaimed(self, session: AsyncSession, moment: Moment) -> None:
        """Still nobody: once more, and again later."""
        # Not locked: who takes it holds the chat and wants the crisis, and we hold the crisis and want the chat.
        wanted = select(Crisis).where(Crisis.reference == moment.data["reference"], Crisis.taken_at.is_(None))
        crisis = await session.scalar(wanted)
        if crisis is not None:
            await self._alert(session, crisis, now=moment.now, repeated=True)

    async def _alert(self, session: AsyncSession, crisis: Crisis, *, now: datetime, repeated: bool = False) -> None:
        if self._staff_chat is None:
            return
        purpose = f"crisis:{crisis.reference}"
        # While nothing can be sent one alert waits, and not one for every ten minutes.
        await self._outbox.cancel(session, purpose)
        place = self._place_name(crisis.region) if crisis.region else ""
        alert = CrisisAlert.of(crisis, place, repeated=repeated)
        await self._outbox.alert(session, self._staff_chat, alert, purpose=purpose)
        await self._timers.set(session, TIMER, key=purpose, at=now + REPEAT_EVERY, data={"reference": crisis.reference})


async def list_crises(session: AsyncSession, *, scope: Scope, taken: bool = False) -> Sequence[Crisis]:
    """Open ones, oldest first; with `taken` all, newest first. Those whose place nobody knows are everybody's."""
    wanted = select(Crisis).where(or_(Crisis.region.is_(None), is_within(scope, Crisis.region)))
    if taken:
        wanted = wanted.order_by(Crisis.at.desc()).limit(200)
    else:
        wanted = wanted.where(Crisis.taken_at.is_(None)).order_by(Crisis.at)
    return (await session.scalars(wanted)).all()


async def take_crisis(session: AsyncSession, reference: str, *, staff: Staff, now: datetime) -> Crisis:
    """Somebody of the staff looks after it. Raises NotPermitted, NoSuchCrisis, CrisisTaken (who was first stays)."""
    check_may(staff.as_role, Permission.WORK_TICKETS)
    crisis = await _find(session, reference)
    if crisis.region is not None and not staff.scope.covers(crisis.region):
        raise NoSuchCrisis(reference=reference)
    actor = audit.Actor(audit.ActorKind.STAFF, staff.id)
    return await _take(session, crisis, by=staff.display_name, actor=actor, now=now)


async def find_own(session: AsyncSession, reference: str, *, staff: Staff) -> Crisis:
    """One that they took, and whose place is theirs. Raises NoSuchCrisis for all others."""
    crisis = await session.scalar(select(Crisis).where(Crisis.reference == reference.strip().upper()))
    is_theirs = crisis is not None and crisis.taken_by_id == staff.id
    if crisis is None or not is_theirs or (crisis.region is not None and not staff.scope.covers(crisis.region)):
        raise NoSuchCrisis(reference=reference)
    return crisis


async def take_at_machine(
    session: AsyncSession, reference: str, *, by: str, actor: audit.Actor, now: datetime
) -> Crisis:
    """The same for whoever has the machine and says a name. Raises NoSuchCrisis, CrisisTaken."""
    return await _take(session, await _find(session, reference), by=by, actor=actor, now=now)


async def _find(session: AsyncSession, reference: str) -> Crisis:
    """By its reference, locked to be changed, as it is now."""
    wanted = select(Crisis).where(Crisis.reference == reference.strip().upper()).with_for_update()
    found = await session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NoSuchCrisis(reference=reference)
    return found


async def _take(session: AsyncSession, crisis: Crisis, *, by: str, actor: audit.Actor, now: datetime) -> Crisis:
    if crisis.taken_at is not None:
        raise CrisisTaken(reference=crisis.reference, by=crisis.taken_by, at=crisis.taken_at.isoformat())
    crisis.taken_at, crisis.taken_by = now, by
    crisis.taken_by_id = actor.id if actor.kind is audit.ActorKind.STAFF else None
    await session.flush()
    subject = audit.Subject("crisis", crisis.reference)
    await audit.append(session, audit.AuditAction.CRISIS_TAKEN, actor=actor, subject=subject, at=now)
    return crisis


async def erase_crises(session: AsyncSession, conversation_id: int) -> None:
    """The record is kept, as the law asks; the way to the person is cut."""
    await session.execute(
        update(Crisis)
        .where(Crisis.conversation_id == conversation_id)
        .values(conversation_id=None)
        .execution_options(synchronize_session=False)
    )
