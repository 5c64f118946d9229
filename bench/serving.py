"""A serving process to be measured: `python -m bench.serving KIND`, set up by SHANGAN_… as `shangan serve` is.

KIND: `policy` is the real service; `free` answers every message at no cost; `bare` is no bot at all, but an aiohttp
handler that commits one row. It says `ready URL`, and ends when its standard input does: with who started it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from aiohttp import web
from jinja2 import DictLoader

from bot.app import App, Parts, Service, Services, wire_services
from bot.channels import Channel
from bot.channels.webchat import WebChat
from bot.dialogue import Outcome, Turn
from bot.log import configure_logging
from bot.messages import ChannelName, Choice, Incoming, Reply
from bot.serving import make_channels, serve
from bot.settings import Settings, load_settings
from bot.sqlite import connect
from bot.web.limits import Allowance, Limits

UNLIMITED = Allowance(burst=1e9, per_second=1e9)
LIMITS = Limits(conversation=UNLIMITED, address=UNLIMITED, newcomers=UNLIMITED)
"""All clients come from one address, and say more than people do."""


@dataclass(frozen=True)
class Said(Reply):
    template: ClassVar[str] = "bench/said"
    text: str

    @classmethod
    def sample(cls) -> Said:
        return cls("好")


@dataclass(frozen=True)
class Heard:
    route: str = "policy"
    urgent: bool = False


class FreeDialogue:
    """Says the same to everybody, with as many buttons as an answer has."""

    name = "policy"
    answer = Outcome(
        (
            Said(
                "企业每招 1 名退捕渔民，一次性给 1000 元，钱给企业。",
                choices=tuple(Choice(f"看看{number}", "policy:look", {"of": number}) for number in range(5)),
            ),
        )
    )

    async def step(self, _turn: Turn) -> Outcome:
        return self.answer


def wire_free(_parts: Parts) -> Services:
    heard = Heard()
    service = Service(dialogues=(FreeDialogue(),), replies=(Said,), routes={"policy": "policy"})

    def recognise(_incoming: Incoming) -> Heard:
        return heard

    return Services(recognise, (service,), templates=DictLoader({"replies/bench/said.txt": "{{ text }}"}))


def make_unlimited(app: App) -> Sequence[Channel]:
    """The channels of the settings, the web chat without its limits."""
    others = [channel for channel in make_channels(app) if channel.name is not ChannelName.WEBCHAT]
    services = app.services
    chat = WebChat(
        app.conversation,
        app.settings,
        app.clock,
        place_of=services.place_of,
        places=services.places,
        limits=LIMITS,
    )
    return [chat, *others]


async def serve_bare(settings: Settings, *, stop: asyncio.Event) -> None:
    """What one commit a message costs on this disk, with the same file settings."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    connection = await connect(str(settings.data_dir / "bare.sqlite3"))
    connection.raw.execute("CREATE TABLE said (id INTEGER PRIMARY KEY, text TEXT)")
    lock = asyncio.Lock()

    async def take(request: web.Request) -> web.Response:
        text = (await request.read()).decode()
        async with lock:
            connection.raw.execute("BEGIN IMMEDIATE")
            connection.raw.execute("INSERT INTO said (text) VALUES (?)", (text,))
            await connection.commit()
        return web.json_response({"messages": []})

    site = web.Application()
    site.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    announce(f"ready http://127.0.0.1:{runner.addresses[0][1]}/")
    await stop.wait()
    await runner.cleanup()
    await connection.close()


def announce(words: str) -> None:
    print(words, flush=True)


async def run(kind: str) -> None:
    stop = asyncio.Event()
    # Who started us holds the other end: it is closed when they end, however they end.
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stop.set)
    settings = load_settings()
    configure_logging("WARNING")
    if kind == "bare":
        await serve_bare(settings, stop=stop)
        return
    wire = {"policy": wire_services, "free": wire_free}[kind]
    await serve(settings, announce=announce, wire=wire, channels=make_unlimited, stop=stop)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
