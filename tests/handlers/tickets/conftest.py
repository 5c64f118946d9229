"""Fixtures for tickets: a staffed bureau on SQLite, or on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.clock import FixedClock
from bot.settings import Settings
from tests.handlers.tickets.bureau import Bureau, open_bureau, staffed


@pytest.fixture
def clock() -> FixedClock:
    """Tuesday, 24 November 2026, nine in the morning."""
    return FixedClock("2026-11-24T09:00:00+08:00")


@pytest.fixture
async def bureau(settings: Settings, clock: FixedClock) -> AsyncIterator[Bureau]:
    async with open_bureau(settings, clock) as found:
        yield await staffed(found)


@pytest.fixture
async def bureau_on_each(settings_on_each: Settings, clock: FixedClock) -> AsyncIterator[Bureau]:
    async with open_bureau(settings_on_each, clock) as found:
        yield await staffed(found)
