"""Writes down how sendings ended: all that ended together in one commit, and never twice by two processes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import models
from bot.background import lease_end
from bot.clock import Clock
from bot.database import Database
from bot.errors import DatabaseAway
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
    counted: bool = True
    """The database knew that it was about to leave."""
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
OPEN = ("wait", "cancelled")
"""What is in somebody's hands; what was taken back meanwhile may have left all the same."""
# What nearly all come to, many in one go. As below: only who holds the lease may write.
_SENT = (
    update(_DELIVERIES)
    .where(
        _DELIVERIES.c.id == bindparam("its"),
        _DELIVERIES.c.token == bindparam("held"),
        or_(*(_DELIVERIES.c.state == state for state in OPEN)),
    )
    .values(
        state="done",
        token=None,
        error=None,
        unsure=_DELIVERIES.c.unsure - 1,
        reference=bindparam("ref"),
        settled_at=bindparam("at"),
        free_at=None,
    )
)
RETRY_SECONDS = 0.5
"""While the database is away; well before any lease can be taken over by another process."""


class Settler:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.follow: Follow = follow_nothing
        self._ends: list[tuple[End, asyncio.Future[None]]] = []
        self._begins: list[tuple[Sequence[tuple[int, str]], asyncio.Future[set[int]]]] = []
        self._ended = asyncio.Event()

    async def settle(self, *ends: End) -> None:
        """Returns once these ends are committed."""
        futures = [asyncio.get_running_loop().create_future() for _ in ends]
        self._ends += zip(ends, futures, strict=True)
        self._ended.set()
        await asyncio.gather(*futures)

    def begin(self, taken: Sequence[tuple[int, str]]) -> asyncio.Future[set[int]]:
        """Write down that these (id, token) are about to leave. -> ids that are still ours, once it is committed"""
        future: asyncio.Future[set[int]] = asyncio.get_running_loop().create_future()
        self._begins.append((taken, future))
        self._ended.set()
        return future

    async def run(self) -> None:
        """Write what ended, for ever. What cannot be written now is kept: lost, it would be sent again."""
        while True:
            await self._ended.wait()
            self._ended.clear()
            batch, self._ends = self._ends, []
            begins, self._begins = self._begins, []
            try:
                ours = await self._write([end for end, _ in batch], [one for taken, _ in begins for one in taken])
            except BaseException as error:
                self._ends, self._begins = batch + self._ends, begins + self._begins
                self._ended.set()
                if not isinstance(error, DatabaseAway):
                    raise
                await asyncio.sleep(RETRY_SECONDS)
                continue
            for _, ended in batch:
                if not ended.done():
                    ended.set_result(None)
            for _, begun in begins:
                if not begun.done():
                    begun.set_result(ours)

    async def _write(self, ends: Sequence[End], begins: Sequence[tuple[int, str]]) -> set[int]:
        """-> which of those that begin are ours"""
        plain = [end for end in ends if end.is_plain]
        ours: set[int] = set()
        async with self._database.transaction() as session:
            ids = {end.id for end in ends} | {row for row, _ in begins}
            if len(ids) > 1:
                # In one order: who takes a campaign back holds many of them, too.
                locked = select(Delivery.id).where(Delivery.id.in_(ids)).order_by(Delivery.id)
                await session.execute(locked.with_for_update())
            if begins:
                ours = await count_attempts(session, begins)
                # Asked for while the database was away, and given up before it was back.
                ends = [replace(end, counted=True) if end.id in ours else end for end in ends]
            if plain:
                await session.execute(_SENT, [self._sent(end) for end in plain])
            for end in (end for end in ends if not end.is_plain):
                # Only who holds the lease may write: one who lost it must not undo what the next holder did.
                await session.execute(
                    update(Delivery)
                    .where(Delivery.id == end.id, Delivery.token == end.token, Delivery.state.in_(OPEN))
                    .values(**self._columns(end))
                    .execution_options(synchronize_session=False)
                )
                if end.hold is not None:
                    await hold(session, self._clock, end.hold, end.seconds)
                if end.moved_to and end.address is not None:
                    await move_chat(session, end.address, end.moved_to, now=self._clock.now(), follow=self.follow)
                if end.unreachable is not None:
                    await self._mark_unreachable(session, end.unreachable)
        return ours

    def _sent(self, end: End) -> dict[str, Any]:
        return {"its": end.id, "held": end.token, "ref": end.reference, "at": self._clock.now()}

    def _columns(self, end: End) -> Mapping[str, Any]:
        columns: dict[str, Any] = {"state": end.state, "token": None, "error": end.error}
        if end.counted and not end.unsure:
            columns["unsure"] = Delivery.unsure - 1
        if end.state == "wait":
            columns["state"] = Delivery.state  # what was taken back is not tried again
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


async def count_attempts(session: AsyncSession, taken: Sequence[tuple[int, str]]) -> set[int]:
    """What (id, token) leaves from now on counts as an attempt of unknown end, until that is known.

    -> those that are still ours, and were not taken back
    """
    found = await session.scalars(
        update(Delivery)
        .where(
            Delivery.id.in_([row for row, _ in taken]),
            Delivery.token.in_({token for _, token in taken}),
            Delivery.state == "wait",
        )
        .values(unsure=Delivery.unsure + 1)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return set(found)


def same_chat(address: Address) -> tuple[ColumnElement[bool], ...]:
    """Deliveries to this chat."""
    return (
        Delivery.channel == str(address.channel),
        Delivery.bot == address.bot,
        Delivery.chat == address.key,
    )
