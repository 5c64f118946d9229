"""Messages a second through the web chat: 50 clients over HTTP, each answer committed on SQLite before it is shown."""

from __future__ import annotations

import asyncio
import json
import statistics
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bench.asking import introduction, questions
from bench.driving import CLIENTS, ROUNDS, SECONDS, Figures, Talker, Wire, drive
from bench.processes import Kept, Server, serving, what_is_kept
from bench.table import Row, load_words, print_table
from bot.web.visitors import COOKIE, make_token

AIM_RATE = 100.0
AIM_P95 = 700.0
AIM_SHARE = 0.6
WARM_SECONDS = 2.0


class ChatClient:
    """A device with its cookie; `as_page`: it wants HTML, as the page's script does, and not JSON."""

    def __init__(self, wire: Wire, *, as_page: bool = False) -> None:
        self._wire = wire
        self._headers = {
            "Content-Type": "application/json",
            "Cookie": f"{COOKIE}={make_token()}",
            "Accept": "text/html" if as_page else "application/json",
        }
        self._path = "/chat/messages"
        self._as_page = as_page

    async def say(self, text: str) -> None:
        body = json.dumps({"id": str(uuid.uuid4()), "text": text}, ensure_ascii=False).encode()
        answer = await self._wire.post(self._path, body, self._headers)
        if not answer:
            raise RuntimeError("an empty answer")

    async def close(self) -> None:
        await self._wire.close()


@dataclass
class Measured:
    """A server with its clients, measured in rounds."""

    servers: Sequence[Server]
    talkers: Sequence[Talker]
    words: Sequence[Iterator[str]]
    runs: list[Figures]

    async def run(self, seconds: float) -> Figures:
        before = sum(server.cpu_seconds() for server in self.servers)
        taken, span = await drive(self.talkers, self.words, seconds=seconds)
        figures = Figures.of(taken, span, cpu=sum(server.cpu_seconds() for server in self.servers) - before)
        self.runs.append(figures)
        return figures

    @property
    def median(self) -> Figures:
        return Figures.median(self.runs)


async def open_chats(stack: AsyncExitStack, servers: Sequence[Server], *, as_page: bool = False) -> Measured:
    """Clients, shared out among the servers; they have said where they are from, and all is warm."""
    talkers: list[Talker] = []
    for number in range(CLIENTS):
        client = ChatClient(await Wire.open(servers[number % len(servers)].url), as_page=as_page)
        stack.push_async_callback(client.close)
        talkers.append(client)
    await asyncio.gather(*(talker.say(introduction(number)) for number, talker in enumerate(talkers)))
    measured = Measured(servers, talkers, [questions(number, CLIENTS) for number in range(CLIENTS)], [])
    await drive(talkers, measured.words, seconds=WARM_SECONDS)
    return measured


def share_of(part: Sequence[Figures], whole: Sequence[Figures]) -> float:
    """Median of the rounds' ratios: both sides of one round had the same neighbours on the machine."""
    return statistics.median(one.rate / other.rate for one, other in zip(part, whole, strict=True))


def check_kept(kept: Kept, figures: Figures) -> None:
    """Whoever answers fast without keeping, or with apologies, is not measured."""
    if kept.errors or kept.said < figures.count:
        raise RuntimeError(f"{figures.count} messages were answered, but kept were {kept}")


async def measure(*, rounds: int = ROUNDS, seconds: float = SECONDS) -> list[Row]:
    async with AsyncExitStack() as stack:
        kinds = {}
        for kind in ("policy", "free", "bare"):
            server = await stack.enter_async_context(serving(kind))
            kinds[kind] = await open_chats(stack, [server])
        # In turn, so that a busy neighbour is everybody's neighbour.
        for _ in range(rounds):
            for measured in kinds.values():
                await measured.run(seconds)
        real, free, bare = (kinds[kind].median for kind in ("policy", "free", "bare"))
        share = share_of(kinds["policy"].runs, kinds["free"].runs)
        [server] = kinds["policy"].servers
        kept = await what_is_kept(server)
        check_kept(kept, real)
        page = await open_chats(stack, [server], as_page=True)
        for _ in range(rounds):
            await page.run(seconds)
        memory = server.memory_mb()
    told = f"{kept.share('policy/answer'):.0%} answers, {real.cpu_ms:.1f} ms of CPU each"
    drawn = page.median
    return [
        Row("web chat, 50 clients", real.rate, "msg/s", "free answer", free.rate, "≥ 100", real.rate >= AIM_RATE, told),
        Row("  beside one bare commit", real.rate, "msg/s", "bare handler", bare.rate),
        Row("  p95", real.p95, "ms", "free answer", free.p95, "≤ 700", real.p95 <= AIM_P95),
        Row("  p50", real.p50, "ms", "free answer", free.p50, note=f"bare handler {bare.p50:.0f} ms"),
        Row("  share of the free answer", share, "", aim="≥ 0.6", ok=share >= AIM_SHARE),
        Row("  drawn as HTML for the page", drawn.rate, "msg/s", "as JSON", real.rate, note=f"p95 {drawn.p95:.0f} ms"),
        Row("  resident memory", memory, "MB"),
    ]


def rows() -> list[Row]:
    return asyncio.run(measure())


if __name__ == "__main__":
    print(load_words())
    print_table(rows())
    print(load_words())
