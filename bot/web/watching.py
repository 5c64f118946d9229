"""One watcher a process for all open consoles: what each person's numbers and alarms are, again after every change.

Woken by commits of this process; those of others are noticed by a marker asked for once a second. What two browsers
of one person show is counted once. It also says when a session has ended, so that nobody is shown anything after.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.changes import Changes
from bot.clock import Clock
from bot.database import Database
from bot.log import describe_fault
from bot.staff.models import Staff
from bot.staff.sessions import find_sessions

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
GATHER_SECONDS = 0.1
"""Changes that come together are shown together."""
REFRESH_SECONDS = 15.0
"""Time alone makes things overdue, and ends sessions."""


@dataclass(frozen=True)
class Seen:
    """What somebody's console shows."""

    counts: Mapping[str, int]
    alarms: Sequence[Any]


Look: TypeAlias = Callable[[AsyncSession, Staff, datetime], Awaitable[Seen]]
Mark: TypeAlias = Callable[[AsyncSession], Awaitable[object]]


@dataclass(eq=False)
class Follower:
    """One open console."""

    digest: str
    """Of its session."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    seen: Seen | None = None
    ended: bool = False


class Watcher:
    def __init__(self, database: Database, clock: Clock, changes: Changes, look: Look, mark: Mark) -> None:
        self._database = database
        self._clock = clock
        self._changes = changes
        self._look = look
        self._mark = mark
        self._followers: set[Follower] = set()
        self._woken: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def follow(self, digest: str) -> Iterator[Follower]:
        """For as long as a console is open; the first one starts the watch, the last one ends it."""
        follower = Follower(digest)
        self._followers.add(follower)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="console watcher")
        elif self._woken is not None:
            self._woken.set()
        try:
            yield follower
        finally:
            self._followers.discard(follower)
            if not self._followers and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _run(self) -> None:
        marker: object = None
        refresh_at = 0.0
        loop = asyncio.get_running_loop()
        with self._changes.waiting() as woken:
            self._woken = woken
            while True:
                try:
                    changed = woken.is_set() or loop.time() >= refresh_at
                    woken.clear()
                    async with self._database.reading() as session:
                        before, marker = marker, await self._mark(session)
                        if changed or marker != before:
                            refresh_at = loop.time() + REFRESH_SECONDS
                            await self._refresh(session)
                except Exception as error:
                    log.warning("console_watch_failed", **describe_fault(error))
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await woken.wait()
                await asyncio.sleep(GATHER_SECONDS)

    async def _refresh(self, session: AsyncSession) -> None:
        followers, now = list(self._followers), self._clock.now()
        signed_in = await find_sessions(session, {follower.digest for follower in followers}, now=now)
        looked: dict[int, Seen] = {}
        for follower in followers:
            staff = signed_in.get(follower.digest)
            if staff is None:
                follower.ended = True
                follower.news.set()
                continue
            if staff.id not in looked:
                looked[staff.id] = await self._look(session, staff, now)
            if follower.seen != looked[staff.id]:
                follower.seen = looked[staff.id]
                follower.news.set()
