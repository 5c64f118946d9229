"""SQLite without a thread hop for each statement: they run where the loop runs, only the wait for the disk does not.

A statement of a turn takes some ten microseconds, but handing it to a thread and back costs milliseconds while the
loop is busy (measured: 26 hops a turn, a third of the throughput). So this stands where SQLAlchemy expects a
connection of aiosqlite; it does in a thread what really waits, the commit's fsync, and polls for a foreign lock.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

LOCK_SECONDS = 10.0
"""How long another process may hold the write lock before we give up."""


class Cursor:
    """What SQLAlchemy's adapter asks of an aiosqlite cursor; awaiting it never suspends, but for a foreign lock."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor = connection.raw.cursor()

    async def __aenter__(self) -> Cursor:
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    @property
    def arraysize(self) -> int:
        return self._cursor.arraysize

    @arraysize.setter
    def arraysize(self, value: int) -> None:
        self._cursor.arraysize = value

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> Cursor:
        await self._connection.patiently(lambda: self._cursor.execute(operation, parameters))
        return self

    async def executemany(self, operation: str, parameters: Sequence[Any]) -> Cursor:
        self._cursor.executemany(operation, parameters)
        return self

    async def fetchone(self) -> Any:
        return self._cursor.fetchone()

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        return self._cursor.fetchmany(self._cursor.arraysize if size is None else size)

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()


class Connection:
    """What SQLAlchemy's adapter asks of an aiosqlite connection."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        self._connection: sqlite3.Connection | None = raw  # the adapter looks whether it is open

    def cursor(self) -> Cursor:
        return Cursor(self)

    async def patiently(self, act: Callable[[], T]) -> T:
        """Run a statement; while another process holds the lock, let the loop go on and try again."""
        deadline = asyncio.get_running_loop().time() + LOCK_SECONDS
        while True:
            try:
                return act()
            except sqlite3.OperationalError as error:
                locked = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                # Inside a transaction waiting may be for ever: the other one may wait for us.
                if not locked or self.raw.in_transaction or asyncio.get_running_loop().time() > deadline:
                    raise
            await asyncio.sleep(0.005)

    async def commit(self) -> None:
        if self.raw.total_changes == 0 or not self.raw.in_transaction:
            self.raw.commit()
            return
        # Not to be left alone when we are cancelled: nobody else may use the connection before it is done.
        committing = asyncio.get_running_loop().run_in_executor(None, self.raw.commit)
        try:
            await asyncio.shield(committing)
        except asyncio.CancelledError:
            await asyncio.wait([committing])
            raise

    async def rollback(self) -> None:
        self.raw.rollback()

    async def create_function(self, name: str, count: int, function: Callable[..., Any], **more: Any) -> None:
        self.raw.create_function(name, count, function, **more)

    async def close(self) -> None:
        self._connection = None
        self.raw.close()

    def stop(self) -> None:
        self._connection = None
        self.raw.close()


async def connect(database: str, **options: Any) -> Connection:
    """For `create_async_engine(async_creator_fn=…)`: open a file, ready for several processes."""
    # Transactions are begun by us: the driver would begin them without IMMEDIATE.
    options |= {"isolation_level": None, "check_same_thread": False, "timeout": 0}
    raw = sqlite3.connect(database, **options)
    connection = Connection(raw)
    # Changing to WAL needs the file for itself for a moment, which another process may have.
    await connection.patiently(lambda: raw.execute("PRAGMA journal_mode=WAL"))
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("PRAGMA foreign_keys=ON")
    return connection
