"""Channels turn a platform's messages into `Incoming` and show `Shown`; they know no service and no state.

Each exposes `make_channel(app) -> Channel` (telegram: `bot.channels.telegram`, web chat: `bot.channels.webchat`).
The terminal is no server: `bot.channels.terminal` is called by the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.messages import ChannelName

if TYPE_CHECKING:
    from aiohttp import web


class Channel(Protocol):
    """What `shangan serve` runs beside the web server."""

    name: ChannelName

    def add_routes(self, site: web.Application) -> None:
        """Add the channel's own paths (webhook, chat page) before the server starts."""

    async def run(self) -> None:
        """The channel's background work (polling); supervised: restarted with back-off when it raises.

        Returns at once if there is none; ends when cancelled.
        """

    def readiness(self) -> str | None:
        """None when all is well, else a short code for `/readyz`, such as `telegram_unreachable`."""
