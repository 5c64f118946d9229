"""The console pages of offers: the list, the form, one offer with its door, tables to import."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.app import Parts
from bot.web.console import Section, join_sections
from handlers.offers.console.door_pages import DoorPages
from handlers.offers.console.form_pages import FormPages
from handlers.offers.console.import_pages import ImportPages
from handlers.offers.console.list_pages import ListPages
from handlers.offers.console.offer_pages import OfferPages
from handlers.offers.office import Office
from knowledge.answers import PolicyBook


def make_section(parts: Parts, office: Office, book: PolicyBook, certain: Callable[[date], bool]) -> Section:
    """`certain`: whether it is known by now if a day is a holiday."""
    regions = book.regions
    return join_sections(
        ListPages(parts.database, office, regions).section(),
        ImportPages(parts.database, office, regions).section(),
        FormPages(parts.database, office, book).section(),
        OfferPages(parts.database, office, certain).section(),
        DoorPages(parts.database, office).section(),
    )
