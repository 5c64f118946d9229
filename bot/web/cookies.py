"""Cookies of the console: the session, and how a person wants their pages to look."""

from __future__ import annotations

from aiohttp import web

from bot.settings import Settings
from bot.web.pages import SIZE_COOKIE, THEME_COOKIE, THEMES

LOOK_SECONDS = 365 * 24 * 3600


class Cookies:
    def __init__(self, settings: Settings) -> None:
        self._public_https = settings.public_url.startswith("https:")
        self._trust_proxy = settings.trust_proxy

    def keep(
        self, request: web.Request, response: web.StreamResponse, name: str, value: str, *, seconds: int | None = None
    ) -> None:
        """Only for the console's pages, and for no script; `seconds` None: until the browser closes."""
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/staff",
            httponly=True,
            samesite="Lax",
            secure=self._is_secure(request) or None,
        )

    def drop(self, response: web.StreamResponse, name: str) -> None:
        response.del_cookie(name, path="/staff")

    def look_asked_for(self, request: web.Request) -> web.Response | None:
        """`?size=2`, `?theme=dark`: kept, and the same page again without it in the address."""
        asked = {
            SIZE_COOKIE: request.query.get("size", "") if request.query.get("size") in {"1", "2", "3"} else "",
            THEME_COOKIE: request.query.get("theme", "") if request.query.get("theme") in {"auto", *THEMES} else "",
        }
        if request.method != "GET" or not any(asked.values()):
            return None
        rest = request.rel_url.query.copy()
        for name in ("size", "theme"):
            rest.popall(name, None)
        response = web.Response(status=303, headers={"Location": str(request.rel_url.with_query(rest))})
        for name, value in asked.items():
            if value:
                # For the chat's pages too: whoever needs large letters needs them everywhere.
                response.set_cookie(name, value, max_age=LOOK_SECONDS, path="/", httponly=True, samesite="Lax")
        return response

    def _is_secure(self, request: web.Request) -> bool:
        behind = self._trust_proxy and request.headers.get("X-Forwarded-Proto", "").split(",")[-1].strip() == "https"
        return self._public_https or behind
