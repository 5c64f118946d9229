"""What is done to accounts, each a use case inside the caller's session, with its line in the audit.

`access_account` is the only door to somebody else's account: "not yours" and "not there" are the same error.
Whether the actor's role may do it at all is `roles.check_may`, asked by whoever took the request.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.staff import audit
from bot.staff.audit import Actor, AuditAction, Subject
from bot.staff.models import Staff, is_within
from bot.staff.passwords import NewPassword
from bot.staff.roles import Role, Scope, is_region_id

_USERNAME = re.compile(r"\w[\w.@-]{0,39}")
_TELEGRAM_ID = re.compile(r"[1-9][0-9]{0,18}")


class Duty(StrEnum):
    ON = "on"
    AWAY = "away"


class NoSuchAccount(UserFacingError):
    """There is none, or it lies outside the asker's region. Data: username."""

    code = "no_such_account"


class UsernameTaken(UserFacingError):
    """Data: username."""

    code = "username_taken"


class UsernameUnfit(UserFacingError):
    """Letters, digits, `.`, `@`, `-`, `_`, at most forty. Data: username."""

    code = "username_unfit"


class TelegramTaken(UserFacingError):
    """Another account has this Telegram id."""

    code = "telegram_taken"


class TelegramUnfit(UserFacingError):
    """A person's id on Telegram is a positive number."""

    code = "telegram_unfit"


def login_of(username: str) -> str | None:
    """The name as it is compared: width and case do not count. None for what can be no name."""
    login = unicodedata.normalize("NFKC", username).strip().casefold()
    return login if _USERNAME.fullmatch(login) else None


async def add_account(
    session: AsyncSession,
    username: str,
    *,
    role: Role,
    region: str,
    password: NewPassword,
    actor: Actor,
    now: datetime,
    display_name: str = "",
    telegram_id: str | None = None,
) -> Staff:
    """Raises UsernameTaken, UsernameUnfit, TelegramTaken, TelegramUnfit."""
    login = login_of(username)
    if login is None:
        raise UsernameUnfit(username=username)
    if not is_region_id(region):
        raise ValueError(f"{region!r} is no id of a region")
    # All changes of accounts hold the audit's head, so nobody can take the name between the look and the insert.
    await audit.hold(session)
    if await session.scalar(select(Staff.id).where(Staff.login == login)) is not None:
        raise UsernameTaken(username=username)
    if telegram_id is not None:
        await _check_telegram(session, telegram_id)
    name = unicodedata.normalize("NFKC", username).strip()
    staff = Staff(
        username=name,
        login=login,
        display_name=(display_name.strip() or name)[:60],
        role=str(role),
        region=region,
        telegram_id=telegram_id,
        password_hash=password.hash,
        must_change_password=password.must_change,
        created_at=now,
    )
    session.add(staff)
    await session.flush()
    data = {"role": str(role), "region": region, "telegram": telegram_id is not None}
    await record(session, AuditAction.ACCOUNT_ADDED, staff, actor=actor, now=now, data=data)
    return staff


async def access_account(session: AsyncSession, username: str, *, scope: Scope) -> Staff:
    """The account, locked to be changed, if it lies within the scope. Raises NoSuchAccount."""
    login = login_of(username)
    found = None if login is None else await lock(session, Staff.login == login)
    if found is None or not scope.covers(found.region):
        raise NoSuchAccount(username=username)
    return found


async def access_by_id(session: AsyncSession, staff_id: int, *, scope: Scope) -> Staff:
    """The same by its id, as pages name it. Raises NoSuchAccount."""
    found = await lock(session, Staff.id == staff_id)
    if found is None or not scope.covers(found.region):
        raise NoSuchAccount(username=str(staff_id))
    return found


async def list_accounts(session: AsyncSession, *, scope: Scope) -> Sequence[Staff]:
    """All within the scope, disabled ones too, by name."""
    found = await session.scalars(select(Staff).where(is_within(scope, Staff.region)).order_by(Staff.login))
    return found.all()


async def find_by_telegram(session: AsyncSession, telegram_id: str) -> Staff | None:
    """Who of the staff writes on Telegram; None for everybody else and for disabled accounts."""
    return await session.scalar(select(Staff).where(Staff.telegram_id == telegram_id, Staff.disabled_at.is_(None)))


async def reset_password(
    session: AsyncSession, staff: Staff, password: NewPassword, *, actor: Actor, now: datetime
) -> None:
    """Another password; a lock ends, and so do the sessions that are signed in."""
    put_password(staff, password)
    staff.failed_logins, staff.locked_until = 0, None
    data = {"must_change": password.must_change}
    await record(session, AuditAction.PASSWORD_RESET, staff, actor=actor, now=now, data=data)


async def disable(session: AsyncSession, staff: Staff, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """No login, no work by turns, no Telegram; at once. Doing it again changes nothing."""
    if staff.disabled_at is not None:
        return
    staff.disabled_at = now
    staff.session_version += 1
    await record(session, AuditAction.ACCOUNT_DISABLED, staff, actor=actor, now=now, reason=reason)


async def unlock(session: AsyncSession, staff: Staff, *, actor: Actor, now: datetime) -> None:
    """Open an account again that is locked or disabled."""
    data = {"was_disabled": staff.disabled_at is not None, "was_locked": staff.locked_until is not None}
    staff.failed_logins, staff.locked_until, staff.disabled_at = 0, None, None
    await record(session, AuditAction.ACCOUNT_UNLOCKED, staff, actor=actor, now=now, data=data)


async def change(
    session: AsyncSession, staff: Staff, *, role: Role, region: str, display_name: str, actor: Actor, now: datetime
) -> None:
    """Another role, place or name shown; at once, for whoever is signed in too. Saying what is so changes nothing."""
    if not is_region_id(region):
        raise ValueError(f"{region!r} is no id of a region")
    name = display_name.strip()[:60] or staff.display_name
    before = {"role": staff.role, "region": staff.region}
    after = {"role": str(role), "region": region}
    data: dict[str, Any] = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if name != staff.display_name:
        data["name"] = True
    if not data:
        return
    staff.role, staff.region, staff.display_name = str(role), region, name
    await record(session, AuditAction.ACCOUNT_CHANGED, staff, actor=actor, now=now, data=data)


async def link_telegram(
    session: AsyncSession, staff: Staff, telegram_id: str | None, *, actor: Actor, now: datetime
) -> None:
    """Who writes with this id on Telegram is this person; None ends it. Raises TelegramTaken, TelegramUnfit."""
    if telegram_id == staff.telegram_id:
        return
    await audit.hold(session)
    if telegram_id is not None:
        await _check_telegram(session, telegram_id)
    staff.telegram_id = telegram_id
    data = {"linked": telegram_id is not None}
    await record(session, AuditAction.TELEGRAM_LINKED, staff, actor=actor, now=now, data=data)


async def set_duty(session: AsyncSession, staff: Staff, duty: Duty, *, actor: Actor, now: datetime) -> None:
    """There, or away: whoever is away gets no work by turns. Saying it again changes nothing."""
    if staff.on_duty == (duty is Duty.ON):
        return
    staff.on_duty = duty is Duty.ON
    staff.away_since = None if staff.on_duty else now
    await record(session, AuditAction.DUTY_CHANGED, staff, actor=actor, now=now, data={"duty": str(duty)})


async def lock(session: AsyncSession, condition: Any) -> Staff | None:
    """The row as it is now, locked until the transaction ends."""
    return await session.scalar(
        select(Staff).where(condition).with_for_update().execution_options(populate_existing=True)
    )


async def record(
    session: AsyncSession,
    action: AuditAction,
    staff: Staff,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """A line in the audit about this account; what was changed goes to the database first."""
    await session.flush()
    subject = Subject("staff", str(staff.id))
    await audit.append(session, action, actor=actor, subject=subject, at=now, reason=reason, data=data)


def put_password(staff: Staff, password: NewPassword) -> None:
    """The sessions that are signed in end."""
    staff.password_hash = password.hash
    staff.must_change_password = password.must_change
    staff.session_version += 1


def is_telegram_id(text: str) -> bool:
    """As a person's id on Telegram is written."""
    return _TELEGRAM_ID.fullmatch(text) is not None


async def _check_telegram(session: AsyncSession, telegram_id: str) -> None:
    if not is_telegram_id(telegram_id):
        raise TelegramUnfit
    if await session.scalar(select(Staff.id).where(Staff.telegram_id == telegram_id)) is not None:
        raise TelegramTaken
