"""Draws the console's pages from `templates/console`: the frame around each, the gate before them, refusals."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml
from aiohttp import web
from jinja2 import TemplateNotFound
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database
from bot.errors import UserFacingError
from bot.keys import Keys
from bot.messages import Shown
from bot.replies import make_environment
from bot.staff.models import Staff
from bot.staff.roles import has
from bot.web.assets import Assets
from bot.web.cookies import Cookies
from bot.web.pages import Look, Pages
from bot.web.watching import Seen

if TYPE_CHECKING:
    from bot.web.console import NavLink, Section, Visit

GATE_COOKIE = "shangan_gate"
"""Before anybody is signed in, ties the login form to the browser that asked for it."""
KEPT_MOST = 100_000
"""Characters of a posted form that are kept in a page for later."""


class ConsolePages:
    def __init__(
        self, database: Database, clock: Clock, keys: Keys, assets: Assets, chat: Pages, sections: Sequence[Section]
    ) -> None:
        self._database = database
        self._clock = clock
        self._gate_key = keys.derive("console.gate")
        self._chat = chat
        self._sections = tuple(sections)
        groups, names = list(_labels()["group"]), list(_labels()["nav"])
        links = [link for section in sections for link in section.links]
        self._links: tuple[NavLink, ...] = tuple(
            sorted(links, key=lambda link: (groups.index(link.group), names.index(link.name)))
        )
        self._environment = make_environment()
        self._environment.globals |= {"asset": assets.url, "label": label}
        for name in self._environment.list_templates():
            if name.startswith("console/"):
                self._environment.get_template(name)  # a broken template must stop the start

    # -- pages of somebody who is signed in ---------------------------------------------------------------

    async def draw(self, visit: Visit, name: str, *, here: str, status: int, **context: Any) -> web.Response:
        """A page with the side bar, its numbers and what rings."""
        async with self._database.reading() as session:
            seen = await self.look(session, visit.staff, visit.now)
        text = self._render(
            name,
            visit.request,
            visit=visit,
            here=here,
            links=self.links_of(visit),
            counts=seen.counts,
            alarms=seen.alarms,
            search=self._search_of(visit),
            done=has_label("done", visit.request.query.get("done", "")),
            **context,
        )
        return _page(text, status)

    def piece(self, name: str, **context: Any) -> str:
        """A part of a page that is open already."""
        return self._environment.get_template(f"console/{name}.html").render(**context)

    def words(self, name: str, **context: Any) -> str:
        """`templates/console/<name>.txt`."""
        return self._environment.get_template(f"console/{name}.txt").render(**context).strip()

    def links_of(self, visit: Visit) -> list[NavLink]:
        """What this person's role may open."""
        role = visit.staff.as_role
        return [link for link in self._links if link.permission is None or has(role, link.permission)]

    def _search_of(self, visit: Visit) -> str:
        """The address behind the search box; empty for roles that find nothing there."""
        for page in (section.search for section in self._sections):
            if page is not None and (page.permission is None or has(visit.staff.as_role, page.permission)):
                return page.path
        return ""

    async def look(self, session: AsyncSession, staff: Staff, now: datetime) -> Seen:
        """The numbers beside the links, and what rings."""
        counts: dict[str, int] = {}
        alarms: list[Any] = []
        for section in self._sections:
            if section.counts is not None:
                counts |= await section.counts(session, staff, now)
            if section.alarms is not None:
                alarms += await section.alarms(session, staff, now)
        return Seen(counts, alarms)

    async def mark(self, session: AsyncSession) -> object:
        """Another after every change of them, whichever process made it."""
        return [await section.marker(session) for section in self._sections if section.marker is not None]

    def bubbles(self, shown: Sequence[Shown]) -> list[Any]:
        """A conversation as its person saw it, for `webchat/parts.html` and the thread of a ticket."""
        return list(self._chat.bubbles(shown))

    # -- refusals -----------------------------------------------------------------------------------------

    def draw_refusal(self, visit: Visit, error: UserFacingError, *, status: int) -> web.Response:
        """Why not, the way back, and what they had written."""
        request = visit.request
        if "text/html" not in request.headers.get("Accept", "text/html"):
            body = {"error": error.code, "text": self.say_error(error.code, error.data)}
            return web.json_response(body, status=status, dumps=Pages.json)
        text = self._render(
            "refused",
            request,
            words=self.say_error(error.code, error.data),
            kept=visit.form.get("text", "")[:KEPT_MOST],
            back=_way_back(request),
        )
        return _page(text, status)

    def draw_again(
        self, request: web.Request, fields: Sequence[tuple[str, str]], *, csrf: str, why: str, status: int
    ) -> web.Response:
        """The form could not be taken now (`why`: stale, busy, signed_in): the same once more, by one button."""
        text = self._render("again", request, why=why, csrf=csrf, fields=_kept(fields), action=request.path)
        return _page(text, status)

    def draw_login(
        self,
        request: web.Request,
        cookies: Cookies,
        *,
        ended: str = "",
        fault: str = "",
        username: str = "",
        back: str = "",
        kept: Sequence[tuple[str, str]] = (),
        status: int = 401,
    ) -> web.Response:
        """The gate; `kept` is what was posted when the session had ended, and is posted again after it."""
        gate = request.cookies.get(GATE_COOKIE, "")
        made = not gate.isascii() or not 16 <= len(gate) <= 64
        if made:
            gate = secrets.token_urlsafe(16)
        text = self._render(
            "login",
            request,
            ended=ended,
            fault=fault,
            username=username,
            back=back,
            kept=_kept(kept),
            csrf=self.gate_token(gate),
        )
        response = _page(text, status)
        if made:
            cookies.keep(request, response, GATE_COOKIE, gate)
        return response

    def gate_token(self, gate: str) -> str:
        return hmac.new(self._gate_key, gate.encode(), hashlib.sha256).hexdigest()

    def say_error(self, code: str, data: Mapping[str, Any]) -> str:
        """In words for staff where there are any, else in those for everybody."""
        try:
            template = self._environment.get_template(f"console/errors/{code}.txt")
        except TemplateNotFound:
            template = self._environment.get_template(f"replies/errors/{code}.txt")
        return template.render(**data).strip()

    # -- as the site's errors want it ---------------------------------------------------------------------

    def draw_gate(self, name: str, request: web.Request, *, status: int = 200, **context: Any) -> web.Response:
        """A page that stands alone."""
        return _page(self._render(name, request, **context), status)

    def draw_error(self, request: web.Request, text: str) -> str:
        return self._render("trouble", request, text=text, again=request.path_qs if request.method == "GET" else "")

    def error_text(self, code: str, data: Mapping[str, Any]) -> str:
        try:
            return self.say_error(code, data)
        except TemplateNotFound:
            return self._chat.error_text(code, data)

    def _render(self, name: str, request: web.Request, **context: Any) -> str:
        return self._environment.get_template(f"console/{name}.html").render(look=Look.of(request), **context)


@lru_cache(maxsize=1)
def _labels() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = yaml.safe_load(
        (files("templates") / "console" / "labels.yaml").read_text("utf-8")
    )
    return found


def label(group: str, name: str) -> str:
    """`label("nav", "work")` -> 我的工作."""
    return str(_labels()[group][str(name)])


def has_label(group: str, name: str) -> str:
    """The name, if there are words for it; else nothing: it came in an address."""
    return name if name in _labels()[group] else ""


def _kept(fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is worth keeping of a form: not its token, nothing secret, and not without end."""
    kept = [(name, value) for name, value in fields if name not in {"csrf_token", "password", "new", "again"}]
    return kept if sum(len(value) for _, value in kept) <= KEPT_MOST else []


def _way_back(request: web.Request) -> str:
    """The page the form stood on, if it was one of ours."""
    referer = request.headers.get("Referer", "")
    start = f"{request.scheme}://{request.host}/staff/"
    tail = referer.partition(request.host)[2]
    return tail if referer.startswith((start, f"https://{request.host}/staff/")) else "/staff/"


def _page(text: str, status: int = 200) -> web.Response:
    response = web.Response(
        text=text, status=status, content_type="text/html", headers={"Vary": "Accept, Accept-Encoding, Cookie"}
    )
    response.enable_compression()
    return response
