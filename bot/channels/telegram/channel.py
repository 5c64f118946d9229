"""The Telegram channel as `shangan serve` runs it: receives by webhook or polling, registers the sender."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, MutableMapping, Sequence
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from aiohttp import web
from telegram.error import TelegramError

from bot.channels.telegram.address import bot_id, pace_of, staff_address
from bot.channels.telegram.api import Api, make_api
from bot.channels.telegram.commands import Command, read_commands, what_they_say
from bot.channels.telegram.lease import PollingLease
from bot.channels.telegram.polling import Pace, Poller
from bot.channels.telegram.reception import Reception
from bot.channels.telegram.sender import TelegramSender
from bot.channels.telegram.status import Status
from bot.channels.telegram.webhook import Webhook
from bot.messages import Address, ChannelName
from bot.moving import move_chat, where_now
from bot.pacing import ChatPace

if TYPE_CHECKING:
    from bot.app import App

LAST_COMMITS = 10.0
"""Seconds that what is under way may take when the process is asked to stop."""


class TelegramChannel:
    name = ChannelName.TELEGRAM

    def __init__(
        self,
        api: Api,
        reception: Reception,
        receiver: Poller | Webhook,
        status: Status,
        *,
        commands: Sequence[Command],
        pace: Pace,
        handles: MutableMapping[ChannelName, str],
    ) -> None:
        """`handles`: where our own name is told, once it is known."""
        self._handles = handles
        self._api, self._reception, self._receiver = api, reception, receiver
        self._status, self._commands, self._pace = status, commands, pace

    def add_routes(self, site: web.Application) -> None:
        if isinstance(self._receiver, Webhook):
            site.router.add_post(self._receiver.path, self._receiver.handle)

    async def run(self) -> None:
        """Receive until cancelled; what is committed by then is acknowledged before this ends."""
        receiving = asyncio.create_task(self._receiver.run())
        introducing = asyncio.create_task(self._introduce())
        try:
            await asyncio.shield(receiving)
            await introducing
        except asyncio.CancelledError:
            self._receiver.stop()
            await asyncio.wait({receiving}, timeout=LAST_COMMITS)
            raise
        finally:
            receiving.cancel()
            introducing.cancel()
            await asyncio.gather(receiving, introducing, return_exceptions=True)
            await self._reception.close()

    async def _introduce(self) -> None:
        """Learn our name, put our commands behind the menu button; people can do without, so nobody waits for it."""
        lines = [(command.command, command.description) for command in self._commands]
        for failures in count():
            with suppress(TelegramError):
                self._reception.username = (await self._api.get_me()).username or ""
                self._handles[self.name] = self._reception.username
                await self._api.set_my_commands(lines)
                return
            await asyncio.sleep(self._pace.pause(failures, refused=True))

    def readiness(self) -> str | None:
        return self._status.fault

    async def close(self) -> None:
        """After the last message is sent."""
        await self._api.close_connections()


def make_channel(
    app: App, *, pace: Pace | None = None, pace_of: Callable[[str], ChatPace] = pace_of
) -> TelegramChannel:
    """Build it from the settings, and let the outbox send through it. Nothing is sent yet."""
    settings, pace = app.settings, pace or Pace()
    api, bot, status = make_api(settings), bot_id(settings), Status()
    commands = read_commands()
    reception = Reception(
        api,
        app.conversation.respond,
        bot_id=bot,
        groups=_groups_of(app),
        moved=_moved_of(app),
        commands=what_they_say(commands),
    )
    if app.services.fetch_through is not None:
        app.services.fetch_through(str(ChannelName.TELEGRAM), api.fetch_file)
    receiver: Poller | Webhook
    if settings.telegram_webhook_url and settings.telegram_webhook_secret:
        secret = settings.telegram_webhook_secret.get_secret_value()
        receiver = Webhook(api, reception, status, url=settings.telegram_webhook_url, secret=secret, pace=pace)
    else:
        lease = PollingLease(app.database, app.clock, name=f"telegram:{bot}")
        receiver = Poller(api, reception, lease, status, pace=pace)
    sender = TelegramSender(api, status, read_file=app.services.read_file)
    app.courier.register(ChannelName.TELEGRAM, sender, bot=bot, rate=settings.telegram_rate, pace_of=pace_of)
    return TelegramChannel(api, reception, receiver, status, commands=commands, pace=pace, handles=app.handles)


def _groups_of(app: App) -> Callable[[], Awaitable[Container[int]]]:
    """The staff chat of the settings and the queues' groups, which staff change while we run."""
    own = staff_address(app.settings)

    async def groups() -> Container[int]:
        found = {int(chat) for chat in await app.services.staff_groups()}
        if own is not None:
            async with app.database.reading() as session:
                found |= {int(own.key), int((await where_now(session, own)).key)}
        return found

    return groups


def _moved_of(app: App) -> Callable[[str, str], Awaitable[None]]:
    async def moved(old: str, new: str) -> None:
        address = Address(ChannelName.TELEGRAM, old, bot_id(app.settings))
        async with app.database.transaction() as session:
            await move_chat(session, address, new, now=app.clock.now(), follow=app.services.chat_moved)

    return moved
