"""What `shangan doctor` says about Telegram."""

from __future__ import annotations

from pathlib import Path

from bot.channels.telegram import diagnose
from tests.telegram.server import FakeTelegram
from tests.telegram.serving import settings_for


async def test_all_is_well(server: FakeTelegram, tmp_path: Path):
    assert await diagnose(settings_for(server, tmp_path)) is None
    assert [call.method for call in server.calls] == ["getMe"]


async def test_a_refused_token_is_told(server: FakeTelegram, tmp_path: Path):
    server.revokes()
    found = await diagnose(settings_for(server, tmp_path))
    assert found is not None
    assert "token" in found
    assert server.token not in found


async def test_no_network_is_told(tmp_path: Path):
    async with FakeTelegram() as gone:
        settings = settings_for(gone, tmp_path)
    found = await diagnose(settings)
    assert found is not None
    assert "does not answer" in found
