"""What an administrator does to accounts from the console: the rules that are no question of role or region.

Nobody takes away their own account, nor the last administrator's; and nobody goes while matters wait in their hands.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.staff import accounts, audit
from bot.staff.audit import Actor, ActorKind
from bot.staff.models import Staff, is_within
from bot.staff.ports import PlaceNames, StaffWork
from bot.staff.roles import Permission, Role, Scope, may

WORKERS = tuple(str(role) for role in Role if may(role, Permission.WORK_TICKETS))


class NotYourself(UserFacingError):
    code = "not_yourself"


class LastAdministrator(UserFacingError):
    """Somebody must be left who can open accounts there."""

    code = "last_administrator"


class WorkInHand(UserFacingError):
    """Hand it over first. Data: count."""

    code = "work_in_hand"


class ReasonMissing(UserFacingError):
    code = "reason_missing"


class NoSuchPlace(UserFacingError):
    """No place we know, or not the asker's: the same error. Data: place."""

    code = "no_such_place"


@dataclass(frozen=True)
class Turns:
    """To whom the work goes: one colleague, or by turns in each queue."""

    to: int | None = None


def find_place(places: PlaceNames, words: str, *, scope: Scope) -> str:
    """A place in words or by its code. Raises NoSuchPlace."""
    words = "".join(unicodedata.normalize("NFKC", words).split())
    code = places.find(words) if words else None
    if code is None or not scope.covers(code):
        raise NoSuchPlace(place=words[:40])
    return code


async def change_account(
    session: AsyncSession,
    actor: Staff,
    staff: Staff,
    work: StaffWork,
    *,
    role: Role,
    region: str,
    display_name: str,
    now: datetime,
) -> None:
    """Another role, place or name. Raises NotYourself, LastAdministrator, WorkInHand."""
    moves = (staff.role, staff.region) != (str(role), region)
    if moves and actor.id == staff.id:
        raise NotYourself
    if moves and (region != staff.region or str(role) not in WORKERS):
        await _check_empty_handed(session, staff, work)
    if moves and staff.role == str(Role.ADMINISTRATOR):
        await _check_another_administrator(session, staff)
    moved = region != staff.region
    await accounts.change(
        session, staff, role=role, region=region, display_name=display_name, actor=_as_actor(actor), now=now
    )
    if moved:
        await work.leave_elsewhere(session, actor, staff, now=now)


async def disable_account(
    session: AsyncSession,
    actor: Staff,
    staff: Staff,
    work: StaffWork,
    *,
    reason: str,
    turns: Turns | None,
    now: datetime,
) -> int:
    """No login any more. -> how many matters were handed over

    Raises NotYourself, ReasonMissing, LastAdministrator; WorkInHand where `turns` says of nobody who takes them.
    """
    if actor.id == staff.id:
        raise NotYourself
    if not reason.strip():
        raise ReasonMissing
    handed = 0
    if turns is None:
        await _check_empty_handed(session, staff, work)
    else:
        handed = await work.hand_over(session, actor, staff, turns.to, now=now)
    if staff.role == str(Role.ADMINISTRATOR):
        await _check_another_administrator(session, staff)
    await accounts.disable(session, staff, actor=_as_actor(actor), now=now, reason=reason.strip()[:200])
    return handed


async def heirs(session: AsyncSession, *, scope: Scope, other_than: int) -> list[Staff]:
    """Who can take somebody's work over: there, working, within the scope."""
    wanted = select(Staff).where(
        is_within(scope, Staff.region),
        Staff.role.in_(WORKERS),
        Staff.disabled_at.is_(None),
        Staff.on_duty,
        Staff.id != other_than,
    )
    return list(await session.scalars(wanted.order_by(Staff.login)))


async def _check_empty_handed(session: AsyncSession, staff: Staff, work: StaffWork) -> None:
    if count := (await work.open_of(session, [staff.id])).get(staff.id, 0):
        raise WorkInHand(count=count)


async def _check_another_administrator(session: AsyncSession, staff: Staff) -> None:
    """Under the lock of the audit, so that two do not take each other away at once."""
    await audit.hold(session)
    others = select(Staff.region).where(
        Staff.role == str(Role.ADMINISTRATOR), Staff.disabled_at.is_(None), Staff.id != staff.id
    )
    if not any(Scope(region).covers(staff.region) for region in await session.scalars(others)):
        raise LastAdministrator


def _as_actor(staff: Staff) -> Actor:
    return Actor(ActorKind.STAFF, staff.id)
