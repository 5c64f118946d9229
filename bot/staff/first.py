"""The first administrator, made when a server starts over a database without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from bot.database import Database
from bot.staff import audit
from bot.staff.accounts import UsernameTaken, add_account
from bot.staff.models import Staff
from bot.staff.passwords import make_one_time
from bot.staff.roles import EVERYWHERE, Role

NAME = "admin"


@dataclass(frozen=True)
class FirstAdministrator:
    """Shown once, kept nowhere."""

    username: str
    password: str = field(repr=False)


async def add_first_administrator(database: Database, *, now: datetime) -> FirstAdministrator | None:
    """None where there is an administrator already, or somebody else has the name (`shangan staff add` then)."""
    wanted = select(Staff.id).where(Staff.role == str(Role.ADMINISTRATOR)).limit(1)
    async with database.reading() as session:
        if await session.scalar(wanted) is not None:
            return None
    password = await make_one_time()
    try:
        async with database.transaction() as session:
            await audit.hold(session)  # of two processes that start at once, one makes it
            if await session.scalar(wanted) is not None:
                return None
            await add_account(
                session,
                NAME,
                role=Role.ADMINISTRATOR,
                region=EVERYWHERE,
                password=password,
                actor=audit.SYSTEM,
                now=now,
            )
    except UsernameTaken:
        return None
    return FirstAdministrator(NAME, password.plain)
