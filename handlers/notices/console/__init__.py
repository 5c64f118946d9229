"""The console pages of the notices: each kind of page is a `Section` of its own, joined here."""

from __future__ import annotations

from bot.app import Parts
from bot.web.console import Section, join_sections
from handlers.notices.console.leaflet_pages import LeafletPages
from handlers.people.places import PlaceBook
from knowledge.answers import PolicyBook
from knowledge.offices import Offices


def make_section(parts: Parts, book: PolicyBook, offices: Offices) -> Section:
    places = PlaceBook(book.regions)
    return join_sections(LeafletPages(book, offices, places, parts.settings).section())
