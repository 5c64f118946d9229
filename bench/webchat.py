"""Messages a second through the web chat: 50 clients over HTTP, each answer committed on SQLite before it is shown."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack

from bench.asking import introduction, questions
from bench.driving import CLIENTS, ROUNDS, SECONDS, Measured, Talker, Wire, drive, share_of
from bench.processes import Server, check_kept, serving, what_is_kept
from bench.table import Row, load_words, print_table
from bot.web.visitors import COOKIE, make_token

AIM_RATE = 100.0
AIM_P95 = 700.0
AIM_SHARE = 0.6
WARM_SECONDS = 2.0
SEQ = re.compile(rb'data-seq="(\d+)"')
"""Of each message in a drawn piece; JSON has none, and is not asked for what came after."""


class ChatClient:
    """A device with its cookie; `as_page`: it wants HTML, as the page's script does, and not JSON."""

    def __init__(self, wire: Wire, *, as_page: bool = False) -> None:
        self._wire = wire
        self._headers = {
            "Content-Type": "application/json",
            "Cookie": f"{COOKIE}={make_token()}",
            "Accept": "text/html" if as_page else "application/json",
        }
        self._last = 0
        """The last message that the open page shows."""

    async def say(self, text: str) -> None:
        body = json.dumps({"id": str(uuid.uuid4()), "text": text}, ensure_ascii=False).encode()
        answer = await self._wire.post(f"/chat/messages?after={self._last}", body, self._headers)
        if not answer:
            raise RuntimeError("an empty answer")
        self._last = max([self._last, *map(int, SEQ.findall(answer))])

    async def close(self) -> None:
        await self._wire.close()


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
        check_kept(kept, real.count)
        page = await open_chats(stack, [server], as_page=True)
        for _ in range(rounds):
            await page.run(seconds)
        memory = server.memory_mb()
    told = f"{kept.share('policy/answer'):.0%} answers, {real.cpu_ms:.1f} ms of CPU each"
    by_cpu = f"by CPU, whoever else is at work: {free.cpu_ms / real.cpu_ms:.2f}"
    drawn = page.median
    return [
        Row("web chat, 50 clients", real.rate, "msg/s", "free answer", free.rate, "≥ 100", real.rate >= AIM_RATE, told),
        Row("  beside one bare commit", real.rate, "msg/s", "bare handler", bare.rate),
        Row("  p95", real.p95, "ms", "free answer", free.p95, "≤ 700", real.p95 <= AIM_P95),
        Row("  p50", real.p50, "ms", "free answer", free.p50, note=f"bare handler {bare.p50:.0f} ms"),
        Row("  share of the free answer", share, "", aim="≥ 0.6", ok=share >= AIM_SHARE, note=by_cpu),
        Row("  drawn as HTML for the page", drawn.rate, "msg/s", "as JSON", real.rate, note=f"p95 {drawn.p95:.0f} ms"),
        Row("  resident memory", memory, "MB"),
    ]


def rows() -> list[Row]:
    return asyncio.run(measure())


if __name__ == "__main__":
    print(load_words())
    print_table(rows())
    print(load_words())
