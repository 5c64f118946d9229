"""/staff/leaflets: choose place, readers and matters of a leaflet; the sheet to print, and the same as PDF."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from bot.clock import LOCAL
from bot.errors import UserFacingError
from bot.messages import ChannelName
from bot.settings import Settings
from bot.staff.managing import NoSuchPlace, find_place
from bot.staff.ports import PlaceNames
from bot.staff.roles import EVERYWHERE, Permission
from bot.web.console import NavLink, Page, Section, Visit
from handlers.notices.leaflet_words import Foot, SheetWords, leaflet_words, word_sheet
from handlers.notices.leaflets import ALL_READERS, Line, Topic, lines_for, readers_of, sheets_of, suggested
from knowledge.answers import PolicyBook
from knowledge.offices import Offices
from knowledge.policy import Policy

if TYPE_CHECKING:
    from handlers.notices.leaflet_code import Code

HERE = "leaflets"
PATH = "/staff/leaflets"
MOST_ADDRESS = 200
"""Characters of the address in the code: longer ones make squares too small for a worn print."""


class LeafletEmpty(UserFacingError):
    """Nothing was chosen that these documents hold."""

    code = "leaflet_empty"


@dataclass(frozen=True)
class Choice:
    """What the address asks for."""

    code: str
    """Division code of the place."""
    policies: tuple[Policy, ...]
    """Documents that serve it."""
    readers: tuple[str, ...]
    reader: str
    topic: str
    """Empty: all."""
    lines: tuple[Line, ...]


class LeafletPages:
    def __init__(
        self,
        book: PolicyBook,
        offices: Offices,
        places: PlaceNames,
        settings: Settings,
        handles: Mapping[ChannelName, str],
    ) -> None:
        """`handles`: the names under which people find the bot, by channel, as far as they are known."""
        self._book = book
        self._offices = offices
        self._places = places
        self._address = settings.public_url
        self._handles = handles

    def section(self) -> Section:
        may = Permission.MANAGE_NOTICES
        return Section(
            pages=(
                Page("GET", PATH, self.choose, may),
                Page("GET", f"{PATH}/sheet", self.show, may),
                Page("GET", f"{PATH}/sheet.pdf", self.download, may),
            ),
            links=(NavLink("people", HERE, PATH, "print", may),),
        )

    async def choose(self, visit: Visit) -> web.StreamResponse:
        """The form; without a place in the address it is for the staff's own."""
        query = visit.request.query
        typed = query.get("place")
        own = "" if visit.staff.region == EVERYWHERE else self._places.whole(visit.staff.region)
        faults: dict[str, str] = {}
        chosen = None
        if typed or (typed is None and own):
            try:
                chosen = self._read(visit, typed or own)
            except NoSuchPlace as error:
                faults["place"] = visit.pages.say_error(error.code, error.data)
        inside = self._book.below(chosen.code) if chosen and not chosen.policies else []
        return await visit.page(
            "notices/leaflets",
            here=HERE,
            status=422 if faults else 200,
            place=(typed if typed is not None else own)[:60],
            chosen=chosen,
            whole=self._places.whole(chosen.code) if chosen else "",
            held=sorted({shelf.policy.document.place for shelf in inside}),
            ticked={line.id for line in suggested(chosen.lines)} if chosen else set(),
            topics=[str(topic) for topic in Topic],
            today=visit.now.astimezone(LOCAL).date(),
            faults=faults,
            address=self._address,
            telegram=self._telegram,
            most_address=MOST_ADDRESS,
            words=leaflet_words(),
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        """The sheets as a page that prints. Raises NoSuchPlace, LeafletEmpty."""
        from handlers.notices.leaflet_code import path_of, squares  # with its library only where one is drawn

        sheets = self._sheets(visit)
        codes = [(squares(code.address), code.words) for code in self._codes(visit)]
        query = visit.request.query
        return visit.pages.draw_gate(
            "notices/leaflet_sheet",
            visit.request,
            sheets=sheets,
            drawn=[(path_of(rows), len(rows), words) for rows, words in codes],
            pdf=f"{PATH}/sheet.pdf?{urlencode(list(query.items()))}",
            back=f"{PATH}?{urlencode([(name, query.get(name, '')) for name in ('place', 'for', 'topic')])}",
        )

    async def download(self, visit: Visit) -> web.StreamResponse:
        """Raises NoSuchPlace, LeafletEmpty."""
        from handlers.notices.leaflet_pdf import draw_leaflet  # a tenth of a second of starting, for few

        body = draw_leaflet(self._sheets(visit), self._codes(visit))
        name = f"leaflet-{visit.now.astimezone(LOCAL):%Y%m%d}.pdf"
        return web.Response(
            body=body,
            content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    # -- reading the address --------------------------------------------------------------------------------

    def _read(self, visit: Visit, words: str) -> Choice:
        """Raises NoSuchPlace."""
        query = visit.request.query
        code = find_place(self._places, words, scope=visit.staff.scope)
        policies = tuple(shelf.policy for shelf in self._book.serving(code)) if code != EVERYWHERE else ()
        readers = readers_of(policies)
        reader = query.get("for", "")
        reader = reader if reader in readers else ALL_READERS
        topic = query.get("topic", "")
        topic = topic if topic in set(Topic) else ""
        lines = tuple(line for line in lines_for(policies, reader) if topic in ("", line.topic))
        return Choice(code, policies, readers, reader, topic, lines)

    def _sheets(self, visit: Visit) -> Sequence[SheetWords]:
        query = visit.request.query
        choice = self._read(visit, query.get("place", ""))
        wanted = set(query.getall("item", []))
        lines = tuple(line for line in choice.lines if line.id in wanted) if wanted else suggested(choice.lines)
        sheets = sheets_of(choice.policies, lines)
        if not sheets:
            raise LeafletEmpty
        office = self._offices.serving(choice.code, self._book.regions)
        foot = Foot(office, self._offices.fallback, visit.now.astimezone(LOCAL).date())
        place = self._places.whole(choice.code)
        return [word_sheet(sheet, choice.reader, place, foot) for sheet in sheets]

    @property
    def _telegram(self) -> str:
        """Empty where there is no bot, or its name has not been learned yet."""
        from handlers.notices.leaflet_code import telegram_address

        return telegram_address(self._handles.get(ChannelName.TELEGRAM, ""))

    def _codes(self, visit: Visit) -> list[Code]:
        """To the site, and to the bot on Telegram where that is wanted."""
        from handlers.notices.leaflet_code import Code

        words = leaflet_words()
        asked = visit.request.query.get("telegram") == "yes"
        pairs = ((self._address_in(visit), words["scan"]), (self._telegram if asked else "", words["telegram"]))
        return [Code(address, said) for address, said in pairs if address]

    def _address_in(self, visit: Visit) -> str:
        """Where the code leads: our site, or what was typed where that has no address; empty for none."""
        typed = unicodedata.normalize("NFKC", visit.request.query.get("code", "")).strip()
        if self._address or not typed or len(typed) > MOST_ADDRESS:
            return self._address
        try:
            parts = urlsplit(typed)
        except ValueError:
            return ""
        return typed if parts.scheme == "https" and parts.hostname else ""
