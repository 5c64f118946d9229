"""A strict local Bot API server for each test, and a bureau that talks through it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App
from bot.clock import FixedClock
from tests.telegram.server import FakeTelegram
from tests.telegram.staff import bureau_at, employ, quick_settings


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running
        assert running.violations == []


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock("2026-11-24T10:14:00+08:00")


@pytest.fixture
async def bureau(server: FakeTelegram, tmp_path: Path, clock: FixedClock) -> AsyncIterator[App]:
    async with bureau_at(quick_settings(server, tmp_path), clock) as app:
        await employ(app, clock.now())
        yield app


@pytest.fixture
async def bureau_on_each(
    server: FakeTelegram, tmp_path: Path, clock: FixedClock, database_url: str
) -> AsyncIterator[App]:
    """The same on SQLite and on PostgreSQL, where databases differ: locks, timers, times, sealed and stored bytes."""
    async with bureau_at(quick_settings(server, tmp_path, database_url), clock) as app:
        await employ(app, clock.now())
        yield app
