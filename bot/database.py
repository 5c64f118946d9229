"""Engine and sessions. `transaction()` is the only place that commits; `reading()` never writes."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from bot.errors import DatabaseAway, StartupError
from bot.sqlite import connect as sqlite_connect

_AFTER_COMMIT = "after_commit"


class Database:
    """SQLite (one writer: a lock in this process, BEGIN IMMEDIATE towards others) or PostgreSQL."""

    def __init__(self, url: str, *, readers: int = 4) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        # Parameters of failed statements may hold what people wrote: never in an exception's text.
        # Thousands at one moment wait for each other longer than the usual half minute: that is no fault.
        options: dict[str, Any] = {"hide_parameters": True, "pool_timeout": 180}
        if self.is_sqlite:
            options |= {"max_overflow": 0, "connect_args": {"async_creator_fn": sqlite_connect}}
            self._writer = create_async_engine(self.url, pool_size=1, **options)
            self._reader = create_async_engine(self.url, pool_size=readers, **options)
            _begin_with(self._writer, "BEGIN IMMEDIATE")
            _begin_with(self._reader, "BEGIN")
            _query_only(self._reader)
        else:
            options |= {"pool_pre_ping": True}
            self._writer = create_async_engine(self.url, pool_size=8, max_overflow=4, **options)
            # Of their own: who only asks must not stand behind many who wait for one row.
            self._reader = create_async_engine(self.url, pool_size=4, max_overflow=0, **options)
        self._write_lock = asyncio.Lock()
        self.fault: str | None = None
        """Why the last write failed, None once one is committed; for `/readyz`."""

    @property
    def engine(self) -> AsyncEngine:
        """The writing engine, for migrations, backup and restore."""
        return self._writer

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One write transaction: commits at the end, rolls back on any exception; then tells who waits.

        Raises DatabaseAway where nothing can be written, whoever asks.
        """
        async with AsyncSession(self._writer, expire_on_commit=False) as session:
            try:
                # The lock keeps the order of asking; without it SQLite would let writers in at random.
                async with self._write_lock if self.is_sqlite else nullcontext(), session.begin():
                    await _connect(session)
                    yield session
            except (DBAPIError, DatabaseAway) as error:
                if (kind := why_away(error)) is None:
                    raise
                self.fault = kind
                raise DatabaseAway(kind) from error
            self.fault = None
            for tell in session.info.pop(_AFTER_COMMIT, ()):
                tell()

    def reading(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A session for questions only; nothing it adds is kept."""
        return _read(self._reader)

    def reading_one_moment(self) -> AbstractAsyncContextManager[AsyncSession]:
        """The same, and all its questions see what was there at the first, while others go on writing."""
        at_once = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        return _read(self._reader.execution_options(**at_once))

    def make_folder(self) -> None:
        """SQLite: the folder in which the file is to lie; an SQLite URI names a file that is there already."""
        if self.is_sqlite and self.url.database and not self.url.database.startswith("file:"):
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Everything as it is at one moment, while others go on writing; for backups."""
        async with self._reader.connect() as connection:
            if not self.is_sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    async def close(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()


@asynccontextmanager
async def _read(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        try:
            await _connect(session)
            yield session
        except DBAPIError as error:
            if (kind := why_away(error)) is None:
                raise
            raise DatabaseAway(kind) from error


def after_commit(session: AsyncSession, tell: Callable[[], None]) -> None:
    """Call `tell` once the session's transaction is committed, never if it rolls back."""
    session.info.setdefault(_AFTER_COMMIT, []).append(tell)


async def insert_or_ignore(session: AsyncSession, model: type[DeclarativeBase], values: Mapping[str, Any]) -> None:
    """Insert a row unless another process has inserted the same unique key; never fails the transaction."""
    await insert_all_or_ignore(session, model, [values])


async def insert_all_or_ignore(
    session: AsyncSession, model: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]
) -> None:
    """The same for several rows of the same columns, in one go."""
    dialect = session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(model.metadata.tables[model.__tablename__]).on_conflict_do_nothing()
    await session.execute(statement, list(rows))


def _begin_with(engine: AsyncEngine, statement: str) -> None:
    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(statement)


def _query_only(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def forbid(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA query_only=ON")
        cursor.close()


async def _connect(session: AsyncSession) -> None:
    """Begin now, so that a fault of the network is not taken for one of the work that follows."""
    try:
        await session.connection()
    except (OSError, PoolTimeout) as error:
        raise DatabaseAway(type(error).__name__) from error


_AWAY_SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR}
_AWAY_SQLITE |= {sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_AWAY_POSTGRES = ("08", "53", "57", "25006")
"""No connection; no disk, memory or connection left; stopped by its operator; read-only."""


def why_away(error: BaseException) -> str | None:
    """The kind of fault where it is the database's and not that of what was asked; else None."""
    if isinstance(error, DatabaseAway):
        return error.kind
    if not isinstance(error, DBAPIError):
        return None
    origin = error.orig.__cause__ or error.orig if error.orig is not None else error
    if (code := getattr(origin, "sqlite_errorcode", None)) is not None:
        return str(getattr(origin, "sqlite_errorname", "")) if code & 0xFF in _AWAY_SQLITE else None
    state = str(getattr(origin, "sqlstate", None) or "")
    return type(origin).__name__ if error.connection_invalidated or state.startswith(_AWAY_POSTGRES) else None


def is_passing(error: BaseException) -> bool:
    """True for a conflict with another transaction that is gone when the work is done again."""
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return code in {"40001", "40P01"}  # serialization failure, deadlock


def is_held(error: BaseException) -> bool:
    """True if a row that was asked for without waiting is locked by another transaction."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == "55P03"


def explain(error: BaseException) -> StartupError:
    """A database fault at start, in words; exit code 3."""
    if isinstance(error, DatabaseAway):
        error = error.__cause__ or error
    words = str(getattr(error, "orig", None) or error).lower()
    if "readonly" in words or "read-only" in words:
        reason = "the database is read-only: check the rights of the file and its folder"
    elif "locked" in words or "busy" in words:
        reason = "the database is locked by another program"
    elif "full" in words or "no space" in words:
        reason = "the disk is full"
    elif "disk i/o" in words:
        reason = "the disk is full or fails"
    elif "not a database" in words or "malformed" in words:
        reason = "the file is not a database, or is damaged: restore a backup"
    elif "unable to open" in words or "permission denied" in words:
        reason = "the database file cannot be opened: check the path and the rights"
    elif isinstance(error, OSError) or "connect" in words or "refused" in words:
        reason = "no connection to the database: check SHANGAN_DATABASE_URL and that the server runs"
    elif "password" in words or "authentication" in words:
        reason = "the database refused user or password"
    elif "does not exist" in words:
        reason = "the database of SHANGAN_DATABASE_URL does not exist"
    else:
        reason = f"the database answered with an error ({type(getattr(error, 'orig', None) or error).__name__})"
    return StartupError(reason, exit_code=3)
