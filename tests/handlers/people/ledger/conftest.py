"""A database of each kind with ledgers over it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.clock import FixedClock
from bot.settings import Settings
from tests.handlers.people.ledger.desk import Desk, open_desk


@pytest.fixture
def clock() -> FixedClock:
    """Tuesday, 24 November 2026, nine in the morning."""
    return FixedClock("2026-11-24T09:00:00+08:00")


@pytest.fixture
async def desk(settings: Settings, clock: FixedClock) -> AsyncIterator[Desk]:
    async with open_desk(settings, clock) as found:
        yield found


@pytest.fixture
async def desk_on_each(settings_on_each: Settings, clock: FixedClock) -> AsyncIterator[Desk]:
    async with open_desk(settings_on_each, clock) as found:
        yield found
