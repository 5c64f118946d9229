"""`shangan serve`: migrates, starts every part in order, says it is ready, and stops in reverse when asked to."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path

import structlog
from sqlalchemy.engine import make_url

from bot.app import App, Wire, build, wire_services
from bot.background import free_leases, supervise
from bot.channels import Channel
from bot.errors import StartupError
from bot.settings import Settings

log = structlog.get_logger(__name__)


async def serve(
    settings: Settings,
    *,
    announce: Callable[[str], None],
    wire: Wire = wire_services,
    channels: Callable[[App], Sequence[Channel]] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Run until SIGTERM, SIGINT or `stop`; `announce` is told when people can come."""
    from bot.staff.first import add_first_administrator
    from bot.web.server import WebServer, make_site
    from bot.web.staff_site import add_console

    stop = stop or asyncio.Event()
    async with AsyncExitStack() as stack:
        stack.enter_context(only_server(settings))
        app = await stack.enter_async_context(build(settings, wire=wire))
        if app.database.is_sqlite:
            # Nobody else can hold a lease: what the process before had in hand is taken up at once.
            await free_leases(app.database, app.clock)
        async with app.database.transaction() as session:
            await app.tidying.begin(session)
        app.channels = list((channels or make_channels)(app))
        site = make_site(app)
        for channel in app.channels:
            channel.add_routes(site)
        add_console(site, app)
        first = await add_first_administrator(app.database, now=app.clock.now())
        _warn(settings)
        server = WebServer(site, settings)
        await server.start()
        # In reverse at the end: no more requests, no more updates, what is in flight ends, then the loops.
        await _run_loop(stack, "settler", app.courier.settler.run)
        await _run_loop(stack, "courier", app.courier.run)
        await _run_loop(stack, "timers", app.timers.run)
        await _run_loop(stack, "settings", app.bureau.run)
        for service in app.services.services:
            for name, loop in service.loops.items():
                await _run_loop(stack, name, loop)
        stack.push_async_callback(app.courier.close)
        for channel in app.channels:
            await _run_loop(stack, str(channel.name), channel.run)
        stack.push_async_callback(server.stop)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        announce(f"ready {server.url}")
        if first is not None:
            announce(f"first administrator: {first.username}  one-time password: {first.password}")
        await stop.wait()
        log.info("stopping")


def make_channels(app: App) -> list[Channel]:
    """The channels of the settings."""
    from bot.channels import webchat

    channels: list[Channel] = [webchat.make_channel(app)]
    if app.settings.telegram_token is not None:
        from bot.channels import telegram

        channels.append(telegram.make_channel(app))
    return channels


async def _run_loop(stack: AsyncExitStack, name: str, loop: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.create_task(supervise(name, loop), name=name)

    async def end() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)


def _warn(settings: Settings) -> None:
    if not settings.telegram_staff_chat or settings.telegram_token is None:
        log.warning("no_staff_chat", meaning="urgent messages alert nobody; see `shangan crises`")


@contextmanager
def only_server(settings: Settings) -> Iterator[None]:
    """On SQLite one process serves: it holds a lock on a file beside the database, which ends with the process."""
    url = make_url(settings.async_database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        yield
        return
    path = Path(f"{url.database.removeprefix('file:')}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StartupError(f"{path}: cannot be made ({error.strerror})", exit_code=3) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            message = f"another `shangan serve` runs on {url.database}; for several, use PostgreSQL"
            raise StartupError(message, exit_code=3) from None
        yield
    finally:
        os.close(handle)
