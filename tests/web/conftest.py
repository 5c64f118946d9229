"""The web chat on a loopback port over a talk in memory; and a real Chromium, where there is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp
import pytest
from playwright.async_api import Browser, async_playwright

from bot.channels.webchat import WebChat
from bot.clock import FixedClock
from bot.messages import Address
from bot.settings import Settings
from bot.web.limits import Limits
from bot.web.server import WebServer, build_site
from bot.web.visitors import COOKIE, address_of
from tests.web.talk import FakeTalk, make_book

QUIET = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--mute-audio",
)


@dataclass
class Site:
    """A running web chat, and what stands behind it."""

    url: str
    talk: FakeTalk
    clock: FixedClock
    faults: dict[str, str] = field(default_factory=dict)
    place: dict[Address, str] = field(default_factory=dict)


@dataclass
class Client:
    """A device with its own cookie."""

    site: Site
    http: aiohttp.ClientSession

    @property
    def address(self) -> Address:
        cookies = self.http.cookie_jar.filter_cookies(self.http._base_url or "")  # type: ignore[arg-type]
        return address_of(cookies[COOKIE].value)


class ServeSite(Protocol):
    def __call__(self, **options: Any) -> Any: ...


@asynccontextmanager
async def serve(settings: Settings, clock: FixedClock, **options: Any) -> AsyncIterator[Site]:
    """A web chat with its own limits, heartbeat, places."""
    talk = options.pop("talk", None) or FakeTalk()
    running = Site("", talk, clock)

    async def ready() -> Mapping[str, str]:
        return running.faults

    async def place_of(address: Address) -> str | None:
        return running.place.get(address)

    site = build_site(settings, draw_card=make_book().card, ready=ready)
    options.setdefault("limits", Limits())
    WebChat(talk, settings, clock, place_of=place_of, **options).add_routes(site)
    server = WebServer(site, settings)
    await server.start()
    running.url = server.url
    try:
        yield running
    finally:
        await server.stop()


@pytest.fixture
async def site(settings: Settings, clock: FixedClock) -> AsyncIterator[Site]:
    async with serve(settings, clock) as running:
        yield running


@pytest.fixture
async def client(site: Site) -> AsyncIterator[Client]:
    """A device that has opened the page."""
    async with open_client(site) as client:
        yield client


@asynccontextmanager
async def open_client(site: Site) -> AsyncIterator[Client]:
    jar = aiohttp.CookieJar(unsafe=True)  # aiohttp keeps cookies of bare addresses only so
    async with aiohttp.ClientSession(site.url, cookie_jar=jar) as http:
        async with http.get("/") as response:
            assert response.status == 200
        yield Client(site, http)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, by its path; playwright's own download is not used. Skipped without it, but never in CI."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("there is no chromium on this machine")
        pytest.skip("there is no chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        await browser.close()
