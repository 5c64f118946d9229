"""A strict local Bot API server for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.telegram.server import FakeTelegram


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running
        assert running.violations == []
