"""Starts `bench.serving` in a process of its own, and sees that it ends; what it used while it ran."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from bot.database import Database
from bot.settings import load_settings

START_SECONDS = 180.0
"""Documents that have changed are learned anew first."""
STOP_SECONDS = 20.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """A serving process, started by us."""

    kind: str
    url: str
    pid: int
    settings: dict[str, str] = field(repr=False)

    def cpu_seconds(self) -> float:
        """What it used so far: unlike seconds that pass, not longer when others are at work."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def memory_mb(self) -> float:
        """Resident memory now."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


@asynccontextmanager
async def serving(kind: str, **settings: str) -> AsyncIterator[Server]:
    """Run it on a free port, in an empty data folder; `settings` as SHANGAN_… names them, in small letters."""
    with tempfile.TemporaryDirectory(prefix="shangan-bench-") as folder:
        given = {"data_dir": folder, "http_port": "0"} | settings
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SHANGAN_")}
        environment |= {f"SHANGAN_{name.upper()}": value for name, value in given.items()}
        errors = Path(folder) / "errors.log"
        with errors.open("wb") as stderr:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bench.serving", kind),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                env=environment,
            )
        try:
            yield Server(kind, await _url_of(process, errors), process.pid, given)
        finally:
            await _end(process)


async def _url_of(process: asyncio.subprocess.Process, errors: Path) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        line = (await process.stdout.readline()).decode()
    if not line.startswith("ready "):
        raise RuntimeError(f"a server to measure did not start:\n{_tail(errors)}")
    return line.split()[1]


def _tail(file: Path) -> str:
    return file.read_text(errors="replace")[-2000:]


async def _end(process: asyncio.subprocess.Process) -> None:
    """Its standard input is closed, by which it stops; if it does not, it is killed."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


@dataclass(frozen=True)
class Kept:
    """What the database holds after a run: the proof that the work was done."""

    said: int
    """Messages of people."""
    replies: dict[str, int]
    """By template."""

    @property
    def errors(self) -> int:
        return sum(count for template, count in self.replies.items() if template.startswith("errors/"))

    def share(self, template: str) -> float:
        return self.replies.get(template, 0) / self.said if self.said else 0.0


async def what_is_kept(server: Server) -> Kept:
    """Read the database of a server that runs."""
    settings = load_settings({f"SHANGAN_{name.upper()}": value for name, value in server.settings.items()})
    database = Database(settings.async_database_url)
    try:
        async with database.reading() as session:
            found = await session.execute(text("SELECT speaker, template, count(*) FROM message GROUP BY 1, 2"))
            rows = [tuple(row) for row in found]
    finally:
        await database.close()
    return Kept(
        sum(count for speaker, _, count in rows if speaker == "you"),
        {template: count for speaker, template, count in rows if speaker != "you" and template},
    )


def check_kept(kept: Kept, answered: int) -> None:
    """Whoever answers fast without keeping, or with apologies, is not measured."""
    if kept.errors or kept.said < answered:
        raise RuntimeError(f"{answered} messages were answered, but kept were {kept}")
