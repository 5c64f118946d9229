"""The Bot API as we call it: python-telegram-bot's `Bot`, quiet in the logs, at the root of the settings."""

from __future__ import annotations

import logging
import warnings
from typing import Any, cast
from urllib.parse import urlsplit

from httpx import create_ssl_context
from telegram import Bot
from telegram.error import BadRequest
from telegram.request import BaseRequest, HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

from bot.channels.telegram.incoming import UPDATE_KINDS
from bot.channels.telegram.spread import Spread
from bot.files import FileTooLarge
from bot.settings import Settings, is_loopback

READ_TIMEOUT = 15.0
CONNECT_TIMEOUT = 10.0
CLIENTS, CONNECTIONS_EACH = 10, 50
"""More together than the courier has in hand, those included that get no answer: nothing must wait for a connection."""
MOST_BYTES = 20 * 1024 * 1024
"""Telegram gives bots no larger files."""


class Api(Bot):
    """`Bot`, and updates as the JSON they came as."""

    def __init__(self, *, token: str, root: str) -> None:
        # A proxy of the environment is for the world outside, not for a server on this machine.
        options = {"trust_env": not is_loopback(urlsplit(root).hostname or ""), "verify": create_ssl_context()}

        def client(connections: int) -> BaseRequest:
            return HTTPXRequest(
                connection_pool_size=connections,
                read_timeout=READ_TIMEOUT,
                write_timeout=READ_TIMEOUT,
                connect_timeout=CONNECT_TIMEOUT,
                pool_timeout=READ_TIMEOUT,
                httpx_kwargs=options,
            )

        self._own_requests = [client(2), Spread([client(CONNECTIONS_EACH) for _ in range(CLIENTS)])]
        super().__init__(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            get_updates_request=self._own_requests[0],
            request=self._own_requests[1],
        )

    async def fetch_updates(self, offset: int | None, *, wait: int, limit: int = 100) -> list[dict[str, Any]]:
        """`get_updates` without its parsing, where one update it cannot read fails the batch for ever."""
        given = {"offset": offset, "timeout": wait, "limit": limit, "allowed_updates": list(UPDATE_KINDS)}
        found = await self._post("getUpdates", given, read_timeout=READ_TIMEOUT + wait)
        return cast(list[dict[str, Any]], found if isinstance(found, list) else [])

    async def fetch_file(self, file_id: str) -> bytes:
        """The content of a file that somebody sent. Raises FileTooLarge."""
        try:
            file = await self.get_file(file_id)
        except BadRequest as error:
            # Other 400s may pass: "wrong file_id or the file is temporarily unavailable".
            if "too big" in error.message.lower():
                raise FileTooLarge from error
            raise
        if (file.file_size or 0) > MOST_BYTES:
            raise FileTooLarge
        return bytes(await file.download_as_bytearray())

    async def close_connections(self) -> None:
        for request in self._own_requests:
            await request.shutdown()


def make_api(settings: Settings) -> Api:
    """Nothing is sent yet; no network is needed to make it."""
    assert settings.telegram_token is not None
    _hush_libraries()
    return Api(token=settings.telegram_token.get_secret_value(), root=settings.telegram_base_url)


def _hush_libraries() -> None:
    """Their lines hold what ours must not: the address with the token, and what people wrote."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", category=PTBDeprecationWarning)
