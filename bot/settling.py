"""Writes down how sendings ended: all that ended together in one commit, and never twice by two processes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import models
from bot.background import lease_end
from bot.clock import Clock
from bot.database import Database
from bot.messages import Address
from bot.models import Delivery
from bot.moving import Follow, follow_nothing, move_chat
from bot.pacing import hold


@dataclass(frozen=True)
class End:
    """How one sending ended."""

    id: int
    token: str
    state: str
    """`wait` to try again, or where it stays: done, dead, unreachable, unknown, cancelled."""
    seconds: float = 0.0
    """Until the next attempt."""
    attempts: int = 0
    error: str | None = None
    unsure: bool = False
    """It may have left all the same."""
    reference: str | None = None
    unreachable: Address | None = None
    """Nothing more is sent to this chat."""
    address: Address | None = None
    moved_to: str = ""
    """The chat of this address goes on under another id."""
    hold: str | None = None
    """The bot (a rate's key) for which everybody waits so many seconds."""

    @property
    def is_plain(self) -> bool:
        """It was sent, where it was to go."""
        return self.state == "done" and not self.moved_to and not self.unsure


_DELIVERIES = Delivery.metadata.tables["delivery"]
# What nearly all come to, many in one go. As below: only who holds the lease may write.
_SENT = (
    update(_DELIVERIES)
    .where(
        _DELIVERIES.c.id == bindparam("its"), _DELIVERIES.c.token == bindparam("held"), _DELIVERIES.c.state == "wait"
    )
    .values(state="done", token=None, error=None, reference=bindparam("ref"), settled_at=bindparam("at"), free_at=None)
)


class Settler:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.follow: Follow = follow_nothing
        self._ends: list[tuple[End, asyncio.Future[None]]] = []
        self._ended = asyncio.Event()

    async def settle(self, *ends: End) -> None:
        """Returns once these ends are committed."""
        futures = [asyncio.get_running_loop().create_future() for _ in ends]
        self._ends += zip(ends, futures, strict=True)
        self._ended.set()
        await asyncio.gather(*futures)

    async def run(self) -> None:
        """Write what ended, for ever. What cannot be written now is kept: lost, it would be sent again."""
        while True:
            await self._ended.wait()
            self._ended.clear()
            batch, self._ends = self._ends, []
            try:
                await self._write([end for end, _ in batch])
            except BaseException:
                self._ends = batch + self._ends
                self._ended.set()
                raise
            for _, future in batch:
                if not future.done():
                    future.set_result(None)

    async def _write(self, ends: Sequence[End]) -> None:
        plain = [end for end in ends if end.is_plain]
        async with self._database.transaction() as session:
            if plain:
                await session.execute(_SENT, [self._sent(end) for end in plain])
            for end in (end for end in ends if not end.is_plain):
                # Only who holds the lease may write: one who lost it must not undo what the next holder did.
                await session.execute(
                    update(Delivery)
                    .where(Delivery.id == end.id, Delivery.token == end.token, Delivery.state == "wait")
                    .values(**self._columns(end))
                    .execution_options(synchronize_session=False)
                )
                if end.hold is not None:
                    await hold(session, self._clock, end.hold, end.seconds)
                if end.moved_to and end.address is not None:
                    await move_chat(session, end.address, end.moved_to, now=self._clock.now(), follow=self.follow)
                if end.unreachable is not None:
                    await self._mark_unreachable(session, end.unreachable)

    def _sent(self, end: End) -> dict[str, Any]:
        return {"its": end.id, "held": end.token, "ref": end.reference, "at": self._clock.now()}

    def _columns(self, end: End) -> Mapping[str, Any]:
        columns: dict[str, Any] = {"state": end.state, "token": None, "error": end.error}
        if end.unsure:
            columns["unsure"] = Delivery.unsure + 1
        if end.state == "wait":
            return columns | {"attempts": end.attempts, **lease_end(self._clock, end.seconds)}
        if end.moved_to:
            columns["chat"] = end.moved_to  # who answers it answers it there
        return columns | {"reference": end.reference, "settled_at": self._clock.now(), "free_at": None}

    async def _mark_unreachable(self, session: AsyncSession, address: Address) -> None:
        row = models.Conversation
        await session.execute(
            update(row)
            .where(row.channel == str(address.channel), row.bot == address.bot, row.chat == address.key)
            .values(unreachable_at=self._clock.now())
            .execution_options(synchronize_session=False)
        )
        await session.execute(
            update(Delivery)
            .where(Delivery.state == "wait", *same_chat(address))
            .values(state="unreachable", token=None, free_at=None, settled_at=self._clock.now())
            .execution_options(synchronize_session=False)
        )


def same_chat(address: Address) -> tuple[ColumnElement[bool], ...]:
    """Deliveries to this chat."""
    return (
        Delivery.channel == str(address.channel),
        Delivery.bot == address.bot,
        Delivery.chat == address.key,
    )
