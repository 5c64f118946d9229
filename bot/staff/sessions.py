"""Signed-in sessions of the console: one an account, known by a random cookie, ended by silence or a new password."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff, StaffSession

IDLE = timedelta(minutes=30)
"""Without a request for so long, whoever sits there signs in again (网络安全等级保护 level 2: 登录超时退出)."""
LONGEST = timedelta(hours=12)
"""A working day, whatever is done in it."""
SEEN_EVERY = timedelta(minutes=1)
"""How exactly the last request is written down: not every page is worth a write."""


class Ended(StrEnum):
    """Why a cookie opens nothing."""

    UNKNOWN = "unknown"  # none, forged, signed out, or signed in elsewhere
    IDLE = "idle"
    CHANGED = "changed"  # disabled, or a new password


@dataclass(frozen=True)
class SignedIn:
    """Who a cookie stands for."""

    staff: Staff
    digest: str
    stale: bool
    """The last request was written down a while ago: `touch` it."""


def digest_of(token: str) -> str:
    """What is kept of a cookie: who reads the database cannot sign in with it."""
    return hashlib.sha256(token.encode()).hexdigest()


async def open_session(session: AsyncSession, staff: Staff, *, now: datetime) -> str:
    """Sign in; what was signed in before ends. -> the cookie's value"""
    token = secrets.token_urlsafe(32)
    await session.execute(delete(StaffSession).where(StaffSession.staff_id == staff.id))
    session.add(
        StaffSession(
            staff_id=staff.id, digest=digest_of(token), version=staff.session_version, opened_at=now, seen_at=now
        )
    )
    await session.flush()
    return token


async def find_session(session: AsyncSession, token: str, *, now: datetime) -> SignedIn | Ended:
    """Who it is, or why nobody."""
    if not token:
        return Ended.UNKNOWN
    digest = digest_of(token)
    wanted = select(StaffSession, Staff).join(Staff, Staff.id == StaffSession.staff_id)
    found = (await session.execute(wanted.where(StaffSession.digest == digest))).one_or_none()
    if found is None:
        return Ended.UNKNOWN
    opened, staff = found
    if (ended := _why_ended(opened, staff, now)) is not None:
        return ended
    return SignedIn(staff, digest, stale=now - opened.seen_at > SEEN_EVERY)


async def find_sessions(session: AsyncSession, digests: Collection[str], *, now: datetime) -> dict[str, Staff]:
    """Of many at once, by digest; those that have ended are not in it."""
    wanted = select(StaffSession, Staff).join(Staff, Staff.id == StaffSession.staff_id)
    rows = await session.execute(wanted.where(StaffSession.digest.in_(digests)))
    return {opened.digest: staff for opened, staff in rows if _why_ended(opened, staff, now) is None}


def _why_ended(opened: StaffSession, staff: Staff, now: datetime) -> Ended | None:
    if staff.disabled_at is not None or opened.version != staff.session_version:
        return Ended.CHANGED
    if now - opened.seen_at > IDLE or now - opened.opened_at > LONGEST:
        return Ended.IDLE
    return None


async def touch(session: AsyncSession, staff_id: int, *, now: datetime) -> None:
    """There was a request just now."""
    if (opened := await session.get(StaffSession, staff_id)) is not None:
        opened.seen_at = now


async def end_session(session: AsyncSession, staff_id: int) -> None:
    await session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id))
