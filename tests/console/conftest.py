"""The whole program with its console on a loopback port, staff who sign in over HTTP, and a real Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.clock import FixedClock
from bot.settings import Settings
from tests.console.site import ConsoleSite, open_console
from tests.web.conftest import browser

__all__ = ["browser"]


@pytest.fixture
def clock() -> FixedClock:
    """Tuesday, 24 November 2026, nine in the morning."""
    return FixedClock("2026-11-24T09:00:00+08:00")


@pytest.fixture
async def console(settings: Settings, clock: FixedClock) -> AsyncIterator[ConsoleSite]:
    """A staffed bureau on SQLite, its console listening."""
    async with open_console(settings, clock) as site:
        yield site


@pytest.fixture
async def console_on_each(settings_on_each: Settings, clock: FixedClock) -> AsyncIterator[ConsoleSite]:
    """The same on SQLite and on PostgreSQL."""
    async with open_console(settings_on_each, clock) as site:
        yield site
