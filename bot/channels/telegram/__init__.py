"""Talking through Telegram: updates in by polling or webhook, messages out through the outbox.

The only package that imports `telegram`; it converts and shows, and decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.app import App
    from bot.channels.telegram.channel import TelegramChannel
    from bot.settings import Settings


def make_channel(app: App) -> TelegramChannel:
    """The channel that `shangan serve` runs where a token is set."""
    # Here, so that `staff_address` can be had without loading the library.
    from bot.channels.telegram.channel import make_channel as make

    return make(app)


async def diagnose(settings: Settings) -> str | None:
    """For `shangan doctor`: what is wrong with Telegram, None if nothing."""
    from bot.channels.telegram.diagnosis import diagnose as ask

    return await ask(settings)
