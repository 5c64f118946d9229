"""A town on SQLite and on PostgreSQL; it is Monday, nine in the morning."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.clock import FixedClock
from bot.settings import Settings
from tests.handlers.notices.town import Town, open_town


@pytest.fixture
async def town(settings_on_each: Settings, clock: FixedClock) -> AsyncIterator[Town]:
    async with open_town(settings_on_each, clock) as town:
        town.connect()
        yield town
