"""`/metrics`, for whoever watches the machine from the machine itself; and how long every request took."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.metrics import CONTENT_TYPE
from bot.web.limits import client_address

if TYPE_CHECKING:
    from bot.app import App

LOOPBACK = frozenset({"127.0.0.1", "::1/128", "::/64"})
"""As `client_address` writes the machine itself."""


class Measuring:
    def __init__(self, app: App) -> None:
        self._app = app

    def add_to(self, site: web.Application) -> None:
        site.router.add_get("/metrics", self._show)
        site.middlewares.insert(0, self._time)

    async def _show(self, request: web.Request) -> web.Response:
        """Only to this machine: how busy a bureau is concerns nobody else. (Behind a proxy, set TRUST_PROXY.)"""
        if client_address(request, trust_proxy=self._app.settings.trust_proxy) not in LOOPBACK:
            raise web.HTTPNotFound
        body = self._app.meter.write(await self._app.count())
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    @web.middleware
    async def _time(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        start, status = time.perf_counter(), 500
        try:
            response = await handler(request)
            status = response.status
        except web.HTTPException as error:
            status = error.status
            raise
        else:
            return response
        finally:
            resource = request.match_info.route.resource
            # Streams stay open for hours: how long says nothing.
            if resource is not None and not resource.canonical.endswith("/events"):
                self._app.meter.count_request(resource.canonical, status, time.perf_counter() - start)
