"""A running console for tests, and people at its browsers.

clerk = await console.sign_in("zhou")
page = await clerk.get("/staff/work")
done = await clerk.post("/staff/tickets/261124-00013/note", text="…")
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp

from bot.app import Parts, Services, build, wire_with
from bot.channels import webchat
from bot.clock import FixedClock
from bot.settings import Settings
from bot.staff.logins import change_password
from bot.staff.roles import Role
from bot.web.server import WebServer, make_site
from bot.web.staff_site import add_console
from handlers.tickets.office import Office, make_office
from tests.bureau import knowing
from tests.handlers.tickets.bureau import Bureau, regions, settings_of, staffed

PASSWORD = "Hao-Mima-2026"
HTML = {"Accept": "text/html"}


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
        """Somebody of the bureau, signed in, with the token of their session."""
        staff_id = self.bureau.ids[username]
        await change_password(self.bureau.app.database, staff_id, PASSWORD, now=self.now)
        at = await self.browser()
        answer = await at.sign_in(username, PASSWORD)
        assert answer.status == 303, answer.text
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
