"""The web chat: pages, JSON and event stream over one conversation for each device, known by a random cookie."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from bot.channels.uploads import read_upload
from bot.clock import Clock
from bot.messages import Address, Attachment, ChannelName, Incoming, Shown
from bot.settings import Settings
from bot.web.errors import TooMany, WebError, wants_page
from bot.web.limits import Buckets, Limits, client_address
from bot.web.pages import SIZE_COOKIE, THEME_COOKIE, THEMES, Pages

COOKIE = "shangan_chat"
COOKIE_SECONDS = 365 * 24 * 3600
PAGE = 30
"""Messages that a page shows; older ones are behind a link."""
CATCH_UP = 200
HEARTBEAT_SECONDS = 15.0
FORM_SPACE = uuid.UUID("5f2b1c9e-6a50-4e0f-9a55-0c7f5d1f3b77")

PlaceOf = Callable[[Address], Awaitable[str | None]]
"""The place this person asks about, as the header shows it."""


class Answered(Protocol):
    @property
    def own(self) -> Shown: ...
    @property
    def replies(self) -> tuple[Shown, ...]: ...


class Talk(Protocol):
    """The part of `Conversation` that this channel needs."""

    async def answer(self, incoming: Incoming) -> Answered: ...

    async def history(
        self, address: Address, after_seq: int = 0, *, before_seq: int | None = None, limit: int = 200
    ) -> list[Shown]: ...

    def follow(self, address: Address, after_seq: int = 0) -> AsyncIterator[list[Shown]]: ...

    async def mark_seen(self, address: Address, seq: int) -> None: ...


@dataclass(frozen=True)
class Visitor:
    """Who is asking: the device's conversation and where it comes from."""

    address: Address
    new_token: str | None
    """A token made for this very request, to be set as its cookie."""
    sender: str


class WebChat:
    """Routes and handlers; keeps nothing of a conversation in itself."""

    def __init__(
        self,
        talk: Talk,
        pages: Pages,
        settings: Settings,
        clock: Clock,
        *,
        place_of: PlaceOf | None = None,
        places: Sequence[tuple[str, str]] = (),
        limits: Limits = Limits(),  # noqa: B008  # frozen
        heartbeat: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._talk = talk
        self._pages = pages
        self._trust_proxy = settings.trust_proxy
        self._secure = settings.public_url.startswith("https:")
        self._place_of = place_of
        self._places = tuple(places)
        self._limits = limits
        self._heartbeat = heartbeat
        self._conversations = Buckets(limits.conversation, clock.wall)
        self._senders = Buckets(limits.address, clock.wall)
        self._newcomers = Buckets(limits.newcomers, clock.wall)
        self._streams: Counter[str] = Counter()
        self._stopping = asyncio.Event()

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [
            web.get("/", self.show_chat),
            web.get("/menu", self.show_menu),
            web.get("/privacy", self.show_privacy),
            web.get("/chat", self.go_home),
            web.post("/chat", self.take_form),
            web.get("/chat/end", self.show_end),
            web.post("/chat/end", self.end),
            web.get("/chat/messages", self.read_messages),
            web.post("/chat/messages", self.take_message),
            web.post("/chat/attachments", self.take_attachment),
            web.get("/chat/events", self.stream_events),
        ]

    async def close(self) -> None:
        self._stopping.set()

    # -- pages --------------------------------------------------------------------------------------------

    async def show_chat(self, request: web.Request) -> web.Response:
        self._switch_look(request)
        visitor = self._visitor(request)
        before = _number(request.query.get("before"))
        shown = await self._talk.history(visitor.address, before_seq=before, limit=PAGE)
        text = self._pages.draw(
            "chat",
            request,
            bubbles=self._pages.bubbles(shown),
            place=await self._place(visitor),
            places=self._places,
            last=shown[-1].seq if shown else 0,
            now=max((message.seq for message in shown if message.speaker == "you"), default=None),
            older=shown[0].seq if len(shown) == PAGE else None,
            newer=before is not None,
            cleared="cleared" in request.query and not shown,
        )
        if shown and before is None:
            await self._talk.mark_seen(visitor.address, shown[-1].seq)
        return self._remember(_page(text), visitor)

    async def show_menu(self, request: web.Request) -> web.Response:
        return await self._show(request, "menu")

    async def show_privacy(self, request: web.Request) -> web.Response:
        return await self._show(request, "privacy")

    async def show_end(self, request: web.Request) -> web.Response:
        return await self._show(request, "end")

    async def go_home(self, request: web.Request) -> web.Response:
        raise web.HTTPSeeOther("/")

    async def end(self, request: web.Request) -> web.Response:
        """The next person at this device gets a conversation of their own; what was said stays with us."""
        response = web.Response(status=303, headers={"Location": "/?cleared=1"})
        self._set_cookie(response, secrets.token_urlsafe(16))
        return response

    # -- sending ------------------------------------------------------------------------------------------

    async def take_form(self, request: web.Request) -> web.Response:
        visitor = self._sender(request)
        form = await request.post()
        text, value, page_id = (form.get(name) for name in ("text", "value", "id"))
        if not isinstance(text, str | None) or not isinstance(value, str | None) or text is value is None:
            raise WebError(400, "malformed")
        # The same form sent twice is one message; the same page used for other words is another.
        known = isinstance(page_id, str) and bool(page_id)
        event = uuid.uuid5(FORM_SPACE, f"{page_id}\n{value}\n{text}") if known else uuid.uuid4()
        await self._talk.answer(Incoming(visitor.address, str(event), text or "", value))
        response = web.Response(status=303, headers={"Location": "/"})
        return self._remember(response, visitor)

    async def take_message(self, request: web.Request) -> web.Response:
        visitor = self._sender(request)
        event_id, text, value = _read_message(await request.read())
        answered = await self._talk.answer(Incoming(visitor.address, event_id, text, value))
        return await self._answer(request, visitor, answered)

    async def take_attachment(self, request: web.Request) -> web.Response:
        """Files are not kept yet: the reply says what to do instead."""
        visitor = self._sender(request)
        upload = await read_upload(request)
        incoming = Incoming(visitor.address, upload.event_id, upload.text, attachments=upload.attachments)
        answered = await self._talk.answer(incoming)
        if wants_page(request):
            return self._remember(web.Response(status=303, headers={"Location": "/"}), visitor)
        return await self._answer(request, visitor, answered)

    async def _answer(self, request: web.Request, visitor: Visitor, answered: Answered) -> web.Response:
        if _wants_piece(request):
            return self._remember(await self._piece(request, visitor), visitor)
        shown = sorted({message.seq: message for message in (answered.own, *answered.replies)}.values(), key=_seq)
        body = {"messages": [to_json(message) for message in shown]}
        return self._remember(web.json_response(body, dumps=self._pages.json), visitor)

    # -- reading ------------------------------------------------------------------------------------------

    async def read_messages(self, request: web.Request) -> web.Response:
        visitor = self._visitor(request)
        if _wants_piece(request):
            return self._remember(await self._piece(request, visitor), visitor)
        after = _number(request.query.get("after")) or 0
        shown = await self._talk.history(visitor.address, after, limit=CATCH_UP)
        if shown:
            await self._talk.mark_seen(visitor.address, shown[-1].seq)
        body = {"messages": [to_json(message) for message in shown]}
        return self._remember(web.json_response(body, dumps=self._pages.json), visitor)

    async def _piece(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What the open page lacks, drawn as the page draws it."""
        before = _number(request.query.get("before"))
        if before is not None:
            shown = await self._talk.history(visitor.address, before_seq=before, limit=PAGE)
            older = shown[0].seq if len(shown) == PAGE else None
            return _page(self._pages.piece(self._pages.bubbles(shown), older=older, changing=False, place=None))
        after = _number(request.query.get("after")) or 0
        shown = await self._talk.history(visitor.address, after, limit=CATCH_UP)
        if shown:
            await self._talk.mark_seen(visitor.address, shown[-1].seq)
        place = await self._place(visitor)
        return _page(self._pages.piece(self._pages.bubbles(shown), older=None, changing=bool(shown), place=place))

    async def stream_events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: everything after Last-Event-ID (or `after`), then what comes, each once."""
        visitor = self._visitor(request)
        if visitor.new_token is not None:
            raise WebError(401, "no_conversation")
        key = visitor.address.key
        if self._streams[key] >= self._limits.streams or self._streams.total() >= self._limits.streams_in_all:
            raise TooMany(5)
        self._streams[key] += 1
        try:
            return await self._stream(request, visitor.address)
        finally:
            self._streams[key] -= 1
            if not self._streams[key]:
                del self._streams[key]

    async def _stream(self, request: web.Request, address: Address) -> web.StreamResponse:
        newest = await self._talk.history(address, limit=1)
        last = newest[-1].seq if newest else 0
        asked = _number(request.headers.get("Last-Event-ID")) or _number(request.query.get("after"))
        # A number from before the device was cleared may lie ahead of this conversation.
        after = last if asked is None else min(asked, last)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        await response.write(b"retry: 2000\n\n")
        arrived: asyncio.Queue[list[Shown]] = asyncio.Queue()
        # A reader of its own, so that a slow connection holds up no other reader of this conversation.
        reader = asyncio.create_task(_pour(self._talk.follow(address, after), arrived))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            while not (stopping.done() or reader.done()):
                getting = asyncio.create_task(arrived.get())
                await asyncio.wait(
                    {getting, stopping, reader}, timeout=self._heartbeat, return_when=asyncio.FIRST_COMPLETED
                )
                if not getting.done():
                    getting.cancel()
                    await response.write(b": still here\n\n")
                    continue
                shown = getting.result()
                await response.write("".join(map(self._event, shown)).encode())
                await self._talk.mark_seen(address, shown[-1].seq)
        except ConnectionError:
            pass  # the phone went away; it will come back with Last-Event-ID
        finally:
            for task in (reader, stopping):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        return response

    def _event(self, message: Shown) -> str:
        return f"id: {message.seq}\ndata: {self._pages.json(to_json(message))}\n\n"

    # -- who asks -----------------------------------------------------------------------------------------

    def _visitor(self, request: web.Request) -> Visitor:
        """The conversation of this device; a new one where it brings no cookie of ours."""
        sender = client_address(request, trust_proxy=self._trust_proxy)
        token = request.cookies.get(COOKIE, "")
        if re.fullmatch(r"[A-Za-z0-9_-]{22}", token):
            return Visitor(address_of(token), None, sender)
        if wait := self._newcomers.take(sender):
            raise TooMany(wait)
        token = secrets.token_urlsafe(16)
        return Visitor(address_of(token), token, sender)

    def _sender(self, request: web.Request) -> Visitor:
        """As `_visitor`, for requests that make us work: they are counted."""
        visitor = self._visitor(request)
        wait = max(self._senders.take(visitor.sender), self._conversations.take(visitor.address.key))
        if wait:
            raise TooMany(wait)
        return visitor

    def _remember(self, response: web.Response, visitor: Visitor) -> web.Response:
        if visitor.new_token is not None:
            self._set_cookie(response, visitor.new_token)
        return response

    def _set_cookie(self, response: web.Response, token: str) -> None:
        self._keep(response, COOKIE, token)

    def _keep(self, response: web.StreamResponse, name: str, value: str) -> None:
        response.set_cookie(
            name, value, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=self._secure or None, path="/"
        )

    # -- drawing ------------------------------------------------------------------------------------------

    async def _show(self, request: web.Request, name: str) -> web.Response:
        self._switch_look(request)
        visitor = self._visitor(request)
        text = self._pages.draw(name, request, place=await self._place(visitor))
        return self._remember(_page(text), visitor)

    async def _place(self, visitor: Visitor) -> str | None:
        if self._place_of is None or visitor.new_token is not None:
            return None
        return await self._place_of(visitor.address)

    def _switch_look(self, request: web.Request) -> None:
        """`?size=2`, `?theme=dark`: keep it in a cookie and come back without it in the address."""
        size, theme = request.query.get("size"), request.query.get("theme")
        if size not in {"1", "2", "3"} and theme not in {"auto", *THEMES}:
            return
        response = web.HTTPSeeOther(request.path)
        if size in {"1", "2", "3"}:
            self._keep(response, SIZE_COOKIE, size)
        if theme in {"auto", *THEMES}:
            self._keep(response, THEME_COOKIE, theme)
        raise response


def address_of(token: str) -> Address:
    """Who reads the database cannot speak as this device: only the digest of its token is kept."""
    return Address(ChannelName.WEBCHAT, hashlib.sha256(token.encode()).hexdigest())


def to_json(message: Shown) -> dict[str, Any]:
    """A message as scripts get it."""
    body: dict[str, Any] = {
        "seq": message.seq,
        "from": str(message.speaker),
        "text": message.text,
        "buttons": [{"label": choice.label, "value": choice.value} for choice in message.choices],
    }
    if source := source_words(message.data):
        body["source"] = source
    return body


def source_words(data: Mapping[str, Any]) -> str:
    """The documents that a reply rests on, in one line; empty where it rests on none."""
    words: list[str] = []
    for source in data.get("sources") or ():
        if isinstance(source, Mapping):
            named = "".join(str(source.get(key) or "") for key in ("title", "number"))
            words.append("，".join(filter(None, (named, str(source.get("section") or "")))))
    return "；".join(dict.fromkeys(filter(None, words)))


def _read_message(body: bytes) -> tuple[str, str, str | None]:
    """`{"id": uuid, "text" | "value"}` -> (event id, text, value)"""
    try:
        found = json.loads(body)
        event_id = str(uuid.UUID(found["id"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise WebError(400, "malformed") from None
    text, value = found.get("text"), found.get("value")
    if not isinstance(text, str | None) or not isinstance(value, str | None) or text is value is None:
        raise WebError(400, "malformed")
    return event_id, text or "", value


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,9}", text) else None


def _wants_piece(request: web.Request) -> bool:
    return "text/html" in request.headers.get("Accept", "")


def _page(text: str) -> web.Response:
    response = web.Response(text=text, content_type="text/html")
    response.headers["Vary"] = "Accept, Accept-Encoding, Cookie"
    response.enable_compression()
    return response


def _seq(message: Shown) -> int:
    return message.seq


async def _pour(news: AsyncIterator[list[Shown]], into: asyncio.Queue[list[Shown]]) -> None:
    async with aclosing(news) as following:  # type: ignore[type-var]  # an async generator, as all iterators of news are
        async for shown in following:
            into.put_nowait(shown)
