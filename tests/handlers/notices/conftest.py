"""A town on SQLite and on PostgreSQL; it is Monday, nine in the morning."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import FixedClock
from bot.database import Database
from bot.errors import DatabaseAway
from bot.settings import Settings
from tests.handlers.notices.town import Town, open_town


@pytest.fixture
async def town(settings_on_each: Settings, clock: FixedClock) -> AsyncIterator[Town]:
    async with open_town(settings_on_each, clock) as town:
        town.connect()
        yield town


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """While it is set, nothing can be written."""
    real, away = Database.transaction, asyncio.Event()

    @asynccontextmanager
    async def broken(self: Database) -> AsyncIterator[AsyncSession]:
        if away.is_set():
            raise DatabaseAway("test")
        async with real(self) as session:
            yield session

    monkeypatch.setattr(Database, "transaction", broken)
    return away
