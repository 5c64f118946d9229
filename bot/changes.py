"""Says within this process that something staff look at has changed; other processes are noticed by asking."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import after_commit

_TOLD = "changes.told"


class Changes:
    def __init__(self) -> None:
        self.version = 0
        """Grows with each change."""
        self._waiting: set[asyncio.Event] = set()

    def tell(self) -> None:
        self.version += 1
        for event in self._waiting:
            event.set()

    def tell_after(self, session: AsyncSession) -> None:
        """Once the session's transaction is committed, and once for all that it changed."""
        if _TOLD not in session.info:
            session.info[_TOLD] = True
            after_commit(session, self.tell)

    @contextmanager
    def waiting(self) -> Iterator[asyncio.Event]:
        """An event that is set at every change, for as long as somebody waits."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            yield event
        finally:
            self._waiting.discard(event)
