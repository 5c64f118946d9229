"""How staff prove who they are. These use cases take the database and commit themselves, for two reasons:

a wrong password is counted although it is refused, which a raised error would roll back with the caller's session;
and argon2 must not run inside a write transaction, of which SQLite has one at a time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserFacingError
from bot.staff import passwords
from bot.staff.accounts import lock, login_of, put_password, record
from bot.staff.audit import SYSTEM, Actor, ActorKind, AuditAction
from bot.staff.models import Staff

MAX_FAILURES = 5
LOCK = timedelta(minutes=30)


class LoginRefused(UserFacingError):
    """No such name, or the wrong password: nobody is told which."""

    code = "login_refused"


class AccountLocked(UserFacingError):
    """Too many wrong passwords in a row. Data: minutes (left)."""

    code = "account_locked"


class AccountDisabled(UserFacingError):
    """Said only to whoever knows the password."""

    code = "account_disabled"


async def check_login(database: Database, username: str, password: str, *, now: datetime) -> Staff:
    """Whose account it is. Raises LoginRefused, AccountLocked, AccountDisabled.

    The caller looks at `must_change_password`, and keeps `id` and `session_version` in the signed-in session.
    """
    login = login_of(username)
    async with database.reading() as session:
        found = None if login is None else await session.scalar(select(Staff).where(Staff.login == login))
    if found is not None and (locked := _locked(found, now)):
        raise locked
    is_right = await passwords.matches(None if found is None else found.password_hash, password)
    if found is None:
        raise LoginRefused
    async with database.transaction() as session:
        # As it is now: others may have tried meanwhile, and the fifth of them locked it.
        staff = await lock(session, Staff.id == found.id)
        if staff is None or staff.password_hash != found.password_hash:
            raise LoginRefused
        outcome = await _settle(session, staff, now, is_right=is_right)
    if outcome is not None:
        raise outcome
    return staff


async def change_password(database: Database, staff_id: int, new: str, *, now: datetime) -> Staff:
    """Their own password, by whoever is signed in. Raises PasswordTooWeak, PasswordNotNew, AccountDisabled.

    All sessions end, the caller's too: it goes on with the `session_version` of what is returned.
    """
    passwords.check_strength(new)
    async with database.reading() as session:
        kept = await session.scalar(select(Staff.password_hash).where(Staff.id == staff_id))
    if await passwords.matches(kept, new):
        raise passwords.PasswordNotNew
    prepared = await passwords.take_given(new, must_change=False)
    async with database.transaction() as session:
        staff = await lock(session, Staff.id == staff_id)
        if staff is None or staff.disabled_at is not None:
            raise AccountDisabled
        if staff.password_hash != kept:
            raise LoginRefused  # reset meanwhile: what was proved at login no longer holds
        put_password(staff, prepared)
        actor = Actor(ActorKind.STAFF, staff.id)
        await record(session, AuditAction.PASSWORD_CHANGED, staff, actor=actor, now=now)
    return staff


async def _settle(session: AsyncSession, staff: Staff, now: datetime, *, is_right: bool) -> UserFacingError | None:
    """Count it, write it down. -> what is to be raised after the commit"""
    if locked := _locked(staff, now):
        return locked
    if not is_right:
        return await _count_failure(session, staff, now)
    if staff.disabled_at is not None:
        return AccountDisabled()
    staff.failed_logins, staff.locked_until, staff.last_seen_at = 0, None, now
    await record(session, AuditAction.LOGGED_IN, staff, actor=Actor(ActorKind.STAFF, staff.id), now=now)
    return None


async def _count_failure(session: AsyncSession, staff: Staff, now: datetime) -> UserFacingError:
    staff.failed_logins += 1
    # Whoever tried has not shown who they are: the program writes it down, not the account's owner.
    await record(session, AuditAction.LOGIN_FAILED, staff, actor=SYSTEM, now=now)
    if staff.failed_logins < MAX_FAILURES:
        return LoginRefused()
    staff.failed_logins, staff.locked_until = 0, now + LOCK
    await record(session, AuditAction.ACCOUNT_LOCKED, staff, actor=SYSTEM, now=now)
    return LoginRefused()


def _locked(staff: Staff, now: datetime) -> AccountLocked | None:
    if staff.locked_until is None or staff.locked_until <= now:
        return None
    return AccountLocked(minutes=-(-int((staff.locked_until - now).total_seconds()) // 60))
