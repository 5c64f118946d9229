"""Work as rows: taking due rows under a lease, timers whose effects commit with them, supervised loops.

Shared by `bot.outbox` (messages to send) and `Timers` (moments to act at). A row that is work has the columns of
`bot.models.Work`. Any number of processes may work on the same rows.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL, Clock
from bot.database import Database, after_commit, insert_or_ignore
from bot.errors import DatabaseAway
from bot.log import describe_fault
from bot.models import Delivery, Timer

log = structlog.get_logger(__name__)

LEASE_SECONDS = 60.0
"""Longer than any sending or handling may take; after it another process takes the row."""
AFTER_OUTAGE = 15.0
"""Seconds for those who held something while the database was away to write down how it ended, before their leases,
which ended meanwhile, are taken over."""
POLL_SECONDS = 0.5

Row = TypeVar("Row", Delivery, Timer)


# -- taking rows --------------------------------------------------------------------------------------------


def is_due(model: type[Delivery] | type[Timer], clock: Clock) -> ColumnElement[bool]:
    due = model.due_at <= clock.now()
    if clock.simulated:
        # The time of day may stand still or jump; leases and pauses end when their seconds have really passed.
        due = or_(and_(due, model.token.is_(None)), and_(model.free_at.is_not(None), model.free_at <= clock.wall()))
    return and_(model.state == "wait", due)


async def claim(
    session: AsyncSession,
    model: type[Row],
    clock: Clock,
    *,
    limit: int,
    where: Sequence[ColumnElement[bool]] = (),
    lease: float = LEASE_SECONDS,
    more: Mapping[str, Any] | None = None,
) -> tuple[list[Row], str]:
    """Take up to `limit` due rows, the most urgent first; `more`: columns to write along.

    -> (rows, the token that proves they are ours)
    """
    token = uuid.uuid4().hex
    # A CTE, not `IN (SELECT … LIMIT … FOR UPDATE SKIP LOCKED)`: in a nested loop PostgreSQL runs that again and
    # again and takes far more rows than the limit. On SQLite, which has one writer, SKIP LOCKED is left out.
    due = (
        select(model.id)
        .where(is_due(model, clock), *where)
        .order_by(model.priority, model.due_at, model.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=model)
        .cte("due")
    )
    taken = await session.scalars(
        update(model)
        .where(model.id.in_(select(due.c.id)))
        .values(token=token, attempts=model.attempts + 1, **lease_end(clock, lease), **(more or {}))
        .returning(model)
        .execution_options(synchronize_session=False)
    )
    return sorted(taken.all(), key=lambda row: (row.priority, row.id)), token


def lease_end(clock: Clock, seconds: float = LEASE_SECONDS) -> dict[str, Any]:
    """The columns of a row that nobody may touch for so long."""
    return {"due_at": clock.now() + timedelta(seconds=seconds), "free_at": clock.wall() + seconds}


def back_off(attempts: int) -> float:
    """Seconds until the next attempt: 2, 4, 8 … up to ten minutes, not all at the same moment."""
    return min(600.0, 2.0**attempts) * random.uniform(0.8, 1.2)  # noqa: S311  # not a secret


async def free_leases(database: Database, clock: Clock) -> None:
    """At the start of the only process: what the one before had in hand is free at once."""
    async with database.transaction() as session:
        for model in (Delivery, Timer):
            # What was taken back in their hands may be out of them by now; it is not tried again.
            held = and_(model.state.in_(("wait", "cancelled")), model.token.is_not(None))
            if model is Delivery:
                held = and_(held, ~Delivery.once)
            await session.execute(
                update(model)
                .where(held)
                .values(due_at=clock.now(), free_at=None, token=None)
                .execution_options(synchronize_session=False)
            )


# -- timers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """What a timer's handler is told."""

    kind: str
    key: str
    data: Mapping[str, Any]
    now: datetime


class NotNow(Exception):
    """Raised by a timer's handler when what it needs is in somebody's hands: it is called again shortly.

    A handler must not wait for rows that others lock before they set timers: each would wait for the other.
    """


TimerHandler = Callable[[AsyncSession, Moment], Awaitable[None]]
"""Acts inside the timer's transaction: its effects and the timer's end commit together, once."""


_MOVED = ("kind", "due_at", "data", "cron", "state", "attempts", "token", "free_at", "error")
# Of every change of a ticket, so made once.
_SET = {
    name: (statement := dialect.insert(Timer.metadata.tables["timer"])).on_conflict_do_update(
        index_elements=["key"], set_={column: statement.excluded[column] for column in _MOVED}
    )
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


class Timers:
    """Moments to act at. `set` and `drop` inside the transaction of what causes them; `run` acts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._handlers: dict[str, TimerHandler] = {}
        self._wake = asyncio.Event()

    def register(self, kind: str, handler: TimerHandler) -> None:
        if kind in self._handlers:
            raise ValueError(f"two handlers for timers of kind {kind}")
        self._handlers[kind] = handler

    async def set(
        self,
        session: AsyncSession,
        kind: str,
        *,
        key: str,
        at: datetime,
        data: Mapping[str, Any] | None = None,
        cron: str | None = None,
    ) -> None:
        """Set (or move) the timer of this key; with `cron` it comes back at those local times."""
        values = {
            "kind": kind,
            "due_at": at,
            "data": dict(data or {}),
            "cron": cron,
            "state": "wait",
            "attempts": 0,
            "token": None,
            "free_at": None,
            "error": None,
        }
        with session.no_autoflush:
            await session.execute(_SET[session.get_bind().dialect.name], {"key": key, "priority": 0, **values})
        if at <= self._clock.now():
            after_commit(session, self._wake.set)  # a later moment is found by looking again and again

    async def keep(self, session: AsyncSession, kind: str, *, key: str, cron: str) -> None:
        """Let this timer come back at those local times; one that is set already keeps its next moment."""
        found = await session.scalar(select(Timer.cron).where(Timer.key == key))
        if found != cron:
            await self.set(session, kind, key=key, at=next_time(cron, self._clock.now()), cron=cron)

    async def set_once(
        self,
        session: AsyncSession,
        kind: str,
        *,
        key: str,
        at: datetime,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Set it, unless there is one of this key: that stays as it is, also when it is overdue."""
        values = {"kind": kind, "due_at": at, "data": dict(data or {}), "cron": None, "state": "wait", "attempts": 0}
        await insert_or_ignore(session, Timer, {"key": key, "priority": 0, **values})
        after_commit(session, self._wake.set)

    async def drop(self, session: AsyncSession, key: str) -> None:
        """What it watched over has happened."""
        await session.execute(delete(Timer).where(Timer.key == key))

    async def run(self) -> None:
        """Act at what is due, for ever."""
        while True:
            self._wake.clear()
            if not await self.act_once():
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake.wait()

    async def act_once(self, limit: int = 20) -> int:
        """Act at up to `limit` due moments. -> how many were due"""
        known = Timer.kind.in_(self._handlers)
        async with self._database.reading() as session:
            if await session.scalar(select(Timer.id).where(is_due(Timer, self._clock), known).limit(1)) is None:
                return 0
        async with self._database.transaction() as session:
            rows, token = await claim(session, Timer, self._clock, limit=limit, where=[known])
        for row in rows:
            try:
                await self._act(row.id, token)
            except NotNow as error:
                await self._postpone(row, token, error, seconds=1.0)
            except Exception as error:
                log.error("timer_failed", kind=row.kind, timer=row.id, **describe_fault(error))
                await self._postpone(row, token, error, seconds=back_off(row.attempts))
        return len(rows)

    async def _act(self, timer_id: int, token: str) -> None:
        async with self._database.transaction() as session:
            row = await session.scalar(select(Timer).where(Timer.id == timer_id).with_for_update())
            if row is None or row.token != token:
                return  # dropped or moved meanwhile, or our lease ran out
            now = self._clock.now()
            moment = Moment(row.kind, row.key, row.data, now)
            # Before the handler: it may set the same timer anew, and that must stand.
            if row.cron is None:
                await session.execute(delete(Timer).where(Timer.id == timer_id))
                session.expunge(row)
            else:
                row.due_at, row.free_at, row.token, row.attempts = next_time(row.cron, now), None, None, 0
                await session.flush()
            await self._handlers[moment.kind](session, moment)

    async def _postpone(self, row: Timer, token: str, error: Exception, *, seconds: float) -> None:
        async with self._database.transaction() as session:
            await session.execute(
                update(Timer)
                .where(Timer.id == row.id, Timer.token == token)
                .values(token=None, error=type(error).__name__, **lease_end(self._clock, seconds))
                .execution_options(synchronize_session=False)
            )


def next_time(cron: str, after: datetime) -> datetime:
    """The next of the local times of a cron line, such as `0 8 * * 1-5`."""
    from croniter import croniter  # type: ignore[import-untyped]  # it has no stubs

    found: datetime = croniter(cron, after.astimezone(LOCAL)).get_next(datetime)
    return found


# -- loops --------------------------------------------------------------------------------------------------


async def supervise(name: str, loop: Callable[[], Awaitable[None]]) -> None:
    """Run a background loop for ever: what makes it fail is logged, and it starts again, slower each time."""
    failures = 0
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await loop()
            return
        except Exception as error:
            if asyncio.get_running_loop().time() - began > 60:
                failures = 0
            failures += 1
            log.error("loop_failed", loop=name, failures=failures, **describe_fault(error))
            # A database that is away comes back without us; what waits must not wait much longer than it was away.
            longest = 2.0 if isinstance(error, DatabaseAway) else 30.0
            await asyncio.sleep(min(longest, 0.25 * 2**failures))
