"""Messages a second through the Telegram webhook: 200 after the commit, the replies received by a strict Bot API."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from contextlib import AsyncExitStack

from bench.asking import introduction, questions
from bench.driving import CLIENTS, ROUNDS, SECONDS, Measured, Wire, drive, share_of
from bench.processes import check_kept, serving, what_is_kept
from bench.table import Row, load_words, print_table
from bot.channels.telegram.webhook import SECRET_HEADER
from tests.telegram.server import FakeTelegram

SECRET = "a-secret-of-the-bench"
PATH = "/telegram/updates"
WARM_SECONDS = 2.0
QUIET_SECONDS = 1.0
"""So long nothing comes any more: all replies are there."""
DRAIN_SECONDS = 60.0


class Phone:
    """One chat, whose updates Telegram posts to us."""

    def __init__(self, wire: Wire, telegram: FakeTelegram, chat: int) -> None:
        self._wire = wire
        self._user = telegram.user(chat)
        self._telegram = telegram

    async def say(self, text: str) -> None:
        update = {"update_id": self._telegram.number("update"), "message": self._user.message(text=text)}
        headers = {"Content-Type": "application/json", SECRET_HEADER: SECRET}
        await self._wire.post(PATH, json.dumps(update).encode(), headers)

    async def close(self) -> None:
        await self._wire.close()


class Served:
    """A server with its own Telegram, where its replies arrive."""

    def __init__(self, telegram: FakeTelegram, measured: Measured) -> None:
        self.telegram, self.measured = telegram, measured
        self.arrived: list[float] = []
        """Replies a second, by round: until the last one was there."""

    async def run(self, seconds: float) -> None:
        before, began = len(self.telegram.sent), time.monotonic()
        await self.measured.run(seconds)
        await self._drain()
        sent = self.telegram.sent[before:]
        self.arrived.append(len(sent) / (sent[-1].at - began))

    async def _drain(self) -> None:
        async with asyncio.timeout(DRAIN_SECONDS):
            count = -1
            while count != len(self.telegram.sent):
                count = len(self.telegram.sent)
                await asyncio.sleep(QUIET_SECONDS)


async def open_phones(stack: AsyncExitStack, kind: str) -> Served:
    telegram = await stack.enter_async_context(FakeTelegram())
    server = await stack.enter_async_context(
        serving(
            kind,
            telegram_token=telegram.token,
            telegram_base_url=telegram.url,
            telegram_webhook_url=f"http://127.0.0.1{PATH}",
            telegram_webhook_secret=SECRET,
            telegram_rate="0",
        )
    )
    phones = []
    for number in range(CLIENTS):
        phone = Phone(await Wire.open(server.url), telegram, 1000 + number)
        stack.push_async_callback(phone.close)
        phones.append(phone)
    measured = Measured([server], phones, [questions(number, CLIENTS) for number in range(CLIENTS)], [])
    await asyncio.gather(*(phone.say(introduction(number)) for number, phone in enumerate(phones)))
    await drive(phones, measured.words, seconds=WARM_SECONDS)
    return Served(telegram, measured)


async def measure(*, rounds: int = ROUNDS, seconds: float = SECONDS) -> list[Row]:
    async with AsyncExitStack() as stack:
        served = {kind: await open_phones(stack, kind) for kind in ("policy", "free")}
        bare = (await open_phones(stack, "bare")).measured
        for _ in range(rounds):
            for one in served.values():
                await one.run(seconds)
            await bare.run(seconds)
        real, free = served["policy"], served["free"]
        kept = await what_is_kept(real.measured.servers[0])
        check_kept(kept, real.measured.median.count)
        faults = [fault for one in served.values() for fault in one.telegram.violations]
        if faults or len(real.telegram.sent) < sum(kept.replies.values()):
            raise RuntimeError(f"{len(real.telegram.sent)} replies arrived of {kept}; refused: {faults[:3]}")
    figures, floor = real.measured.median, free.measured.median
    share = share_of(real.measured.runs, free.measured.runs)
    by_cpu = f"by CPU {floor.cpu_ms / figures.cpu_ms:.2f}"
    used = f"{figures.cpu_ms:.1f} ms of CPU each, sending included"
    return [
        Row("Telegram webhook, 50 chats", figures.rate, "msg/s", "free answer", floor.rate, note=used),
        Row("  beside one bare commit", figures.rate, "msg/s", "bare handler", bare.median.rate),
        Row("  p95 until 200", figures.p95, "ms", "free answer", floor.p95),
        Row("  share of the free answer", share, "", note=by_cpu),
        Row(
            "  replies received",
            statistics.median(real.arrived),
            "per s",
            "free answer",
            statistics.median(free.arrived),
            note="limiter off; all arrived, none refused",
        ),
    ]


def rows() -> list[Row]:
    return asyncio.run(measure())


if __name__ == "__main__":
    print(load_words())
    print_table(rows())
    print(load_words())
