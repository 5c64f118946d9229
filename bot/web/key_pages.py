"""The keys of the console: what they are, and a switch for whoever does not want single letters to act."""

from __future__ import annotations

from aiohttp import web

from bot.web.console import Page, Section, Visit
from bot.web.cookies import LOOK_SECONDS, Cookies

COOKIE = "shangan_keys"


class KeyPages:
    def __init__(self, cookies: Cookies) -> None:
        self._cookies = cookies

    def section(self) -> Section:
        return Section(pages=(Page("GET", "/staff/keys", self._show), Page("POST", "/staff/keys", self._switch)))

    async def _show(self, visit: Visit) -> web.StreamResponse:
        return await visit.page("keys", here="")

    async def _switch(self, visit: Visit) -> web.StreamResponse:
        """Kept in this browser; the page reads the cookie."""
        response = visit.go("/staff/keys")
        value = "off" if visit.form.get("keys") == "off" else "on"
        self._cookies.keep(visit.request, response, COOKIE, value, seconds=LOOK_SECONDS)
        return response
