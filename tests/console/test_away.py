"""The database goes away for a while: pages say so and come back by themselves, and what was written is kept."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot import sqlite
from bot.clock import FixedClock
from bot.settings import Settings, load_settings
from tests.console.site import ConsoleSite, open_console


async def test_what_is_posted_while_the_file_is_locked_can_be_posted_again(
    console: ConsoleSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.1)
    clerk = await console.sign_in("zhou")
    raw = sqlite3.connect(console.bureau.app.database.url.database or "", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    refused = await clerk.post("/staff/logout", text="写了很久")
    assert refused.status == 503
    assert "写了很久" in refused.text
    assert refused.has_action("send-again")
    assert (await clerk.get("/staff/")).status == 303  # reading goes on
    raw.close()
    assert refused.token() == clerk.csrf
    assert (await clerk.post("/staff/logout", text="写了很久")).status == 303


@pytest.mark.postgres
async def test_pages_say_that_the_server_is_away_and_recover(
    tmp_path: Path, postgres_url: str, clock: FixedClock
) -> None:
    async with Gateway(tmp_path, postgres_url).open() as gateway, open_console(gateway.settings, clock) as console:
        clerk = await console.sign_in("zhou")
        await gateway.close()
        away = await clerk.get("/staff/")
        assert away.status == 503
        assert 'http-equiv="refresh"' in away.text
        assert (await clerk.post("/staff/logout", text="写了很久")).status == 503
        await gateway.start()
        assert (await clerk.get("/staff/")).status == 303


class Gateway:
    """Stands before the server, and can be shut as if its cable were pulled."""

    def __init__(self, folder: Path, url: str) -> None:
        address = make_url(url)
        behind = str(address.query["host"])
        self._behind = f"{behind}/.s.PGSQL.{address.query.get('port') or address.port or 5432}"
        self._socket_folder = Path(tempfile.mkdtemp(prefix="gate-", dir="/tmp"))  # a socket's name must be short
        self._before = self._socket_folder / ".s.PGSQL.5432"
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        through = address.update_query_dict({"host": str(self._socket_folder)}).set(port=None)
        self.settings: Settings = load_settings(
            {},
            data_dir=folder / "data",
            http_port=0,
            database_url=through.render_as_string(hide_password=False),
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Gateway]:
        await self.start()
        yield self
        await self.close()
        shutil.rmtree(self._socket_folder)

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self._before)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        self._before.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_unix_connection(self._behind)
        self._open |= {writer, to_server}
        await asyncio.gather(_pour(reader, to_server), _pour(from_server, writer))
        self._open -= {writer, to_server}


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()
