"""The web chat: pages, JSON and an event stream over one conversation for each device."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from bot.clock import Clock
from bot.conversation import Answered
from bot.files import ReadFile
from bot.messages import Address, ChannelName, Incoming, Shown, Speaker
from bot.settings import Settings
from bot.web.bodies import Sent, read_files, read_form, read_message, read_number, write_message
from bot.web.errors import WebError, wants_page
from bot.web.files import give_file
from bot.web.limits import Limits
from bot.web.pages import PAGES, Pages
from bot.web.streams import HEARTBEAT_SECONDS, Following, Streams
from bot.web.visitors import Visitor, Visitors

if TYPE_CHECKING:
    from bot.app import App

PAGE = 30
"""Messages that a page shows; older ones are behind a link."""
CATCH_UP = 200

PlaceOf = Callable[[Address], Awaitable[str | None]]


class Talk(Following, Protocol):
    """The part of `Conversation` that this channel needs."""

    async def answer(self, incoming: Incoming) -> Answered: ...


def make_channel(app: App) -> WebChat:
    """The web chat of the running program."""
    services = app.services
    return WebChat(
        app.conversation,
        app.settings,
        app.clock,
        place_of=services.place_of,
        places=services.places,
        read_file=services.read_file,
    )


class WebChat:
    """Routes and handlers; what was said lives in the conversation alone."""

    name = ChannelName.WEBCHAT

    def __init__(
        self,
        talk: Talk,
        settings: Settings,
        clock: Clock,
        *,
        place_of: PlaceOf | None = None,
        places: Sequence[tuple[str, str]] = (),
        read_file: ReadFile | None = None,
        limits: Limits = Limits(),  # noqa: B008  # frozen
        heartbeat: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._talk = talk
        self._visitors = Visitors(settings, clock, limits)
        self._place_of = place_of
        self._places = tuple(places)
        self._read_file = read_file
        self._streams = Streams(talk, limits, heartbeat)

    def add_routes(self, site: web.Application) -> None:
        site.add_routes(self._routes())
        site.on_shutdown.append(self._streams.end)

    async def run(self) -> None:
        """Nothing to do between requests."""

    def readiness(self) -> str | None:
        return None

    def _routes(self) -> Iterable[web.AbstractRouteDef]:
        return [
            web.get("/", self._show_chat),
            web.get("/menu", self._show_menu),
            web.get("/privacy", self._show_privacy),
            web.get("/chat", self._go_home),
            web.post("/chat", self._take_form),
            web.get("/chat/end", self._show_end),
            web.post("/chat/end", self._end),
            web.get("/chat/messages", self._read_messages),
            web.post("/chat/messages", self._take_message),
            web.post("/chat/attachments", self._take_files),
            web.get("/chat/files/{seq}", self._give_file),
            web.get("/chat/events", self._stream_events),
        ]

    # -- pages --------------------------------------------------------------------------------------------

    async def _show_chat(self, request: web.Request) -> web.Response:
        self._visitors.switch_look(request)
        visitor = self._visitors.recognise(request)
        before = read_number(request.query.get("before"))
        shown = await self._talk.history(visitor.address, before_seq=before, limit=PAGE)
        pages = request.app[PAGES]
        text = pages.draw(
            "chat",
            request,
            bubbles=pages.bubbles(shown),
            place=await self._place(visitor),
            places=self._places,
            last=_last_seq(shown),
            now=_last_seq([message for message in shown if message.speaker is Speaker.YOU]),
            older=_older(shown),
            newer=before is not None,
            cleared="cleared" in request.query and not shown,
        )
        if before is None:
            await self._mark_seen(visitor, shown)
        return self._visitors.remember(_page(text), visitor)

    async def _go_home(self, request: web.Request) -> web.Response:
        """Somebody reloads where the form was sent to."""
        self._visitors.switch_look(request)
        raise web.HTTPSeeOther("/")

    async def _show_menu(self, request: web.Request) -> web.Response:
        return await self._show(request, "menu")

    async def _show_privacy(self, request: web.Request) -> web.Response:
        return await self._show(request, "privacy")

    async def _show_end(self, request: web.Request) -> web.Response:
        return await self._show(request, "end")

    async def _show(self, request: web.Request, name: str) -> web.Response:
        self._visitors.switch_look(request)
        visitor = self._visitors.recognise(request)
        text = request.app[PAGES].draw(name, request, place=await self._place(visitor))
        return self._visitors.remember(_page(text), visitor)

    async def _end(self, request: web.Request) -> web.Response:
        """The next person at this device gets a conversation of their own; what was said stays with us."""
        self._visitors.admit(request)
        response = web.Response(status=303, headers={"Location": "/?cleared=1"})
        self._visitors.renew(response)
        return response

    # -- sending ------------------------------------------------------------------------------------------

    async def _take_form(self, request: web.Request) -> web.Response:
        visitor = self._visitors.admit(request)
        await self._say(visitor, await read_form(request))
        return self._visitors.remember(_to_chat(), visitor)

    async def _take_message(self, request: web.Request) -> web.Response:
        visitor = self._visitors.admit(request)
        answered = await self._say(visitor, read_message(await request.read()))
        return await self._show_answer(request, visitor, answered)

    async def _take_files(self, request: web.Request) -> web.Response:
        """Files are not kept yet: the reply says what to do instead."""
        visitor = self._visitors.admit(request)
        answered = await self._say(visitor, await read_files(request))
        if wants_page(request):
            return self._visitors.remember(_to_chat(), visitor)
        return await self._show_answer(request, visitor, answered)

    async def _say(self, visitor: Visitor, sent: Sent) -> Answered:
        return await self._talk.answer(
            Incoming(visitor.address, sent.event_id, sent.text, sent.value, attachments=sent.attachments)
        )

    async def _show_answer(self, request: web.Request, visitor: Visitor, answered: Answered) -> web.Response:
        if _wants_piece(request):
            response = await self._newer_piece(request, visitor)
        else:
            by_seq = {message.seq: message for message in (answered.own, *answered.replies)}
            response = _messages([by_seq[seq] for seq in sorted(by_seq)])
        return self._visitors.remember(response, visitor)

    # -- reading ------------------------------------------------------------------------------------------

    async def _read_messages(self, request: web.Request) -> web.Response:
        visitor = self._visitors.recognise(request)
        if not _wants_piece(request):
            shown = await self._talk.history(visitor.address, _after(request) or 0, limit=CATCH_UP)
            await self._mark_seen(visitor, shown)
            response = _messages(shown)
        elif "before" in request.query:
            response = await self._older_piece(request, visitor)
        else:
            response = await self._newer_piece(request, visitor)
        return self._visitors.remember(response, visitor)

    async def _newer_piece(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What the open page lacks, drawn as the page draws it."""
        shown = await self._talk.history(visitor.address, _after(request) or 0, limit=CATCH_UP)
        await self._mark_seen(visitor, shown)
        place = await self._place(visitor)
        pages = request.app[PAGES]
        return _page(pages.piece(pages.bubbles(shown), older=None, changing=bool(shown), place=place))

    async def _older_piece(self, request: web.Request, visitor: Visitor) -> web.Response:
        before = read_number(request.query["before"])
        shown = await self._talk.history(visitor.address, before_seq=before, limit=PAGE)
        pages = request.app[PAGES]
        return _page(pages.piece(pages.bubbles(shown), older=_older(shown), changing=False, place=None))

    async def _give_file(self, request: web.Request) -> web.Response:
        """What goes along with a message of this device's own conversation; of others there is nothing here."""
        visitor, seq = self._visitors.recognise(request), read_number(request.match_info["seq"])
        if visitor.new_token is not None or seq is None or self._read_file is None:
            raise WebError(404, "not_found")
        shown = await self._talk.history(visitor.address, before_seq=seq + 1, limit=1)
        named = shown[0].file if shown and shown[0].seq == seq else ""
        file = await self._read_file(named) if named else None
        if file is None:
            raise WebError(404, "not_found")
        return give_file(file.content, media_type=file.media_type, name=file.name)

    async def _stream_events(self, request: web.Request) -> web.StreamResponse:
        visitor = self._visitors.recognise(request)
        if visitor.new_token is not None:
            raise WebError(401, "no_conversation")
        return await self._streams.serve(request, visitor.address)

    async def _mark_seen(self, visitor: Visitor, shown: Sequence[Shown]) -> None:
        if any(message.pushed for message in shown):
            await self._talk.mark_seen(visitor.address, shown[-1].seq)

    async def _place(self, visitor: Visitor) -> str | None:
        if self._place_of is None or visitor.new_token is not None:
            return None
        return await self._place_of(visitor.address)


def _to_chat() -> web.Response:
    return web.Response(status=303, headers={"Location": "/"})


def _page(text: str) -> web.Response:
    response = web.Response(text=text, content_type="text/html", headers={"Vary": "Accept, Accept-Encoding, Cookie"})
    response.enable_compression()
    return response


def _messages(shown: Sequence[Shown]) -> web.Response:
    return web.json_response({"messages": list(map(write_message, shown))}, dumps=Pages.json)


def _last_seq(shown: Sequence[Shown]) -> int:
    return shown[-1].seq if shown else 0


def _older(shown: Sequence[Shown]) -> int | None:
    """Before which message there may be older ones."""
    return shown[0].seq if len(shown) == PAGE else None


def _after(request: web.Request) -> int | None:
    return read_number(request.query.get("after"))


def _wants_piece(request: web.Request) -> bool:
    return "text/html" in request.headers.get("Accept", "")
