"""Accounts found by words, role and state, a page at a time, within a scope."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff, is_within
from bot.staff.roles import Role, Scope

PAGE = 50


class AccountState(StrEnum):
    OPEN = "open"
    LOCKED = "locked"
    DISABLED = "disabled"


def state_of(staff: Staff, now: datetime) -> AccountState:
    if staff.disabled_at is not None:
        return AccountState.DISABLED
    is_locked = staff.locked_until is not None and staff.locked_until > now
    return AccountState.LOCKED if is_locked else AccountState.OPEN


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for, as it stands in the address."""

    words: str = ""
    role: str = ""
    state: str = ""
    """Empty: all that are not disabled."""
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Wanted:
        """Whatever cannot be read is left out."""
        role, state, page = query.get("role", ""), query.get("state", ""), query.get("page", "")
        return cls(
            words=query.get("q", "").strip()[:40],
            role=role if role in set(Role) else "",
            state=state if state in set(AccountState) else "",
            page=int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 5 and int(page) else 1,
        )


async def search_accounts(
    session: AsyncSession, wanted: Wanted, *, scope: Scope, now: datetime
) -> tuple[list[Staff], int]:
    """-> (one page, how many there are in all)"""
    where = [is_within(scope, Staff.region), _state_is(wanted.state, now)]
    if wanted.role:
        where.append(Staff.role == wanted.role)
    if wanted.words:
        login = unicodedata.normalize("NFKC", wanted.words).casefold()
        where.append(
            or_(
                Staff.login.contains(login, autoescape=True), Staff.display_name.contains(wanted.words, autoescape=True)
            )
        )
    found = await session.scalars(
        select(Staff).where(*where).order_by(Staff.login).limit(PAGE).offset(PAGE * (wanted.page - 1))
    )
    return list(found), await session.scalar(select(func.count()).select_from(Staff).where(*where)) or 0


def _state_is(state: str, now: datetime) -> ColumnElement[bool]:
    if state == AccountState.DISABLED:
        return Staff.disabled_at.is_not(None)
    if state == AccountState.LOCKED:
        return Staff.disabled_at.is_(None) & (Staff.locked_until > now)
    return Staff.disabled_at.is_(None)
