"""We poll ourselves: the next offset, which acknowledges a batch, is sent only after all of it is committed.

(`telegram.ext.Updater` acknowledges updates while they are only in memory.) One process polls under a
lease, the others stand by.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.api import Api
from bot.channels.telegram.incoming import migration, update_id
from bot.channels.telegram.lease import PollingLease
from bot.channels.telegram.reception import Reception
from bot.channels.telegram.status import Fault, Status

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """Seconds between things; tests make them short."""

    long_poll: int = 25
    first_pause: float = 0.5
    longest_pause: float = 30.0
    longest_refused: float = 300.0
    """The same where the token is refused: Telegram need not be asked often."""
    stand_by: float = 2.0
    """How often a process that stands by asks whether it may poll."""
    renew: float = 5.0
    farewell: float = 3.0
    """How long the last acknowledgement may take when we stop."""

    def pause(self, failures: int, *, refused: bool = False) -> float:
        most = self.longest_refused if refused else self.longest_pause
        longest = min(most, self.first_pause * 2.0 ** min(failures, 16))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311  # spreads retries, guards nothing


class TokenRefused(Exception):
    """Telegram does not know our token (any more)."""


class Stopped(Exception):
    """We were asked to stop while waiting."""


class Poller:
    def __init__(
        self,
        api: Api,
        reception: Reception,
        lease: PollingLease,
        status: Status,
        *,
        pace: Pace | None = None,
        concurrency: int = 16,
    ) -> None:
        self._api, self._reception, self._lease, self._status = api, reception, lease, status
        self._pace = pace or Pace()
        self._room = asyncio.Semaphore(concurrency)
        self._stop = asyncio.Event()
        self._offset: int | None = None
        self._done: set[int] = set()
        """Committed updates at or above the offset: one before them, of another chat, is not yet."""
        self._refusals = 0
        """How often the token was refused since it last worked."""

    def stop(self) -> None:
        """Ask `run` to end: what is under way is committed and acknowledged first."""
        self._stop.set()

    async def run(self) -> None:
        """Until stopped; every fault is waited out."""
        failures = 0
        try:
            while not self._stop.is_set():
                try:
                    if await self._lease.take():
                        failures = 0
                        await self._hold_and_poll()
                    else:
                        if not self._refusals:
                            self._status.receives()  # another process of ours receives
                        await self._wait(self._pace.stand_by)
                except TokenRefused:
                    self._refusals += 1
                    # Another process may have been given the new token already: it must not stand by for us.
                    await self._give_back()
                    await self._wait(self._pace.pause(self._refusals, refused=True))
                except Exception as error:  # the database is away: wait as for the network
                    failures += 1
                    self._status.receives(Fault.NOT_COMMITTED)
                    log.warning("telegram_lease_failed", error=type(error).__name__)
                    await self._wait(self._pace.pause(failures))
        except Stopped:
            pass
        finally:
            await self._give_back()

    async def _give_back(self) -> None:
        with suppress(Exception):
            await self._lease.give_back()

    async def _hold_and_poll(self) -> None:
        """Poll as long as the lease is ours."""
        poll = asyncio.create_task(self._poll())
        renew = asyncio.create_task(self._renew())
        try:
            await asyncio.wait({poll, renew}, return_when=asyncio.FIRST_COMPLETED)
            if poll.done():
                poll.result()
        finally:
            poll.cancel()
            renew.cancel()
            await asyncio.gather(poll, renew, return_exceptions=True)

    async def _renew(self) -> None:
        """Returns when the lease is lost."""
        loop = asyncio.get_running_loop()
        good_until = loop.time() + self._lease.seconds
        while loop.time() < good_until:
            await asyncio.sleep(self._pace.renew)
            try:
                if not await self._lease.take():
                    log.warning("telegram_lease_lost")
                    return
                good_until = loop.time() + self._lease.seconds
            except Exception as error:
                log.warning("telegram_lease_not_renewed", error=type(error).__name__)

    async def _poll(self) -> None:
        failures = 0
        # Another may have polled in between; Telegram knows best what is not yet acknowledged.
        self._offset, self._done = None, set()
        prepared = False
        while not self._stop.is_set():
            try:
                if not prepared:
                    await self._or_stop(self._api.delete_webhook())
                    prepared = True
                    self._works()
                # After a fault the first poll does not wait, so that we soon know that it is over.
                wait = 0 if failures else self._pace.long_poll
                updates = await self._or_stop(self._api.fetch_updates(self._offset, wait=wait))
                self._works()
                if await self._accept(updates):
                    failures = 0
                    continue
                failures += 1
                self._status.receives(Fault.NOT_COMMITTED)
            except Stopped:
                break
            except InvalidToken:
                self._status.receives(Fault.TOKEN_REFUSED)
                log.critical("telegram_token_refused")
                raise TokenRefused from None
            except RetryAfter as error:
                await self._pause(seconds_of(error))
                continue
            except Conflict as error:
                # A webhook may have been set behind our back; else another program polls with our token.
                prepared = False
                failures += 1
                self._status.receives(Fault.CONFLICT)
                log.warning("telegram_conflict", detail=str(error)[:80])
            except TelegramError as error:
                failures += 1
                self._status.receives(Fault.UNREACHABLE)
                log.warning("telegram_unreachable", error=type(error).__name__)
            await self._pause(self._pace.pause(failures))
        await self._say_farewell()

    def _works(self) -> None:
        self._refusals = 0
        self._status.polls()

    async def _accept(self, updates: Sequence[Mapping[str, Any]]) -> bool:
        """Commit a batch, chats side by side, each chat in order. True if all of it may be acknowledged."""
        known = {number: update for update in updates if (number := update_id(update)) is not None}
        chats: defaultdict[object, list[int]] = defaultdict(list)
        for number in sorted(known):
            if number not in self._done:
                chats[_chat_of(known[number])].append(number)
        await asyncio.gather(*(self._accept_chat(numbers, known) for numbers in chats.values()))
        missing = [number for number in known if number not in self._done]
        if known:
            self._offset = min(missing) if missing else max(known) + 1
            self._done = {number for number in self._done if number >= self._offset}
        return not missing and len(known) == len(updates)

    async def _accept_chat(self, numbers: Sequence[int], known: Mapping[int, Mapping[str, Any]]) -> None:
        async with self._room:
            for number in numbers:
                try:
                    await self._reception.accept(known[number])
                except Exception as error:
                    # Not committed: it and what the person sent after it come again with the next poll.
                    log.error("telegram_update_not_committed", update_id=number, error=type(error).__name__)
                    return
                self._done.add(number)

    async def _say_farewell(self) -> None:
        """Acknowledge the last batch, which otherwise only the next poll would do."""
        if self._offset is not None:
            with suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(self._pace.farewell):
                    await self._api.fetch_updates(self._offset, wait=0, limit=1)

    async def _pause(self, seconds: float) -> None:
        with suppress(Stopped):
            await self._wait(seconds)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
            raise Stopped

    async def _or_stop(self, call: Coroutine[Any, Any, T]) -> T:
        """The call's result, or Stopped as soon as we are asked to stop."""
        task = asyncio.create_task(call)
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise Stopped
        finally:
            stop.cancel()
            task.cancel()
            await asyncio.gather(task, stop, return_exceptions=True)


def _chat_of(update: Mapping[str, Any]) -> object:
    """What keeps its order; an update of no chat stands for itself."""
    if (ids := migration(update)) is not None:
        return ids[1]  # before anything that is said there
    for name in ("message", "edited_message", "callback_query"):
        part = update.get(name)
        if isinstance(part, Mapping):
            inner = part.get("message") if name == "callback_query" else part
            chat = inner.get("chat") if isinstance(inner, Mapping) else None
            number = chat.get("id") if isinstance(chat, Mapping) else None
            if isinstance(number, int):
                return number
    return ("alone", update_id(update))


def seconds_of(error: RetryAfter) -> float:
    value = error.retry_after
    return float(value) if isinstance(value, int | float) else value.total_seconds()
