"""Getting in and out of the console: sign in, change the password, sign out. How it is proved is `bot.staff.logins`."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web

from bot.clock import Clock
from bot.database import Database
from bot.errors import UserFacingError
from bot.staff import audit
from bot.staff.audit import AuditAction, Subject
from bot.staff.logins import change_password, check_login
from bot.staff.models import Staff
from bot.staff.roles import Role
from bot.staff.sessions import Ended, digest_of, end_session, open_session
from bot.web.bodies import read_fields
from bot.web.console import COOKIE, CSRF_FIELD, Console, Page, Section, Visit
from bot.web.console_pages import GATE_COOKIE, ConsolePages
from bot.web.errors import TooMany
from bot.web.limits import Allowance, Buckets, client_address

TRIES = Allowance(burst=30, per_second=0.5)
"""Logins from one address; each costs a core for a moment. An account locks by itself after five."""


HOME = {Role.ADMINISTRATOR: "manage", Role.AUDITOR: "lead"}
"""Groups of the side bar that are some roles' own work."""


class Login:
    def __init__(
        self, database: Database, clock: Clock, console: Console, pages: ConsolePages, *, trust_proxy: bool
    ) -> None:
        self._database = database
        self._clock = clock
        self._console = console
        self._pages = pages
        self._trust_proxy = trust_proxy
        self._tries = Buckets(TRIES, clock.wall)

    def add_routes(self, site: web.Application) -> None:
        site.add_routes(
            [
                web.get("/staff", self._go_home),
                web.get("/staff/login", self._show_login),
                web.post("/staff/login", self._sign_in),
                web.get("/staff/password", self._show_password),
                web.post("/staff/password", self._change_password),
            ]
        )

    def section(self) -> Section:
        return Section(pages=(Page("GET", "/staff/", self._go_on), Page("POST", "/staff/logout", self._sign_out)))

    async def _go_home(self, _request: web.Request) -> web.Response:
        return web.Response(status=303, headers={"Location": "/staff/"})

    async def _go_on(self, visit: Visit) -> web.Response:
        """The page that this role comes for, else the first it may open."""
        links = self._pages.links_of(visit)
        home = [link for link in links if link.group == HOME.get(visit.staff.as_role)]
        return visit.go((home or links)[0].path if links else "/staff/password")

    # -- signing in ---------------------------------------------------------------------------------------

    async def _show_login(self, request: web.Request) -> web.StreamResponse:
        self._console.admit(request)
        if (look := self._console.cookies.look_asked_for(request)) is not None:
            return look
        ended = request.query.get("ended", "")
        return self._pages.draw_login(
            request,
            self._console.cookies,
            ended=ended if ended in {str(Ended.IDLE), str(Ended.CHANGED), "out"} else "",
            back=local_path(request.query.get("next", "")),
            status=200,
        )

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        self._console.admit(request)
        if wait := self._tries.take(client_address(request, trust_proxy=self._trust_proxy)):
            raise TooMany(wait)
        fields, _ = await read_fields(request)
        form, kept = dict(fields), _kept_of(fields)
        username, back = form.get("username", "")[:80], local_path(form.get("next", ""))
        gate = request.cookies.get(GATE_COOKIE, "")
        if not gate or not _same(form.get(CSRF_FIELD, ""), self._pages.gate_token(gate)):
            return self._refuse(request, "stale", username, back, kept, status=403)
        try:
            staff = await check_login(self._database, username, form.get("password", ""), now=self._clock.now())
        except UserFacingError as error:
            words = self._pages.say_error(error.code, error.data)
            return self._refuse(request, words, username, back, kept)
        return await self._let_in(request, staff, back, kept)

    def _refuse(
        self,
        request: web.Request,
        fault: str,
        username: str,
        back: str,
        kept: Sequence[tuple[str, str]],
        *,
        status: int = 401,
    ) -> web.Response:
        return self._pages.draw_login(
            request,
            self._console.cookies,
            fault=fault,
            username=username,
            back=back,
            kept=kept,
            status=status,
        )

    async def _let_in(
        self, request: web.Request, staff: Staff, back: str, kept: Sequence[tuple[str, str]]
    ) -> web.StreamResponse:
        async with self._database.transaction() as session:
            token = await open_session(session, staff, now=self._clock.now())
        if kept and back and not staff.must_change_password:
            csrf = self._console.csrf_of(digest_of(token))
            response: web.StreamResponse = self._pages.draw_gate(
                "again", request, why="signed_in", csrf=csrf, fields=kept, action=back
            )
        else:
            path = "/staff/password" if staff.must_change_password else back or "/staff/"
            response = web.Response(status=303, headers={"Location": path})
        self._console.cookies.keep(request, response, COOKIE, token)
        return response

    async def _sign_out(self, visit: Visit) -> web.Response:
        async with self._database.transaction() as session:
            await end_session(session, visit.staff.id)
            subject = Subject("staff", str(visit.staff.id))
            await audit.append(session, AuditAction.LOGGED_OUT, actor=visit.actor, subject=subject, at=visit.now)
        response = visit.go("/staff/login?ended=out")
        self._console.cookies.drop(response, COOKIE)
        return response

    # -- the password -------------------------------------------------------------------------------------

    async def _show_password(self, request: web.Request) -> web.StreamResponse:
        self._console.admit(request)
        if (look := self._console.cookies.look_asked_for(request)) is not None:
            return look
        found = await self._console.recognise(request)
        if isinstance(found, Ended):
            return web.Response(status=303, headers={"Location": "/staff/login?next=/staff/password"})
        return self._draw_password(request, found.staff, found.digest)

    async def _change_password(self, request: web.Request) -> web.StreamResponse:
        self._console.admit(request)
        fields, _ = await read_fields(request)
        form = dict(fields)
        found = await self._console.recognise(request)
        if isinstance(found, Ended):
            return web.Response(status=303, headers={"Location": "/staff/login?next=/staff/password"})
        csrf = self._console.csrf_of(found.digest)
        if not _same(form.get(CSRF_FIELD, ""), csrf):
            return self._draw_password(request, found.staff, found.digest, fault="stale", status=403)
        if form.get("new", "") != form.get("again", ""):
            return self._draw_password(request, found.staff, found.digest, fault="differ", status=422)
        try:
            staff = await change_password(self._database, found.staff.id, form.get("new", ""), now=self._clock.now())
        except UserFacingError as error:
            words = self._pages.say_error(error.code, error.data)
            return self._draw_password(request, found.staff, found.digest, fault=words, status=422)
        async with self._database.transaction() as session:
            token = await open_session(session, staff, now=self._clock.now())
        response = web.Response(status=303, headers={"Location": "/staff/?done=password"})
        self._console.cookies.keep(request, response, COOKIE, token)
        return response

    def _draw_password(
        self, request: web.Request, staff: Staff, digest: str, *, fault: str = "", status: int = 200
    ) -> web.Response:
        return self._pages.draw_gate(
            "password",
            request,
            status=status,
            username=staff.username,
            must=staff.must_change_password,
            fault=fault,
            csrf=self._console.csrf_of(digest),
        )


def _kept_of(fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What an ended session had posted; the login form carries it under `kept.<name>`."""
    return [(name.removeprefix("kept."), value) for name, value in fields if name.startswith("kept.")]


def local_path(path: str) -> str:
    """Only to pages of the console: an address elsewhere would lend our name to somebody's trap."""
    parts = urlsplit(path)
    is_ours = path.startswith("/staff/") and not parts.scheme and not parts.netloc and "\\" not in path
    return path if is_ours and path.isprintable() else ""


def _same(given: str, wanted: str) -> bool:
    return given.isascii() and hmac.compare_digest(given, wanted)
