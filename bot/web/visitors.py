"""Who is asking: a device, known by a random cookie, and its network address; how often both may ask."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web

from bot.clock import Clock
from bot.messages import Address, ChannelName
from bot.settings import Settings
from bot.web.errors import TooMany
from bot.web.limits import Buckets, Limits, client_address
from bot.web.pages import SIZE_COOKIE, THEME_COOKIE, THEMES

COOKIE = "shangan_chat"
COOKIE_SECONDS = 365 * 24 * 3600
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
"""128 bits, as `make_token` writes them."""

AnyResponse = TypeVar("AnyResponse", bound=web.StreamResponse)


@dataclass(frozen=True)
class Visitor:
    """The device of one request."""

    address: Address
    new_token: str | None
    """A token made for this very request, to be set as its cookie."""


class Visitors:
    """Knows cookies and limits; keeps no conversation."""

    def __init__(self, settings: Settings, clock: Clock, limits: Limits) -> None:
        self._trust_proxy = settings.trust_proxy
        self._secure = settings.public_url.startswith("https:")
        self._devices = Buckets(limits.conversation, clock.wall)
        self._senders = Buckets(limits.address, clock.wall)
        self._newcomers = Buckets(limits.newcomers, clock.wall)

    def recognise(self, request: web.Request) -> Visitor:
        """The conversation of this device; a new one where it brings no cookie of ours."""
        sender = client_address(request, trust_proxy=self._trust_proxy)
        if wait := self._senders.take(sender):
            raise TooMany(wait)
        token = request.cookies.get(COOKIE, "")
        if TOKEN.fullmatch(token):
            return Visitor(address_of(token), None)
        if wait := self._newcomers.take(sender):
            raise TooMany(wait)
        token = make_token()
        return Visitor(address_of(token), token)

    def admit(self, request: web.Request) -> Visitor:
        """As `recognise`, for somebody who says something: that is counted for the conversation too."""
        visitor = self.recognise(request)
        if wait := self._devices.take(visitor.address.key):
            raise TooMany(wait)
        return visitor

    def remember(self, response: AnyResponse, visitor: Visitor) -> AnyResponse:
        """Give a new device its cookie."""
        if visitor.new_token is not None:
            self._keep(response, COOKIE, visitor.new_token)
        return response

    def renew(self, response: web.StreamResponse) -> None:
        """From now on this device has another conversation."""
        self._keep(response, COOKIE, make_token())

    def switch_look(self, request: web.Request) -> None:
        """`?size=2`, `?theme=dark`: keep it in a cookie and come back without it in the address."""
        size, theme = request.query.get("size"), request.query.get("theme")
        response = web.HTTPSeeOther(request.path)
        if size in {"1", "2", "3"}:
            self._keep(response, SIZE_COOKIE, size)
        if theme in {"auto", *THEMES}:
            self._keep(response, THEME_COOKIE, theme)
        if response.cookies:
            raise response

    def _keep(self, response: web.StreamResponse, name: str, value: str) -> None:
        response.set_cookie(
            name,
            value,
            max_age=COOKIE_SECONDS,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=self._secure or None,
        )


def make_token() -> str:
    return secrets.token_urlsafe(16)


def address_of(token: str) -> Address:
    """Who reads the database cannot speak as this device: only the digest of its token is kept."""
    return Address(ChannelName.WEBCHAT, hashlib.sha256(token.encode()).hexdigest())
