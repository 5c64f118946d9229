"""A running console for tests, and people at its browsers.

clerk = await console.sign_in("zhou")
page = await clerk.get("/staff/work")
done = await clerk.post("/staff/tickets/261124-00013/note", text="…")
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
from yarl import URL

from bot.app import Parts, Services, build, wire_with
from bot.channels import webchat
from bot.clock import FixedClock
from bot.settings import Settings
from bot.staff.accounts import reset_password
from bot.staff.audit import SYSTEM
from bot.staff.passwords import NewPassword, take_given
from bot.staff.roles import Role
from bot.staff.sessions import open_session
from bot.web.console import COOKIE
from bot.web.server import WebServer, make_site
from bot.web.staff_site import add_console
from handlers.tickets.office import Office, make_office
from tests.bureau import knowing
from tests.handlers.tickets.bureau import Bureau, regions, settings_of, staffed

PASSWORD = "Hao-Mima-2026"
HTML = {"Accept": "text/html"}


_made: list[NewPassword] = []


async def _password() -> NewPassword:
    """One for everybody, hashed once a process: argon2 takes its time on purpose."""
    if not _made:
        _made.append(await take_given(PASSWORD, must_change=False))
    return _made[0]


@dataclass
class Answer:
    """What came back; redirects are not followed."""

    status: int
    url: str
    text: str
    location: str
    headers: Any

    def has_action(self, name: str) -> bool:
        """Whether the page offers this act (`data-action`)."""
        return f'data-action="{name}"' in self.text

    def token(self) -> str:
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', self.text)
        assert found is not None, self.text[:500]
        return found[1]


@dataclass
class StaffBrowser:
    """One browser with its own cookies."""

    http: aiohttp.ClientSession
    csrf: str = ""

    async def get(self, path: str, **headers: str) -> Answer:
        async with self.http.get(path, allow_redirects=False, headers={**HTML, **headers}) as response:
            return await _answer(response)

    async def post(self, path: str, fields: Any = None, **more: str) -> Answer:
        """A form with its token; `fields` may be a list of pairs or a FormData."""
        if isinstance(fields, aiohttp.FormData):
            fields.add_field("csrf_token", self.csrf)
            body: Any = fields
        else:
            body = [("csrf_token", self.csrf), *(fields or ()), *more.items()]
        async with self.http.post(path, data=body, allow_redirects=False, headers=HTML) as response:
            return await _answer(response)

    async def sign_in(self, username: str, password: str) -> Answer:
        gate = await self.get("/staff/login")
        self.csrf = gate.token()
        return await self.post("/staff/login", username=username, password=password)


@dataclass
class ConsoleSite:
    url: str
    bureau: Bureau
    stack: AsyncExitStack = field(repr=False)

    async def browser(self) -> StaffBrowser:
        jar = aiohttp.CookieJar(unsafe=True)  # aiohttp keeps cookies of bare addresses only so
        return StaffBrowser(await self.stack.enter_async_context(aiohttp.ClientSession(self.url, cookie_jar=jar)))

    async def sign_in(self, username: str) -> StaffBrowser:
        """Somebody of the bureau with a session of theirs and its token; from now on their password is PASSWORD.

        The session is opened by its use case; the way through the login page is `StaffBrowser.sign_in`.
        """
        at, password = await self.browser(), await _password()
        async with self.bureau.work() as session:
            staff = await self.bureau.staff(session, username)
            if staff.password_hash != password.hash:
                await reset_password(session, staff, password, actor=SYSTEM, now=self.now)
            token = await open_session(session, staff, now=self.now)
        at.http.cookie_jar.update_cookies({COOKIE: token}, URL(self.url))
        at.csrf = (await at.get("/staff/password")).token()
        return at

    @property
    def now(self) -> datetime:
        return self.bureau.app.clock.now()


async def _answer(response: aiohttp.ClientResponse) -> Answer:
    text = await response.text()
    return Answer(response.status, str(response.url), text, response.headers.get("Location", ""), response.headers)


@asynccontextmanager
async def open_console(settings: Settings, clock: FixedClock) -> AsyncIterator[ConsoleSite]:
    offices: list[Office] = []

    def wire(parts: Parts) -> Services:
        """The real services, and one more office to work from within a test."""
        offices.append(make_office(parts, regions()))
        return wire_with(parts, knowing())

    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(build(settings_of(settings), clock=clock, wire=wire))
        bureau = await staffed(Bureau(app, offices.pop(), clock))
        await bureau.hire("admin", Role.ADMINISTRATOR)
        site = make_site(app)
        webchat.make_channel(app).add_routes(site)
        add_console(site, app)
        server = WebServer(site, settings)
        await server.start()
        stack.push_async_callback(server.stop)
        yield ConsoleSite(server.url, bureau, stack)


async def next_news(stream: aiohttp.ClientResponse) -> dict[str, Any]:
    """What an open page hears next."""
    async with asyncio.timeout(20):
        async for line in stream.content:
            if line.startswith(b"data: "):
                news: dict[str, Any] = json.loads(line[6:])
                return news
    raise AssertionError("the stream ended")
