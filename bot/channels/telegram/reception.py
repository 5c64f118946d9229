"""One update from arrival to commit, the same for polling and webhook."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import replace
from typing import Any

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.incoming import callback_id, migration, to_incoming
from bot.messages import Incoming

log = structlog.get_logger(__name__)

Respond = Callable[[Incoming], Awaitable[object]]
"""The conversation: returns once the message and its replies are committed; raises if they are not."""

Groups = Callable[[], Awaitable[Container[int]]]
"""The staff groups in which we take part, as they are now."""


Moved = Callable[[str, str], Awaitable[None]]
"""A staff group has another id now: returns once that is committed."""


async def _no_groups() -> Container[int]:
    return ()


async def _not_noted(_old: str, _new: str) -> None:
    """Nobody keeps groups."""


class Reception:
    def __init__(
        self,
        bot: Bot,
        respond: Respond,
        *,
        bot_id: str,
        groups: Groups = _no_groups,
        moved: Moved = _not_noted,
        commands: Mapping[str, str] | None = None,
    ) -> None:
        self._bot, self._respond = bot, respond
        self._bot_id, self._groups, self._moved = bot_id, groups, moved
        self.username = ""
        """Ours, once Telegram has told it; until then a command for any bot counts as ours."""
        self._commands = dict(commands or {})
        """`/menu` -> the word of the conversation that it stands for."""
        self._spinners: set[asyncio.Task[None]] = set()

    async def accept(self, update: Mapping[str, Any]) -> None:
        """Returns when the update may be acknowledged; raises if it could not be committed."""
        if query := callback_id(update):
            self._stop_spinner(query)
        groups = await self._groups()
        if (ids := migration(update)) is not None:
            if ids[0] in groups:
                await self._moved(str(ids[0]), str(ids[1]))
            return
        incoming = to_incoming(update, bot_id=self._bot_id, groups=groups, username=self.username)
        if incoming is None:
            return
        if word := self._commands.get(incoming.text):
            incoming = replace(incoming, text=word)
        await self._respond(incoming)

    def _stop_spinner(self, query: str) -> None:
        """Answer the press before the work, and without making the work wait for Telegram."""

        async def answer() -> None:
            try:
                await self._bot.answer_callback_query(query)
            except TelegramError as error:
                # Too old, or no network: the reply itself still comes.
                log.info("telegram_spinner_not_stopped", error=type(error).__name__)

        task = asyncio.create_task(answer())
        self._spinners.add(task)
        task.add_done_callback(self._spinners.discard)

    async def close(self) -> None:
        for task in self._spinners:
            task.cancel()
        await asyncio.gather(*self._spinners, return_exceptions=True)
