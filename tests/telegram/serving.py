"""The real app with a small service of its own, its Telegram channel and courier, at the local server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from aiohttp import web
from jinja2 import DictLoader
from pydantic import SecretStr

from bot.app import App, Parts, Service, Services, Wire, build
from bot.background import free_leases, supervise
from bot.channels.telegram.address import pace_of
from bot.channels.telegram.channel import TelegramChannel, make_channel
from bot.channels.telegram.polling import Pace
from bot.clock import Clock
from bot.dialogue import Outcome, Turn
from bot.messages import Choice, Incoming, Reply
from bot.pacing import ChatPace
from bot.settings import Settings
from bot.web.server import make_site
from tests.telegram.server import FakeTelegram

QUICK = Pace(
    long_poll=5, first_pause=0.02, longest_pause=0.1, longest_refused=0.2, stand_by=0.05, renew=0.2, farewell=1.0
)


@dataclass(frozen=True)
class Echo(Reply):
    template: ClassVar[str] = "echo/said"
    words: str

    @classmethod
    def sample(cls) -> Echo:
        return cls("好")


@dataclass(frozen=True)
class Heard:
    route: str = "policy"
    urgent: bool = False


class EchoDialogue:
    """Says again what it heard; `两条 x` in two bubbles, `选 a b` with buttons, `长` at length."""

    name = "echo"

    async def step(self, turn: Turn) -> Outcome:
        text = turn.incoming.text
        if turn.pressed is not None:
            return Outcome((Echo(f"按了{turn.pressed.label}"),))
        if turn.incoming.attachments:
            return Outcome((Echo(f"收到{turn.incoming.attachments[0].kind}"),))
        if text.startswith("两条"):
            return Outcome((Echo(f"一：{text}"), Echo(f"二：{text}")))
        if text.startswith("选"):
            choices = tuple(Choice(label, "echo:press") for label in text.split()[1:])
            return Outcome((Echo("请选", choices=choices),))
        if text == "长":
            return Outcome((Echo("这是一句完整的话。" * 600),))
        edited = "改成" if turn.incoming.edited else ""
        return Outcome((Echo(f"听到{edited}：{text}"),))


def wire_echo(_parts: Parts) -> Services:
    def recognise(_incoming: Incoming) -> Heard:
        return Heard()

    service = Service(dialogues=(EchoDialogue(),), replies=(Echo,), routes={"policy": "echo"})
    return Services(recognise, (service,), templates=DictLoader({"replies/echo/said.txt": "{{ words }}"}))


def settings_for(server: FakeTelegram, folder: Path, **more: object) -> Settings:
    given = {"data_dir": folder, "telegram_token": SecretStr(server.token), "telegram_base_url": server.url}
    return Settings(**{**given, **more})  # type: ignore[arg-type]  # checked by pydantic


def webhook_settings(server: FakeTelegram, folder: Path) -> Settings:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/telegram/updates"
    return settings_for(server, folder, telegram_webhook_url=url, telegram_webhook_secret=SecretStr("a_secret"))


@asynccontextmanager
async def serving(
    settings: Settings,
    *,
    probe: Callable[[str], None] = lambda step: None,
    wire: Wire = wire_echo,
    clock: Clock | None = None,
    pace_of: Callable[[str], ChatPace] = pace_of,
) -> AsyncIterator[tuple[App, TelegramChannel]]:
    """What `serve` runs; the web server listens only where a webhook is to be posted."""
    async with build(settings, wire=wire, probe=probe, clock=clock) as app:
        if app.database.is_sqlite:
            await free_leases(app.database, app.clock)  # there is one process only
        channel = make_channel(app, pace=QUICK, pace_of=pace_of)
        loops = {"courier": app.courier.run, "settler": app.courier.settler.run, "timers": app.timers.run}
        for service in app.services.services:
            loops |= service.loops
        tasks = [asyncio.create_task(supervise(name, loop)) for name, loop in loops.items()]
        site = make_site(app)
        channel.add_routes(site)
        runner = web.AppRunner(site, shutdown_timeout=0.1)
        await runner.setup()
        if settings.telegram_webhook_url:
            await web.TCPSite(runner, "127.0.0.1", urlsplit(settings.telegram_webhook_url).port).start()
        receiving = asyncio.create_task(channel.run())
        try:
            yield app, channel
        finally:
            await runner.cleanup()
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
            await app.courier.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await channel.close()
