"""Updates that Telegram posts to us: 200 only after commit, 500 if it could not commit (they come again)."""

from __future__ import annotations

import asyncio
import hmac
import json
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.api import Api
from bot.channels.telegram.incoming import UPDATE_KINDS, update_id
from bot.channels.telegram.polling import Pace, seconds_of
from bot.channels.telegram.reception import Reception
from bot.channels.telegram.status import Fault, Status

log = structlog.get_logger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the header's name
BODY_LIMIT = 1024 * 1024


class Webhook:
    def __init__(
        self,
        api: Api,
        reception: Reception,
        status: Status,
        *,
        url: str,
        secret: str,
        pace: Pace | None = None,
    ) -> None:
        self._api, self._reception, self._status = api, reception, status
        self._url, self._secret = url, secret
        self._pace = pace or Pace()
        self._stop = asyncio.Event()

    @property
    def path(self) -> str:
        """Where the web server routes POST to `handle`."""
        return urlsplit(self._url).path or "/"

    def stop(self) -> None:
        self._stop.set()

    async def run(self) -> None:
        """Tell Telegram where to post, again and again until it is told; then nothing more."""
        failures = 0
        while not self._stop.is_set():
            wait = self._pace.pause(failures)
            failures += 1
            try:
                await self._api.set_webhook(self._url, secret_token=self._secret, allowed_updates=UPDATE_KINDS)
            except InvalidToken:
                self._status.receives(Fault.TOKEN_REFUSED)
                log.critical("telegram_token_refused")
                wait = self._pace.pause(failures, refused=True)
            except RetryAfter as error:
                wait = seconds_of(error)
            except TelegramError as error:
                self._status.receives(Fault.UNREACHABLE)
                log.warning("telegram_webhook_not_set", error=type(error).__name__)
            else:
                self._status.receives()
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), wait)

    async def handle(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret.encode()):
            log.warning("telegram_webhook_wrong_secret", remote=request.remote)
            return web.Response(status=403)
        body = await _read_body(request)
        if body is None:
            return web.Response(status=413)
        update = _parse(body)
        if update is None:
            log.warning("telegram_webhook_malformed", size=len(body))
            return web.Response(status=400)
        try:
            await self._reception.accept(update)
        except Exception as error:
            log.error("telegram_update_not_committed", update_id=update_id(update), error=type(error).__name__)
            return web.Response(status=500)
        return web.Response()


async def _read_body(request: web.Request) -> bytes | None:
    """The body, or None as soon as it is too long; the server's own limit may be another."""
    if (request.content_length or 0) > BODY_LIMIT:
        return None
    body = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > BODY_LIMIT:
            return None
    return bytes(body)


def _parse(body: bytes) -> dict[str, Any] | None:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) and update_id(update) is not None else None
