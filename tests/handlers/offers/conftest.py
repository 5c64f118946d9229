"""Fixtures for offers: a hall on SQLite, or on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.clock import FixedClock
from bot.settings import Settings
from tests.handlers.offers.hall import Hall, open_hall


@pytest.fixture
def clock() -> FixedClock:
    """Sunday, 29 November 2026, ten in the morning."""
    return FixedClock("2026-11-29T10:00:00+08:00")


@pytest.fixture
async def hall(settings: Settings, clock: FixedClock) -> AsyncIterator[Hall]:
    async with open_hall(settings, clock) as found:
        yield found


@pytest.fixture
async def hall_on_each(settings_on_each: Settings, clock: FixedClock) -> AsyncIterator[Hall]:
    async with open_hall(settings_on_each, clock) as found:
        yield found
