"""The web server: static files, health, and the headers and refusals that hold for every answer.

`bot.app` builds the site, the channels add their routes to it, `serve` listens. It knows no conversation.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from sqlalchemy import text

from bot.errors import DatabaseAway, StartupError
from bot.pacing import hold
from bot.settings import Settings
from bot.web.assets import Assets
from bot.web.errors import WebError, answer_errors
from bot.web.measuring import Measuring
from bot.web.pages import PAGES, DrawCard, Pages

if TYPE_CHECKING:
    from bot.app import App

MAX_BODY = 1024 * 1024
CHECK_SECONDS = 3.0
SHUTDOWN_SECONDS = 5.0
BACKLOG = 4096
"""Connections that wait to be taken: a notice brings thousands at one moment."""


class Ready(Protocol):
    """Says what is not well, by part; nothing when ready."""

    async def __call__(self) -> Mapping[str, str]: ...


READY = web.AppKey("READY", Ready)
ASSETS = web.AppKey("ASSETS", Assets)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: with it browsers send forms with `Origin: null`, which looks like a foreign page.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "shangan",
    "Cache-Control": "no-store",
}


def make_site(app: App) -> web.Application:
    """The site of the running program; the channels add their routes before it starts."""

    async def ready() -> dict[str, str]:
        return await _database_faults(app) | app.readiness()

    site = build_site(app.settings, draw_card=app.book.card, ready=ready)
    Measuring(app).add_to(site)
    site[PAGES].name_office(app.services.office_of)
    return site


def build_site(settings: Settings, *, draw_card: DrawCard, ready: Ready) -> web.Application:
    """Everything but the channels."""
    assets = Assets()
    pages = Pages(assets, draw_card)
    middlewares: list[Middleware] = [answer_errors(pages), refuse_foreign_pages(settings), refuse_long_bodies]
    site = web.Application(client_max_size=MAX_BODY, middlewares=middlewares)
    site[PAGES] = pages
    site[ASSETS] = assets
    site[READY] = ready

    async def show_mark(_request: web.Request) -> web.Response:
        raise web.HTTPFound(assets.url("mark.svg"))

    site.add_routes(
        [
            web.get("/static/{name}", assets.serve),
            web.get("/favicon.ico", show_mark),
            web.get("/healthz", show_alive),
            web.get("/readyz", show_ready),
        ]
    )
    site.on_response_prepare.append(set_headers(secure=settings.public_url.startswith("https:")))
    return site


class WebServer:
    """Listens while the bot runs."""

    def __init__(self, site: web.Application, settings: Settings) -> None:
        self._runner = web.AppRunner(site, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        self._host = settings.http_host
        self._wanted_port = settings.http_port
        self.port = 0

    @property
    def url(self) -> str:
        """Where to find it from this machine."""
        host = "127.0.0.1" if self._host in {"", "0.0.0.0", "::"} else self._host  # noqa: S104  # compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    async def start(self) -> None:
        """Listen; raises StartupError(4) where the port cannot be had."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._wanted_port, backlog=BACKLOG).start()
        except OSError as error:
            await self._runner.cleanup()
            why = "the port is in use" if error.errno == errno.EADDRINUSE else (error.strerror or "refused")
            message = f"cannot listen on {self._host}:{self._wanted_port}: {why}"
            raise StartupError(message, exit_code=4) from error
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()


async def show_alive(_request: web.Request) -> web.Response:
    return web.json_response({"alive": True})


async def show_ready(request: web.Request) -> web.Response:
    """What is not well, by part; 503 while there is anything."""
    faults = await request.app[READY]()
    return web.json_response({"ready": not faults, "faults": faults}, status=503 if faults else 200)


async def _database_faults(app: App) -> dict[str, str]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            async with app.database.reading() as session:
                await session.execute(text("SELECT 1"))
            if app.database.fault is not None:
                # Nothing could be written a moment ago: only a write shows whether that is over.
                async with app.database.transaction() as session:
                    await hold(session, app.clock, "readyz", 0)
    except DatabaseAway as error:
        return {"database": error.kind}
    except Exception as error:
        return {"database": app.database.fault or type(error).__name__}
    return {}


def set_headers(*, secure: bool) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """What every answer carries; nothing of a conversation is kept by a cache."""

    async def add(_request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

    return add


def refuse_foreign_pages(settings: Settings) -> Middleware:
    """Middleware: what another site makes a browser send is not accepted, whatever cookie comes with it."""
    public = {urlsplit(settings.public_url).netloc} - {""}

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in {"GET", "HEAD"}:
            said = request.headers.get("Sec-Fetch-Site")
            origin = request.headers.get("Origin")
            foreign = said == "cross-site"
            if said is None and origin is not None:
                foreign = urlsplit(origin).netloc not in public | {request.host}
            if foreign:
                raise WebError(403, "cross_site")
        return await handler(request)

    return middleware


@web.middleware
async def refuse_long_bodies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse before reading; attachments count their bytes themselves."""
    announced = request.content_length or 0
    if announced > MAX_BODY and not request.content_type.startswith("multipart/"):
        raise WebError(413, "too_large")
    return await handler(request)
