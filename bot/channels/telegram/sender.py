"""Sends one stored message through Telegram and tells the outbox how it went."""

from __future__ import annotations

import asyncio
import math
from typing import NoReturn

import httpx
import structlog
from telegram import Bot, InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.telegram.polling import seconds_of
from bot.channels.telegram.rendering import as_html, make_keyboard, split_text
from bot.channels.telegram.status import Fault, Status
from bot.files import ReadFile, StoredFile
from bot.outbox import NotSent, Outgoing, Rejected, RetryLater, SentResult, Unreachable

log = structlog.get_logger(__name__)

TIME_LIMIT = 20.0
"""Seconds for one message with all its parts; the outbox allows 25."""
PROBE_SECONDS = 4.0
NO_NETWORK_PAUSE = 3.0
REFUSED_PAUSE = 15.0
"""Everybody waits so long before one more message tries whether the token works again."""
ALL_DOWN, SILENT = 5, 5.0
"""After so many failures in a row, whatever the chat, and so many seconds without one that worked, it is Telegram that
fails and not the message: where it fails for two thirds of the chats, five in a row come soon."""
STUBBORN = 12
"""A message that Telegram fails at more often is the fault, where Telegram answers other things."""
REMEMBERED = 1000
PICTURES = ("image/jpeg", "image/png")
"""What Telegram shows in the chat itself."""
CAPTION_LIMIT = 1024
GONE = ("chat not found", "peer_id_invalid", "user not found", "user is deactivated", "chat_write_forbidden")
"""400s that mean what 403 means."""
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class TelegramSender:
    def __init__(self, bot: Bot, status: Status, *, read_file: ReadFile | None = None) -> None:
        self._bot, self._status, self._read_file = bot, status, read_file
        self._failures, self._worked_at, self._answered_at = 0, -math.inf, -math.inf
        self._parts: dict[int, int] = {}
        """By delivery: parts of a long message that arrived before a later one failed; not sent again."""
        self._refused: dict[int, int] = {}
        """By delivery: how often Telegram answered that it failed."""

    async def send(self, outgoing: Outgoing) -> SentResult:
        try:
            async with asyncio.timeout(TIME_LIMIT):
                result = await self._send_where_it_is(outgoing)
        except TelegramError as error:
            if _is_server_fault(error) and await self._is_its_own(outgoing):
                raise NotSent(type(error).__name__) from error
            unanswered = isinstance(error, TimedOut) and not isinstance(error.__cause__, NEVER_LEFT)
            if unanswered and self._is_silent() and not await self._answered_lately():
                raise RetryLater(NO_NETWORK_PAUSE, lost=True) from error
            self._translate(error, fresh=outgoing.attempt == 1)
        self._works()
        self._status.sends()
        self._parts.pop(outgoing.id, None)
        self._refused.pop(outgoing.id, None)
        return result

    def _works(self) -> None:
        self._failures, self._worked_at = 0, asyncio.get_running_loop().time()

    def _is_silent(self) -> bool:
        return asyncio.get_running_loop().time() - self._worked_at > SILENT

    def _is_down(self) -> bool:
        return self._failures >= ALL_DOWN and self._is_silent()

    async def _is_its_own(self, outgoing: Outgoing) -> bool:
        """Whether the fault is the message's own: refused before or again and again, while Telegram answers others."""
        delivery = outgoing.id
        if outgoing.attempt > 1:
            # At the end of a campaign those alone are left whose chats always fail.
            return not self._is_silent() or await self._answered_lately()
        self._refused[delivery] = self._refused.get(delivery, 0) + 1
        if len(self._refused) > REMEMBERED:
            self._refused.pop(next(iter(self._refused)))
        if self._refused.get(delivery, 0) <= STUBBORN:
            return False
        return await self._answers()

    async def _answers(self) -> bool:
        """Whether Telegram answers anything; asked with what changes nothing there."""
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await self._bot.get_me()
        except (TelegramError, TimeoutError):
            return False
        self._answered_at = asyncio.get_running_loop().time()
        return True

    async def _answered_lately(self) -> bool:
        """The same, not asked for every message."""
        return asyncio.get_running_loop().time() - self._answered_at < PROBE_SECONDS or await self._answers()

    async def _send_where_it_is(self, outgoing: Outgoing) -> SentResult:
        """To the chat, or to the supergroup that it has become."""
        chat = _chat_id(outgoing.address.key)
        try:
            return SentResult(await self._send_parts(outgoing, chat))
        except ChatMigrated as error:
            log.warning("telegram_chat_migrated", chat=chat, new_chat=error.new_chat_id)
            return SentResult(await self._send_parts(outgoing, error.new_chat_id), str(error.new_chat_id))

    async def _send_parts(self, outgoing: Outgoing, chat: int) -> str:
        assert outgoing.shown is not None
        parts = split_text(outgoing.shown.text)
        keyboard = make_keyboard(outgoing.shown.choices)
        if (named := outgoing.shown.file) and self._read_file and (file := await self._read_file(named)):
            return await self._send_file(chat, file, parts[0] if parts else "", keyboard)
        reference = ""
        for place, part in enumerate(parts):
            if place < self._parts.get(outgoing.id, 0):
                continue
            reference = await self._send_part(chat, part, keyboard if place == len(parts) - 1 else None)
            if len(parts) > 1:
                self._parts[outgoing.id] = place + 1
                if len(self._parts) > REMEMBERED:
                    self._parts.pop(next(iter(self._parts)))
        return reference

    async def _send_file(self, chat: int, file: StoredFile, caption: str, keyboard: InlineKeyboardMarkup | None) -> str:
        """A picture as a picture, what Telegram takes for none and all else as a file."""
        words = as_html(split_text(caption, CAPTION_LIMIT)[0]) if caption else None
        if file.media_type in PICTURES:
            try:
                sent = await self._bot.send_photo(
                    chat,
                    file.content,
                    caption=words,
                    parse_mode=ParseMode.HTML,
                    reply_markup=keyboard,
                    filename=file.name,
                )
                return str(sent.message_id)
            except BadRequest as error:
                if _says(error, GONE):
                    raise
                log.info("telegram_photo_refused", detail=error.message[:80])
        sent = await self._bot.send_document(
            chat, file.content, caption=words, parse_mode=ParseMode.HTML, reply_markup=keyboard, filename=file.name
        )
        return str(sent.message_id)

    async def _send_part(self, chat: int, text: str, keyboard: InlineKeyboardMarkup | None) -> str:
        try:
            sent = await self._bot.send_message(chat, as_html(text), parse_mode=ParseMode.HTML, reply_markup=keyboard)
        except BadRequest as error:
            if _says(error, GONE):
                raise
            # Better the bare words than silence: without markup and buttons only the chat can be wrong.
            log.error("telegram_message_refused", chat=chat, detail=error.message[:80])
            sent = await self._bot.send_message(chat, text)
        return str(sent.message_id)

    def _translate(self, error: TelegramError, *, fresh: bool) -> NoReturn:
        """`fresh`: this message has not failed before; of others it is known that Telegram fails them alone."""
        match error:
            case RetryAfter():
                raise RetryLater(seconds_of(error)) from error
            case Forbidden():
                self._works()
                raise Unreachable from error
            case BadRequest():
                self._works()
                raise (Unreachable if _says(error, GONE) else Rejected) from error
            case InvalidToken():
                self._status.sends(Fault.TOKEN_REFUSED)
                log.critical("telegram_token_refused")
                raise RetryLater(REFUSED_PAUSE, Fault.TOKEN_REFUSED) from error
            case NetworkError() if isinstance(error.__cause__, NEVER_LEFT):
                # It surely never left us, and nothing else can: everybody waits, and no attempt counts.
                self._status.sends(Fault.UNREACHABLE)
                raise RetryLater(NO_NETWORK_PAUSE) from error
            case _:
                self._failures += fresh
                if self._is_down():
                    self._status.sends(Fault.UNREACHABLE)
                if (self._is_down() or not fresh) and not isinstance(error.__cause__, httpx.HTTPError):
                    raise RetryLater(NO_NETWORK_PAUSE) from error
                if not isinstance(error.__cause__, httpx.HTTPError):
                    raise NotSent(type(error).__name__) from error
                # Perhaps it arrived and only the answer was lost; the outbox knows whether to send it again.
                raise error


def _chat_id(key: str) -> int:
    try:
        return int(key)
    except ValueError:
        raise Rejected("not a chat id") from None


def _is_server_fault(error: TelegramError) -> bool:
    """5xx: the platform answered, and that it failed."""
    return type(error) is NetworkError and not isinstance(error.__cause__, httpx.HTTPError)


def _says(error: BadRequest, phrases: tuple[str, ...]) -> bool:
    return any(phrase in error.message.lower() for phrase in phrases)
