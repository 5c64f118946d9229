"""The web server: routes of the channels, static files, health; headers and limits that hold for every answer.

Built and started by `bot.app`; knows neither conversations nor databases.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web

from bot.errors import StartupError
from bot.settings import Settings
from bot.web.assets import Assets
from bot.web.errors import Handler, WebError, answer_errors
from bot.web.pages import Pages

MAX_BODY = 1024 * 1024
CHECK_SECONDS = 3.0
SHUTDOWN_SECONDS = 5.0

Check = Callable[[], Awaitable[str]]
"""Says `ok`, or in a few words what is wrong."""
CHECKS = web.AppKey("CHECKS", Mapping[str, Check])
PAGES = web.AppKey("PAGES", Pages)

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
}


class Part(Protocol):
    """A channel or page set that lives in the server."""

    def routes(self) -> Iterable[web.AbstractRouteDef]: ...

    async def close(self) -> None:
        """The server is stopping: end what would wait for ever, such as event streams."""


def build_application(
    settings: Settings, *, pages: Pages, assets: Assets, parts: Sequence[Part] = (), checks: Mapping[str, Check]
) -> web.Application:
    app = web.Application(
        client_max_size=MAX_BODY,
        middlewares=[answer_errors(pages), refuse_foreign_pages(settings), refuse_long_bodies],
    )
    app[CHECKS] = dict(checks)
    app[PAGES] = pages
    app.add_routes(
        [
            web.get("/static/{name}", assets.serve),
            web.get("/favicon.ico", lambda request: _redirect(assets.url("mark.svg"))),
            web.get("/healthz", show_alive),
            web.get("/readyz", show_ready),
        ]
    )
    secure = settings.public_url.startswith("https:")

    async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

    app.on_response_prepare.append(set_headers)
    for part in parts:
        app.add_routes(part.routes())
        app.on_shutdown.append(lambda app, part=part: part.close())  # type: ignore[misc]  # mypy cannot infer it
    return app


class WebServer:
    """Listens while the bot runs."""

    def __init__(self, application: web.Application, settings: Settings) -> None:
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        self._settings = settings
        self.port = 0

    @property
    def url(self) -> str:
        host = self._settings.http_host
        host = "127.0.0.1" if host in {"", "0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    async def start(self) -> None:
        """Listen; raises StartupError(4) where the port cannot be had."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._settings.http_host, self._settings.http_port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            where = f"{self._settings.http_host}:{self._settings.http_port}"
            why = "the port is in use" if error.errno == errno.EADDRINUSE else (error.strerror or "it is refused")
            raise StartupError(f"cannot listen on {where}: {why}", exit_code=4) from error
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()


async def show_alive(request: web.Request) -> web.Response:
    return web.json_response({"alive": True})


async def show_ready(request: web.Request) -> web.Response:
    """Every part that the work depends on, by name; 503 while one is not ready."""
    checks = request.app[CHECKS]
    said = dict(zip(checks, await asyncio.gather(*map(_run_check, checks.values())), strict=True))
    ready = all(words == "ok" for words in said.values())
    return web.json_response({"ready": ready, "checks": said}, status=200 if ready else 503)


def refuse_foreign_pages(settings: Settings) -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
    """Middleware: what another site makes a browser send is not accepted, whatever cookie comes with it."""
    public = urlsplit(settings.public_url).netloc

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in {"GET", "HEAD"}:
            said = request.headers.get("Sec-Fetch-Site")
            origin = request.headers.get("Origin")
            foreign = said == "cross-site"
            if said is None and origin is not None:
                foreign = urlsplit(origin).netloc not in {request.host, public}
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


async def _run_check(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return "no answer"
    except Exception as error:
        return type(error).__name__


async def _redirect(where: str) -> web.Response:
    raise web.HTTPFound(where)
