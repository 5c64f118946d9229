"""The staff console as a frame: who is signed in, what they may open, and pages that services add as `Section`s.

Every request under /staff comes through `Console._answer`: cookie, role, form and its token, then the handler. Pages
work without JavaScript: a GET shows, a POST acts and leads back (303).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import quote

import structlog
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database
from bot.errors import DatabaseAway, UserFacingError
from bot.keys import Keys
from bot.messages import Attachment
from bot.settings import Settings
from bot.staff import audit
from bot.staff.models import Staff
from bot.staff.roles import Needed, Permission, check_may, may
from bot.staff.sessions import Ended, SignedIn, find_session, touch
from bot.web.bodies import read_fields
from bot.web.console_pages import ConsolePages
from bot.web.cookies import Cookies
from bot.web.errors import TooMany, WebError
from bot.web.limits import Allowance, Buckets, client_address

log = structlog.get_logger(__name__)

COOKIE = "shangan_staff"
CSRF_FIELD = "csrf_token"
PER_ADDRESS = Allowance(burst=600, per_second=300)
"""A whole office shares one address."""
STATUS = {
    "not_permitted": 403,
    "no_such_ticket": 404,
    "no_such_account": 404,
    "no_such_queue": 404,
    "no_such_place": 404,
    "no_such_gap": 404,
    "no_such_crisis": 404,
    "no_such_canned": 404,
    "no_such_offer": 404,
    "no_such_person": 404,
    "no_such_person_task": 404,
    "no_such_import": 404,
    "no_such_campaign": 404,
    "no_such_request": 404,
}
"""Refusals that are no plain 422 (what was asked cannot be done now)."""
AUDITED = frozenset(STATUS)


@dataclass
class Visit:
    """One request of somebody who is signed in, as handlers get it."""

    request: web.Request
    staff: Staff
    now: datetime
    csrf: str
    """The token that every form carries in `csrf_token`."""
    pages: ConsolePages
    form: Mapping[str, str] = field(default_factory=dict)
    """What was posted; of a field given several times the last."""
    fields: Sequence[tuple[str, str]] = ()
    """The same with every value, in order, for check boxes."""
    files: tuple[Attachment, ...] = ()
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server stops: an answer without an end has to end then."""

    @property
    def actor(self) -> audit.Actor:
        return audit.Actor(audit.ActorKind.STAFF, self.staff.id)

    def may(self, permission: Permission) -> bool:
        return may(self.staff.as_role, permission)

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for key, value in self.fields if key == name]

    async def page(self, name: str, *, here: str = "", status: int = 200, **context: Any) -> web.Response:
        """`templates/console/<name>.html` in this person's console; `here` is the link of the side bar it is under."""
        return await self.pages.draw(self, name, here=here, status=status, **context)

    def go(self, path: str, *, done: str = "") -> web.Response:
        """Lead on after an act; `done` names what happened, for the next page to say (`console/done.txt`)."""
        if done:
            head, _, tail = path.partition("#")
            mark = "&" if "?" in head else "?"
            path = f"{head}{mark}done={done}" + (f"#{tail}" if tail else "")
        return web.Response(status=303, headers={"Location": path})


Handler: TypeAlias = Callable[[Visit], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Page:
    """One address of a section."""

    method: str
    """GET or POST."""
    path: str
    """As aiohttp reads it, such as `/staff/tickets/{number}`."""
    handler: Handler
    permission: Needed | None = None
    """What a role must hold; None: everybody who is signed in."""


@dataclass(frozen=True)
class NavLink:
    """A line of the side bar; its words are `nav.<name>` in `templates/console/labels.yaml`."""

    group: str
    name: str
    path: str
    icon: str
    permission: Needed | None = None


@dataclass(frozen=True)
class Alarm:
    """Something nobody has taken: a band above every page until somebody does."""

    template: str
    """`templates/console/<template>.html`, a piece."""
    data: Mapping[str, Any]


Counts: TypeAlias = Callable[[AsyncSession, Staff, datetime], Awaitable[Mapping[str, int]]]
Marker: TypeAlias = Callable[[AsyncSession], Awaitable[object]]
Alarms: TypeAlias = Callable[[AsyncSession, Staff, datetime], Awaitable[Sequence[Alarm]]]


@dataclass(frozen=True)
class Section:
    """What one service adds to the console."""

    pages: tuple[Page, ...] = ()
    links: tuple[NavLink, ...] = ()
    counts: Counts | None = None
    """Numbers beside links, by their names."""
    alarms: Alarms | None = None
    marker: Marker | None = None
    """Something small that is another after every change of numbers and alarms, whichever process made it."""
    search: Page | None = None
    """Where the search box of every page leads, with what was typed as `q`."""


def join_sections(*sections: Section) -> Section:
    """Several parts of one service as one."""

    async def count(session: AsyncSession, staff: Staff, now: datetime) -> dict[str, int]:
        found: dict[str, int] = {}
        for section in sections:
            if section.counts is not None:
                found |= await section.counts(session, staff, now)
        return found

    async def ring(session: AsyncSession, staff: Staff, now: datetime) -> list[Alarm]:
        found: list[Alarm] = []
        for section in sections:
            if section.alarms is not None:
                found += await section.alarms(session, staff, now)
        return found

    async def mark(session: AsyncSession) -> object:
        return tuple([await section.marker(session) for section in sections if section.marker is not None])

    return Section(
        pages=tuple(page for section in sections for page in section.pages),
        links=tuple(link for section in sections for link in section.links),
        counts=count,
        alarms=ring,
        marker=mark,
        search=next((section.search for section in sections if section.search is not None), None),
    )


class Console:
    """Routes and guard of all sections."""

    def __init__(self, database: Database, clock: Clock, keys: Keys, settings: Settings, pages: ConsolePages) -> None:
        self._database = database
        self._clock = clock
        self._key = keys.derive("console.csrf")
        self._trust_proxy = settings.trust_proxy
        self._pages = pages
        self._senders = Buckets(PER_ADDRESS, clock.wall)
        self.cookies = Cookies(settings)
        self._closing = asyncio.Event()

    def add_routes(self, site: web.Application, sections: Sequence[Section]) -> None:
        site.on_shutdown.append(self._close)
        for page in (page for section in sections for page in section.pages):
            site.router.add_route(page.method, page.path, self._wrap(page))

    async def _close(self, _site: web.Application) -> None:
        self._closing.set()

    def csrf_of(self, digest: str) -> str:
        """The token of a session: who cannot read our pages cannot know it."""
        return hmac.new(self._key, digest.encode(), hashlib.sha256).hexdigest()

    def admit(self, request: web.Request) -> None:
        """Raises TooMany for an address that asks too often."""
        if wait := self._senders.take(client_address(request, trust_proxy=self._trust_proxy)):
            raise TooMany(wait)

    async def recognise(self, request: web.Request) -> SignedIn | Ended:
        """Who is signed in here; that they are still there is written down now and then."""
        token, now = request.cookies.get(COOKIE, ""), self._clock.now()
        async with self._database.reading() as session:
            found = await find_session(session, token, now=now)
        if isinstance(found, SignedIn) and found.stale:
            # Not worth refusing a page for, while nothing can be written.
            with suppress(DatabaseAway):
                async with self._database.transaction() as session:
                    await touch(session, found.staff.id, now=now)
        return found

    def _wrap(self, page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await self._answer(page, request)

        return answer

    async def _answer(self, page: Page, request: web.Request) -> web.StreamResponse:
        self.admit(request)
        if (look := self.cookies.look_asked_for(request)) is not None:
            return look
        fields, files = await read_fields(request) if request.method == "POST" else ((), ())
        try:
            found = await self.recognise(request)
            if isinstance(found, Ended):
                return self._ask_to_sign_in(request, fields, found)
            form = dict(fields)
            csrf = self.csrf_of(found.digest)
            visit = Visit(
                request, found.staff, self._clock.now(), csrf, self._pages, form, fields, files, self._closing
            )
            if found.staff.must_change_password:
                return visit.go("/staff/password")
            if request.method == "POST" and not hmac.compare_digest(_token(request, form), csrf):
                return self._pages.draw_again(request, fields, csrf=csrf, why="stale", status=403)
            return await self._act(page, visit)
        except DatabaseAway:
            if request.method != "POST":
                raise
            token = dict(fields).get(CSRF_FIELD, "")
            return self._pages.draw_again(request, fields, csrf=token, why="busy", status=503)

    async def _act(self, page: Page, visit: Visit) -> web.StreamResponse:
        try:
            if page.permission is not None:
                check_may(visit.staff.as_role, page.permission)
            return await page.handler(visit)
        except UserFacingError as error:
            if error.code in AUDITED:
                await self._write_down(visit, error)
            status = STATUS.get(error.code, 422)
            return self._pages.draw_refusal(visit, error, status=status)

    async def _write_down(self, visit: Visit, error: UserFacingError) -> None:
        """Somebody reached for what is not theirs, or not there."""
        async with self._database.transaction() as session:
            await audit.note_refusal(session, error.code, actor=visit.actor, path=visit.request.path, at=visit.now)

    def _ask_to_sign_in(
        self, request: web.Request, fields: Sequence[tuple[str, str]], ended: Ended
    ) -> web.StreamResponse:
        """What was posted is kept in the page, so that nothing written is lost."""
        if "text/html" not in request.headers.get("Accept", "text/html") and request.method == "GET":
            raise WebError(401, "signed_out")
        if request.method == "POST":
            return self._pages.draw_login(request, self.cookies, ended=str(ended), back=request.path, kept=fields)
        why = "" if ended is Ended.UNKNOWN else f"&ended={ended}"
        back = quote(request.path_qs, safe="/")
        return web.Response(status=303, headers={"Location": f"/staff/login?next={back}{why}"})


def _token(request: web.Request, form: Mapping[str, str]) -> str:
    """From the form, or from the header that scripts send."""
    token = form.get(CSRF_FIELD) or request.headers.get("X-CSRF-Token") or ""
    return token if token.isascii() else ""
