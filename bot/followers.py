"""Who waits in this process for news of a chat (event streams); told after commit, by turns and by the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bot.messages import Address


class Followers:
    def __init__(self) -> None:
        self._events: dict[Address, set[asyncio.Event]] = {}

    @contextmanager
    def waiting(self, address: Address) -> Iterator[asyncio.Event]:
        """An event that is set at news of this chat, for as long as somebody waits."""
        event = asyncio.Event()
        events = self._events.setdefault(address, set())
        events.add(event)
        try:
            yield event
        finally:
            events.discard(event)
            if not events and self._events.get(address) is events:
                del self._events[address]

    def wake(self, address: Address) -> None:
        for event in self._events.get(address, ()):
            event.set()
